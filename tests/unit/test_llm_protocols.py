"""What each provider is asked over HTTP: addresses, keys, bodies, and what is made of their errors."""

from __future__ import annotations

from typing import Any

import pytest

from neolight.errors import ConfigurationError, ModelError, ModelUnavailable
from neolight.llm.connection import Connection
from neolight.llm.endpoint import Pace, Patience
from neolight.llm.providers import PROVIDERS, chat_model, embedding_model
from neolight.llm.rerank import STYLES, reranker
from neolight.roles import Lines, answer_connection, embedding_connection, extraction_connection, models
from neolight.settings import Settings
from recorder import recording

QUICK = Patience(attempts=2, first_wait=0.01, longest_wait=0.02, first_pause=0.2, longest_pause=0.4)
COMPLETION = {"choices": [{"message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}]}
VECTORS = {"data": [{"index": 0, "embedding": [3.0, 4.0]}], "usage": {"prompt_tokens": 2}}

# The base URL that a user gives, below a host, and the path that the provider documents for chat.
SHAPES = {
    "openai": ("/v1", "/v1/chat/completions"),
    "azure": ("", "/openai/v1/chat/completions"),
    "gemini": ("/v1beta/openai", "/v1beta/openai/chat/completions"),
    "ollama": ("", "/v1/chat/completions"),
    "bedrock": ("/openai", "/openai/v1/chat/completions"),
    "nim": ("/v1", "/v1/chat/completions"),
}
LIMITS = {"openai": "max_completion_tokens", "azure": "max_completion_tokens"}

# Errors as the providers' documentation and servers show them.
ERRORS: list[tuple[int, Any, str, type[ModelError]]] = [
    (401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, "API key", ModelError),
    (401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key"}}, "denied", ModelError),
    (
        400,
        [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}],
        "not valid.",
        ModelError,
    ),
    (404, {"error": {"message": "model 'llama9' not found", "type": "api_error"}}, "llama9", ModelError),
    (403, {"Message": "User is not authorized to perform bedrock:InvokeModel"}, "bedrock:InvokeModel", ModelError),
    (
        400,
        {"error": {"code": "content_filter", "message": "The response was filtered", "param": "prompt"}},
        "filtered",
        ModelError,
    ),
    (400, {"object": "error", "message": "maximum context length is 4096 tokens", "code": 400}, "4096", ModelError),
    (422, {"detail": [{"loc": ["body", "messages"], "msg": "Field required"}]}, "Field required.", ModelError),
    (429, {"status": 429, "title": "Too Many Requests"}, "Too Many", ModelUnavailable),
    (503, {"detail": "loading"}, "loading", ModelUnavailable),
]


@pytest.mark.parametrize("name", sorted(PROVIDERS))
async def test_chat_goes_where_the_provider_documents_it(name: str) -> None:
    given, path = SHAPES[name]
    with recording((200, COMPLETION)) as server:
        chat = chat_model(Connection(name, "some-model", api_key="key-1", base_url=server.url + given))
        assert chat
        assert (await chat.complete("s", "u", max_tokens=9)).text == "ok"
        await chat.close()
    (asked,) = server.asked
    assert asked.path == path
    assert asked.headers["authorization"] == "Bearer key-1"
    assert asked.body["model"] == "some-model"
    assert asked.body[LIMITS.get(name, "max_tokens")] == 9


@pytest.mark.parametrize("name", sorted(PROVIDERS))
async def test_embeddings_go_where_the_provider_documents_it(name: str) -> None:
    given, path = SHAPES[name]
    with recording((200, VECTORS)) as server:
        wanted = Connection(name, "some-model", api_key="key-1", base_url=server.url + given)
        model = await embedding_model(wanted, dimensions=2)
        assert (await model.embed(["a"])).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]]
        await model.close()
    (asked,) = server.asked
    assert asked.path == path.replace("chat/completions", "embeddings")
    assert asked.headers["authorization"] == "Bearer key-1"
    assert asked.body["input"] == ["a"]
    assert ("input_type" in asked.body) == (name == "nim")


@pytest.mark.parametrize(("given", "key"), [("/v1", None), ("/proxy/v1/", "key-1"), ("", "key-1")])
async def test_any_other_server_is_asked_below_its_address(given: str, key: str | None) -> None:
    with recording((200, COMPLETION)) as server:
        chat = chat_model(Connection(server.url + given, "some-model", api_key=key))
        assert chat
        assert (await chat.complete("s", "u", max_tokens=9)).text == "ok"
        await chat.close()
    (asked,) = server.asked
    assert asked.path == f"{given.rstrip('/')}/chat/completions"
    assert key is None or asked.headers["authorization"] == f"Bearer {key}"
    assert asked.body["max_tokens"] == 9
    assert [one["role"] for one in asked.body["messages"]] == ["system", "user"]


@pytest.mark.parametrize(("status", "body", "said", "kind"), ERRORS)
async def test_errors_say_what_the_provider_says(status: int, body: Any, said: str, kind: type[ModelError]) -> None:
    with recording((status, body)) as server:
        chat = chat_model(Connection(server.url, "m", patience=QUICK))
        assert chat
        with pytest.raises(kind, match=f"answered {status}") as caught:
            await chat.complete("s", "u")
        await chat.close()
    assert said in str(caught.value)
    assert caught.value.hint or status == 503
    assert isinstance(caught.value, ModelUnavailable) == (kind is ModelUnavailable)
    assert len(server.asked) == (QUICK.attempts if kind is ModelUnavailable else 1)


RESULTS = {"results": [{"index": 2, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.4}]}
BODIES = {
    "cohere": {"model": "m", "query": "q", "documents": ["a", "b", "c"], "top_n": 3},
    "jina": {"model": "m", "query": "q", "documents": ["a", "b", "c"], "top_n": 3, "return_documents": False},
    "vllm": {"model": "m", "query": "q", "documents": ["a", "b", "c"], "top_n": 3},
    "tei": {"query": "q", "texts": ["a", "b", "c"], "truncate": True},
}
PLACES = {
    "cohere": ("/v2", "/v2/rerank"),
    "jina": ("/v1", "/v1/rerank"),
    "vllm": ("", "/v1/rerank"),
    "tei": ("", "/rerank"),
}


@pytest.mark.parametrize("name", sorted(STYLES))
async def test_rerankers(name: str) -> None:
    given, path = PLACES[name]
    rows = [*RESULTS["results"], {"index": 1, "relevance_score": 0.1}]
    reply: Any = {"id": "x", "results": rows}
    if name == "tei":
        reply = [{"index": row["index"], "score": row["relevance_score"]} for row in rows]
    with recording((500, {"error": "busy"}), (200, reply)) as server:
        wanted = Connection(name, "m", api_key="key-1", base_url=server.url + given, patience=QUICK)
        ranker = reranker(wanted)
        assert ranker
        assert await ranker.scores("q", ["a", "b", "c"]) == [0.4, 0.1, 0.9]
        assert await ranker.scores("q", []) == []
        await ranker.close()
    assert [asked.path for asked in server.asked] == [path, path]
    assert server.asked[1].body == BODIES[name]
    assert server.asked[1].headers["authorization"] == "Bearer key-1"


# Errors as rerankers send them.
REFUSALS: list[tuple[str, int, Any, str]] = [
    ("cohere", 401, {"message": "invalid api token"}, "API key"),
    ("cohere", 429, {"message": "You are using a Trial key"}, "Trial key"),
    ("jina", 422, {"detail": "[documents] : List should have at least 1 item"}, "at least 1 item"),
    ("vllm", 404, {"object": "error", "message": "The model `m` does not exist.", "code": 404}, "does not exist"),
    (
        "tei",
        413,
        {"error": "batch size 100 > maximum allowed batch size 32", "error_type": "Validation"},
        "batch size 100",
    ),
    ("tei", 424, {"error": "Model is overloaded", "error_type": "Backend"}, "overloaded"),
]


@pytest.mark.parametrize(("name", "status", "body", "said"), REFUSALS)
async def test_errors_of_rerankers(name: str, status: int, body: Any, said: str) -> None:
    given, _ = PLACES[name]
    with recording((status, body)) as server:
        ranker = reranker(Connection(name, "m", api_key="key-1", base_url=server.url + given, patience=QUICK))
        assert ranker
        with pytest.raises(ModelError, match=f"answered {status}") as caught:
            await ranker.scores("q", ["a", "b", "c"])
        await ranker.close()
    assert said in str(caught.value)
    assert len(server.asked) == (QUICK.attempts if status == 429 else 1)


async def test_a_reranker_that_leaves_a_text_out_is_asked_again_then_refused() -> None:
    with recording((200, RESULTS)) as server:
        ranker = reranker(Connection("vllm", "m", base_url=server.url, patience=QUICK))
        assert ranker
        with pytest.raises(ModelError, match="no scores"):
            await ranker.scores("q", ["a", "b", "c"])
        await ranker.close()
    assert len(server.asked) == QUICK.attempts


def test_what_a_reranker_lacks_is_said() -> None:
    assert reranker(Connection("none")) is None
    for name, missing in (("other", "no reranker"), ("vllm", "no address"), ("cohere", "needs a key")):
        with pytest.raises(ConfigurationError, match=missing):
            reranker(Connection(name))


def test_roles_have_models_of_their_own() -> None:
    settings = Settings(
        _env_file=None,
        openai_api_key="k1",
        openai_base_url="https://one.example/v1",
        llm_model="large",
        llm_requests_per_minute=60,
        extraction_provider="ollama",
        extraction_model="small",
        embedding_provider="openai",
        embedding_base_url="https://two.example/v1",
        embedding_api_key="k2",
    )
    answers, extraction = answer_connection(settings), extraction_connection(settings)
    embeddings = embedding_connection(settings, "openai", None)
    assert (answers.provider, answers.model, answers.api_key) == ("openai", "large", "k1")
    assert answers.pace == Pace(requests=60)
    assert (extraction.provider, extraction.model) == ("ollama", "small")
    assert (extraction.base_url, extraction.api_key) == (None, None), "a key never goes to another provider"
    assert (embeddings.base_url, embeddings.api_key) == ("https://two.example/v1", "k2")
    elsewhere = settings.model_copy(update={"embedding_api_key": None})
    assert embedding_connection(elsewhere, "openai", None).api_key is None, "nor to another server"
    lines = Lines()
    roles = models(settings, lines)
    assert roles.answers
    assert roles.extraction
    assert roles.extraction.name == "small"
    assert roles.reranker is None
    assert lines.of(answers) is lines.of(answers)
    assert lines.of(answers) is not lines.of(extraction)
