"""Reads Jupyter notebooks (.ipynb): the text, the code and what it printed, as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import markdown
from neolight.ingest.readers.text import decode
from neolight.models import ParsedDocument

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FENCE = re.compile(r"`{3,}")
_DAMAGED = "is not a Jupyter notebook, or damaged: "


def read(data: bytes) -> ParsedDocument:
    """Read a notebook; pictures in its output are left out. Raises UnreadableDocument if it is none."""
    try:
        book = json.loads(decode(data))
        cells = list(_cells(book))
        metadata = book.get("metadata") or {}
        language = str((metadata.get("language_info") or metadata.get("kernelspec") or {}).get("name", ""))
        parts = [part for cell in cells for part in _parts(cell, language)]
        authors = ", ".join(str(one.get("name", "")) for one in metadata.get("authors") or ())
    except (json.JSONDecodeError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise UnreadableDocument(
            f"{_DAMAGED}it has no cells that can be read.", hint="Open it in Jupyter, save it again, and upload that."
        ) from error
    document = markdown.read("\n\n".join(parts).encode("utf-8", "replace"))
    found = {"author": authors, "language": language, "title": str(metadata.get("title") or "")}
    title = found.pop("title") or document.title
    kept = {key: value for key, value in found.items() if value}
    return replace(document, media_type="application/x-ipynb+json", title=title, metadata=kept)


def _cells(book: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The cells of a notebook of format 4, or of format 3, which has them on sheets."""
    if "cells" in book:
        yield from book["cells"]
        return
    for sheet in book["worksheets"]:
        yield from sheet["cells"]


def _parts(cell: Mapping[str, Any], language: str) -> Iterator[str]:
    """A cell as Markdown: its source, then what it printed."""
    source = _text(cell.get("source", cell.get("input", "")))
    if cell["cell_type"] == "heading":
        yield f"{'#' * int(cell.get('level', 1))} {source}"
    elif cell["cell_type"] != "code":
        yield source
    else:
        if source.strip():
            yield _fenced(source, language)
        outputs = (_output(one) for one in cell.get("outputs", ()))
        yield from (_fenced(text, "text") for text in outputs if text.strip())


def _output(output: Mapping[str, Any]) -> str:
    """What an output shows as text."""
    if "traceback" in output:
        return _ANSI.sub("", "\n".join(output["traceback"]))
    shown = output.get("data", {}).get("text/plain", output.get("text", ""))
    return _ANSI.sub("", _text(shown))


def _text(value: object) -> str:
    """A text that may be given as its lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _fenced(text: str, language: str) -> str:
    """A block of code, with a fence longer than any in it."""
    longest = max(map(len, _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
