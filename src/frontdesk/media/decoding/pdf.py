"""PDF: the text of its pages, and a picture of the first."""

from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from frontdesk.media.decoding.excerpt import Excerpt
from frontdesk.media.decoding.images import THUMBNAIL, thumbnail
from frontdesk.media.decoding.limits import Limits, Unreadable
from frontdesk.media.model import Findings

NEEDS_PASSWORD = 4
"""FPDF_ERR_PASSWORD."""
UNKNOWN_SECURITY = 5


def inspect(path: Path, out: Path, limits: Limits, excerpt: Excerpt, findings: Findings) -> None:
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in (NEEDS_PASSWORD, UNKNOWN_SECURITY):
            raise Unreadable("The document asks for a password.") from None
        raise Unreadable("The document cannot be read: it is damaged or incomplete.") from None
    with document:
        count = len(document)
        findings.pages = count
        if not count:
            raise Unreadable("The document has no pages.")
        _draw_first(document, out, findings)
        for number in range(min(count, limits.pages)):
            text = _page_text(document, number)
            if text and not excerpt.add(f"[page {number + 1}]\n{text}\n\n"):
                return
        if count > limits.pages:
            excerpt.cut()


def _page_text(document: Any, number: int) -> str:
    """Nothing of a page that cannot be read: the others stand."""
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return ""
    try:
        text_page = page.get_textpage()
        try:
            return text_page.get_text_bounded().strip()
        finally:
            text_page.close()
    except pdfium.PdfiumError:
        return ""
    finally:
        page.close()


def _draw_first(document: Any, out: Path, findings: Findings) -> None:
    try:
        page = document[0]
        width, height = page.get_size()
        # Twice the size, so that small print stays grey lines and does not vanish.
        scale = 2 * THUMBNAIL / max(width, height, 1)
        image = page.render(scale=scale, draw_annots=True).to_pil().convert("RGB")
        page.close()
    except (pdfium.PdfiumError, ValueError):
        return
    findings.made.append(thumbnail(image, out))
