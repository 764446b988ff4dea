"""Proper names in text that marks them by capitals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from neolight.nlp.kinds import kind_of
from neolight.nlp.lexicon import group, head_types, is_common, looks_common, verb_forms, words
from neolight.nlp.patterns import Span
from neolight.nlp.runs import run_end
from neolight.nlp.tokens import Token

_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)")
_LONGEST = 12
"""Words of a name; a longer run of capitals is a list or a form."""


def names(tokens: list[Token], trusted: Iterable[str] = ()) -> list[Span]:
    """Spans of proper names, typed later; `trusted` are words that are names though a sentence begins with them."""
    sure = {token.lower for token in tokens if token.upper and not token.initial and not token.masked}
    trust = {word.lower() for word in trusted if len(word) > 2}
    sure.update(trust)
    shouted = _shouted(tokens)
    found: list[Span] = []
    index, total = 0, len(tokens)
    while index < total:
        token = tokens[index]
        if not token.upper or token.masked or index in shouted:
            index += 1
            continue
        end = run_end(tokens, index)
        if span := _named(tokens, (index, end), sure, trust):
            found.append(span)
        index = end
    return found


def _shouted(tokens: list[Token]) -> set[int]:
    """Positions of words in lines of capitals only, where a capital means nothing."""
    found: set[int] = set()
    run: list[int] = []
    for index, token in enumerate(tokens):
        if token.text.isupper() and len(token.text) > 1:
            run.append(index)
            continue
        if token.text.isalnum():
            found.update(run if _is_shout(tokens, run) else ())
            run = []
    found.update(run if _is_shout(tokens, run) else ())
    return found


def _is_shout(tokens: list[Token], run: list[int]) -> bool:
    return len(run) > 1 and sum(1 for index in run if is_common(tokens[index].lower)) * 2 >= len(run)


def _named(tokens: list[Token], bounds: tuple[int, int], sure: set[str], trust: set[str]) -> Span | None:
    """The name in a run of capitalised words, or nothing if the capitals have another reason."""
    start, end = bounds
    start = _without_opening(tokens, start, end, sure)
    if not 0 < end - start <= _LONGEST:
        return None
    start += _office(tokens, start, end)
    run = tokens[start:end]
    if run[0].lower in group("references") and (len(run) == 1 or run[1].text[0].isdigit() or len(run[1].text) == 1):
        return None
    if len(run) == 1 and run[0].lower not in trust and not _stands_alone(tokens, start, sure):
        return None
    kind = kind_of(tokens, start, end)
    run = tokens[start - _led(tokens, start, end) : end]
    span = Span(run[0].start, run[-1].end, _joined(run), kind)
    for token in run:
        token.masked = span
    return span


def _led(tokens: list[Token], start: int, end: int) -> int:
    """1 if the name has a number before it: "2015 World Series", "10th Lok Sabha"."""
    if start == 0 or tokens[start].start - tokens[start - 1].end != 1:
        return 0
    before = tokens[start - 1]
    if before.masked is None:
        return int(_ORDINAL.fullmatch(before.text) is not None)
    year = before.text.isdecimal() and len(before.text) == 4
    return int(year and before.masked.type == "Date" and tokens[end - 1].lower in group("with_year"))


def _office(tokens: list[Token], start: int, end: int) -> int:
    """How many words of rank or office stand before a person's name, as in "Prime Minister Indira Gandhi"."""
    at = start
    while at < end and tokens[at].lower in group("offices"):
        at += 1
    rest = tokens[at:end]
    if at == start or len(rest) < 2 or any(not token.upper or is_common(token.lower) for token in rest):
        return 0
    return at - start


def _joined(run: list[Token]) -> str:
    name = run[0].text
    for before, token in pairwise(run):
        name += " " * (token.start > before.end) + token.text
    return name if "." in name[:-1].rsplit(" ", 1)[-1] else name.rstrip(".")


def _without_opening(tokens: list[Token], start: int, end: int, sure: set[str]) -> int:
    """The run's start after articles, forms of address and a first word that has its capital from the sentence."""
    while start < end:
        token = tokens[start]
        if (
            (token.lower in group("titles") and end - start > 1)
            or (token.lower in words("stop_en") and not (token.text.isupper() and len(token.text) > 1))
            or not token.upper
            or token.text[0] in "'’&"
            or (token.initial and end - start > 1 and _is_opening(tokens, start, sure))
        ):
            start += 1
        else:
            break
    return start


def _is_opening(tokens: list[Token], start: int, sure: set[str]) -> bool:
    """Whether the first word of a longer run is ordinary: a verb as in "Replace Filter B", a noun before "of"."""
    token, following = tokens[start], tokens[start + 1]
    if token.lower in sure or token.text.isupper() or (token.heading and token.lower in words("nouns")):
        return False
    if following.upper:
        return token.lower in verb_forms() or token.lower.endswith("ly")
    return is_common(token.lower) and token.lower not in group("of_heads")


def _is_label(tokens: list[Token], index: int) -> bool:
    """Whether the word only announces what follows, as in "Attendees: ..."."""
    return index + 1 < len(tokens) and tokens[index + 1].text == ":"


def _stands_alone(tokens: list[Token], index: int, sure: set[str]) -> bool:
    """Whether one capitalised word is a name by itself."""
    token = tokens[index]
    if len(token.text) == 1 or token.text[:-1].isdecimal() or (token.text[0].isdigit() and not token.upper):
        return False
    if token.lower in group("calendar"):
        return False
    if token.text.isupper() and len(token.text.strip(".")) > 1:
        return token.lower not in group("emphasis") and not (
            token.initial and is_common(token.lower) and len(token.text) > 3
        )
    if token.initial:
        ordinary = is_common(token.lower) or looks_common(token.lower) or _is_label(tokens, index)
        return not ordinary or (token.lower in sure and token.lower not in words("stop_en"))
    if token.lower in head_types() or token.lower in words("nouns"):
        return False
    return not is_common(token.lower)
