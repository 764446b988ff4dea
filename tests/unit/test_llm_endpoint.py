from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from email.utils import formatdate

import pytest

from neolight.errors import ModelError, ModelUnavailable
from neolight.llm.chat import ChatModel
from neolight.llm.endpoint import Line, Pace, Patience
from neolight.llm.providers import Connection, chat_model
from standin import StandIn, serving

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
async def chat(standin: StandIn) -> AsyncIterator[ChatModel]:
    model = chat_model(Connection(standin.url, "standin", concurrency=4, timeout=5, patience=QUICK))
    assert model
    yield model
    await model.close()


async def test_retry_after_is_honoured(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(429, retry_after=0.3)
    start = time.monotonic()
    assert (await chat.complete("s", "u")).text == "OK."
    assert time.monotonic() - start >= 0.3
    assert standin.count() == 2


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
async def test_passing_failures_are_retried(chat: ChatModel, standin: StandIn, status: int) -> None:
    standin.fail(status, times=2)
    assert (await chat.complete("s", "u")).text == "OK."
    assert standin.count() == 3


@pytest.mark.parametrize(("status", "advice"), [(400, "context"), (401, "API key"), (404, "model's name")])
async def test_refusals_are_not_retried(chat: ChatModel, standin: StandIn, status: int, advice: str) -> None:
    standin.fail(status, message="no way")
    with pytest.raises(ModelError, match=f"{standin.url} answered {status}: no way.") as caught:
        await chat.complete("s", "u")
    assert advice in str(caught.value)
    assert standin.count() == 1


async def test_no_credit_is_not_retried(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(429, code="insufficient_quota", message="You exceeded your current quota")
    with pytest.raises(ModelError, match="billing"):
        await chat.complete("s", "u")
    assert standin.count() == 1


async def test_a_persistent_500_is_an_error_of_the_call(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(500, times=4)
    with pytest.raises(ModelError, match="answered 500") as caught:
        await chat.complete("s", "u")
    assert not isinstance(caught.value, ModelUnavailable)
    assert (await chat.complete("s", "u")).text == "OK."
    assert standin.count() == 5


async def test_the_circuit_opens_while_the_endpoint_is_down(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(503, times=5)
    with pytest.raises(ModelUnavailable, match="answered 503"):
        await chat.complete("s", "u")
    assert standin.count() == QUICK.attempts
    with pytest.raises(ModelUnavailable, match=r"is down\. Next try in"):
        await chat.complete("s", "u")
    assert standin.count() == QUICK.attempts
    assert 0 < chat.resting <= QUICK.first_pause
    await asyncio.sleep(QUICK.first_pause)
    assert chat.resting == 0
    with pytest.raises(ModelUnavailable, match="answered 503"):  # a single attempt, and a longer pause
        await chat.complete("s", "u")
    assert standin.count() == QUICK.attempts + 1
    await asyncio.sleep(QUICK.longest_pause)
    assert (await chat.complete("s", "u")).text == "OK."


async def test_connection_refused() -> None:
    chat = chat_model(Connection("http://127.0.0.1:9/v1", "standin", patience=QUICK))
    assert chat
    with pytest.raises(ModelUnavailable, match="does not answer") as caught:
        await chat.complete("s", "u")
    assert caught.value.hint == "Check its URL and that it runs."
    await chat.close()


async def test_timeout(standin: StandIn) -> None:
    quick = Patience(attempts=2, first_wait=0.01)
    chat = chat_model(Connection(standin.url, "standin", timeout=0.1, patience=quick))
    assert chat
    standin.latency = 0.5
    with pytest.raises(ModelUnavailable, match="in time"):
        await chat.complete("s", "u")
    assert standin.count() == 2
    await chat.close()


async def test_concurrency_is_bounded(chat: ChatModel, standin: StandIn) -> None:
    standin.latency = 0.03
    await asyncio.gather(*(chat.complete("s", str(number)) for number in range(12)))
    assert standin.most_at_once == 4


async def test_a_date_to_come_back_at_is_honoured(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(503, retry_after=formatdate(time.time() + 2, usegmt=True))
    standin.fail(429, retry_after="soon")
    start = time.monotonic()
    assert (await chat.complete("s", "u")).text == "OK."
    assert time.monotonic() - start > 0.5
    assert standin.count() == 3


async def test_credentials_in_a_url_are_not_said(standin: StandIn) -> None:
    chat = chat_model(Connection(standin.url.replace("//", "//user:secret@"), "standin", patience=QUICK))
    assert chat
    standin.fail(400)
    with pytest.raises(ModelError) as caught:
        await chat.complete("s", "u")
    assert "secret" not in str(caught.value)
    await chat.close()


async def test_half_characters_are_sent_as_question_marks(chat: ChatModel, standin: StandIn) -> None:
    await chat.complete("s", "Half \ud83d of it, é.")
    assert standin.calls[0].body["messages"][1]["content"] == "Half ? of it, é."


async def test_a_web_page_is_not_asked_for_again(standin: StandIn) -> None:
    chat = chat_model(Connection(standin.url.removesuffix("/v1"), "standin", patience=QUICK))
    assert chat
    with pytest.raises(ModelError, match=r"not JSON.*OpenAI-compatible"):
        await chat.complete("s", "u")
    assert standin.count() == 0
    await chat.close()


async def test_something_else_than_the_protocol(standin: StandIn) -> None:
    chat = chat_model(Connection(standin.url + "/models?", "standin", patience=QUICK))
    assert chat
    with pytest.raises(ModelError, match=r"answered 405|cannot be used"):
        await chat.complete("s", "u")
    await chat.close()


async def test_a_server_that_comes_back_gets_all_its_attempts(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(503, times=4)
    with pytest.raises(ModelUnavailable):
        await chat.complete("s", "u")
    await asyncio.sleep(QUICK.first_pause)
    standin.fail(500, times=2)
    assert (await chat.complete("s", "u")).text == "OK."
    assert standin.count() == QUICK.attempts + 3


async def test_limits_a_minute_are_kept(standin: StandIn) -> None:
    line = Line(QUICK, Pace(requests=60))
    chat = chat_model(Connection(standin.url, "standin", concurrency=99, patience=QUICK), line=line)
    assert chat
    start = time.monotonic()
    await asyncio.gather(*(chat.complete("s", str(number)) for number in range(62)))
    assert time.monotonic() - start > 1.9, "60 at once, then one a second"
    await chat.close()
    few = chat_model(Connection(standin.url, "standin", patience=QUICK), line=Line(QUICK, Pace(tokens=60)))
    assert few
    start = time.monotonic()
    await few.complete("s", "word " * 50)
    await few.complete("s", "")
    assert time.monotonic() - start > 0.9, "the second waits until there is room for its tokens"
    await few.close()
