"""Finds tables among the lines of PDF pages by the columns that their cells stand in, also over several pages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import inf
from statistics import median

from neolight.ingest.readers.pdf_lines import LEADER, Cell, Line
from neolight.ingest.readers.tables import spread

_MARK = re.compile(r"(?:[•●▪■◦‣∙·–—*-]|\(?\w{1,3}[.)]|\d+(?:\.\d+)+\.?|\d+)$")
_WIDE_GAP = 1.8  # times the letter size: a space as wide divides cells wherever it is
_WRAP = 1.45  # times the letter size: the next line of the same cell is not farther down
_NEAR = 4.0  # times the letter size: the next row is not farther down
_ALIGNED = 2.0  # points


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page.

    It has the numbers of its first line and of the line after it, its columns from left to right, and its rows of
    cells, each a list of lines.
    """

    start: int
    end: int
    columns: tuple[tuple[float, float], ...]
    rows: tuple[dict[int, list[str]], ...]
    bold: bool
    """Whether its first line is."""

    def cells(self, join: Callable[[str, str], str]) -> list[list[str]]:
        """Its rows, where `join` puts the lines of one cell together."""
        columns = 1 + max(max(row) for row in self.rows)
        return [[reduce(join, row.get(column, [""])) for column in range(columns)] for row in self.rows]

    def follows(self, before: Table) -> bool:
        """Whether this, at the top of a page, goes on with what stands at the end of the page before.

        Its columns begin or end where those of the other do, and it has no bold header of its own unless the other has.
        """
        if len(self.columns) != len(before.columns) or (self.bold and not before.bold):
            return False
        pairs = zip(self.columns, before.columns, strict=True)
        return all(abs(a[0] - b[0]) <= _ALIGNED or abs(a[1] - b[1]) <= _ALIGNED for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Written:
    """A table of a page as text: the numbers of its first line and of the line after it, and a text for each row."""

    start: int
    end: int
    rows: tuple[str, ...]


def tables(pages: Sequence[Sequence[Line]], join: Callable[[str, str], str]) -> list[list[Written]]:
    """The tables of each page, in the order of its lines; `join` puts the lines of one cell together.

    A row has its cells between bars; the values of a long table have the names of their columns before them, also
    on the pages where it goes on.
    """
    chains: list[list[tuple[int, Table]]] = []
    last: Table | None = None
    for number, page in enumerate(pages):
        found = list(_found(page, last))
        for table in found:
            goes_on = table.start == 0 and last is not None and _continues(table, chains[-1], join)
            if goes_on:
                chains[-1].append((number, table))
            else:
                chains.append([(number, table)])
        last = found[-1] if found and found[-1].end == len(page) else None
    result: list[list[Written]] = [[] for _ in pages]
    for chain in chains:
        texts = spread([table.cells(join) for _, table in chain])
        for (number, table), rows in zip(chain, texts, strict=True):
            result[number].append(Written(table.start, table.end, tuple(rows)))
    return result


def _continues(table: Table, chain: Sequence[tuple[int, Table]], join: Callable[[str, str], str]) -> bool:
    """Whether a table goes on with those before it: one with a bold header goes on if that is the header it had."""
    first = chain[0][1]
    if not table.follows(chain[-1][1]):
        return False
    return not table.bold or table.cells(join)[0] == first.cells(join)[0]


def _found(lines: Sequence[Line], before: Table | None) -> Iterator[Table]:
    """Yield the tables of a page: two rows or more with two cells or more, or one row that follows the page before."""
    start = 0
    while start < len(lines):
        region = _Region(lines, start)
        table = region.table(lines, start) if region.many else None
        if table and (region.many >= 2 or (before and start == 0 and table.follows(before))):
            yield table
            start = region.end
        else:
            start += 1


class _Columns:
    """Columns from left to right, each an interval on the page's width that grows with its cells."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []

    def touched(self, cell: Cell) -> list[int]:
        """The columns that a cell is in."""
        return [at for at, (left, right) in enumerate(self.spans) if cell.left < right and cell.right > left]

    def add(self, cell: Cell) -> None:
        """Widen the cell's column, or make a new one; a cell across columns changes none."""
        touched = self.touched(cell)
        if not touched:
            self.spans.insert(bisect_left(self.spans, (cell.left, cell.right)), (cell.left, cell.right))
        elif len(touched) == 1:
            left, right = self.spans[touched[0]]
            self.spans[touched[0]] = (min(left, cell.left), max(right, cell.right))

    def parts(self, left: Cell, right: Cell) -> bool:
        """Whether a column begins where the right cell does, or ends where the left one does."""
        begins = any(abs(start - right.left) <= _ALIGNED for start, _ in self.spans)
        return begins or any(abs(end - left.right) <= _ALIGNED for _, end in self.spans)


class _Region:
    """Lines from one on that make a table, as far as they go."""

    def __init__(self, lines: Sequence[Line], start: int) -> None:
        self.columns = _Columns()
        self.many = 0  # lines with two cells or more
        self.lines: list[tuple[Line, list[Cell]]] = []
        for at in range(start, len(lines)):
            line, below = lines[at], lines[at + 1] if at + 1 < len(lines) else None
            cells = self.cells(line)
            if not (self.takes(line, cells) or (self.lines and below and self.begins_row(line, cells, below))):
                break
            for cell in cells:
                self.columns.add(cell)
            self.many += len(cells) > 1
            self.lines.append((line, cells))
        self.end = start + len(self.lines)

    def table(self, lines: Sequence[Line], start: int) -> Table:
        """The table."""
        return Table(start, self.end, tuple(self.columns.spans), tuple(self.rows()), lines[start].bold)

    def cells(self, line: Line) -> list[Cell]:
        """The cells of a line: what wide gaps divide, in such a line also narrower ones, else those beside a column."""
        several = any(_WIDE_GAP * line.size <= cell.gap < inf for cell in line.cells)
        cells: list[Cell] = []
        for cell in line.cells:
            last = cells[-1] if cells else None
            if last and not several and not self.columns.parts(last, cell):
                cells[-1] = Cell(f"{last.text} {cell.text}", last.left, cell.right, last.gap)
            else:
                cells.append(cell)
        return cells

    def takes(self, line: Line, cells: list[Cell]) -> bool:
        """Whether the table goes on with a line."""
        if not line.placed or LEADER.search(line.text):
            return False
        several = len(cells) > 1 and not (len(cells) == 2 and _MARK.match(cells[0].text))
        if not self.lines:
            return several
        last = self.lines[-1][0]
        if abs(last.bottom - line.bottom) > _NEAR * max(last.size, line.size):
            return False
        return several or (len(cells) > 1 and len(self.columns.spans) > 1) or self.continues(last, line, cells[0])

    def begins_row(self, line: Line, cells: list[Cell], below: Line) -> bool:
        """Whether a line is the first cell of a row whose other cells follow, set higher for they have more lines."""
        last = self.lines[-1][0]
        if len(cells) > 1 or not (line.placed and below.placed) or last.size != line.size:
            return False
        other = self.cells(below)[0]
        beside = self.columns.touched(cells[0]) == [0] and min(self.columns.touched(other), default=0) > 0
        near = abs(last.bottom - line.bottom) <= _NEAR * line.size
        return beside and near and below.bottom > line.bottom - _WRAP * line.size

    def continues(self, last: Line, line: Line, cell: Cell) -> bool:
        """Whether a line of one cell belongs to the row: in one column, and not a new paragraph below the table."""
        touched = self.columns.touched(cell)
        if len(touched) != 1 or line.size != last.size:
            return False
        left, right = self.columns.spans[touched[0]]
        if cell.left < left - _ALIGNED and cell.right > right + _ALIGNED:
            return False
        if touched[0]:
            return True
        step = (last.bottom - line.bottom) / line.size
        return 0 < step <= _WRAP and last.bold == line.bold and right - left >= cell.right - cell.left - line.size

    def rows(self) -> Iterator[dict[int, list[str]]]:
        """Put the lines together to rows."""
        row: dict[int, list[str]] = {}
        last_column, lowest, last_bottom = -1, 0.0, 0.0
        roomy = self.roomy()
        for line, cells in self.lines:
            column = (self.columns.touched(cells[0]) or [0])[0]
            down = (lowest - line.bottom) / line.size
            if column > last_column:
                new = down > _WRAP
            elif column == last_column:
                new = (column == 0 and len(cells) > 1) or not 0 < (last_bottom - line.bottom) / line.size <= _WRAP
            else:
                new = down > _WRAP or (column == 0 and not (roomy and down > 0.2)) or len(cells) == len(row)
            if row and new:
                yield row
                row = {}
            for cell in cells:
                last_column = (self.columns.touched(cell) or [0])[0]
                row.setdefault(last_column, []).append(cell.text)
            lowest = min(lowest, line.bottom) if not new and len(row) > len(cells) else line.bottom
            last_bottom = line.bottom
        if row:
            yield row

    def roomy(self) -> bool:
        """Whether rows are farther apart than lines within a cell, so that lines close together are one row."""
        bottoms = [(line.bottom, line.size) for line, cells in self.lines if len(cells) > 1]
        steps = [(a - b) / size for (a, size), (b, _) in pairwise(bottoms) if a > b]
        return bool(steps) and median(steps) > _WRAP + 0.1
