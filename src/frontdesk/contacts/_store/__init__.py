"""The SQL of contacts, by what it is about."""
