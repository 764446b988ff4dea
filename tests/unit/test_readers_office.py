"""Office formats: files that LibreOffice has written (tests/unit/files/make.sh), and details of each in made ones."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pptx
import pytest
from pptx.util import Inches

from neolight.errors import UnreadableDocument
from neolight.ingest.chunking import Plan
from neolight.ingest.readers import read
from neolight.models import Chunking, ParsedDocument

FILES = Path(__file__).parent / "files"
TABLE = "Part | Name | Price\nP-1 | Seal | 3.50\nP-2 | Bearing | 12"
PUMPS = (
    "Pump A-102\n\nThe pump A-102 moves coolant – größer than A-101, 泵.\n\nMaintenance\n\n- Check the seal\n"
    f"- Clean the filter\n\nThen:\n\n1. Stop\n2. Open\n\nParts\n\n{TABLE}\n\nSafety\n\nWear gloves."
)
SECTIONS = [("Pump A-102",), ("Pump A-102", "Maintenance"), ("Pump A-102", "Parts"), ("Safety",)]
ROWS = (
    "parts\n\nPart: P-1 | Name: Seal | Quantity: 4 | Price: 3.5 | Ordered: 2025-05-01\n"
    "Part: P-2 | Name: Bearing, größer, 轴承 | Quantity: 2 | Price: 12 | Ordered: 2025-05-02"
)
SLIDES = (
    "Pump review\n\nBerlin, May 2025\n\nFindings\n\n- The seal leaks\n  - Part P-1\n- The filter is clean 过滤器\n\n"
    "Notes: Order P-1 today.\n\nPrices\n\nPart | Price\nP-1 | 3.50\nP-2 | 12\n\nSlide 4\n\nNo title here"
)


def parsed(name: str) -> ParsedDocument:
    return read(name, (FILES / name).read_bytes())


def sections(document: ParsedDocument) -> list[tuple[str, ...]]:
    return [heading.path for heading in document.headings]


def assert_spans(document: ParsedDocument) -> None:
    """Headings start where their text is, and chunks and pages are pieces of the text."""
    for heading in document.headings:
        assert document.text.startswith(heading.path[-1], heading.start)
    for chunk in Plan.of(document, Chunking("structure", 40, 8), lambda text: len(text) // 4 + 1).chunks():
        assert document.text[chunk.start : chunk.end] == chunk.text
    for page, after in zip(document.pages, document.pages[1:], strict=False):
        assert page.start < page.end <= after.start


@pytest.mark.parametrize("kind", ["odt", "docx", "rtf"])
def test_a_text_as_libreoffice_writes_it(kind: str) -> None:
    document = parsed(f"pumps.{kind}")
    assert document.text == PUMPS
    assert sections(document) == SECTIONS
    assert (document.title, document.metadata["author"]) == ("Pump manual", "Ada Stone")
    assert_spans(document)


def test_a_book_as_libreoffice_writes_it() -> None:
    document = parsed("pumps.epub")  # it writes neither list marks nor the rows that name columns
    assert document.text.startswith("Pump A-102\n\nThe pump A-102 moves coolant – größer than A-101, 泵.\n\n")
    assert document.text.endswith("Parts\n\nP-1 | Seal | 3.50\nP-2 | Bearing | 12\n\nSafety\n\nWear gloves.")
    assert sections(document) == [("Pump A-102",), ("Safety",)]
    assert (document.title, document.metadata["author"]) == ("Pump manual", "Ada Stone")
    assert_spans(document)


def test_a_pdf_as_libreoffice_writes_it() -> None:
    document = parsed("pumps.pdf")
    assert document.text.startswith(
        "Pump A-102\n\nThe pump A-102 moves coolant – größer than A-101, 泵.\n\nMaintenance"
    )
    assert sections(document) == SECTIONS
    assert [(page.number, page.start, page.end) for page in document.pages] == [(1, 0, len(document.text))]
    assert_spans(document)


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_sheet_as_libreoffice_writes_it(kind: str) -> None:
    document = parsed(f"parts.{kind}")
    assert document.text == ROWS
    assert sections(document) == [("parts",)]
    assert_spans(document)


@pytest.mark.parametrize("kind", ["pptx", "odp"])
def test_slides_as_libreoffice_writes_them(kind: str) -> None:
    document = parsed(f"review.{kind}")
    assert document.text.startswith(SLIDES)
    assert sections(document) == [("Pump review",), ("Findings",), ("Prices",), ("Slide 4",)]
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert document.text[document.pages[1].start : document.pages[1].end].startswith("Findings\n")
    assert (document.title, document.metadata["author"]) == ("Pump review", "Ada Stone")
    assert_spans(document)


def test_the_values_of_a_chart_are_a_table() -> None:
    assert parsed("review.pptx").text.endswith("Leaks\n\n | Leaks\nMay | 3\nJune | 1")


def test_groups_merged_cells_and_footers_of_slides() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "in a group"
    table = slide.shapes.add_table(2, 2, 0, 0, Inches(2), Inches(1)).table
    table.cell(0, 0).merge(table.cell(0, 1))
    for row, column, text in ((0, 0, "wide"), (1, 0, "a"), (1, 1, "b")):
        table.cell(row, column).text = text
    stream = BytesIO()
    deck.save(stream)
    assert read("a.pptx", stream.getvalue()).text == "Slide 1\n\nin a group\n\nwide |\na | b"


def test_a_long_table_has_its_headers_before_each_value() -> None:
    rows = "".join(f"<tr><td>P-{at}</td><td>Seal</td><td>{at}.50</td></tr>" for at in range(60))
    document = read("a.html", f"<table><tr><th>Part<th>Name<th>Price</tr>{rows}</table>".encode())
    lines = document.text.split("\n")
    assert lines[0] == "Part: P-0 | Name: Seal | Price: 0.50"
    assert lines[-1] == "Part: P-59 | Name: Seal | Price: 59.50"
    assert len(lines) == 60


def epub(chapters: Mapping[str, str], *, extra: Mapping[str, str] | None = None) -> bytes:
    """A book as programs pack it: chapters by name, in their order."""
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book/content.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "book/content.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<dc:title>Book</dc:title><dc:creator>Me</dc:creator><dc:date>2025-01-31</dc:date></metadata>"
            f'<manifest>{items}<item id="toc" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
            f"<spine>{spine}</spine></package>",
        )
        archive.writestr(
            "book/toc.ncx",
            '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Named</text></navLabel>'
            '<content src="b%20b.xhtml#x"/></navPoint></navMap></ncx>',
        )
        for name, text in chapters.items():
            archive.writestr(f"book/{name}", text)
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
    return stream.getvalue()


def test_the_chapters_of_a_book_in_their_order() -> None:
    document = read("a.epub", epub({"b b.xhtml": "<p>first</p>", "a.xhtml": "<h1>Two</h1><h2>In</h2><p>second</p>"}))
    assert document.text == "Named\n\nfirst\n\nTwo\n\nIn\n\nsecond"
    assert sections(document) == [("Named",), ("Two",), ("Two", "In")]
    assert (document.title, document.metadata) == ("Book", {"author": "Me", "date": "2025-01-31"})
    assert_spans(document)


def test_a_book_that_is_protected_is_refused() -> None:
    rights = '<encryption xmlns:e="x"><e:CipherReference URI="book/a.xhtml"/></encryption>'
    with pytest.raises(UnreadableDocument, match=r"a\.epub is encrypted"):
        read("a.epub", epub({"a.xhtml": "<p>x</p>"}, extra={"META-INF/encryption.xml": rights}))
    fonts = rights.replace("a.xhtml", "font.otf")
    assert read("a.epub", epub({"a.xhtml": "<p>x</p>"}, extra={"META-INF/encryption.xml": fonts})).text == "x"


def test_rich_text_with_code_pages_and_unicode() -> None:
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\stylesheet{\s1\outlinelevel0 Kapitel;}{\s2 heading 2;}}"
        rb"{\info{\title Pr\'fcfung}{\author Me}{\creatim\yr2025\mo1\dy31\hr9\min5}}"
        rb"\pard\s1 Gr\'f6\'dfe\par\pard\s2 In\par\pard plain \u27893? \{x\}\par"
        rb"\trowd\pard\intbl a\cell b\par c\cell\row\trowd\pard\intbl 1\cell 2\cell\row\pard end\par}"
    )
    document = read("a.rtf", data)
    assert document.text == "Größe\n\nIn\n\nplain 泵 {x}\n\na | b c\n1 | 2\n\nend"
    assert sections(document) == [("Größe",), ("Größe", "In")]
    assert document.title == "Prüfung"
    assert document.metadata == {"author": "Me", "date": "2025-01-31T09:05:00"}
    assert_spans(document)


def message(*, html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ada Stone <ada@example.com>", "bo@example.com", "Prüfung of A-102"
    mail["Date"] = "Fri, 31 Jan 2025 12:00:00 +0100"
    mail.set_content("The seal größer leaks.\n\n> Quoted\n")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def test_an_e_mail_with_its_attachments() -> None:
    mail = message(html="<p>not used</p>")
    mail.add_attachment((FILES / "pumps.docx").read_bytes(), maintype="application", subtype="x", filename="pumps.docx")
    mail.add_attachment(b"\x00\x01", maintype="image", subtype="png", filename="a.png")
    mail.add_attachment(message())
    document = read("a.eml", mail.as_bytes())
    head = "From: Ada Stone <ada@example.com>\nTo: bo@example.com\nDate: Fri, 31 Jan 2025 12:00:00 +0100"
    body = f"Prüfung of A-102\n\n{head}\n\nThe seal größer leaks.\n\n> Quoted"
    unread = "(This attachment was not read: a.png: files of type .png are not supported: it looks like binary data.)"
    assert document.text == (
        f"{body}\n\nAttachment: pumps.docx\n\n{PUMPS}\n\nAttachment: a.png\n\n{unread}"
        f"\n\nAttachment: message.eml\n\n{body}"
    )
    assert sections(document)[:3] == [
        ("Prüfung of A-102",),
        ("Prüfung of A-102", "Attachment: pumps.docx"),
        ("Prüfung of A-102", "Attachment: pumps.docx", "Pump A-102"),
    ]
    assert document.title == "Prüfung of A-102"
    assert document.metadata["date"] == "2025-01-31T12:00:00+01:00"
    assert_spans(document)


def test_an_e_mail_of_html_only() -> None:
    mail = message()
    mail.set_content("<h1>Leak</h1><table><tr><td>a<td>b</table>", subtype="html")
    assert read("a.eml", mail.as_bytes()).text.endswith("\n\nLeak\n\na | b")


def test_what_is_no_e_mail_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match=r"a\.eml has no headers of an e-mail"):
        read("a.eml", b"just text\n\nwithout headers")


def test_a_notebook_is_its_text_its_code_and_what_it_printed() -> None:
    book = {
        "metadata": {"language_info": {"name": "python"}, "title": "Leaks", "authors": [{"name": "Me"}]},
        "cells": [
            {"cell_type": "markdown", "source": ["# Seals\n", "\n", "Of *A-102*."]},
            {
                "cell_type": "code",
                "source": "# no heading\nprint(1)",
                "outputs": [
                    {"output_type": "stream", "text": ["1\n"]},
                    {"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m: x"]},
                    {"output_type": "display_data", "data": {"image/png": "AAAA"}},
                ],
            },
            {"cell_type": "markdown", "source": "## Result\n\nNone leak."},
        ],
    }
    document = read("a.ipynb", json.dumps(book).encode())
    assert document.text == (
        "# Seals\n\nOf *A-102*.\n\n```python\n# no heading\nprint(1)\n```\n\n```text\n1\n```\n\n"
        "```text\nValueError: x\n```\n\n## Result\n\nNone leak."
    )
    assert sections(document) == [("Seals",), ("Seals", "Result")]
    assert (document.title, document.metadata) == ("Leaks", {"author": "Me", "language": "python"})


def test_xml_has_sections_records_and_prose() -> None:
    data = """<?xml version="1.0" encoding="iso-8859-1"?><!-- no --><manual version="2"><title>Pumps</title>
    <section><title>Größe</title><para>The <b>seal</b> leaks.</para><para>Twice.</para></section>
    <parts><part id="P-1"><name>Seal</name><price currency="EUR">3.50</price></part>
    <part id="P-2"><name>Cap</name></part></parts></manual>""".encode("iso-8859-1")
    document = read("a.xml", data)
    assert document.text == (
        "Pumps\n\nversion: 2\n\nGröße\n\nThe seal leaks.\n\nTwice.\n\n"
        "id: P-1\nname: Seal\nprice (currency: EUR): 3.50\n\nid: P-2\nname: Cap"
    )
    assert sections(document) == [("Pumps",), ("Pumps", "Größe")]
    assert document.title == "Pumps"
    assert_spans(document)


def test_sheets_titles_gaps_and_merged_cells(tmp_path: Path) -> None:
    import xlsxwriter  # noqa: PLC0415

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        first, second = book.add_worksheet("Stock"), book.add_worksheet("Empty")
        second.hide()
        first.write(0, 0, "Stock of May")
        for row, cells in enumerate([["Site", "Part", "Count"], ["Berlin", "P-1", 4], ["", "P-2", True]], 2):
            for column, cell in enumerate(cells):
                first.write(row, column, cell)
        first.merge_range(3, 0, 4, 0, "Berlin")
        first.write_row(7, 1, ["P-3", 7.25])
        first.write_row(9, 0, ["alone", "and plain"])
        first.write_formula(11, 0, "=1+1", None, 2)
    document = read("a.xlsx", path.read_bytes())
    assert document.text == (
        "Stock\n\nStock of May\n\nSite: Berlin | Part: P-1 | Count: 4\nSite: Berlin | Part: P-2 | Count: TRUE\n\n"
        "Part: P-3 | Count: 7.25\n\nalone | and plain\n\n2"
    )
