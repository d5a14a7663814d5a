"""How far decoders go into a file, and how they say that they went no further."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may ask for. Checked before the work is done wherever the format allows it."""

    pixels: int = 60_000_000
    sound_seconds: int = 2 * 60 * 60
    """Of sound that is decoded."""
    video_seconds: int = 10 * 60
    """Of a video that is made smaller."""
    pages: int = 500
    characters: int = 500_000
    unpacked_bytes: int = 200 * MEGABYTE
    """Of an office document, which is a packed archive."""
    xml_bytes: int = 64 * MEGABYTE
    """Of an office document's parts that are read, each as often as it is."""
    xml_marks: int = 3_000_000
    """Tags, attributes and pieces of text in them: a tag of four bytes takes a microsecond."""


class Unreadable(Exception):
    """The file cannot be read, or asks for too much. `text` is a sentence for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def hours(seconds: float) -> str:
    """As people say it: `2 h 5 min`, `40 s`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min" + (f" {left} s" if left else "")
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
