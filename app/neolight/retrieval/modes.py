"""The retrieval modes: a mode is a value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from neolight.errors import InvalidInput
from neolight.graph import search
from neolight.graph.gateway import Graph
from neolight.graph.search import Found, Probe
from neolight.retrieval.choose import chosen

Search = Callable[[Graph, Probe, Mapping[str, float]], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of searching: its name, what it does, its search (None: nothing is searched for), and what it needs."""

    name: str
    description: str
    search: Search | None
    keywords: bool
    """Whether it needs the question's keywords."""
    choose: Callable[[str], str] | None = None
    """Names the mode that a question is searched in, where that depends on the question."""


MODES: Mapping[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode("naive", "Passages only: by meaning and by word.", search.naive, keywords=False),
        Mode("local", "Entities first, with their relations and passages.", search.local, keywords=True),
        Mode("global", "Relations first, with their entities and passages.", search.global_, keywords=True),
        Mode("hybrid", "Entities and relations first, with their passages.", search.hybrid, keywords=True),
        Mode(
            "mix", "Everything: passages, entities, relations, and what the graph leads to.", search.mix, keywords=True
        ),
        Mode("bypass", "No search: the language model answers alone.", None, keywords=False),
        Mode("auto", "The mode that fits the question.", None, keywords=False, choose=chosen),
    )
}
DEFAULT = "mix"
BYPASS = "bypass"


def mode_named(name: str) -> Mode:
    """The mode of this name. Raises InvalidInput."""
    try:
        return MODES[name]
    except KeyError:
        raise InvalidInput(f"There is no mode {name!r}.", hint=f"Use one of {', '.join(MODES)}.") from None


def mode_for(name: str, question: str) -> Mode:
    """The mode in which this question is searched. Raises InvalidInput."""
    mode = mode_named(name)
    return mode_named(mode.choose(question)) if mode.choose else mode
