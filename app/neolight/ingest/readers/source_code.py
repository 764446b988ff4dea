"""Reads source code as it is; what it defines are its sections."""

from __future__ import annotations

import re

from neolight.ingest.readers.outline import Outline
from neolight.ingest.readers.text import clean, decode
from neolight.models import ParsedDocument

_BEFORE = (
    "export|default|public|private|protected|internal|static|final|abstract|sealed|async|pub|unsafe|override|virtual"
)
_KINDS = (
    "class|def|interface|struct|enum|trait|impl|func|function|fn|fun|module|namespace|object|protocol|record|type|sub"
)
_DEFINITION = re.compile(
    rf"^(?P<indent>[ \t]{{0,40}})(?:(?:{_BEFORE})[ \t]+){{0,5}}(?:{_KINDS})[ \t]+(?:\([^()\n]{{0,80}}\)[ \t]*)?"
    r"(?P<name>[A-Za-z_$][\w$]{0,79}(?:(?:::|[.])[\w$]{1,40}){0,3})",
    re.MULTILINE,
)
_SCHEMA = re.compile(
    r"^(?P<indent>[ \t]{0,8})create[ \t]+(?:or[ \t]+replace[ \t]+)?"
    r"(?:table|view|function|procedure|trigger|index)[ \t]+"
    r"(?:if[ \t]+not[ \t]+exists[ \t]+)?(?P<name>[\w.\"`\[\]]{1,80})",
    re.MULTILINE | re.IGNORECASE,
)


def read(data: bytes) -> ParsedDocument:
    """Read a program's source; headings are the names of classes, functions and tables, nested as they are indented."""
    text = clean(decode(data))
    outline = Outline()
    found = [*_DEFINITION.finditer(text), *_SCHEMA.finditer(text)]
    for match in sorted(found, key=lambda one: one.start()):
        depth = len(match["indent"].expandtabs(4))
        outline.add(match.start() + len(match["indent"]), depth + 1, match["name"])
    return ParsedDocument(text, "text/x-source", headings=tuple(outline.headings))
