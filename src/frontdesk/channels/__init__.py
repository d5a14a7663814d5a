"""The addresses of a domain at its carriers, and the credentials to use them."""
