"""Chinese words by jieba, which is loaded at its first use, in silence, and without its cache file."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from functools import cache, lru_cache
from typing import Any

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""One Chinese character."""

RARE = 200
"""Occurrences in the 60 million words that jieba's dictionary was counted on."""
_PIECE = 1000
_UNKNOWN = 12
"""Characters in a row that make no known word, at most, in meaningful text."""
_lock = threading.RLock()


def is_chinese(text: str) -> bool:
    """Whether the text has any Chinese character."""
    return HAN.search(text) is not None


@cache
def _segmenter() -> Any:
    """jieba's segmenter, filled by hand: jieba would keep its dictionary in a file that others may write."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba  # noqa: PLC0415  it takes a second and 100 MB, and is needed for Chinese only

        jieba.setLogLevel(logging.WARNING)
        segmenter: Any = jieba.dt
        if not segmenter.initialized:
            segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
            segmenter.initialized = True
        return segmenter


@cache
def _tagger() -> Any:
    """jieba's part-of-speech tagger, on the same dictionary."""
    _segmenter()
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba.posseg  # noqa: PLC0415  as above

        return jieba.posseg.dt


def segment(text: str) -> list[str]:
    """The words of a text in order, punctuation and white space among them."""
    return [word for piece in _pieces(text) for word in _segmenter().lcut(piece)]


def tag(text: str) -> list[tuple[str, str]]:
    """The words of a text in order, each with jieba's part-of-speech tag (n noun, nr person, ns place, ...).

    Characters that make no known word, such as those of a rare name, are left to jieba's hidden Markov model. It takes
    milliseconds for each, so longer runs of them, which a broken encoding makes, stay single characters.
    """
    tagged: list[tuple[str, str]] = []
    run = ""
    for piece in _pieces(text):
        for pair in _tagger().lcut(piece, HMM=False):
            if len(pair.word) == 1 and HAN.match(pair.word):
                run += pair.word
                continue
            tagged.extend(_retagged(run))
            tagged.append((pair.word, pair.flag))
            run = ""
    tagged.extend(_retagged(run))
    return tagged


@lru_cache(maxsize=20_000)
def _retagged(run: str) -> tuple[tuple[str, str], ...]:
    return tuple((pair.word, pair.flag) for pair in _tagger().lcut(run, HMM=len(run) <= _UNKNOWN))


def is_rare(word: str) -> bool:
    """Whether a word is in the dictionary and seldom used: a term of some trade, as 隔膜 and 螺栓 are."""
    return 0 < (_segmenter().FREQ.get(word) or 0) <= RARE


def _pieces(text: str) -> list[str]:
    """The text in pieces, as jieba takes more than twice the time for twice the text."""
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
