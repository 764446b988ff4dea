"""Extractive answers: the sentences of the retrieved passages that together cover the question best."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neolight.models import Passage
from neolight.nlp.chinese import HAN
from neolight.nlp.lexicon import words
from neolight.nlp.patterns import shaped
from neolight.nlp.sentences import sentences
from neolight.nlp.words import search_terms


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage: passage.text[start:end] is its text; the score has no unit, higher is better."""

    passage_index: int
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What a sentence is chosen by; relevance lies about between 0 and 1.5."""

    context: float = 0.75
    """What a question term counts that only the passage's title or section has, against 1 in the sentence itself."""
    meaning: float = 0.4
    """The cosine between question and sentence, against 1 for all question terms."""
    rank: float = 0.15
    """The passage ranked first, against the last one."""
    form: float = 0.15
    """A date for "when", an amount for "how many", a name for "who"."""
    fresh: float = 0.8
    """Question terms that no chosen sentence has yet."""
    bridge: float = 0.3
    """A name in common with a chosen sentence of another document, by which a question's second step is found."""
    redundant: float = 0.6
    """What a sentence loses that repeats a chosen one word for word."""
    least: float = 0.1
    """The share of the question's weight that some sentence must have, else there is no answer."""
    enough: float = 0.7
    """The share of the best sentence's relevance that a sentence needs when it covers nothing new."""


WEIGHTS = Weights()


@dataclass(slots=True)
class _Candidate:
    """A sentence with its terms (stems), the names among them, and its relevance."""

    passage_index: int
    document: str
    start: int
    end: int
    text: str
    terms: frozenset[str]
    names: frozenset[str]
    context: frozenset[str]
    around: frozenset[str] = frozenset()
    """Names in those sentences of the same passage that have terms of the question."""
    relevance: float = 0.0


_NAME = re.compile(r"(?<=\S\s)[^\W\d_a-z][\w-]*|\b[\w-]*\d[\w-]*")
_WHEN = re.compile(
    r"(?i)\b(?:when|what (?:year|date|day|month)|which (?:year|date|quarter))\b|何时|什么时候|哪一?[年天]|几[月号]|日期"
)
_COUNT = re.compile(r"(?i)\bhow (?:much|many|long|often|high|far|old)\b|多少|几[个次天台]|多久|多长|多高")
_WHO = re.compile(r"(?i)\b(?:who|whom|whose)\b|谁|哪位|何人")
_DIGIT = re.compile(r"\d")
_SHORT = 6
"""Terms of a line without a full stop up to which it is a heading rather than a statement."""
_MOST_EMBEDDED = 256


def best_sentences(
    question: str,
    passages: Sequence[Passage],
    *,
    limit: int = 4,
    query_vector: NDArray[np.float32] | None = None,
    embed: Callable[[list[str]], NDArray[np.float32]] | None = None,
) -> list[Quote]:
    """Sentences of the passages (best first) that answer the question together; none if nothing overlaps with it.

    Relevance is the share of the question's terms by inverse document frequency, of which the title's terms count in
    part, plus the cosine to the question if `embed` is given (rows of unit length for a list of texts), plus a prior
    by rank. Choice is greedy: maximal marginal relevance (Carbonell and Goldstein 1998) with the coverage of question
    terms, and of names that lead from one document to another, as its gain. The order is that of choice.
    """
    asked = _asked(question)
    candidates = [candidate for index, passage in enumerate(passages) for candidate in _candidates(index, passage)]
    weights = _weights(asked, candidates)
    total = sum(weights.values())
    candidates = [one for one in candidates if one.terms & asked or (one.context & asked and _fits(question, one.text))]
    if (
        not candidates
        or max(_share((one.terms | one.context) & asked, weights, total) for one in candidates) < WEIGHTS.least
    ):
        return []
    for one, meaning in zip(candidates, _meanings(question, candidates, query_vector, embed), strict=True):
        one.relevance = _relevance(question, one, weights, len(passages)) + WEIGHTS.meaning * meaning
    _look_around(candidates)
    chosen = _chosen(candidates, weights, limit)
    return [Quote(one.passage_index, one.start, one.end, one.text, round(one.relevance, 4)) for one in chosen]


def _look_around(candidates: Sequence[_Candidate]) -> None:
    names: dict[int, set[str]] = {}
    for one in candidates:
        names.setdefault(one.passage_index, set()).update(one.names)
    for one in candidates:
        one.around = frozenset(names[one.passage_index])


def _asked(question: str) -> frozenset[str]:
    """The stems that the question asks about."""
    terms = frozenset(search_terms(question, stem=True))
    return terms - frozenset(search_terms(" ".join(words("stop_question")), stem=True)) or terms


def _candidates(index: int, passage: Passage) -> list[_Candidate]:
    context = frozenset(search_terms(f"{passage.title} {passage.section or ''}", stem=True))
    found: list[_Candidate] = []
    for start, end in sentences(passage.text):
        text = passage.text[start:end]
        terms = frozenset(search_terms(text, stem=True))
        if terms:
            found.append(_Candidate(index, passage.document_id, start, end, text, terms, _names(text), context))
    return found


def _names(text: str) -> frozenset[str]:
    """Stems of capitalised words and of codes; in Chinese, words of two characters and more."""
    names = set(search_terms(" ".join(_NAME.findall(text)), stem=True))
    if HAN.search(text):
        names.update(term for term in search_terms(text) if len(term) > 1 and HAN.match(term))
    return frozenset(names)


def _weights(asked: frozenset[str], candidates: Sequence[_Candidate]) -> dict[str, float]:
    """Inverse frequency of the terms over sentences (Sparck Jones 1972, smoothed); codes count double."""
    counts = Counter(term for one in candidates for term in one.terms & asked)
    size = len(candidates)
    return {
        term: math.log(1 + (size + 1) / (counts[term] + 0.5)) * (1.0 + any(map(str.isdigit, term)))
        for term in sorted(asked)
    }


def _share(terms: frozenset[str], weights: dict[str, float], total: float) -> float:
    return sum(weights[term] for term in terms) / total if total else 0.0


def _relevance(question: str, one: _Candidate, weights: dict[str, float], passages: int) -> float:
    asked = frozenset(weights)
    total = sum(weights.values())
    own = one.terms & asked
    lexical = _share(own, weights, total) + WEIGHTS.context * _share((one.context & asked) - own, weights, total)
    if len(one.terms) <= _SHORT and one.text[-1] not in ".!?。！？":
        lexical /= 2
    prior = WEIGHTS.rank * (1 - one.passage_index / passages)
    return lexical + prior + WEIGHTS.form * _fits(question, one.text)


def _fits(question: str, text: str) -> bool:
    """Whether the sentence has what the question word asks for: a date, an amount or a name."""
    if _WHEN.search(question):
        return any(span.type == "Date" for span in shaped(text))
    if _COUNT.search(question):
        return any(span.type == "Quantity" for span in shaped(text)) or _DIGIT.search(text) is not None
    return _WHO.search(question) is not None and any(not _DIGIT.search(name) for name in _names(text))


def _meanings(
    question: str,
    candidates: Sequence[_Candidate],
    query_vector: NDArray[np.float32] | None,
    embed: Callable[[list[str]], NDArray[np.float32]] | None,
) -> list[float]:
    """Cosine of each sentence with the question, 0 if it is negative, or if there is no embedding."""
    if embed is None:
        return [0.0] * len(candidates)
    vector = embed([question])[0] if query_vector is None else query_vector
    texts = [one.text for one in candidates[:_MOST_EMBEDDED]]
    cosines = [max(0.0, float(cosine)) for cosine in embed(texts) @ vector]
    return cosines + [0.0] * (len(candidates) - len(texts))


def _chosen(candidates: list[_Candidate], weights: dict[str, float], limit: int) -> list[_Candidate]:
    """Candidates picked one by one, each time the one that adds most to those before."""
    total = sum(weights.values())
    best = max(one.relevance for one in candidates)
    left = list(candidates)
    chosen: list[_Candidate] = []
    missing = frozenset(weights)
    while left and len(chosen) < limit:
        gains = [_gain(one, chosen, _share(one.terms & missing, weights, total), frozenset(weights)) for one in left]
        at = max(range(len(left)), key=gains.__getitem__)
        one = left.pop(at)
        if chosen and not (one.terms & missing) and gains[at] < WEIGHTS.enough * best:
            break
        chosen.append(one)
        missing -= one.terms
        left = [other for other in left if _said(other) != _said(one)]
    return chosen


def _said(one: _Candidate) -> str:
    """The words of a sentence: copies of a document say the same, and it is said once."""
    return " ".join(one.text.split()).casefold()


def _gain(one: _Candidate, chosen: Sequence[_Candidate], fresh: float, asked: frozenset[str]) -> float:
    if not chosen:
        return one.relevance
    repeated = max(len(one.terms & other.terms) / len(one.terms | other.terms) for other in chosen)
    bridged = max(_bridge(one, other, asked) for other in chosen)
    return one.relevance + WEIGHTS.fresh * fresh + WEIGHTS.bridge * bridged - WEIGHTS.redundant * repeated


def _bridge(one: _Candidate, other: _Candidate, asked: frozenset[str]) -> float:
    """1 if a name that is not in the question leads from the one document to the other, half if it stands nearby."""
    if one.document == other.document:
        return 0.0
    ours = one.names - asked - one.context
    return 1.0 if ours & other.names else 0.5 * bool(ours & other.around)
