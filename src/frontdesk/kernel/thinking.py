"""What a model thought, kept apart from what it says, in a whole text or while it streams.

Tags are `<think>` and `<thinking>`, in any case; either closing tag ends either, and without one
the thinking goes on to the end. In a fenced code block (```) and at the start of an inline code
span they are text, so that a reply can speak about them. In thinking only a closing tag counts.
"""

import re
from typing import Final

_CLOSING = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_TICKS_OR_TAG = re.compile(r"`+|</?think(?:ing)?>", re.IGNORECASE)
_TAGS: Final = ("<think>", "<thinking>", "</think>", "</thinking>")
_LONGEST_START: Final = len("</thinking")


def separate_thinking(text: str) -> tuple[str, str | None]:
    """What to show, and what was thought (None when nothing was).

    Some chat templates write the opening tag themselves, so that the text begins inside it: a
    closing tag before any opening one ends such thinking.
    """
    if "<" not in text:
        return text.strip(), None
    stream = ThinkingFilter()
    visible, thinking = _whole(stream, text)
    if stream.began_inside:
        visible, thinking = _whole(ThinkingFilter(opened=True), text)
    return visible, thinking or None


def _whole(stream: "ThinkingFilter", text: str) -> tuple[str, str]:
    first, last = stream.feed(text), stream.close()
    return (first[0] + last[0]).strip(), (first[1] + last[1]).strip()


class ThinkingFilter:
    """Takes a text in chunks of any size; holds back only what may be the start of a tag.

    `opened` is for models whose chat template writes the opening tag. What was shown cannot be
    called back, so a stray closing tag is left out, and `began_inside` says that it was there.
    """

    def __init__(self, *, opened: bool = False) -> None:
        self.began_inside = False
        self._inside = opened
        self._tag_seen = opened
        self._held = ""
        self._visible: list[str] = []
        self._thinking: list[str] = []
        self._spoke = False
        self._thought = False
        self._new_block = True
        self._ticks = 0  # length of the run of backticks that the visible text ends with
        self._fenced = False
        self._in_code_span = False

    def feed(self, chunk: str) -> tuple[str, str]:
        """What became certain: (visible, thinking)."""
        text = self._held + chunk
        end = _certain(text)
        self._held = text[end:]
        return self._take(text[:end])

    def close(self) -> tuple[str, str]:
        """The rest, once no more chunks come."""
        text, self._held = self._held, ""
        return self._take(text)

    def _take(self, text: str) -> tuple[str, str]:
        position = 0
        while position < len(text):
            position = self._think(text, position) if self._inside else self._speak(text, position)
        taken = "".join(self._visible), "".join(self._thinking)
        self._visible.clear()
        self._thinking.clear()
        return taken

    def _think(self, text: str, position: int) -> int:
        closing = _CLOSING.search(text, position)
        thought = text[position : closing.start() if closing else len(text)]
        if self._new_block:
            thought = thought.lstrip()
        if thought:
            if self._new_block and self._thought:
                self._thinking.append("\n\n")
            self._thinking.append(thought)
            self._thought, self._new_block = True, False
        if closing is None:
            return len(text)
        self._inside = False
        return closing.end()

    def _speak(self, text: str, position: int) -> int:
        found = _TICKS_OR_TAG.search(text, position)
        plain = text[position : found.start() if found else len(text)]
        if plain:
            self._end_ticks()
            self._in_code_span = self._in_code_span and "\n" not in plain
            self._show(plain)
        if found is None:
            return len(text)
        if found[0][0] == "`":
            self._add_ticks(found[0])
        else:
            self._tag(found[0])
        return found.end()

    def _tag(self, tag: str) -> None:
        after_tick = 0 < self._ticks < 3
        self._end_ticks()
        if self._fenced or (after_tick and self._in_code_span):
            self._show(tag)
            return
        if tag[1] == "/":
            self.began_inside = self.began_inside or not self._tag_seen
        else:
            self._inside = self._new_block = True
        self._tag_seen = True

    def _add_ticks(self, ticks: str) -> None:
        before, self._ticks = self._ticks, self._ticks + len(ticks)
        if before < 3 <= self._ticks:
            self._fenced = not self._fenced
        self._show(ticks)

    def _end_ticks(self) -> None:
        if 0 < self._ticks < 3:
            self._in_code_span = not self._in_code_span
        self._ticks = 0

    def _show(self, text: str) -> None:
        if not self._spoke:
            text = text.lstrip()
            self._spoke = bool(text)
        self._visible.append(text)


def _certain(text: str) -> int:
    """Where the start of a tag begins that the text may end with."""
    start = text.rfind("<", max(0, len(text) - _LONGEST_START))
    tail = text[start:].lower() if start >= 0 else ""
    unfinished = tail and tail not in _TAGS and any(tag.startswith(tail) for tag in _TAGS)
    return start if unfinished else len(text)
