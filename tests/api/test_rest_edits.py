"""LightRAG's routes for editing the graph, and the parameters of its queries, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from test_rest_documents import settled

FACTS = {
    "manual.txt": "Error E-45 on the pump A-102 is fixed by part P-987.",
    "contracts.txt": "Part P-987 is delivered by Norvik Sensorik GmbH in Kiel.",
}


def post(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_entities_and_relations_are_made_changed_merged_and_deleted(client: httpx.Client) -> None:
    for name in ("Tesla", "Elon Musk", "Elon Msk"):
        data = {"description": f"This is {name}.", "entity_type": "organization", "source_id": "chunk-1", "founded": 1}
        made = post(client, "/graph/entity/create", entity_name=name, entity_data=data)
        assert made["data"]["entity_name"] == name
    again = client.post("/graph/entity/create", json={"entity_name": "TESLA", "entity_data": {}})
    assert again.status_code == 400

    relation = {"description": "He leads it.", "keywords": "CEO, founder", "weight": 2, "since": 2004}
    ends = {"source_entity": "Elon Msk", "target_entity": "Tesla"}
    made = post(client, "/graph/relation/create", **ends, relation_data=relation)
    assert (made["data"]["src_id"], made["data"]["weight"]) == ("Elon Msk", 2.0)
    twice = client.post("/graph/relation/create", json={**ends, "relation_data": relation})
    assert twice.status_code == 400
    edited = post(
        client, "/graph/relation/edit", source_id="Tesla", target_id="Elon Msk", updated_data={"keywords": "CEO"}
    )
    assert edited["data"]["keywords"] == "CEO"

    renamed = {"entity_name": "Elon Msk", "updated_data": {"entity_name": "Elon Musk", "description": "Corrected."}}
    assert client.post("/graph/entity/edit", json=renamed).status_code == 400
    assert client.post("/graph/entity/edit", json={**renamed, "allow_rename": True}).status_code == 400
    merged = post(client, "/graph/entity/edit", **renamed, allow_rename=True, allow_merge=True)
    assert merged["operation_summary"] == {
        "merged": True, "merge_status": "success", "merge_error": None, "operation_status": "success",
        "target_entity": "Elon Musk", "final_entity": "Elon Musk", "renamed": True,
    }  # fmt: skip
    assert sorted(client.get("/graph/label/list").json()) == ["Elon Musk", "Tesla"]
    graph = client.get("/graphs", params={"label": "Tesla"}).json()
    assert {(edge["source"], edge["target"]) for edge in graph["edges"]} == {("Elon Musk", "Tesla")}

    plain = post(client, "/graph/entity/edit", entity_name="Tesla", updated_data={"description": "Makes cars."})
    assert plain["data"]["description"] == "Makes cars."
    assert plain["operation_summary"]["merge_status"] == "not_attempted"
    assert client.post("/graph/entity/edit", json={"entity_name": "Tesla", "updated_data": {"x": 1}}).status_code == 400
    other = post(
        client, "/graph/entity/edit", entity_name="Tesla", updated_data={"entity_name": "Tesla Inc"}, allow_rename=True
    )
    assert other["operation_summary"]["final_entity"] == "Tesla Inc"
    into = post(client, "/graph/entities/merge", entities_to_change=["Elon Musk"], entity_to_change_into="Tesla Inc")
    assert into["data"]["merged_entity"] == "Tesla Inc"
    nobody = {"entities_to_change": ["Nobody"], "entity_to_change_into": "Tesla Inc"}
    assert client.post("/graph/entities/merge", json=nobody).status_code == 400
    gone = client.request("DELETE", "/graph/entity/delete", json={"entity_name": "Tesla Inc"}).json()
    assert (gone["status"], gone["status_code"]) == ("success", 200)
    assert client.get("/graph/label/list").json() == []
    assert client.request("DELETE", "/graph/entity/delete", json={"entity_name": "Tesla Inc"}).status_code == 404


def test_a_relation_is_deleted(client: httpx.Client) -> None:
    for name in ("A", "B"):
        post(client, "/graph/entity/create", entity_name=name, entity_data={})
    post(client, "/graph/relation/create", source_entity="A", target_entity="B", relation_data={})
    ends = {"source_entity": "B", "target_entity": "A"}
    assert client.request("DELETE", "/graph/relation/delete", json=ends).json()["status"] == "success"
    assert client.request("DELETE", "/graph/relation/delete", json=ends).status_code == 404


def lines(client: httpx.Client, **body: Any) -> list[dict[str, Any]]:
    response = client.post("/query/stream", json={"query": "Which part fixes E-45?", **body})
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.splitlines()]


def test_every_parameter_of_a_query_counts(client: httpx.Client) -> None:
    client.post("/documents/texts", json={"texts": list(FACTS.values()), "file_sources": list(FACTS)})
    settled(client)
    asked = {"query": "Which part fixes E-45?"}

    context = post(client, "/query", **asked, only_need_context=True)
    assert "[1] manual.txt" in context["response"]
    assert context["llm_generated"] is False
    prompt = post(client, "/query", **asked, only_need_prompt=True, user_prompt="As a haiku.")
    assert "---System---" in prompt["response"]
    assert "As a haiku." in prompt["response"]
    contents = post(client, "/query", **asked, include_chunk_content=True, chunk_top_k=1)["references"]
    assert [reference["content"] for reference in contents] == [[FACTS["manual.txt"]]]
    assert post(client, "/query", **asked, include_references=False)["references"] is None
    for mode in ("local", "global", "hybrid", "naive", "mix"):
        assert "P-987" in post(client, "/query", **asked, mode=mode, enable_rerank=False)["response"], mode
    bypass = client.post("/query", json={**asked, "mode": "bypass"})
    assert (bypass.status_code, "No language model" in bypass.json()["detail"]) == (503, True)
    assert post(client, "/query/data", **asked, mode="bypass")["data"]["chunks"] == []
    given = post(client, "/query/data", **asked, hl_keywords=["repair"], ll_keywords=["P-987"])["metadata"]["keywords"]
    assert given == {"high_level": ["repair"], "low_level": ["P-987"]}

    streamed = lines(client, include_progress=True)
    steps = [line["progress"] for line in streamed if "progress" in line]
    assert (steps[0], steps[-1]) == ("extracting_keywords", "generating_response")
    assert ["progress" in line for line in streamed] == [True] * len(steps) + [False] * (len(streamed) - len(steps))
    assert list(streamed[len(steps)]) == ["references"], "as LightRAG has it, after the progress"
    assert streamed[-1]["response_time"] > 0
    silent = lines(client, include_progress=True, include_references=False)
    assert {"progress": "generating_response"} in silent
    assert list(lines(client)[0]) == ["references"]
    assert "references" not in lines(client, include_references=False)[0]
    assert "[1] manual.txt" in lines(client, only_need_context=True)[1]["response"]
    assert "No language model" in lines(client, mode="bypass")[-1]["error"]
    assert len(lines(client, stream=False)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"query": ""},
        {"query": " a "},
        {"query": "x" * 65_537},
        {"query": "What is it?", "mode": "psychic"},
        {"query": "What is it?", "top_k": 0},
        {"query": "What is it?", "response_type": ""},
        {"query": "What is it?", "hl_keywords": ["x"] * 65},
        {"query": "What is it?", "ll_keywords": ["x" * 513]},
        {"query": "What is it?", "conversation_history": [{"role": "user", "content": "x" * 32_000}] * 5},
    ],
)
def test_wrong_queries_are_422(client: httpx.Client, body: dict[str, Any]) -> None:
    for path in ("/query", "/query/stream", "/query/data"):
        response = client.post(path, json=body)
        assert response.status_code == 422
        assert response.json()["detail"][0]["msg"]


def test_two_ideographs_are_a_question(client: httpx.Client) -> None:
    assert client.post("/query/data", json={"query": "水泵"}).status_code == 200
