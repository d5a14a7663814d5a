"""Recognisers: speech to text, and the text in pictures, by several engines behind the ports."""
