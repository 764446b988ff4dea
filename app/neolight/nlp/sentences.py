"""Sentences of a text, English and Chinese, with list lines, headings and table rows as sentences of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neolight.nlp.lexicon import group, words

_END = re.compile(r"(?:[.!?…]+|[。！？!?]+)(?:\[\d+\])*[\"'”’」』》）)\]]*")
_CHINESE_END = frozenset("。！？")
_LINE = re.compile(r"[^\r\n]+")
_MARKED = re.compile(
    r"\s*(?:[-*•◦▪‣–·○●]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s|#{1,6}\s|>\s|\||[（(]?[一二三四五六七八九十百]+[、）)]|第[一二三四五六七八九十百\d]+[章节条])"
)
_ALONE = re.compile(r"\s*(?:#{1,6}\s|\|)|.*\t.*\t|.*\|.*\|")
_LAST_WORD = re.compile(r"(?:[^\W_]\.)*[^\W_]+$")
_NEXT = re.compile(r"\s*[\"'“‘(\[«]*")
_WRAP_AT = 40
_FULL = 0.75
"""Of the usual length of the longer lines."""
_WRAP_AT_CHINESE = 20


def sentences(text: str) -> list[tuple[int, int]]:
    """Character spans (start, end excluded) of the sentences of a text, in order, without the space around them."""
    spans: list[tuple[int, int]] = []
    for start, end in _blocks(text):
        spans.extend(_split(text, start, end))
    return spans


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Spans in which a line break is only where the line was full."""
    start = end = -1
    full = _full_line(text)
    for match in _LINE.finditer(text):
        if match.group().isspace():
            continue
        if start >= 0 and _continues(text, (start, end), match, full):
            end = match.end()
            continue
        if start >= 0:
            yield start, end
        start, end = match.span()
    if start >= 0:
        yield start, end


def _full_line(text: str) -> float:
    """How many characters make a line full, so that its sentence goes on in the next one."""
    lengths = sorted(length for line in text.splitlines() if (length := len(line.strip())) >= _WRAP_AT)
    return _FULL * lengths[len(lengths) // 2] if lengths else _WRAP_AT


def _continues(text: str, block: tuple[int, int], line: re.Match[str], full: float) -> bool:
    start, end = block
    between = text[end : line.start()]
    if between.count("\n") > 1 or _MARKED.match(line.group()) or _ALONE.match(line.group()):
        return False
    last = text[max(start, text.rfind("\n", 0, end) + 1) : end].rstrip()
    if _ALONE.match(last):
        return False
    first = line.group().lstrip()[0]
    if first.islower():
        return True
    if line.group().rstrip()[-1] in ":：" and len(line.group()) < _WRAP_AT:
        return False
    return len(last) >= (_WRAP_AT_CHINESE if last[-1] > "⺀" else full) and last[-1] not in ".!?。！？:："


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of one block."""
    for match in _END.finditer(text, start, end):
        if match.end() >= end or not _ends(text, match, start, end):
            continue
        if span := _stripped(text, start, match.end()):
            yield span
        start = match.end()
    if span := _stripped(text, start, end):
        yield span


def _stripped(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _ends(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """Whether the terminator at the match ends a sentence."""
    mark = match.group()[0]
    if mark in _CHINESE_END:
        return True
    after = _NEXT.match(text, match.end(), end)
    following = text[after.end()] if after and after.end() < end else ""
    if text[match.end()] > "⺀":
        return mark in "!?"
    if not text[match.end()].isspace() or following.islower():
        return False
    return mark != "." or match.group()[:2] == ".." or not _abbreviated(text, start, match.start(), following, after)


def _abbreviated(text: str, start: int, dot: int, following: str, after: re.Match[str] | None) -> bool:
    """Whether the dot belongs to the word before it and no sentence ends here."""
    found = _LAST_WORD.search(text, max(start, dot - 20), dot)
    if found is None:
        return False
    word = found.group().lower()
    if word in {"no", "nos"}:
        return following.isdigit()
    if word in group("never_ends") or (word.isdigit() and not text[start : found.start()].strip()):
        return True
    if word not in group("may_end") and not _is_initial(text, found, after):
        return False
    return not _opens_sentence(text, after)


def _is_initial(text: str, found: re.Match[str], after: re.Match[str] | None) -> bool:
    """Whether the letter before the dot may be a first name; I is rather a numeral, as in "World War I"."""
    letter = found.group()
    return len(letter) == 1 and letter.isupper() and letter != "I" and (after is None or "\n" not in after.group())


def _opens_sentence(text: str, after: re.Match[str] | None) -> bool:
    """Whether the next word is one that names seldom begin with."""
    if after is None:
        return True
    word = re.match(r"[^\W\d_]+", text[after.end() : after.end() + 20])
    return word is not None and len(word.group()) > 1 and word.group().lower() in words("stop_en")
