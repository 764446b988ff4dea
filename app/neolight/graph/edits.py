"""A person's edits of entities and relations: kept beside what documents say, so that they outlive every recomputation.

An edit goes before what is computed from documents, until it is taken back. A merged entity becomes another name of
its target: what mentions it now or later is evidence of the target, and keeps the key under which it was said, so that
names can part again. Nothing but an edit keeps an entity that no document mentions: one that a person has made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from neolight.errors import Conflict, InvalidInput, NotFound
from neolight.graph import entities, keys, placing, relations
from neolight.graph.entities import StaleEntity
from neolight.graph.gateway import Graph, Transaction
from neolight.graph.names import ADD, BELOW, Below, Names
from neolight.graph.query import query
from neolight.graph.relations import StaleRelation
from neolight.graph.similar import SUGGEST, link
from neolight.graph.transactions import transaction
from neolight.nlp.alike_rules import Judgement, Verdict

LONGEST_NAME = 512
LONGEST_TEXT = 100_000
"""Characters of a name, and of a description."""

UNKNOWN_HINT = "Look for it by `entities(search:)`."

NEVER = Judgement(Verdict.DIFFERENT, 0.0, "taken apart")

Values: TypeAlias = Mapping[str, str | None]
"""What a person sets: `name`, `type`, `description`; None takes back what was set before."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit has come to: the id of the entity or relation, and what needs a new vector."""

    id: str
    entities: tuple[StaleEntity, ...] = ()
    relations: tuple[StaleRelation, ...] = ()


@dataclass(frozen=True, slots=True)
class LockedEntity:
    """An entity under lock, with what of it a person has set."""

    id: str
    key: str
    name: str
    type: str
    description: str
    manual: bool
    edited_name: str | None
    edited_type: str | None
    edited_description: str | None


@dataclass(frozen=True, slots=True)
class Created:
    """Whether it was there before."""

    created: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """The id of an entity that is one again."""

    id: str


LOCK = query("entities/lock", LockedEntity)
CREATE = query("entities/create", Created)
EDIT = query("entities/edit")
RESTORE = query("entities/restore", Restored)
DELETE = query("entities/delete")


async def create_entity(
    graph: Graph, workspace: str, name: str, *, type_: str = "Other", description: str = ""
) -> Edited:
    """Creates an entity that no document needs to mention; its name, type and description stay as they are given.

    Raises InvalidInput, Conflict: the name is that of an entity, or another name of one.
    """
    given = entity_edits({"name": name, "type": type_, "description": description})
    key = keys.entity_key(name)
    id_ = keys.entity_id(workspace, key)

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        if await names.homes([key]):
            raise _taken(name)
        new = {"scope": keys.scope(workspace), "id": id_, "key": key, "name": given["edited_name"]}
        (row,) = await tx.run(CREATE, workspace=workspace, **new)
        if not row.created:
            raise _taken(name)
        await tx.run(EDIT, rows=[{"id": id_, "edits": given}])
        return await ended(tx, id_, [id_], [], names)

    return await transaction(graph, work)


async def update_entity(graph: Graph, workspace: str, id_: str, values: Values) -> Edited:
    """Sets what an entity is, or takes that back.

    A new name is one under which the entity is mentioned from now on; its old ones stay other names of it, with all
    that documents say under them. To take a name back also gives up the name that was new with it.

    Raises InvalidInput, NotFound, Conflict: the new name is that of another entity.
    """
    given = entity_edits(values)

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        (entity,) = await locked(tx, workspace, [id_])
        added: list[str] = []
        parted = Edited(id_)
        if given.get("edited_name") is not None:
            added = await _renamed(tx, names, entity, str(given["edited_name"]))
        elif "edited_name" in given and entity.edited_name is not None:
            parted = await _unnamed(tx, names, entity)
        await tx.run(EDIT, rows=[{"id": id_, "edits": given}])
        others = [row.id for row in parted.entities]
        return await ended(tx, id_, [id_, *others], [row.id for row in parted.relations], names, added)

    return await transaction(graph, work)


async def delete_entity(graph: Graph, workspace: str, id_: str) -> Edited:
    """Deletes an entity with its other names, its relations, and all that documents have said of it until now.

    A passage that is indexed later and mentions it brings it back.

    Raises NotFound.
    """

    async def work(tx: Transaction) -> Edited:
        names = await Names.read(tx, workspace)
        await locked(tx, workspace, [id_])
        edges = [row.id for row in await tx.run(placing.EDGES, ids=[id_])]
        await placing.delete(tx, edges)
        names.changed = bool(await names.of([id_]))
        await tx.run(DELETE, id=id_)
        await names.settle(edited=True)
        return Edited(id_)

    return await transaction(graph, work)


async def locked(tx: Transaction, workspace: str, ids: Sequence[str]) -> list[LockedEntity]:
    """Locks entities; the ids must be in order. Raises NotFound."""
    found = await tx.run(LOCK, workspace=workspace, ids=list(ids))
    missing = sorted(set(ids) - {row.id for row in found})
    if missing:
        raise NotFound(f"There is no entity {missing[0][:80]!r}.", hint=UNKNOWN_HINT)
    return found


def entity_edits(values: Values) -> dict[str, str | None]:
    """Checked values as the properties that keep them. Raises InvalidInput."""
    unknown = sorted(values.keys() - {"name", "type", "description"})
    if unknown or not values:
        raise InvalidInput(f"An entity has no {unknown[0]!r}." if unknown else "Nothing is given to change.")
    edits = {f"edited_{field}": value for field, value in values.items()}
    if (name := values.get("name")) is not None:
        edits["edited_name"] = checked_name(name)
    if (type_ := values.get("type")) is not None:
        edits["edited_type"] = keys.type_label(type_)
    if (description := values.get("description")) is not None:
        edits["edited_description"] = checked_text(description, "description")
    return edits


def checked_name(name: str) -> str:
    """The name, without spaces around it. Raises InvalidInput."""
    name = name.strip()
    if not keys.entity_key(name) or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            f"{name[:80]!r} cannot be the name of an entity.", hint=f"Use 1 to {LONGEST_NAME} printable characters."
        )
    return name


def checked_text(text: str, what: str) -> str:
    """The text. Raises InvalidInput where it is too long."""
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"The {what} has {len(text)} characters; at most {LONGEST_TEXT} are allowed.")
    return text.strip()


def _taken(name: str) -> Conflict:
    return Conflict(f"There is already an entity {name[:80]!r}.", hint="Change that one, or merge the two.")


async def ended(
    tx: Transaction, id_: str, ids: Sequence[str], stated: Sequence[str], names: Names, added: Sequence[str] = ()
) -> Edited:
    """Computes anew what an edit has touched, and ends its transaction."""
    aliases = await names.of(sorted(set(ids)))
    stale_relations = await relations.refresh(tx, [{"id": one} for one in sorted(set(stated))])
    stale_entities = await entities.refresh(tx, [{"id": one} for one in sorted(set(ids))])
    await names.drop(aliases)
    await names.settle(added=added, edited=True)
    return Edited(id_, tuple(stale_entities), tuple(stale_relations))


async def _renamed(tx: Transaction, names: Names, entity: LockedEntity, name: str) -> list[str]:
    """Makes a name one of the entity; returns its key if it was not one before. Raises Conflict."""
    key = keys.entity_key(name)
    if key == entity.key:
        return []
    if home := (await names.homes([key])).get(key):
        if home.id != entity.id:
            raise _taken(name)
        return []
    id_ = keys.entity_id(names.workspace, key)
    if await entities.get_many_in(tx, names.workspace, [key]):
        raise _taken(name)
    await tx.run(ADD, workspace=names.workspace, id=id_, entity_id=entity.id, key=key, name=name)
    return [key]


async def _unnamed(tx: Transaction, names: Names, entity: LockedEntity) -> Edited:
    """Gives up the name that an entity got when it was renamed; what is to be computed anew besides it."""
    key = keys.entity_key(entity.edited_name or "")
    below = await other_name(tx, names.workspace, entity, key)
    if below is None or below.origin != "rename":
        return Edited(entity.id)
    names.changed = True
    ids, stated = await parted(tx, names.workspace, entity, key, below)
    return Edited(
        entity.id,
        tuple(StaleEntity(id_, "", "") for id_ in ids),
        tuple(StaleRelation(id_, "", "", "", "") for id_ in stated),
    )


async def other_name(tx: Transaction, workspace: str, entity: LockedEntity, key: str) -> Below | None:
    """Another name of an entity, by its key; None if it is none."""
    found = await tx.run(BELOW, workspace=workspace, key=key)
    return found[0] if found and found[0].entity_id == entity.id else None


async def parted(
    tx: Transaction, workspace: str, entity: LockedEntity, key: str, below: Below
) -> tuple[list[str], list[str]]:
    """Makes another name an entity again; the ids of what is to be computed anew: entities, relations."""
    said = await tx.run(placing.SAID, ids=[entity.id])
    scope = keys.scope(workspace)
    params = {"workspace": workspace, "scope": scope, "key": key, "keys": list(below.keys), "entity_id": entity.id}
    restored = [row.id for row in await tx.run(RESTORE, **params)]
    # no rule merges again what a person has taken apart
    parts = [link(workspace, entity.id, id_, "rejected", NEVER) for id_ in restored]
    await tx.run(SUGGEST, workspace=workspace, rows=parts)
    place = placing.Place(key, below.id)
    return restored, await placing.parted(tx, workspace, said, dict.fromkeys(below.keys, place))
