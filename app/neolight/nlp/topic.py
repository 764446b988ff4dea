"""What a passage is about: the entity that its document's title names."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from neolight.nlp.chinese import HAN, is_chinese
from neolight.nlp.lexicon import given_names, head_types, is_common
from neolight.nlp.patterns import Span, instead

_FILE = re.compile(r"(?i)\.(?:pdf|docx?|xlsx?|pptx?|md|txt|html?|csv|json|eml|rtf)$")
_WORD = re.compile(r"\w+(?:['’.&]\w+)*")
_NOISE = re.compile(r"(?i)^(?:untitled|document|scan|img|image|file|text|copy|new)?[\W_\d]*$|^[0-9a-f]{8,}$")
_BETWEEN = frozenset(" \t\n\u00a0-‑–—,&:/().")
_GAP = 3
_LONGEST = 12
"""Words in a title that still names something."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The main entity of a passage: its name, its type, and where the text has it (characters start to end)."""

    name: str
    type: str
    places: tuple[tuple[int, int], ...]

    @property
    def span(self) -> Span:
        """The topic as a span that lies in no sentence."""
        return Span(-1, -1, self.name, self.type)


def topic_of(title: str | None, text: str) -> Topic | None:
    """The entity that the title names, or nothing if the title is only a file name without words.

    "Milton Township, Illinois" and "Milton (community)" name Milton Township and Milton where the text has only those.
    """
    for candidate in _candidates(title or ""):
        if places := _places(candidate, text):
            return Topic(candidate, _kind(candidate), places)
    names = _candidates(title or "")
    return Topic(names[-1], _kind(names[-1]), ()) if names else None


@lru_cache(maxsize=4096)
def _candidates(title: str) -> tuple[str, ...]:
    name = _FILE.sub("", title.strip())
    if name != title.strip():
        name = re.sub(r"[_\s]+|(?<!\d)-|-(?!\d)", " ", name)
    name = " ".join(name.split()).strip(" .:;-–#*\"'")
    if not name or _NOISE.match(name) or len(name.split()) > _LONGEST:
        return ()
    plain = re.sub(r"\s*[(（][^()（）]*[)）]", "", name).strip() or name
    head = plain.split(",")[0].strip()
    return tuple(dict.fromkeys(form for form in (name, plain, head) if form))


def _places(name: str, text: str) -> tuple[tuple[int, int], ...]:
    """Where the text has the name, in any case and with any dashes and spaces between its words."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or is_chinese(name):
        words = [name.lower()]
    found: list[tuple[int, int]] = []
    at = lower.find(words[0])
    while at >= 0:
        end = _end_of(words, lower, at)
        if end:
            found.append((at, end))
        at = lower.find(words[0], end or at + 1)
    return tuple(found)


def _end_of(words: list[str], lower: str, at: int) -> int:
    """The end of the words that begin at `at` with at most three marks between them, else 0."""
    bounded = not HAN.match(words[0])
    if bounded and at and (lower[at - 1].isalnum() or lower[at - 1] == "_"):
        return 0
    end = at + len(words[0])
    for word in words[1:]:
        after = end
        while after < len(lower) and after - end < _GAP and lower[after] in _BETWEEN:
            after += 1
        if after == end or not lower.startswith(word, after):
            return 0
        end = after + len(word)
    return 0 if bounded and end < len(lower) and (lower[end].isalnum() or lower[end] == "_") else end


@lru_cache(maxsize=4096)
def _kind(name: str) -> str:
    lowers = name.lower().replace("'s", "").split()
    types = head_types()
    for link in ("of", "for"):
        if link in lowers[1:]:
            return types.get(lowers[lowers.index(link) - 1], "Concept")
    if len(lowers) > 1 and lowers[-1] in types:
        return types[lowers[-1]]
    if not 1 < len(lowers) < 5:
        return "Concept"
    strange = len(lowers) < 4 and all(word.isalpha() and not is_common(word) for word in lowers) and name.istitle()
    return "Person" if lowers[0] in given_names() or strange else "Concept"


def with_topic(spans: list[Span], topic: Topic | None) -> list[Span]:
    """The spans (in order and apart) with the topic at its places; longer names that contain it stay."""
    if topic is None or not topic.places:
        return spans
    starts = [span.start for span in spans]
    placed: list[Span] = []
    for start, end in topic.places:
        at = bisect_right(starts, start) - 1
        if at < 0 or not _covers(spans[at], start, end) or _same_person(spans[at], topic):
            placed.append(Span(start, end, topic.name, topic.type))
    return instead(spans, placed)


def _same_person(span: Span, topic: Topic) -> bool:
    """Whether the longer name is the same person with a rank or an order, as in "Major Archibald Gordon CBE"."""
    return (
        topic.type == "Person" and " " in topic.name and span.type in {"Person", "Concept"} and " of " not in span.name
    )


def _covers(span: Span, start: int, end: int) -> bool:
    return span.start <= start and end <= span.end and span.end - span.start > end - start
