"""Names that may mean the same: what is to be compared, what was found, what a person has decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from neolight.graph import keys
from neolight.graph.entities import Entity
from neolight.graph.gateway import Graph
from neolight.graph.lucene import fuzzy_string
from neolight.graph.query import query
from neolight.nlp.alike import form, initials
from neolight.nlp.alike_rules import Judgement

CANDIDATES_EACH = 12
"""Entities that each index gives to compare one with."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entity whose name has not been compared; `touched`: a person has made or set something of it."""

    id: str
    key: str
    name: str
    mention_count: int
    touched: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the entity `owner` may be the same as; `near` is the cosine of their vectors."""

    owner: str
    id: str
    key: str
    name: str
    mention_count: int
    touched: bool
    near: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two entities that may be the same: how sure that is, from 0 to 1, and by which rule."""

    id: str
    score: float
    reason: str
    first: Entity
    second: Entity


@dataclass(frozen=True, slots=True)
class Rejected:
    """The suggestion that was rejected."""

    id: str


@dataclass(frozen=True, slots=True)
class Left:
    """How many entities have not been compared."""

    count: int


UNMATCHED = query("similar/unmatched", Unmatched)
LEFT = query("similar/left", Left)
CANDIDATES = query("similar/candidates", Candidate)
SUGGEST = query("similar/suggest")
SPELL = query("similar/spell")
MATCHED = query("similar/matched")
SUGGESTIONS = query("similar/suggestions", Suggestion)
SUGGESTION = query("similar/suggestion", Suggestion)
REJECT = query("similar/reject", Rejected)


async def unmatched(graph: Graph, workspace: str, limit: int, *, after: str) -> list[Unmatched]:
    """Entities whose names have not been compared with others yet, after the key of the last one seen."""
    return await graph.fetch(UNMATCHED, workspace=workspace, after=after, limit=limit)


async def candidates(graph: Graph, workspace: str, rows: Sequence[Unmatched]) -> list[Candidate]:
    """What entities may be the same as: from the indexes of forms, initials, vectors and words.

    The forms and initials of others are in their indexes once these were compared themselves, so of two entities the
    second to be compared finds the first.
    """
    await graph.fetch(SPELL, rows=[{"id": row.id, **_spelling(row.name)} for row in rows])
    wanted = [{"id": row.id, "words": fuzzy_string(workspace, re.findall(r"[^\W_]+", row.name))} for row in rows]
    return await graph.fetch(CANDIDATES, workspace=workspace, rows=wanted, limit=CANDIDATES_EACH)


def _spelling(name: str) -> dict[str, str | None]:
    if len(name) > keys.MAX_KEY:  # what is no name has no other spelling, and an index takes no value of that size
        return {"form": None, "initials": None}
    return {"form": form(name) or None, "initials": initials(name) or None}


async def suggest(graph: Graph, workspace: str, pairs: Sequence[tuple[str, str, Judgement]]) -> None:
    """Links entities, by their ids, that may be the same; each pair once, whichever way it is given."""
    by_id = {row["id"]: row for row in (link(workspace, one, other, "open", how) for one, other, how in pairs)}
    if by_id:
        ordered = sorted(by_id.values(), key=lambda row: (row["first_id"], row["second_id"]))
        await graph.fetch(SUGGEST, workspace=workspace, rows=ordered)


def link(workspace: str, one: str, other: str, status: str, judgement: Judgement) -> dict[str, Any]:
    """The row of a link between two entities, the same whichever comes first."""
    first, second = sorted((one, other))
    return {
        "id": f"sim-{keys.digest(workspace, first, second)}", "first_id": first, "second_id": second, "status": status,
        "score": judgement.score, "reason": judgement.reason,
    }  # fmt: skip


async def matched(graph: Graph, ids: Sequence[str]) -> None:
    """Notes that entities have been compared."""
    await graph.fetch(MATCHED, ids=sorted(ids))


async def left(graph: Graph, workspace: str) -> int:
    """How many entities have not been compared."""
    found = await graph.fetch_one(LEFT, workspace=workspace)
    return found.count if found else 0


async def suggestions(
    graph: Graph, workspace: str, *, limit: int, after: tuple[float, str] | None = None
) -> list[Suggestion]:
    """What waits for a person to decide, the surest first, after the (score, id) of the last one."""
    score, id_ = after or (2.0, "")
    return await graph.fetch(SUGGESTIONS, workspace=workspace, after_score=score, after_id=id_, limit=limit)


async def suggestion(graph: Graph, workspace: str, id_: str) -> Suggestion | None:
    """A suggestion that waits for a person."""
    return await graph.fetch_one(SUGGESTION, workspace=workspace, id=id_)


async def reject(graph: Graph, workspace: str, id_: str) -> bool:
    """Notes that two entities are not the same; whether the suggestion was there."""
    return await graph.fetch_one(REJECT, workspace=workspace, id=id_) is not None
