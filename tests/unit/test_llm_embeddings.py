from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest

from neolight.errors import ModelError, ModelUnavailable
from neolight.llm import gather
from neolight.llm.embeddings import WordLlamaEmbeddings, unit
from neolight.llm.endpoint import Patience
from neolight.llm.providers import Connection, embedding_model
from neolight.llm.remote import OpenAIEmbeddings
from standin import StandIn, serving, vector

QUICK = Patience(attempts=4, first_wait=0.01, longest_wait=0.05, first_pause=0.2, longest_pause=0.4)


@pytest.fixture(scope="module")
def served() -> Iterator[StandIn]:
    with serving() as model:
        yield model


@pytest.fixture
def standin(served: StandIn) -> StandIn:
    served.reset()
    return served


@pytest.fixture
async def model(standin: StandIn) -> AsyncIterator[OpenAIEmbeddings]:
    connection = Connection(standin.url, "standin", concurrency=2, timeout=5, patience=QUICK)
    made = await embedding_model(connection, batch=8)
    assert isinstance(made, OpenAIEmbeddings)
    standin.calls.clear()
    yield made
    await made.close()


def sent(standin: StandIn) -> list[list[str]]:
    return [call.body["input"] for call in standin.calls]


@pytest.fixture(scope="module")
def local() -> WordLlamaEmbeddings:
    return WordLlamaEmbeddings()


async def test_wordllama(local: WordLlamaEmbeddings) -> None:
    rows = await local.embed(["a red car", "a crimson automobile", "tax law", "", "  "])
    assert rows.shape == (5, 256)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
    assert np.array_equal(rows[3], rows[4])
    assert (await local.embed([])).shape == (0, 256)


async def test_wordllama_does_not_depend_on_company(local: WordLlamaEmbeddings) -> None:
    texts = ["one", "two words", "a text of several words " * 50, "", "日本語", "😀 \ud83d"] * 400
    together = await local.embed(texts)
    alone = np.concatenate([await local.embed([text]) for text in texts[:6]])
    assert np.allclose(together[:6], alone, atol=1e-6)
    assert np.allclose(together[-6:], alone, atol=1e-6)


async def test_wordllama_leaves_logging_alone() -> None:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    await WordLlamaEmbeddings().embed(["x"])
    assert (logging.getLogger().handlers, logging.getLogger().level) == (handlers, level)


def test_unit_rows() -> None:
    rows = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert np.allclose(rows, [[0.6, 0.8], [0.5**0.5, 0.5**0.5]])


async def test_dimensions_are_asked_for(standin: StandIn, model: OpenAIEmbeddings) -> None:
    assert model.dimensions == standin.dimensions
    assert (await model.embed([])).shape == (0, standin.dimensions)
    assert standin.count() == 0


async def test_dimensions_that_are_given_are_sent(standin: StandIn) -> None:
    model = await embedding_model(Connection(standin.url, "standin"), dimensions=16)
    assert model.dimensions == 16
    assert standin.count() == 0
    assert (await model.embed(["x"])).shape == (1, 16)
    await model.close()


async def test_vectors_come_in_order(standin: StandIn, model: OpenAIEmbeddings) -> None:
    texts = ["red", "green", "blue", "red", ""]
    rows = await model.embed(texts)
    expected = np.stack([vector(text, standin.dimensions) for text in texts])
    assert np.allclose(rows, expected, atol=1e-6)
    assert sent(standin) == [["red", "green", "blue", "."]]
    assert standin.calls[0].body["encoding_format"] == "base64"


async def test_callers_share_requests(standin: StandIn, model: OpenAIEmbeddings) -> None:
    results = await asyncio.gather(*(model.embed([f"a{number}", f"b{number}"]) for number in range(12)))
    assert [len(texts) for texts in sent(standin)] == [8, 8, 8]
    for number, rows in enumerate(results):
        assert np.allclose(rows[1], vector(f"b{number}", standin.dimensions), atol=1e-6)


async def test_a_long_call_is_cut_and_its_rest_travels_with_others(standin: StandIn, model: OpenAIEmbeddings) -> None:
    many, few = await asyncio.gather(model.embed([f"t{n}" for n in range(20)]), model.embed(["x", "y"]))
    assert sorted(len(texts) for texts in sent(standin)) == [6, 8, 8]
    assert np.allclose(many[19], vector("t19", standin.dimensions), atol=1e-6)
    assert np.allclose(few[0], vector("x", standin.dimensions), atol=1e-6)


async def test_texts_wait_for_company_while_a_request_is_under_way(
    standin: StandIn, model: OpenAIEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "PATIENCE", 0.5)
    standin.latency = 2.0
    first = asyncio.create_task(model.embed(["first"]))
    await asyncio.sleep(0.05)
    others = []
    for number in range(4):
        others.append(asyncio.create_task(model.embed([f"t{number}"])))
        await asyncio.sleep(0.002)
    await asyncio.gather(first, *others)
    assert sent(standin) == [["first"], ["t0", "t1", "t2", "t3"]]
    assert standin.most_at_once == 2


async def test_what_has_time_waits_for_company_and_holds_nobody_up(standin: StandIn, model: OpenAIEmbeddings) -> None:
    async def later(number: int) -> None:
        await asyncio.sleep(0.01 * number)
        with gather.unhurried(0.5):
            await model.embed([f"t{number}"])

    await asyncio.gather(*(later(number) for number in range(6)))
    assert sent(standin) == [[f"t{number}" for number in range(6)]], "none is under way, and still they wait"
    with gather.unhurried(3600.0):
        waiting = asyncio.create_task(model.embed(["passage"]))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        await model.embed(["question"])
        await waiting
    assert sent(standin)[1:] == [["passage", "question"]], "a question takes along what waits"


async def test_one_question_does_not_wait(model: OpenAIEmbeddings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "PATIENCE", 3600.0)
    async with asyncio.timeout(60):
        assert len(await model.embed(["question"])) == 1


async def test_concurrency_is_bounded(standin: StandIn, model: OpenAIEmbeddings) -> None:
    standin.latency = 0.02
    await asyncio.gather(*(model.embed([f"{caller} {number}" for number in range(8)]) for caller in range(8)))
    assert standin.count() == 8
    assert standin.most_at_once == 2


async def test_failures_that_pass_are_retried(standin: StandIn, model: OpenAIEmbeddings) -> None:
    standin.fail(500)
    standin.fail(429, retry_after=0.05)
    standin.garble()
    assert (await model.embed(["x"])).shape == (1, standin.dimensions)
    assert standin.count() == 4


async def test_other_dimensions_than_before_are_an_error(standin: StandIn, model: OpenAIEmbeddings) -> None:
    standin.dimensions = 32
    with pytest.raises(ModelError, match="vectors of 32 dimensions, not of 64"):
        await model.embed(["x"])
    standin.dimensions = 64


async def test_a_server_without_base64(standin: StandIn, model: OpenAIEmbeddings) -> None:
    standin.refuse("base64")
    assert np.allclose((await model.embed(["x"]))[0], vector("x", standin.dimensions), atol=1e-6)
    await model.embed(["y"])
    assert standin.count() == 3


async def test_a_model_of_fixed_dimensions(standin: StandIn) -> None:
    standin.refuse("dimensions")
    model = await embedding_model(Connection(standin.url, "standin", patience=QUICK), dimensions=64)
    assert (await model.embed(["x"])).shape == (1, 64)
    other = await embedding_model(Connection(standin.url, "standin", patience=QUICK), dimensions=16)
    with pytest.raises(ModelError, match="64 dimensions, not of 16"):
        await other.embed(["x"])
    await model.close()
    await other.close()


async def test_only_the_guilty_caller_fails(standin: StandIn, model: OpenAIEmbeddings) -> None:
    standin.fail(400, message="this text is not allowed")
    standin.fail(400, message="this text is not allowed")
    bad, good = await asyncio.gather(model.embed(["bad"]), model.embed(["good"]), return_exceptions=True)
    assert isinstance(bad, ModelError)
    assert isinstance(good, np.ndarray)
    assert sent(standin) == [["bad", "good"], ["bad"], ["good"]]


async def test_down_is_said_to_all(standin: StandIn, model: OpenAIEmbeddings) -> None:
    standin.fail(503, times=QUICK.attempts)
    results = await asyncio.gather(model.embed(["a"]), model.embed(["b"]), return_exceptions=True)
    assert all(isinstance(result, ModelUnavailable) for result in results)
    assert standin.count() == QUICK.attempts


async def test_a_caller_that_leaves_does_not_disturb(standin: StandIn, model: OpenAIEmbeddings) -> None:
    standin.latency = 0.05
    leaving = asyncio.create_task(model.embed(["a"]))
    staying = asyncio.create_task(model.embed(["b"]))
    await asyncio.sleep(0.02)
    leaving.cancel()
    assert (await staying).shape == (1, standin.dimensions)
    assert (await model.embed(["c"])).shape == (1, standin.dimensions)


async def test_endless_texts_are_cut(standin: StandIn, model: OpenAIEmbeddings) -> None:
    await model.embed(["word " * 20_000])
    assert 35_000 < len(sent(standin)[-1][0]) <= 40_000
