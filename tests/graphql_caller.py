"""Calls GraphQL as its users do, with a real client over HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport


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
