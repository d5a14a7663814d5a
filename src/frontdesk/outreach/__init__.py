"""Conversations that the business starts: one by one, in campaigns, from mailboxes."""
