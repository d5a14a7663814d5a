"""The customers of a domain."""
