"""The type of a proper name, judged by its words and by the words around it."""

from __future__ import annotations

from neolight.nlp.lexicon import given_names, group, head_types, is_common, phrases, words
from neolight.nlp.tokens import Token


def kind_of(tokens: list[Token], start: int, end: int) -> str:
    """The type of the name in tokens start to end (excluded), such as Person; Concept if nothing tells."""
    lowers = [token.lower for token in tokens[start:end]]
    if "&" in lowers[1:-1]:
        return "Organization"
    if " ".join(lowers) in phrases("places"):
        return "Location"
    if 1 < len(lowers) < 5 and lowers[0] in given_names() and lowers[-1] in group("surnames"):
        return "Person"
    return _by_head(lowers) or _by_neighbours(tokens, start, end)


def _by_neighbours(tokens: list[Token], start: int, end: int) -> str:
    if _is_place(tokens, start, end):
        return "Location"
    before = tokens[start - 1].lower if start else ""
    after = tokens[end].lower if end < len(tokens) else ""
    if before in group("offices") or _is_person(tokens[start:end], before, after):
        return "Person"
    run = tokens[start:end]
    acronym = len(run) == 1 and run[0].text.isupper()
    placed = before in group("place_leads") and len(run) <= 2 and run[-1].lower not in words("nouns")
    return "Location" if placed and not acronym else "Concept"


def _is_place(tokens: list[Token], start: int, end: int) -> bool:
    """By "city of" before it, or a known place after its comma."""
    if start > 1 and tokens[start - 1].lower == "of" and tokens[start - 2].lower in group("place_nouns"):
        return True
    if end + 1 >= len(tokens) or tokens[end].text != ",":
        return False
    one = tokens[end + 1].lower
    return one in phrases("places") or (end + 2 < len(tokens) and f"{one} {tokens[end + 2].lower}" in phrases("places"))


def _by_head(lowers: list[str]) -> str | None:
    """By the head noun: the last word, or the one before "of" or "for"."""
    types = head_types()
    if len(lowers) > 1 and lowers[0] in group("person_openings") and "of" not in lowers and lowers[-1] not in types:
        return "Person"
    for link in ("of", "for"):
        if link in lowers[1:]:
            return types.get(lowers[lowers.index(link) - 1], "Concept")
    last = lowers[-1].rstrip(".")
    if len(lowers) > 1 and last in types:
        return types[last]
    if len(lowers) > 1 and last[:1].isdigit():
        return types.get(lowers[-2], "Product")
    if len(lowers) > 1 and lowers[0] in group("place_openings"):
        return "Location"
    return None


def _is_person(run: list[Token], before: str, after: str) -> bool:
    if len(run) > 4 or any(token.text[0].isdigit() for token in run):
        return False
    first = run[0].lower.split("-")[0]
    if first in given_names():
        return not (len(run) == 1 and before in group("place_leads"))
    if before in group("person_openings") or before in group("roles"):
        return True
    if len(run) == 1:
        return False
    if any(len(token.text) == 2 and token.text[1] == "." for token in run[:-1]) or after in group("person_followers"):
        return True
    return before not in group("place_leads") and len(run) <= 3 and all(_is_bare(token) for token in run)


def _is_bare(token: Token) -> bool:
    """Whether the word is written as names of people are, and is no ordinary word."""
    parts = token.text.split("-")
    return all(part.isalpha() and part.istitle() for part in parts) and not is_common(token.lower)
