"""The examples in the description of the API: each fits its schema, and is what the served routes take and give."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import httpx
import jsonschema
import pytest

from neolight.rest.examples import LINES, examples
from neolight.settings import Settings
from servers import Server, serving_neolight, settled
from standin import StandIn

METHODS = {"get", "post", "put", "patch", "delete"}
NO_BODY = {"GET /ui/customization/assets/{asset_hash}/{asset_id}"}
"""Always 404."""

MORE: dict[str, dict[str, Any]] = {
    "POST /documents/upload": {"files": {"file": ("p3.md", b"# Pump P-3\n\nThe seal of pump P-3 is red.")}},
    "GET /graph/label/search": {"params": {"q": "norvik"}},
    "GET /graphs": {"params": {"label": "Norvik Sensorik"}},
    "GET /graph/entity/exists": {"params": {"name": "Norvik Sensorik"}},
    "GET /graph/label/popular": {"params": {"limit": 5}},
}
"""What is sent besides the body."""

DOCUMENT = examples()["DELETE /documents/delete_document"]["request"]["doc_ids"][0]
"""The id of the document in the examples."""

NOT_MADE = {"POST /documents/urls"}
"""The network is not there for tests; `test_graphql.py` shows that URLs are fetched."""


@pytest.fixture(scope="module")
def server(settings: Settings, model: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    where = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir}
    more = {
        "openai_api_key": "sk-test",
        "openai_base_url": model.url,
        "llm_model": "stand-in",
        "accounts": "ada:correct horse",
    }
    with serving_neolight(
        Settings(_env_file=None, input_dir=tmp_path_factory.mktemp("in"), **where, **more)
    ) as running:
        yield running


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation that REST and Ollama have, by its name."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in METHODS and not path.startswith("/graphql")
    }


def test_every_body_has_an_example_that_fits_its_schema(server: Server) -> None:
    description = httpx.get(f"{server.url}/openapi.json").json()
    shown = 0
    for name, operation in operations(description).items():
        if name in NO_BODY:
            continue
        bodies = operation.get("requestBody", {}).get("content", {})
        answers = operation["responses"]["200"]["content"]
        for media, content in (*bodies.items(), *answers.items()):
            if media != "multipart/form-data":
                assert "example" in content, f"{name} has no example of {media}"
                schema = {**content["schema"], "components": description["components"]}
                jsonschema.Draft202012Validator(schema).validate(content["example"])
                shown += 1
    assert shown > len(examples())


def same_shape(example: Any, served: Any, at: str) -> None:
    """Fails unless what is served has the fields of the example, and values of the same types; null is of any type."""
    if example is None or served is None:
        return
    kinds = (int, float) if isinstance(example, (int, float)) and not isinstance(example, bool) else type(example)
    assert isinstance(served, kinds), f"{at}: {served!r} is not as {example!r}"
    if isinstance(example, dict):
        assert example.keys() == served.keys(), at
        for key in example:
            same_shape(example[key], served[key], f"{at}.{key}")
    elif isinstance(example, list) and example:
        assert served, f"{at} is empty"
        same_shape(example[0], served[0], f"{at}[0]")


def test_the_served_routes_take_and_give_what_the_examples_show(server: Server, workspace: str) -> None:
    known: dict[str, str] = {}
    with httpx.Client(base_url=server.url, headers={"X-Workspace": workspace}, timeout=60) as client:
        for name, example in examples().items():
            if name in NOT_MADE:
                continue
            method, path = name.split(" ")
            if name == "GET /documents/track_status/{track_id}":
                settled(client)
            body = json.loads(json.dumps(example.get("request")).replace(DOCUMENT, known.get("document", "")))
            sent = {"json": body} if "request" in example else {}
            reply = client.request(method, path.format(**known), **sent, data=example.get("form"), **MORE.get(name, {}))
            assert reply.status_code == 200, f"{name}: {reply.text}"
            if "lines" in example:
                assert reply.headers["content-type"].startswith(LINES)
                assert kinds_of(reply.text.splitlines()) == kinds_of(json.dumps(line) for line in example["lines"])
                continue
            told = reply.json()
            if name == "POST /login":
                client.headers["Authorization"] = f"Bearer {told['access_token']}"
            same_shape(example["response"], told, name)
            if isinstance(told, dict) and told.get("track_id"):
                known["track_id"] = told["track_id"]
            if name == "POST /documents/paginated":
                (known["document"],) = [row["id"] for row in told["documents"] if row["file_path"] == "pumps/p3.txt"]


def kinds_of(lines: Iterable[str]) -> list[str]:
    """What lines of a stream tell, one after the other, however many pieces an answer has."""
    return [key for key, _ in groupby(next(iter(json.loads(line))) for line in lines)]
