"""A person's text and files as the messages that a channel takes. No I/O."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from frontdesk.conversations.model import Reply
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.markup import to_plain, to_whatsapp
from frontdesk.kernel.split import split
from frontdesk.media.model import Media
from frontdesk.ports import Capabilities

MOST_CONTENT = 20_000
"""Characters of one response."""
MOST_FILES = 10
"""Of one response."""
CODE = re.compile(r"(`+[^`]*`+)")
BOLD = re.compile(r"(?<![*\w])\*(?![*\s])([^*\n]*[^*\s])\*(?![*\w])")
TIMES = re.compile(r"(?<=\w)\*(?=\w)")


@dataclass(frozen=True)
class Composed:
    """Messages in the order in which they go, and the files of each."""

    parts: list[Reply]
    files: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])


def check(content: str, files: int) -> str:
    """The content without what cannot be kept. Raises Unprocessable."""
    content = check_length(content)
    if files > MOST_FILES:
        raise Unprocessable(f"there are {files} files; send up to {MOST_FILES} at once")
    if not content and not files:
        raise Unprocessable(
            "the message has no text and no media; give content, media_url or media_ids"
        )
    return content


def check_length(content: str) -> str:
    content = content.replace("\x00", "").strip()
    if len(content) > MOST_CONTENT:
        raise Unprocessable(
            f"content has {len(content)} characters; use up to {MOST_CONTENT}, or send it in parts"
        )
    return content


def compose(
    content: str,
    files: Sequence[Media],
    capabilities: Capabilities,
    first_id: UUID | None = None,
    reply_to: str | None = None,
) -> Composed:
    """The text is the caption of the first file where it fits there, else it goes before.

    The first message quotes `reply_to`, the carrier's id of an earlier one.
    """
    convert = to_whatsapp if capabilities.markup == "whatsapp" else to_plain
    text = convert(_bold_in_markdown(content)).strip()
    groups = list(groups_of(files, capabilities))
    contents: list[tuple[str, list[Media]]] = [("", group) for group in groups]
    if groups and text and is_caption(text, groups[0], capabilities):
        contents[0] = (text, groups[0])
    elif text:
        contents[:0] = [(part, []) for part in split(text, capabilities.text_limit)]
    if not contents:
        raise Unprocessable("the message has no text")
    trace_id = new_id()
    composed = Composed([])
    for number, (part, group) in enumerate(contents):
        message_id = first_id if number == 0 and first_id else new_id()
        reply = Reply(
            message_id=message_id,
            sender="human",
            source=f"{capabilities.source}_manual",
            content=part,
            trace_id=trace_id,
            part=number,
            structured=pointers(group),
            kind=group[0].kind if group else "text",
            reply_to=reply_to if number == 0 else None,
        )
        composed.parts.append(reply)
        if group:
            composed.files[message_id] = [media.media_id for media in group]
    return composed


def draft(
    message_id: UUID,
    content: str,
    files: Sequence[Media],
    source: str,
    reply_to: str | None = None,
) -> Reply:
    """What is kept until it is sent: the text as it was written, and all the files."""
    return Reply(
        message_id=message_id,
        sender="human",
        source=f"{source}_manual",
        content=content,
        trace_id=new_id(),
        structured=pointers(files),
        kind=files[0].kind if files else "text",
        reply_to=reply_to,
    )


def pointers(files: Sequence[Media]) -> dict[str, Any] | None:
    """How a message names its files."""
    if not files:
        return None
    return {
        "media": [
            {"media_id": str(media.media_id), "content_type": media.content_type} for media in files
        ]
    }


def groups_of(files: Sequence[Media], capabilities: Capabilities) -> Iterator[list[Media]]:
    """The files of each message: as many as the carrier takes, and as large together."""
    group: list[Media] = []
    size = 0
    for media in files:
        limit = capabilities.media.get(media.kind)
        if limit is None:
            raise Unprocessable(f"{media.filename}: this channel takes no {media.kind}")
        full = len(group) >= capabilities.media_per_message
        if group and (full or size + (media.size or 0) > limit.max_bytes):
            yield group
            group, size = [], 0
        group.append(media)
        size += media.size or 0
    if group:
        yield group


def _bold_in_markdown(typed: str) -> str:
    """People write *bold* as on their phones, which Markdown takes for italics."""
    parts = CODE.split(typed)
    # What is between code stands at even places.
    parts[::2] = [TIMES.sub(r"\\*", BOLD.sub(r"**\1**", part)) for part in parts[::2]]
    return "".join(parts)


def is_caption(text: str, group: Sequence[Media], capabilities: Capabilities) -> bool:
    """Whether the text can stand in the message that has the files."""
    fits = len(text) <= min(capabilities.caption_limit, capabilities.text_limit)
    return fits and all(media.kind in capabilities.captioned for media in group)
