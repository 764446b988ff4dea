"""Bad files and bad questions, sent to a whole server as its users send them: by REST and by GraphQL.

Each is answered by an error that names the cause and the next step, or is taken for what it can be; and what was there
before is there afterwards.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bad_files import REAL, bomb, pdf
from neolight.deps import Deps
from neolight.graph import documents
from servers import Server, settled

TINY_FILES = int(os.environ.get("TINY_FILES", "100"))
"""Uploads at once; `TINY_FILES=1000` is what is claimed."""

FACT = "Error E-45 on the pump A-102 is fixed by part P-987."
WORDS = "Die größere Pumpe läuft über den Überlauf. " * 5

DOCX = REAL[".docx"]
AT_THE_DOOR = {
    "an empty file": ("empty.txt", b"", r"empty.txt is empty \(0 bytes\)\."),
    "a PDF of 0 bytes": ("empty.pdf", b"", r"empty.pdf is empty \(0 bytes\)\."),
    "a name that climbs": ("../../etc/passwd.txt", b"x", r"cannot be the name of a document\."),
    "a name that climbs as Windows has it": ("..\\..\\x.txt", b"x", r"cannot be the name of a document\."),
}
WHEN_READ = {
    "an encrypted PDF": ("locked.pdf", pdf("hidden", "secret"), "is encrypted"),
    "a truncated DOCX": ("cut.docx", DOCX[: len(DOCX) // 2], "is damaged or cut short"),
    "a PDF that is a DOCX": ("really.pdf", DOCX, "is not a PDF: it looks like"),
    "a DOCX that is text": ("really.docx", FACT.encode(), "it looks like"),
    "a zip bomb": ("bomb.docx", bomb(".docx"), "which is not safe to open"),
    "a program": ("program.txt", b"\x7fELF\x02\x01" + b"\0" * 99, "is not a text file: it looks like"),
    "any bytes": ("bytes.md", bytes(range(256)) * 40, "is not a text file"),
    "a blank file": ("blank.txt", b" \r\n\t ", ""),
}
TAKEN = {
    "invalid UTF-8": ("latin.txt", WORDS.encode("cp1252"), "latin.txt", "größere Pumpe"),
    "UTF-16 without a mark": ("wide.txt", WORDS.encode("utf-16-le"), "wide.txt", "größere Pumpe"),
    "control characters in the text": ("bell.txt", WORDS.encode() + b"\x01\x07\x1b[2J", "bell.txt", "Überlauf."),
    "control characters in the name": ("be\x1b[2J\u202ell\x7f.txt", FACT.encode(), "be[2Jll.txt", "P-987"),
    "a name that is markup": ("<b>x</b>.txt", FACT.encode(), "<b>x</b>.txt", "P-987"),
}

UPLOAD = """mutation ($files: [Upload!]!) { uploadDocuments(files: $files) {
  documents { source outcome document { id } } } }"""


@dataclass(frozen=True)
class Client:
    """A workspace of a served Neolight, by both of its interfaces."""

    http: httpx.Client

    def rest(self, name: str, data: bytes) -> tuple[int, str]:
        """Uploads a file by REST; the status, and what is said."""
        body, kind = form(("file", name, data))
        reply = self.http.post("/documents/upload", content=body, headers={"Content-Type": kind})
        return reply.status_code, json.dumps(reply.json(), ensure_ascii=False)

    def graphql(self, name: str, data: bytes) -> dict[str, Any]:
        """Uploads a file by GraphQL; the whole reply."""
        operations = json.dumps({"query": UPLOAD, "variables": {"files": [None]}}).encode()
        body, kind = form(
            ("operations", None, operations), ("map", None, b'{"0": ["variables.files.0"]}'), ("0", name, data)
        )
        reply = self.http.post("/graphql", content=body, headers={"Content-Type": kind})
        return reply.json()

    def call(self, query: str, **variables: Any) -> dict[str, Any]:
        """The reply to a query of GraphQL."""
        return self.http.post("/graphql", json={"query": query, "variables": variables}).json()

    def documents(self) -> dict[str, dict[str, Any]]:
        """All documents, by their source."""
        query = """query ($after: String) { documents(first: 100, after: $after) {
            pageInfo { endCursor hasNextPage } edges { node {
            id source status error attempts chunks(first: 2) { edges { node { text } } } } } } }"""
        found: dict[str, dict[str, Any]] = {}
        page: dict[str, Any] = {"endCursor": None, "hasNextPage": True}
        while page["hasNextPage"]:
            listed = self.call(query, after=page["endCursor"])["data"]["documents"]
            for edge in listed["edges"]:
                document = edge["node"]
                document["text"] = "".join(chunk["node"]["text"] for chunk in document.pop("chunks")["edges"])
                found[document["source"]] = document
            page = listed["pageInfo"]
        return found


def form(*parts: tuple[str, str | None, bytes]) -> tuple[bytes, str]:
    """A form whose names are sent as they are, as curl and scripts do, and its type."""
    border = "frontier-7d3f"
    pieces: list[bytes] = []
    for field, name, data in parts:
        file = f'; filename="{name}"' if name is not None else ""
        head = f'--{border}\r\nContent-Disposition: form-data; name="{field}"{file}\r\n\r\n'
        pieces += [head.encode(), data, b"\r\n"]
    return b"".join((*pieces, f"--{border}--\r\n".encode())), f"multipart/form-data; boundary={border}"


@pytest.fixture(scope="module")
def opened(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"X-Workspace": "bad-input"}, timeout=120) as client:
        yield client
        client.delete("/documents")


@pytest.fixture(scope="module")
def bystander(opened: httpx.Client) -> Client:
    """A workspace in which a document is indexed before anything bad comes."""
    client = Client(opened)
    assert client.rest("bystander.txt", FACT.encode())[0] == 200
    settled(opened)
    return client


@pytest.fixture(scope="module")
def sent(bystander: Client) -> dict[str, dict[str, Any]]:
    """Every file that is taken at the door, sent by both interfaces and worked on: documents by source."""
    for name, data, *_ in (*WHEN_READ.values(), *TAKEN.values()):
        status, said = bystander.rest(f"rest/{name}", data)
        assert status == 200, said
        reply = bystander.graphql(f"graphql/{name}", data)
        assert "errors" not in reply, reply
    settled(bystander.http)
    return bystander.documents()


def unharmed(client: Client) -> None:
    """The document that was there before is there, and answers."""
    found = client.http.post("/query/data", json={"query": "What fixes E-45?", "mode": "naive"}).json()["data"]
    assert "bystander.txt" in {one["file_path"] for one in found["chunks"]}


@pytest.mark.parametrize("case", AT_THE_DOOR)
def test_what_is_refused_at_the_door(bystander: Client, case: str) -> None:
    name, data, cause = AT_THE_DOOR[case]
    before = bystander.documents().keys()
    status, said = bystander.rest(name, data)
    assert status == 400
    (error,) = bystander.graphql(name, data)["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["hint"], "the next step"
    assert re.search(cause, error["message"])
    assert re.search(cause, json.loads(said)["detail"])
    assert error["extensions"]["hint"] in said
    assert bystander.documents().keys() == before
    unharmed(bystander)


@pytest.mark.parametrize("case", WHEN_READ)
async def test_what_is_found_to_be_bad_when_it_is_read(
    sent: dict[str, dict[str, Any]], bystander: Client, deps: Deps, case: str
) -> None:
    name, data, cause = WHEN_READ[case]
    for source in (f"rest/{name}", f"graphql/{name}"):
        document = sent[source]
        assert (document["status"], document["text"]) == ("failed", ""), source
        assert cause in document["error"]
        sentences = document["error"].removeprefix(source).split(". ")
        assert len(sentences) >= 2, f"no next step: {document['error']}"
        assert "Traceback" not in document["error"]
        assert await documents.originals(deps.graph, [document["id"]]) == {document["id"]: data}, "nothing is lost"
    unharmed(bystander)


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_odd_is_read_for_what_it_is(sent: dict[str, dict[str, Any]], case: str) -> None:
    _, _, source, holds = TAKEN[case]
    for folder in ("rest", "graphql"):
        document = sent[f"{folder}/{source}"]
        assert (document["status"], document["error"]) == ("processed", None)
        assert holds in document["text"]
        assert not any(mark in document["text"] + document["source"] for mark in "\x01\x07\x1b\x7f\u202e\ufffd")


def test_a_bad_file_is_mended_by_a_good_one_of_its_name(bystander: Client, sent: dict[str, dict[str, Any]]) -> None:
    assert sent["rest/cut.docx"]["status"] == "failed"
    assert bystander.rest("rest/cut.docx", DOCX)[0] == 200
    settled(bystander.http)
    mended = bystander.documents()["rest/cut.docx"]
    assert (mended["id"], mended["status"], mended["error"]) == (sent["rest/cut.docx"]["id"], "processed", None)


def test_200_mb_of_text_are_refused_before_they_are_read(bystander: Client, server: Server, tmp_path: Path) -> None:
    size = 200 << 20
    at = httpx.URL(server.url)
    connection = http.client.HTTPConnection(at.host, at.port, timeout=60)
    try:  # by REST, whose requests have one file, on what the request says of its size
        connection.putrequest("POST", "/documents/upload")
        for name, value in (("X-Workspace", "bad-input"), ("Content-Type", form()[1]), ("Content-Length", str(size))):
            connection.putheader(name, value)
        connection.endheaders(b"--frontier")
        reply = connection.getresponse()
        said = json.loads(reply.read())
    finally:
        connection.close()
    assert (reply.status, "100 MiB" in said["detail"] or "101 MiB" in said["detail"]) == (413, True), said
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(size)
    operations = json.dumps({"query": UPLOAD, "variables": {"files": [None]}})
    with large.open("rb") as file:
        answer = bystander.http.post(
            "/graphql",
            data={"operations": operations, "map": '{"0": ["variables.files.0"]}'},
            files={"0": ("large.txt", file)},
        ).json()
    (error,) = answer["errors"]
    assert error["message"] == "large.txt has 200 MB; at most 100 are allowed."
    assert error["extensions"]["hint"] == "Split it, or raise NEOLIGHT_MAX_UPLOAD_MB."
    assert "large.txt" not in bystander.documents()
    unharmed(bystander)


def test_very_many_tiny_files_at_once_each_become_a_document(client: httpx.Client) -> None:
    sender = Client(client)

    def upload(number: int) -> int:
        folder, name = divmod(number, TINY_FILES // 2)
        return sender.rest(f"folder-{folder}/{name}.txt", f"Ada Holm checks Pump {number}.".encode())[0]

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(upload, range(TINY_FILES))) == {200}
    counts = settled(client)
    assert (counts["processed"], counts["failed"]) == (TINY_FILES, 0)
    found = sender.documents()
    assert {one["text"] for one in found.values()} == {f"Ada Holm checks Pump {at}." for at in range(TINY_FILES)}
    assert {"folder-0/7.txt", "folder-1/7.txt"} <= found.keys(), "a name may be there once a folder"


def test_the_same_file_many_times_at_once_is_one_document(client: httpx.Client) -> None:
    sender = Client(client)
    with ThreadPoolExecutor(8) as pool:
        said = [pool.submit(sender.rest, "report.txt", FACT.encode()) for _ in range(6)]
        replies = [pool.submit(sender.graphql, "report.txt", FACT.encode()) for _ in range(6)]
    statuses = Counter(one.result()[0] for one in said)
    outcomes = [reply.result()["data"]["uploadDocuments"]["documents"][0]["outcome"] for reply in replies]
    assert statuses[200] + outcomes.count("created") == 1
    assert statuses[409] + outcomes.count("unchanged") == 11
    assert settled(client)["all"] == 1
    (document,) = sender.documents().values()
    assert (document["status"], document["attempts"], document["text"]) == ("processed", 1, FACT)


QUESTIONS = {
    "Lucene": '+name:[* TO *] AND NOT (E-45^5 OR "A-102"~9) && !x || {a TO b} \\/ ?*',
    "Lucene that is not closed": 'E-45 AND NOT ( "',
    "only operators and a word": "AND OR NOT TO E-45",
    "Cypher": "x'}) MATCH (n) DETACH DELETE n // E-45",
    "Cypher with a back tick": "`) DETACH DELETE n; CREATE (:Pwned) // E-45",
    "parameters": "$workspace ${name} \\u0027 E-45",
}
RETRIEVE = """query ($q: String!, $m: Mode!) { retrieve(input: {query: $q, mode: $m}) {
  chunks { chunk { document { source } } } } }"""


@pytest.mark.parametrize("mode", ["mix", "naive", "hybrid", "auto"])
@pytest.mark.parametrize("case", QUESTIONS)
def test_a_hostile_question_is_words(bystander: Client, case: str, mode: str) -> None:
    before = bystander.call("{ stats { chunks entities relations } }")["data"]
    reply = bystander.call(RETRIEVE, q=QUESTIONS[case], m=mode)
    assert "errors" not in reply, reply
    assert reply["data"]["retrieve"]["chunks"]
    answer = bystander.http.post("/query", json={"query": QUESTIONS[case], "mode": mode})
    assert (answer.status_code, bool(answer.json()["response"])) == (200, True)
    assert bystander.call("{ stats { chunks entities relations } }")["data"] == before


def test_a_question_of_a_megabyte_is_refused_and_one_of_a_character_is_asked(bystander: Client) -> None:
    long = "pump " * 210_000
    reply = bystander.http.post("/query", json={"query": long})
    assert (reply.status_code, "at most 65536 characters" in reply.text or "is too large" in reply.text) == (413, True)
    assert bystander.http.post("/query", json={"query": long[:500_000]}).status_code == 422
    (error,) = bystander.call(RETRIEVE, q=long, m="mix")["errors"]
    assert error["message"] == "The question has 1049999 characters; at most 65536 are allowed."
    assert error["extensions"]["hint"]
    for one in ("x", "泵"):
        assert "errors" not in bystander.call(RETRIEVE, q=one, m="mix")
    (error,) = bystander.call(RETRIEVE, q="?", m="mix")["errors"]
    assert (error["message"], bool(error["extensions"]["hint"])) == ("The question is empty.", True)
    unharmed(bystander)


def test_a_disk_that_is_nearly_full_takes_nothing_in_and_loses_nothing(
    bystander: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage("/")._replace(free=95 << 20)

    def nearly_full(_: object) -> object:
        return full

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", nearly_full)
        status, said = bystander.rest("more.txt", FACT.encode())
        assert status == 507
        assert "has 95 MB of free space, and 512 MB are needed. Make room there" in said
        (error,) = bystander.graphql("more.txt", FACT.encode())["errors"]
        assert (error["extensions"]["code"], error["extensions"]["hint"][:9]) == ("DISK_FULL", "Make room")
        assert "more.txt" not in bystander.documents()
        unharmed(bystander)
    assert bystander.rest("more.txt", FACT.encode())[0] == 200
    settled(bystander.http)
    assert bystander.documents()["more.txt"]["status"] == "processed"
