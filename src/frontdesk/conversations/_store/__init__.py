"""The SQL of conversations and messages, a module per stage of a message's way."""
