"""Campaigns, recipients and what they may become: values without I/O."""
