"""Real files of every accepted kind, small and always the same, written into a directory.

Each function takes the directory, and answers the file's path. What takes a moment to make is made
once in a run. Two samples of one function in one directory are one file: the later one.
"""

import io
import random
import struct
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import wraps
from math import pi, sin
from pathlib import Path
from typing import Concatenate, Literal, ParamSpec
from xml.sax.saxutils import escape

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw

P = ParamSpec("P")
Colour = tuple[int, int, int]

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 60), (30, 60, 220), (240, 220, 40)
"""The corners of every picture: upper left, upper right, lower left, lower right."""
PAGES = ("Invoice 4711 of Tea & Pots", "Delivery within three days", "Thank you")


def _sample(
    name: str,
) -> Callable[[Callable[Concatenate[Path, P], None]], Callable[Concatenate[Path, P], Path]]:
    """Makes a writer of a file into a sample: named, and written anew from memory."""

    def decorated(
        write: Callable[Concatenate[Path, P], None],
    ) -> Callable[Concatenate[Path, P], Path]:
        made: dict[str, bytes] = {}

        @wraps(write)
        def sample(where: Path, /, *args: P.args, **kwargs: P.kwargs) -> Path:
            path, key = where / name, repr((args, sorted(kwargs.items())))
            if (known := made.get(key)) is not None:
                path.write_bytes(known)
                return path
            write(path, *args, **kwargs)
            made[key] = path.read_bytes()
            return path

        return sample

    return decorated


# Pictures


def picture(width: int, height: int, *, grain: bool = False) -> Image.Image:
    """Four coloured quarters; with `grain` also what a camera sees, which compresses badly."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    middle = (width // 2, height // 2)
    draw.rectangle((0, 0, *middle), fill=RED)
    draw.rectangle((middle[0], 0, width, middle[1]), fill=GREEN)
    draw.rectangle((0, middle[1], middle[0], height), fill=BLUE)
    draw.rectangle((*middle, width, height), fill=YELLOW)
    if not grain:
        return image
    coarse = (width // 2, height // 2)
    dots = random.Random(1).randbytes(coarse[0] * coarse[1] * 3)
    noise = Image.frombytes("RGB", coarse, dots).resize(image.size, Image.Resampling.BICUBIC)
    return Image.blend(image, noise, 0.5)


def _exif(orientation: int, place: bool) -> Image.Exif:
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    if place:
        exif[0x010F] = "Camera of Ana"
        exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return exif


@_sample("photo.jpg")
def jpeg(
    path: Path,
    *,
    width: int = 640,
    height: int = 480,
    orientation: int = 1,
    place: bool = False,
    grain: bool = False,
    quality: int = 90,
) -> None:
    """`width` and `height` are as stored: 5 to 8 of `orientation` turn it on its side."""
    image = picture(width, height, grain=grain)
    image.save(path, "JPEG", quality=quality, exif=_exif(orientation, place))


@_sample("drawing.png")
def png(path: Path, *, width: int = 640, height: int = 480, clear: bool = False) -> None:
    """With `clear` the upper left quarter lets through what is behind it."""
    image = picture(width, height)
    if clear:
        image = image.convert("RGBA")
        image.paste((0, 0, 0, 0), (0, 0, width // 2, height // 2))
    image.save(path, "PNG")


def _frames(width: int, height: int, count: int) -> list[Image.Image]:
    upright = picture(width, height)
    return [upright.rotate(90 * (each % 4)).convert("RGB") for each in range(count)]


@_sample("moving.gif")
def gif(path: Path, *, width: int = 200, height: int = 200, frames: int = 3) -> None:
    first, *rest = _frames(width, height, frames)
    first.save(path, "GIF", save_all=True, append_images=rest, duration=100, loop=0)


@_sample("sticker.webp")
def webp(path: Path, *, width: int = 512, height: int = 512, frames: int = 1) -> None:
    first, *rest = _frames(width, height, frames)
    if rest:
        first.save(path, "WEBP", save_all=True, append_images=rest, duration=100)
    else:
        first.save(path, "WEBP", quality=80)


@_sample("bomb.png")
def bomb_png(path: Path, *, side: int = 30_000) -> None:
    """A few kilobytes that say, truly, that they are `side` × `side` pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    rows, row = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    body = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@_sample("cut.jpg")
def truncated_jpeg(path: Path) -> None:
    whole = io.BytesIO()
    picture(640, 480, grain=True).save(whole, "JPEG")
    path.write_bytes(whole.getvalue()[: whole.tell() // 3])


# Sound and moving pictures


def _tone(rate: int, seconds: float) -> Iterator[AudioFrame]:
    """440 Hz, mono: loud in the first half, quiet in the second."""
    total = round(rate * seconds)
    period = [sin(2 * pi * 440 * each / rate) for each in range(rate)]
    loud = array("h", [round(24_000 * each) for each in period]).tobytes()
    quiet = array("h", [round(1_500 * each) for each in period]).tobytes()
    place = 0
    while place < total:
        # A frame lies within a second and within a half, whatever those are.
        half = total // 2 if place < total // 2 else total
        count = min(960, half - place, rate - place % rate)
        source = loud if place < total // 2 else quiet
        begin = place % rate * 2
        frame = AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(
            source[begin : begin + count * 2].ljust(frame.planes[0].buffer_size, b"\0")
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, place, Fraction(1, rate)
        yield frame
        place += count


def _sound(path: Path, codec: str, rate: int, seconds: float, form: str | None = None) -> None:
    with av.open(str(path), "w", format=form) as out:
        _add_sound(out, codec, rate, seconds)


def _add_sound(out: OutputContainer, codec: str, rate: int, seconds: float) -> None:
    stream = out.add_stream(codec, rate=rate, layout="mono")
    assert isinstance(stream, av.AudioStream)
    for frame in _tone(rate, seconds):
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


@_sample("note.ogg")
def ogg_opus(path: Path, seconds: float = 2) -> None:
    """A voice note as WhatsApp has it."""
    _sound(path, "libopus", 48_000, seconds, "ogg")


@_sample("sound.wav")
def wav(path: Path, seconds: float = 2, *, rate: int = 16_000) -> None:
    _sound(path, "pcm_s16le", rate, seconds)


@_sample("song.mp3")
def mp3(path: Path, seconds: float = 2) -> None:
    _sound(path, "libmp3lame", 44_100, seconds)


@_sample("note.m4a")
def m4a(path: Path, seconds: float = 2) -> None:
    _sound(path, "aac", 44_100, seconds, "ipod")


@_sample("sound.aac")
def aac(path: Path, seconds: float = 2) -> None:
    _sound(path, "aac", 44_100, seconds, "adts")


@_sample("note.amr")
def amr(path: Path, seconds: float = 2) -> None:
    _sound(path, "libopencore_amrnb", 8_000, seconds)


SOUND_RATES = {"libopus": 48_000, "libopencore_amrnb": 8_000}


def _video(
    path: Path,
    codecs: tuple[str, str],
    seconds: float,
    sound: bool,
    form: str | None = None,
    size: tuple[int, int] = (352, 288),
    rotation: int = 0,
    bit_rate: int = 0,
) -> None:
    """Four coloured corners under a white bar that wanders. 25 frames a second, the oldest codecs
    know no fewer.
    """
    picture_codec, sound_codec = codecs
    grain = bit_rate > 0
    with av.open(str(path), "w", format=form) as out:
        stream = out.add_stream(picture_codec, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = bit_rate or 400_000
        stream.codec_context.thread_count = 1
        if rotation:
            stream.set_display_rotation(rotation)
        track, rate = None, SOUND_RATES.get(sound_codec, 44_100)
        if sound:
            track = out.add_stream(sound_codec, rate=rate, layout="mono")
        ground = picture(*size, grain=grain)
        for number in range(max(1, round(seconds * 25))):
            image = ground.rotate(180) if grain and number % 2 else ground.copy()
            at = number % 25 * size[0] // 25
            ImageDraw.Draw(image).rectangle((at, 0, at + 4, size[1]), fill=(255, 255, 255))
            frame = VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if track is not None:
            assert isinstance(track, av.AudioStream)
            for each in _tone(rate, seconds):
                out.mux(track.encode(each))
            out.mux(track.encode(None))


@_sample("clip.mp4")
def mp4(
    path: Path,
    seconds: float = 2,
    *,
    sound: bool = True,
    width: int = 352,
    height: int = 288,
    rotation: int = 0,
    bit_rate: int = 0,
) -> None:
    """`rotation`: degrees, noted as telephones do. `bit_rate`: full of grain, so that it is met."""
    size = (width, height)
    _video(path, ("libx264", "aac"), seconds, sound, None, size, rotation, bit_rate)


@_sample("long.mp4")
def long_mp4(path: Path, *, hours: float = 10) -> None:
    """A silent video that lasts for hours: a picture every five seconds."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        frame = VideoFrame.from_image(picture(320, 240)).reformat(format="yuv420p")
        for number in range(round(hours * 720) + 1):
            frame.pts, frame.time_base = number * 5_000, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@_sample("clip.webm")
def webm(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("libvpx", "libopus"), seconds, sound)


@_sample("clip.mov")
def mov(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("libx264", "aac"), seconds, sound, "mov")


@_sample("clip.avi")
def avi(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("mpeg4", "libmp3lame"), seconds, sound)


@_sample("clip.3gp")
def three_gp(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("h263", "libopencore_amrnb"), seconds, sound, "3gp")


@_sample("clip.mpeg")
def mpeg(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("mpeg1video", "mp2"), seconds, sound, "mpeg")


# Documents


@_sample("invoice.pdf")
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


@_sample("corrupt.pdf")
def corrupt_pdf(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n" + random.Random(2).randbytes(2_000))


@_sample("note.txt")
def txt(path: Path, text: str = "Grüße aus Köln, 5 €", *, encoding: str = "utf-8") -> None:
    path.write_bytes(text.encode(encoding))


@_sample("prices.csv")
def csv(path: Path) -> None:
    path.write_bytes(b"product,price\r\nTea,4.50\r\nTeapot,19.00\r\n")


@_sample("card.vcf")
def vcard(path: Path) -> None:
    path.write_text(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Silva;Ana;;;\r\nFN:Ana Silva\r\nORG:Tea\\, Pots\r\n"
        "item1.TEL;type=CELL;waid=14155550123:+1 415 555 0123\r\nEMAIL:ana@example.com\r\n"
        "NOTE:first line\\nand a lo\r\n ng one\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n",
        newline="",
    )


@_sample("letter.rtf")
def rtf(path: Path) -> None:
    path.write_bytes(
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Dear Ana,\par the \b tea\b0  costs"
        rb" 5 \u8364?; see you in K\'f6ln.\par}"
    )


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
TYPES = "application/vnd.openxmlformats-officedocument"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def _office(path: Path, types: dict[str, str], parts: dict[str, str]) -> None:
    """`types`: what each part is. The first of them is the main one."""
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{TYPES}.{kind}+xml"/>'
        for name, kind in types.items()
    )
    content = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    root = _relations(("officeDocument", next(iter(types))))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in {"[Content_Types].xml": content, "_rels/.rels": root, **parts}.items():
            package.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), HEAD + body)


@_sample("letter.docx")
def docx(path: Path, paragraphs: Sequence[str] = ("Dear Ana,", "your teapot is ready.")) -> None:
    """The paragraphs, and a table of two rows."""
    body = "".join(f"<w:p><w:r><w:t>{escape(each)}</w:t></w:r></w:p>" for each in paragraphs)
    rows = "".join(
        "<w:tr>"
        + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row)
        + "</w:tr>"
        for row in (("Tea", "4.50"), ("Teapot", "19.00"))
    )
    main = (
        f'<w:document xmlns:w="{WORD}"><w:body>{body}<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>'
        "<w:p/><w:sectPr/></w:body></w:document>"
    )
    types = {"word/document.xml": "wordprocessingml.document.main"}
    _office(path, types, {"word/document.xml": main})


@_sample("prices.xlsx")
def xlsx(path: Path) -> None:
    """Two sheets: texts shared and inline, numbers, a date, a truth value, an empty cell."""
    prices = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>Teapot</t></is></c><c r="B2"><v>19.5</v></c>'
        '<c r="D2" t="b"><v>1</v></c></row>'
        '<row r="3"><c r="A3" s="1"><v>46056</v></c><c r="B3"><v>3</v></c></row>'
    )
    notes = '<row r="1"><c r="A1" t="str"><v>from 5 € &amp; up</v></c></row>'
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in ((1, "Prices"), (2, "Notes"))
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("worksheet", "worksheets/sheet2.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}"><si><t>Product</t></si>'
        "<si><r><t>Pr</t></r><r><t>ice</t></r></si></sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{SHEET}"><fonts><font/></fonts>'
        "<fills><fill><patternFill/></fill></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}">'
        f"<sheetData>{prices}</sheetData></worksheet>",
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{SHEET}">'
        f"<sheetData>{notes}</sheetData></worksheet>",
    }
    types = {
        "xl/workbook.xml": "spreadsheetml.sheet.main",
        "xl/worksheets/sheet1.xml": "spreadsheetml.worksheet",
        "xl/worksheets/sheet2.xml": "spreadsheetml.worksheet",
        "xl/styles.xml": "spreadsheetml.styles",
        "xl/sharedStrings.xml": "spreadsheetml.sharedStrings",
    }
    _office(path, types, parts)


@_sample("talk.pptx")
def pptx(path: Path, slides: Sequence[str] = ("Spring teas", "Prices from May")) -> None:
    listed = "".join(
        f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in range(1, len(slides) + 1)
    )
    names = f'xmlns:p="{SLIDE}" xmlns:a="{DRAWING}" xmlns:r="{OFFICE}"'
    parts = {
        "ppt/presentation.xml": f"<p:presentation {names}>"
        f'<p:sldIdLst>{listed}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/>'
        '<p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": _relations(
            *(("slide", f"slides/slide{number}.xml") for number in range(1, len(slides) + 1))
        ),
    }
    types = {"ppt/presentation.xml": "presentationml.presentation.main"}
    for number, text in enumerate(slides, 1):
        name = f"ppt/slides/slide{number}.xml"
        types[name] = "presentationml.slide"
        parts[name] = (
            f'<p:sld {names}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/>'
            "<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr>"
            '<p:cNvPr id="2" name="Title"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody>'
            f"<a:bodyPr/><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody></p:sp>"
            "</p:spTree></p:cSld></p:sld>"
        )
    _office(path, types, parts)


@_sample("bomb.docx")
def bomb_docx(path: Path, *, megabytes: int = 300) -> None:
    """A few hundred kilobytes that unpack to `megabytes`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("_rels/.rels", HEAD + _relations(("officeDocument", "word/document.xml")))
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(bytes(1 << 20))


@_sample("tags.xlsx")
def sheet_bomb_xlsx(path: Path, *, names: int = 100_000, tags: int = 10_000_000) -> None:
    """A small file that lists one long sheet `names` times."""
    _tag_bomb(path, names, sheet=(b"<q/>", tags), strings=(b"<si/>", 1))


@_sample("strings.xlsx")
def string_bomb_xlsx(
    path: Path,
    *,
    strings: int = 35_000_000,
    unit: bytes = b"<si/>",
    cells: bytes = b"",
    names: int = 1,
) -> None:
    """A small file of many shared strings; `cells` are those of its one row."""
    row = b"<row>" + cells + b"</row>"
    _tag_bomb(path, names, sheet=(row, 1), strings=(unit, strings))


def _tag_bomb(
    path: Path, names: int, *, sheet: tuple[bytes, int], strings: tuple[bytes, int]
) -> None:
    listed = '<sheet name="s" r:id="rId1"/>' * names
    parts = {
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "sheet.xml"), ("sharedStrings", "strings.xml")
        ),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, body in parts.items():
            package.writestr(name, body)
        for name, (unit, count) in (("xl/sheet.xml", sheet), ("xl/strings.xml", strings)):
            with package.open(name, "w") as part:
                part.write(b"<x>")
                whole, rest = divmod(count, 100_000)
                for _ in range(whole):
                    part.write(unit * 100_000)
                part.write(unit * rest + b"</x>")


@_sample("laughs.docx")
def laughing_docx(path: Path) -> None:
    """Entities that multiply tenfold, nine times."""
    entities = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{each} "{f"&e{each - 1};" * 10}">' for each in range(1, 10)
    )
    main = (
        f'<!DOCTYPE w [{entities}]><w:document xmlns:w="{WORD}"><w:body><w:p><w:r>'
        "<w:t>&e9;</w:t></w:r></w:p></w:body></w:document>"
    )
    types = {"word/document.xml": "wordprocessingml.document.main"}
    _office(path, types, {"word/document.xml": main})


# Documents of Office 97: streams in an OLE2 file


def _ole(path: Path, streams: dict[str, bytes]) -> None:
    """A compound file of up to three streams; each is filled up to 4096 bytes, so that it lies in
    sectors of its own ([MS-CFB] 2.2).
    """
    sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    bodies = [
        body.ljust(max(4096, -(-len(body) // sector) * sector), b"\0") for body in streams.values()
    ]
    table, entries, place = [0xFFFFFFFD, end], [_entry("Root Entry", 5, end, 0, child=1)], 2
    for number, (name, body) in enumerate(zip(streams, bodies, strict=True), 1):
        right = number + 1 if number < len(streams) else free
        entries.append(_entry(name, 2, place, len(body), right=right))
        count = len(body) // sector
        table += [*range(place + 1, place + count), end]
        place += count
    entries += [_entry("", 0, 0, 0)] * (4 - len(entries))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
        + struct.pack(
            "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0
        )
        + struct.pack("<I", free) * 108
    )
    sectors = struct.pack(f"<{len(table)}I", *table).ljust(sector, b"\xff")
    path.write_bytes(header + sectors + b"".join(entries) + b"".join(bodies))


def _entry(
    name: str, kind: int, start: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    coded = name.encode("utf-16-le")
    length = len(coded) + 2 if name else 0
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HBBIII", length, kind, 1, 0xFFFFFFFF, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


@_sample("prices.xls")
def xls(path: Path) -> None:
    """One sheet, `Prices`: two texts and two numbers ([MS-XLS] BIFF8)."""

    def label(row: int, column: int, text: str) -> bytes:
        return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode())

    def number(row: int, column: int, value: float) -> bytes:
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))

    def begin(kind: int) -> bytes:
        return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))

    end = _record(0x000A, b"")
    sheet = struct.pack("<BBBB", 0, 0, 6, 0) + b"Prices"
    codepage = _record(0x0042, struct.pack("<H", 1200))
    place = len(begin(5)) + len(codepage) + 4 + 4 + len(sheet) + len(end)
    book = begin(5) + codepage + _record(0x0085, struct.pack("<I", place) + sheet) + end
    cells = label(0, 0, "Tea") + number(0, 1, 4.5) + label(1, 0, "Teapot") + number(1, 1, 19)
    _ole(path, {"Workbook": book + begin(0x10) + cells + end})


@_sample("letter.doc")
def doc(path: Path, text: str = "Dear Ana,\rthe tea costs 5 €.\r") -> None:
    """A Word 97 file: its text in one piece of UTF-16 ([MS-DOC] 2.4.1)."""
    body, at = text.encode("utf-16-le"), 0x800
    clx = b"\x02" + struct.pack("<I", 4 * 2 + 8) + struct.pack("<II", 0, len(text))
    clx += struct.pack("<HIH", 0, at, 0)
    fib = bytearray(at)
    struct.pack_into("<HH", fib, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", fib, 0x0A, 0x0200)
    struct.pack_into("<I", fib, 0x4C, len(text))
    struct.pack_into("<II", fib, 0x01A2, 0, len(clx))
    _ole(path, {"1Table": clx, "WordDocument": bytes(fib) + body})


@_sample("talk.ppt")
def ppt(path: Path, slides: Sequence[str] = ("Spring teas", "From 5 €")) -> None:
    """A PowerPoint 97 file: its texts in atoms within containers ([MS-PPT] 2.9.42)."""

    def record(version: int, kind: int, body: bytes) -> bytes:
        return struct.pack("<HHI", version, kind, len(body)) + body

    texts = b"".join(
        record(15, 0x03EE, record(15, 0xF00D, record(0, 0x0FA0, each.encode("utf-16-le"))))
        for each in slides
    )
    _ole(path, {"PowerPoint Document": record(15, 0x03E8, texts)})


# What is not what it says


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


@_sample("garbage")
def garbage(path: Path, magic: Magic) -> None:
    """The first bytes are right; nothing after them is."""
    path.write_bytes(MAGICS[magic] + random.Random(magic).randbytes(20_000))
