"""The command line: start, stop and wire. See `frontdesk --help`."""


def main() -> None:
    """The entry point; what it imports is imported late, so that the package costs nothing."""
    from frontdesk.cli.commands import run

    run()
