"""Every operation of LightRAG's API description, called with valid input; each response fits its schema there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from test_rest_documents import settled

from neolight.settings import Settings
from servers import Server, serving_neolight
from standin import StandIn

FILE = "lightrag_openapi.json"
PLACES = [parent / "shared" / "reference" / FILE for parent in Path(__file__).parents]
FOUND = next((path for path in PLACES if path.is_file()), None)
OPERATIONS: dict[str, Any] = {}
if FOUND is not None:
    DESCRIPTION: dict[str, Any] = json.loads(FOUND.read_text())
    OPERATIONS = {
        f"{method.upper()} {path}": operation
        for path, methods in DESCRIPTION["paths"].items()
        for method, operation in methods.items()
    }

TEXT = "Norvik Sensorik delivers Sensor Kappa. Sensor Kappa fixes Fault Omega."
QUERY = {"query": "Who delivers Sensor Kappa?"}
CHAT = {"model": "neolight", "messages": [{"role": "user", "content": QUERY["query"]}], "stream": False}
NEW = {"description": "New.", "entity_type": "concept"}
ENDS = {"source_entity": "Extra One", "target_entity": "Extra Two"}

# In this order; <name> is what an earlier call has given.
CALLS: dict[str, dict[str, Any]] = {
    "GET /": {},
    "GET /auth-status": {},
    "POST /login": {"data": {"username": "ada", "password": "x"}},
    "GET /auth/verify": {},
    "GET /health": {},
    "GET /ui/customization": {"params": {"locale": "en"}},
    "GET /ui/customization/assets/{asset_hash}/{asset_id}": {"status": 404},
    "POST /documents/text": {"json": {"text": TEXT, "file_source": "sensors.txt"}},
    "POST /documents/texts": {"json": {"texts": ["Ada Holm approves Sensor Kappa."], "file_sources": ["b.txt"]}},
    "POST /documents/upload": {"files": {"file": ("notes.md", b"# Notes\n\nSensor Kappa is blue.")}},
    "POST /documents/scan": {},
    "GET /documents/scan/status/{track_id}": {},
    "GET /documents/track_status/{track_id}": {},
    "GET /documents/pipeline_status": {},
    "GET /documents/status_counts": {},
    "GET /documents/supported_file_types": {},
    "POST /documents/paginated": {"json": {"page_size": 10}},
    "GET /documents/source_conflicts": {},
    "POST /documents/source_conflicts/repair": {
        "json": {"canonical_source_key": "sensors.txt", "primary_doc_id": "<document>"}
    },
    "POST /documents/reprocess_failed": {},
    "POST /documents/cancel_pipeline": {},
    "POST /documents/recovery/force_reset": {"json": {"confirm": True}},
    "POST /documents/clear_cache": {"json": {}},
    "POST /query": {"json": QUERY},
    "POST /query/stream": {"json": QUERY},
    "POST /query/data": {"json": QUERY},
    "GET /graph/label/list": {},
    "GET /graph/label/popular": {"params": {"limit": 5}},
    "GET /graph/label/search": {"params": {"q": "sensor"}},
    "GET /graphs": {"params": {"label": "*", "max_nodes": 10}},
    "GET /graph/entity/exists": {"params": {"name": "Sensor Kappa"}},
    "POST /graph/entity/create": {"json": {"entity_name": "Extra One", "entity_data": NEW}},
    "POST /graph/entity/edit": {"json": {"entity_name": "Extra One", "updated_data": {"description": "Newer."}}},
    "POST /graph/relation/create": {"json": {**ENDS, "relation_data": {"description": "x", "keywords": "k"}}},
    "POST /graph/relation/edit": {
        "json": {"source_id": "Extra One", "target_id": "Extra Two", "updated_data": {"description": "y"}}
    },
    "DELETE /graph/relation/delete": {"json": ENDS},
    "POST /graph/entities/merge": {"json": {"entities_to_change": ["Extra Two"], "entity_to_change_into": "Extra One"}},
    "DELETE /graph/entity/delete": {"json": {"entity_name": "Extra One"}},
    "GET /api/version": {},
    "GET /api/tags": {},
    "GET /api/ps": {},
    "POST /api/generate": {"json": {"model": "neolight", "prompt": "Hello", "stream": False}},
    "POST /api/chat": {"json": CHAT},
    "DELETE /documents/delete_document": {"json": {"doc_ids": ["<document>"]}},
    "DELETE /documents": {},
}


@pytest.fixture(scope="module")
def server(settings: Settings, model: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    where = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir}
    more = {"openai_api_key": "sk-test", "openai_base_url": model.url, "llm_model": "stand-in"}
    inputs = tmp_path_factory.mktemp("inputs")
    with serving_neolight(Settings(_env_file=None, input_dir=inputs, **where, **more)) as running:
        yield running


def fits(operation: dict[str, Any], response: httpx.Response) -> None:
    """Fails unless a response is as the operation's description says."""
    content = operation["responses"].get(str(response.status_code), {}).get("content", {})
    told = response.headers.get("content-type", "").partition(";")[0]
    if told == "application/json" and told in content:
        schema = {**content["application/json"]["schema"], "components": DESCRIPTION["components"]}
        jsonschema.Draft202012Validator(schema).validate(response.json())
    if told == "application/x-ndjson":
        assert told in content
        assert all(isinstance(json.loads(line), dict) for line in response.text.splitlines())


def filled(value: Any, known: dict[str, str]) -> Any:
    """The value with what earlier calls have given."""
    text = json.dumps(value)
    for name, given in known.items():
        text = text.replace(f"<{name}>", given)
    return json.loads(text)


@pytest.mark.skipif(FOUND is None, reason=f"NOT CHECKED against LightRAG's API: there is no ../shared/reference/{FILE}")
def test_every_operation_answers_as_described(server: Server, workspace: str) -> None:
    assert OPERATIONS.keys() == CALLS.keys(), "each operation is called once"
    known = {"track_id": "", "asset_hash": "0" * 64, "asset_id": "logo"}
    with httpx.Client(base_url=server.url, headers={"X-Workspace": workspace}, timeout=60) as client:
        for number, (name, call) in enumerate(CALLS.items()):
            method, path = name.split(" ")
            if name == "GET /documents/pipeline_status":
                settled(client)
            if name == "POST /graph/relation/create":
                client.post("/graph/entity/create", json={"entity_name": "Extra Two", "entity_data": NEW})
            arguments = {key: filled(value, known) for key, value in call.items() if key in ("json", "params", "data")}
            files = {"files": call["files"]} if "files" in call else {}
            response = client.request(method, path.format(**known) if "{" in path else path, **arguments, **files)
            wanted = call.get("status", 307 if path == "/" else 200)
            assert response.status_code == wanted, f"{number} {name}: {response.text[:300]}"
            try:
                fits(OPERATIONS[name], response)
            except jsonschema.ValidationError as error:
                pytest.fail(f"{name}: {error.message} at {error.json_path}")
            body = (
                response.json()
                if "json" in response.headers.get("content-type", "") and path != "/query/stream"
                else {}
            )
            if isinstance(body, dict) and body.get("track_id"):
                known["track_id"] = body["track_id"]
            if path == "/documents/paginated":
                known["document"] = next(row["id"] for row in body["documents"] if row["file_path"] == "sensors.txt")


@pytest.mark.skipif(FOUND is None, reason=f"NOT CHECKED against LightRAG's API: there is no ../shared/reference/{FILE}")
def test_the_check_can_fail() -> None:
    wrong = httpx.Response(200, json={"status": "done", "message": "x"})
    with pytest.raises(jsonschema.ValidationError):
        fits(OPERATIONS["POST /documents/text"], wrong)
