"""Serves GraphQL on a free port, and calls it as its users do: a real client over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from neolight.auth import Guard, Guarded, Options
from neolight.deps import Deps
from neolight.graphql import graphql_router


class Server(uvicorn.Server):
    """uvicorn without its hand on the signals, which are pytest's."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def serving_graphql(deps: Deps) -> AsyncGenerator[str]:
    """Runs a server of GraphQL alone, without a worker, in this event loop; gives its address."""
    inner = FastAPI()
    inner.include_router(graphql_router(deps, default_workspace="nothing-here"), prefix="/graphql")
    app = Guarded(inner, Guard(Options(data_dir=Path(tempfile.mkdtemp()), default_workspace="nothing-here")))
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/graphql"
    server.should_exit = True
    await task


@dataclass
class Caller:
    """Calls GraphQL for one workspace, over HTTP, or over a WebSocket to follow something."""

    url: str
    workspace: str

    async def __call__(self, query: str, *, upload: bool = False, **variables: Any) -> dict[str, Any]:
        """The data of a query or mutation, which must have no errors."""
        transport = AIOHTTPTransport(self.url, headers={"X-Workspace": self.workspace})
        async with Client(transport=transport, execute_timeout=60) as session:
            return await session.execute(GraphQLRequest(query, variable_values=variables), upload_files=upload)

    async def errors(self, query: str, *, upload: bool = False, **variables: Any) -> list[dict[str, Any]]:
        """The errors of a query or mutation, which must have some."""
        with pytest.raises(TransportQueryError) as caught:
            await self(query, upload=upload, **variables)
        assert caught.value.errors
        return caught.value.errors

    async def follow(self, query: str, **variables: Any) -> AsyncIterator[dict[str, Any]]:
        """The results of a subscription, one by one, until it completes."""
        transport = WebsocketsTransport(
            self.url.replace("http", "ws", 1),
            init_payload={"workspace": self.workspace},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        request = GraphQLRequest(query, variable_values=variables)
        async with (
            Client(transport=transport, execute_timeout=60) as session,
            aclosing(session.subscribe(request)) as results,
        ):
            async for result in results:
                yield result
