"""Writes the PDF and DOCX documents of the sample company from their sources, byte for byte the same every time.

Run it as ``python samples/make.py`` or, to write elsewhere, ``python samples/make.py FOLDER``.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as DocxTable
from docx.table import _Cell as DocxCell
from docx.text.paragraph import Paragraph as DocxParagraph
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    ListFlowable,
    ListItem,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
DOCUMENTS = HERE / "documents"

COMPANY = {"en": "Halden Pumpworks", "zh": "哈尔登泵业"}
PAGE = {"en": "Page {}", "zh": "第 {} 页"}
NAVY = "#12355B"
TEAL = "#1F7A8C"
BAND = "#F1F5F8"
RULE = "#C9D4DD"

FIGURE = re.compile(r"[+-]?[\d.,]+ ?%?$")
ZIP_TIME = (2025, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Run:
    """A stretch of text in one weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a note, a list or a table; every line or cell is a row of runs."""

    kind: str
    level: int = 0
    runs: tuple[Run, ...] = ()
    rows: tuple[tuple[tuple[Run, ...], ...], ...] = ()


@dataclass(frozen=True)
class Source:
    """A source file: its front matter and its blocks."""

    meta: dict[str, str]
    blocks: tuple[Block, ...]

    @property
    def language(self) -> str:
        """The language code, en or zh."""
        return self.meta["language"]

    @property
    def day(self) -> datetime:
        """The date of the document, at noon."""
        return datetime.fromisoformat(self.meta["date"] + "T12:00:00")


# Reading a source


def read_source(path: Path) -> Source:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    meta = dict(line.split(": ", 1) for line in head.strip().splitlines())
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(body))
    return Source(meta, tuple(_block(node, joiner="" if meta["language"] == "zh" else " ") for node in tree.children))


def _block(node: SyntaxTreeNode, joiner: str) -> Block:
    if node.type == "heading":
        return Block("heading", int(node.tag[1:]), _runs(node, joiner))
    if node.type == "paragraph":
        return Block("paragraph", runs=_runs(node, joiner))
    if node.type == "blockquote":
        return Block("note", runs=_runs(node.children[0], joiner))
    if node.type in {"bullet_list", "ordered_list"}:
        items = tuple((_runs(item.children[0], joiner),) for item in node.children)
        return Block(node.type, rows=items)
    if node.type == "table":
        rows = (row for part in node.children for row in part.children)
        return Block("table", rows=tuple(tuple(_runs(cell, joiner) for cell in row.children) for row in rows))
    raise ValueError(f"a sample source holds a {node.type}, which is not written")


def _runs(node: SyntaxTreeNode, joiner: str) -> tuple[Run, ...]:
    parts = groupby(_inline(node, joiner, bold=False), key=lambda run: run.bold)
    return tuple(Run("".join(run.text for run in runs), bold) for bold, runs in parts)


def _inline(node: SyntaxTreeNode, joiner: str, *, bold: bool) -> Iterator[Run]:
    for child in node.children:
        if child.type == "softbreak":
            yield Run(joiner, bold)
        elif child.children:
            yield from _inline(child, joiner, bold=bold or child.type == "strong")
        elif child.content:
            yield Run(child.content, bold)


def _plain(runs: tuple[Run, ...]) -> str:
    return "".join(run.text for run in runs)


# PDF


class _PdfStyles:
    """The paragraph styles of one document."""

    def __init__(self, language: str) -> None:
        chinese = language == "zh"
        regular, bold = ("STSong-Light", "STSong-Light") if chinese else ("Helvetica", "Helvetica-Bold")
        self.regular, self.bold, self.chinese = regular, bold, chinese
        wrap = {"wordWrap": "CJK"} if chinese else {}
        self.body = ParagraphStyle(
            "body", fontName=regular, fontSize=10, leading=17 if chinese else 14.2, spaceAfter=6, **wrap
        )
        self.lead = ParagraphStyle("lead", self.body, keepWithNext=1)
        self.item = ParagraphStyle("item", self.body, spaceAfter=2.5)
        self.note = ParagraphStyle("note", self.body, spaceAfter=0)
        self.cell = ParagraphStyle("cell", self.body, fontSize=9, leading=13 if chinese else 11.6, spaceAfter=0)
        self.right = ParagraphStyle("right", self.cell, alignment=TA_RIGHT)
        self.head = ParagraphStyle("head", self.cell, fontName=bold, textColor=colors.white)
        self.head_right = ParagraphStyle("head-right", self.head, alignment=TA_RIGHT)
        self.headings = {
            1: ParagraphStyle(
                "h1",
                self.body,
                keepWithNext=1,
                fontName=bold,
                fontSize=15,
                leading=19,
                spaceBefore=13,
                spaceAfter=6,
                textColor=NAVY,
            ),
            2: ParagraphStyle(
                "h2",
                self.body,
                keepWithNext=1,
                fontName=bold,
                fontSize=11.5,
                leading=15,
                spaceBefore=8,
                spaceAfter=4,
                textColor=TEAL,
            ),
        }

    def markup(self, runs: tuple[Run, ...]) -> str:
        return "".join(
            f"<b>{escape(run.text)}</b>" if run.bold and not self.chinese else escape(run.text) for run in runs
        )


class _Heading(Paragraph):
    """A heading that also stands in the outline of the PDF."""

    def __init__(self, block: Block, styles: _PdfStyles) -> None:
        self.level, self.label = block.level, _plain(block.runs)
        super().__init__(styles.markup(block.runs), styles.headings[block.level])

    def draw(self) -> None:
        self.canv.bookmarkPage(self.label)
        self.canv.addOutlineEntry(self.label, self.label, level=self.level - 1)
        super().draw()


def write_pdf(source: Source) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    styles = _PdfStyles(source.language)
    out = BytesIO()
    template = BaseDocTemplate(
        out,
        pagesize=A4,
        invariant=1,
        pageCompression=0,
        title=f"{source.meta['title']} – {source.meta['subtitle']}",
        author=source.meta["author"],
        subject=source.meta["number"],
        lang=source.language,
    )
    width = A4[0] - 44 * mm
    first = Frame(22 * mm, 20 * mm, width, A4[1] - 74 * mm, 0, 0, 0, 0)
    later = Frame(22 * mm, 20 * mm, width, A4[1] - 44 * mm, 0, 0, 0, 0)

    def banner(canvas: Canvas, _: BaseDocTemplate) -> None:
        _draw_banner(canvas, source, styles)
        _draw_footer(canvas, source, styles)

    def running(canvas: Canvas, _: BaseDocTemplate) -> None:
        _draw_running_head(canvas, source, styles)
        _draw_footer(canvas, source, styles)

    template.addPageTemplates(
        [
            PageTemplate("first", [first], onPage=banner, autoNextPageTemplate="later"),
            PageTemplate("later", [later], onPage=running),
        ]
    )
    template.build([flowable for block in source.blocks for flowable in _pdf_block(block, styles, width)])
    return out.getvalue()


def _draw_banner(canvas: Canvas, source: Source, styles: _PdfStyles) -> None:
    top = A4[1]
    canvas.setFillColor(NAVY)
    canvas.rect(0, top - 46 * mm, A4[0], 46 * mm, stroke=0, fill=1)
    canvas.setFillColor(TEAL)
    canvas.rect(0, top - 47.6 * mm, A4[0], 1.6 * mm, stroke=0, fill=1)
    canvas.setFillColor(colors.white)
    canvas.setFont(styles.bold, 10)
    canvas.drawString(22 * mm, top - 13 * mm, COMPANY[source.language])
    canvas.setFont(styles.bold, 21)
    canvas.drawString(22 * mm, top - 26 * mm, source.meta["title"])
    canvas.setFont(styles.regular, 12)
    canvas.drawString(22 * mm, top - 34 * mm, source.meta["subtitle"])
    canvas.setFont(styles.regular, 9)
    canvas.drawString(22 * mm, top - 41 * mm, f"{source.meta['number']}, {source.meta['date']}")


def _draw_running_head(canvas: Canvas, source: Source, styles: _PdfStyles) -> None:
    canvas.setFillColor(colors.HexColor("#5B6B7A"))
    canvas.setFont(styles.regular, 8)
    canvas.drawString(22 * mm, A4[1] - 15 * mm, f"{source.meta['title']}: {source.meta['subtitle']}")
    canvas.setStrokeColor(RULE)
    canvas.line(22 * mm, A4[1] - 17.5 * mm, A4[0] - 22 * mm, A4[1] - 17.5 * mm)


def _draw_footer(canvas: Canvas, source: Source, styles: _PdfStyles) -> None:
    canvas.setFillColor(colors.HexColor("#5B6B7A"))
    canvas.setFont(styles.regular, 8)
    canvas.drawString(22 * mm, 11 * mm, source.meta["author"])
    canvas.drawRightString(A4[0] - 22 * mm, 11 * mm, PAGE[source.language].format(canvas.getPageNumber()))


def _pdf_block(block: Block, styles: _PdfStyles, width: float) -> list[Flowable]:
    if block.kind == "heading":
        return [_Heading(block, styles)]
    if block.kind == "paragraph":
        leads_on = _plain(block.runs).endswith((":", "："))
        return [Paragraph(styles.markup(block.runs), styles.lead if leads_on else styles.body)]
    if block.kind == "note":
        return [_pdf_note(block, styles, width), Spacer(1, 7)]
    if block.kind == "table":
        return [_pdf_table(block, styles, width)]
    return [_pdf_list(block, styles), Spacer(1, 5)]


def _pdf_note(block: Block, styles: _PdfStyles, width: float) -> Flowable:
    note = Table([[Paragraph(styles.markup(block.runs), styles.note)]], colWidths=[width])
    note.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), colors.HexColor("#FDF3E1")),
                ("LINEBEFORE", (0, 0), (0, -1), 3, colors.HexColor("#D98E04")),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
            ]
        )
    )
    return note


def _pdf_list(block: Block, styles: _PdfStyles) -> Flowable:
    ordered = block.kind == "ordered_list"
    return ListFlowable(
        [ListItem(Paragraph(styles.markup(line), styles.item)) for (line,) in block.rows],
        bulletType="1" if ordered else "bullet",
        bulletFormat="%s." if ordered else None,
        bulletFontName="Helvetica",
        bulletFontSize=10 if ordered else 9,
        start=None if ordered else "•",
        leftIndent=16,
    )


def _pdf_table(block: Block, styles: _PdfStyles, width: float) -> Flowable:
    figures = _figure_columns(block)
    cells: list[list[Flowable]] = []
    for index, row in enumerate(block.rows):
        left, right = (styles.cell, styles.right) if index else (styles.head, styles.head_right)
        cells.append(
            [Paragraph(styles.markup(cell), right if column in figures else left) for column, cell in enumerate(row)]
        )
    table = Table(cells, colWidths=_column_widths(block, width), repeatRows=1, spaceBefore=3, spaceAfter=10)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor(NAVY)),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, colors.HexColor(BAND)]),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, colors.HexColor(RULE)),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 3.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4.5),
            ]
        )
    )
    return table


# Both


def _figure_columns(block: Block) -> frozenset[int]:
    """The columns that hold nothing but figures below their head."""
    columns = range(1, len(block.rows[0]))
    return frozenset(column for column in columns if all(FIGURE.match(_plain(row[column])) for row in block.rows[1:]))


def _column_widths(block: Block, width: float) -> list[float]:
    """Share the width by the longest cell of every column, within bounds, so that no code or date is broken."""
    longest = [max(len(_plain(row[column])) for row in block.rows) for column in range(len(block.rows[0]))]
    shares = [min(max(length, 9), 36) ** 0.8 for length in longest]
    return [width * share / sum(shares) for share in shares]


# DOCX

_KEPT_STYLES = frozenset(
    {"Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "List Bullet", "Header", "Footer", "Table Grid",
     "Default Paragraph Font", "Normal Table", "No List"}
)  # fmt: skip


def write_docx(source: Source) -> bytes:
    document = Document()
    _prepare(document, source)
    document.add_paragraph(source.meta["title"], style="Title")
    document.add_paragraph(source.meta["subtitle"], style="Subtitle")
    document.add_paragraph(f"{source.meta['number']}, {source.meta['date']}, {source.meta['author']}")
    for block in source.blocks:
        _docx_block(document, block)
    out = BytesIO()
    document.save(out)
    return _repack(out.getvalue())


def _prepare(document: DocxDocument, source: Source) -> None:
    _slim(document)
    for name, size, colour in (("Normal", 10.5, None), ("Title", 24, NAVY), ("Subtitle", 13, TEAL),
                               ("Heading 1", 15, NAVY), ("Heading 2", 12, TEAL)):  # fmt: skip
        font = document.styles[name].font
        font.name, font.size = "Calibri", Pt(size)
        if colour:
            font.color.rgb = RGBColor.from_string(colour[1:])
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    section.footer.paragraphs[0].text = f"{COMPANY[source.language]}, {source.meta['number']}"
    core = document.core_properties
    core.title, core.subject = source.meta["title"], source.meta["subtitle"]
    core.author = core.last_modified_by = source.meta["author"]
    core.identifier, core.language = source.meta["number"], source.language
    core.created = core.modified = core.last_printed = source.day
    core.comments, core.keywords, core.revision = "", "", 1


def _slim(document: DocxDocument) -> None:
    """Leave out what the template brings along and no sample uses: table designs, a thumbnail, form data."""
    for style in list(document.styles):
        if style.name not in _KEPT_STYLES:
            style.delete()
    for element in list(document.styles.element.iter(qn("w:latentStyles"), qn("w:link"))):
        element.getparent().remove(element)
    for part in (document.part, document.part.package):
        for key, relation in list(part.rels.items()):
            if relation.reltype.rsplit("/", 1)[1] in {"stylesWithEffects", "customXml", "thumbnail"}:
                del part.rels[key]


def _docx_block(document: DocxDocument, block: Block) -> None:
    if block.kind == "heading":
        document.add_heading(_plain(block.runs), block.level)
    elif block.kind == "table":
        _docx_table(document, block)
    elif block.kind == "bullet_list":
        for (line,) in block.rows:
            _docx_runs(document.add_paragraph(style="List Bullet"), line)
    elif block.kind == "paragraph":
        _docx_runs(document.add_paragraph(), block.runs)
    else:
        raise ValueError(f"a DOCX sample holds a {block.kind}, which is not written")


def _docx_runs(paragraph: DocxParagraph, runs: tuple[Run, ...]) -> None:
    for run in runs:
        paragraph.add_run(run.text).bold = run.bold or None


def _docx_table(document: DocxDocument, block: Block) -> None:
    table: DocxTable = document.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths, figures = _column_widths(block, 166), _figure_columns(block)
    for column, share in zip(table.columns, widths, strict=True):
        column.width = Mm(round(share))
    for index, row in enumerate(block.rows):
        for column, (cell, runs) in enumerate(zip(table.rows[index].cells, row, strict=True)):
            cell.width = Mm(round(widths[column]))
            _docx_cell(cell, runs, head=index == 0, right=column in figures)
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _docx_cell(cell: DocxCell, runs: tuple[Run, ...], *, head: bool, right: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else None
    paragraph.paragraph_format.space_after = Pt(1)
    _docx_runs(paragraph, runs)
    for run in paragraph.runs:
        run.font.size = Pt(9)
        if head:
            run.bold = True
            run.font.color.rgb = RGBColor(255, 255, 255)
    if head:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), NAVY[1:])
        cell._tc.get_or_add_tcPr().append(shade)


def _repack(data: bytes) -> bytes:
    """Write the archive again without compression and without the time of day, so that its bytes never vary."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()


# Everything

_WRITERS = {".pdf": write_pdf, ".docx": write_docx}


def build(folder: Path) -> list[Path]:
    """Write every generated document into the folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for path in sorted(SOURCES.glob("*.md")):
        source = read_source(path)
        target = folder / source.meta["file"]
        target.write_bytes(_WRITERS[target.suffix](source))
        written.append(target)
    return written


if __name__ == "__main__":
    for made in build(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS):
        print(f"{made.stat().st_size:>7} bytes  {made}")
