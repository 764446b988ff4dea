"""Subscriptions over graphql-transport-ws: answers, progress and the pipeline, fed by one poller."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from gql.transport.exceptions import TransportConnectionFailed, TransportError, TransportQueryError

from graphql_caller import Caller, serving_graphql
from neolight.deps import Deps
from neolight.errors import ModelUnavailable
from neolight.graph import documents as stored
from neolight.llm.providers import Connection, chat_model
from neolight.retrieval import answer as answering
from small_graph import TURBINES, Small, finish, leased
from standin import serving

ASK = """subscription ($input: AskInput!) { ask(input: $input) { __typename
  ... on KeywordsEvent { keywords { high low } }
  ... on ReferencesEvent { chunks { id text } }
  ... on TokenEvent { text }
  ... on DoneEvent { answer { id text generated citations { number quote document { title } } } }
  ... on ErrorEvent { message code hint } } }"""


async def events(call: Caller, **question: Any) -> list[dict[str, Any]]:
    return [result["ask"] async for result in call.follow(ASK, input=question)]


async def test_an_answer_comes_event_by_event(call: Caller, small: Small) -> None:
    found = await events(call, question="Who designed the A-102 turbine?")
    kinds = [event["__typename"] for event in found]
    assert kinds == ["KeywordsEvent", "ReferencesEvent", "TokenEvent", "DoneEvent"]
    assert "A-102" in " ".join(found[0]["keywords"]["low"])
    assert TURBINES[0] in [chunk["text"] for chunk in found[1]["chunks"]]
    answer = found[3]["answer"]
    assert answer["text"] == found[2]["text"]
    assert answer["generated"] is False
    assert answer["citations"][0] == {"number": 1, "quote": TURBINES[0], "document": {"title": "Turbines"}}
    kept = await call("query ($id: ID!) { query(id: $id) { answer } }", id=answer["id"])
    assert kept == {"query": {"answer": answer["text"]}}


async def test_a_models_answer_comes_token_by_token(deps: Deps, small: Small) -> None:
    with serving() as model:
        chat = chat_model(Connection("openai", "stand-in", api_key="sk-test", base_url=model.url))
        assert chat
        async with serving_graphql(replace(deps, chat=chat)) as url:
            call = Caller(url, small.workspace)
            found = await events(
                call,
                question="Who designed the A-102 turbine?",
                conversation=[{"role": "user", "content": "We spoke of turbines."}],
                responseType="Bullet Points",
                userPrompt="Be kind",
            )
            assert (await call("{ server { chatModel } }")) == {"server": {"chatModel": "stand-in"}}
            (sent,) = [json.dumps(one.body) for one in model.calls if one.kind == "answer"]
            model.fail(401, kind="answer")
            broken = await events(call, question="Who leads the plant?")
        await chat.close()
    kinds = [event["__typename"] for event in found]
    assert kinds == ["KeywordsEvent", "ReferencesEvent", *["TokenEvent"] * (len(kinds) - 3), "DoneEvent"]
    assert len(kinds) > 4
    answer = found[-1]["answer"]
    assert answer["generated"] is True
    assert answer["citations"]
    assert "We spoke of turbines." in sent
    assert "Bullet Points. Be kind" in sent
    assert [event["__typename"] for event in broken] == ["KeywordsEvent", "ReferencesEvent", "ErrorEvent"]
    assert broken[-1]["code"] == "MODEL_ERROR"


async def test_an_answer_that_fails_ends_with_an_error_event(
    call: Caller, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    (error,) = await events(call, question=" ")
    assert (error["__typename"], error["code"]) == ("ErrorEvent", "INVALID_INPUT")
    (error,) = await events(call, question="x", topK=0)
    assert "`topK` is 0" in error["message"]

    async def down(*_: object) -> None:
        raise ModelUnavailable(hint="Wait.")

    monkeypatch.setattr(answering.queries, "record", down)
    found = await events(call, question="Who designed the A-102 turbine?")
    assert [event["__typename"] for event in found] == ["KeywordsEvent", "ReferencesEvent", "TokenEvent", "ErrorEvent"]
    assert (found[-1]["code"], found[-1]["hint"]) == ("MODEL_UNAVAILABLE", "Wait.")


async def test_an_unexpected_error_of_a_subscription_is_masked(
    call: Caller, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(answering.queries, "record", broken)
    with pytest.raises(TransportQueryError) as caught:
        await events(call, question="Who designed the A-102 turbine?")
    assert "internal error" in str(caught.value)
    assert "swordfish" not in str(caught.value)


PROGRESS = """subscription ($track: String, $ids: [ID!]) { documentProgress(trackId: $track, ids: $ids) {
  id status step } }"""


async def test_progress_tells_every_step_and_ends_with_the_last_document(call: Caller, deps: Deps) -> None:
    first, second = [await leased(deps, call.workspace, f"{name}.txt", track_id="t") for name in ("a", "b")]
    seen = list[dict[str, str]]()
    async for result in call.follow(PROGRESS, track="t"):
        seen.append({row["id"]: f"{row['status']} {row['step']}" for row in result["documentProgress"]})
        if len(seen) == 1:
            await stored.heartbeat(deps.graph, [(first, "embed")], seconds=60)
        elif len(seen) == 2:
            await finish(deps, first, "A", TURBINES)
        elif len(seen) == 3:
            await stored.fail(deps.graph, [second], "It is broken.")
    assert seen == [
        {first.id: "processing read", second.id: "processing read"},
        {first.id: "processing embed"},
        {first.id: "processed None"},
        {second.id: "failed read"},
    ]


async def test_progress_by_ids_ends_at_once_where_nothing_is_to_be_done(call: Caller, small: Small) -> None:
    results = [result async for result in call.follow(PROGRESS, ids=[small.plant, "doc-unknown"])]
    assert results == [{"documentProgress": [{"id": small.plant, "status": "processed", "step": None}]}]
    assert [result async for result in call.follow(PROGRESS, track="unknown")] == []
    with pytest.raises(TransportQueryError, match="either `trackId` or `ids`"):
        assert [result async for result in call.follow(PROGRESS)]


async def test_the_pipeline_is_told_now_and_whenever_it_changes(call: Caller, deps: Deps) -> None:
    seen = list[tuple[bool, int, int]]()
    async for result in call.follow("subscription { pipeline { busy processing failed } }"):
        state = result["pipeline"]
        seen.append((state["busy"], state["processing"], state["failed"]))
        if len(seen) == 1:
            claim = await leased(deps, call.workspace, "a.txt")
        elif len(seen) == 2:
            await stored.fail(deps.graph, [claim], "It is broken.")
        else:
            break
    assert seen == [(False, 0, 0), (True, 1, 0), (False, 0, 1)]


async def test_one_poller_feeds_all_subscribers_and_rests_without_any(
    call: Caller, deps: Deps, fetched: list[str]
) -> None:
    claim = await leased(deps, call.workspace, "a.txt")

    async def wait() -> int:
        return len([result async for result in call.follow(PROGRESS, ids=[claim.id])])

    started = time.perf_counter()
    waiting = [asyncio.create_task(wait()) for _ in range(10)]
    await asyncio.sleep(3)
    await stored.fail(deps.graph, [claim], "It is broken.")
    assert await asyncio.gather(*waiting) == [2] * 10
    looks = fetched.count("documents/progress")
    assert 2 <= looks <= time.perf_counter() - started + 2
    await asyncio.sleep(1.5)
    assert fetched.count("documents/progress") == looks


async def test_a_query_over_the_socket_sees_what_has_just_changed(call: Caller, deps: Deps) -> None:
    claim = await leased(deps, call.workspace, "a.txt")
    query = "query ($id: ID!) { document(id: $id) { status } }"
    async for result in call.follow(query, id=claim.id):
        assert result == {"document": {"status": "processing"}}


async def test_a_socket_for_a_workspace_that_cannot_be_is_refused(graphql_url: str) -> None:
    with pytest.raises((TransportError, TransportConnectionFailed)):
        assert [result async for result in Caller(graphql_url, "a b").follow("subscription { pipeline { busy } }")]
