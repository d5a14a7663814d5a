"""Names of files are safe wherever they go, and still the names that people gave."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.media.naming import LONGEST_NAME, key_name, safe_filename
from frontdesk.media.objects.streams import checked

ANY = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=())),
    st.text("a./\\ \0\u202e\u200fü\ud800:\U0001f469\u200d\U0001f467"),
)


@pytest.mark.parametrize(
    ("name", "extension", "safe"),
    [
        ("photo.jpg", ".jpg", "photo.jpg"),
        ("photo.JPEG", ".jpg", "photo.jpeg"),
        ("photo.jpg", ".pdf", "photo.pdf"),
        ("note.opus", ".ogg", "note.opus"),
        ("report v1.2", ".pdf", "report v1.pdf"),
        ("2026.11.21 invoice", ".pdf", "2026.11.21 invoice.pdf"),
        ("archive.tar.gz", ".txt", "archive.tar.txt"),
        ("Rechnung für Jürgen.pdf", ".pdf", "Rechnung für Jürgen.pdf"),
        ("Ju\u0308rgen.pdf", ".pdf", "J\u00fcrgen.pdf"),
        ("請求書.pdf", ".pdf", "請求書.pdf"),
        ("فاتورة.pdf", ".pdf", "فاتورة.pdf"),
        ("../../etc/passwd", ".txt", "passwd.txt"),
        ("..\\..\\windows\\win.ini", ".txt", "win.txt"),
        ("C:\\fakepath\\a.png", ".png", "a.png"),
        ("/", ".txt", "file.txt"),
        ("..", ".txt", "file.txt"),
        (None, ".jpg", "file.jpg"),
        ("", ".jpg", "file.jpg"),
        (".jpg", ".jpg", "file.jpg"),
        (".htaccess", ".txt", "htaccess.txt"),
        ("...a.txt", ".txt", "a.txt"),
        ("a.txt. . ", ".txt", "a.txt"),
        ("a\0b\r\nc\x7f.txt", ".txt", "a\0b c.txt".replace("\0", "")),
        ("invoice\u202egpj.exe", ".txt", "invoicegpj.txt"),
        ("\u2066a\u2069\u200e\u200f\u061c.txt", ".txt", "a.txt"),
        ("CON", ".txt", "_CON.txt"),
        ("nul.tar.txt", ".txt", "_nul.tar.txt"),
        ("com1.jpg", ".jpg", "_com1.jpg"),
        ("console.txt", ".txt", "console.txt"),
        ('<a>:"b"|?*.txt', ".txt", "ab.txt"),
        ("a\ud800b.txt", ".txt", "ab.txt"),
    ],
)
def test_a_name_keeps_what_is_safe(name: str | None, extension: str, safe: str) -> None:
    assert safe_filename(name, extension) == safe


def test_a_long_name_is_cut_between_letters_and_keeps_its_extension() -> None:
    assert safe_filename("x" * 300 + ".jpg", ".jpg") == "x" * 116 + ".jpg"
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    name = safe_filename(family * 60, ".pdf")
    assert name == family * 23 + ".pdf"
    assert safe_filename("e\u0323\u0307" * 100, ".pdf").startswith("\u1eb9\u0307" * 58 + ".pdf")


@given(ANY, st.sampled_from([".jpg", ".pdf", ".ogg", ".docx"]))
def test_any_name_becomes_a_safe_one(name: str, extension: str) -> None:
    safe = safe_filename(name, extension)
    assert 0 < len(safe) <= LONGEST_NAME
    assert not safe.startswith(".")
    assert not re.search(r"[/\\\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", safe)
    assert safe.encode().decode() == safe == unicodedata.normalize("NFC", safe)
    assert safe_filename(safe, extension) == safe


@given(ANY)
def test_any_name_becomes_a_part_of_a_key(name: str) -> None:
    key = key_name(name)
    assert re.fullmatch(r"[A-Za-z0-9._+\-]{1,120}", key)
    assert checked(f"conversation-media/{key}")
    assert checked(key)
    assert key_name(key) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("photo.jpg", "photo.jpg"),
        ("Rechnung für Jürgen.pdf", "Rechnung_fur_Jurgen.pdf"),
        ("Straße Øre Łódź.pdf", "Strasse_Ore_Lodz.pdf"),
        ("請求書.pdf", "file.pdf"),
        ("фото 1.jpg", "1.jpg"),
        ("a+b-c_d.e.txt", "a+b-c_d.e.txt"),
        ("x" * 300 + ".webp", "x" * 115 + ".webp"),
    ],
)
def test_a_key_is_in_ascii(name: str, key: str) -> None:
    assert key_name(name) == key
