"""What a domain's people set up for their work: labels, teams, canned replies, views, cards."""
