"""Words and marks of a text that is written with letters and spaces, each with what its place says about it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from neolight.nlp.lexicon import words as stop_words
from neolight.nlp.patterns import Span

_LETTER = r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F\u0370-\u052F\u1E00-\u1FFF"
_TOKEN = re.compile(
    rf"(?:[{_LETTER}]\.){{2,}}(?![{_LETTER}])"
    rf"|(?:Dr|Mr|Mrs|Ms|Prof|St|Mt|Ft|Inc|Ltd|Co|Corp|Bros|Jr|Sr|No|vs|Gen|Col|Lt|Sgt|Capt|Rev|Hon|Sen|Rep|Gov)\.|[A-Z]\.(?=\s?[A-Z])"
    rf"|['’]s?(?![{_LETTER}])"
    rf"|[{_LETTER}\d]+(?:(?:['’](?!s(?![{_LETTER}]))|[-‑&/.])[{_LETTER}\d]+)*"
    r"|[^\s]"
)
_CLOSERS = frozenset(".!?。！？;；,")
_OPENERS = frozenset("-*•◦▪‣·○●#>|\"“‘'`([«")


@dataclass(slots=True)
class Token:
    """A word or a mark: characters start to end (excluded) of the text."""

    start: int
    end: int
    text: str
    lower: str
    upper: bool
    """Begins with a capital, or has one within as in iPhone."""
    initial: bool = False
    """Stands where every word has a capital: first in its sentence, after a colon or in a table cell."""
    first: bool = False
    """Is the first of its sentence, be it a word or a mark."""
    heading: bool = False
    """Stands in a line in which all words have capitals, as headings do."""
    masked: Span | None = None
    """The span with a shape of its own (code, date, ...) that it is part of."""


def tokens(text: str, bounds: list[tuple[int, int]], masks: list[Span]) -> list[Token]:
    """Tokens of the text; `bounds` are its sentences, `masks` the spans that a pattern already knows, both in order."""
    found = [_token(match) for match in _TOKEN.finditer(text)]
    _mark_initials(found, bounds)
    _mark_masks(found, masks)
    return found


def _token(match: re.Match[str]) -> Token:
    text = match.group()
    lower = text.lower()
    first = text[0]
    upper = first.isupper() or (lower != text and first.isalpha() and len(text) > 2)
    return Token(match.start(), match.end(), text, lower, upper)


def _mark_initials(found: list[Token], bounds: list[tuple[int, int]]) -> None:
    starts = [token.start for token in found]
    for start, end in bounds:
        begin, stop = bisect_left(starts, start), bisect_left(starts, end)
        sentence = found[begin:stop]
        if not sentence:
            continue
        sentence[0].first = True
        opening = next((token for token in sentence if not _is_marker(token)), sentence[0])
        opening.initial = True
        if sentence[-1].text not in _CLOSERS and _is_heading(sentence):
            for token in sentence:
                token.heading = True
    for before, token in pairwise(found):
        if before.text in {":", "|", "："}:
            token.initial = True


def _is_marker(token: Token) -> bool:
    """Whether the token is a bullet, a number or a quotation mark before the first word."""
    return token.text[0] in _OPENERS or (token.text[0].isdigit() and not token.text[-1].isalpha()) or token.text in ".)"


def _is_heading(sentence: list[Token]) -> bool:
    words = [
        token
        for token in sentence
        if token.text[0].isalpha() and (token.upper or token.lower not in stop_words("stop_en"))
    ]
    return len(words) > 1 and all(token.upper for token in words)


def _mark_masks(found: list[Token], masks: list[Span]) -> None:
    position = 0
    for span in masks:
        while position < len(found) and found[position].end <= span.start:
            position += 1
        while position < len(found) and found[position].start < span.end:
            found[position].masked = span
            position += 1
