"""Documents of Office: parts in an archive, and archives made to burst."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from media.samples.making import sample

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


@sample("letter.docx")
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


@sample("prices.xlsx")
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


@sample("talk.pptx")
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


@sample("bomb.docx")
def bomb_docx(path: Path, *, megabytes: int = 300) -> None:
    """A few hundred kilobytes that unpack to `megabytes`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("_rels/.rels", HEAD + _relations(("officeDocument", "word/document.xml")))
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(bytes(1 << 20))


@sample("tags.xlsx")
def sheet_bomb_xlsx(path: Path, *, names: int = 100_000, tags: int = 10_000_000) -> None:
    """A small file that lists one long sheet `names` times."""
    _tag_bomb(path, names, sheet=(b"<q/>", tags), strings=(b"<si/>", 1))


@sample("strings.xlsx")
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


@sample("laughs.docx")
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
