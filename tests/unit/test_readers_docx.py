"""Word documents, made by python-docx in the test."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import read
from neolight.models import ParsedDocument

DAMAGED = "a.docx is damaged or cut short: its Word content cannot be opened."


def saved(document: Document) -> bytes:
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def parsed(fill: Callable[[Document], Any]) -> ParsedDocument:
    document = docx.Document()
    fill(document)
    return read("a.docx", saved(document))


def append(document: Document, xml: str) -> None:
    """Put raw WordprocessingML at the end of the body."""
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(xml.replace(">", f" {nsdecls('w')}>", 1)))


def test_headings_paragraphs_and_properties() -> None:
    def fill(document: Document) -> None:
        document.add_heading("Manual", 0)
        document.add_heading("Maintenance", 1)
        paragraph = document.add_paragraph("Check the ")
        paragraph.add_run("pump").bold = True
        paragraph.add_run(".\tThen\nstop.\u00a0Wait.")
        document.add_paragraph("   ")
        document.add_heading("Sensor\ncalibration", 2)
        document.add_heading("Storage", 1)
        core = document.core_properties
        core.title, core.author, core.comments, core.keywords = "The A-102", "Me", "", "pump, sensor"
        core.created = core.modified = datetime(2025, 1, 31, 12, tzinfo=UTC)

    document = parsed(fill)
    assert (
        document.text == "Manual\n\nMaintenance\n\nCheck the pump.\tThen\nstop. Wait.\n\nSensor calibration\n\nStorage"
    )
    assert [heading.path for heading in document.headings] == [
        ("Manual",),
        ("Manual", "Maintenance"),
        ("Manual", "Maintenance", "Sensor calibration"),
        ("Manual", "Storage"),
    ]
    assert all(document.text.startswith(heading.path[-1], heading.start) for heading in document.headings)
    assert document.title == "The A-102"
    date = "2025-01-31T12:00:00+00:00"
    assert document.metadata == {"author": "Me", "date": date, "modified": date, "keywords": "pump, sensor"}


def test_an_outline_level_makes_a_heading_and_names_the_document() -> None:
    def fill(document: Document) -> None:
        document.core_properties.title = ""
        append(document, '<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>By outline</w:t></w:r></w:p>')
        style = document.styles.add_style("Chapter", 1)
        style.base_style = document.styles["Heading 1"]
        document.add_paragraph("By style", style="Chapter")

    document = parsed(fill)
    assert [heading.path for heading in document.headings] == [("By outline",), ("By style",)]
    assert document.title == "By outline"


def test_lists_keep_their_depth_and_numbers() -> None:
    def fill(document: Document) -> None:
        for style in ("List Bullet", "List Bullet 2", "List Number", "List Number", "List Number 2"):
            document.add_paragraph(style, style=style)
        document.add_paragraph("between")
        document.add_paragraph("goes on", style="List Number")

    assert parsed(fill).text == (
        "- List Bullet\n- List Bullet 2\n1. List Number\n2. List Number\n1. List Number 2\n\nbetween\n\n3. goes on"
    )


def test_headings_that_word_numbers_have_their_numbers() -> None:
    def fill(document: Document) -> None:
        numbering = document.part.numbering_part.element
        levels = "".join(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for level, form, text in ((0, "decimal", "%1"), (1, "decimal", "%1.%2"), (2, "lowerRoman", "(%3)"))
        )
        abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>')
        numbering.insert(0, abstract)
        num = f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'
        numbering.append(parse_xml(num))
        for level, text in enumerate(("Heading 1", "Heading 2")):
            number = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'
            document.styles[text].element.get_or_add_pPr().append(parse_xml(number))
        for text, level in (("Safety", 1), ("Operation", 1), ("Start", 2), ("Stop", 2), ("Storage", 1)):
            document.add_heading(text, level)
        item = '<w:pPr><w:numPr><w:ilvl w:val="2"/><w:numId w:val="77"/></w:numPr></w:pPr>'
        for text in ("one", "two"):
            append(document, f"<w:p>{item}<w:r><w:t>{text}</w:t></w:r></w:p>")

    assert (
        parsed(fill).text
        == "1 Safety\n\n2 Operation\n\n2.1 Start\n\n2.2 Stop\n\n3 Storage\n\n    (i) one\n    (ii) two"
    )


def test_tables_are_rows_in_document_order() -> None:
    def fill(document: Document) -> None:
        document.add_paragraph("before")
        table = document.add_table(3, 3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
        table.cell(0, 2).text = "two\nlines"
        table.cell(1, 1).add_table(1, 2).cell(0, 0).text = "inner"
        document.add_table(1, 2).cell(0, 0).text = "second"
        document.add_paragraph("after")

    assert parsed(fill).text == "before\n\nwide | two lines\n | inner |\n\nsecond |\n\nafter"


def test_content_controls_links_and_insertions_are_read_and_deletions_not() -> None:
    def fill(document: Document) -> None:
        append(document, "<w:sdt><w:sdtContent><w:p><w:r><w:t>control</w:t></w:r></w:p></w:sdtContent></w:sdt>")
        append(
            document,
            '<w:p><w:r><w:t xml:space="preserve">kept </w:t></w:r><w:ins w:id="1" w:author="a"><w:r>'
            '<w:t>new</w:t></w:r></w:ins><w:del w:id="2" w:author="a"><w:r><w:delText>old</w:delText></w:r></w:del>'
            '<w:hyperlink><w:r><w:t xml:space="preserve"> link</w:t></w:r></w:hyperlink></w:p>',
        )

    assert parsed(fill).text == "control\n\nkept new link"


def test_cut_and_damaged_files_are_refused() -> None:
    document = docx.Document()
    document.add_paragraph("text " * 1000)
    data = saved(document)
    without = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(without, "w") as target:
        for entry in source.infolist():
            if entry.filename != "word/document.xml":
                target.writestr(entry, source.read(entry))
    start = data.index(b"word/document.xml") + 200
    broken = data[:start] + b"\x00" * 300 + data[start + 300 :]
    for bad in (data[:20], data[: len(data) // 2], data[:-30], broken, without.getvalue()):
        with pytest.raises(UnreadableDocument) as caught:
            read("a.docx", bad)
        assert caught.value.message == DAMAGED
        assert caught.value.hint == "Open it in Word, save it again, and upload that."


def test_a_document_without_text_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match=r"a\.docx holds no text\."):
        parsed(lambda document: document.add_paragraph(" "))


def test_other_archives_are_named() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(UnreadableDocument, match=r"it looks like an Excel workbook \(\.xlsx\)\."):
        read("a.docx", stream.getvalue())


def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 20_000_000)
    with pytest.raises(UnreadableDocument) as caught:
        read("a.docx", stream.getvalue())
    assert caught.value.message.startswith("a.docx unpacks from ")
    assert caught.value.message.endswith(" to 20,000,000 bytes, which is not safe to open.")
    assert caught.value.hint == "Remove large embedded content, or save it as PDF, and upload it again."
