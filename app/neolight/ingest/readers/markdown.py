"""Reads Markdown: the text is the source, the headings are found by a CommonMark parser."""

from __future__ import annotations

import re
import tomllib
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

from neolight.ingest.readers.blocks import tidy, tidy_all
from neolight.ingest.readers.outline import Outline
from neolight.ingest.readers.text import clean, decode
from neolight.models import ParsedDocument

_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_YAML_LINE = re.compile(r"([A-Za-z][\w .-]*?)[ \t]*:(?:[ \t]+(.*)|)$")
_LONGEST = 1000
_PARSER = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
_INLINE = MarkdownIt("commonmark")


def read(data: bytes) -> ParsedDocument:
    """Read Markdown; front matter becomes metadata and is not part of the text."""
    text, metadata = _front_matter(clean(decode(data)))
    outline = Outline()
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    tokens = _PARSER.parse(text)
    first: str | None = None
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open" or opening.level or not opening.map:
            continue
        start, level = starts[opening.map[0]], int(opening.tag[1])
        start += len(text[start:]) - len(text[start:].lstrip())
        title = _plain(inline.content)
        outline.add(start, level, title)
        first = first or (title if level == 1 else None)
    title = metadata.pop("title", None) or first
    return ParsedDocument(text, "text/markdown", tidy(title), headings=tuple(outline.headings), metadata=metadata)


def _plain(source: str) -> str:
    """The words of a heading without their markup; one too long to be a heading stays as it is."""
    if len(source) > _LONGEST:
        return source
    children = _INLINE.parseInline(source)[0].children or []
    return "".join(token.content or " " * (token.type in {"softbreak", "hardbreak"}) for token in children)


def _front_matter(text: str) -> tuple[str, dict[str, str]]:
    """Split the front matter off: the rest of the text, and its simple values by key."""
    if found := _YAML.match(text):
        values = _yaml(found.group(1))
        if values is not None:
            return text[found.end() :].lstrip("\n"), tidy_all(values)
    elif found := _TOML.match(text):
        try:
            table = tomllib.loads(found.group(1))
        except tomllib.TOMLDecodeError:
            return text, {}
        return text[found.end() :].lstrip("\n"), tidy_all({key.lower(): _joined(table[key]) for key in table})
    return text, {}


def _yaml(source: str) -> dict[str, str | None] | None:
    """Read `key: value` lines and simple lists; deeper structure is passed over, None if it is no front matter."""
    values: dict[str, str | None] = {}
    key = ""
    for line in source.split("\n"):
        if found := _YAML_LINE.match(line):
            key = found.group(1).lower()
            values[key] = _scalar(found.group(2) or "")
        elif key and re.match(r"[ \t]*-[ \t]", line):
            values[key] = ", ".join(filter(None, [values[key], _scalar(line.strip()[1:])]))
        elif line.strip() and not line.startswith((" ", "\t", "#")):
            return None
    return values


def _scalar(raw: str) -> str:
    """A YAML value without quotes, or the items of a flow list joined by commas."""
    value = raw.strip()
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(_scalar(item) for item in value[1:-1].split(","))
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    value = re.sub(r"\s+#.*$", "", value)
    return "" if value in {"|", ">", "|-", ">-", "~", "null"} else value


def _joined(value: object) -> str | None:
    """A TOML value as text; a table is passed over."""
    if isinstance(value, dict):
        return None
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
