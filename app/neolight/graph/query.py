"""Binds a Cypher file, whose header is a contract, to the dataclass that its rows become."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, Generic, Literal, LiteralString, TypeAlias, TypeVar, cast

from pydantic import TypeAdapter

Row = TypeVar("Row")
Mode: TypeAlias = Literal["read", "write", "batched"]

PACKAGED = Path(__file__).parents[1] / "cypher"
CYPHER = PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[3] / "cypher"

TYPES = frozenset(
    [
        "STRING",
        "INTEGER",
        "FLOAT",
        "BOOLEAN",
        "DATETIME",
        "MAP",
        "BYTES",
        "VECTOR",
        "LIST<STRING>",
        "LIST<FLOAT>",
        "LIST<INTEGER>",
        "LIST<MAP>",
    ]
)
BOUND: dict[str, Query[Any]] = {}
"""Every query that the program has bound, by name: the tests hold it against the files and against what ran."""

_PARAM = re.compile(r"\$(?!(?:any|all)\()(\w+)")  # $any(...) and $all(...) are dynamic labels
_COMMENT_OR_STRING = re.compile(r"(//[^\n]*|/\*.*?\*/)|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL)


class HeaderError(Exception):
    """A Cypher file's header disagrees with its text or with the dataclass it is bound to."""


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """What a Cypher file says of itself."""

    title: str
    mode: Mode
    params: dict[str, str]
    returns: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Query(Generic[Row]):
    """A Cypher file, checked and bound: `rows` turns records into instances of the row type."""

    name: str
    text: LiteralString
    header: Header
    adapter: TypeAdapter[list[Row]] | None
    temporal: bool
    """Whether a row holds points in time, which the driver gives as a type of its own."""

    def rows(self, records: list[dict[str, Any]]) -> list[Row]:
        """Turns records into rows; a query that returns nothing gives none."""
        return self.adapter.validate_python(records) if self.adapter else []


@cache
def read_file(name: str) -> str:
    """The text of `cypher/<name>.cypher`."""
    path = CYPHER / f"{name}.cypher"
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise HeaderError(f"There is no Cypher file {name}.cypher.") from error


def parse_header(name: str, text: str) -> Header:
    """Reads the comment block that opens a Cypher file, and checks it against the statement below it.

    Raises:
        HeaderError: a field is missing, or parameters or columns differ from the statement's.
    """
    lines = [line[2:].strip() for line in takewhile(lambda line: line.startswith("//"), text.splitlines())]
    fields = {key: value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
    missing = {"mode", "params", "returns"} - fields.keys()
    if missing or not lines:
        raise HeaderError(f"{name}.cypher: the header lacks {', '.join(sorted(missing))}.")
    if fields["mode"] not in ("read", "write", "batched"):
        raise HeaderError(f"{name}.cypher: mode is {fields['mode']!r}, not read, write or batched.")
    params = _params(name, fields["params"])
    returns = () if fields["returns"] == "nothing" else tuple(part.strip() for part in fields["returns"].split(","))
    header = Header(lines[0], fields["mode"], params, returns)
    _check_statement(name, header, _COMMENT_OR_STRING.sub(lambda found: " " if found[1] else "''", text))
    return header


def _params(name: str, declared: str) -> dict[str, str]:
    if declared == "none":
        return {}
    pairs = [part.strip().split(" ", 1) for part in declared.split(", ")]
    wrong = [" ".join(pair) for pair in pairs if len(pair) != 2 or pair[1].removesuffix("?") not in TYPES]
    if wrong:
        raise HeaderError(f"{name}.cypher: not a parameter with a known type: {', '.join(wrong)}.")
    return {pair[0]: pair[1] for pair in pairs}


def _check_statement(name: str, header: Header, statement: str) -> None:
    if "CYPHER 25" not in statement:
        raise HeaderError(f"{name}.cypher: the statement does not begin with CYPHER 25.")
    used = set(_PARAM.findall(statement))
    if used != header.params.keys():
        odd = sorted(used ^ header.params.keys())
        raise HeaderError(f"{name}.cypher: declared and used parameters differ: {', '.join(odd)}.")
    columns = _columns(statement)
    if columns != header.returns:
        raise HeaderError(f"{name}.cypher: the header returns {header.returns}, the statement {columns}.")


def _columns(statement: str) -> tuple[str, ...]:
    """The column names of the last RETURN outside braces, brackets and parentheses."""
    depth, start = 0, -1
    for match in re.finditer(r"[({\[]|[)}\]]|\bRETURN\b", statement):
        found = match.group()
        depth += (found in "({[") - (found in ")}]") if len(found) == 1 else 0
        if found == "RETURN" and depth == 0:
            start = match.end()
    if start < 0:
        return ()
    body = re.split(r"\b(?:ORDER\s+BY|SKIP|LIMIT)\b", _flatten(statement[start:]))[0]
    return tuple(re.split(r"\s+AS\s+", part.strip())[-1] for part in body.split(","))


def _flatten(text: str) -> str:
    """The text without what stands inside braces, brackets and parentheses, and without DISTINCT."""
    out: list[str] = []
    depth = 0
    for char in text:
        depth += (char in "({[") - (char in ")}]")
        if depth == 0:
            out.append(char)
    return re.sub(r"^\s*DISTINCT\b", "", "".join(out))


def query(name: str, row: type[Row] | None = None) -> Query[Row]:
    """Binds `cypher/<name>.cypher` to the dataclass that its rows become (None: it returns nothing).

    Raises:
        HeaderError: the header disagrees with the statement or with the dataclass.
    """
    text = read_file(name)
    header = parse_header(name, text)
    fields = tuple(field.name for field in dataclasses.fields(cast("Any", row))) if row else ()
    if set(fields) != set(header.returns):
        raise HeaderError(f"{name}.cypher returns {header.returns}, but its row type has {fields}.")
    adapter: TypeAdapter[list[Row]] | None = TypeAdapter(cast("Any", list).__class_getitem__(row)) if row else None
    # A file of this package is as literal as a string in the source: nothing a user sends gets into it.
    bound: Query[Row] = Query(name, cast("LiteralString", text), header, adapter, _is_temporal(adapter))
    BOUND[name] = bound
    return bound


def _is_temporal(adapter: TypeAdapter[Any] | None) -> bool:
    return adapter is not None and "'type': 'datetime'" in str(adapter.core_schema)
