"""Ollama's routes, by its own Python client: with a language model and without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import ollama
import pytest
from test_rest_documents import settled

from neolight.settings import Settings
from servers import Server, serving_neolight
from standin import StandIn

TEXT = "Norvik Sensorik delivers Sensor Kappa. Sensor Kappa fixes Fault Omega."
TITLE = (
    '### Task:\nGenerate a title.\n### Output:\nJSON format: { "title": "your title" }\n'
    "### Chat History:\n<chat_history>\nUSER: Who delivers Sensor Kappa to the plant?\n"
    "ASSISTANT: Norvik.\n</chat_history>"
)


@pytest.fixture(scope="module")
def written(settings: Settings, model: StandIn) -> Iterator[Server]:
    """A server whose answers a language model writes."""
    where = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir}
    key = {"openai_api_key": "sk-test", "openai_base_url": model.url, "llm_model": "stand-in"}
    with serving_neolight(Settings(_env_file=None, **where, **key)) as running:
        yield running


@pytest.fixture(scope="module")
def quoting(settings: Settings) -> Iterator[Server]:
    """A server without a language model."""
    with serving_neolight(settings) as running:
        yield running


@contextmanager
def client_of(server: Server, workspace: str) -> Iterator[ollama.Client]:
    headers = {"X-Workspace": workspace}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        client.post("/documents/text", json={"text": TEXT, "file_source": "sensors.txt"})
        assert settled(client)["processed"] == 1
    with closing(ollama.Client(host=server.url, headers=headers)) as opened:
        yield opened


def test_a_whole_conversation(written: Server, model: StandIn, workspace: str) -> None:
    with client_of(written, workspace) as client:
        name = client.list().models[0].model
        assert name == client.ps().models[0].model == "neolight:latest"

        messages = [{"role": "user", "content": "Who delivers Sensor Kappa?"}]
        first = client.chat(model=name, messages=messages)
        assert "Norvik" in first.message.content
        assert first.done
        assert first.eval_count > 0
        assert first.total_duration >= first.eval_duration

        messages += [
            first.message.model_dump(),
            {"role": "user", "content": "/naive[as a list] What does Sensor Kappa fix?"},
        ]
        parts = list(client.chat(model=name, messages=messages, stream=True))
        assert "Fault Omega" in "".join(part.message.content for part in parts)
        assert [part.done for part in parts][-2:] == [False, True]
        asked = [call.body for call in model.calls if call.kind == "answer"][-1]["messages"]
        assert [message["role"] for message in asked] == ["system", "user", "assistant", "user"]
        assert "as a list" in asked[0]["content"]

        before = model.count("keywords")
        messages.append({"role": "user", "content": "/bypass Say hello."})
        client.chat(model=name, messages=messages)
        sent = model.calls[-1].body["messages"]
        assert sent[-1]["content"] == "Say hello."
        assert len(sent) == 4, "the conversation goes along, the documents do not"

        client.chat(model=name, messages=[{"role": "user", "content": TITLE}])
        assert model.calls[-1].body["messages"][-1]["content"] == TITLE.strip()
        client.generate(model=name, prompt="Say hello.", system="Be brief.")
        assert [message["content"] for message in model.calls[-1].body["messages"]] == ["Be brief.", "Say hello."]
        streamed = list(client.generate(model=name, prompt="Say hello.", stream=True))
        assert streamed[-1].done
        unsaid = httpx.post(f"{written.url}/api/generate", json={"prompt": "Say hello."}, timeout=60)
        assert unsaid.json()["done"], "LightRAG's clients do not say that they want it at once"
        assert model.count("keywords") == before


def test_context_is_given_without_an_answer(written: Server, model: StandIn, workspace: str) -> None:
    with client_of(written, workspace) as client:
        before = model.count("answer")
        said = client.chat(model="any", messages=[{"role": "user", "content": "/context Who delivers Sensor Kappa?"}])
        assert "[1] sensors.txt" in said.message.content
        assert TEXT in said.message.content
        assert model.count("answer") == before


def test_without_a_model_documents_are_quoted(quoting: Server, workspace: str) -> None:
    with client_of(quoting, workspace) as client:
        said = client.chat(model="neolight", messages=[{"role": "user", "content": "Who delivers Sensor Kappa?"}])
        assert "Norvik Sensorik delivers Sensor Kappa. [1]" in said.message.content
        title = client.chat(model="neolight", messages=[{"role": "user", "content": TITLE}]).message.content
        assert json.loads(title) == {"title": "Who delivers Sensor Kappa to"}
        with pytest.raises(ollama.ResponseError, match="No language model is configured") as refused:
            client.chat(model="neolight", messages=[{"role": "user", "content": "/bypass Hello"}])
        assert refused.value.status_code == 503
        with pytest.raises(ollama.ResponseError, match="No language model is configured"):
            list(client.generate(model="neolight", prompt="Hello", stream=True))


def test_what_is_wrong_is_said(quoting: Server) -> None:
    def post(content: bytes, kind: str = "application/json") -> httpx.Response:
        return httpx.post(f"{quoting.url}/api/chat", content=content, headers={"Content-Type": kind}, timeout=60)

    assert post(b"{").status_code == 400
    assert post(b'{"messages": []}').status_code == 400
    assert "messages" in post(b"{}").json()["detail"]
    assistant = b'{"messages": [{"role": "assistant", "content": "x"}]}'
    assert "must be the user's" in post(assistant).json()["detail"]
    bytes_ = b'{"messages": [{"role": "user", "content": "Who?"}], "stream": false}'
    assert post(bytes_, "application/octet-stream").status_code == 200
    assert httpx.get(f"{quoting.url}/api/version").json() == {"version": "0.9.3"}
