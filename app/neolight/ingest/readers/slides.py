"""Reads PowerPoint presentations (.pptx): a page for each slide, with its lists, tables, charts and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pptx
from pptx.enum.shapes import PP_PLACEHOLDER

from neolight.ingest.readers import package
from neolight.ingest.readers.blocks import Blocks
from neolight.models import PageSpan, ParsedDocument

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FURNITURE = frozenset({PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.SLIDE_NUMBER})
_TITLES = frozenset({PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE})
_LISTS = frozenset({PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY})
_DEEPEST = 50


def read(data: bytes) -> ParsedDocument:
    """Read a presentation; raises UnreadableDocument if it is damaged or would unpack to too much."""
    blocks = Blocks()
    pages: list[PageSpan] = []
    try:
        with package.opened(data) as archive:
            metadata = dict(package.properties(archive, "docProps/core.xml"))
        for number, slide in enumerate(pptx.Presentation(BytesIO(data)).slides, 1):
            start = blocks.add(_title(slide) or f"Slide {number}", level=1)
            _write(blocks, slide)
            pages.append(PageSpan(number, blocks.length if start is None else start, blocks.length))
    except package.ERRORS as error:
        raise package.damaged("PowerPoint", "PowerPoint") from error
    first = next((heading.path[-1] for heading in blocks.outline.headings), None)
    named = metadata.pop("title", None)
    return blocks.build(
        _MEDIA_TYPE, title=named if named != "PowerPoint Presentation" else first, metadata=metadata, pages=tuple(pages)
    )


def _title(slide: Any) -> str:
    """The title of a slide; empty without one."""
    found = (shape for shape in slide.placeholders if shape.placeholder_format.type in _TITLES)
    return next((text for shape in found if (text := " ".join(shape.text_frame.text.split()))), "")


def _write(blocks: Blocks, slide: Any) -> None:
    """Write what is on a slide below its title, then its diagrams and notes."""
    titled = False
    for shape in _shapes(slide.shapes, 0):
        kind = shape.placeholder_format.type if shape.is_placeholder else None
        if kind in _TITLES and not titled and shape.text_frame.text.strip():
            titled = True
        elif kind not in _FURNITURE:
            _shape(blocks, shape, listed=kind in _LISTS)
    for relation in slide.part.rels.values():
        if not relation.is_external and relation.reltype.endswith("/diagramData"):
            root = package.xml(relation.target_part.blob)
            texts = ("".join(part.text or "" for part in one.iter(f"{_DRAWING}t")) for one in root.iter(f"{_DRAWING}p"))
            blocks.add("\n".join(f"- {text}" for text in texts if text.strip()))
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if frame is not None and frame.text.strip():
        blocks.add(f"Notes: {frame.text}")


def _shapes(shapes: Any, depth: int) -> Iterator[Any]:
    """The shapes in their order, those of groups among them."""
    for shape in shapes:
        if hasattr(shape, "shapes") and depth < _DEEPEST:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _shape(blocks: Blocks, shape: Any, *, listed: bool) -> None:
    """Write one shape: a table, a chart, a list or paragraphs."""
    if getattr(shape, "has_table", False):
        table = shape.table
        rows = [["" if cell.is_spanned else cell.text_frame.text for cell in row.cells] for row in table.rows]
        blocks.table(rows, header=True if table.first_row else None)
    elif getattr(shape, "has_chart", False):
        _chart(blocks, shape.chart)
    elif shape.has_text_frame:
        paragraphs = [one for one in shape.text_frame.paragraphs if one.text.strip()]
        if listed and len(paragraphs) > 1:
            blocks.add("\n".join(f"{'  ' * one.level}- {' '.join(one.text.split())}" for one in paragraphs))
        else:
            blocks.add("\n".join(one.text.replace("\v", "\n") for one in paragraphs))


def _chart(blocks: Blocks, chart: Any) -> None:
    """Write a chart as the table that it shows: a row for each category, a column for each series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        blocks.add(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        names = [str(one) for one in plot.categories]
        values: list[Sequence[Any]] = [list(series.values) for series in plot.series]
        rows = [["", *(series.name for series in plot.series)]]
        for at, name in enumerate(names):
            cells = (column[at] if at < len(column) else None for column in values)
            rows.append([name, *("" if cell is None else f"{cell:.15g}" for cell in cells)])
        blocks.table(rows, header=True)
