"""The SQL of files and of their places in conversations."""
