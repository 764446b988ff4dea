"""The lines of a PDF page: their text, where they lie, and how large their letters are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import inf
from typing import NamedTuple

from neolight.ingest.readers.pdf_glyphs import Box, Glyphs
from neolight.ingest.readers.text import clean

LEADER = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")
"""The dots of a table of contents between a heading and its page."""

_ENDS = re.compile("\r\n|\r|\n|\ufffe|\x02")
_HYPHENS = ("\ufffe", "\x02")  # PDFium puts these where a word is divided at the end of a line
_SPACE = re.compile(r"\S\s+(?=\S)")
_CELL_GAP = 0.7  # times the letter size: a wider space may divide cells of a table
_RAISED = 0.6  # times the letter size: what is moved up or down by less, and follows closely, is of the same line
_CLOSE = 0.35  # times the letter size
_WORD_GAP = 0.15  # times the letter size: a wider space divides words
_EDGE = 0.1  # of the page's height: headers and footers lie within it
_OFTEN = 0.4  # of the pages: headers and footers are on as many
_PAGE_WORDS = frozenset({"page", "p", "of", "seite", "von", "sur", "de", "第", "页", "共"})
_WORD = re.compile(r"[^\W\d_]+")
_INTEGER = re.compile(r"([0-9]{1,6})")
_MOST_NUMBERS = 5
_NUMBERED = re.compile(
    r"(?:page|seite|p\.?|第)?\s*[-–—]?\s*\d{1,4}\s*[-–—]?(?:\s*(?:/|of|von|de|页)\s*\d*)?", re.IGNORECASE
)


class Cell(NamedTuple):
    """A part of a line that may be a cell of a table: its text, where it lies, and the space before it, in points."""

    text: str
    left: float
    right: float
    gap: float = inf


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, in points from the lower left corner: `bottom` is where its letters stand, `size` their height.

    `fixed` letters are all equally wide. A line at the `edge` is near the upper or lower end of the page. One that is
    `apart` is no part of the text around it: it is turned, or a header.
    """

    text: str
    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    size: float = 0.0
    bold: bool = False
    fixed: bool = False
    apart: bool = False
    hyphen: bool = False
    cells: tuple[Cell, ...] = ()
    edge: bool = False

    @property
    def placed(self) -> bool:
        """Whether the place of the line is known and can be compared."""
        return self.size > 0 and not self.apart


def lines(glyphs: Glyphs) -> list[Line]:
    """Return the lines of a page in the order of the file."""
    found: list[Line] = []
    margin = _EDGE * (glyphs.area.top - glyphs.area.bottom)
    low, high = glyphs.area.bottom + margin, glyphs.area.top - margin
    for start, end, hyphen in _ranges(glyphs.text):
        for line in _split(glyphs, start, end):
            whole = replace(line, edge=not low < line.bottom < high)
            joined = _joined(found[-1], whole) if found else None
            if joined:
                found[-1] = joined
            else:
                found.append(whole)
        if found and hyphen:
            found[-1] = replace(found[-1], hyphen=True)
    return found


def _ranges(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of each line that PDFium tells of, and whether it ends within a word."""
    start = 0
    for match in _ENDS.finditer(text):
        yield start, match.start(), match.group() in _HYPHENS
        start = match.end()
    yield start, len(text), False


def _split(glyphs: Glyphs, start: int, end: int) -> Iterator[Line]:
    """Yield the lines that PDFium put into one: what lies wholly above or below what is before it begins a line."""
    cuts: list[int] = []
    gaps: list[tuple[int, Box, Box]] = []
    for match in _SPACE.finditer(glyphs.text, start, end):
        before, after = glyphs.box(match.start()), glyphs.box(match.end())
        if before and after:
            gaps.append((match.end(), before, after))
            if not before.beside(after):
                cuts.append(match.end())
    if cuts and not glyphs.look(cuts[0]).level:
        cuts = []
    for begin, stop in zip([start, *cuts], [*cuts, end], strict=True):
        line = _line(glyphs, begin, stop, [gap for gap in gaps if begin < gap[0] < stop])
        if line:
            yield line


def _line(glyphs: Glyphs, start: int, end: int, gaps: Sequence[tuple[int, Box, Box]]) -> Line | None:
    """The line between two characters of the text; None if it holds nothing to see."""
    raw = glyphs.text[start:end]
    text = " ".join(clean(raw).split())
    if not text:
        return None
    first = start + len(raw) - len(raw.lstrip())
    last = start + len(raw.rstrip()) - 1
    middle = next(at for at in range((first + last) // 2, last + 1) if not glyphs.text[at].isspace())
    left, right = glyphs.box(first), glyphs.box(last)
    if left is None or right is None:
        return Line(text)
    look = glyphs.look(middle)
    if not look.level or not look.size:
        return Line(text, left.left, right.right, look.baseline, look.size, apart=True)
    cells: list[Cell] = []
    begin, edge, gap = first, left.left, inf
    for at, before, after in gaps:
        if after.left - before.right > _CELL_GAP * look.size:
            cells.append(Cell(" ".join(clean(glyphs.text[begin:at]).split()), edge, before.right, gap))
            begin, edge, gap = at, after.left, after.left - before.right
    cells.append(Cell(" ".join(clean(glyphs.text[begin : last + 1]).split()), edge, right.right, gap))
    place = (left.left, right.right, look.baseline, look.size)
    return Line(text, *place, look.bold, look.fixed, cells=tuple(cells))


def _joined(last: Line, line: Line) -> Line | None:
    """Two parts of one line as it, such as a word and a raised number at it; None if they are none."""
    size = max(last.size, line.size)
    gap = line.left - last.right
    if not (last.placed and line.placed) or last.hyphen or not -_WORD_GAP * size < gap < _CLOSE * size:
        return None
    if abs(last.bottom - line.bottom) > _RAISED * size:
        return None
    space = " " if gap > _WORD_GAP * size else ""
    main = last if len(last.text) >= len(line.text) else line
    (*before, end), (begin, *after) = last.cells, line.cells
    cell = Cell(f"{end.text}{space}{begin.text}", end.left, begin.right, end.gap)
    text = f"{last.text}{space}{line.text}"
    return replace(main, text=text, left=last.left, right=line.right, cells=(*before, cell, *after))


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Leave out page numbers, and headers and footers; the first of those stays if it says what no other line does."""
    keys = [[_keys(line, number) for line in page] for number, page in enumerate(pages)]
    seen = Counter(key for page in keys for key in {key for line in page for key in line})
    often = {key for key, times in seen.items() if times >= max(2, _OFTEN * len(pages))}
    kept: list[list[Line]] = []
    told: set[str] = set()
    known = {word for page in pages for line in page if not line.edge for word in _WORD.findall(line.text.lower())}
    known |= _PAGE_WORDS
    for page, page_keys in zip(pages, keys, strict=True):
        rest: list[Line] = []
        for line, own in zip(page, page_keys, strict=True):
            number = _NUMBERED.fullmatch(line.text) and any(seen[key] > 1 for key in own)
            said = own & told or known.issuperset(_WORD.findall(line.text.lower()))
            if not (number or (own & often and said)):
                rest.append(replace(line, apart=line.apart or bool(own & often)))
        told.update(key for own in page_keys for key in own)
        kept.append(rest)
    return kept


def _keys(line: Line, page: int) -> set[str]:
    """What a line may share with lines of other pages: its place and its text, each number as it is or less the page's.

    Only lines near the edge of the page, or across it as a watermark is, share anything.
    """
    if not line.edge and not line.apart:
        return set()
    parts = _INTEGER.split(line.text.lower(), maxsplit=_MOST_NUMBERS)  # every second part is a number
    choices = [[part, f"#{int(part) - page}"] if at % 2 else [part] for at, part in enumerate(parts)]
    return {f"{round(line.bottom / 4)} {''.join(chosen)}" for chosen in product(*choices)}
