"""How far a proper name reaches: capitalised words and what may link them."""

from __future__ import annotations

import re

from neolight.nlp.lexicon import given_names, group, is_common, phrases, verb_forms, words
from neolight.nlp.tokens import Token

_LONGEST = 40
"""Tokens of a run."""
_NUMBER = re.compile(r"\d{1,4}(?:\.\d+)*")


def run_end(tokens: list[Token], start: int) -> int:
    """The position after the run of name words that begins at `start`."""
    end = start + 1
    while end < min(len(tokens), start + _LONGEST):
        step = _step(tokens, start, end)
        if not step:
            break
        end += step
    return end


def _step(tokens: list[Token], start: int, end: int) -> int:
    """By how many tokens the run may grow; 0 if it ends here."""
    before, token = tokens[end - 1], tokens[end]
    if token.masked or token.first:
        return 0
    gap = token.start - before.end
    if gap == 0:
        return _step_close(tokens, start, end)
    if gap != 1 or (token.initial and before.text != "|"):
        return 0
    if token.upper:
        return 0 if _begins_person(tokens, start, end) else 1
    if _NUMBER.fullmatch(token.text):
        return 0 if _counts(tokens, end) else 1
    return _step_link(tokens, start, end)


def _step_close(tokens: list[Token], start: int, end: int) -> int:
    """Over a mark without a space before it: the comma of "Acme, Inc." and the apostrophe of "Bernie's Diner"."""
    token = tokens[end]
    if token.text == "," and end + 1 < len(tokens) and tokens[end + 1].lower in group("company_ends"):
        return 2
    if token.text[0] not in "'’" or not _upper_at(tokens, end + 1):
        return 0
    if tokens[end - 1].lower in group("always_possessive") or tokens[start].lower == "st.":
        return 2
    if _is_place(tokens[start:end]):
        return 0
    last = end + 1
    while _upper_at(tokens, last + 1):
        last += 1
    return 2 if tokens[last].lower in group("join_possessive") else 0


def _upper_at(tokens: list[Token], index: int) -> bool:
    """Whether a capitalised word stands at `index`, one space after the token before."""
    if index >= len(tokens):
        return False
    token = tokens[index]
    return token.upper and token.masked is None and token.start - tokens[index - 1].end == 1


def _is_place(run: list[Token]) -> bool:
    return " ".join(token.lower for token in run) in phrases("places")


def _begins_person(tokens: list[Token], start: int, end: int) -> bool:
    """Whether a person's name begins right after a place, as in "Vice President of the United States Dick Cheney"."""
    if tokens[end].lower not in given_names() or not _upper_at(tokens, end + 1):
        return False
    return any(_is_place(tokens[at:end]) for at in range(max(start + 1, end - 2), end))


def _counts(tokens: list[Token], index: int) -> bool:
    """Whether the number at `index` counts the lower-case word after it."""
    if index + 1 >= len(tokens):
        return False
    following = tokens[index + 1]
    return following.text[0].islower() and following.lower not in words("stop_en") | verb_forms()


def _step_link(tokens: list[Token], start: int, end: int) -> int:
    """The length of a link such as "of the" and the capitalised word after it, if the link may join two names."""
    after = end + 1
    while after < len(tokens) and after - end < 3 and _is_small(tokens[after]):
        after += 1
    if not _upper_at(tokens, after) or not _may_link(tokens, start, end):
        return 0
    if tokens[end].lower == "of" and tokens[end - 1].lower in group("posts") and not is_common(tokens[after].lower):
        return 0  # "Managing Director of Meridian" is a post at a company, "Director of Sales" a post
    return after + 1 - end


def _is_small(token: Token) -> bool:
    return not token.upper and (token.lower == "the" or token.lower in group("particles"))


def _may_link(tokens: list[Token], start: int, end: int) -> bool:
    """Whether the small word at `end` joins the name before it with the one after it."""
    link, last = tokens[end].lower, tokens[end - 1].lower
    inside = {token.lower for token in tokens[start:end]}
    if link == "of":
        single = end - start == 1 and last not in given_names()
        return single or last in group("of_heads") or is_common(last) or "of" in inside
    if link == "for":
        return last in group("for_heads")
    if link == "and":
        return _may_and(tokens, start, end) or (
            bool(inside & {"of", "for", "on"}) and bool(inside & group("and_heads"))
        )
    if link in {"on", "in"}:
        return bool(inside & group("on_heads"))
    return link == "&" or link in group("particles")


def _may_and(tokens: list[Token], start: int, end: int) -> bool:
    """Whether "and" joins two ordinary words with capitals, as in "Health and Safety Officer"."""
    if end - start != 1 or tokens[start].initial or not _upper_at(tokens, end + 1):
        return False
    return all(is_common(token.lower) and token.text[1:].islower() for token in (tokens[start], tokens[end + 1]))
