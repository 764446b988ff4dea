"""Where statements belong once names have come to mean another entity: their relations follow the names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from neolight.graph import keys
from neolight.graph import relations as stored
from neolight.graph.gateway import Transaction
from neolight.graph.query import query

PLACED = 2000
"""Rows a statement."""


@dataclass(frozen=True, slots=True)
class Place:
    """An entity: its key and id."""

    key: str
    id: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a chunk states: the keys as they were said, and the entities where they are now."""

    statement: str
    source_key: str
    target_key: str
    source_home: str
    source_id: str
    target_home: str
    target_id: str

    @property
    def places(self) -> tuple[Place, Place]:
        """Where its source and its target are now."""
        return Place(self.source_home, self.source_id), Place(self.target_home, self.target_id)


@dataclass(frozen=True, slots=True)
class EditedRelation:
    """A relation with what a person has set of it."""

    id: str
    source_id: str
    source_key: str
    target_id: str
    target_key: str
    manual: bool
    edited_description: str | None
    edited_keywords: str | None
    edited_weight: float | None

    @property
    def is_edited(self) -> bool:
        """Whether a person has made it or set something of it."""
        set_ = (self.edited_description, self.edited_keywords, self.edited_weight)
        return self.manual or any(value is not None for value in set_)


@dataclass(frozen=True, slots=True)
class LockedRelation:
    """A relation under lock."""

    id: str


Ends: TypeAlias = Callable[[Said], tuple[Place, Place]]
"""Where the source and the target of a statement belong."""

SAID = query("relations/said", Said)
PLACE = query("relations/place")
EDGES = query("relations/edges", EditedRelation)
LOCK = query("relations/lock", LockedRelation)
EDIT = query("relations/edit")
DROP = query("relations/drop")
UNSTATE = query("relations/unstate")


async def merged(tx: Transaction, workspace: str, homes: Mapping[str, Place]) -> list[str]:
    """Moves the statements and relations of entities to others, which are by their id; the relations that have changed.

    What a person has set of two relations that become one is joined: descriptions and keywords without what is there
    twice, and the larger weight.
    """
    old = await tx.run(EDGES, ids=sorted(homes))
    await tx.run(LOCK, workspace=workspace, ids=[row.id for row in old])

    def ends(one: Said) -> tuple[Place, Place]:
        source, target = one.places
        return homes.get(source.id, source), homes.get(target.id, target)

    touched = await _place(tx, workspace, await tx.run(SAID, ids=sorted(homes)), ends)
    touched += await _carry(tx, workspace, [row for row in old if row.is_edited], homes)
    await tx.run(DROP, ids=[row.id for row in old])
    return sorted(set(touched) - {row.id for row in old})


async def parted(tx: Transaction, workspace: str, said: Sequence[Said], homes: Mapping[str, Place]) -> list[str]:
    """Moves the statements that were said under these keys to the entities that the keys stand for now."""

    def ends(one: Said) -> tuple[Place, Place]:
        source, target = one.places
        return homes.get(one.source_key, source), homes.get(one.target_key, target)

    mine = [one for one in said if one.source_key in homes or one.target_key in homes]
    return await _place(tx, workspace, mine, ends, before=True)


async def delete(tx: Transaction, ids: Sequence[str]) -> None:
    """Deletes relations and all that states them; the ids must be in order."""
    await tx.run(UNSTATE, ids=list(ids))
    await tx.run(DROP, ids=list(ids))


async def _place(
    tx: Transaction, workspace: str, said: Sequence[Said], ends: Ends, *, before: bool = False
) -> list[str]:
    """Places statements; the ids of the relations that they are in now, and `before` also those that they were in."""
    edges: dict[str, dict[str, str]] = {}
    rows: list[dict[str, Any]] = []
    touched: set[str] = set()
    for one in said:
        source, target = ends(one)
        id_ = None if source.id == target.id else keys.relation_id(workspace, source.key, target.key)
        if id_ is not None:
            edges.setdefault(id_, {"relation_id": id_, "source_key": source.key, "target_key": target.key})
        if before and one.source_id != one.target_id:
            touched.add(keys.relation_id(workspace, one.source_home, one.target_home))
        rows.append(
            {
                "statement": one.statement,
                "entity_id": source.id,
                "relation_id": id_,
                "source_key": None if one.source_key == source.key else one.source_key,
                "target_key": None if one.target_key == target.key else one.target_key,
            }
        )
    await _written(tx, workspace, edges.values())
    for at in range(0, len(rows), PLACED):
        await tx.run(PLACE, rows=rows[at : at + PLACED])
    return [*edges, *touched]


async def _written(tx: Transaction, workspace: str, edges: Iterable[dict[str, str]]) -> None:
    ordered = sorted(edges, key=lambda row: row["relation_id"])
    if ordered:
        await tx.run(stored.WRITE, workspace=workspace, rows=ordered)


async def _carry(
    tx: Transaction, workspace: str, old: Sequence[EditedRelation], homes: Mapping[str, Place]
) -> list[str]:
    """Carries what a person has set of relations over to those that take their place."""
    edges: dict[str, dict[str, str]] = {}
    edits: dict[str, list[EditedRelation]] = {}
    for row in old:
        source = homes.get(row.source_id, Place(row.source_key, row.source_id))
        target = homes.get(row.target_id, Place(row.target_key, row.target_id))
        if source.id != target.id:
            id_ = keys.relation_id(workspace, source.key, target.key)
            edges.setdefault(id_, {"relation_id": id_, "source_key": source.key, "target_key": target.key})
            edits.setdefault(id_, []).append(row)
    if not edges:
        return []
    await _written(tx, workspace, edges.values())
    there = await tx.run(EDGES, ids=sorted({place.id for place in homes.values()}))
    for row in there:
        if row.id in edits:
            edits[row.id].insert(0, row)
    await tx.run(EDIT, rows=[{"id": id_, "edits": _joined(rows)} for id_, rows in sorted(edits.items())])
    return [*edges]


def _joined(rows: Sequence[EditedRelation]) -> dict[str, Any]:
    weights = [row.edited_weight for row in rows if row.edited_weight is not None]
    return {
        "manual": True if any(row.manual for row in rows) else None,
        "edited_description": _union([row.edited_description for row in rows], "\n"),
        "edited_keywords": _union([row.edited_keywords for row in rows], ", "),
        "edited_weight": max(weights) if weights else None,
    }


def _union(texts: Sequence[str | None], mark: str) -> str | None:
    written = [text for text in texts if text is not None]
    return mark.join(dict.fromkeys(part for text in written for part in text.split(mark) if part)) if written else None
