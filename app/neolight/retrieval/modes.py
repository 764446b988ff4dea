"""The retrieval modes: a mode is a value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from neolight.errors import InvalidInput
from neolight.graph import search
from neolight.graph.gateway import Graph
from neolight.graph.search import Found, Probe

Search = Callable[[Graph, Probe, Mapping[str, float]], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of searching: its name, what it does, and whether it needs the question's keywords."""

    name: str
    description: str
    search: Search
    keywords: bool


MODES: Mapping[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode("naive", "Passages only: by meaning and by word.", search.naive, keywords=False),
        Mode(
            "mix", "Everything: passages, entities, relations, and what the graph leads to.", search.mix, keywords=True
        ),
    )
}
DEFAULT = "mix"


def mode_named(name: str) -> Mode:
    """The mode of this name. Raises InvalidInput."""
    try:
        return MODES[name]
    except KeyError:
        raise InvalidInput(f"There is no mode {name!r}.", hint=f"Use one of {', '.join(MODES)}.") from None
