"""How much of many descriptions is shown: what the statements that refresh entities and relations do, as a function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ROOM = 2_400
"""Characters of descriptions that are shown, some 600 tokens of English; a longer one is shown by itself."""

MOST = 64
"""Descriptions that are shown."""

LONG = 400
"""Characters of descriptions from which on they may be worth a summary."""

LIMITS: Mapping[str, int] = {"told": MOST, "room": ROOM, "long": LONG}
"""As parameters of a statement."""


def shown(descriptions: Iterable[str]) -> str:
    """The distinct descriptions, longest first, a line each, as many as there is room for."""
    text = ""
    for one in sorted({one for one in descriptions if one}, key=lambda one: (-len(one), one))[:MOST]:
        if not text:
            text = one
        elif len(text) + len(one) < ROOM:
            text += f"\n{one}"
    return text


def fit(descriptions: Iterable[str]) -> bool:
    """Whether all of the descriptions are shown."""
    distinct = {one for one in descriptions if one}
    return len(distinct) <= MOST and sum(map(len, distinct)) + len(distinct) <= ROOM + 1
