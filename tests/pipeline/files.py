"""Files both ways in tests: a customer's phone that sends them, and what became of them."""

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp

from pipeline.desk import ADA, OWNER_TOKEN, WHATSAPP_NUMBER, Answer, Desk, until

WHATSAPP = f"whatsapp:{WHATSAPP_NUMBER}"
SETTLED = ("ready", "failed", "deleted")
OPENXML = "application/vnd.openxmlformats-officedocument"
TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".amr": "audio/amr",
    ".mp4": "video/mp4",
    ".mpeg": "video/mpeg",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".3gp": "video/3gpp",
    ".webm": "video/webm",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".vcf": "text/vcard",
    ".rtf": "text/rtf",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".docx": f"{OPENXML}.wordprocessingml.document",
    ".xlsx": f"{OPENXML}.spreadsheetml.sheet",
    ".pptx": f"{OPENXML}.presentationml.presentation",
}


def type_of(path: Path) -> str:
    return TYPES[path.suffix]


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def send(desk: Desk, *paths: Path, body: str = "", to: str = WHATSAPP, **more: Any) -> str:
    """A customer's message with files, byte by byte."""
    media = [
        {
            "content_type": type_of(path),
            "filename": path.name,
            "base64": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in paths
    ]
    return await desk.write(body, to=to, media=media, **more)


async def thread(desk: Desk, address: str = ADA) -> list[dict[str, Any]]:
    """The conversation as a client reads it, oldest first."""
    row = await desk.conversation(address)
    answer = await desk.call("GET", f"/api/v1/conversations/{row['conversation_id']}/messages")
    assert answer.status == 200, answer.text
    return sorted(answer.json["items"], key=lambda item: item["created_at"])


async def inbound(desk: Desk, address: str = ADA) -> list[dict[str, Any]]:
    return [each for each in await thread(desk, address) if each["sender"] == "user"]


async def settled(desk: Desk, count: int = 1, seconds: float = 40) -> list[dict[str, Any]]:
    """The customer's files, once there are so many and nothing more will be known of them soon."""

    async def done() -> list[dict[str, Any]] | None:
        files = [each for message in await inbound(desk) for each in message["attachments"]]
        ready = len(files) >= count and all(each["status"] in SETTLED for each in files)
        return files if ready else None

    found = await until(done, seconds)
    assert found is not None
    return found


async def one(desk: Desk) -> dict[str, Any]:
    """The customer's only file, settled."""
    [file] = await settled(desk)
    return file


async def content(desk: Desk, url: str | None) -> bytes:
    """What a member of the domain gets at an attachment's address."""
    assert url is not None
    headers = {"Authorization": f"Bearer {OWNER_TOKEN}"}
    async with desk.http.get(url, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


def hasten(desk: Desk) -> None:
    """Whoever does not answer is asked again at once."""
    lane = desk.app.worker.media
    lane.first_pause, lane.store_pause = 0.0, timedelta(0)
    known = lane.files.understanding
    lane.files = replace(lane.files, understanding=replace(known, pauses=(0, 0)))


def patient_for(desk: Desk, seconds: float) -> None:
    """How long an assistant waits for a customer's file."""
    desk.app.worker.turn = replace(desk.app.worker.turn, longest_files=seconds)


async def dead_letters(desk: Desk) -> list[dict[str, Any]]:
    rows = await desk.db.fetch("SELECT * FROM dead_letters WHERE stage = 'media' ORDER BY at")
    return [dict(row) for row in rows]


# A person's files --------------------------------------------------------------------------------


async def upload(desk: Desk, path: Path, **query: str) -> Answer:
    """A person's upload to the customer's conversation."""
    row = await desk.conversation()
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(path.read_bytes()), filename=path.name)
    params = {"chat_id": str(row["conversation_id"]), "agent_id": "echo", **query}
    return await desk.call("POST", "/upload/conversation-media", params=params, data=form)


async def uploaded(desk: Desk, *paths: Path, **query: str) -> list[str]:
    """The ids of the uploads."""
    ids: list[str] = []
    for path in paths:
        answer = await upload(desk, path, **query)
        assert answer.status == 200, f"{path.name}: {answer.text}"
        ids.append(answer.json["media_id"])
    return ids


async def respond(desk: Desk, content: str = "", *media_ids: str, **more: Any) -> Answer:
    """A person's answer in the customer's conversation."""
    row = await desk.conversation()
    return await desk.call(
        "POST",
        f"/chat/{row['conversation_id']}/manual-response",
        json={"content": content, "media_ids": media_ids, **more},
    )


@dataclass(frozen=True)
class Got:
    """A file as the customer's phone has it."""

    kind: str
    content_type: str
    content: bytes


async def on_the_phone(desk: Desk, message: dict[str, Any]) -> list[Got]:
    found: list[Got] = []
    for item in message["media"]:
        assert item["url"], message
        async with desk.http.get(f"{desk.sandbox_url}/{item['url']}") as answer:
            assert answer.status == 200
            found.append(Got(item["kind"], item["content_type"], await answer.read()))
    return found


async def got(desk: Desk, count: int = 1) -> list[Got]:
    """The files of the messages that a person sent, once the phone has so many of them."""

    async def delivered() -> list[dict[str, Any]] | None:
        messages = [each for each in await desk.sent() if each["media"]]
        done = all(each["status"] in ("delivered", "failed") for each in messages)
        return messages if done and len(messages) >= count else None

    messages = await until(delivered)
    assert messages is not None
    assert {each["status"] for each in messages} == {"delivered"}, messages
    return [each for message in messages for each in await on_the_phone(desk, message)]
