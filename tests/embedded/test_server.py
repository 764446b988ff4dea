"""The embedded server for real: started, joined, killed, stopped. These tests share a data directory, in order."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import neo4j
import psutil
import pytest

from neolight import embedded
from neolight.embedded.jars import version_folder
from neolight.embedded.layout import EmbeddedServer, Home, ServerOptions
from neolight.embedded.processes import ProcessId
from neolight.embedded.state import read_state
from neolight.errors import EmbeddedServerError, NotFound
from neolight.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")

OPTIONS = ServerOptions(heap_mb=384, page_cache_mb=32)
CACHE = Settings().cache_dir
CLIENT = """
import sys, time
from pathlib import Path
from neolight import embedded
options = embedded.ServerOptions(heap_mb=384, page_cache_mb=32, idle_minutes=float(sys.argv[3]))
server = embedded.ensure(Path(sys.argv[1]), Path(sys.argv[2]), options=options)
print(server.pid, server.uri, flush=True)
time.sleep(float(sys.argv[4]))
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("shared")
    yield folder
    embedded.stop(folder)


@pytest.fixture(scope="module")
def first(data_dir: Path) -> EmbeddedServer:
    server = start(data_dir)
    run(server, "CREATE (:Kept {value: 42})")
    return server


def start(data_dir: Path) -> EmbeddedServer:
    return embedded.ensure(data_dir, CACHE, options=OPTIONS)


def run(server: EmbeddedServer, query: str) -> list[neo4j.Record]:
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        return driver.execute_query(query).records  # pyright: ignore[reportArgumentType, reportCallIssue]


def kept(server: EmbeddedServer) -> bool:
    return [record["v"] for record in run(server, "MATCH (k:Kept) RETURN k.value AS v")] == [42]


def client(data_dir: Path, *, idle_minutes: float = 15, stay: float = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CLIENT, str(data_dir), str(CACHE), str(idle_minutes), str(stay)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def supervisor_of(data_dir: Path) -> ProcessId:
    state = read_state(Home.of(data_dir))
    assert state is not None
    assert state.supervisor is not None
    return state.supervisor


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.05)


def processes_of(data_dir: Path) -> list[int]:
    root = str(Home.of(data_dir).root)
    found: list[int] = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if root in line and "ensure" not in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.info["pid"])
    return found


def test_a_server_is_started_that_only_its_owner_can_use(first: EmbeddedServer, data_dir: Path) -> None:
    home = Home.of(data_dir)
    assert first.version == "2026.09.0"
    assert first.home == home.root
    assert "Started." in first.log.read_text("utf-8") or "Bolt enabled" in first.log.read_text("utf-8")
    assert embedded.status(data_dir) == first
    for private in (home.password, home.config, home.state):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    for process in (first.pid, supervisor_of(data_dir).pid):
        assert first.password not in " ".join(psutil.Process(process).cmdline())
    listening = {
        one.laddr.ip for one in psutil.Process(first.pid).net_connections("inet") if one.status == psutil.CONN_LISTEN
    }
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}
    with (
        pytest.raises(neo4j.exceptions.AuthError),
        neo4j.GraphDatabase.driver(first.uri, auth=("neo4j", "neo4j")) as driver,
    ):
        driver.verify_connectivity()


def test_the_browser_answers(first: EmbeddedServer) -> None:
    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(first.browser_url, timeout=5) as page:
            return b"<title>Neo4j Browser" in page.read()
        return False

    wait_until(answers)


def test_another_process_joins(first: EmbeddedServer, data_dir: Path) -> None:
    with client(data_dir) as other:
        printed, _ = other.communicate(timeout=60)
    assert printed.split() == [str(first.pid), first.uri]
    assert (Home.of(data_dir).clients / str(os.getpid())).exists()


def test_a_damaged_note_does_not_hide_the_server(first: EmbeddedServer, data_dir: Path) -> None:
    home = Home.of(data_dir)
    supervisor = supervisor_of(data_dir)
    for damage in ('{"half', json.dumps({"bolt_port": 1, "http_port": 2, "version": "", "java": None})):
        home.state.write_text(damage, "utf-8")
        assert embedded.status(data_dir) == first
        assert start(data_dir) == first
        assert supervisor_of(data_dir) == supervisor


def test_a_dump_needs_a_stopped_server(first: EmbeddedServer, data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="neolight neo4j stop"):
        embedded.dump(data_dir, CACHE, tmp_path / "x.dump")
    assert embedded.status(data_dir) == first


def test_a_killed_server_is_started_again_with_its_data(first: EmbeddedServer, data_dir: Path) -> None:
    os.kill(first.pid, signal.SIGKILL)
    again = start(data_dir)
    assert again.pid != first.pid
    assert again.password == first.password  # and the same ports, unless something has taken them meanwhile
    assert kept(again)


def test_a_killed_supervisor_is_replaced(first: EmbeddedServer, data_dir: Path) -> None:
    before, old = embedded.status(data_dir), supervisor_of(data_dir)
    assert before is not None
    old.kill()
    assert start(data_dir) == before
    wait_until(lambda: supervisor_of(data_dir) != old)
    assert supervisor_of(data_dir).alive


def test_stop_leaves_no_process_even_without_a_supervisor(first: EmbeddedServer, data_dir: Path) -> None:
    assert processes_of(data_dir)
    supervisor_of(data_dir).kill()
    assert embedded.stop(data_dir)
    assert processes_of(data_dir) == []
    assert embedded.status(data_dir) is None
    assert not embedded.stop(data_dir)


def test_a_dump_goes_to_another_profile_and_back(first: EmbeddedServer, data_dir: Path, tmp_path: Path) -> None:
    dump = tmp_path / "x.dump"
    embedded.dump(data_dir, CACHE, dump)
    assert dump.stat().st_size > 1000
    assert [path.name for path in tmp_path.iterdir() if "draft" in path.name] == []

    other = tmp_path / "other"
    assert not embedded.holds_data(other)
    embedded.load(other, CACHE, dump)
    try:
        there, here = start(other), start(data_dir)
        assert there.uri != here.uri
        assert kept(there)
        run(there, "MATCH (k:Kept) SET k.value = 43")
        run(here, "MATCH (k:Kept) SET k.value = 44")
    finally:
        embedded.stop(other)
        embedded.stop(data_dir)
    embedded.load(data_dir, CACHE, dump)
    assert kept(start(data_dir))
    embedded.stop(data_dir)


def test_a_dump_that_cannot_be_loaded_leaves_the_database_as_it_was(
    first: EmbeddedServer, data_dir: Path, tmp_path: Path
) -> None:
    dump = tmp_path / "x.dump"
    embedded.dump(data_dir, CACHE, dump)
    rubbish, cut = tmp_path / "rubbish.dump", tmp_path / "cut.dump"
    rubbish.write_bytes(b"DZV1rubbish")
    cut.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    for bad in (rubbish, cut):
        with pytest.raises(EmbeddedServerError, match="load"):
            embedded.load(data_dir, CACHE, bad)
    with pytest.raises(NotFound, match="neolight neo4j dump"):
        embedded.load(data_dir, CACHE, tmp_path / "none.dump")
    assert kept(start(data_dir))
    embedded.stop(data_dir)


def test_an_older_neo4j_is_not_let_at_the_database(first: EmbeddedServer, data_dir: Path, tmp_path: Path) -> None:
    older = tmp_path / "neo4j-community-2026.08.1"
    (older / "lib").mkdir(parents=True)
    (older / "lib" / "neo4j-kernel-2026.08.1.jar").touch()
    with pytest.raises(EmbeddedServerError, match=r"is of Neo4j 2026\.09\.0, and Neo4j 2026\.08\.1 cannot read it"):
        embedded.ensure(data_dir, CACHE, neo4j_home=older, options=OPTIONS)
    assert processes_of(data_dir) == []


def test_a_server_from_an_unpacked_folder_upgrades_the_database_and_needs_no_cache(
    first: EmbeddedServer, data_dir: Path, tmp_path: Path
) -> None:
    home = tmp_path / "neo4j-community"
    (home / "lib").mkdir(parents=True)
    for jar in (version_folder(CACHE, first.version) / "lib").glob("*.jar"):
        (home / "lib" / jar.name).symlink_to(jar)
    (Home.of(data_dir).data / "version").write_text("2026.08.1\n")
    told: list[str] = []

    def progress(message: str, fraction: float | None) -> None:
        told.append(message)

    server = embedded.ensure(data_dir, tmp_path / "no-cache", neo4j_home=home, progress=progress, options=OPTIONS)
    assert kept(server)
    assert "Starting Neo4j, which upgrades the database of 2026.08.1" in told
    assert (Home.of(data_dir).data / "version").read_text() == "2026.09.0\n"
    embedded.stop(data_dir)


def test_a_full_disk_starts_nothing(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedded.status(data_dir) is None
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 10**8, 10**8))  # pyright: ignore
    with pytest.raises(EmbeddedServerError, match="has 95 MB of free space, and 512 MB are needed"):
        start(data_dir)
    assert processes_of(data_dir) == []


def test_a_taken_port_is_left_to_its_owner(first: EmbeddedServer, data_dir: Path) -> None:
    port = int(first.uri.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        other = start(data_dir)
        assert other.uri != first.uri
        assert kept(other)
        pid, supervisor = other.pid, supervisor_of(data_dir)
        assert embedded.stop(data_dir)
    assert ProcessId.of(pid) is None
    assert not supervisor.alive
    state = read_state(Home.of(data_dir))
    assert state is not None
    assert state.bolt_port == int(other.uri.rpartition(":")[2])  # and is kept for the next time


def test_a_lost_password_is_an_error_with_a_next_step(first: EmbeddedServer, data_dir: Path) -> None:
    password = Home.of(data_dir).password
    away = password.rename(password.with_name("away"))
    with pytest.raises(EmbeddedServerError, match="Put the file back"):
        start(data_dir)
    away.rename(password)


def test_a_server_that_cannot_start_shows_its_log(first: EmbeddedServer, data_dir: Path) -> None:
    with pytest.raises(EmbeddedServerError, match=r"(?s)ended while it was starting.*Too small.*NEO4J_URI"):
        embedded.ensure(data_dir, CACHE, options=ServerOptions(heap_mb=1, page_cache_mb=32))
    assert processes_of(data_dir) == []


def test_crashes_of_the_first_start_lock_nobody_out_and_an_unused_server_stops(tmp_path: Path) -> None:
    home = Home.of(tmp_path)
    store, log = (home.data / kind / "system" for kind in ("databases", "transactions"))
    with client(tmp_path) as starter:
        wait_until(store.exists)
        starter.kill()
    state = read_state(home)
    assert state is not None
    assert state.java is not None
    assert state.supervisor is not None
    state.java.kill()
    state.supervisor.kill()
    wait_until(lambda: processes_of(tmp_path) == [])
    assert not home.confirmed.exists()
    shutil.rmtree(log, ignore_errors=True)  # the worst moment: the system database is there, its log is not yet
    (store / "neostore").touch()

    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(client(tmp_path, idle_minutes=0.02, stay=60)) for _ in range(3)]
        for process in clients:
            stack.callback(process.kill)
        lines = {process.stdout.readline().strip() for process in clients if process.stdout}
        assert len(lines) == 1  # three at once, one server
        server = embedded.status(tmp_path)
        assert server is not None
        assert lines == {f"{server.pid} {server.uri}"}
        assert run(server, "RETURN 1 AS one")[0]["one"] == 1
        time.sleep(2)
        assert embedded.status(tmp_path) == server  # used, so it stays
    wait_until(lambda: processes_of(tmp_path) == [])
    assert embedded.status(tmp_path) is None


def test_the_console_runs_until_it_is_interrupted(first: EmbeddedServer, data_dir: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from neolight import embedded;"
        "embedded.console(Path(sys.argv[1]), Path(sys.argv[2]),"
        "options=embedded.ServerOptions(heap_mb=384, page_cache_mb=32))"
    )
    command = [sys.executable, "-c", script, str(data_dir), str(CACHE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Started." in line:
                break
        assert embedded.status(data_dir) is not None
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(60) == 0
    assert "Stopped." in rest
    assert processes_of(data_dir) == []
