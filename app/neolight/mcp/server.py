"""The server of the tools: their names, parameters and descriptions, as a model reads them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeAlias, TypeVar

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from neolight.deps import Deps
from neolight.errors import NeolightError, public
from neolight.mcp import tools
from neolight.mcp.results import (
    AnswerResult,
    DocumentResult,
    EntityResult,
    InsertResult,
    NeighboursResult,
    SearchResult,
)
from neolight.retrieval.modes import DEFAULT, MODES
from neolight.retrieval.retrieve import Wanted
from neolight.version import __version__

T = TypeVar("T")
Call: TypeAlias = Context[Any, Any]
Whose: TypeAlias = Callable[[Call, str], str]
"""The workspace that a call is for, by the name of its tool. Raises Forbidden where it may not be made."""

INSTRUCTIONS = (
    "A company's documents, as passages and as a graph of entities and relations. `ask` for an answer with sources, "
    "`search` for what there is; follow names with `get_entity` and `neighbours`, and read on with `get_document`."
)
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)

Question = Annotated[str, Field(description="The question, in words.", min_length=1, max_length=65_536)]
Mode = Annotated[str, Field(description=f"The way of searching: {', '.join(MODES)}.", max_length=40)]
EntityName = Annotated[
    str, Field(description="The name of an entity, however it is capitalized.", min_length=1, max_length=1024)
]


def mcp_server(deps: Deps, whose: Whose) -> MCPServer[Any]:
    """A server with all tools."""
    server: MCPServer[Any] = MCPServer("neolight", title="Neolight", instructions=INSTRUCTIONS, version=__version__)

    @server.tool(annotations=READS)
    async def search(
        ctx: Call,
        query: Question,
        mode: Mode = DEFAULT,
        limit: Annotated[int, Field(description="How many passages at most.", ge=1, le=50)] = 10,
    ) -> SearchResult:
        """Finds passages, entities and relations that speak to a question, without writing an answer."""
        wanted = Wanted(query, mode, top_k=limit, chunk_top_k=limit)
        return await _guarded(tools.search(deps, _of(whose, ctx, "search"), wanted))

    @server.tool(annotations=READS)
    async def ask(ctx: Call, question: Question, mode: Mode = DEFAULT) -> AnswerResult:
        """Answers a question from the documents, with numbered sources."""
        return await _guarded(tools.answer(deps, _of(whose, ctx, "ask"), Wanted(question, mode)))

    @server.tool(annotations=READS)
    async def get_document(
        ctx: Call,
        document: Annotated[str, Field(description="The id or the source of a document.", max_length=512)],
        offset: Annotated[int, Field(description="The character to begin with.", ge=0)] = 0,
        limit: Annotated[int, Field(description="How many characters at most.", ge=1, le=100_000)] = 20_000,
    ) -> DocumentResult:
        """Reads a document: what it is, and a part of its text."""
        return await _guarded(tools.get_document(deps, _of(whose, ctx, "get_document"), document, offset, limit))

    @server.tool(annotations=READS)
    async def get_entity(ctx: Call, name: EntityName) -> EntityResult:
        """Tells what the documents say of an entity, and where."""
        return await _guarded(tools.get_entity(deps, _of(whose, ctx, "get_entity"), name))

    @server.tool(annotations=READS)
    async def neighbours(
        ctx: Call,
        name: EntityName,
        limit: Annotated[int, Field(description="How many at most.", ge=1, le=200)] = 20,
    ) -> NeighboursResult:
        """Lists the entities that one is related to, and how."""
        return await _guarded(tools.neighbours(deps, _of(whose, ctx, "neighbours"), name, limit))

    @server.tool(annotations=WRITES)
    async def insert_text(
        ctx: Call,
        text: Annotated[str, Field(description="The text.", min_length=1)],
        source: Annotated[
            str | None, Field(description="What to call it: a text of this name is replaced.", max_length=512)
        ] = None,
    ) -> InsertResult:
        """Adds a text to the documents; it is found as soon as it is indexed."""
        return await _guarded(tools.insert_text(deps, _of(whose, ctx, "insert_text"), text, source))

    return server


def _of(whose: Whose, ctx: Call, tool: str) -> str:
    """The workspace that a call is for. Raises ToolError."""
    try:
        return whose(ctx, tool)
    except NeolightError as error:
        raise _tool_error(error) from error


async def _guarded(work: Awaitable[T]) -> T:
    """The result; an expected error as the model may see it, any other only by its id in the log."""
    try:
        return await work
    except NeolightError as error:
        raise _tool_error(error) from error


def _tool_error(error: NeolightError) -> ToolError:
    shown = public(error)
    return ToolError(f"{shown.message} {shown.hint}" if shown.hint else shown.message)
