"""Reads tables of delimited text (.csv, .tsv): each row with the names of its columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from io import StringIO
from itertools import chain, islice

from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.tables import has_header, labelled_row
from neolight.ingest.readers.text import clean, decode
from neolight.models import ParsedDocument

_DELIMITERS = ",;\t|"
_SAMPLE = 50  # rows
_DECLARED = re.compile(r"sep=(.)\n")  # the first line that Excel writes and reads


def read_csv(data: bytes) -> ParsedDocument:
    """Read values that commas, semicolons, tabs or bars divide."""
    text = clean(decode(data))
    declared = _DECLARED.match(text)
    if declared:
        return _read(text[declared.end() :], declared.group(1), "text/csv")
    return _read(text, delimiter(text), "text/csv")


def read_tsv(data: bytes) -> ParsedDocument:
    """Read values that tabs divide."""
    return _read(clean(decode(data)), "\t", "text/tab-separated-values")


def delimiter(text: str) -> str:
    """The character that divides the values: the one that gives most rows the same number of them, above one."""

    def fit(mark: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in _head(text, mark))
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        return (count, width) if width > 1 else (0, 0)

    return max(_DELIMITERS, key=fit)


def _head(text: str, mark: str) -> list[list[str]]:
    """The first rows of a text as a character divides them."""
    rows: list[list[str]] = []
    csv.field_size_limit(1 << 30)
    for row in csv.reader(StringIO(text[:200_000]), delimiter=mark):
        rows += [row] if row else []
        if len(rows) == _SAMPLE:
            break
    return rows


def _read(text: str, mark: str, media_type: str) -> ParsedDocument:
    """Write each row that has text on a line."""
    rows = ([" ".join(cell.split()) for cell in row] for row in csv.reader(StringIO(text), delimiter=mark))
    kept = (row for row in rows if any(row))
    top = list(islice(kept, 2))
    blocks = Blocks()
    if has_header(top):
        blocks.add("\n".join(labelled_row(top[0], row) for row in chain(top[1:], kept)))
    else:
        blocks.add("\n".join(" | ".join(row) for row in chain(top, kept)))
    return blocks.build(media_type)
