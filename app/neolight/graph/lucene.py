"""The one place where a full-text search string is built: from words, escaped, confined to a workspace."""

from __future__ import annotations

from collections.abc import Iterable

from neolight.graph.keys import scope

MOST_TERMS = 64
MOST_CHARACTERS = 200

NOTHING = "scope:none"
"""A search string that finds nothing: no workspace has this token."""


def search_string(workspace: str, terms: Iterable[str]) -> str:
    """A search for any of the terms in a workspace; several words are a phrase, and operators are plain text.

    The part that finds nothing is there for terms of which the analyzer leaves nothing, such as `the`: a group that is
    empty is no condition at all, and would find the whole workspace.
    """
    cleaned = (_quoted(term) for term in terms)
    phrases = list(dict.fromkeys(phrase for phrase in cleaned if phrase))[:MOST_TERMS]
    return f"+scope:{scope(workspace)} +({NOTHING} {' '.join(phrases)})" if phrases else NOTHING


def fuzzy_string(workspace: str, words: Iterable[str]) -> str:
    """A search in a workspace for any of the words, of letters and digits only, or for those a letter off.

    A long word that stands alone is also found two letters off. That costs ten times as much as one letter, and with
    other words beside it these find the name. Chinese characters are indexed one by one, and stand for themselves.
    """
    terms: list[str] = []
    given = list(words)
    for word in given:
        if any(not char.isalnum() for char in word):
            raise ValueError(word)
        han = [char for char in word if "\u3400" <= char <= "\u9fff"]
        off = 2 if len(given) == 1 and len(word) > 6 else 1
        terms += han or [f"{word.lower()}~{off}" if len(word) > 3 else f'"{word.lower()}"']
    kept = list(dict.fromkeys(term[:MOST_CHARACTERS] for term in terms))[:MOST_TERMS]
    return f"+scope:{scope(workspace)} +({NOTHING} {' '.join(kept)})" if kept else NOTHING


def _quoted(term: str) -> str:
    """A term between quotes, where Lucene knows no operators but backslash and quote; empty without a letter."""
    bare = " ".join(term.replace("\\", " ").replace('"', " ").split())[:MOST_CHARACTERS]
    return f'"{bare}"' if any(char.isalnum() for char in bare) else ""
