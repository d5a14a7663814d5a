"""What people type to look for something, as a parameter of lists."""

from typing import Annotated, TypeAlias

from pydantic import AfterValidator


def without_nul(text: str) -> str:
    """The text. Raises ValueError for NUL, which no text here has: it would find nothing, or,
    left out, something else than what was asked for."""
    if "\x00" in text:
        raise ValueError("it has a NUL character, and nothing that is looked for has one")
    return text


Typed: TypeAlias = Annotated[str, AfterValidator(without_nul)]
