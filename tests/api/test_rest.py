"""The REST routes over HTTP, on a server that indexes with and without a model."""

from __future__ import annotations

import httpx
import pytest

from servers import Server, settled

FACTS = [
    "Error E-45 on the pump A-102 is fixed by part P-987.",
    "Part P-987 is delivered by Norvik Sensorik GmbH in Kiel.",
]


def test_texts_become_documents_that_answer(client: httpx.Client) -> None:
    inserted = client.post("/documents/texts", json={"texts": FACTS, "file_sources": ["manual.txt", "contracts.txt"]})
    assert inserted.status_code == 200
    assert inserted.json()["status"] == "success"
    assert settled(client) == {"pending": 0, "processing": 0, "processed": 2, "failed": 0, "all": 2}

    tracked = client.get(f"/documents/track_status/{inserted.json()['track_id']}").json()
    assert sorted(row["file_path"] for row in tracked["documents"]) == ["contracts.txt", "manual.txt"]
    assert tracked["status_summary"] == {"processed": 2}

    answer = client.post("/query", json={"query": "Which part fixes E-45, and who delivers it?"}).json()
    assert "P-987" in answer["response"]
    assert "Norvik" in answer["response"]
    assert {row["file_path"] for row in answer["references"]} == {"manual.txt", "contracts.txt"}
    assert answer["llm_generated"] is False


def test_data_has_every_part_with_its_source(client: httpx.Client) -> None:
    client.post("/documents/texts", json={"texts": FACTS, "file_sources": ["manual.txt", "contracts.txt"]})
    settled(client)

    body = client.post("/query/data", json={"query": "Who delivers part P-987?", "chunk_top_k": 1}).json()

    assert body["status"] == "success"
    assert [chunk["file_path"] for chunk in body["data"]["chunks"]] == ["contracts.txt"]
    assert body["data"]["references"] == [{"reference_id": "1", "file_path": "contracts.txt"}]
    named = {row["entity_name"]: row for row in body["data"]["entities"]}
    assert set(named["P-987"]["file_path"].split("<SEP>")) == {"manual.txt", "contracts.txt"}
    assert FACTS[1] in {row["description"] for row in body["data"]["relationships"]}
    assert body["metadata"]["query_mode"] == "mix"
    assert "P-987" in body["metadata"]["keywords"]["low_level"]


def test_stream_begins_with_references(client: httpx.Client) -> None:
    client.post("/documents/text", json={"text": FACTS[0], "file_source": "manual.txt"})
    settled(client)

    with client.stream("POST", "/query/stream", json={"query": "What fixes E-45?"}) as response:
        lines = [httpx.Response(200, text=line).json() for line in response.iter_lines()]

    assert response.headers["content-type"] == "application/x-ndjson"
    assert lines[0] == {"references": [{"reference_id": "1", "file_path": "manual.txt"}]}
    assert "P-987" in "".join(line.get("response", "") for line in lines)
    assert all(line.keys() == {"response"} for line in lines[1:]), "the time is told where progress is"


def test_the_same_text_twice_is_one_document(client: httpx.Client) -> None:
    for _ in range(2):
        assert client.post("/documents/text", json={"text": FACTS[0]}).json()["status"] == "success"
    assert settled(client)["all"] == 1


def test_upload_reads_a_file(client: httpx.Client) -> None:
    files = {"file": ("notes/plan.md", b"# Plan\n\nMaria Lindqvist leads the Aurora project.", "text/markdown")}
    assert client.post("/documents/upload", files=files).json()["status"] == "success"
    assert settled(client)["processed"] == 1
    found = client.post("/query/data", json={"query": "Who leads Aurora?", "mode": "naive"}).json()["data"]["chunks"]
    assert "Maria Lindqvist" in found[0]["content"]


def test_workspaces_do_not_see_each_other(client: httpx.Client, server: Server) -> None:
    client.post("/documents/text", json={"text": FACTS[0]})
    settled(client)
    stranger = {"LIGHTRAG-WORKSPACE": "somebody-else"}
    found = httpx.post(
        f"{server.url}/query/data", json={"query": "What fixes E-45?"}, headers=stranger, timeout=60
    ).json()
    assert found["data"] == {"entities": [], "relationships": [], "chunks": [], "references": []}


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/documents/text", {"text": "   "}, 400, "The text is empty"),
        ("/documents/text", {"text": ""}, 422, "at least 1 character"),
        ("/documents/text", {"text": "x", "file_source": "../../etc/passwd"}, 400, "cannot be the name of a document"),
        ("/documents/texts", {"texts": ["x"], "file_sources": ["a", "b"]}, 400, "2 file_sources for 1 texts"),
        ("/query", {"query": " ?!? "}, 400, "The question is empty"),
        ("/query", {"query": "what", "mode": "psychic"}, 422, "Use one of"),
        ("/query/data", {"query": "x" * 70_000}, 422, "at most 65536"),
        ("/query/data", {"query": "x", "top_k": 0}, 422, "greater than or equal to 1"),
    ],
)
def test_bad_input_names_its_cause(client: httpx.Client, path: str, body: object, status: int, said: str) -> None:
    response = client.post(path, json=body)
    assert response.status_code == status
    assert said in response.text


def test_a_bad_file_fails_with_its_reason_and_nothing_else(client: httpx.Client) -> None:
    client.post("/documents/upload", files={"file": ("broken.pdf", b"%PDF-1.7 nothing", "application/pdf")})
    client.post("/documents/text", json={"text": FACTS[0], "file_source": "good.txt"})
    counts = settled(client)
    assert (counts["failed"], counts["processed"]) == (1, 1)
    empty = client.post("/documents/upload", files={"file": ("empty.pdf", b"", "application/pdf")})
    assert (empty.status_code, empty.json()["detail"]) == (
        400,
        "empty.pdf is empty (0 bytes). Check the file and send it again.",
    )


def test_hostile_questions_are_plain_words(client: httpx.Client) -> None:
    client.post("/documents/text", json={"text": FACTS[0]})
    settled(client)
    for question in (
        '") OR 1=1 //',
        "E-45 AND NOT (",
        "$workspace }) DETACH DELETE n //",
        "*:* ~ ^2 a:b [x TO y]",
        "abc\\",
    ):
        response = client.post("/query/data", json={"query": question})
        assert response.status_code == 200, question
    assert client.get("/documents/status_counts").json()["status_counts"]["processed"] == 1


def test_health_and_readiness(client: httpx.Client) -> None:
    told = client.get("/health").json()
    assert told["status"] == "healthy"
    configuration = told["configuration"]
    assert configuration["embedding_model"]
    assert (configuration["llm_binding"], configuration["llm_model"]) == ("none", None)
    assert configuration["workspace"] == client.headers["X-Workspace"]
    assert "input_directory" in told
    assert told["working_directory"], "where the data is"
    assert client.get("/ready").json() == {"status": "ready"}
    assert (
        httpx.get(f"{str(client.base_url).rstrip(chr(47))}/health", headers={"X-Workspace": "a b"}).status_code == 400
    )
