"""What `alike` says of two names, and its rules, from `data/alike.toml`, where each is told of."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Verdict(StrEnum):
    """What the rules say of two names."""

    SAME = "same"
    LIKELY = "likely"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, how sure it is (from 0 to 1), and the rule that gave it."""

    verdict: Verdict
    score: float = 0.0
    reason: str = ""


DIFFERENT = Judgement(Verdict.DIFFERENT)


@dataclass(frozen=True)
class Rules:
    """The rules, ready to use; see the file for what each is."""

    words: dict[str, str]
    words_zh: tuple[tuple[str, str], ...]
    suffixes: frozenset[str]
    prefixes: frozenset[str]
    titles: frozenset[str]
    small: frozenset[str]
    apart: frozenset[str]
    apart_zh: frozenset[str]
    marks_zh: str
    suffixes_zh: tuple[str, ...]
    prefixes_zh: tuple[str, ...]
    places_zh: tuple[str, ...]
    opposite_starts: tuple[tuple[str, ...], ...]
    opposite_ends: tuple[tuple[str, ...], ...]
    typo: float
    word: float
    shortest: int
    near: float
    near_text: float


@cache
def rules() -> Rules:
    """The rules of this program."""
    raw: dict[str, Any] = tomllib.loads((files("neolight.nlp") / "data" / "alike.toml").read_text("utf-8"))
    return Rules(
        words={other: group[0] for group in raw["words"] for other in group},
        words_zh=tuple((other, group[0]) for group in raw["words_zh"] for other in group[1:]),
        suffixes_zh=tuple(raw["suffixes_zh"]),
        prefixes_zh=tuple(raw["prefixes_zh"]),
        places_zh=tuple(raw["places_zh"]),
        **{name: tuple(map(tuple, raw[name])) for name in ("opposite_starts", "opposite_ends")},
        apart_zh=frozenset(raw["apart_zh"]),
        **{name: frozenset(raw[name]) for name in ("suffixes", "prefixes", "titles", "small", "apart")},
        **{name: raw[name] for name in ("marks_zh", "typo", "word", "shortest", "near", "near_text")},
    )


def opposite(one: str, two: str) -> bool:
    """Whether two words differ only in a beginning or an ending that makes them opposites, or different kinds."""
    for group in rules().opposite_starts:
        rests = {word.removeprefix(start) for word in (one, two) for start in group if word.startswith(start)}
        if len(rests) == 1 and len(rests.pop()) > 2 and all(word.startswith(tuple(group)) for word in (one, two)):
            return True
    for group in rules().opposite_ends:
        rests = {word.removesuffix(end) for word in (one, two) for end in group if word.endswith(end)}
        if len(rests) == 1 and len(rests.pop()) > 2 and all(word.endswith(tuple(group)) for word in (one, two)):
            return True
    return False
