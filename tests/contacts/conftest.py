"""The same line as for conversations: contacts are made by taking messages in."""

from conversations.conftest import line

__all__ = ["line"]
