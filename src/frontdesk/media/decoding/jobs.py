"""What a decoder is asked to do with a file: the way to the module of its kind.

Those are imported in the child only, each when its first file comes.
"""

from pathlib import Path

from frontdesk.media.decoding.limits import Limits, Unreadable
from frontdesk.media.model import FileType, Findings, Made, Unconvertible
from frontdesk.ports import MediaLimit

IMAGE_TARGETS = ("image/jpeg", "image/webp", "image/png")
AUDIO_TARGETS = (
    "audio/ogg; codecs=opus",
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/amr",
)
VIDEO_TARGETS = ("video/mp4",)
TARGETS = {
    "image": IMAGE_TARGETS,
    "sticker": IMAGE_TARGETS,
    "audio": AUDIO_TARGETS,
    "video": VIDEO_TARGETS,
    "document": (),
}
NOUNS = {
    "image": "picture",
    "sticker": "sticker",
    "audio": "recording",
    "video": "video",
    "document": "document",
}
SHRINKAGE = {"image": 1_000, "sticker": 10_000, "audio": 200, "video": 100, "document": 1}
"""How many times smaller a file may become, at the very best."""


def targets(file: FileType, limit: MediaLimit) -> list[str]:
    """The types it can be made into, the one to try first at the head."""
    return [each for each in limit.content_types if each in TARGETS[file.kind]]


def is_convertible(file: FileType, limit: MediaLimit, size: int) -> bool:
    return bool(targets(file, limit)) and size <= limit.max_bytes * SHRINKAGE[file.kind]


def inspect(path: Path, file: FileType, out: Path, limits: Limits) -> Findings:
    findings, noun = Findings(), NOUNS[file.kind]
    try:
        _look(path, file, out, limits, findings)
    except Unreadable as error:
        findings.error = error.text
    except MemoryError:
        findings.error = f"The {noun} needs more memory than a decoder may use."
    except Exception:  # decoders raise what they like
        findings.error = f"The {noun} cannot be read: it is damaged or incomplete."
    return findings


def _look(path: Path, file: FileType, out: Path, limits: Limits, findings: Findings) -> None:
    match file.kind:
        case "image" | "sticker":
            from frontdesk.media.decoding import images

            images.inspect(path, out, limits, findings)
        case "audio":
            from frontdesk.media.decoding import audio

            audio.inspect(path, out, limits, findings)
        case "video":
            from frontdesk.media.decoding import video

            video.inspect(path, out, limits, findings)
        case "document":
            from frontdesk.media.decoding import documents

            documents.inspect(path, file.content_type, out, limits, findings)


def convert(path: Path, file: FileType, limit: MediaLimit, out: Path, limits: Limits) -> Made:
    try:
        return _convert(path, file, limit, out, limits)
    except Unreadable as error:
        raise Unconvertible(error.text) from error
    except MemoryError as error:
        raise Unconvertible("it needs more memory than a decoder may use") from error
    except (OSError, ValueError, EOFError, SyntaxError) as error:  # Pillow raises all of these
        raise Unconvertible(f"the {NOUNS[file.kind]} is damaged or incomplete") from error


def _convert(path: Path, file: FileType, limit: MediaLimit, out: Path, limits: Limits) -> Made:
    to = targets(file, limit)
    match file.kind:
        case "image" | "sticker":
            from frontdesk.media.decoding import images

            return images.convert(path, to, limit.max_bytes, out, limits, file.kind == "sticker")
        case "audio":
            from frontdesk.media.decoding import sound

            return sound.convert(path, to, limit.max_bytes, out, limits)
        case "video":
            from frontdesk.media.decoding import transcoding

            return transcoding.convert(path, limit.max_bytes, out, limits)
        case "document":
            raise Unconvertible("documents go as they are")
