"""The tools for agents, by the protocol's own client: over HTTP, and on standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr

from neolight.settings import Settings
from servers import Server, serving_neolight

TOOLS = ["ask", "get_document", "get_entity", "insert_text", "neighbours", "search"]
FACTS = {
    "manual.txt": "Error E-45 on the pump A-102 is fixed by part P-987.",
    "contracts.txt": "Part P-987 is delivered by Norvik Sensorik GmbH in Kiel.",
}


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[Server]:
    with serving_neolight(settings) as running:
        yield running


@asynccontextmanager
async def agent(server: Server, workspace: str) -> AsyncIterator[Client]:
    """A client for one workspace."""
    async with (
        httpx2.AsyncClient(headers={"X-Workspace": workspace}, timeout=60) as http,
        Client(streamable_http_client(f"{server.url}/mcp", http_client=http)) as client,
    ):
        yield client


async def used(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool gives."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def conversation(client: Client) -> None:
    """An agent at work: it takes texts in, asks, looks around and reads on."""
    listed = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert sorted(listed) == TOOLS
    for tool in listed.values():
        assert tool.description
        assert all(field.get("description") for field in tool.input_schema["properties"].values()), tool.name

    for source, text in FACTS.items():
        assert (await used(client, "insert_text", text=text, source=source))["outcome"] == "created"
    for _ in range(200):
        read = [await used(client, "get_document", document=source) for source in FACTS]
        if all(one["status"] == "processed" for one in read):
            break
        await asyncio.sleep(0.2)
    assert [one["text"] for one in read] == list(FACTS.values())

    answer = await used(client, "ask", question="Which part fixes E-45, and who delivers it?")
    assert "P-987" in answer["answer"]
    assert {source["source"] for source in answer["sources"]} == set(FACTS)
    found = await used(client, "search", query="Who delivers part P-987?", limit=1)
    assert [passage["source"] for passage in found["passages"]] == ["contracts.txt"]
    part = await used(client, "get_entity", name="p-987")
    assert set(part["documents"]) == set(FACTS)
    assert part["mentions"][0]["passage"] in FACTS.values()
    around = await used(client, "neighbours", name="P-987")
    assert around["neighbours"]
    assert all(one["name"] != "P-987" for one in around["neighbours"])
    page = await used(client, "get_document", document=found["passages"][0]["document_id"], offset=5, limit=5)
    assert (page["text"], page["next_offset"]) == (FACTS["contracts.txt"][5:10], 10)

    wrong = await client.call_tool("get_entity", {"name": "Nobody"})
    assert wrong.is_error
    assert "There is no entity 'Nobody'" in wrong.content[0].text
    refused = await client.call_tool("search", {"query": "x", "mode": "psychic"})
    assert "Use one of" in refused.content[0].text
    assert (await client.call_tool("search", {"query": "x", "limit": 0})).is_error


async def test_over_http_for_one_workspace(server: Server, workspace: str) -> None:
    async with agent(server, workspace) as client:
        await conversation(client)
    async with agent(server, f"{workspace}-other") as stranger:
        assert (await used(stranger, "search", query="Who delivers P-987?"))["passages"] == []
        assert (await stranger.call_tool("get_document", {"document": "manual.txt"})).is_error
    async with agent(server, "a b") as nowhere:
        assert "cannot be a workspace" in (await nowhere.call_tool("search", {"query": "x"})).content[0].text


async def test_a_reader_may_not_write(settings: Settings, workspace: str) -> None:
    key = {"name": "colleague", "key": "reading-key-of-a-colleague", "role": "reader", "workspaces": [workspace]}
    keys = json.dumps([key])
    with serving_neolight(settings.model_copy(update={"api_keys": SecretStr(keys)})) as guarded:
        headers = {"X-API-Key": "reading-key-of-a-colleague"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{guarded.url}/mcp", http_client=http)) as client,
        ):
            assert (await used(client, "search", query="Who delivers P-987?"))["passages"] == []
            refused = await client.call_tool("insert_text", {"text": "x"})
            assert "needs the role editor" in refused.content[0].text
        assert httpx2.post(f"{guarded.url}/mcp", json={}).status_code in (401, 403)


async def test_on_standard_input_and_output(environment: dict[str, str], workspace: str) -> None:
    arguments = ["-m", "neolight", "mcp", "--workspace", workspace]
    command = StdioServerParameters(command=sys.executable, args=arguments, env=environment)
    async with Client(command) as client:
        await conversation(client)
