"""Uploads of files as a person's program makes them, and what the store holds after them."""

from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.desk import OWNER_TOKEN, Answer, Desk

MB = 1024 * 1024
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
"""As a photo begins."""


BOUNDARY = "a-boundary-of-the-tests"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def form(content: bytes, filename: str = "image.jpg", field: str = "file") -> BytesIO:
    """A form as written by hand: no library makes the file's name harmless."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return BytesIO(head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode())


async def chat_of(desk: Desk, to: str = "whatsapp:+14155238886") -> str:
    """Ada's conversation on a channel, once she has written."""
    await desk.write("Hello", to=to)
    row = await desk.conversation()
    return str(row["conversation_id"])


async def upload(
    desk: Desk,
    chat: str,
    content: bytes,
    filename: str = "image.jpg",
    token: str | None = OWNER_TOKEN,
    **query: str,
) -> Answer:
    return await desk.call(
        "POST",
        "/upload/conversation-media",
        token,
        params={"agent_id": "agent-7", "chat_id": chat, **query},
        data=form(content, filename),
        headers=FORM,
    )


def objects(desk: Desk) -> dict[str, bytes]:
    """What the local store holds, by key."""
    root = Path(urlsplit(desk.app.settings.media_url).path)
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


async def nothing_is_left(desk: Desk) -> bool:
    return not objects(desk) and await desk.count("media") == 0
