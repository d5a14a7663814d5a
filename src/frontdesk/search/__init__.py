"""Finding messages, files and contacts by what is in them."""
