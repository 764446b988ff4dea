"""Editing the graph by names: entities and relations are created, changed, merged and deleted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from neolight.curate import curated
from neolight.deps import Deps
from neolight.errors import Conflict, InvalidInput, NotFound
from neolight.graph import edits, entities, lookup, merges, relation_edits, relations
from neolight.graph.entities import Entity
from neolight.graph.relations import Relation
from neolight.rest.graph import NOWHERE, entity_properties, relation_properties
from neolight.rest.workspace import Dependencies, Workspace

Named = Annotated[str, Field(min_length=1, max_length=1024)]
ENTITY_FIELDS = {"description": "description", "entity_type": "type", "entity_name": "name"}
RELATION_FIELDS = ("description", "keywords", "weight")
KEPT_BY_EVIDENCE = frozenset({"source_id", "file_path"})
"""Fields of LightRAG's that say where something comes from: here the passages themselves say so."""


class EntityCreate(BaseModel):
    """An entity to create."""

    entity_name: Named
    entity_data: dict[str, Any]


class EntityEdit(BaseModel):
    """What to change of an entity."""

    entity_name: Named
    updated_data: dict[str, Any]
    allow_rename: bool = False
    allow_merge: bool = False


class RelationCreate(BaseModel):
    """A relation to create."""

    source_entity: Named
    target_entity: Named
    relation_data: dict[str, Any]


class RelationEdit(BaseModel):
    """What to change of a relation."""

    source_id: Named
    target_id: Named
    updated_data: dict[str, Any]


class Merge(BaseModel):
    """Entities to merge into another one."""

    entities_to_change: Annotated[list[Named], Field(min_length=1, max_length=1000)]
    entity_to_change_into: Named


class EntityDelete(BaseModel):
    """An entity to delete."""

    entity_name: Named


class RelationDelete(BaseModel):
    """A relation to delete."""

    source_entity: Named
    target_entity: Named


class Deletion(BaseModel):
    """What was deleted."""

    status: Literal["success", "not_found", "not_allowed", "fail"] = "success"
    doc_id: str
    message: str
    status_code: int = 200
    file_path: str | None = None


router = APIRouter(prefix="/graph", tags=["graph"])


@router.post("/entity/create")
async def create_entity(body: EntityCreate, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """Creates an entity that no document needs to mention. 400 where there is one of this name.

    `entity_data` has a `description` and an `entity_type`; what else is in it is not kept.
    """
    known = {"description", "entity_type"}
    given = _texts({key: body.entity_data[key] for key in known & body.entity_data.keys()}, known)
    type_, description = given.get("entity_type") or "Other", given.get("description") or ""
    edit = edits.create_entity(deps.graph, workspace, body.entity_name, type_=type_, description=description)
    try:
        await curated(deps, edit)
    except Conflict as error:
        raise InvalidInput(error.message, hint=error.hint) from error
    message = f"Entity '{body.entity_name}' created successfully"
    return _done(message, await _entity_data(deps, workspace, body.entity_name))


@router.post("/entity/edit")
async def edit_entity(body: EntityEdit, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """Changes an entity; a new name that another one has merges the two, where that is allowed."""
    entity = await _entity(deps, workspace, body.entity_name)
    given = _texts(body.updated_data, set(ENTITY_FIELDS))
    name = given.get("entity_name") or entity.name
    renamed = name != entity.name
    if renamed and not body.allow_rename:
        raise InvalidInput("The entity would get another name.", hint="Set allow_rename.")
    other = await entities.named(deps.graph, workspace, name) if renamed else None
    target = other if other is not None and other.id != entity.id else None
    if target is not None and not body.allow_merge:
        raise InvalidInput(f"There is an entity {target.name[:80]!r} already.", hint="Set allow_merge to merge them.")
    values = {field: given[key] for key, field in ENTITY_FIELDS.items() if key in given and (key != "entity_name")}
    if renamed and target is None:
        values["name"] = name
    if values:
        await curated(deps, edits.update_entity(deps.graph, workspace, entity.id, values))
    if target is not None:
        await curated(deps, merges.merge_entities(deps.graph, workspace, [entity.id], target.id))
    message = f"Entity merged successfully into '{target.name}'" if target else "Entity updated successfully"
    return _done(message, await _entity_data(deps, workspace, name)) | {
        "operation_summary": {
            "merged": target is not None,
            "merge_status": "success" if target else "not_attempted",
            "merge_error": None,
            "operation_status": "success",
            "target_entity": name if renamed else None,
            "final_entity": target.name if target else name,
            "renamed": renamed,
        }
    }


@router.post("/entities/merge")
async def merge_entities(body: Merge, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """Merges entities into another one, which is made of the first of them where there is none of its name."""
    found = [await _entity(deps, workspace, name, missing=InvalidInput) for name in body.entities_to_change]
    name = body.entity_to_change_into
    target = await entities.named(deps.graph, workspace, name)
    transferred = await relations.of_entities(deps.graph, workspace, [one.id for one in found], limit=10_000)
    if target is None:
        target, *found = found
        await curated(deps, edits.update_entity(deps.graph, workspace, target.id, {"name": name}))
    gone = [one.id for one in found if one.id != target.id]
    if gone:
        await curated(deps, merges.merge_entities(deps.graph, workspace, gone, target.id))
    message = f"Successfully merged {len(body.entities_to_change)} entities into '{name}'"
    data = {
        "merged_entity": name,
        "deleted_entities": body.entities_to_change,
        "relationships_transferred": len({one.id for some in transferred.values() for one in some}),
    }
    return _done(message, data | await _entity_data(deps, workspace, name))


@router.delete("/entity/delete")
async def delete_entity(body: EntityDelete, workspace: Workspace, deps: Dependencies) -> Deletion:
    """Deletes an entity and its relations."""
    entity = await _entity(deps, workspace, body.entity_name)
    await curated(deps, edits.delete_entity(deps.graph, workspace, entity.id))
    return Deletion(doc_id=body.entity_name, message=f"Entity '{entity.name}' and its relationships have been deleted.")


@router.post("/relation/create")
async def create_relation(body: RelationCreate, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """Creates a relation that no document needs to state. 400 where an entity lacks, or they are related.

    `relation_data` has a `description`, `keywords` and a `weight`; what else is in it is not kept.
    """
    source, target = [
        await _entity(deps, workspace, name, missing=InvalidInput) for name in (body.source_entity, body.target_entity)
    ]
    values = _relation_values({key: body.relation_data[key] for key in RELATION_FIELDS if key in body.relation_data})
    try:
        await curated(deps, relation_edits.create_relation(deps.graph, workspace, source.id, target.id, values))
    except Conflict as error:
        raise InvalidInput(error.message, hint=error.hint) from error
    message = f"Relation created successfully between '{source.name}' and '{target.name}'"
    return _done(message, await _relation_data(deps, workspace, source, target))


@router.post("/relation/edit")
async def edit_relation(body: RelationEdit, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """Changes a relation."""
    source, target, relation = await _relation(deps, workspace, body.source_id, body.target_id)
    values = _relation_values(body.updated_data)
    if values:
        await curated(deps, relation_edits.update_relation(deps.graph, workspace, relation.id, values))
    return _done("Relation updated successfully", await _relation_data(deps, workspace, source, target))


@router.delete("/relation/delete")
async def delete_relation(body: RelationDelete, workspace: Workspace, deps: Dependencies) -> Deletion:
    """Deletes a relation."""
    source, target, relation = await _relation(deps, workspace, body.source_entity, body.target_entity)
    await curated(deps, relation_edits.delete_relation(deps.graph, workspace, relation.id))
    message = f"Relation between '{source.name}' and '{target.name}' deleted successfully"
    return Deletion(doc_id=f"{source.name} -> {target.name}", message=message)


def _done(message: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "message": message, "data": data}


def _texts(data: dict[str, Any], allowed: set[str]) -> dict[str, str]:
    """The fields that can be set. Raises InvalidInput for any other, and for a value that is no text."""
    unknown = sorted(data.keys() - allowed - KEPT_BY_EVIDENCE)
    if unknown:
        raise InvalidInput(f"{unknown[0][:80]!r} cannot be set.", hint=f"Use {', '.join(sorted(allowed))}.")
    wrong = sorted(key for key, value in data.items() if not isinstance(value, str))
    if wrong:
        raise InvalidInput(f"{wrong[0]!r} must be a text.")
    return {key: value for key, value in data.items() if key in allowed}


def _relation_values(data: dict[str, Any]) -> dict[str, Any]:
    weight = data.get("weight")
    given: dict[str, Any] = dict(_texts({key: data[key] for key in data.keys() - {"weight"}}, set(RELATION_FIELDS)))
    if "keywords" in given:
        given["keywords"] = [word for word in given["keywords"].split(",") if word.strip()]
    if weight is not None:
        if isinstance(weight, bool) or not isinstance(weight, (int, float)):
            raise InvalidInput("'weight' must be a number.")
        given["weight"] = float(weight)
    return given


async def _entity(deps: Deps, workspace: str, name: str, missing: type[NotFound | InvalidInput] = NotFound) -> Entity:
    found = await entities.named(deps.graph, workspace, name)
    if found is None:
        raise missing(f"There is no entity {name[:80]!r}.", hint="/graph/label/search finds names.")
    return found


async def _relation(deps: Deps, workspace: str, first: str, second: str) -> tuple[Entity, Entity, Relation]:
    source, target = await _entity(deps, workspace, first), await _entity(deps, workspace, second)
    relation = await _between(deps, workspace, source, target)
    if relation is None:
        raise NotFound(f"{source.name[:80]!r} and {target.name[:80]!r} are not related.")
    return source, target, relation


async def _between(deps: Deps, workspace: str, source: Entity, target: Entity) -> Relation | None:
    return await relations.between(deps.graph, workspace, source.id, target.id)


async def _entity_data(deps: Deps, workspace: str, name: str) -> dict[str, Any]:
    entity = await _entity(deps, workspace, name)
    whence = await lookup.of_entities(deps.graph, workspace, [entity.id])
    return {"entity_name": entity.name, **entity_properties(entity, whence.get(entity.id, NOWHERE))}


async def _relation_data(deps: Deps, workspace: str, source: Entity, target: Entity) -> dict[str, Any]:
    found = await _between(deps, workspace, source, target)
    if found is None:
        raise NotFound("The relation is gone.")
    whence = await lookup.of_relations(deps.graph, workspace, [found.id])
    data = relation_properties(found, whence.get(found.id, NOWHERE))
    return {"src_id": source.name, "tgt_id": target.name, **data}
