"""The SQL of outreach."""
