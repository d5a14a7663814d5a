"""Mailboxes whose messages begin conversations: read on a schedule, each message once."""
