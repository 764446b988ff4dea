"""Relay's Node: whatever has an id can be fetched by it; the id's beginning tells what it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import strawberry

from neolight.graphql.chunks import Chunk
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type
from neolight.graphql.documents import Document
from neolight.graphql.entities import Entity
from neolight.graphql.interfaces import Node
from neolight.graphql.queries import Question
from neolight.graphql.relations import Relation

FIND: Mapping[str, Callable[[Info, str], Awaitable[Node | None]]] = {
    "doc": Document.find,
    "chunk": Chunk.find,
    "ent": Entity.find,
    "rel": Relation.find,
    "query": Question.find,
}


@graph_type
class NodeQuery:
    """Look-up by id."""

    @field
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, about("The id of anything that has one.")],  # noqa: A002
    ) -> Node | None:
        """Whatever has this id in the workspace."""
        find = FIND.get(str(id).partition("-")[0])
        return await find(info, id) if find else None
