"""What a file is, by its first bytes: what a name or a header says of it may be a lie.

Only what is accepted is known here; everything else is None. The table is our own: libraries know
hundreds of kinds and tell neither Opus from Vorbis, nor a sound in a video's container from a
video, nor Word from Excel in one container, nor text from a page with scripts.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath

from frontdesk.media.model import FileType

HEAD = 65536
"""Bytes to look at."""

JPEG = FileType("image", "image/jpeg", ".jpg")
PNG = FileType("image", "image/png", ".png")
GIF = FileType("image", "image/gif", ".gif")
WEBP = FileType("image", "image/webp", ".webp")
MP3 = FileType("audio", "audio/mpeg", ".mp3")
OPUS = FileType("audio", "audio/ogg; codecs=opus", ".ogg")
OGG = FileType("audio", "audio/ogg", ".ogg")
WAV = FileType("audio", "audio/wav", ".wav")
M4A = FileType("audio", "audio/mp4", ".m4a")
AAC = FileType("audio", "audio/aac", ".aac")
AMR = FileType("audio", "audio/amr", ".amr")
AUDIO_3GP = FileType("audio", "audio/3gpp", ".3gp")
AUDIO_WEBM = FileType("audio", "audio/webm", ".webm")
MP4 = FileType("video", "video/mp4", ".mp4")
MPEG = FileType("video", "video/mpeg", ".mpg")
MOV = FileType("video", "video/quicktime", ".mov")
AVI = FileType("video", "video/x-msvideo", ".avi")
THREE_GP = FileType("video", "video/3gpp", ".3gp")
WEBM = FileType("video", "video/webm", ".webm")
PDF = FileType("document", "application/pdf", ".pdf")
RTF = FileType("document", "text/rtf", ".rtf")
TXT = FileType("document", "text/plain", ".txt")
CSV = FileType("document", "text/csv", ".csv")
VCARD = FileType("document", "text/vcard", ".vcf")
DOC = FileType("document", "application/msword", ".doc")
XLS = FileType("document", "application/vnd.ms-excel", ".xls")
PPT = FileType("document", "application/vnd.ms-powerpoint", ".ppt")
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = FileType("document", _OFFICE + "wordprocessingml.document", ".docx")
XLSX = FileType("document", _OFFICE + "spreadsheetml.sheet", ".xlsx")
PPTX = FileType("document", _OFFICE + "presentationml.presentation", ".pptx")

ACCEPTED = "JPEG, PNG, GIF, WebP; MP3, OGG, WAV, M4A, AAC, AMR; MP4, MPEG, MOV, AVI, 3GP, WebM; \
PDF, TXT, CSV, DOC(X), XLS(X), PPT(X), RTF, vCard"
"""For people."""

_MAGIC = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"#!AMR", AMR),
    (b"ID3", MP3),
    (b"{\\rtf", RTF),
    (b"\x00\x00\x01\xba", MPEG),
    (b"\x00\x00\x01\xb3", MPEG),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("WordDocument".encode("utf-16-le"), DOC),
    ("Workbook".encode("utf-16-le"), XLS),
    ("Book".encode("utf-16-le"), XLS),
    ("PowerPoint Document".encode("utf-16-le"), PPT),
)
_ZIP_FOLDERS = ((b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX))
_OFFICE_FOLDERS = (b"word/", b"xl/", b"ppt/", b"docProps/", b"docMetadata/", b"customXml/",
                   b"customUI/", b"_xmlsignatures/")  # fmt: skip
_PDF_WITHIN = 1024
"""Bytes that readers allow before a PDF's signature."""


def sniff(head: bytes, filename: str = "") -> FileType | None:
    """What the first `HEAD` bytes are; None for what is not accepted.

    The name decides only where the bytes cannot.
    """
    head = head[:HEAD]
    suffix = PurePosixPath(filename.lower()).suffix
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return AAC if kind is MP3 and _is_adts(head[_id3_size(head) :]) else kind
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV, b"AVI ": AVI}.get(head[8:12])
    if head.startswith(b"OggS"):
        return _ogg(head)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide") and head[0] < 9:  # no text starts so
        return _iso_media(head, suffix)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _matroska(head)
    if head.startswith(b"PK\x03\x04"):
        return _zip(head, suffix)
    if head.startswith(_OLE):
        return _ole(head, suffix)
    if _is_adts(head):
        return AAC
    if _is_mpeg_audio(head):
        return MP3
    before, signature, _ = head[:_PDF_WITHIN].partition(b"%PDF-")
    if signature and not _PAGE.search(before):
        return PDF
    return _text(head, suffix)


# Sound and video ------------------------------------------------------------------------------


def _id3_size(head: bytes) -> int:
    """Of the tag at the start, with its own header."""
    if len(head) < 10:
        return len(head)
    a, b, c, d = (byte & 0x7F for byte in head[6:10])
    return 10 + (a << 21 | b << 14 | c << 7 | d)


def _is_adts(head: bytes) -> bool:
    """Two AAC frames, the second where the first one ends."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    following = head[length : length + 2]
    if length < 7 or (head[2] >> 2) & 15 > 12:
        return False
    return not following or (following[0] == 0xFF and following[1:2] in (b"", head[1:2]))


_BITRATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _is_mpeg_audio(head: bytes) -> bool:
    """Two frames of MP3, the second where the first one ends; one where there is only one."""
    length = _frame_length(head)
    if length is None:
        return False
    following = head[length : length + 4]
    return len(following) < 4 or _frame_length(following) is not None


def _frame_length(head: bytes) -> int | None:
    """Of an MPEG layer III frame."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version = head[1] >> 3 & 3
    bitrate, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or rate == 3 or bitrate in (0, 15):
        return None
    kilobits = _BITRATES[3 if version == 3 else 2][bitrate]
    return (144 if version == 3 else 72) * 1000 * kilobits // _RATES[version][rate] + padding


def _ogg(head: bytes) -> FileType | None:
    page = head[:512]
    if b"OpusHead" in page:
        return OPUS
    if b"\x80theora" in page:
        return None
    return OGG if re.search(rb"\x01vorbis|Speex   |\x7fFLAC", page) else None


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the boxes that begin here; the last one may be cut."""
    at = 0
    while at + 8 <= len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        start = at + 8
        if size == 1 and at + 16 <= len(content):
            size = struct.unpack_from(">Q", content, start)[0]
            start += 8
        end = len(content) if size == 0 else at + size
        if end < start:
            return
        yield name, content[start:end]
        at = end


def _iso_media(head: bytes, suffix: str) -> FileType | None:
    """MP4, QuickTime and 3GP by brand, and whether a picture track is to be seen in them.

    Where the tracks come behind the sound itself, the name of an M4A tells it from an MP4.
    """
    brand, handlers = b"qt  ", set[bytes]()
    for name, content in _boxes(head):
        if name == b"ftyp":
            brand = content[:4]
        elif name == b"moov":
            handlers = _handlers(content)
    only_sound = bool(handlers) and b"vide" not in handlers
    if brand in (b"M4A ", b"M4B ", b"F4A "):
        return MP4 if b"vide" in handlers else M4A
    if brand == b"qt  ":
        return M4A if only_sound else MOV
    if brand[:3] in (b"3gp", b"3g2"):
        return AUDIO_3GP if only_sound else THREE_GP
    if brand in _MP4_BRANDS or brand[:3] == b"iso":
        return M4A if only_sound or (not handlers and suffix == M4A.extension) else MP4
    return None


_MP4_BRANDS = (b"mp41", b"mp42", b"mp71", b"avc1", b"dash", b"M4V ", b"f4v ", b"F4V ", b"MSNV",
               b"mmp4", b"MP4 ", b"XAVC", b"hvc1", b"cmfc")  # fmt: skip


def _handlers(moov: bytes) -> set[bytes]:
    """The kinds of the tracks, as far as they are in sight."""
    found: set[bytes] = set()
    for name, track in _boxes(moov):
        if name != b"trak":
            continue
        for inner, media in _boxes(track):
            if inner == b"mdia":
                found |= {box[8:12] for kind, box in _boxes(media) if kind == b"hdlr"}
    return found & {b"vide", b"soun"}


def _matroska(head: bytes) -> FileType | None:
    """WebM by its document type; its tracks by their codecs, which are names in plain text."""
    if b"\x42\x82\x84webm" not in head[:64]:
        return None
    if re.search(rb"\x86[\x80-\xff]V_(VP8|VP9|AV1)", head):
        return WEBM
    return AUDIO_WEBM if re.search(rb"\x86[\x80-\xff]A_(OPUS|VORBIS)", head) else WEBM


# Documents ------------------------------------------------------------------------------------


def _zip(head: bytes, suffix: str) -> FileType | None:
    """An office document by its parts' names, or by its own where they come later.

    Some programs write the list of parts last, behind more than is in sight; then nothing that
    no office document has may stand at the top.
    """
    names: list[bytes] = re.findall(rb"PK\x03\x04.{26}([\w./\[\] -]{1,64})", head, re.DOTALL)
    listed = b"[Content_Types].xml" in head or b"_rels/.rels" in head
    if not names or not (listed or all(name.startswith(_OFFICE_FOLDERS) for name in names)):
        return None
    for folder, kind in _ZIP_FOLDERS:
        if any(name.startswith(folder) for name in names):
            return kind
    if listed or names[0].startswith(b"docProps/"):
        return _by_name(suffix, (DOCX, XLSX, PPTX))
    return None


def _ole(head: bytes, suffix: str) -> FileType | None:
    """Word, Excel or PowerPoint by the stream that it must have, if the directory is in sight."""
    found = {kind for stream, kind in _OLE_STREAMS if _has_stream(head, stream)}
    named = _by_name(suffix, (DOC, XLS, PPT))
    if len(found) == 1:
        return found.pop()
    return named if not found or named in found else None


def _has_stream(head: bytes, name: bytes) -> bool:
    """Whether a directory entry has this name: 64 bytes with the name's length behind them."""
    at = head.find(name)
    while at >= 0:
        if at % 128 == 0 and head[at + 64 : at + 66] == struct.pack("<H", len(name) + 2):
            return True
        at = head.find(name, at + 1)
    return False


def _by_name(suffix: str, kinds: tuple[FileType, ...]) -> FileType | None:
    return next((kind for kind in kinds if kind.extension == suffix), None)


_PAGE = re.compile(rb"<(!doctype html|html|script|iframe|svg|\?xml|\?php)\b", re.IGNORECASE)
"""What makes a page of what stands before a PDF's signature."""
_ELEMENTS = """a abbr address applet area article aside audio b base big blockquote body br button
    canvas caption center code dd details dialog div dl dt em embed fieldset figure font footer
    form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins label li link
    main map marquee math meta nav noscript object ol option p param picture portal pre q s script
    section select slot small source span strong style sub summary sup svg table tbody td template
    textarea tfoot th thead title tr track u ul var video xml xmp"""
_MARKUP = re.compile(
    rf"<(!doctype\b|!--|\?|/?(?:[\w-]+:)?({'|'.join(_ELEMENTS.split())})(?=[\s/>]|$))",
    re.IGNORECASE,
)
"""What pages start with; within a text it is something that somebody wrote about."""
_NOT_YET = "\ufeff" + "".join(map(chr, (*range(0x21), 0x7F, 0x85, 0xA0)))
"""What may stand before a text begins."""
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_TEXT_NAMES = (TXT.extension, CSV.extension)


def _text(head: bytes, suffix: str) -> FileType | None:
    text = _decoded(head, suffix in _TEXT_NAMES)
    if text is None:
        return None
    start = text.lstrip(_NOT_YET).lstrip()
    if not start or _MARKUP.match(start) or start.startswith("#!"):
        return None
    if start[:11].upper() == "BEGIN:VCARD":
        return VCARD
    return CSV if suffix == ".csv" else TXT


def _decoded(head: bytes, named_text: bool) -> str | None:
    """UTF-8 or UTF-16; otherwise a country's older encoding, of which only ASCII is read right."""
    if encoding := _UTF_16.get(head[:2]):
        return _readable(_cut(head[2:], encoding))
    if b"\0" in head:
        return _unmarked_utf_16(head, named_text)
    if (text := _cut(head, "utf-8")) is not None:
        return _readable(text)
    if any(magic.startswith(head) for magic, _ in _MAGIC):
        return None
    text = head.decode("latin-1")
    if len(_CONTROLS.findall(text)) * 100 >= len(text):
        return None
    return text if named_text or _is_western(head) or _is_in_some_encoding(head) else None


def _readable(text: str | None) -> str | None:
    """The text unless a hundredth of it is control characters; one alone may stand in a line."""
    if text is None or "\0" in text:
        return None
    controls = len(_CONTROLS.findall(text))
    few = controls * 100 < len(text) or (controls == 1 and len(text) >= 10)
    return text if not controls or few else None


def _unmarked_utf_16(head: bytes, named_text: bool) -> str | None:
    """UTF-16 by the zeros on one side of most of its characters, or by a text's name."""
    if len(head) < 8:
        return None
    even, odd = (head[side::2].count(0) / len(head[side::2]) for side in (0, 1))
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    if min(even, odd) > 0.1 or (max(even, odd) < 0.7 and not named_text):
        return None  # some characters, like a Japanese space, have their zero on the other side
    text = _readable(_cut(head, encoding))
    if text is None:
        return None
    printable = sum(character.isprintable() or character.isspace() for character in text)
    return text if printable >= 0.98 * len(text) else None


def _is_western(head: bytes) -> bool:
    """Whether it reads as the Latin letters of Windows."""
    text = head.decode("cp1252", "replace")
    letters = sum(character.isalnum() or character.isspace() for character in text)
    strange = text.count("\ufffd") + sum(byte >= 0x80 for byte in head) / 2
    return letters > 0.6 * len(text) and strange < 0.15 * len(text)


# Those in which ASCII stands for itself: what a page starts with is then seen in any of them.
_ENCODINGS = ["cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
              "cp1258", "cp866", "koi8_r", "koi8_u", "iso8859_2", "iso8859_5", "iso8859_7", "cp874",
              "cp932", "euc_jp", "gb18030", "big5", "cp949"]  # fmt: skip
_SAMPLE = 8192
"""Bytes that suffice to tell an encoding."""


def _is_in_some_encoding(head: bytes) -> bool:
    """Whether it reads as a language without disorder; a character may be cut at the end."""
    from charset_normalizer import from_bytes  # only here: few files need it, and it loads slowly

    ends = range(_SAMPLE, _SAMPLE - 4, -1) if len(head) > _SAMPLE else (len(head),)
    for end in ends:
        best = from_bytes(head[:end], cp_isolation=_ENCODINGS, enable_fallback=False).best()
        if best is not None and best.chaos < 0.05:
            return True
    return False


def _cut(head: bytes, encoding: str) -> str | None:
    """The text, of which the last character may be cut."""
    try:
        return head.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < HEAD - 2:
            return None
        return head[: error.start].decode(encoding)
