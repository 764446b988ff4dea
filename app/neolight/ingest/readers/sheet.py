"""Reads spreadsheets (Excel, OpenDocument): each sheet a section, each row with the names of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO
from typing import TypeAlias

import python_calamine as calamine

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import package
from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.tables import has_header, is_value, labelled_row
from neolight.models import ParsedDocument

Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
Row: TypeAlias = list[str]

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_XLS = "application/vnd.ms-excel"


def read_xlsx(data: bytes) -> ParsedDocument:
    """Read an Excel workbook; raises UnreadableDocument if it is damaged, encrypted or would unpack to too much."""
    return _read(data, _XLSX, "docProps/core.xml")


def read_ods(data: bytes) -> ParsedDocument:
    """Read an OpenDocument spreadsheet; raises as `read_xlsx` does."""
    return _read(data, _ODS, "meta.xml")


def read_xls(data: bytes) -> ParsedDocument:
    """Read a workbook of Excel 97 to 2003; raises as `read_xlsx` does."""
    return _build(data, _XLS, {})


def _read(data: bytes, media_type: str, properties: str) -> ParsedDocument:
    try:
        with package.opened(data) as archive:
            found = dict(package.properties(archive, properties))
    except package.ERRORS as error:
        raise package.damaged("spreadsheet", "Excel or LibreOffice") from error
    return _build(data, media_type, found)


def _build(data: bytes, media_type: str, metadata: dict[str, str]) -> ParsedDocument:
    """Go through the sheets that have cells, in order."""
    blocks = Blocks()
    try:
        with calamine.load_workbook(BytesIO(data)) as workbook:
            sheets = [one.name for one in workbook.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
            for name in sheets:
                sheet = workbook.get_sheet_by_name(name)
                rows = _filled(sheet)
                if any(map(any, rows)):
                    blocks.add(name, level=1)
                    _write(blocks, rows)
    except calamine.PasswordError as error:
        raise UnreadableDocument("is encrypted.", hint="Remove the password and upload it again.") from error
    except (calamine.CalamineError, *package.ERRORS) as error:
        raise package.damaged("spreadsheet", "Excel or LibreOffice") from error
    title = metadata.pop("title", None)
    return blocks.build(media_type, title=title, metadata=metadata)


def _filled(sheet: calamine.CalamineSheet) -> list[Row]:
    """The cells of a sheet as text; each cell of a merged range has the range's text."""
    rows = [[written(cell) for cell in row] for row in sheet.to_python(skip_empty_area=True)]
    top, left = sheet.start or (0, 0)
    for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ():
        if not (0 <= first_row - top < len(rows) and first_column >= left):
            continue
        text = rows[first_row - top][first_column - left] if first_column - left < len(rows[0]) else ""
        for row in rows[first_row - top : last_row - top + 1]:
            for column in range(first_column - left, min(last_column - left + 1, len(row))):
                row[column] = row[column] or text
    return rows


def _write(blocks: Blocks, rows: list[Row]) -> None:
    """Write the tables of a sheet: empty rows part them, lines of one text above them are paragraphs."""
    labels: Row = []
    for region in _regions(rows):
        at = 0
        while at < len(region) and len({cell for cell in region[at] if cell}) == 1 and _wide(region):
            blocks.add(next(cell for cell in region[at] if cell))
            at += 1
        table = region[at:]
        if not table:
            continue
        if _named(table):
            labels, table = table[0], table[1:]
        elif not (labels and any(map(is_value, filter(None, table[0])))):
            labels = []
        write: Callable[[Row], str] = partial(labelled_row, labels) if labels else _plain
        blocks.add("\n".join(map(write, table)))


def _regions(rows: list[Row]) -> Iterator[list[Row]]:
    """Yield the runs of rows that have text, with what is empty between them left out."""
    region: list[Row] = []
    for row in rows:
        if any(row):
            region.append(row)
        elif region:
            yield region
            region = []
    if region:
        yield region


def _wide(region: Sequence[Row]) -> bool:
    """Whether any row of a region has more than one cell with text."""
    return any(sum(map(bool, row)) > 1 for row in region)


def _named(table: Sequence[Row]) -> bool:
    """Whether a region begins with the names of its columns; columns that it does not use do not count."""
    used = [at for at in range(len(table[0])) if any(row[at] for row in table[:50])]
    return has_header([[row[at] for at in used] for row in table[:2]])


def _plain(row: Row) -> str:
    """The cells of a row that have text, between bars."""
    return " | ".join(filter(None, row))


def written(value: Value) -> str:
    """A cell as people write it: whole numbers without a point, dates in ISO 8601."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds") if value.time() != time() else value.date().isoformat()
    return " ".join(str(value).split())
