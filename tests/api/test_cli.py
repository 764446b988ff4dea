"""The command, run as a process."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from neolight.files import originals_of
from neolight.graph import documents, setup
from neolight.graph.gateway import Graph

Run = Callable[..., subprocess.CompletedProcess[str]]

QUESTION = "Which part fixes error E-45 on the A-102, and which supplier delivers it?"


def test_samples_are_indexed_and_answer_a_question_that_needs_two(neolight: Run, workspace: str) -> None:
    indexed = neolight("index", "samples/documents", "-w", workspace)
    assert indexed.returncode == 0, indexed.stderr
    assert "9 documents: 9 new, 0 replaced, 0 unchanged (" in indexed.stdout
    assert "  new: samples/documents/a-102-bulletin-zh.md, " in indexed.stdout
    assert " and 4 more\n" in indexed.stdout

    asked = neolight("ask", QUESTION, "-w", workspace)
    assert asked.returncode == 0, asked.stderr
    assert "P-987" in asked.stdout
    assert "Norvik Sensorik" in asked.stdout
    assert "samples/documents/a-102-manual.pdf (page 4" in asked.stdout
    assert "samples/documents/quarterly-report-2025-q3.docx" in asked.stdout
    assert "No language model is configured" in asked.stdout

    answer = json.loads(neolight("ask", QUESTION, "--json", "--mode", "naive", "-w", workspace).stdout)
    assert answer["mode"] == "naive"
    assert {citation["passage"]["source"] for citation in answer["citations"]} >= {"samples/documents/a-102-manual.pdf"}

    again = neolight("index", "samples/documents", "-w", workspace)
    assert "9 documents: 0 new, 0 replaced, 9 unchanged (" in again.stdout
    listed = neolight("documents", "list", "-w", workspace).stdout
    assert listed.count("processed") == 9

    id_ = next(line.split()[0] for line in listed.splitlines() if "a-102-manual.pdf" in line)
    named = "samples/documents/purchasing-policy.md"
    assert "2 documents deleted" in neolight("documents", "delete", id_, named, "-w", workspace).stdout
    status = neolight("status", "-w", workspace).stdout
    assert "7 processed, 0 to do, 0 failed" in status


def test_a_failed_file_is_listed_and_the_exit_code_tells(neolight: Run, workspace: str, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The lamp Vega is in Oslo.", "utf-8")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    (tmp_path / "empty.md").touch()
    (tmp_path / "picture.png").touch()
    done = neolight("index", str(tmp_path), "-w", workspace)
    assert done.returncode == 1
    assert "2 documents: 1 new, 0 replaced, 0 unchanged, 1 failed, 1 left out (1 chunk)." in done.stdout
    assert "bad.pdf" in done.stderr
    assert "empty.md is empty" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Left alone: files of types that are not read (1 .png)." in done.stdout
    again = neolight("index", str(tmp_path), "-w", workspace)
    assert (again.returncode, "0 new, 0 replaced, 1 unchanged, 1 failed, 1 left out" in again.stdout) == (1, True)
    strange = neolight("documents", "retry", "doc-nope", "-w", workspace)
    assert (strange.returncode, "Not found, or not failed: doc-nope." in strange.stderr) == (1, True)
    none = neolight("documents", "list", "--limit", "0", "-w", workspace)
    assert (none.returncode, "--limit" in none.stderr, "neo4j_code" in none.stderr) == (2, True, False)
    retried = neolight("documents", "retry", str(tmp_path / "bad.pdf").lstrip("/"), "-w", workspace)
    assert (retried.returncode, "0 documents indexed, 1 failed" in retried.stdout) == (1, True)


def test_a_file_is_one_document_and_two_files_are_two(neolight: Run, workspace: str, tmp_path: Path) -> None:
    for name in ("A/docs/n.md", "B/docs/n.md", "A/docs/zebra.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"The lamp of {name} is in Oslo.", "utf-8")

    def index(*arguments: str, cwd: str = ".") -> list[str]:
        done = neolight("index", *arguments, "-w", workspace, cwd=tmp_path / cwd)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    assert index("A/docs", "B/docs") == [
        "3 documents: 3 new, 0 replaced, 0 unchanged (3 chunks).",
        "  new: A/docs/n.md, A/docs/zebra.md, B/docs/n.md",
    ]
    assert index("A/docs/zebra.md") == ["1 document: 0 new, 0 replaced, 1 unchanged (1 chunk)."]
    assert index("docs", cwd="A")[1] == "  new: docs/n.md, docs/zebra.md"
    from_elsewhere = index("docs", cwd="B")
    assert from_elsewhere == ["1 document: 0 new, 1 replaced, 0 unchanged (1 chunk).", "  replaced: docs/n.md"]


def test_a_source_names_the_place_and_what_failed_has_a_line(neolight: Run, workspace: str, tmp_path: Path) -> None:
    rows = "".join(f"P-{number},valve,Lumen AG\n" for number in range(1, 30))
    (tmp_path / "parts.csv").write_text(f"part,kind,maker\n{rows}P-987,sensor,Norvik Sensorik GmbH\n", "utf-8")
    (tmp_path / "pump.py").write_text('x = 1\n\ndef start() -> None:\n    """Pull the lever Kappa twice."""\n', "utf-8")
    (tmp_path / "bad.pdf").write_bytes(b"no PDF")
    done = neolight("index", ".", "-w", workspace, cwd=tmp_path)
    (line,) = (one for one in done.stderr.splitlines() if one.startswith("failed"))
    assert line.startswith("failed bad.pdf is not "), "the name comes once"
    listed = neolight("documents", "list", "-w", workspace).stdout.splitlines()
    assert [len(one.split()) for one in listed[:-1]] == [5, 6, 6, 6], "an id that can be copied, and nobody's error"
    assert listed[-1] == line

    question = "Who makes the sensor P-987, and which lever is pulled twice?"
    sources = neolight("ask", question, "-w", workspace).stdout
    assert "] parts.csv (record 30)\n" in sources
    assert "] pump.py (line 4" in sources
    nothing = neolight("ask", "zzqqx?", "-w", workspace).stdout
    assert "No passage of the documents speaks to this question." in nothing
    assert "Sources" not in nothing
    assert "best sentences" not in nothing


async def test_what_was_queued_by_another_is_told_apart_from_what_was_indexed(
    neolight: Run, workspace: str, graph: Graph, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Alpha is in Halden.", "utf-8")
    await documents.enqueue(graph, workspace, originals_of([tmp_path], max_mb=1, name="box"), track_id="before")
    done = await asyncio.to_thread(neolight, "index", str(tmp_path), "--name", "box", "-w", workspace)
    assert done.stdout == "1 document: 0 new, 0 replaced, 0 unchanged, 1 queued before (1 chunk).\n"


def test_documents_are_cut_and_go_as_the_command_says(neolight: Run, workspace: str, tmp_path: Path) -> None:
    file = tmp_path / "pumps.txt"
    file.write_text("***".join(f"Pump {n} of Ada Holm was checked in the plant of Kiel." for n in range(6)), "utf-8")
    usual = neolight("index", str(file), "-w", workspace)
    assert "1 document: 1 new, 0 replaced, 0 unchanged (1 chunk)." in usual.stdout
    cut = ("--strategy", "separator", "--separator", "***", "--chunk-tokens", "60", "--chunk-overlap", "0")
    before = datetime.now() + timedelta(hours=2)
    again = neolight("index", str(file), "-w", workspace, *cut, "--expires", "2h")
    assert "0 unchanged, 1 indexed again (6 chunks)." in again.stdout, again.stderr
    days = {f"{before:%Y-%m-%d }", f"{datetime.now() + timedelta(hours=2):%Y-%m-%d }"}
    assert any(f"  1 document will be deleted on {day}" in again.stdout for day in days)
    unchanged = neolight("index", str(file), "-w", workspace, *cut, "--expires", "2h").stdout
    assert "1 unchanged (6 chunks).\n  1 document will be deleted on 20" in unchanged
    head, row = neolight("documents", "list", "-w", workspace).stdout.splitlines()
    assert head.split() == ["id", "source", "status", "chunks", "updated", "expires"]
    assert abs(datetime.strptime(" ".join(row.split()[-2:]), "%Y-%m-%d %H:%M") - before) < timedelta(minutes=5)
    for wrong, said in {
        ("--expires", "soon"): "'soon' is no time. Write 12h, 30d or 4w from now",
        ("--expires", "2020-01-31"): "has passed. Give a time to come.",
        ("--chunk-tokens", "1"): "are not possible. Use 8 to 8000 tokens",
        ("--separator", "***"): "by the strategy `structure`, which uses none. Choose the strategy `separator` as well",
    }.items():
        refused = neolight("index", str(file), "-w", workspace, *wrong)
        assert (refused.returncode, said in refused.stderr) == (1, True), refused.stderr


def test_errors_are_one_line_with_the_next_step(neolight: Run, workspace: str) -> None:
    cases = {
        ("index", "/does/not/exist"): "There is no file or folder",
        ("ask", "   "): "The question is empty",
        ("ask", "x", "--mode", "psychic"): "Use one of naive, local",
        ("documents", "delete", "doc-none"): "Not found: doc-none",
        ("status", "-w", "no name"): "'no name' cannot be a workspace.",
        ("watch", "README.md"): "README.md is a file. Follow the folder that it is in",
    }
    for arguments, said in cases.items():
        done = neolight(*arguments, *(() if "-w" in arguments else ("-w", workspace)))
        assert done.returncode != 0, arguments
        assert said in done.stderr, arguments
        assert "Traceback" not in done.stderr


def test_what_is_wrong_around_the_program_is_one_line_with_the_next_step(
    neolight: Run, workspace: str, tmp_path: Path
) -> None:
    def told(*arguments: str, **environment: str) -> str:
        done = neolight(*arguments, **environment)
        assert done.returncode == 1, done.stderr
        (line,) = (one for one in done.stderr.splitlines() if one.startswith("Error:"))
        assert "Traceback" not in done.stderr
        assert "should not happen" not in done.stderr
        return line

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert told("serve", "--port", str(port)).endswith(
            f"Port {port} of 127.0.0.1 cannot be listened on: Address already in use. "
            "Stop what uses it, or choose another with --port."
        )
    file = tmp_path / "file"
    file.touch()
    said = told("status", NEOLIGHT_DATA_DIR=str(file / "data"))
    assert "cannot use the data directory" in said
    assert "set NEOLIGHT_DATA_DIR to another folder that you can write to" in said
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"id": "1", "question": "What?", "gold": ["a"]}', "utf-8")
    said = told("eval", str(questions), "--json", str(file / "out.json"), "-w", workspace)
    assert said.endswith("cannot be used: Not a directory. Check the path, its permissions, and the room on its disk.")
    uri = neolight("neo4j", "status").stdout.partition("bolt://")[2].split()[0]
    said = told("status", NEO4J_URI=f"bolt://{uri}", NEO4J_USERNAME="nobody", NEO4J_PASSWORD="wrong")
    assert said.endswith("refused the user name or the password. Set NEO4J_USERNAME and NEO4J_PASSWORD.")


async def test_a_graph_of_a_newer_program_is_left_alone(neolight: Run, workspace: str, graph: Graph) -> None:
    await graph.fetch(setup.RECORD_VERSION, version=99)
    try:
        done = await asyncio.to_thread(neolight, "status", "-w", workspace)
    finally:
        await graph.execute("CYPHER 25 MATCH (v:SchemaVersion {version: 99}) DELETE v")
    assert done.returncode == 1
    assert "schema version 99, which is newer than this program's" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_and_the_server_status(neolight: Run) -> None:
    examined = neolight("doctor")
    assert examined.returncode == 0, examined.stdout
    assert "Neo4j 2026." in examined.stdout
    assert "indexes online" in examined.stdout
    shown = neolight("neo4j", "status")
    assert "bolt://127.0.0.1:" in shown.stdout
    assert "/browser/" in shown.stdout

    wrong = neolight("doctor", NEO4J_URI="bolt://127.0.0.1:9", NEO4J_PASSWORD="x")
    assert wrong.returncode == 1
    assert "Neo4j cannot be reached" in wrong.stdout or "does not answer" in wrong.stdout
    assert "Traceback" not in wrong.stderr
