"""The command line: start, stop and wire. See `frontdesk --help`."""
