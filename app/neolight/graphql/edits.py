"""A person's edits of entities and relations."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import strawberry

from neolight.curate import curated
from neolight.errors import InvalidInput, NotFound
from neolight.graph import edits as stored
from neolight.graph import entities as stored_entities
from neolight.graph import merges, relation_edits
from neolight.graph import relations as stored_relations
from neolight.graph.edits import Edited
from neolight.graphql.context import Info
from neolight.graphql.described import about, graph_input, graph_type, mutation
from neolight.graphql.entities import Entity
from neolight.graphql.relations import Relation

MOST_MERGED = 100
"""Entities of one merge."""

EntityId = Annotated[strawberry.ID, about("The id of the entity.")]
RelationId = Annotated[strawberry.ID, about("The id of the relation.")]


@strawberry.enum(description="How the description and the type of a merged entity come about.")
class MergeStrategy(Enum):
    """How the description and the type of a merged entity come about."""

    join = strawberry.enum_value(
        "join", description="From all that documents say of the merged entities; what people have set is joined."
    )
    target = strawberry.enum_value("target", description="Those of the target stay as they are now.")


if TYPE_CHECKING:
    EntityField: TypeAlias = Enum
else:
    EntityField = strawberry.enum(
        Enum(
            "EntityField",
            {
                "name": strawberry.enum_value("name", description="The name; the new one that it got is given up."),
                "type": strawberry.enum_value("type", description="The type."),
                "description": strawberry.enum_value("description", description="The description."),
            },
        ),
        description="What of an entity a person can set, and take back.",
    )


@strawberry.enum(description="What of a relation a person can set, and take back.")
class RelationField(Enum):
    """What of a relation a person can set, and take back."""

    description = strawberry.enum_value("description", description="The description.")
    keywords = strawberry.enum_value("keywords", description="The keywords.")
    weight = strawberry.enum_value("weight", description="The weight.")


@graph_input
class EntityInput:
    """What a person says of an entity; it goes before what documents say."""

    name: str | None = strawberry.field(
        default=None, description="Its name; an old one stays another name of it, and documents may use either."
    )
    type: str | None = strawberry.field(default=None, description="Its type, which becomes a label.")
    description: str | None = strawberry.field(default=None, description="What it is.")
    reset: list[EntityField] = strawberry.field(
        default_factory=list[EntityField], description="What is taken back, so that documents tell it again."
    )


@graph_input
class RelationInput:
    """What a person says of a relation; it goes before what documents state."""

    description: str | None = strawberry.field(default=None, description="What it is.")
    keywords: list[str] | None = strawberry.field(default=None, description="What it is about.")
    weight: float | None = strawberry.field(default=None, description="How strong it is, from 0.")
    reset: list[RelationField] = strawberry.field(
        default_factory=list[RelationField], description="What is taken back, so that documents tell it again."
    )


@graph_type
class EditMutation:
    """Edits of the graph."""

    @mutation
    async def create_entity(
        self,
        info: Info,
        name: Annotated[str, about("Its name, which no entity of the workspace has yet.")],
        type: Annotated[str, about("Its type, which becomes a label.")] = "Other",  # noqa: A002
        description: Annotated[str, about("What it is.")] = "",
    ) -> Entity:
        """Creates an entity that no document needs to mention."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        return await _entity(info, stored.create_entity(graph, workspace, name, type_=type, description=description))

    @mutation
    async def update_entity(
        self,
        info: Info,
        id: EntityId,  # noqa: A002
        input: Annotated[EntityInput, about("What is to change.")],  # noqa: A002
    ) -> Entity:
        """Sets what an entity is, or takes that back; documents that come later do not change it."""
        values = _values({"name": input.name, "type": input.type, "description": input.description}, input.reset)
        return await _entity(info, stored.update_entity(info.context.deps.graph, info.context.workspace, id, values))

    @mutation
    async def merge_entities(
        self,
        info: Info,
        sources: Annotated[list[strawberry.ID], about(f"The ids of what is merged, at most {MOST_MERGED}.")],
        target: Annotated[strawberry.ID, about("The id of the entity that stays.")],
        strategy: Annotated[MergeStrategy, about("How its type and description come about.")] = MergeStrategy.join,
    ) -> Entity:
        """Merges entities: mentions and relations become the target's, now and later, and names become names of it."""
        if len(sources) > MOST_MERGED:
            raise InvalidInput(
                f"{len(sources)} entities are too many for one merge; at most {MOST_MERGED} are allowed."
            )
        graph, workspace = info.context.deps.graph, info.context.workspace
        how = merges.MergeStrategy(strategy.value)
        return await _entity(info, merges.merge_entities(graph, workspace, sources, target, strategy=how))

    @mutation
    async def split_entity(
        self,
        info: Info,
        id: EntityId,  # noqa: A002
        aliases: Annotated[list[str], about("Other names of it that are to be entities of their own again.")],
    ) -> Entity | None:
        """Undoes merges: other names become entities again, with all that was said under them. Gives what is left."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        edited = await curated(info.context.deps, merges.split_entity(graph, workspace, id, aliases))
        return await Entity.find(info, edited.id)

    @mutation
    async def delete_entity(self, info: Info, id: EntityId) -> strawberry.ID:  # noqa: A002
        """Deletes an entity with its relations and all that was said of it; a later document may bring it back."""
        edit = stored.delete_entity(info.context.deps.graph, info.context.workspace, id)
        return strawberry.ID((await curated(info.context.deps, edit)).id)

    @mutation
    async def create_relation(
        self,
        info: Info,
        source: Annotated[strawberry.ID, about("The id of the entity that it starts from.")],
        target: Annotated[strawberry.ID, about("The id of the entity at its other end.")],
        input: Annotated[RelationInput | None, about("What it is.")] = None,  # noqa: A002
    ) -> Relation:
        """Creates a relation that no document needs to state; it counts as one statement."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        values = _relation_values(input) if input else {}
        return await _relation(info, relation_edits.create_relation(graph, workspace, source, target, values))

    @mutation
    async def update_relation(
        self,
        info: Info,
        id: RelationId,  # noqa: A002
        input: Annotated[RelationInput, about("What is to change.")],  # noqa: A002
    ) -> Relation:
        """Sets what a relation is, or takes that back; documents that come later do not change it."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        return await _relation(info, relation_edits.update_relation(graph, workspace, id, _relation_values(input)))

    @mutation
    async def delete_relation(self, info: Info, id: RelationId) -> strawberry.ID:  # noqa: A002
        """Deletes a relation and all that was stated of it; a later document may bring it back."""
        edit = relation_edits.delete_relation(info.context.deps.graph, info.context.workspace, id)
        return strawberry.ID((await curated(info.context.deps, edit)).id)


def _relation_values(given: RelationInput) -> dict[str, Any]:
    values = {"description": given.description, "keywords": given.keywords, "weight": given.weight}
    return _values(values, given.reset)


def _values(values: dict[str, Any], reset: list[Any]) -> dict[str, Any]:
    """What is set and what is taken back. Raises InvalidInput where something is both."""
    given = {name: value for name, value in values.items() if value is not None}
    taken: dict[str, Any] = {str(field.value): None for field in reset}
    if both := sorted(given.keys() & taken.keys()):
        raise InvalidInput(f"`{both[0]}` is set and taken back at once.", hint="Do one of them.")
    return given | taken


async def _entity(info: Info, edit: Awaitable[Edited]) -> Entity:
    edited = await curated(info.context.deps, edit)
    row = (await stored_entities.get_many(info.context.deps.graph, info.context.workspace, [edited.id])).get(edited.id)
    if row is None:
        raise NotFound("The entity has just been deleted.", hint="Look for it by `entities(search:)`.")
    return Entity.of(row)


async def _relation(info: Info, edit: Awaitable[Edited]) -> Relation:
    edited = await curated(info.context.deps, edit)
    row = (await stored_relations.get_many(info.context.deps.graph, info.context.workspace, [edited.id])).get(edited.id)
    if row is None:
        raise NotFound("The relation has just been deleted.", hint="Look at the relations of one of its entities.")
    return Relation.of(row)
