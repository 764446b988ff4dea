"""Turns the rows of a table into lines: a short one as it is, a long one with its headers before each value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LONG = 800  # characters: a longer table does not fit one passage, and a passage without its headers says little
_LONGEST_LABEL = 80
_VALUE = re.compile(r"[-+(]?[\d.,:/\s%€$£¥T+Z()-]*\d[\d.,:/\s%€$£¥T+Z()-]*")
_DIVIDER = " | "


def lines(rows: Sequence[Sequence[str]], *, header: bool | None = None, labelled: bool | None = None) -> Iterator[str]:
    """Yield a line for each row that has text.

    Args:
        rows: the cells of each row, in order; a cell is put on one line.
        header: whether the first row names the columns; None to tell by how it looks.
        labelled: whether each value is to have its column's name before it; None to do so in long tables.
    """
    tidied = [tuple(" ".join(cell.split()) for cell in row) for row in rows]
    kept = [row for row in tidied if any(row)]
    named = has_header(kept) if header is None else header and len(kept) > 1
    long = sum(len(cell) + len(_DIVIDER) for row in kept for cell in row) > _LONG if labelled is None else labelled
    if not (named and long):
        yield from (_DIVIDER.join(row).rstrip() for row in kept)
        return
    labels = [cell[:_LONGEST_LABEL] for cell in kept[0]]
    yield from (labelled_row(labels, row) for row in kept[1:])


def spread(parts: Sequence[Sequence[Sequence[str]]]) -> Iterator[list[str]]:
    """Yield the lines of each part of a table that goes on over several pages: the first part names the columns of all.

    A header that is repeated on top of a later part is left out.
    """
    tidied = [[row for row in ([" ".join(cell.split()) for cell in row] for row in part) if any(row)] for part in parts]
    named = has_header([row for part in tidied for row in part])
    header = tidied[0][0] if named else None
    kept = [tidied[0], *(part[1:] if header and part[:1] == [header] else part for part in tidied[1:])]
    size = sum(len(cell) + len(_DIVIDER) for part in kept for row in part for cell in row)
    if header is None or size <= _LONG:
        yield from ([_DIVIDER.join(row).rstrip() for row in part] for part in kept)
        return
    labels = [cell[:_LONGEST_LABEL] for cell in header]
    kept[0] = kept[0][1:]
    yield from ([labelled_row(labels, row) for row in part] for part in kept)


def labelled_row(labels: Sequence[str], row: Sequence[str]) -> str:
    """A row as `label: value` between bars; empty cells are left out, a column without a name has its value only.

    A row of another number of cells, such as one with merged cells, has its values only: which column each is in is
    not known.
    """
    if len(row) != len(labels):
        return _DIVIDER.join(row)
    pairs = zip(labels, row, strict=True)
    return _DIVIDER.join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: short words, each once, none of them a number or a date."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    first = rows[0]
    names = [cell for cell in first if cell]
    full = len(names) >= max(2, len(first) - 1) and len(first) >= len(rows[1]) - 1
    return full and len(set(names)) == len(names) and not any(map(is_value, names))


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or too long for the name of a column."""
    return len(cell) > _LONGEST_LABEL or bool(_VALUE.fullmatch(cell))
