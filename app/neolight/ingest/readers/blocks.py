"""Puts a text together from its blocks, and tidies what a file says about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import tables
from neolight.ingest.readers.outline import Outline
from neolight.ingest.readers.text import clean
from neolight.models import PageSpan, ParsedDocument

MOST_CHARACTERS = 50_000_000
"""Characters of a document's text: far above any book, and what a statement to Neo4j can still hold."""

_FIXED_SPACES = {ord(space): " " for space in "\u00a0\u2007\u202f"}


class Blocks:
    """A text that grows by blocks: a blank line between them, a line end between lines of one list or table."""

    def __init__(self) -> None:
        self.outline = Outline()
        self._parts: list[str] = []
        self._length = 0
        self._group = 0

    @property
    def length(self) -> int:
        """Characters so far."""
        return self._length

    def add(self, text: str, *, group: int = 0, level: int | None = None) -> int | None:
        """Append a block and return where it starts, or None for an empty one.

        Equal groups above 0 stay together, a level makes the block a heading.
        """
        text = clean(text).translate(_FIXED_SPACES).strip("\n").rstrip()
        if not text.strip():
            return None
        if self._parts:
            self._append("\n" if group and group == self._group else "\n\n")
        self._group = group
        start = self._length
        if level is not None:
            text = " ".join(text.split())
            self.outline.add(start, level, text)
        self._append(text)
        return start

    def table(
        self, rows: Sequence[Sequence[str]], *, header: bool | None = None, labelled: bool | None = None
    ) -> int | None:
        """Append the rows of a table, as `tables.lines` writes them, and return where they start; None for none."""
        return self.add("\n".join(tables.lines(rows, header=header, labelled=labelled)))

    def include(self, other: ParsedDocument, *, level: int = 0, name: str = "") -> None:
        """Append another document's text with its headings, below the given level; `name` heads one without."""
        if not other.text.strip():
            return
        if name and not other.headings and not other.text.startswith(name):
            self.add(name, level=level + 1)
        if self._parts:
            self._append("\n\n")
        start, self._group = self._length, 0
        if name and not other.headings and other.text.startswith(name):
            self.outline.add(start, level + 1, name)
        for heading in other.headings:
            self.outline.add(start + heading.start, level + len(heading.path), heading.path[-1])
        self._append(other.text)

    def build(
        self,
        media_type: str,
        *,
        title: str | None = None,
        metadata: Mapping[str, str] | None = None,
        pages: tuple[PageSpan, ...] = (),
    ) -> ParsedDocument:
        """Return the document; empty metadata are left out."""
        return ParsedDocument(
            text="".join(self._parts),
            media_type=media_type,
            title=tidy(title),
            pages=pages,
            headings=tuple(self.outline.headings),
            metadata=tidy_all(metadata or {}),
        )

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        check_length(self._length)


def check_length(characters: int) -> None:
    """Refuse a text that is too long. Raises UnreadableDocument."""
    if characters > MOST_CHARACTERS:
        raise UnreadableDocument(
            f"holds more than {MOST_CHARACTERS:,} characters of text.", hint="Split it into several files."
        )


def tidy(value: str | None) -> str | None:
    """Put a value on one line without control characters; None if nothing is left."""
    return " ".join(clean(value).split()) or None if value else None


def tidy_all(metadata: Mapping[str, str | None]) -> dict[str, str]:
    """Tidy every value of the metadata and leave out the empty ones."""
    return {key: value for key, raw in metadata.items() if (value := tidy(raw))}
