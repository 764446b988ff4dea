"""Word lists that come with the package: one file in data/ each, words apart by white space, `#` opens a comment."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def _lines(name: str) -> list[str]:
    text = (files("neolight.nlp") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def words(name: str) -> frozenset[str]:
    """The words of one list, as written in its file."""
    return frozenset(word for line in _lines(name) for word in line.split())


@cache
def phrases(name: str) -> frozenset[str]:
    """The phrases of one list, which its file sets apart by commas, in lower case."""
    return frozenset(phrase.strip().casefold() for line in _lines(name) for phrase in line.split(","))


@cache
def head_types() -> dict[str, str]:
    """The type of a name by its last word in lower case."""
    return {word: line.split()[0] for line in _lines("heads") for word in line.split()[1:]}


@cache
def group(name: str) -> frozenset[str]:
    """The words of one group of groups.txt, in lower case."""
    return _groups()[name]


@cache
def _groups() -> dict[str, frozenset[str]]:
    return {line.split()[0]: frozenset(line.split()[1:]) for line in _lines("groups")}


@cache
def verb_forms() -> frozenset[str]:
    """All forms of the common verbs, in lower case."""
    forms: set[str] = set()
    for verb in words("verbs"):
        forms.update(_inflected(verb))
    return frozenset(forms)


@cache
def is_common(word: str) -> bool:
    """Whether a word in lower case is known as one that is no name; an inflected form is known by its base."""
    if (
        word in words("stop_en")
        or word in verb_forms()
        or word in words("adjectives")
        or word in words("stop_question")
    ):
        return True
    known, nouns = words("common"), words("nouns")
    return any(base in known or base in nouns for base in _bases(word))


@cache
def looks_common(word: str) -> bool:
    """Whether a word in lower case that no list has ends like an ordinary one: attendees, groundbreaking, summarize."""
    if len(word) < 7 or word in given_names() or word in phrases("places"):
        return False
    return word.endswith(tuple(group("common_ends"))) or word.removesuffix("s").endswith(tuple(group("common_ends")))


def _inflected(verb: str) -> tuple[str, ...]:
    if verb.endswith("e"):
        return verb, verb + "s", verb + "d", verb[:-1] + "ing"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"
    double = verb + verb[-1]
    plural = verb + ("es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")
    return verb, plural, verb + "ed", verb + "ing", double + "ed", double + "ing"


def _bases(word: str) -> list[str]:
    bases = [word]
    for suffix, replacements in (
        ("ies", ("y",)),
        ("es", ("", "e")),
        ("s", ("",)),
        ("ing", ("", "e")),
        ("ly", ("",)),
        ("ed", ("", "e")),
    ):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            bases.extend(word.removesuffix(suffix) + replacement for replacement in replacements)
    return bases


@cache
def given_names() -> frozenset[str]:
    """Common given names, in lower case."""
    return frozenset(name.lower() for name in words("given_names"))
