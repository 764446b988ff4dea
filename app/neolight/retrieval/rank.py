"""The constants of ranking, each with its reason; none is tuned to one set of questions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranking:
    """How evidence is weighed: a walk over the graph from the facts and names of a question, and what indexes find.

    The walk is personalised PageRank as HippoRAG 2 has it (arXiv 2502.14802), cut off after three steps: in each, a
    node gives what it holds, times the damping, to its neighbours in equal parts.
    """

    depth: int = 40
    """How many passages each passage index is asked for."""
    fusion: float = 60.0
    """Reciprocal rank fusion's constant (Cormack, Clarke, Büttcher 2009)."""
    facts: int = 20
    """How many of the nearest relations give their ends as seeds; the temperature makes the later ones count little."""
    temperature: float = 0.15
    """How fast a relation counts less with its distance from the nearest one, as a part of the distance of the last:
    a softmax, scaled by the question's own spread, because cosines spread differently in every embedding model."""
    name_weight: float = 1.0
    """What an entity that the question names counts: as much as the nearest relation."""
    seeds: int = 16
    """How many entities the walk starts from."""
    damping: float = 0.85
    """PageRank's own (Brin and Page 1998)."""
    fan: int = 50
    """How many neighbours of one node are looked at: what bounds the work at a hub, whose neighbours get little."""
    frontier: int = 100
    """How many nodes a step goes on from, those that hold most: what bounds the work of the walk."""
    passage_weight: float = 0.025
    """What the best passage of each passage index counts beside the walk; both together as in HippoRAG 2 (0.05)."""
    hub: int = 10
    """How many relations of an entity with more than `fan` of them the index is asked for, each way."""
    widening: int = 25
    """How many times as much an index that cannot filter is asked for where a filter is given."""
    few: int = 1000
    """Where a filter lets no more passages through, what they say is compared with the question one by one."""
    evidence: int = 5
    """How many supporting passages an entity or a relation names."""


RANKING = Ranking()
