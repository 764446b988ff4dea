"""The constants of ranking, each with its reason; none is tuned to one set of questions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranking:
    """How evidence is weighed. Parts of a passage's score are at most 1 each before their weight."""

    depth: int = 40
    """How many passages each passage index is asked for."""
    fusion: float = 60.0
    """Reciprocal rank fusion's constant (Cormack, Clarke, Büttcher 2009)."""
    facts: int = 8
    """How many of the nearest relations give their ends as seeds: more of them dilute the seeds."""
    named: int = 5
    """How many entities found by name are seeds."""
    name_weight: float = 0.5
    """What the best match by name counts against a relation that says exactly the question."""
    seeds: int = 16
    """How many entities the search spreads from."""
    fan: int = 50
    """How many passages and neighbours of one entity are looked at: what bounds the work at a hub."""
    hop: float = 0.5
    """What a step along a relation costs, as damping in personalised PageRank (HippoRAG 2 uses the same)."""
    graph_weight: float = 1.0
    dense_weight: float = 0.5
    lexical_weight: float = 0.5
    """The two passage indexes together count as much as the graph."""
    decay: float = 5.0
    """How fast a passage's part falls with its rank in an index: half of it at this rank."""
    evidence: int = 5
    """How many supporting passages an entity or a relation names."""


RANKING = Ranking()
