"""Search words of a question, found without a language model."""

from __future__ import annotations

from collections.abc import Sequence

from neolight.models import Keywords
from neolight.nlp.chinese import HAN
from neolight.nlp.extract import named_spans
from neolight.nlp.lexicon import verb_forms, words
from neolight.nlp.patterns import Span
from neolight.nlp.words import placed_terms, search_terms

__all__ = ["keywords", "search_terms"]

_APART = 1
"""Characters between two words of one phrase."""


def keywords(question: str) -> Keywords:
    """Names, codes, values and noun phrases of a question (low), and the rest of what it speaks of (high).

    Phrases in lower case that no list knows count as names where the question has no others, so that "who is carl
    rogers" finds someone. Words that only ask, such as "tell" and "which", are in neither. Raises nothing.
    """
    spans = named_spans(question)
    names = [span.name for span in spans]
    phrases, verbs = _rest(question, spans)
    if not names:
        names, phrases = phrases, [phrase for phrase in phrases if " " not in phrase]
    return Keywords(high=tuple(dict.fromkeys([*phrases, *verbs])), low=tuple(dict.fromkeys(names)))


def _rest(question: str, spans: Sequence[Span]) -> tuple[list[str], list[str]]:
    """Phrases and verbs that lie outside the spans, each in order."""
    phrases: list[str] = []
    verbs: list[str] = []
    last = -10
    taken = bytearray(len(question))
    for span in spans:
        taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    for start, term in placed_terms(question):
        if taken[start] or _only_asks(term):
            continue
        if term in verb_forms() and term not in words("nouns"):
            verbs.append(term)
            continue
        if 0 < start - last <= _APART and not HAN.match(term):
            phrases[-1] += f" {term}"
        else:
            phrases.append(term)
        last = start + len(term)
    return [phrase for phrase in map(_without_generic, phrases) if phrase], verbs


def _only_asks(term: str) -> bool:
    return term in words("stop_question") or term in words("generic_zh")


def _without_generic(phrase: str) -> str:
    """The phrase without words at its ends that only count, compare or place, as in "main differences"."""
    parts = phrase.split()
    while parts and parts[0] in words("generic"):
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] in words("generic"):
        parts = parts[:-1]
    return " ".join(parts)
