"""Puts the lines of a PDF page together to paragraphs, list items and rows of tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from neolight.ingest.readers import numbering
from neolight.ingest.readers.pdf_lines import LEADER, Line
from neolight.ingest.readers.pdf_tables import Written

_ITEM = re.compile(r"(?:[•●▪■◦‣∙·–—*-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s")
_ENDED = re.compile(r"[.!?:;。！？：；][\"'”’»)\]」』）]*$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_WIDE = re.compile("[\u2e80-\u30ff\u31c0-\u9fff\uf900-\ufaff\uff01-\uff65]")

_COLUMN = 3  # times the letter size: lines of a column begin no farther apart
_WIDER = 1.25  # times the usual distance of lines: a wider one parts paragraphs

ROWS, ITEMS, CODE = 1, 2, 3
"""Groups of paragraphs that stay together: rows of a table, items of a list, lines of a program."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: its text, its lines, and the group that it is in (0 for none)."""

    text: str
    lines: tuple[Line, ...]
    group: int = 0

    @property
    def size(self) -> float:
        """Letter size in points."""
        return self.lines[0].size

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(line.bold for line in self.lines)


class Words:
    """The words of a document, to tell whether a divided word has its hyphen by nature."""

    def __init__(self, pages: Iterable[Sequence[Line]]) -> None:
        self._known: set[str] = set()
        for page in pages:
            divided = False
            for line in page:
                words = _WORD.findall(line.text.lower())
                self._known.update(words[divided : len(words) - line.hyphen])
                divided = line.hyphen

    def join(self, left: str, right: str, *, marked: bool = False) -> str:
        """Join two lines: with a space, without one between Chinese characters, or where a word was divided."""
        if marked or re.search(r"[^\W\d_][-\u2010]$", left):
            return self._divided(left.rstrip("-\u2010"), right)
        if _WIDE.match(left[-1:]) and _WIDE.match(right):
            return left + right
        return f"{left} {right}"

    def _divided(self, left: str, right: str) -> str:
        """Join the halves of a word; its hyphen stays if the document writes it so, or writes both halves alone."""
        tail = re.search(r"[^\W_]+$", left)
        head = re.match(r"[^\W_]+", right)
        first, second = tail.group().lower() if tail else "", head.group().lower() if head else ""
        if first + second in self._known:
            return left + right
        if not first or not right[:1].islower() or left[-1:].isupper():
            return f"{left}-{right}"
        natural = f"{first}-{second}" in self._known or {first, second} <= self._known
        return f"{left}-{right}" if natural else left + right


def paragraphs(
    lines: Sequence[Line], tables: Sequence[Written], words: Words, *, code: bool = True
) -> Iterator[Paragraph]:
    """Yield the paragraphs of a page from its lines and the tables among them, in their order.

    With `code`, lines of equally wide letters are those of a program, and stay lines.
    """
    page = _Page(lines, code=code)
    position = 0
    for table in tables:
        yield from _prose(lines[position : table.start], words, page)
        for text in table.rows:
            yield Paragraph(text, tuple(lines[table.start : table.end]), ROWS)
        position = table.end
    yield from _prose(lines[position:], words, page)


def _prose(lines: Sequence[Line], words: Words, page: _Page) -> Iterator[Paragraph]:
    """Yield the paragraphs of lines between tables."""
    current: list[Line] = []
    for line in lines:
        if current and page.parts(current, line):
            yield _paragraph(current, words, page)
            current = []
        current.append(line)
    if current:
        yield _paragraph(current, words, page)


class _Page:
    """What is usual on a page: the distance of its lines, and how far to the right they go."""

    def __init__(self, lines: Sequence[Line], *, code: bool) -> None:
        self.code = code
        pairs = [(a, b) for a, b in pairwise(lines) if a.placed and b.placed and a.size == b.size]
        steps = [(a.bottom - b.bottom) / a.size for a, b in pairs if 0.5 < (a.bottom - b.bottom) / a.size < 2.2]
        self.step = median(steps) if steps else 1.2
        self.placed = [line for line in lines if line.placed]
        sizes: Counter[float] = Counter()
        for line in self.placed:
            sizes[line.size] += len(line.text)
        self.size = sizes.most_common(1)[0][0] if sizes else 0.0
        self.lengths = median(len(line.text) for line in lines) if lines else 0
        self._rights: dict[int, float] = {}

    def parts(self, before: list[Line], line: Line) -> bool:
        """Whether a paragraph ends before a line."""
        last = before[-1]
        if _ITEM.match(line.text) or LEADER.search(last.text) or (self.code and last.fixed):
            return True
        if not (last.placed and line.placed):
            return self.parts_unplaced(last, line)
        if last.size != line.size or (last.bold != line.bold and self.alone(before, line)):
            return True
        if line.size > 1.1 * self.size and numbering.depth(line.text):
            return True
        step = (last.bottom - line.bottom) / line.size
        if step < 0:
            return bool(_ENDED.search(last.text)) and not last.hyphen
        return step > _WIDER * self.step or self.indented(before, line) or self.short(last, line)

    def parts_unplaced(self, last: Line, line: Line) -> bool:
        """The same where places are not known: a short line that ends a sentence ends the paragraph."""
        if last.apart or line.apart:
            return True
        return bool(_ENDED.search(last.text)) and len(last.text) < 0.8 * self.lengths

    def alone(self, before: list[Line], line: Line) -> bool:
        """Whether bold stands apart from what is not, and does not merely begin or end within a paragraph."""
        bold = all(part.bold for part in before)
        return (bold and not line.bold and self.short(before[-1], line)) or (line.bold and self.ended(before[-1]))

    def ended(self, line: Line) -> bool:
        """Whether a line ends a sentence."""
        return bool(_ENDED.search(line.text))

    def indented(self, before: list[Line], line: Line) -> bool:
        """Whether a line is the indented first line of a new paragraph."""
        last = before[-1]
        if _ITEM.match(before[0].text) or not self.ended(last):
            return False
        return 0.8 * line.size < line.left - last.left < 6 * line.size

    def short(self, last: Line, line: Line) -> bool:
        """Whether the first word of a line had still fitted on the line before, which so was the last of its text."""
        if last.hyphen:
            return False
        word = 1 if _WIDE.match(line.text) else len(line.text.split(" ", 1)[0]) + 1
        letter = (line.right - line.left) / max(1, len(line.text))
        room = self.right(last) - last.right
        return room > word * letter + 1.5 * last.size

    def right(self, line: Line) -> float:
        """How far the lines that begin about where this one does go to the right."""
        key = round(line.left / 10)
        if key not in self._rights:
            reach = _COLUMN * line.size
            rights = sorted((other.right for other in self.placed if abs(other.left - line.left) < reach), reverse=True)
            self._rights[key] = rights[len(rights) // 8]  # a few lines go across columns
        return self._rights[key]


def _paragraph(lines: list[Line], words: Words, page: _Page) -> Paragraph:
    """Join lines to a paragraph."""
    text = lines[0].text
    for before, line in pairwise(lines):
        text = words.join(text, line.text, marked=before.hyphen)
    if lines[-1].hyphen:
        text += "-"
    if LEADER.search(text):
        return Paragraph(text, tuple(lines), ROWS)
    if page.code and lines[0].fixed:
        return Paragraph(text, tuple(lines), CODE)
    return Paragraph(text, tuple(lines), ITEMS if _ITEM.match(text) else 0)
