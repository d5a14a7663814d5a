"""Documents: their text, how many pages they have, and what the first page looks like."""

from collections.abc import Iterator
from pathlib import Path

from frontdesk.media.decoding import office, office97, pdf, plain
from frontdesk.media.decoding.excerpt import Excerpt
from frontdesk.media.decoding.limits import Limits, Unreadable
from frontdesk.media.model import Findings

OPENXML = "application/vnd.openxmlformats-officedocument."


def inspect(path: Path, content_type: str, out: Path, limits: Limits, findings: Findings) -> None:
    excerpt = Excerpt(limits.characters)
    try:
        if content_type == "application/pdf":
            pdf.inspect(path, out, limits, excerpt, findings)
        else:
            for piece in _pieces(path, content_type, limits, findings):
                if not excerpt.add(piece):
                    break
    finally:
        findings.text = excerpt.text() or None


def _pieces(path: Path, content_type: str, limits: Limits, findings: Findings) -> Iterator[str]:
    most = limits.characters
    match content_type.partition(";")[0].strip():
        case "text/plain" | "text/csv":
            return plain.text(path, most)
        case "text/vcard" | "text/x-vcard":
            return plain.card(path, most)
        case "text/rtf":
            return plain.rich(path, most)
        case "application/msword":
            return office97.word(path)
        case "application/vnd.ms-excel":
            return office97.sheets(path)
        case "application/vnd.ms-powerpoint":
            return office97.slides(path)
        case name if name.startswith(OPENXML):
            package = office.Package(path, limits)
            match name.removeprefix(OPENXML):
                case "wordprocessingml.document":
                    return package.paragraphs()
                case "spreadsheetml.sheet":
                    return package.sheets()
                case "presentationml.presentation":
                    findings.pages = package.slide_count()
                    return package.slides()
                case _:
                    pass
        case _:
            pass
    raise Unreadable(f"The text of documents of type {content_type} is not read.")
