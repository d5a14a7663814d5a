"""The text in pictures: the order of its pieces, and the engine where it is installed."""

import asyncio
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from frontdesk.media.recognition.lines import Piece, joined
from frontdesk.media.recognition.ocr import RapidOcrReader, installed
from frontdesk.ports import RecognitionFailed

with_engine = pytest.mark.skipif(
    find_spec("rapidocr") is None, reason="the extra `ocr` (rapidocr) is not installed"
)


def piece(text: str, left: float, top: float, height: float = 20, score: float = 0.95) -> Piece:
    return Piece(text, score, left, top, top + height)


def test_lines_are_read_from_the_top_and_pieces_beside_each_other_are_one_line():
    found = [
        piece("31.90", 300, 102),
        piece("Aitana Bakery", 40, 10),
        piece("Total", 40, 98),
        piece("12 croissants", 40, 50),
    ]
    assert joined(found) == "Aitana Bakery\n12 croissants\nTotal 31.90"


def test_small_print_beside_a_headline_is_a_line_of_its_own():
    assert joined([piece("SALE", 0, 0, height=90), piece("till May", 200, 35)]) == "SALE\ntill May"


def test_what_is_hardly_recognised_or_holds_no_letter_is_dropped():
    found = [
        piece("Menu", 0, 0),
        piece("qx7", 0, 40, score=0.5),
        piece("~~ .", 0, 80),
        piece("l", 0, 120, score=0.7),
        piece("5", 0, 160, score=0.97),
    ]
    assert joined(found) == "Menu\n5"


@pytest.fixture
async def reader() -> AsyncIterator[RapidOcrReader]:
    made = RapidOcrReader(seconds=60)
    yield made
    await made.close()


def drawn(path: Path, *lines: str, transparent: bool = False, turned: bool = False) -> Path:
    picture = Image.new("RGBA", (900, 100 * len(lines) + 60), (0, 0, 0, 0 if transparent else 255))
    if not transparent:
        picture.paste("white", (0, 0, *picture.size))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        place = (40, 40 + 100 * number)
        draw.text(place, line, fill="black", font=ImageFont.load_default(40))
    if turned:
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera was held sideways
        picture.convert("RGB").rotate(90, expand=True).save(path, exif=exif)
    else:
        picture.save(path)
    return path


@pytest.mark.skipif(installed(), reason="the extra `ocr` is installed")
async def test_without_the_extra_it_says_how_to_install_it(reader: RapidOcrReader, tmp_path: Path):
    with pytest.raises(RecognitionFailed, match=r"pip install 'frontdesk\[ocr\]'"):
        await reader.read(drawn(tmp_path / "a.png", "Hello"))


@with_engine
async def test_a_picture_with_text_is_read_line_by_line(reader: RapidOcrReader, tmp_path: Path):
    path = drawn(tmp_path / "a.png", "INVOICE 2041", "Total 31.90 EUR")
    assert await reader.read(path) == "INVOICE 2041\nTotal 31.90 EUR"


@with_engine
async def test_a_turned_photo_and_text_on_nothing_are_read_and_a_blank_has_none(
    reader: RapidOcrReader, tmp_path: Path
):
    turned = drawn(tmp_path / "a.jpg", "Opening hours", "Monday to Friday", turned=True)
    assert await reader.read(turned) == "Opening hours\nMonday to Friday"
    clear = drawn(tmp_path / "b.png", "Opening hours", transparent=True)
    assert await reader.read(clear) == "Opening hours"
    assert await reader.read(drawn(tmp_path / "c.png", "")) == ""


@with_engine
async def test_a_bomb_and_a_broken_picture_cost_that_picture_only(
    reader: RapidOcrReader, tmp_path: Path
):
    bomb = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(bomb)
    with pytest.raises(RecognitionFailed, match="20000 x 20000 pixels"):
        await reader.read(bomb)
    broken = tmp_path / "broken.png"
    broken.write_bytes(drawn(tmp_path / "a.png", "Hello there").read_bytes()[:300])
    with pytest.raises(RecognitionFailed, match="cannot be opened"):
        await reader.read(broken)
    assert await reader.read(tmp_path / "a.png") == "Hello there"


@with_engine
async def test_pictures_that_come_at_once_are_read_one_after_another(
    reader: RapidOcrReader, tmp_path: Path
):
    paths = [drawn(tmp_path / f"{n}.png", f"Ticket number {n}{n}{n}") for n in range(3)]
    assert await asyncio.gather(*map(reader.read, paths)) == [
        f"Ticket number {n}{n}{n}" for n in range(3)
    ]


@with_engine
async def test_too_little_memory_or_time_is_told(tmp_path: Path):
    path = drawn(tmp_path / "a.png", "Hello there")
    starved = RapidOcrReader(memory=200 * 1024**2)
    with pytest.raises(RecognitionFailed):
        await starved.read(path)
    await starved.close()
    hurried = RapidOcrReader(seconds=0.01)
    with pytest.raises(RecognitionFailed, match="took longer than"):
        await hurried.read(path)
    await hurried.close()
