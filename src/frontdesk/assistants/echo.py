"""builtin:echo: says what was said, for tests and measurements."""

from frontdesk.assistants.model import Answer, Turn


def answer(turn: Turn) -> Answer:
    """Each waiting text, a line each."""
    return Answer("\n".join(turn.texts))
