"""Files both ways in tests: a customer's phone that sends them, and what became of them."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pipeline.desk import ADA, WHATSAPP_NUMBER, Desk, until

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
    headers = {"Authorization": "Bearer owner-token-of-the-tests"}
    async with desk.http.get(url, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


def hasten(desk: Desk) -> None:
    """Whoever does not answer is asked again at once."""
    lane = desk.app.worker.media
    lane.first_pause, lane.store_pause = 0.0, timedelta(0)
    lane.understanding = replace(lane.understanding, pauses=(0, 0))


def patient_for(desk: Desk, seconds: float) -> None:
    """How long an assistant waits for a customer's file."""
    desk.app.worker.turn = replace(desk.app.worker.turn, longest_files=seconds)


async def dead_letters(desk: Desk) -> list[dict[str, Any]]:
    rows = await desk.db.fetch("SELECT * FROM dead_letters WHERE stage = 'media' ORDER BY at")
    return [dict(row) for row in rows]
