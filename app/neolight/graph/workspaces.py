"""Workspaces: the tenants of one database, each with its documents and with how these are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from neolight.errors import Conflict
from neolight.graph import document_life, keys
from neolight.graph.gateway import Graph
from neolight.graph.query import query
from neolight.models import ChunkingChoice

ROUNDS = 10
"""How often a deletion begins again because documents came in meanwhile."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant: how many documents it has, and what it says about how they are cut (None: as the settings say)."""

    name: str
    created_at: datetime
    documents: int
    chunk_strategy: str | None
    chunk_tokens: int | None
    chunk_overlap: int | None
    chunk_separator: str | None

    @property
    def chunking(self) -> ChunkingChoice:
        """What it says about how documents are cut."""
        return ChunkingChoice(self.chunk_strategy, self.chunk_tokens, self.chunk_overlap, self.chunk_separator)


@dataclass(frozen=True, slots=True)
class Created:
    """Whether a workspace is new."""

    created: bool


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a workspace."""

    name: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many there were."""

    count: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What the documents (bytes of originals, characters of text) and the questions of a workspace come to."""

    documents: int
    bytes: int
    characters: int
    questions: int


CREATE = query("workspaces/create", Created)
UPDATE = query("workspaces/update", Name)
GET_MANY = query("workspaces/get_many", Workspace)
LIST = query("workspaces/list", Workspace)
CLOSE = query("workspaces/close", Name)
CLEAR_DOCUMENTS = query("workspaces/clear_documents", Count)
CLEAR_ENTITIES = query("workspaces/clear_entities", Count)
CLEAR_HISTORY = query("workspaces/clear_history", Count)
DELETE = query("workspaces/delete", Name)
STATS = query("workspaces/stats", Stats)

NO_CHOICE = ChunkingChoice()


async def create(graph: Graph, name: str, chunking: ChunkingChoice = NO_CHOICE) -> bool:
    """Makes a workspace; False if there is one of this name, which stays as it is. Raises Conflict."""
    params = {"workspace": name, "scope": keys.scope(name), "chunking": chunking.properties()}
    row = await graph.fetch_one(CREATE, **params)
    if await get(graph, name) is None:
        raise being_deleted(name)
    return row is not None and row.created


async def update(graph: Graph, name: str, chunking: ChunkingChoice) -> None:
    """Says how documents are cut from now on; what is None is as the settings say. Makes the workspace if need be."""
    await graph.fetch(UPDATE, workspace=name, scope=keys.scope(name), chunking=chunking.properties())


async def get(graph: Graph, name: str) -> Workspace | None:
    """The workspace of this name."""
    return (await get_many(graph, [name])).get(name)


async def get_many(graph: Graph, names: Sequence[str]) -> dict[str, Workspace]:
    """Workspaces by name; unknown ones are left out."""
    return {row.name: row for row in await graph.fetch(GET_MANY, names=list(names))}


async def listed(graph: Graph, *, limit: int, search: str | None = None, after: str = "") -> list[Workspace]:
    """Workspaces in order of their names, at most `limit`, after the name of the last one seen."""
    return await graph.fetch(LIST, search=search, after=after, limit=limit)


async def delete(graph: Graph, name: str) -> bool:
    """Deletes a workspace with everything in it, in portions; False if there is none.

    A document that is in work is taken from its worker first. What comes in meanwhile is refused, or deleted too. A
    deletion that was interrupted goes on when it is asked for again. Raises GraphUnavailable.
    """
    if await graph.fetch_one(CLOSE, workspace=name) is None:
        return False
    for _ in range(ROUNDS):
        await document_life.cancel(graph, name, reason="Its workspace is being deleted.")
        await graph.fetch(CLEAR_DOCUMENTS, workspace=name)
        await graph.fetch(CLEAR_ENTITIES, workspace=name)
        await graph.fetch(CLEAR_HISTORY, workspace=name)
        if await graph.fetch_one(DELETE, workspace=name) is not None:
            return True
    raise Conflict(f"Documents keep coming into the workspace {name}.", hint="Stop what sends them, and try again.")


async def stats(graph: Graph, workspace: str) -> Stats:
    """What a workspace's documents and questions come to."""
    return await graph.fetch_one(STATS, workspace=workspace) or Stats(0, 0, 0, 0)


def being_deleted(name: str) -> Conflict:
    """The error for what comes too late."""
    return Conflict(f"The workspace {name} is being deleted.", hint="Try again when it is gone.")
