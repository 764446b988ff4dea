"""LightRAG's document routes over HTTP: upload, scan, pages, tracking, deletion."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from neolight.deps import Deps
from neolight.settings import Settings
from servers import Server, serving_neolight, settled
from small_graph import leased

FACT = "Error E-45 on the pump A-102 is fixed by part P-987."


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inputs")


@pytest.fixture(scope="module")
def server(settings: Settings, inputs: Path) -> Iterator[Server]:
    with serving_neolight(settings.model_copy(update={"input_dir": inputs})) as running:
        yield running


def upload(client: httpx.Client, name: str, data: bytes = FACT.encode()) -> httpx.Response:
    return client.post("/documents/upload", files={"file": (name, data)})


def scanned(client: httpx.Client) -> dict[str, Any]:
    """Scans, waits for the end, and returns what is said of it."""
    track_id = client.post("/documents/scan").json()["track_id"]
    deadline = time.monotonic() + 60
    while (said := client.get(f"/documents/scan/status/{track_id}").json())["status"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return said


def test_an_upload_is_taken_once_and_replaced_by_what_is_new(client: httpx.Client) -> None:
    first = upload(client, "pump.txt")
    assert (first.status_code, first.json()["status"]) == (200, "success")
    again = upload(client, "pump.txt")
    assert again.status_code == 409
    assert "is here already" in again.json()["detail"]
    assert upload(client, "other/pump.txt").status_code == 200, "a name may be there once a folder"
    changed = upload(client, "pump.txt", b"Part P-987 is out of stock.")
    assert "replaced" in changed.json()["message"]
    assert settled(client)["all"] == 2


def test_files_that_cannot_be_read_or_are_too_large_are_refused(client: httpx.Client) -> None:
    refused = upload(client, "photo.bmp")
    assert refused.status_code == 400
    assert ".docx" in refused.json()["detail"]
    types = client.get("/documents/supported_file_types").json()
    assert ".pdf" in types["supported_extensions"]
    assert all(extension in types["engines"]["native"] for extension in types["supported_extensions"])
    large = upload(client, "large.txt", b"x" * ((100 << 20) + 1))
    assert large.status_code == 413


def test_pages_are_sorted_filtered_and_counted(client: httpx.Client) -> None:
    for number in range(12):
        client.post("/documents/text", json={"text": f"Valve {number} is open.", "file_source": f"v{number:02}.txt"})
    upload(client, "broken.pdf", b"%PDF-1.7 nothing")
    settled(client)

    body = {"page": 1, "page_size": 10, "sort_field": "file_path", "sort_direction": "desc"}
    first = client.post("/documents/paginated", json=body).json()
    assert [row["file_path"] for row in first["documents"]][:2] == ["v11.txt", "v10.txt"]
    assert first["pagination"] == {
        "page": 1, "page_size": 10, "total_count": 13, "total_pages": 2, "has_next": True, "has_prev": False,
    }  # fmt: skip
    second = client.post("/documents/paginated", json={**body, "page": 2}).json()
    names = [row["file_path"] for page in (first, second) for row in page["documents"]]
    assert names == [*(f"v{number:02}.txt" for number in reversed(range(12))), "broken.pdf"]
    assert first["documents"][0]["content_summary"] == "Valve 11 is open."

    ascending = client.post("/documents/paginated", json={**body, "sort_field": "id", "sort_direction": "asc"}).json()
    ids = [row["id"] for row in ascending["documents"]]
    assert ids == sorted(ids)
    failed = client.post("/documents/paginated", json={"status_filter": "failed"}).json()
    assert [(row["file_path"], row["status"]) for row in failed["documents"]] == [("broken.pdf", "failed")]
    assert failed["documents"][0]["error_msg"]
    assert failed["pagination"]["total_count"] == 1
    both = client.post("/documents/paginated", json={"status_filters": ["failed", "parsing"]}).json()
    assert both["pagination"]["total_count"] == 1
    for wrong in ({"page_size": 9}, {"page": 0}, {"sort_field": "text"}, {"status_filter": "lost"}):
        assert client.post("/documents/paginated", json=wrong).status_code == 422, wrong


def test_a_track_id_leads_to_its_documents(client: httpx.Client) -> None:
    inserted = client.post("/documents/texts", json={"texts": [FACT, "Pump A-102 is in Kiel."]}).json()
    settled(client)
    tracked = client.get(f"/documents/track_status/{inserted['track_id']}").json()
    assert (tracked["total_count"], tracked["status_summary"]) == (2, {"processed": 2})
    again = client.post("/documents/text", json={"text": FACT}).json()
    assert again["track_id"] == inserted["track_id"], "the call that did queue it is the one to follow"
    unknown = client.get("/documents/track_status/insert-unknown")
    assert (unknown.status_code, unknown.json()["total_count"]) == (200, 0)


def test_deleted_documents_are_gone_with_what_rests_on_them(client: httpx.Client) -> None:
    client.post("/documents/texts", json={"texts": [FACT, "Norvik is in Kiel."], "file_sources": ["a.txt", "b.txt"]})
    settled(client)
    rows = client.post("/documents/paginated", json={}).json()["documents"]
    id_ = next(row["id"] for row in rows if row["file_path"] == "a.txt")
    assert client.get("/graph/entity/exists", params={"name": "P-987"}).json() == {"exists": True}

    body = {"doc_ids": [id_, "doc-unknown"]}
    deleted = client.request("DELETE", "/documents/delete_document", json=body).json()

    assert deleted["status"] == "deletion_started"
    assert deleted["message"] == "1 documents deleted; 1 were not found."
    assert client.get("/graph/entity/exists", params={"name": "P-987"}).json() == {"exists": False}
    assert client.request("DELETE", "/documents").json() == {"status": "success", "message": "1 documents deleted."}
    assert client.get("/graph/label/list").json() == []
    assert client.get("/documents/status_counts").json()["status_counts"]["all"] == 0


def test_a_failed_document_is_tried_again(client: httpx.Client) -> None:
    upload(client, "broken.pdf", b"%PDF-1.7 nothing")
    assert settled(client)["failed"] == 1
    before = client.post("/documents/paginated", json={}).json()["documents"][0]
    answer = client.post("/documents/reprocess_failed").json()
    assert (answer["status"], answer["track_id"]) == ("reprocessing_started", "")
    assert settled(client)["failed"] == 1
    after = client.post("/documents/paginated", json={}).json()["documents"][0]
    assert after["updated_at"] > before["updated_at"]
    assert after["track_id"] == before["track_id"]


def test_a_scan_takes_what_is_new_in_the_folder_of_the_workspace(
    client: httpx.Client, inputs: Path, workspace: str
) -> None:
    own = inputs / workspace / "manuals"
    own.mkdir(parents=True)
    (own / "pump.md").write_text(f"# Pump\n\n{FACT}")
    (own / "empty.txt").write_text("")
    (own / "photo.bmp").write_bytes(b"BM")
    (own / ".hidden.txt").write_text("hidden")
    (inputs / "elsewhere").mkdir()
    (inputs / "elsewhere" / "secret.txt").write_text("Of another tenant.")
    (own / "link.txt").symlink_to(inputs / "elsewhere" / "secret.txt")

    said = scanned(client)
    assert said["status"] == "completed"
    assert said["counts"] == {"found": 2, "queued": 1, "unchanged": 0, "refused": 1}
    assert said["samples"]["processed"]["items"] == ["manuals/pump.md"]
    assert "empty" in said["samples"]["errors"]["items"][0]
    assert settled(client)["processed"] == 1
    assert scanned(client)["counts"]["unchanged"] == 1
    assert client.get("/documents/scan/status/scan-unknown").status_code == 404

    row = client.post("/documents/paginated", json={}).json()["documents"][0]
    body = {"doc_ids": [row["id"]], "delete_file": True}
    client.request("DELETE", "/documents/delete_document", json=body)
    assert not (own / "pump.md").exists()
    assert (own / "photo.bmp").exists()
    assert scanned(client)["counts"]["queued"] == 0


async def test_what_is_not_finished_is_cancelled(client: httpx.Client, deps: Deps, workspace: str) -> None:
    assert client.post("/documents/cancel_pipeline").json()["status"] == "not_busy"
    await leased(deps, workspace, "slow.txt")
    assert client.post("/documents/cancel_pipeline").json()["status"] == "cancellation_requested"
    (row,) = client.post("/documents/paginated", json={}).json()["documents"]
    assert (row["status"], row["error_msg"]) == ("failed", "User cancelled")
    assert settled(client)["failed"] == 1


def test_there_are_no_conflicts_of_sources(client: httpx.Client) -> None:
    assert client.get("/documents/source_conflicts").json() == {"conflicts": [], "next_cursor": None}
    client.post("/documents/text", json={"text": FACT, "file_source": "pump.txt"})
    settled(client)
    id_ = client.post("/documents/paginated", json={}).json()["documents"][0]["id"]
    body = {"canonical_source_key": "pump.txt", "primary_doc_id": id_}
    looked = client.post("/documents/source_conflicts/repair", json=body).json()
    assert (looked["candidate_count"], looked["committed"]) == (1, False)
    seen = {"expected_candidate_count": 1, "expected_candidate_fingerprint": looked["fingerprint"]}
    for more, status in (
        ({}, 422),
        (seen | {"expected_candidate_count": 2}, 409),
        (seen | {"expected_candidate_fingerprint": "0"}, 409),
        (seen | {"primary_doc_id": "doc-other"}, 409),
        (seen, 200),
    ):
        reply = client.post("/documents/source_conflicts/repair", json=body | {"dry_run": False} | more)
        assert reply.status_code == status, reply.text
    assert reply.json() == looked | {"committed": True}
    assert client.get("/documents/source_conflicts", params={"cursor": "x"}).status_code == 400
    assert client.post("/documents/recovery/force_reset", json={}).json()["status"] == "no_recovery_required"
    assert client.post("/documents/clear_cache", json={}).json()["status"] == "success"


@pytest.mark.parametrize(
    ("strategy", "params"),
    [
        ("fixed_token", {"chunk_token_size": 0}),
        ("fixed_token", {"chunk_token_size": 10, "chunk_overlap_token_size": 10}),
        ("fixed_token", {"separators": ["x"]}),
        ("recursive_character", {"separators": ["x"] * 65}),
        ("semantic_vector", {"breakpoint_threshold_amount": 101}),
        ("paragraph_semantic", {"buffer_size": 1}),
        ("custom", {}),
        ("psychic", {}),
    ],
)
def test_wrong_chunking_is_refused(client: httpx.Client, strategy: str, params: dict[str, Any]) -> None:
    body = {"text": FACT, "chunking": {"strategy": strategy, "params": params}}
    assert client.post("/documents/text", json=body).status_code == 422


def test_chunking_is_as_the_call_says(client: httpx.Client) -> None:
    text = "\n\n".join(f"Valve {number} of the plant is open since spring and stays so." for number in range(60))
    cuts = {
        "even.txt": {"strategy": "fixed_token", "params": {"chunk_token_size": 64, "chunk_overlap_token_size": 0}},
        "split.txt": {"strategy": "fixed_token", "params": {"split_by_character": "spring", "chunk_token_size": 32}},
        "large.txt": {"strategy": "recursive_character", "params": {"chunk_token_size": 4000}},
        "words.txt": {"strategy": "semantic_vector", "params": {"chunk_token_size": 200}},
    }
    for name, chunking in cuts.items():
        body = {"text": text, "file_source": name, "chunking": chunking}
        assert client.post("/documents/text", json=body).status_code == 200
    files = {"file": ("upload.txt", text.encode())}
    said = {"chunking": json.dumps(cuts["even.txt"])}
    assert client.post("/documents/upload", files=files, data=said).status_code == 200
    settled(client)
    rows = client.post("/documents/paginated", json={}).json()["documents"]
    count = {row["file_path"]: row["chunks_count"] for row in rows}
    assert count["upload.txt"] == count["even.txt"] > 10
    assert count["split.txt"] >= 60
    assert count["large.txt"] == 1
    assert 1 < count["words.txt"] < count["split.txt"]
    wrong = client.post("/documents/upload", files=files, data={"chunking": '{"strategy": "fancy"}'})
    assert (wrong.status_code, "`chunking` is not valid" in wrong.json()["detail"]) == (400, True)
    tiny = {"text": text, "chunking": {"strategy": "fixed_token", "params": {"chunk_token_size": 2}}}
    assert "Chunks of 2 tokens" in client.post("/documents/text", json=tiny).json()["detail"]


def test_documents_of_the_web_need_a_host_that_is_allowed(client: httpx.Client) -> None:
    for url in ("https://example.com/a.pdf", "http://127.0.0.1/a.txt", "file:///etc/passwd", "gopher://x/"):
        refused = client.post("/documents/urls", json={"urls": [url]})
        assert refused.status_code == 400, refused.text
    assert client.post("/documents/urls", json={"urls": []}).status_code == 422
    assert client.post("/documents/urls", json={"urls": ["https://example.com/"] * 21}).status_code == 422


def test_the_pipeline_has_a_history(client: httpx.Client) -> None:
    upload(client, "good.txt")
    upload(client, "bad.pdf", b"%PDF-1.7 nothing")
    settled(client)
    upload(client, "later.txt", b"Later.")
    settled(client)
    deadline = time.monotonic() + 60
    said: dict[str, Any] = {}
    history = ""
    while "later.txt" not in history and time.monotonic() < deadline:
        said = client.get("/documents/pipeline_status").json()
        history = "\n".join(said["history_messages"])
    assert (said["busy"], said["cur_batch"], said["docs"]) == (False, said["batchs"], said["batchs"])
    assert said["job_start"]
    assert said["latest_message"] == said["history_messages"][-1]
    assert history.index("good.txt") < history.index("later.txt")
    assert "bad.pdf" in history


def test_names_lead_into_the_graph(client: httpx.Client) -> None:
    texts = ["Norvik Sensorik delivers Part P-987.", "Part P-987 fixes Pump A-102.", "Ada Holm leads Norvik Sensorik."]
    client.post("/documents/texts", json={"texts": texts, "file_sources": ["a.txt", "b.txt", "c.txt"]})
    settled(client)

    names = client.get("/graph/label/list").json()
    assert names == sorted(names)
    assert "Norvik Sensorik" in names
    assert set(client.get("/graph/label/popular").json()) == set(names)
    assert client.get("/graph/label/search", params={"q": "NORV"}).json()[0] == "Norvik Sensorik"
    assert client.get("/graph/label/search", params={"q": "' OR 1=1 //"}).json() == []

    near = client.get("/graphs", params={"label": "norvik sensorik", "max_depth": 1}).json()
    assert near["nodes"][0]["id"] == near["nodes"][0]["properties"]["entity_id"] == "Norvik Sensorik"
    assert near["is_truncated"] is False
    ids = {node["id"] for node in near["nodes"]}
    assert all({edge["source"], edge["target"]} <= ids for edge in near["edges"])
    assert {"a.txt", "c.txt"} == set(near["nodes"][0]["properties"]["file_path"].split("<SEP>"))
    assert near["edges"][0]["properties"]["file_path"] in {"a.txt", "c.txt"}
    whole = client.get("/graphs", params={"label": "*"}).json()
    assert {node["id"] for node in whole["nodes"]} == set(names)
    few = client.get("/graphs", params={"label": "*", "max_nodes": 2}).json()
    assert (len(few["nodes"]), few["is_truncated"]) == (2, True)
    assert client.get("/graphs", params={"label": "Nobody"}).json() == {"nodes": [], "edges": [], "is_truncated": False}


def test_a_time_to_be_deleted_is_confirmed(client: httpx.Client) -> None:
    due = {"expires_at": "2099-01-31T10:00:00Z"}
    said = "To be deleted: on 2099-01-31T10:00:00+00:00."
    text = {"text": FACT, "file_source": "pump.txt"}
    assert client.post("/documents/text", json=text).json()["message"] == "1 documents queued."
    again = client.post("/documents/text", json=text | due)
    assert again.json()["message"] == f"0 documents queued; 1 are here already, unchanged. {said}"
    both = {"texts": [FACT, "Another text."], "file_sources": ["pump.txt", "other.txt"]}
    assert (
        client.post("/documents/texts", json=both)
        .json()["message"]
        .endswith(" To be deleted: 1 of them on 2099-01-31T10:00:00+00:00.")
    )
    file = {"file": ("pump.txt", FACT.encode())}
    assert client.post("/documents/upload", files=file).status_code == 409
    uploaded = client.post("/documents/upload", files=file, data=due)
    assert (uploaded.status_code, uploaded.json()["message"]) == (
        200,
        f"File pump.txt is here already, unchanged. {said}",
    )
    settled(client)
    rows = {
        row["file_path"]: row["metadata"] for row in client.post("/documents/paginated", json={}).json()["documents"]
    }
    assert rows["pump.txt"]["expires_at"].startswith("2099-01-31T10:00:00")
    assert "expires_at" not in rows["other.txt"]
    later = {"text": "Another text.", "file_source": "other.txt", "expires_at": "2100-01-01T00:00:00Z"}
    assert client.post("/documents/text", json=later).status_code == 200
    assert (
        client.post("/documents/texts", json=both)
        .json()["message"]
        .endswith(" To be deleted: the first on 2099-01-31T10:00:00+00:00.")
    )
    for edge in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00"):
        assert client.post("/documents/text", json=text | {"expires_at": edge}).status_code == 400
    past = client.post("/documents/text", json=text | {"expires_at": "2020-01-31T10:00:00Z"})
    assert (past.status_code, "has passed" in past.text) == (400, True)
