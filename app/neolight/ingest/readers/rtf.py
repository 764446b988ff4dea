"""Reads rich text (.rtf): paragraphs, headings, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from striprtf.striprtf import rtf_to_text

from neolight.errors import UnreadableDocument
from neolight.ingest.readers.blocks import Blocks
from neolight.models import ParsedDocument

# striprtf makes plain text. What that would lose is marked before, by characters that are for private use.
_IN_TABLE, _CELL, _ROW, _ITEM = "\uf8e0", "\uf8e1", "\uf8e2", "\uf8e3"
_FIRST_LEVEL = 0xF8F0
_LEVEL = re.compile("[\uf8f0-\uf8f8]")
_MARKS = re.compile("[\uf8e0-\uf8ff]")
_OUTLINE = re.compile(r"\\outlinelevel([0-8])(?![0-9]) ?")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\\intbl(?![a-z0-9]) ?"), _IN_TABLE),
    (re.compile(r"\\(?:nest)?cell(?![a-z]) ?"), _CELL),
    (re.compile(r"\\(?:nest)?row(?![a-z]) ?"), _ROW),
    (re.compile(r"\\\*?\\?listtext(?![a-z]) ?"), _ITEM),
)
_STYLE = re.compile(r"\{\\s(\d{1,4})((?:\\[a-z]+-?\d* ?)*)([^{}\\;]*);\}")
_NAMED = re.compile(r"heading ([1-9])", re.IGNORECASE)
_INFO = re.compile(r"\{\\(title|author|subject|keywords|doccomm)\s((?:[^{}]|\{[^{}]*\})*)\}")
_TIME = re.compile(r"\{\\(creatim|revtim)((?:\\(?:yr|mo|dy|hr|min|sec)\d+)+)\}")
_KEYS = {"doccomm": "description", "creatim": "date", "revtim": "modified"}
_BULLET = re.compile(r"[\u2022\u25cf\u25aa\u25e6\u00b7\uf000-\uf0ff?*-]")


def read(data: bytes) -> ParsedDocument:
    """Read a rich text file; raises UnreadableDocument if it is cut short or damaged."""
    source = data.decode("cp1252", "replace") if not data.isascii() else data.decode("ascii")
    if source.count("{") - source.count(r"\{") != source.count("}") - source.count(r"\}"):
        raise UnreadableDocument(
            "is damaged or cut short: its braces do not match.",
            hint="Open it in a word processor, save it again, and upload that.",
        )
    blocks = Blocks()
    try:
        _write(blocks, rtf_to_text(_marked(source), errors="replace"))
        metadata = dict(_metadata(source))
    except (ValueError, LookupError, OverflowError) as error:
        raise UnreadableDocument(
            "is damaged: it cannot be read as rich text.",
            hint="Open it in a word processor, save it again, and upload that.",
        ) from error
    title = metadata.pop("title", None) or next((one.path[-1] for one in blocks.outline.headings), None)
    return blocks.build("application/rtf", title=title, metadata=metadata)


def _marked(source: str) -> str:
    """The source with marks where headings, tables and items of lists are."""
    levels = dict(_levels(source))
    if levels:
        styled = re.compile(rf"\\s({'|'.join(levels)})(?![0-9]) ?")
        body = max((found.end() for found in _STYLE.finditer(source)), default=0)
        marked = styled.sub(lambda found: _escaped(chr(_FIRST_LEVEL + levels[found.group(1)])), source[body:])
        source = source[:body] + marked
    source = _OUTLINE.sub(lambda found: _escaped(chr(_FIRST_LEVEL + int(found.group(1)))), source)
    for words, mark in _WORDS:
        source = words.sub(lambda _, mark=mark: _escaped(mark), source)
    return source


def _levels(source: str) -> Iterator[tuple[str, int]]:
    """Yield the numbers of the styles that are headings, with their levels from 0."""
    for number, words, name in _STYLE.findall(source):
        outline, named = _OUTLINE.search(words), _NAMED.fullmatch(name.strip())
        if outline or named:
            yield number, int(outline.group(1)) if outline else int(named.group(1)) - 1 if named else 0
        elif name.strip().lower() == "title":
            yield number, 0


def _escaped(mark: str) -> str:
    """A character as RTF writes it; one that no reader of Unicode needs follows, for groups that count on it."""
    return f"{{\\uc0\\u{ord(mark)} }}"


def _write(blocks: Blocks, text: str) -> None:
    """Write the paragraphs and tables of a marked text."""
    rows: list[list[str]] = []
    group = 1
    for line in _lines(text):
        if _ROW in line:
            rows.append([_MARKS.sub("", cell) for cell in line.split(_CELL)[:-1]])
            continue
        blocks.table(rows)
        rows.clear()
        level = _LEVEL.search(line)
        plain = _MARKS.sub("", line)
        if level:
            blocks.add(plain, level=ord(level.group()) - _FIRST_LEVEL + 1)
        elif _ITEM in line:
            mark, _, rest = plain.partition("\t")
            mark = "-" if len(mark.strip()) < 2 and _BULLET.match(mark.strip() or "-") else mark.strip()
            blocks.add(f"{mark} {rest.strip()}", group=group)
            continue
        else:
            blocks.add(plain)
        group += 2
    blocks.table(rows)


def _lines(text: str) -> Iterator[str]:
    """Yield paragraphs, and the rows of tables, whose cells may have several paragraphs."""
    for in_table, lines in groupby(
        text.replace(_ROW, f"{_ROW}\n").split("\n"), key=lambda line: bool({_IN_TABLE, _CELL, _ROW} & set(line))
    ):
        if not in_table:
            yield from lines
            continue
        row = ""
        for line in lines:
            row += f" {line}"
            if _ROW in line:
                yield row
                row = ""
        if row.strip():
            yield row.replace(_CELL, " ")


def _metadata(source: str) -> Iterator[tuple[str, str]]:
    """Yield what the group of information says: title, author, dates."""
    start = source.find("{\\info")
    info = source[start : start + 20_000] if start >= 0 else ""
    for found in _INFO.finditer(info):
        key, value = found.group(1), found.group(2)
        yield _KEYS.get(key, key), rtf_to_text(f"{{\\rtf1\\ansi {value}}}", errors="replace") or ""
    for found in _TIME.finditer(info):
        key, parts = found.group(1), found.group(2)
        numbers = dict(re.findall(r"\\([a-z]+)(\d+)", parts))
        if {"yr", "mo", "dy"} <= numbers.keys() and int(numbers["yr"]) > 0:
            date = f"{int(numbers['yr']):04}-{int(numbers['mo']):02}-{int(numbers['dy']):02}"
            yield _KEYS[key], f"{date}T{int(numbers.get('hr', 0)):02}:{int(numbers.get('min', 0)):02}:00"
