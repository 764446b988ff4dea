"""A reranker of one's own, over HTTP: it orders what is retrieved, unless a request does not want that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from neolight.settings import Settings
from servers import Server, serving_neolight, settled
from standin import listening

TEXTS = [
    "Sensor Kappa is blue.",
    "Norvik Sensorik delivers Sensor Kappa.",
    "Sensor Kappa fixes Fault Omega on Mondays.",
]
QUESTION = "Who delivers Sensor Kappa?"
RETRIEVE = """query ($question: String!, $rerank: Boolean!) {
  retrieve(input: {query: $question, rerank: $rerank}) { chunks { text why } }
}"""


class Judge:
    """A rerank server of vLLM's kind that likes long texts best, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def respond(self, request: Request) -> JSONResponse:
        """Scores by length."""
        body = await request.json()
        self.asked.append(body)
        scores = [{"index": at, "relevance_score": len(text)} for at, text in enumerate(body["documents"])]
        return JSONResponse({"results": scores})


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module")
def server(settings: Settings, judge: Judge) -> Iterator[Server]:
    with listening(Starlette(routes=[Route("/v1/rerank", judge.respond, methods=["POST"])])) as url:
        change = {"rerank_provider": "vllm", "rerank_url": url, "rerank_model": "long"}
        with serving_neolight(settings.model_copy(update=change)) as running:
            yield running


@pytest.fixture
def filled(client: httpx.Client) -> httpx.Client:
    """Calls a workspace with three passages."""
    client.post("/documents/texts", json={"texts": TEXTS, "file_sources": ["a.txt", "b.txt", "c.txt"]})
    settled(client)
    return client


def test_data_come_in_the_order_of_the_reranker_where_it_is_wanted(filled: httpx.Client, judge: Judge) -> None:
    def order(**more: Any) -> list[str]:
        found = filled.post("/query/data", json={"query": QUESTION, **more}).json()
        return [chunk["content"] for chunk in found["data"]["chunks"]]

    judge.asked.clear()
    plain = order(enable_rerank=False)
    assert judge.asked == []
    by_length = sorted(TEXTS, key=len, reverse=True)
    assert sorted(plain) == sorted(TEXTS)
    assert plain[0] == TEXTS[1] != by_length[0]
    assert order(enable_rerank=True) == order(enable_rerank=None) == order() == by_length
    assert [(body["query"], body["documents"]) for body in judge.asked] == [(QUESTION, plain)] * 3
    assert filled.post("/graphql", json={"query": "{ usage { model kind calls } }"}).json()["data"]["usage"] == [
        {"model": "long", "kind": "rerank", "calls": 3}
    ]


def test_graphql_and_answers_follow_it_too(filled: httpx.Client, judge: Judge) -> None:
    def chunks(*, rerank: bool) -> list[dict[str, Any]]:
        variables = {"question": QUESTION, "rerank": rerank}
        told = filled.post("/graphql", json={"query": RETRIEVE, "variables": variables}).json()
        return told["data"]["retrieve"]["chunks"]

    best = max(TEXTS, key=len)
    assert chunks(rerank=True)[0]["text"] == best
    assert "rerank" in chunks(rerank=True)[0]["why"]
    assert chunks(rerank=False)[0]["text"] == TEXTS[1]
    context = {"query": QUESTION, "only_need_context": True}
    for wanted, first in ((True, "c.txt"), (False, "b.txt")):
        assert f"[1] {first}" in filled.post("/query", json={**context, "enable_rerank": wanted}).json()["response"]
