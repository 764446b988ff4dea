"""The adapters for neo4j-graphrag's classes, by its own class for OpenAI over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from neolight.errors import ConfigurationError, ModelError, ModelUnavailable
from neolight.llm import graphrag
from neolight.llm.chat import Message
from neolight.llm.connection import Connection
from neolight.llm.endpoint import Patience
from neolight.llm.extraction import ModelExtractor
from neolight.llm.providers import chat_model, embedding_model
from neolight.llm.usage import Ledger, paid_by
from standin import StandIn, serving

QUICK = Patience(attempts=2, first_wait=0.01, longest_wait=0.02, first_pause=0.2, longest_pause=0.4)


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with serving() as model:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        yield model


async def test_chat(standin: StandIn) -> None:
    chat = chat_model(Connection("graphrag:OpenAILLM", "stand-in", patience=QUICK))
    assert isinstance(chat, graphrag.AdaptedChat)
    with paid_by(Ledger()) as ledger:
        assert (await chat.complete("You are short.", "Hello?")).text == "OK."
        extraction, _ = await ModelExtractor(chat).extract(
            "Ada Lovelace met Charles Babbage.", title=None, section=None
        )
        talk = [
            Message(role="user", content="A"),
            Message(role="assistant", content="B"),
            Message(role="user", content="C"),
        ]
        assert [piece async for piece in chat.stream(talk)] == ["OK."]
    assert [mention.name for mention in extraction.mentions] == ["Ada Lovelace", "Charles Babbage"]
    roles = [[message["role"] for message in call.body["messages"]] for call in standin.calls]
    assert roles == [["system", "user"], ["system", "user"], ["user", "assistant", "user"]]
    await chat.close()
    assert sum(spent.calls for spent in ledger.taken()) == 3


async def test_failures_are_told_apart(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = chat_model(Connection("graphrag:OpenAILLM", "stand-in", patience=QUICK))
    assert chat
    standin.fail(401, times=9)
    with pytest.raises(ModelError, match="API key") as caught:
        await chat.complete("s", "u")
    assert not isinstance(caught.value, ModelUnavailable)
    standin.reset()
    standin.fail(503, times=99)
    with pytest.raises(ModelUnavailable):
        await chat.complete("s", "u")
    assert chat.resting > 0
    await chat.close()


async def test_embeddings(standin: StandIn) -> None:
    model = await embedding_model(Connection("graphrag:OpenAIEmbeddings", "stand-in", patience=QUICK))
    rows = await model.embed(["one", "two"])
    assert rows.shape == (2, model.dimensions) == (2, 64)
    assert (await model.embed([])).shape == (0, 64)
    await model.close()


async def test_unknown_and_not_installed() -> None:
    with pytest.raises(ConfigurationError, match="has no Nothing"):
        chat_model(Connection("graphrag:Nothing", "m"))
    with pytest.raises(ConfigurationError, match="not installed"):
        chat_model(Connection("graphrag:AnthropicLLM", "m"))
    with pytest.raises(ConfigurationError, match="needs a model"):
        chat_model(Connection("graphrag:OpenAILLM"))
