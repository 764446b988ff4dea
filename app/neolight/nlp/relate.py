"""Relations between the entities of a sentence: what stands with its subject, and what stands side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from neolight.models import Statement
from neolight.nlp.focus import VALUES
from neolight.nlp.lexicon import words
from neolight.nlp.patterns import Span
from neolight.nlp.words import placed_terms

LONGEST = 300
"""Characters of a description."""
_MOST = 8
"""Relations of one sentence."""
_MOST_KEYWORDS = 4
_BESIDE = 6
"""Characters between a name and a date or an amount that belongs to it."""


def shortened(sentence: str) -> str:
    """The sentence on one line, cut at a word when it is longer than a description may be."""
    line = " ".join(sentence.split())
    if len(line) <= LONGEST:
        return line
    cut = line[: LONGEST - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[LONGEST // 2 :] else cut) + "…"


def relations(text: str, bounds: tuple[int, int], spans: Sequence[Span], subject: Span | None) -> list[Statement]:
    """Relations that the sentence at `bounds` states between its subject and its spans (in order), and among these.

    Keywords are the last content words between the two, or before the second one if the first is not in the sentence.
    """
    start, end = bounds
    described = shortened(text[start:end])
    terms = [(start + at, term) for at, term in placed_terms(text[start:end]) if _tells(term)]
    made: dict[frozenset[str], Statement] = {}
    for left, right in _pairs(spans, subject):
        key = frozenset((left.name.casefold(), right.name.casefold()))
        if len(key) == 2 and key not in made:
            begin, stop = (left.end, right.start) if start <= left.start <= right.start else (start, right.start)
            between = [term for at, term in terms if begin <= at < stop][-_MOST_KEYWORDS:]
            made[key] = Statement(left.name, right.name, tuple(dict.fromkeys(between)), described)
        if len(made) == _MOST:
            break
    return list(made.values())


def _tells(term: str) -> bool:
    """Whether a term says something about a relation."""
    return term not in words("generic") and not term.isdecimal()


def _pairs(spans: Sequence[Span], subject: Span | None) -> list[tuple[Span, Span]]:
    """Pairs by how likely the sentence relates them: the subject with each, codes, neighbours, the nearest first."""
    pairs = [(subject, span) for span in spans if span is not subject] if subject else []
    neighbours = [pair for pair in pairwise(spans) if pair[0] is not subject]
    neighbours.sort(key=lambda pair: pair[1].start - pair[0].end)
    close = [pair for pair in neighbours if _belong(*pair)]
    close = [*pairwise(span for span in spans if span.type == "Code"), *close]
    room = max(_MOST - len(close), _MOST // 2)
    return pairs[:room] + close + pairs[room:]


def _belong(left: Span, right: Span) -> bool:
    """Whether neighbours are a relation of their own: a date or an amount belongs to a name only right beside it."""
    values = (left.type in VALUES) + (right.type in VALUES)
    return values == 0 or (values == 1 and right.start - left.end <= _BESIDE)
