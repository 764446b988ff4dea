"""Technical terms in lower case: compounds such as "coolant pump" and "travel expense policy", found without a tagger.

The shape adjective* noun+ is that of Justeson and Katz (1995); word classes come from lists and from the words beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from neolight.nlp.lexicon import given_names, group, head_types, is_common, looks_common, verb_forms, words
from neolight.nlp.patterns import Span
from neolight.nlp.tokens import Token
from neolight.nlp.words import singular

_ADJECTIVE_ENDS = ("able", "ible", "ful", "less", "ous", "ive", "ical", "ic", "ish", "ary", "ward", "wide", "like")
_LONGEST = 4


def terms(tokens: list[Token], context: str = "") -> list[Span]:
    """Spans of terms in tokens that no name covers; words of `context` (title, section) count as said once more.

    Kept are compounds that end in a noun of the technical vocabulary or come up twice, and single nouns that come up
    three times; at most one term for every ten words, the most frequent first. A term's last word is in the singular.
    """
    candidates = list(_candidates(tokens))
    counts = Counter(name for _, _, name in candidates)
    spoken = context.lower()
    ranked: dict[str, float] = {}
    for first, last, name in candidates:
        heard = counts[name] + (name in spoken)
        if last - first == 1 and name in spoken:
            continue
        if name not in ranked and _is_term(tokens[first:last], heard):
            ranked[name] = heard
    room = max(4, len(tokens) // 10)
    kept = set(sorted(ranked, key=lambda name: -ranked[name])[:room])
    return [
        Span(tokens[first].start, tokens[last - 1].end, name, _kind(name))
        for first, last, name in candidates
        if name in kept
    ]


def _candidates(tokens: list[Token]) -> Iterator[tuple[int, int, str]]:
    """Noun phrases without their determiners: position of the first token, after the last, name."""
    start = 0
    while start < len(tokens):
        end = start
        while end < len(tokens) and _joins(tokens, start, end):
            end += 1
        first, last = _trimmed(tokens, start, end)
        if first < last:
            yield first, last, _name(tokens[first:last])
        start = max(end, start + 1)


def _joins(tokens: list[Token], start: int, index: int) -> bool:
    token = tokens[index]
    if token.masked is not None or (index > start and (token.initial or token.start - tokens[index - 1].end != 1)):
        return False
    kind = _class(token.lower)
    if kind in "NAG":
        return True
    return kind == "B" and not _is_verb_here(tokens, index)


@lru_cache(maxsize=20000)
def _class(word: str) -> str:
    """N noun, G noun that says little by itself, A adjective, B noun or verb, X anything else."""
    if not word[0].isalpha() or len(word) < 3 or word in words("stop_en"):
        return "X"
    base = singular(word)
    if word in words("generic"):
        return "G" if base in words("nouns") else "X"
    if base in words("nouns"):
        return "B" if word in verb_forms() else "N"
    if word in verb_forms() or (word.endswith(("ed", "ly", "ing")) and len(word) > 4 and "-" not in word):
        return "X"
    return "A" if word in words("adjectives") or word.endswith(_ADJECTIVE_ENDS) else "N"


def _is_verb_here(tokens: list[Token], index: int) -> bool:
    """Whether a word that is a noun or a verb is a verb in its place."""
    before = tokens[index - 1].lower if index else ""
    after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if tokens[index].initial and before == ":":  # a list or an explanation: orders begin with a capital
        return after in group("determiners")
    if tokens[index].initial:
        return after in group("determiners") or (after[:1].isalpha() and _class(after) in "NA")
    if before in group("subjects"):
        return True
    if _inflects(tokens[index].lower) and before[:1].isalpha() and _class(before) in "NB" and after[:1].isalpha():
        return _class(after) in "NABG" or after in group("determiners")
    return after in group("determiners") and before not in group("determiners")


def _inflects(word: str) -> bool:
    """Whether the word is a verb in the third person, or a plural, which seldom stands before another noun."""
    return word.endswith("s") and singular(word) != word and singular(word) in words("verbs")


def _trimmed(tokens: list[Token], start: int, end: int) -> tuple[int, int]:
    """The phrase without what may not close it, and cut to its last words if it is long."""
    while end > start and _class(tokens[end - 1].lower) in "AG" and not _is_bound(tokens, start, end):
        end -= 1
    return max(start, end - _LONGEST), end


def _is_bound(tokens: list[Token], start: int, end: int) -> bool:
    """Whether a generic word at the end means something by the noun before it, as in "suction line", "pump head"."""
    if end - start < 2 or tokens[end - 1].lower not in group("bound_heads"):
        return False
    return _class(tokens[end - 2].lower) in "NB"


def _name(run: list[Token]) -> str:
    return " ".join([*(token.lower for token in run[:-1]), singular(run[-1].lower)])


def _kind(name: str) -> str:
    """The type by the head of a compound."""
    head = name.rsplit(" ", 1)[-1]
    for kind in ("Product", "Document", "Organization"):
        if " " in name and head in group(kind.lower()):
            return kind
    return "Concept"


def _is_term(run: list[Token], heard: int) -> bool:
    head = singular(run[-1].lower)
    if len(run) == 1:
        return (heard >= 3 and len(head) > 3 and head in words("nouns")) or is_rare(head)
    return heard >= 2 or head in words("nouns") or is_rare(head)


@lru_cache(maxsize=20000)
def is_rare(word: str) -> bool:
    """Whether an English noun is in no list of ordinary words: a term of some trade, as diaphragm and limescale are."""
    known = is_common(word) or looks_common(word) or word in given_names() or word in head_types()
    return len(word) > 4 and word.isascii() and word.isalpha() and not known
