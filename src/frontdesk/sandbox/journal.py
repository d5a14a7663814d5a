"""An append-only JSON-lines file, so that a restarted sandbox still has its messages.

A line is a whole message as it is now, or `{"deleted": sid}`; the last line about a message wins.
"""

import base64
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from frontdesk.kernel.errors import Invalid
from frontdesk.sandbox.files import MediaFiles
from frontdesk.sandbox.filetypes import kind_of
from frontdesk.sandbox.model import Delivery, Media, Message, TemplateParts, channel_of


def _line(message: Message) -> bytes:
    return orjson.dumps(asdict(message)) + b"\n"


def _message(record: dict[str, Any], files: MediaFiles) -> Message:
    for name in ("created", "updated", "sent"):
        record[name] = None if record[name] is None else datetime.fromisoformat(record[name])
    record["deliveries"] = [Delivery(**item) for item in record["deliveries"]]
    channel = channel_of(record["to"])
    for item in record["media"]:
        # Journals of version 0.1 hold the bytes themselves.
        if "content" in item:
            content = base64.b64decode(item.pop("content") or "")
            item["kind"] = kind_of(item["content_type"], channel)
            if content:
                files.put(item["sid"], content)
                item["size"] = len(content)
    record["media"] = [Media(**item) for item in record["media"]]
    template = record.get("template")
    record["template"] = None if template is None else TemplateParts(**template)
    return Message(**record)


class Journal:
    def __init__(self, path: Path, files: MediaFiles) -> None:
        self._path = path
        self._files = files
        self._file = None

    def load(self) -> list[Message]:
        """The messages in order of acceptance. A last line cut off by a crash is dropped."""
        if not self._path.exists():
            return []
        found: dict[str, Message] = {}
        lines = self._path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError as wrong:
                if number == len(lines):
                    break
                raise Invalid(f"{self._path} line {number} is no JSON: {wrong}") from wrong
            if "deleted" in record:
                found.pop(record["deleted"], None)
            else:
                found[record["sid"]] = _message(record, self._files)
        return list(found.values())

    def open(self, messages: Iterable[Message]) -> None:
        """Rewrites the file with what is known now (redacted text is gone), then appends."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        with open(fresh, "wb", opener=_private) as file:
            file.writelines(_line(message) for message in messages)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        # Unbuffered: a line is the system's as soon as it is written, and outlives kill -9.
        self._file = self._path.open("ab", buffering=0)

    def put(self, message: Message) -> None:
        if self._file is not None:
            self._file.write(_line(message))

    def delete(self, sid: str) -> None:
        if self._file is not None:
            self._file.write(orjson.dumps({"deleted": sid}) + b"\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _private(path: str, flags: int) -> int:
    """Customers' words are for the owner of the data directory only."""
    return os.open(path, flags, 0o600)
