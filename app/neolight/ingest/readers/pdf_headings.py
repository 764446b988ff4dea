"""Finds the headings of a PDF: by its bookmarks, else by letter size, bold type and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from neolight.ingest.readers.numbering import depth, ends_open, telling, unnumbered
from neolight.ingest.readers.pdf_lines import LEADER
from neolight.ingest.readers.pdf_paragraphs import Paragraph

_SENTENCE = re.compile(r"[，。；？！]|[.;!?] |, [a-z]")
_LETTERS = re.compile(r"[^\W\d_]{2}|[\u3400-\u9fff]")
_MOST_CHARACTERS = 160
_MOST_NUMBERED = 90
_MOST_LINES = 3

Place: TypeAlias = tuple[int, int]
"""A paragraph's page and its number on the page, both from 0."""


class Bookmark(NamedTuple):
    """An entry of the file's table of contents: page from 0, level from 1, title."""

    page: int
    level: int
    title: str


def levels(pages: Sequence[Sequence[Paragraph]], bookmarks: Sequence[Bookmark]) -> Mapping[Place, int]:
    """Return the level of each paragraph that is a heading, from 1 for the outermost."""
    found = _by_bookmarks(pages, bookmarks)
    if len(found) >= 2 and 2 * len(found) >= len(bookmarks):
        return found
    return _by_looks(pages)


def title(pages: Sequence[Sequence[Paragraph]]) -> str | None:
    """Return the largest text of the first page, or None if no text there is larger than the document's usual one."""
    texts = (paragraph for paragraph in pages[0] if _LETTERS.search(paragraph.text)) if pages else ()
    large = max(texts, key=lambda paragraph: paragraph.size, default=None)
    if large is None or large.size < 1.2 * _body(pages) or len(large.text) > _MOST_CHARACTERS:
        return None
    return large.text


def _body(pages: Sequence[Sequence[Paragraph]]) -> float:
    """The letter size that most of the text has, in points."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for paragraph in page:
            sizes[paragraph.size] += len(paragraph.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _by_bookmarks(pages: Sequence[Sequence[Paragraph]], bookmarks: Sequence[Bookmark]) -> dict[Place, int]:
    """The paragraphs that say what a bookmark to their page says."""
    found: dict[Place, int] = {}
    for bookmark in bookmarks:
        wanted = _bare(bookmark.title)
        page = pages[bookmark.page] if 0 <= bookmark.page < len(pages) else ()
        for index, paragraph in enumerate(page):
            place = (bookmark.page, index)
            if wanted and place not in found and len(paragraph.text) < 300 and _bare(paragraph.text) == wanted:
                found[place] = bookmark.level
                break
    return found


def _bare(text: str) -> str:
    """A heading without its number, case and spaces."""
    return re.sub(r"[\W_]+", "", unnumbered(text.strip())).lower()


def _by_looks(pages: Sequence[Sequence[Paragraph]]) -> dict[Place, int]:
    """The paragraphs that look like headings; larger letters are outer, then shorter numbers."""
    body = _body(pages)
    bold = sum(len(paragraph.text) for page in pages for paragraph in page if paragraph.bold)
    mostly_bold = bold * 4 > sum(len(paragraph.text) for page in pages for paragraph in page)
    keys: dict[Place, tuple[float, int]] = {}
    for number, page in enumerate(pages):
        for index, paragraph in enumerate(page):
            key = _key(paragraph, body, mostly_bold=mostly_bold)
            if key is not None:
                keys[number, index] = key
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys.values())), start=1)}
    return {place: ranks[key] for place, key in keys.items()}


def _key(paragraph: Paragraph, body: float, *, mostly_bold: bool) -> tuple[float, int] | None:
    """How far out a heading is, smallest first; None for what is no heading."""
    text = paragraph.text
    if paragraph.group or paragraph.lines[0].apart or not body or not _may_be(text, len(paragraph.lines)):
        return None
    level = depth(text)
    if paragraph.size >= max(1.08 * body, body + 0.9):
        return -paragraph.size, level or 1
    if paragraph.bold and not mostly_bold and paragraph.size >= 0.95 * body and not _SENTENCE.search(text):
        return -body, level or 9
    short = len(paragraph.lines) == 1 and len(text) <= _MOST_NUMBERED and not _SENTENCE.search(text)
    return (-body, level) if level and short and telling(text) else None


def _may_be(text: str, lines: int) -> bool:
    """Whether a text could be a heading by its length, its end and its letters."""
    if len(text) > _MOST_CHARACTERS or lines > _MOST_LINES or ends_open(text):
        return False
    return not LEADER.search(text) and bool(_LETTERS.search(text))
