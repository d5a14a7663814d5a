"""What a server says of a file that it sends: bounded, and no more than a claim."""

import re
from collections.abc import Mapping
from email.message import Message

NAME_LIMIT = 255


def packed(headers: Mapping[str, str]) -> str:
    """The encoding of a body that was asked for as it is, empty if it is."""
    encoding = headers.get("Content-Encoding", "").strip().lower()
    return "" if encoding == "identity" else encoding[:40]


def claimed_type(headers: Mapping[str, str]) -> str:
    """The content type that a server gives a file, parameters included."""
    text = headers.get("Content-Type", "").strip().lower()
    return text[:NAME_LIMIT] if text.isprintable() else ""


def claimed_filename(headers: Mapping[str, str]) -> str | None:
    """The last part of the name that a server gives a file, without what does not print."""
    header = Message()
    header["Content-Disposition"] = (
        headers.get("Content-Disposition", "")
        .encode("utf-8", "surrogateescape")
        .decode("utf-8", "replace")
    )
    try:
        told = header.get_filename() or ""
    except (LookupError, ValueError):  # RFC 2231: numbered parts, charsets
        return None
    last = re.split(r"[/\\]", told)[-1]
    name = "".join(each for each in last if each.isprintable()).strip(" .")
    if len(name) > NAME_LIMIT:
        stem, dot, extension = name.rpartition(".")
        tail = dot + extension if stem and len(extension) <= 10 else ""
        name = name[: NAME_LIMIT - len(tail)] + tail
    return name or None
