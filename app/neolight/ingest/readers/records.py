"""Reads JSON and JSON Lines: each value with the path of keys that leads to it, each record a paragraph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from neolight.errors import UnreadableDocument
from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.text import clean, decode
from neolight.models import ParsedDocument

_DEEPEST = 200
_LONGEST_KEY = 80
_NAMES = ("title", "name", "id", "key")
_NUMBER = re.compile(r"[+-]?\d{1,4000}")
_AGAIN = "Check it with a JSON validator, or upload it as .txt."


def read_json(data: bytes) -> ParsedDocument:
    """Read a JSON file. Raises UnreadableDocument if it is no JSON or nests too deeply."""
    blocks = Blocks()
    _write(blocks, _loaded(clean(decode(data)), "is not valid JSON"), 1)
    return blocks.build("application/json")


def read_lines(data: bytes) -> ParsedDocument:
    """Read a file with a JSON value on each line. Raises as `read_json` does, with the number of the line."""
    blocks = Blocks()
    for number, line in enumerate(clean(decode(data)).split("\n"), 1):
        if line.strip():
            _record(blocks, _loaded(line, f"is not valid JSON Lines: line {number:,} is not JSON"))
    return blocks.build("application/x-ndjson")


def _loaded(text: str, problem: str) -> Any:
    """Parse JSON; a number of thousands of digits is kept as it is written."""
    try:
        return json.loads(text, parse_int=lambda raw: int(raw) if _NUMBER.fullmatch(raw) else raw)
    except RecursionError as error:
        raise UnreadableDocument("nests its values too deeply.", hint="Flatten it, or upload it as .txt.") from error
    except json.JSONDecodeError as error:
        where = f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno:,}, column {error.colno:,}"
        raise UnreadableDocument(f"{problem}: {where}.", hint=_AGAIN) from error


def _write(blocks: Blocks, value: Any, level: int) -> None:
    """Write a value: objects under a key become sections, a list of objects becomes records."""
    if isinstance(value, Mapping) and level < 4:
        simple = {key: one for key, one in value.items() if not _is_section(one)}
        if simple:
            _record(blocks, simple)
        for key, one in value.items():
            if _is_section(one):
                blocks.add(key[:_LONGEST_KEY] or "(no name)", level=level)
                _write(blocks, one, level + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(one, Mapping) for one in value):
        for one in value:
            _record(blocks, one)
    else:
        _record(blocks, value)


def _is_section(value: Any) -> bool:
    """Whether a value is worth a heading: an object, or a list of objects."""
    if isinstance(value, list):
        return any(isinstance(one, Mapping) for one in value)
    return isinstance(value, Mapping) and bool(value)


def _record(blocks: Blocks, value: Any) -> None:
    """Write one record as lines that stay together."""
    group = blocks.length + 1
    for line in _lines(value, (), 0):
        blocks.add(line, group=group)


def _lines(value: Any, path: tuple[str, ...], depth: int) -> Iterator[str]:
    """Yield `path: value` for each value; a list of simple values is one line."""
    if depth > _DEEPEST:
        raise UnreadableDocument("nests its values too deeply.", hint="Flatten it, or upload it as .txt.")
    if isinstance(value, Mapping):
        ordered = sorted(value, key=_is_no_name)
        for key in ordered:
            yield from _lines(value[key], (*path, key[:_LONGEST_KEY]), depth + 1)
    elif isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        for number, one in enumerate(value, 1):
            yield from _lines(one, (*path, str(number)) if path else (), depth + 1)
    else:
        text = ", ".join(map(_written, value)) if isinstance(value, list) else _written(value)
        if text:
            yield f"{' > '.join(path)}: {text}" if path else text


def _is_no_name(key: str) -> bool:
    """Whether a key is none that names its record: those that do come first."""
    return key.lower() not in _NAMES


def _written(value: Any) -> str:
    """A simple value as text; null is nothing."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, (bool, float)) else str(value)
