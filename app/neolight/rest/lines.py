"""JSON in lines, as every client reads them."""

from __future__ import annotations

from typing import Any

import orjson

LINES = "application/x-ndjson"

_ENDS = tuple((char.encode(), f"\\u{ord(char):04x}".encode()) for char in "\u0085\u2028\u2029")
"""What ends a line for programs that split text and not bytes, httpx and the client of Ollama among them."""


def line(row: dict[str, Any]) -> bytes:
    """A row as one line, whoever looks for its end."""
    told = orjson.dumps(row)
    for char, escaped in _ENDS:
        told = told.replace(char, escaped)
    return told + b"\n"
