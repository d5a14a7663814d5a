"""Real files of every accepted kind, small and always the same, written into a directory.

Each function takes the directory, and answers the file's path. What takes a moment to make is made
once in a run. Two samples of one function in one directory are one file: the later one.
"""

from media.samples.broken import Magic, garbage
from media.samples.documents import corrupt_pdf, csv, pdf, rtf, txt, vcard
from media.samples.office import (
    bomb_docx,
    docx,
    laughing_docx,
    pptx,
    sheet_bomb_xlsx,
    string_bomb_xlsx,
    xlsx,
)
from media.samples.office_97 import doc, ppt, xls
from media.samples.pictures import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    Colour,
    bomb_png,
    gif,
    jpeg,
    picture,
    png,
    truncated_jpeg,
    webp,
)
from media.samples.recordings import (
    aac,
    amr,
    avi,
    long_mp4,
    m4a,
    mov,
    mp3,
    mp4,
    mpeg,
    ogg_opus,
    three_gp,
    wav,
    webm,
)

__all__ = [
    "BLUE",
    "GREEN",
    "RED",
    "YELLOW",
    "Colour",
    "Magic",
    "aac",
    "amr",
    "avi",
    "bomb_docx",
    "bomb_png",
    "corrupt_pdf",
    "csv",
    "doc",
    "docx",
    "garbage",
    "gif",
    "jpeg",
    "laughing_docx",
    "long_mp4",
    "m4a",
    "mov",
    "mp3",
    "mp4",
    "mpeg",
    "ogg_opus",
    "pdf",
    "picture",
    "png",
    "ppt",
    "pptx",
    "rtf",
    "sheet_bomb_xlsx",
    "string_bomb_xlsx",
    "three_gp",
    "truncated_jpeg",
    "txt",
    "vcard",
    "wav",
    "webm",
    "webp",
    "xls",
    "xlsx",
]
