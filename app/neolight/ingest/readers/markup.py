"""Reads XML of any kind: titled elements are sections, elements of simple values are records, the rest is text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import package
from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.package import local
from neolight.models import ParsedDocument

_TITLES = ("title", "head", "heading", "name")
_PROSE = frozenset({"p", "para", "paragraph", "simpara", "text", "body", "content", "abstract", "note", "li", "item"})
_SPACE = re.compile(r"\s+")


def read(data: bytes) -> ParsedDocument:
    """Read XML; raises UnreadableDocument if it is damaged, nests too deeply or defines entities."""
    try:
        root = package.xml(data)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocument(
            f"is not well-formed XML: {str(error.msg)[:200]}.", hint="Correct it, or upload it as .txt."
        ) from error
    blocks = Blocks()
    _write(blocks, root, 1)
    title = next((" ".join(_text(one).split()) for one in root if local(one) == "title"), None)
    return blocks.build("application/xml", title=title)


def _write(blocks: Blocks, element: Any, level: int) -> None:
    """Write an element: as text, as a record, or as what it holds."""
    children = [child for child in element if local(child)]
    if not children or _is_mixed(element):
        blocks.add(_line(element))
    elif all(not len(child) for child in children) and not any(local(child) in _PROSE for child in children):
        blocks.add("\n".join(filter(None, [*_attributes(element), *map(_line, children)])))
    else:
        title = next((child for child in children if local(child) in _TITLES and not len(child)), None)
        if title is not None and blocks.add(_SPACE.sub(" ", _text(title)), level=level) is not None:
            children.remove(title)
            level += 1
        blocks.add("\n".join(_attributes(element)))
        for child in children:
            _write(blocks, child, level)


def _is_mixed(element: Any) -> bool:
    """Whether there is text beside the elements within an element."""
    return any(text and text.strip() for text in (element.text, *(child.tail for child in element)))


def _line(element: Any) -> str:
    """An element on one line: its name unless it is of prose, its attributes, its text."""
    text = _SPACE.sub(" ", _text(element)).strip()
    if local(element) in _PROSE or (_is_mixed(element) and len(element)):
        return text
    given = ", ".join(_attributes(element))
    if not text:
        return f"{local(element)}: {given}" if given else ""
    return f"{local(element)} ({given}): {text}" if given else f"{local(element)}: {text}"


def _attributes(element: Any) -> Iterator[str]:
    """The attributes of an element that say something of it."""
    for key, value in element.attrib.items():
        if value.strip() and not key.startswith("{"):
            yield f"{key}: {_SPACE.sub(' ', value).strip()}"


def _text(element: Any) -> str:
    """All text of an element."""
    return "".join(element.itertext(etree.Element))
