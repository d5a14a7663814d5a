"""The SQL of channels and their templates."""
