"""The SQL of the inbox, a module for each thing."""
