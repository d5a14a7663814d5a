"""A carrier of our own that speaks the real carriers' wire, with a phone on the screen."""
