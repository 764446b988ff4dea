"""Reads PDF and office files by docling, where it is installed and chosen: analysis of layout, text recognition."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from neolight.errors import UnreadableDocument
from neolight.ingest.readers.blocks import Blocks
from neolight.models import PageSpan, ParsedDocument

_HINT = "Check that it opens in its program, or set NEOLIGHT_READER_PARSER=builtin."
_NO_IMPORT = "Raise NEOLIGHT_READER_MEMORY_MB to 8192, or set NEOLIGHT_READER_PARSER=builtin."
_NO_MODELS = (
    "Run `docling-tools models download -o FOLDER` where there is a network, and set DOCLING_ARTIFACTS_PATH to that "
    "folder; or set NEOLIGHT_READER_PARSER=builtin."
)
_LISTS = frozenset({"list", "ordered_list"})


def read(name: str, data: bytes, media_type: str) -> ParsedDocument:
    """Read a file by docling; raises UnreadableDocument if it cannot."""
    try:
        # fmt: off
        from docling.datamodel.base_models import DocumentStream  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
        from docling.document_converter import DocumentConverter  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
        from docling.exceptions import ConversionError  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
        # fmt: on
    except ImportError as error:  # what a limit of memory looks like when a library is loaded
        raise UnreadableDocument(
            f"cannot be read: docling could not be loaded ({str(error)[:120]}).", hint=_NO_IMPORT
        ) from error
    try:
        result = DocumentConverter().convert(DocumentStream(name=name, stream=BytesIO(data)))
    except ConversionError as error:
        raise UnreadableDocument(f"cannot be read by docling: {str(error)[:200]}.", hint=_HINT) from error
    except OSError as error:
        raise UnreadableDocument(
            "cannot be read: docling's models for this kind of file are not on this machine, and could not be fetched.",
            hint=_NO_MODELS,
        ) from error
    return written(result.document, media_type)


def written(document: Any, media_type: str) -> ParsedDocument:
    """Write a docling document as text: headings by their level, lists, tables with their headers, page by page."""
    blocks = Blocks()
    pages: list[PageSpan] = []
    for item, _ in document.iterate_items():
        start = _write(blocks, document, item)
        number = item.prov[0].page_no if getattr(item, "prov", None) else None
        if start is None or number is None:
            continue
        if pages and pages[-1].number >= number:
            pages[-1] = PageSpan(pages[-1].number, pages[-1].start, blocks.length)
        else:
            pages.append(PageSpan(number, start, blocks.length))
    first = next((heading.path[-1] for heading in blocks.outline.headings), None)
    return blocks.build(media_type, title=first, pages=tuple(pages))


def _write(blocks: Blocks, document: Any, item: Any) -> int | None:
    """Write one item; return where it starts, or None for one without text: pictures, whose captions are items."""
    label = str(getattr(item.label, "value", item.label))
    if label == "table":
        rows = [[cell.text for cell in row] for row in item.data.grid]
        named = bool(rows) and all(cell.column_header for cell in item.data.grid[0])
        return blocks.table(rows, header=True if named else None)
    text = getattr(item, "text", "")
    if label in {"title", "section_header"}:
        return blocks.add(text, level=0 if label == "title" else item.level)
    if label == "list_item":
        mark = item.marker if item.enumerated and item.marker else "-"
        return blocks.add(f"{'  ' * max(0, _lists(document, item) - 1)}{mark} {text}", group=1)
    return blocks.add(text)


def _lists(document: Any, item: Any) -> int:
    """How many lists an item is in."""
    count = 0
    while parent := getattr(item, "parent", None):
        item = parent.resolve(document)
        label = getattr(item, "label", "")
        count += str(getattr(label, "value", label)) in _LISTS
    return count
