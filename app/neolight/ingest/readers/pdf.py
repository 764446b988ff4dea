"""Reads PDF files: lines with their places by PDFium, paragraphs and headings from how the lines lie."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing

import pypdfium2

from neolight.errors import UnreadableDocument
from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.pdf_glyphs import Glyphs
from neolight.ingest.readers.pdf_headings import Bookmark, levels, title
from neolight.ingest.readers.pdf_lines import Line, lines, without_furniture
from neolight.ingest.readers.pdf_paragraphs import Paragraph, Words, paragraphs
from neolight.ingest.readers.pdf_tables import tables
from neolight.models import PageSpan, ParsedDocument

MOST_PAGES = 5000

_LOCK = threading.Lock()  # PDFium is not thread-safe
_AGAIN = "Check that it opens in a PDF viewer, save it again, and upload that."
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?")
_KEYS = {"Author": "author", "Subject": "subject", "Keywords": "keywords"}
_FILE_NAME = re.compile(
    r"^Microsoft (?:Word|PowerPoint|Excel) - |\.\w{2,5}$|^(?:Book|Document|Slide) ?\d*$", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]{3}|[\u3400-\u9fff\uac00-\ud7a3]{2}")
_PLACEHOLDERS = frozenset({"(unspecified)", "(anonymous)", "untitled", "unknown"})


def read(data: bytes) -> ParsedDocument:
    """Read the text layer of a PDF.

    Raises UnreadableDocument if the file is encrypted, damaged, or has pictures of text only.
    """
    with _LOCK, _open(data) as document:
        if len(document) > MOST_PAGES:
            raise UnreadableDocument(
                f"has {len(document):,} pages; at most {MOST_PAGES:,} are read.", hint="Split it into several files."
            )
        pages = [_lines(document, number) for number in range(len(document))]
        bookmarks = list(_bookmarks(document))
        properties = document.get_metadata_dict()
    if not any(pages):
        raise UnreadableDocument(
            "has no text layer: its pages are empty, or pictures as a scanner makes them.",
            hint="Run text recognition (OCR) on it and upload the result.",
        )
    kept = without_furniture(pages)
    words = Words(kept)
    code = sum(line.fixed for page in kept for line in page) * 2 < sum(len(page) for page in kept)
    found = tables(kept, words.join)
    parts = [list(paragraphs(page, there, words, code=code)) for page, there in zip(kept, found, strict=True)]
    return _build(parts, bookmarks, properties)


def _open(data: bytes) -> pypdfium2.PdfDocument:
    """Open a PDF, or say why it cannot be opened."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableDocument("is encrypted.", hint="Remove the password and upload it again.") from error
        raise UnreadableDocument(
            "is damaged or cut short: it cannot be opened as a PDF.",
            hint=_AGAIN,
        ) from error
    return document


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[Line]:
    """The lines of a page, by its number from 0."""
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as textpage:
            return lines(Glyphs(textpage, page.get_bbox()))
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"is damaged: page {number + 1} cannot be read.", hint=_AGAIN) from error


def _bookmarks(document: pypdfium2.PdfDocument) -> Iterator[Bookmark]:
    """The entries of the file's table of contents that lead to a page."""
    for entry in document.get_toc():
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            yield Bookmark(page, entry.level + 1, entry.get_title())


def _build(
    pages: Sequence[Sequence[Paragraph]], bookmarks: Sequence[Bookmark], properties: dict[str, str]
) -> ParsedDocument:
    """Put the pages' paragraphs together."""
    blocks = Blocks()
    spans: list[PageSpan] = []
    level_of = levels(pages, bookmarks)
    for number, page in enumerate(pages):
        start: int | None = None
        for index, paragraph in enumerate(page):
            begin = blocks.add(paragraph.text, group=paragraph.group, level=level_of.get((number, index)))
            start = begin if start is None else start
        spans.append(PageSpan(number + 1, blocks.length if start is None else start, blocks.length))
    named = properties.get("Title", "").strip()
    first = next((heading.path[0] for heading in blocks.outline.headings), None)
    found = named if _is_title(named) else title(pages) or first
    metadata = {name: properties.get(key, "") for key, name in _KEYS.items()}
    metadata = {key: value for key, value in metadata.items() if value.strip().lower() not in _PLACEHOLDERS}
    metadata["date"] = _date(properties.get("CreationDate", ""))
    metadata["modified"] = _date(properties.get("ModDate", ""))
    return blocks.build("application/pdf", title=found, metadata=metadata, pages=tuple(spans))


def _is_title(named: str) -> bool:
    """Whether the title in a file's properties is one, and not what a program put there: a file name or a number."""
    unnamed = named.lower() in _PLACEHOLDERS or _FILE_NAME.search(named)
    return not unnamed and bool(_LETTERS.search(named))


def _date(value: str) -> str:
    """A PDF date such as D:20240131120000+01'00' in ISO 8601; empty if it is none."""
    found = _DATE.match(value.strip())
    if not found:
        return ""
    year, month, day, hour, minute, second, zulu, zone, zone_minutes = found.groups()
    date = "-".join(part for part in (year, month, day) if part)
    if not (day and hour):
        return date
    offset = "+00:00" if zulu else f"{zone}:{zone_minutes or '00'}" if zone else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{offset}"
