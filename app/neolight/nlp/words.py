"""Content words of a text, for lexical scoring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import snowballstemmer

from neolight.nlp.chinese import HAN, segment
from neolight.nlp.lexicon import group
from neolight.nlp.lexicon import words as load

_WORD = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
    r"|\d+(?:[.,:/]\d+)+"
    r"|[^\W_](?:[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[-.'’‑–_/&](?=[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]))*"
)
_FIRST_HAN = "\u3400"
_DASHES = str.maketrans({"‑": "-", "–": "-", "’": "'"})
_HYPHEN = re.compile(r"(?<=[a-z])-(?=\d)")
_CODE = re.compile(r"(?=.*\d)[\w./-]+")


def search_terms(text: str, *, stem: bool = False) -> list[str]:
    """Content words in order, lower case, with repetitions and without stop words; codes such as `e-45` stay whole.

    A hyphenated word without digits gives its parts. With `stem`, English words are cut to their stems
    (see `stemmed`) and `E-45` equals `E45`, which fits comparing texts with each other but not a full-text index.
    """
    return [term for _, term in placed_terms(text, stem=stem)]


def placed_terms(text: str, *, stem: bool = False) -> Iterator[tuple[int, str]]:
    """The search terms, each with the character at which it, or the word or run of Chinese it comes from, begins."""
    for match in _WORD.finditer(text):
        start, word = match.start(), match.group()
        if word[0] >= _FIRST_HAN and HAN.match(word):
            for term in segment(word):
                if term not in load("stop_zh"):
                    yield start, term
                start += len(term)
            continue
        for term in _english_terms(word, stem):
            yield start, term


@lru_cache(maxsize=50_000)
def _english_terms(word: str, stem: bool) -> tuple[str, ...]:
    word = word.translate(_DASHES).lower().removesuffix("'s").rstrip("'.-/&")
    stop = load("stop_en")
    if word in stop:
        return ()
    if _CODE.fullmatch(word):
        return (_HYPHEN.sub("", word) if stem else word,)
    parts = [part for part in re.split(r"[-/.&]", word) if len(part) > 1 and part not in stop]
    return tuple(stemmed(part) for part in parts) if stem else tuple(parts)


def stemmed(word: str) -> str:
    """A word without its English inflection and commonest noun endings, so that approved, approves and approval meet.

    Porter's second stemmer for English (snowballstem.org), and the endings of who does it and of the doing that it
    leaves: supplier meets supplies, delivery meets delivers. Words shorter than four letters stay as they are.
    """
    if len(word) < 4 or word in group("keep_stem") or not word.isascii() or not word.isalpha():
        return word
    stem = _english().stemWord(word)
    for ending in ("eri", "er"):
        if stem.endswith(ending) and len(stem) - len(ending) >= 4:
            return stem.removesuffix(ending)
    return stem


@cache
def _english() -> Any:
    return snowballstemmer.stemmer("english")


def singular(word: str) -> str:
    """An English noun in the singular, as far as its ending tells."""
    if len(word) < 4 or word in group("keep_stem"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
