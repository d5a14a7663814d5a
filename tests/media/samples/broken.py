"""Files that are not what they say."""

import random
from pathlib import Path
from typing import Literal

from media.samples.making import sample

Magic = Literal[
    "jpg", "png", "gif", "webp", "ogg", "wav", "mp3", "mp4", "avi", "pdf", "docx", "doc"
]
MAGICS: dict[Magic, bytes] = {
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a\x40\x01\xf0\x00\xf7\x00\x00",
    "webp": b"RIFF\x00\x10\x00\x00WEBPVP8 ",
    "ogg": b"OggS\x00\x02",
    "wav": b"RIFF\x00\x10\x00\x00WAVEfmt ",
    "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2",
    "avi": b"RIFF\x00\x10\x00\x00AVI LIST",
    "pdf": b"%PDF-1.7\n",
    "docx": b"PK\x03\x04",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}


@sample("garbage")
def garbage(path: Path, magic: Magic) -> None:
    """The first bytes are right; nothing after them is."""
    path.write_bytes(MAGICS[magic] + random.Random(magic).randbytes(20_000))
