"""Acronyms that the text itself explains: "Personal Protective Equipment (PPE)", "PPE (personal ...)"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from neolight.nlp.chinese import HAN
from neolight.nlp.lexicon import head_types
from neolight.nlp.patterns import Span, instead

_AFTER = re.compile(r"[(（](?P<short>[A-Z][A-Za-z]{0,3}[A-Z][A-Za-z]{0,5})[)）]")
_BEFORE = re.compile(r"\b(?P<short>[A-Z]{2,8})\s?[(（](?P<long>[A-Za-z][^()（）\n]{4,80})[)）]")
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to", "de"})
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Acronym:
    """A short form and the long form that stands beside it."""

    short: Span
    long: Span


def acronyms(text: str, spans: Sequence[Span]) -> list[Acronym]:
    """Short forms with their long forms at their first place, found by their letters as in Schwartz and Hearst (2003).

    In Chinese the long form is the one of `spans` that ends where the bracket opens.
    """
    found: dict[str, Acronym] = {}
    for match in _AFTER.finditer(text):
        if match["short"] not in found and (long := _long_before(text, match.start(), match["short"], spans)):
            found[match["short"]] = _acronym(match, long)
    for match in _BEFORE.finditer(text):
        if match["short"] not in found and _letters(match["long"]) == match["short"].lower():
            found[match["short"]] = _acronym(match, _span(text, *match.span("long")))
    return list(found.values())


def with_acronyms(spans: list[Span], found: Sequence[Acronym]) -> list[Span]:
    """The spans with short and long forms of acronyms in the stead of whatever overlaps them."""
    return instead(spans, [form for one in found for form in (one.long, one.short)])


def _acronym(match: re.Match[str], long: Span) -> Acronym:
    start, end = match.span("short")
    return Acronym(Span(start, end, match["short"], long.type), long)


def _long_before(text: str, bracket: int, short: str, spans: Sequence[Span]) -> Span | None:
    end = len(text[:bracket].rstrip())
    if end and HAN.match(text[end - 1]):
        return next((span for span in spans if span.end == end), None)
    words = list(_WORD.finditer(text, max(0, end - 20 * len(short)), end))
    start = _first_word([word.group().lower() for word in words], short.lower())
    if start is None or re.search(r"[.;:!?()\n]", text[words[start].start() : end]):
        return None
    known = next((span for span in spans if span.start == words[start].start() and span.end == end), None)
    return known or _span(text, words[start].start(), end)


def _first_word(words: list[str], short: str) -> int | None:
    """Position of the word with which the long form begins: backwards, each word has the next letter or is small."""
    left, at = len(short), len(words)
    while left > 0 and at > 0:
        at -= 1
        word = words[at]
        if word[0] == short[left - 1]:
            left -= 1
        elif left > 1 and word[0] == short[left - 2] and short[left - 1] in word[1:]:
            left -= 2
        elif word not in _SMALL:
            return None
    return at if left == 0 else None


def _span(text: str, start: int, end: int) -> Span:
    name = " ".join(text[start:end].split())
    return Span(start, end, name, head_types().get(name.rsplit(" ", 1)[-1].lower(), "Concept"))


def _letters(long: str) -> str:
    """First letters of the words, small ones such as "of" left out."""
    return "".join(word[0] for word in long.lower().split() if word not in _SMALL)


def typed(spans: list[Span], found: Sequence[Acronym]) -> list[Span]:
    """The spans, each later mention of an acronym with the type of its long form."""
    types = {one.short.name: one.short.type for one in found}
    return [replace(span, type=types[span.name]) if span.name in types else span for span in spans]
