"""Workspaces: the tenants of one database."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from neolight.errors import Conflict, InvalidInput, NotFound
from neolight.graph import workspaces as stored
from neolight.graphql.chunking import Chunking, ChunkingInput, choice
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type, mutation
from neolight.graphql.pagination import After, Connection, First, count, cursor, page, values_of
from neolight.models import ChunkingChoice
from neolight.sources import workspace_name

KIND = "workspaces"


@graph_type
class Workspace:
    """A tenant: what is in it is seen only by requests that name it."""

    said: strawberry.Private[ChunkingChoice]
    name: str = strawberry.field(description="Its name, as the header X-Workspace gives it.")
    created_at: datetime = strawberry.field(description="When it was made.")
    document_count: int = strawberry.field(description="How many documents it has.")

    @classmethod
    def of(cls, row: stored.Workspace) -> Workspace:
        """From a row of the graph."""
        return cls(said=row.chunking, name=row.name, created_at=row.created_at, document_count=row.documents)

    @field
    async def chunking(self, info: Info) -> Chunking:
        """How its documents are cut, if nothing else is said about one."""
        return Chunking.of(self.said.over(info.context.deps.limits.chunking))


@graph_type
class WorkspaceQuery:
    """Workspaces."""

    @field
    async def workspace(
        self, info: Info, name: Annotated[str | None, about("Its name; without it that of the request.")] = None
    ) -> Workspace | None:
        """A workspace; none where nothing has come into it yet."""
        row = await stored.get(info.context.deps.graph, _allowed(info, name) if name else info.context.workspace)
        return Workspace.of(row) if row else None

    @field
    async def workspaces(
        self,
        info: Info,
        search: Annotated[str | None, about("Only those with this in the name.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Workspace]:
        """The workspaces that the caller may work in, in order of their names."""
        last = values_of(after, KIND, str)[0] if after is not None else ""
        graph, limit = info.context.deps.graph, count(first) + 1
        bound = info.context.principal.workspaces
        if bound is None:
            rows = await stored.listed(graph, limit=limit, search=search or None, after=last)
        else:
            wanted = [name for name in sorted(bound) if name > last and (search or "").lower() in name.lower()]
            rows = list((await stored.get_many(graph, wanted)).values())[:limit]
        return page(rows, first, after, Workspace.of, lambda row: cursor(KIND, row.name))


@graph_type
class WorkspaceMutation:
    """Changes of workspaces."""

    @mutation
    async def create_workspace(
        self,
        info: Info,
        name: Annotated[str, about("Its name: 1 to 64 letters, digits, dots, dashes and underscores.")],
        chunking: Annotated[ChunkingInput | None, about("How its documents are cut.")] = None,
    ) -> Workspace:
        """Makes a workspace. A document that comes into a workspace that is not there makes it too."""
        wanted = _checked(info, chunking)
        if not await stored.create(info.context.deps.graph, _allowed(info, name), wanted):
            raise Conflict(f"There is a workspace {name!r} already.", hint="Choose another name.")
        return await _existing(info, name)

    @mutation
    async def update_workspace(
        self,
        info: Info,
        name: Annotated[str, about("Its name.")],
        chunking: Annotated[
            ChunkingInput, about("How its documents are cut from now on; all that was said before goes.")
        ],
    ) -> Workspace:
        """Says how the documents of a workspace are cut from now on. Those that are indexed already stay as they are
        until they are replaced or retried."""
        await _existing(info, name)
        await stored.update(info.context.deps.graph, name, _checked(info, chunking))
        return await _existing(info, name)

    @mutation
    async def delete_workspace(
        self,
        info: Info,
        name: Annotated[str, about("Its name.")],
        confirm: Annotated[str, about("Its name once more: everything in it is deleted for good.")],
    ) -> bool:
        """Deletes a workspace with everything in it. Whether there was one."""
        if name != confirm:
            raise InvalidInput("`confirm` is not the name of the workspace.", hint="Write the name there once more.")
        return await stored.delete(info.context.deps.graph, _allowed(info, name))


def _allowed(info: Info, name: str) -> str:
    """The name, if it can be one and the caller may work there. Raises InvalidInput, Forbidden."""
    return info.context.principal.workspace(workspace_name(name), name)


def _checked(info: Info, chunking: ChunkingInput | None) -> ChunkingChoice:
    wanted = choice(chunking)
    wanted.over(info.context.deps.limits.chunking).checked()
    return wanted


async def _existing(info: Info, name: str) -> Workspace:
    row = await stored.get(info.context.deps.graph, _allowed(info, name))
    if row is None:
        raise NotFound(f"There is no workspace {name[:80]!r}.", hint="List them by `workspaces`.")
    return Workspace.of(row)
