"""The SQL of domains, their people and what these hold."""
