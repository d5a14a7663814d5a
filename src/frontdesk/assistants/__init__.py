"""Assistants: the registry, the runtime that answers, and the knowledge they answer from."""
