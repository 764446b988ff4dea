"""Entities: the people, things and ideas that the documents speak of."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Annotated

import strawberry

from neolight.errors import InvalidInput
from neolight.graph import entities as stored
from neolight.graphql import chunks, documents, relations
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_input, graph_type
from neolight.graphql.interfaces import Node
from neolight.graphql.lazy import LazyChunk, LazyDocument, LazyEntity, LazyRelation
from neolight.graphql.pagination import After, Connection, First, count, cursor, page, values_of

KIND, NAME_KIND, SEARCH_KIND = "entities", "entities by name", "found entities"
LONGEST_SEARCH = 1000


@graph_type
class Mention:
    """What one passage says of an entity."""

    name: str = strawberry.field(description="The name that the passage uses.")
    type: str = strawberry.field(description="What the passage takes the entity to be.")
    description: str = strawberry.field(description="What the passage says of it.")
    row: strawberry.Private[stored.MentionOf]

    @field
    def chunk(self) -> LazyChunk:
        """The passage."""
        return chunks.Chunk.of(self.row.chunk)


@graph_type
class Entity(Node):
    """A person, thing or idea that documents speak of; computed from its mentions."""

    name: str = strawberry.field(description="The name that is used most.")
    type: str = strawberry.field(description="What it is taken to be most often; a label in the graph.")
    description: str = strawberry.field(description="What passages say of it, one sentence a line.")
    aliases: list[str] = strawberry.field(description="Other spellings of the name.")
    mention_count: int = strawberry.field(description="How many passages mention it.")

    @classmethod
    def of(cls, row: stored.Entity) -> Entity:
        """From a row of the graph."""
        return cls(
            id=strawberry.ID(row.id), name=row.name, type=row.type, description=row.description,
            aliases=list(row.aliases), mention_count=row.mention_count,
        )  # fmt: skip

    @classmethod
    async def find(cls, info: Info, id_: str) -> Entity | None:
        """The entity of this id."""
        row = await info.context.loaders.entity(id_)
        return cls.of(row) if row else None

    @field
    async def relations(
        self,
        info: Info,
        first: First = 20,
        query: Annotated[str | None, about("Rank them by nearness to this text instead of by weight.")] = None,
    ) -> list[LazyRelation]:
        """Its relations to other entities, those with the most weight first."""
        text = searchable(query) if query is not None else None
        rows = await info.context.loaders.relations_of_entity(self.id, count(first), text)
        return [relations.Relation.of(row) for row in rows]

    @field
    async def mentions(self, info: Info, first: First = 20) -> list[Mention]:
        """What passages say of it, the longest descriptions first."""
        rows = await info.context.loaders.mentions_of_entity(self.id, count(first))
        return [Mention(name=row.name, type=row.type, description=row.description, row=row) for row in rows]

    @field
    async def documents(self, info: Info, first: First = 20) -> list[LazyDocument]:
        """The documents that mention it, most often first."""
        rows = await info.context.loaders.documents_of_entity(self.id, count(first))
        return [documents.Document.of(row) for row in rows]

    @field
    async def similar(self, info: Info, first: First = 10) -> list[LazyEntity]:
        """The entities whose names and descriptions are nearest in meaning, nearest first."""
        return [Entity.of(row) for row in await info.context.loaders.similar_to_entity(self.id, count(first))]


@strawberry.enum(description="An order of entities.")
class EntityOrder(Enum):
    """An order of entities."""

    mentions = strawberry.enum_value("mentions", description="Those that are mentioned most first.")
    alphabetical = strawberry.enum_value("alphabetical", description="By the first name they had, in lower case.")


@graph_input
class EntityFilter:
    """Which entities are wanted."""

    types: list[str] | None = strawberry.field(default=None, description="Only entities of one of these types.")
    min_mentions: int = strawberry.field(default=0, description="Only entities that so many passages mention.")


@graph_type
class EntityQuery:
    """Entities."""

    @field
    async def entity(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, about("The id of the entity.")] = None,  # noqa: A002
        name: Annotated[str | None, about("Its name, however it is capitalized and spaced.")] = None,
    ) -> Entity | None:
        """The entity of an id or of a name."""
        if (id is None) == (name is None):
            raise InvalidInput("`entity` needs either `id` or `name`.", hint="Give one of them.")
        return await found(info, id=id, name=name)

    @field
    async def entities(  # noqa: PLR0913, PLR0917 - every argument is one of the field's
        self,
        info: Info,
        search: Annotated[
            str | None, about("Only entities whose name has these words; the best fit comes first.")
        ] = None,
        type: Annotated[str | None, about("Only entities of this type.")] = None,  # noqa: A002
        filter: Annotated[EntityFilter | None, about("Which entities are wanted.")] = None,  # noqa: A002
        order_by: Annotated[EntityOrder, about("The order, where nothing is searched for.")] = EntityOrder.mentions,
        first: First = 20,
        after: After = None,
    ) -> Connection[Entity]:
        """The entities of the workspace."""
        graph, workspace, limit = info.context.deps.graph, info.context.workspace, count(first) + 1
        wanted = _wanted(filter)
        if search is not None and search.strip():
            place = values_of(after, SEARCH_KIND, float, str) if after is not None else None
            last = (float(place[0]), str(place[1])) if place else None
            hits = await stored.search(
                graph, workspace, searchable(search), limit=limit, type_=type, after=last, wanted=wanted
            )
            return page(
                hits,
                first,
                after,
                lambda hit: Entity.of(hit.entity),
                lambda hit: cursor(SEARCH_KIND, hit.score, hit.entity.id),
            )
        if order_by is EntityOrder.alphabetical:
            key = str(values_of(after, NAME_KIND, str)[0]) if after is not None else ""
            only = replace(wanted, types=(type,)) if type is not None else wanted
            named = await stored.by_name(graph, workspace, limit=limit, after=key, wanted=only)
            return page(named, first, after, lambda row: Entity.of(row.entity), lambda row: cursor(NAME_KIND, row.key))
        place = values_of(after, KIND, int, str) if after is not None else None
        after_row = (int(place[0]), str(place[1])) if place else None
        rows = await stored.listed(graph, workspace, limit=limit, type_=type, after=after_row, wanted=wanted)
        return page(rows, first, after, Entity.of, lambda row: cursor(KIND, row.mention_count, row.id))


def _wanted(given: EntityFilter | None) -> stored.Wanted:
    types = tuple(given.types) if given and given.types is not None else None
    return stored.Wanted(types, given.min_mentions if given else 0)


async def found(info: Info, *, id: str | None, name: str | None) -> Entity | None:  # noqa: A002
    """The entity of an id, or else of a name."""
    if id is not None:
        return await Entity.find(info, id)
    row = await stored.named(info.context.deps.graph, info.context.workspace, name or "")
    return Entity.of(row) if row else None


def searchable(text: str) -> str:
    """A text that is to be searched for. Raises InvalidInput where it is too long."""
    if len(text) > LONGEST_SEARCH:
        raise InvalidInput(f"The text to search for has {len(text)} characters; at most {LONGEST_SEARCH} are allowed.")
    return text
