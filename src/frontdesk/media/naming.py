"""Names of files: safe to show and to save, and as a part of a key."""

import unicodedata
from pathlib import PurePosixPath

import regex

LONGEST_NAME = 120
LONGEST_EXTENSION = 16
FALLBACK = "file"

_UNSAFE = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}\p{Bidi_Control}"
    r'\u00AD\u200B\u2060-\u2064\uFEFF\uFFF9-\uFFFB"<>:|?*]'
)
"""What cannot be seen, turns what follows round, or is not allowed on some system."""
_SPACES = regex.compile(r"\s+")
_RESERVED = regex.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", regex.IGNORECASE)
_SUFFIX = regex.compile(r"\.[A-Za-z0-9]{1,5}")
_NOT_IN_KEYS = regex.compile(r"[^A-Za-z0-9._+\-]+")
_ALSO = {".jpg": {".jpeg", ".jpe"}, ".mpg": {".mpeg"}, ".ogg": {".oga", ".opus"}, ".txt": {".text"}}
"""Extensions that say the same."""
_LETTERS = str.maketrans(
    dict(zip("øØłŁđĐðı", "oOlLdDdi", strict=True))
    | {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th"}
)
"""Latin letters that do not come apart into one of ASCII and a mark."""


def safe_filename(name: str | None, extension: str) -> str:
    """A name without folders, with the extension of what the file is; letters stay as they are."""
    base = (name or "").replace("\\", "/").rpartition("/")[2]
    base = unicodedata.normalize("NFC", _UNSAFE.sub("", _SPACES.sub(" ", base))).strip(" .")
    if f".{base}".lower() in {extension, *_ALSO.get(extension, ())}:
        base = ""
    stem, extension = _parted(base, extension)
    stem = stem.strip(" .")
    if not stem:
        stem = FALLBACK
    elif _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return _cut(stem, LONGEST_NAME - len(extension)).rstrip(" .") + extension


def _parted(base: str, extension: str) -> tuple[str, str]:
    """The name without its extension, and the one to give it: its own if that says the same."""
    own = PurePosixPath(base).suffix if "." in base[1:] else ""
    if own.lower() == extension or own.lower() in _ALSO.get(extension, ()):
        return base[: -len(own)], own.lower()
    return (base[: -len(own)] if _SUFFIX.fullmatch(own) else base), extension


def _cut(text: str, length: int) -> str:
    """At most so many characters; no letter is parted from its accents, no emoji from its joins."""
    if len(text) <= length:
        return text
    kept = ""
    for cluster in regex.findall(r"\X", text[: length * 2]):
        if len(kept) + len(cluster) > length:
            break
        kept += cluster
    return kept or text[:length]


def key_name(filename: str) -> str:
    """The name in ASCII, for a key: letters lose their accents, what has none becomes `_`."""
    parts = unicodedata.normalize("NFKD", filename.translate(_LETTERS))
    plain = "".join(character for character in parts if not unicodedata.combining(character))
    stem, dot, suffix = _NOT_IN_KEYS.sub("_", plain).rpartition(".")
    if not dot or len(suffix) > LONGEST_EXTENSION:
        stem, suffix = f"{stem}{dot}{suffix}", ""
    extension = f".{suffix}" if suffix.strip("_") else ""
    stem = stem.lstrip("._")[: LONGEST_NAME - len(extension)].rstrip("._")
    return (stem or FALLBACK) + extension
