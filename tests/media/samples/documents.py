"""Documents that are text, or nearly: PDF, CSV, vCard, RTF."""

import random
from collections.abc import Sequence
from pathlib import Path

from media.samples.making import sample

PAGES = ("Invoice 4711 of Tea & Pots", "Delivery within three days", "Thank you")


@sample("invoice.pdf")
def pdf(path: Path, pages: Sequence[str] = PAGES, *, encrypted: bool = False) -> None:
    """One line of text a page. `encrypted`: it asks for a password that nobody has."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * each} 0 R" for each in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        shown = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        drawn = f"BT /F1 24 Tf 72 720 Td ({shown}) Tj ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    more = ""
    if encrypted:
        word = "ab" * 32
        objects.append(
            f"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{word}> /U <{word}> >>"
        )
        more = f" /Encrypt {len(objects)} 0 R /ID [<{word}> <{word}>]"
    body, places = "%PDF-1.4\n", list[int]()
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R{more} >>\nstartxref\n{len(body)}\n%%EOF\n"
    path.write_text(f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{end}", "latin-1")


@sample("corrupt.pdf")
def corrupt_pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n" + random.Random(2).randbytes(2_000))


@sample("note.txt")
def txt(path: Path, text: str = "Grüße aus Köln, 5 €", *, encoding: str = "utf-8") -> None:
    path.write_bytes(text.encode(encoding))


@sample("prices.csv")
def csv(path: Path) -> None:
    path.write_bytes(b"product,price\r\nTea,4.50\r\nTeapot,19.00\r\n")


@sample("card.vcf")
def vcard(path: Path) -> None:
    path.write_text(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Silva;Ana;;;\r\nFN:Ana Silva\r\nORG:Tea\\, Pots\r\n"
        "item1.TEL;type=CELL;waid=14155550123:+1 415 555 0123\r\nEMAIL:ana@example.com\r\n"
        "NOTE:first line\\nand a lo\r\n ng one\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n",
        newline="",
    )


@sample("letter.rtf")
def rtf(path: Path) -> None:
    path.write_bytes(
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Dear Ana,\par the \b tea\b0  costs"
        rb" 5 \u8364?; see you in K\'f6ln.\par}"
    )
