"""PDF files, made by reportlab in the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import pdf, read
from neolight.models import ParsedDocument

STYLES = getSampleStyleSheet()
BODY = STYLES["BodyText"]
LONG = (
    "Relieve the pressure before you open the head of the pump, and keep the valve closed while you work on it. "
    "The reading of the gauge must be stable for a minute before the technician confirms it with the button. "
)
DAMAGED = "a.pdf is damaged or cut short: it cannot be opened as a PDF."


def drawn(*pages: Callable[[Canvas], object], **options: Any) -> bytes:
    """A file whose pages are drawn by functions."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=A4, **options)
    for draw in pages:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def lines(*texts: str, left: float = 72, top: float = 700, step: float = 12) -> Callable[[Canvas], object]:
    """A page with a line below the other."""

    def draw(canvas: Canvas) -> None:
        for number, text in enumerate(texts):
            canvas.drawString(left, top - step * number, text)

    return draw


def flowed(story: Sequence[Flowable], page: Callable[[Canvas, object], None] | None = None) -> ParsedDocument:
    """A file that reportlab lays out."""
    stream = BytesIO()
    template = SimpleDocTemplate(stream, title="", author="", creator="", subject="")
    more: dict[str, Any] = {"onFirstPage": page, "onLaterPages": page} if page else {}
    template.build(list(story), **more)
    return read("a.pdf", stream.getvalue())


def test_a_file_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = drawn(lines("one"), lines("two"))
    assert len(read("a.pdf", data).pages) == 2
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    with pytest.raises(UnreadableDocument) as caught:
        read("a.pdf", data)
    assert caught.value.message == "a.pdf has 2 pages; at most 1 are read."
    assert caught.value.hint == "Split it into several files."


def test_lines_become_paragraphs_and_pages_have_spans() -> None:
    first, second, third = LONG * 2, LONG * 3, LONG
    document = flowed([Paragraph(first, BODY), Paragraph(second, BODY), PageBreak(), Paragraph(third, BODY)])
    parts = [first.strip(), second.strip(), third.strip()]
    assert document.text == "\n\n".join(parts)
    assert [(page.number, document.text[page.start : page.end]) for page in document.pages] == [
        (1, f"{parts[0]}\n\n{parts[1]}"),
        (2, parts[2]),
    ]


def test_headings_by_size_by_bold_type_and_by_number() -> None:
    bold = ParagraphStyle("bold", BODY, fontName="Helvetica-Bold")
    texts = [
        ("Service Manual", ParagraphStyle("title", STYLES["Title"], fontSize=24)),
        ("5 Maintenance", STYLES["Heading1"]),
        (LONG, BODY),
        ("5.3 Sensor calibration", BODY),
        (LONG, BODY),
        ("3.5 mm of play is the limit that is allowed for the drive.", BODY),
        ("Tools", bold),
        (LONG, BODY),
        ("6 Storage", STYLES["Heading1"]),
        (LONG, BODY),
    ]
    document = flowed([Paragraph(text, style) for text, style in texts])
    assert [heading.path for heading in document.headings] == [
        ("Service Manual",),
        ("Service Manual", "5 Maintenance"),
        ("Service Manual", "5 Maintenance", "5.3 Sensor calibration"),
        ("Service Manual", "5 Maintenance", "5.3 Sensor calibration", "Tools"),
        ("Service Manual", "6 Storage"),
    ]
    assert all(document.text.startswith(heading.path[-1], heading.start) for heading in document.headings)
    assert document.title == "Service Manual"


def test_bookmarks_name_the_headings() -> None:
    def draw(canvas: Canvas) -> None:
        lines("1 Scope", "", LONG[:80], "", "Tools", "", LONG[:80], "", "Not in the outline", "", LONG[:80])(canvas)
        for title, level in (("Scope", 0), ("Tools", 1)):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title, title, level)

    document = read("a.pdf", drawn(draw))
    assert [heading.path for heading in document.headings] == [("1 Scope",), ("1 Scope", "Tools")]


def test_properties_and_dates() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle("The A-102")
        canvas.setAuthor("Me")
        canvas.setSubject("Pumps")
        lines("text")(canvas)

    document = read("a.pdf", drawn(draw, invariant=1))
    assert document.title == "The A-102"
    assert document.metadata == {
        "author": "Me",
        "subject": "Pumps",
        "date": "2000-01-01T00:00:00+00:00",
        "modified": "2000-01-01T00:00:00+00:00",
    }


def test_words_divided_at_the_end_of_a_line() -> None:
    page = lines(
        "A calibra-",
        "tion of the self-",
        "contained sensor in the COVID-",
        "19 year was a well-",
        "known matter. Every self and every contained matter counts",
        "here, and so does what is well known and what one has known.",
    )
    assert read("a.pdf", drawn(page)).text.startswith(
        "A calibration of the self-contained sensor in the COVID-19 year was a well-known matter. Every self"
    )


def test_list_items_stay_lines() -> None:
    page = lines(
        "You need:", "", "• a gauge", "• a hand pump with a hose that is long enough for the", "   valve", "1. Start"
    )
    assert read("a.pdf", drawn(page)).text == (
        "You need:\n\n• a gauge\n• a hand pump with a hose that is long enough for the valve\n1. Start"
    )


def test_rows_of_a_table_and_cells_of_several_lines() -> None:
    rows = [
        ["Code", "Meaning", "Remedy"],
        ["E-12", Paragraph("Supply voltage is out of range or was lost", BODY), "Check the supply"],
        ["E-45", "Signal drifts", Paragraph("Calibrate the sensor as the section 5.3 says", BODY)],
        ["E-61", "", "Replace the encoder"],
    ]
    table = Table(rows, colWidths=[60, 130, 130])
    document = flowed([Paragraph(LONG, BODY), table, Paragraph(LONG, BODY)])
    assert document.text == "\n\n".join(
        [
            LONG.strip(),
            "Code | Meaning | Remedy\n"
            "E-12 | Supply voltage is out of range or was lost | Check the supply\n"
            "E-45 | Signal drifts | Calibrate the sensor as the section 5.3 says\n"
            "E-61 |  | Replace the encoder",
            LONG.strip(),
        ]
    )


PARTS = [["Part", "Name", "Price"], *([f"P-{at:03}", f"Seal kit of size {at}", f"{at}.50"] for at in range(120))]
BOLD = TableStyle([("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")])


@pytest.mark.parametrize("repeated", [0, 1], ids=["header once", "header on every page"])
@pytest.mark.parametrize("style", [None, BOLD], ids=["plain", "bold"])
def test_a_table_over_several_pages_has_its_headers_in_every_row(repeated: int, style: TableStyle | None) -> None:
    table = Table(PARTS, colWidths=[60, 160, 80], repeatRows=repeated, style=style)
    document = flowed([Paragraph(LONG, BODY), table, Paragraph(LONG, BODY)])
    rows = [f"Part: P-{at:03} | Name: Seal kit of size {at} | Price: {at}.50" for at in range(120)]
    assert document.text.split("\n\n") == [LONG.strip(), "\n".join(rows), LONG.strip()]
    assert len(document.pages) == 4
    for page in document.pages:
        assert document.text[page.start : page.end].strip() in document.text
    second = document.pages[1]
    assert document.text[second.start :].startswith("Part: P-03"), "what is on a page is told by its rows"


def test_one_row_that_is_left_for_the_next_page_is_a_row() -> None:
    at = (72.0, 172.0, 272.0)

    def row(canvas: Canvas, top: float, *cells: str) -> None:
        for left, cell in zip(at, cells, strict=True):
            canvas.drawString(left, top, cell)

    def first(canvas: Canvas) -> None:
        for number, cells in enumerate(PARTS[:40]):
            row(canvas, 760 - 18 * number, *cells)

    document = read("a.pdf", drawn(first, lambda canvas: row(canvas, 760, *PARTS[40])))
    assert document.text.endswith("\nPart: P-039 | Name: Seal kit of size 39 | Price: 39.50")
    alone = read("a.pdf", drawn(lines("No table here."), lambda canvas: row(canvas, 760, *PARTS[40])))
    assert "Part:" not in alone.text


def test_two_tables_on_two_pages_keep_their_own_headers() -> None:
    people = [["Name", "Town", "Age"], *([f"Ada {at}", "Kiel", str(30 + at)] for at in range(40))]
    parts = Table(PARTS[:40], colWidths=[60, 160, 80], style=BOLD)
    for other in (Table(people, colWidths=[60, 160, 80], style=BOLD), Table(people, colWidths=[150, 90, 50])):
        text = flowed([parts, PageBreak(), other]).text
        assert "Part: P-038 | Name: Seal kit of size 38 | Price: 38.50\n" in text
        assert "Name: Ada 0 | Town: Kiel | Age: 30\n" in text
        assert "Part: Ada" not in text


def test_lines_of_a_program_stay_lines() -> None:
    code = ParagraphStyle("code", BODY, fontName="Courier")
    story = [Paragraph(LONG * 3, BODY), Paragraph("for pump in pumps:<br/>pump.stop()", code), Paragraph(LONG, BODY)]
    assert "\n\nfor pump in pumps:\npump.stop()\n\n" in flowed(story).text


def test_headers_footers_and_page_numbers_are_left_out() -> None:
    def page(canvas: Canvas, _template: object) -> None:
        canvas.drawString(72, 800, "A-102 Manual, confidential")
        canvas.drawString(72, 30, f"Page {canvas.getPageNumber()} of 4")
        canvas.drawString(500, 30, str(canvas.getPageNumber() + 10))

    story: list[Flowable] = []
    for name in ("one", "two", "three", "four"):
        story += [Paragraph(f"Part {name}. {LONG}", BODY), PageBreak()]
    document = flowed(story, page)
    assert document.text.count("confidential") == 1  # says what no other line does
    assert "of 4" not in document.text
    assert "12" not in document.text
    assert document.text.count("Part ") == 4
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert document.text[document.pages[2].start :].startswith("Part three. ")


def test_numbers_that_differ_otherwise_are_no_page_numbers() -> None:
    pages = [lines(f"Invoice {number}", "", LONG[:60], top=820) for number in (7001, 7450, 7022)]
    text = read("a.pdf", drawn(*pages)).text
    assert all(f"Invoice {number}" in text for number in (7001, 7450, 7022))


def test_chinese_lines_are_joined_without_a_space() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def draw(canvas: Canvas) -> None:
        canvas.setFont("STSong-Light", 12)
        lines("传感器校准程序要求温度稳定。操作员必须", "记录所有数值，包括𠀀。", step=15)(canvas)

    assert read("a.pdf", drawn(draw)).text == "传感器校准程序要求温度稳定。操作员必须记录所有数值，包括𠀀。"


def test_empty_pages_keep_their_numbers() -> None:
    document = read("a.pdf", drawn(lambda canvas: None, lines("one"), lambda canvas: None, lines("two")))
    assert document.text == "one\n\ntwo"
    assert [(page.number, page.start, page.end) for page in document.pages] == [
        (1, 0, 0),
        (2, 0, 3),
        (3, 3, 3),
        (4, 5, 8),
    ]


def test_turned_text_does_not_disturb() -> None:
    def draw(canvas: Canvas) -> None:
        lines("First line of the text that is written here and goes on", "in the second line.")(canvas)
        canvas.rotate(90)
        canvas.drawString(300, -30, "Draft")

    assert sorted(read("a.pdf", drawn(draw)).text.split("\n\n")) == [
        "Draft",
        "First line of the text that is written here and goes on in the second line.",
    ]


def test_raised_and_lowered_letters_stay_in_their_line() -> None:
    story = [Paragraph("The bicarbonate HCO<sub>3</sub><super>-</super> of the sample rises. " + LONG, BODY)]
    assert flowed(story).text.startswith("The bicarbonate HCO3- of the sample rises. Relieve")


def test_a_turned_page_is_read_like_any_other() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(595, 0)
        canvas.rotate(90)
        lines("Relieve the pressure before you open the head of the", "pump.", "", "Part", "P-128", left=50, top=500)(
            canvas
        )
        for row, (name, stock) in enumerate((("Name", "Stock"), ("Valve", "10"))):
            canvas.drawString(150, 464 - 12 * row, name)
            canvas.drawString(250, 464 - 12 * row, stock)

    text = read("a.pdf", drawn(draw)).text
    assert text.startswith("Relieve the pressure before you open the head of the pump.\n\n")
    assert "Name | Stock\nValve | 10" in text


def test_columns_of_numbers_need_no_wide_gaps() -> None:
    def draw(canvas: Canvas) -> None:
        rows = [("Year", "Revenue", "Cost"), ("2024", "1,234,567", "234,567"), ("2025", "22,234,567", "1,234,567")]
        for number, row in enumerate(rows):
            for right, text in zip((100, 190, 245), row, strict=True):
                canvas.drawRightString(right, 600 - 14 * number, text)

    assert read("a.pdf", drawn(draw)).text == (
        "Year | Revenue | Cost\n2024 | 1,234,567 | 234,567\n2025 | 22,234,567 | 1,234,567"
    )


def test_the_name_of_a_file_is_no_title() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle("Microsoft Word - final_v7.docx")
        canvas.setFont("Helvetica", 24)
        canvas.drawString(72, 750, "Purchasing Policy")
        canvas.setFont("Helvetica", 10)
        lines(LONG[:90], LONG[:80], LONG[:85])(canvas)

    assert read("a.pdf", drawn(draw)).title == "Purchasing Policy"


def test_files_can_be_read_in_many_threads() -> None:
    files = [drawn(*[lines(f"Page {number} of file {file}") for number in range(3)]) for file in range(8)]

    def text(data: bytes) -> str:
        return read("a.pdf", data).text

    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(text, files * 3))
    assert texts == [text(data) for data in files] * 3


def test_an_encrypted_file_is_refused() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read("a.pdf", drawn(lines("secret"), encrypt="password"))
    assert caught.value.message == "a.pdf is encrypted."
    assert caught.value.hint == "Remove the password and upload it again."


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_cut_file_is_refused(part: float) -> None:
    data = drawn(*[lines(LONG) for _ in range(5)])
    with pytest.raises(UnreadableDocument) as caught:
        read("a.pdf", data[: int(part * len(data))])
    assert caught.value.message == DAMAGED
    assert caught.value.hint == "Check that it opens in a PDF viewer, save it again, and upload that."


def test_a_scan_is_refused_with_the_way_out() -> None:
    picture = ImageReader(Image.new("RGB", (20, 20), "white"))
    with pytest.raises(UnreadableDocument) as caught:
        read("a.pdf", drawn(lambda canvas: canvas.drawImage(picture, 72, 72)))
    assert caught.value.message == "a.pdf has no text layer: its pages are empty, or pictures as a scanner makes them."
    assert caught.value.hint == "Run text recognition (OCR) on it and upload the result."
