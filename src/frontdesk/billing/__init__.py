"""Prices and credit: what sending costs a domain, and what it has left."""
