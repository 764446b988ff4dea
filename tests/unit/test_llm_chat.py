from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import BaseModel

from neolight.errors import ModelError, ModelUnavailable, UnusableReply
from neolight.llm import structured
from neolight.llm.chat import ChatModel, Message
from neolight.llm.endpoint import Patience
from neolight.llm.extraction import Graph, ModelExtractor
from neolight.llm.keywords import keywords
from neolight.llm.providers import Connection, chat_model
from neolight.llm.usage import Ledger, paid_by
from standin import StandIn, serving

QUICK = Patience(attempts=4, first_wait=0.01, longest_wait=0.05, first_pause=0.2, longest_pause=0.4)
PASSAGE = "Ada Lovelace worked with Charles Babbage. The Analytical Engine was designed by Charles Babbage."


class Colour(BaseModel):
    name: str
    red: int


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


def forms(standin: StandIn) -> list[str | None]:
    return [(call.body.get("response_format") or {}).get("type") for call in standin.calls]


async def test_plain_reply(chat: ChatModel, standin: StandIn) -> None:
    reply = await chat.complete("You are short.", "Hello?", max_tokens=50)
    assert (reply.text, reply.finish_reason) == ("OK.", "stop")
    assert reply.tokens_in > 0
    assert reply.tokens_out == 1
    body = standin.calls[0].body
    assert body["max_tokens"] == 50
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


async def test_structured_output_asks_for_a_strict_schema(chat: ChatModel, standin: StandIn) -> None:
    standin.replies = ['{"name": "brick", "red": 200}']
    colour, reply = await chat.parse("Colours.", "Brick?", Colour)
    assert colour == Colour(name="brick", red=200)
    assert reply.tokens_out == 4
    wanted = standin.calls[0].body["response_format"]["json_schema"]
    assert wanted["strict"] is True
    assert wanted["schema"]["required"] == ["name", "red"]
    assert wanted["schema"]["additionalProperties"] is False


def test_strict_schema_has_nothing_optional() -> None:
    schema = structured.strict_schema(Graph)
    rows = schema["$defs"]
    assert set(schema["required"]) == {"entities", "relations"}
    assert set(rows["EntityRow"]["required"]) == {"name", "type", "description"}
    assert set(rows["RelationRow"]["required"]) == {"source", "target", "keywords", "description", "weight"}
    assert "default" not in str(schema)


async def test_falls_back_to_json_object_and_remembers(chat: ChatModel, standin: StandIn) -> None:
    standin.refuse("json_schema")
    for _ in range(2):
        words = await keywords(chat, "Where did Ada Lovelace meet Charles Babbage?")
        assert words.low == ("Ada Lovelace", "Charles Babbage")
    assert forms(standin) == ["json_schema", "json_object", "json_object"]
    assert '"high_level_keywords"' in standin.calls[-1].body["messages"][0]["content"]


async def test_falls_back_to_text_and_remembers(chat: ChatModel, standin: StandIn) -> None:
    standin.refuse("json_schema", "json_object")
    for _ in range(2):
        extraction, _ = await ModelExtractor(chat).extract(PASSAGE, title=None, section=None)
        assert [mention.name for mention in extraction.mentions] == [
            "Ada Lovelace",
            "Charles Babbage",
            "Analytical Engine",
        ]
    assert forms(standin) == ["json_schema", "json_object", None, None]


async def test_calls_refused_together_step_down_once(chat: ChatModel, standin: StandIn) -> None:
    standin.refuse("json_schema")
    standin.latency = 0.02
    await asyncio.gather(*(keywords(chat, f"Who is Person {number}?") for number in range(4)))
    assert forms(standin) == ["json_schema"] * 4 + ["json_object"] * 4


async def test_other_refusals_do_not_change_the_form(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(400, message="maximum context length is 8192 tokens")
    with pytest.raises(ModelError, match="answered 400: maximum context length") as caught:
        await keywords(chat, "Who?")
    assert caught.value.hint
    assert not isinstance(caught.value, ModelUnavailable)
    await keywords(chat, "Who?")
    assert forms(standin) == ["json_schema", "json_schema"]


async def test_parameters_that_are_refused_are_left_out(chat: ChatModel, standin: StandIn) -> None:
    standin.refuse("temperature", "max_tokens")
    await chat.complete("You are short.", "Hello?", max_tokens=50)
    await chat.complete("You are short.", "Hello?", max_tokens=50)
    assert standin.count() == 4
    assert standin.calls[-1].body["max_completion_tokens"] == 50
    assert "temperature" not in standin.calls[-1].body


async def test_unreadable_replies_are_asked_for_again(chat: ChatModel, standin: StandIn) -> None:
    standin.garble(times=2)
    _, reply = await ModelExtractor(chat).extract(PASSAGE, title="Engines", section="History")
    assert standin.count("extract") == 3
    assert reply.tokens_in > 2 * len(standin.calls[0].body["messages"][0]["content"].split())
    assert [call.body["temperature"] for call in standin.calls] == [0.0, 0.3, 0.6]


async def test_unreadable_to_the_end_is_an_error(chat: ChatModel, standin: StandIn) -> None:
    standin.garble(times=9)
    with pytest.raises(ModelError, match="no reply of the form Graph"):
        await ModelExtractor(chat).extract(PASSAGE, title=None, section=None)
    assert standin.count("extract") == 3


async def test_a_reply_cut_by_the_limit_is_asked_for_again(chat: ChatModel, standin: StandIn) -> None:
    standin.finish_reason = "length"
    standin.replies = ['{"entities": [{"name": "Ada", "type": "Person", "description": "A mathem'] * 3
    with pytest.raises(UnusableReply, match="cut off after"):
        await ModelExtractor(chat).extract(PASSAGE, title=None, section=None)
    assert standin.count() == 3


async def test_a_refusal_is_asked_for_again(chat: ChatModel, standin: StandIn) -> None:
    standin.finish_reason = "content_filter"
    standin.replies = ["I cannot help with that."] * 3
    with pytest.raises(UnusableReply, match="refused: 'I cannot"):
        await ModelExtractor(chat).extract(PASSAGE, title=None, section=None)
    assert standin.count() == 3


async def test_tokens_are_noted_for_who_pays(chat: ChatModel, standin: StandIn) -> None:
    standin.garble(times=1)
    with paid_by(Ledger()) as ledger:
        await ModelExtractor(chat).extract(PASSAGE, title=None, section=None)
        standin.refuse("stream_options")
        standin.replies = ["One two three four."] * 2
        assert [piece async for piece in chat.stream([Message(role="user", content="Count.")])]
    answered, extracted = ledger.taken()
    assert (extracted.kind, extracted.calls) == ("extract", 2)
    assert extracted.tokens_out > 0
    assert (answered.kind, answered.calls, answered.tokens_in, answered.tokens_out) == ("answer", 1, 2, 5)
    assert ledger.taken() == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "brick", "red": 200}',
        '<think>{"not": "this"}</think>\n{"name": "brick", "red": 200}',
        'Here you are:\n```json\n{"name": "brick", "red": 200}\n```\nAnything else?',
        "{name: 'brick', 'red': 200,}",
        'Sure! {"name": "brick", "red": 200} I hope this helps.',
    ],
)
def test_replies_that_can_be_read(text: str) -> None:
    assert structured.read(text, Colour) == Colour(name="brick", red=200)


@pytest.mark.parametrize("text", ["", "No.", '{"name": "brick", "red": 2', '{"name": "brick"}', "[1, 2]", '{"name": {'])
def test_replies_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="Colour"):
        structured.read(text, Colour)


async def test_stream(chat: ChatModel, standin: StandIn) -> None:
    standin.replies = ["One two three four."]
    standin.refuse("temperature")
    messages = [Message(role="user", content="Count.")]
    assert [piece async for piece in chat.stream(messages)] == ["One ", "two ", "three ", "four."]
    assert standin.calls[-1].body["stream"] is True


async def test_stream_that_starts_badly_is_retried(chat: ChatModel, standin: StandIn) -> None:
    standin.fail(500, times=2)
    standin.replies = ["Fine."] * 3
    assert [piece async for piece in chat.stream([Message(role="user", content="Count.")])] == ["Fine."]


async def test_stream_that_breaks_off_is_an_error(chat: ChatModel, standin: StandIn) -> None:
    standin.replies = ["One two three four."]
    standin.garble()
    pieces: list[str] = []
    with pytest.raises(ModelError, match="broke off"):
        async for piece in chat.stream([Message(role="user", content="Count.")]):
            pieces.append(piece)
    assert pieces == ["One ", "two "]


async def test_a_stream_left_early_gives_its_place_back(chat: ChatModel, standin: StandIn) -> None:
    standin.replies = ["One two three."] * 8
    for _ in range(8):
        stream = chat.stream([Message(role="user", content="Count.")])
        assert await anext(stream) == "One "
        await stream.aclose()
    assert (await chat.complete("s", "u")).text == "OK."
