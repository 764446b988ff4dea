"""The structure of a document: its sections, small ones joined with their neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from neolight.ingest.chunking.pack import SMALL
from neolight.ingest.chunking.units import HEADING, PIECE, Cutter, Unit
from neolight.models import ParsedDocument

CRUMB = 0.1
"""Of the budget: a section below it also joins the one before it, or one above the budget."""


class _Section(NamedTuple):
    """The text under one heading, up to the next."""

    path: tuple[str, ...]
    units: list[Unit]
    tokens: int
    page: int | None
    bare: bool = False  # nothing but the heading

    def joined(self, other: _Section) -> _Section:
        """This section and the next as one; bare if both are."""
        units, tokens = self.units + other.units, self.tokens + other.tokens
        return _Section(self.path or other.path, units, tokens, self.page, self.bare and other.bare)


def regions(cutter: Cutter, document: ParsedDocument, page: Callable[[int], int | None]) -> list[list[Unit]]:
    """The units of a document in runs that are packed together: sections, or several small ones."""
    return list(_regions(_headed(_sections(cutter, document, page)), cutter.tokens))


def _sections(cutter: Cutter, document: ParsedDocument, page: Callable[[int], int | None]) -> Iterator[_Section]:
    """Yield the text before the first heading and under each, without the empty ones."""
    text, headings = document.text, sorted(document.headings, key=lambda heading: heading.start)
    starts = [0, *(heading.start for heading in headings), len(text)]
    paths = [(), *(heading.path for heading in headings)]
    for path, (start, end) in zip(paths, pairwise(starts), strict=True):
        if units := list(cutter.units(start, end)):
            bare = bool(path) and "\n" not in text[start:end].strip()
            units[-1] = units[-1]._replace(level=HEADING)
            units[0] = units[0]._replace(level=PIECE) if path else units[0]  # nothing ends with a heading
            yield _Section(path, units, sum(unit.tokens for unit in units), page(start), bare)


def _headed(sections: Iterable[_Section]) -> Iterator[_Section]:
    """Join each heading that has no text of its own with the section below it."""
    held: _Section | None = None
    for section in sections:
        below = held is not None and section.path[: len(held.path)] == held.path
        if held and not below:
            yield held
        whole = held.joined(section) if held and below else section
        held = whole if section.bare else None
        if not section.bare:
            yield whole
    if held:
        yield held


def _regions(sections: Iterable[_Section], tokens: int) -> Iterator[list[Unit]]:
    """Join small sections with the one after them under the same parent; what is joined is packed together."""
    joined: _Section | None = None
    for section in sections:
        together = joined is not None and _belongs(joined, section, tokens)
        if joined and not together:
            yield joined.units
        joined = joined.joined(section) if joined and together else section
    if joined:
        yield joined.units


def _belongs(joined: _Section, section: _Section, tokens: int) -> bool:
    """Whether a section goes on with what is joined so far: related, small, and in one chunk or too long for any.

    Sections that begin on different pages stay apart, so that the page of a chunk is that of the sections in it.
    """
    related = section.path[: len(joined.path)] == joined.path or section.path[:-1] == joined.path[:-1]
    if not related or section.page != joined.page:
        return False
    size = joined.tokens + section.tokens
    if joined.tokens < SMALL * tokens:
        return size <= tokens or (section.tokens > tokens and joined.tokens < CRUMB * tokens)
    return section.tokens < CRUMB * tokens and 2 * size <= tokens
