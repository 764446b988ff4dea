"""Measures of retrieval and of answers, and how certain they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from neolight.models import Passage

DEPTHS = (2, 5, 10)
RESAMPLES = 10_000
_SEED = 2_026
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and the bounds that hold it in 95 of 100 samples of as many questions."""

    mean: float
    low: float
    high: float


def ranked_documents(passages: Sequence[Passage]) -> list[frozenset[str]]:
    """The documents of passages in order of their first one, each as the set of names that it goes by."""
    first = {passage.document_id: passage for passage in reversed(passages)}
    ids = dict.fromkeys(passage.document_id for passage in passages)
    return [_names(first[id_]) for id_ in ids]


def retrieval_scores(gold: Sequence[str], ranked: Sequence[frozenset[str]]) -> dict[str, float]:
    """recall@k: the share of gold documents among the first k; all@5: whether all are; mrr: one by the best rank."""
    ranks = [_rank(name, ranked) for name in dict.fromkeys(gold)]
    scores = {f"recall@{k}": sum(rank <= k for rank in ranks) / len(ranks) for k in DEPTHS}
    scores["all@5"] = float(all(rank <= 5 for rank in ranks))
    best = min(ranks)
    scores["mrr"] = 1 / best if best != float("inf") else 0.0
    return scores


def answer_scores(text: str, answers: Sequence[str]) -> dict[str, float]:
    """F1 of the words that an answer shares with the best form of the right one, and whether it contains that form.

    Source: Rajpurkar et al. 2016 (SQuAD): lower case, no punctuation, no articles. A Chinese character is a word.
    """
    words = _words(text)
    return {
        "f1": max(_f1(words, _words(answer)) for answer in answers),
        "contains": float(any(_contains(words, _words(answer)) for answer in answers)),
    }


def interval(values: Sequence[float]) -> Interval:
    """The mean of values and its 95% interval by the percentile bootstrap (Efron 1979), the same at every call."""
    sample = np.asarray(values, np.float64)
    drawn = np.random.default_rng(_SEED).integers(0, len(sample), (RESAMPLES, len(sample)))
    low, high = np.percentile(sample[drawn].mean(axis=1), (2.5, 97.5))
    return Interval(float(sample.mean()), float(low), float(high))


def paired(scores: Mapping[str, float], base: Mapping[str, float]) -> Interval:
    """How much better one system is than another on the same questions: the interval of the mean difference.

    `scores` and `base` are by question id. Raises ValueError where they do not have the same questions.
    """
    if scores.keys() != base.keys() or not scores:
        raise ValueError("A paired comparison needs the same questions on both sides.")
    return interval([scores[id_] - base[id_] for id_ in scores])


def _names(passage: Passage) -> frozenset[str]:
    path = PurePosixPath(passage.source)
    return frozenset({passage.document_id, passage.source, path.name, path.stem})


def _rank(name: str, ranked: Sequence[frozenset[str]]) -> float:
    return next((rank for rank, names in enumerate(ranked, 1) if name in names), float("inf"))


def _words(text: str) -> list[str]:
    bare = _WORD.findall(_CJK.sub(r" \1 ", text.casefold()))
    return [word for word in bare if word not in _ARTICLES]


def _f1(words: Sequence[str], right: Sequence[str]) -> float:
    shared = (Counter(words) & Counter(right)).total()
    return 2 * shared / (len(words) + len(right)) if shared else 0.0


def _contains(words: Sequence[str], right: Sequence[str]) -> bool:
    return bool(right) and any(words[at : at + len(right)] == list(right) for at in range(len(words)))
