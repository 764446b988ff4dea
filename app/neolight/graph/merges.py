"""Entities that are merged into one, and taken apart again: a merged entity becomes another name of its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from neolight.errors import InvalidInput, NotFound
from neolight.graph import edits, keys, placing
from neolight.graph.edits import Edited, LockedEntity
from neolight.graph.gateway import Graph, Transaction
from neolight.graph.names import Names
from neolight.graph.query import query
from neolight.graph.transactions import transaction


class MergeStrategy(StrEnum):
    """How the description and the type of a merged entity come about."""

    JOIN = "join"
    """From all that documents say of the merged entities; descriptions that a person has set are joined."""

    TARGET = "target"
    """Those of the target stay as they are now."""


ABSORB = query("entities/absorb")


async def merge_entities(
    graph: Graph,
    workspace: str,
    sources: Sequence[str],
    target: str,
    *,
    strategy: MergeStrategy = MergeStrategy.JOIN,
) -> Edited:
    """Merges entities into another one, whose name stays; theirs become other names of it.

    Where both are related to a third one, what is stated of either is stated of one relation.

    Raises InvalidInput, NotFound.
    """
    gone = sorted(set(sources) - {target})
    if not gone:
        raise InvalidInput("A merge needs an entity besides its target.", hint="Name others in `sources`.")

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        by_id, touched = await _absorbed(tx, workspace, dict.fromkeys(gone, target), "merge")
        set_ = _merged_edits(by_id[target], [by_id[id_] for id_ in gone], strategy)
        await tx.run(edits.EDIT, rows=[{"id": target, "edits": set_}])
        names.changed = True
        return await edits.ended(tx, target, [target], touched, names, [by_id[id_].key for id_ in gone])

    return await transaction(graph, work)


async def merge_by_rule(graph: Graph, workspace: str, targets: Mapping[str, str]) -> Edited:
    """Merges many entities in one transaction, each into the target of its id. It sets nothing of these: each shows the
    name that is used most.

    Raises NotFound: one of them is gone, and none is merged.
    """
    gone, kept = sorted(targets), sorted(set(targets.values()))

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        by_id, touched = await _absorbed(tx, workspace, targets, "rule")
        names.changed = True
        return await edits.ended(tx, kept[0], kept, touched, names, [by_id[id_].key for id_ in gone])

    return await transaction(graph, work)


async def _absorbed(
    tx: Transaction, workspace: str, targets: Mapping[str, str], origin: str
) -> tuple[dict[str, LockedEntity], list[str]]:
    """Makes entities other names of their targets; all of them as they were, and the relations that have changed."""
    by_id = {row.id: row for row in await edits.locked(tx, workspace, sorted({*targets, *targets.values()}))}
    homes = {id_: placing.Place(by_id[target].key, target) for id_, target in targets.items()}
    touched = await placing.merged(tx, workspace, homes)
    rows = [{"source_id": id_, "target_id": targets[id_], "origin": origin} for id_ in sorted(targets)]
    await tx.run(ABSORB, rows=rows)
    return by_id, touched


async def split_entity(graph: Graph, workspace: str, id_: str, others: Sequence[str]) -> Edited:
    """Takes other names from an entity: what was merged becomes an entity of its own again, with what was said of it.

    A name that nothing mentions is given up. What a person has set of relations stays with the entity.

    Raises InvalidInput, NotFound: one of them is no other name of the entity.
    """

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        (entity,) = await edits.locked(tx, workspace, [id_])
        apart: list[str] = []
        touched: list[str] = []
        for name in dict.fromkeys(keys.entity_key(other) for other in others):
            found = await edits.other_name(tx, workspace, entity, name)
            if found is None:
                raise NotFound(f"{name[:80]!r} is no other name of {entity.name[:80]!r}.", hint="See its `aliases`.")
            ids, stated = await edits.parted(tx, workspace, entity, name, found)
            apart += ids
            touched += stated
        if not apart:
            raise InvalidInput("No name is given.", hint="Name one of the entity's `aliases`.")
        names.changed = True
        return await edits.ended(tx, id_, [id_, *apart], touched, names)

    return await transaction(graph, work)


def _merged_edits(into: LockedEntity, gone: Sequence[LockedEntity], strategy: MergeStrategy) -> dict[str, Any]:
    """What a merge sets of its target."""
    if strategy is MergeStrategy.TARGET:
        return {"edited_name": into.name, "edited_type": into.type, "edited_description": into.description}
    texts = [row.edited_description for row in (into, *gone)]
    lines = dict.fromkeys(line for text in texts for line in (text or "").splitlines() if line)
    types = [row.edited_type for row in (into, *gone) if row.edited_type is not None]
    written = [text for text in texts if text is not None]
    return {
        "edited_name": into.name,
        "edited_type": types[0] if types else None,
        "edited_description": "\n".join(lines) if written else None,
    }
