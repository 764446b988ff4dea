"""A person's edits of relations; see `edits` for what an edit means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from neolight.errors import Conflict, InvalidInput, NotFound
from neolight.graph import keys, placing, relations
from neolight.graph.edits import Edited, checked_text, locked
from neolight.graph.gateway import Graph, Transaction
from neolight.graph.names import Names
from neolight.graph.transactions import transaction

Values: TypeAlias = Mapping[str, Any]
"""What a person sets: `description`, `weight`, and `keywords` as a list; None takes back what was set before."""

MOST_KEYWORDS = 64
LONGEST_KEYWORD = 512


async def create_relation(graph: Graph, workspace: str, source: str, target: str, values: Values) -> Edited:
    """Creates a relation between two entities, by their ids, that no document needs to state.

    It counts as one statement. What documents state of it later comes to it, where `values` do not say otherwise.

    Raises InvalidInput, NotFound, Conflict: they are related already.
    """
    given = relation_edits(values) if values else {}
    if source == target:
        raise InvalidInput("A relation is between two entities.", hint="Name another target.")

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        by_id = {row.id: row for row in await locked(tx, workspace, sorted([source, target]))}
        ends = {"source_key": by_id[source].key, "target_key": by_id[target].key}
        id_ = keys.relation_id(workspace, *ends.values())
        if await tx.run(placing.LOCK, workspace=workspace, ids=[id_]):
            raise Conflict(
                f"{by_id[source].name[:80]!r} and {by_id[target].name[:80]!r} are related already.",
                hint="Change that relation.",
            )
        await tx.run(relations.WRITE, workspace=workspace, rows=[{"relation_id": id_, **ends}])
        await tx.run(placing.EDIT, rows=[{"id": id_, "edits": {"manual": True, **given}}])
        return await _ended(tx, id_, names)

    return await transaction(graph, work)


async def update_relation(graph: Graph, workspace: str, id_: str, values: Values) -> Edited:
    """Sets what a relation is, or takes that back. Raises InvalidInput, NotFound."""
    given = relation_edits(values)

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        await _locked(tx, workspace, id_)
        await tx.run(placing.EDIT, rows=[{"id": id_, "edits": given}])
        return await _ended(tx, id_, names)

    return await transaction(graph, work)


async def delete_relation(graph: Graph, workspace: str, id_: str) -> Edited:
    """Deletes a relation and all that documents have stated of it until now.

    A passage that is indexed later and states it brings it back.

    Raises NotFound.
    """

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        await _locked(tx, workspace, id_)
        await placing.delete(tx, [id_])
        await names.settle(edited=True)
        return Edited(id_)

    return await transaction(graph, work)


def relation_edits(values: Values) -> dict[str, Any]:
    """Checked values as the properties that keep them. Raises InvalidInput."""
    unknown = sorted(values.keys() - {"description", "keywords", "weight"})
    if unknown or not values:
        raise InvalidInput(f"A relation has no {unknown[0]!r}." if unknown else "Nothing is given to change.")
    edits = {f"edited_{field}": value for field, value in values.items()}
    if (description := values.get("description")) is not None:
        edits["edited_description"] = checked_text(description, "description")
    if (keywords := values.get("keywords")) is not None:
        edits["edited_keywords"] = _keywords(keywords)
    if (weight := values.get("weight")) is not None:
        if not math.isfinite(weight) or weight < 0:
            raise InvalidInput(f"A relation cannot have the weight {weight}.", hint="Use a number from 0.")
        edits["edited_weight"] = float(weight)
    return edits


def _keywords(given: Sequence[str]) -> str:
    """Keywords as a relation keeps them: joined by a comma, each once."""
    words = dict.fromkeys(" ".join(part.split()) for word in given for part in word.split(","))
    kept = [word for word in words if word]
    if len(kept) > MOST_KEYWORDS or any(len(word) > LONGEST_KEYWORD for word in kept):
        raise InvalidInput(f"These are too many or too long keywords: at most {MOST_KEYWORDS} of {LONGEST_KEYWORD}.")
    return ", ".join(kept)


async def _locked(tx: Transaction, workspace: str, id_: str) -> None:
    if not await tx.run(placing.LOCK, workspace=workspace, ids=[id_]):
        raise NotFound(f"There is no relation {id_[:80]!r}.", hint="Look for it at one of its entities.")


async def _ended(tx: Transaction, id_: str, names: Names) -> Edited:
    stale = await relations.refresh(tx, [{"id": id_}])
    await names.settle(edited=True)
    return Edited(id_, relations=tuple(stale))
