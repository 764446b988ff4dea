"""The parts of the embedded server that need no server: settings, notes, ports, locks, processes."""

from __future__ import annotations

import os
import secrets
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from neolight import embedded
from neolight.cli import app
from neolight.embedded import config, ports, state
from neolight.embedded.jars import ClassPath, Jar, parse_lock, read_lock, unpacked_class_path
from neolight.embedded.layout import Home, ServerOptions
from neolight.embedded.locks import exclusive
from neolight.embedded.mirrors import mirrored
from neolight.embedded.processes import ProcessId, find, start_mark
from neolight.embedded.state import State
from neolight.errors import EmbeddedServerError

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.of(tmp_path)
    made.make()
    return made


def test_what_is_no_dump_is_told_before_it_is_asked_whether_to_replace_the_graph(home: Home, tmp_path: Path) -> None:
    (home.data / "databases" / "neo4j").mkdir(parents=True)
    files = {name: tmp_path / name for name in ("none.dump", "text.dump", "empty.dump", "real.dump", "gzip.dump")}
    files["text.dump"].write_text("no dump")
    files["empty.dump"].touch()
    files["real.dump"].write_bytes(b"DZV1\x28\xb5\x2f\xfd")
    files["gzip.dump"].write_bytes(b"DGV1\x1f\x8b")
    environment = {"NEOLIGHT_DATA_DIR": str(tmp_path)}
    told = {
        name: CliRunner().invoke(app, ["neo4j", "load", str(file)], input="n\n", env=environment)
        for name, file in files.items()
    }
    no_dump = "is no dump of a database"
    for name, cause in {"none.dump": "There is no file", "text.dump": no_dump, "empty.dump": no_dump}.items():
        assert cause in " ".join(told[name].output.split()), told[name].output
        assert "Go on?" not in told[name].output
        assert told[name].exit_code != 0
    for name in ("real.dump", "gzip.dump"):
        assert "This replaces the graph" in told[name].output
    assert embedded.holds_data(tmp_path)


def test_the_lock_file_names_each_jar_once() -> None:
    lock = read_lock()
    names = [jar.filename for jar in lock.jars]
    assert len(set(names)) == len(names) > 200
    assert f"neo4j-kernel-{lock.version}.jar" in names
    assert "neo4j-browser-5.24.0.jar" in names
    assert "netty-transport-native-epoll-4.2.18.Final-linux-x86_64.jar" in names
    assert all(jar.size > 0 and int(jar.sha256, 16) for jar in lock.jars)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "neo4j = 1",
        'neo4j = "1"\n[jars]\n',
        'neo4j = "1"\n[jars]\n"g:a" = { sha256 = "aa", size = 1 }',
        'neo4j = "1"\n[jars]\n"g:a:1" = { size = 1 }',
        "not toml",
    ],
)
def test_a_damaged_lock_file_is_an_error_with_a_next_step(text: str) -> None:
    with pytest.raises(EmbeddedServerError, match="Reinstall"):
        parse_lock(text)


def test_a_jar_of_another_size_is_not_present(tmp_path: Path) -> None:
    jar = Jar("g:a:1:linux", "0" * 64, 3)
    assert jar.filename == "a-1-linux.jar"
    assert not jar.present_in(tmp_path)
    (tmp_path / jar.filename).write_bytes(b"ab")
    assert not jar.present_in(tmp_path)
    (tmp_path / jar.filename).write_bytes(b"abc")
    assert jar.present_in(tmp_path)


def test_an_unpacked_server_gives_its_jars_and_version(tmp_path: Path) -> None:
    lib = tmp_path / "neo4j" / "lib"
    lib.mkdir(parents=True)
    with pytest.raises(EmbeddedServerError, match="NEOLIGHT_NEO4J_HOME"):
        unpacked_class_path(tmp_path / "neo4j", tmp_path)
    for name in ("neo4j-kernel-2026.09.0.jar", "neo4j-kernel-api-2026.09.0.jar", "x.jar"):
        (lib / name).touch()
    class_path = unpacked_class_path(tmp_path / "neo4j", tmp_path)
    assert class_path.version == "2026.09.0"
    assert len(class_path.jars) == 3


@pytest.mark.parametrize(("total", "heap", "cache"), [(1024, 512, 128), (16_384, 2048, 2048), (262_144, 4096, 4096)])
def test_memory_is_chosen_for_the_machine(total: int, heap: int, cache: int) -> None:
    assert config.heap_mb(total) == heap
    assert config.page_cache_mb(total) == cache
    assert config.machine_memory_mb() > 0


def test_the_settings_listen_on_the_loopback_address_only(home: Home) -> None:
    text = config.conf_text(home, "2026.09.0", (17_001, 17_002), ServerOptions(page_cache_mb=77))
    lines = dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines["server.bolt.listen_address"] == lines["server.bolt.advertised_address"] == "127.0.0.1:17001"
    assert lines["server.http.listen_address"] == "127.0.0.1:17002"
    assert lines["server.default_listen_address"] == "127.0.0.1"
    assert lines["server.memory.pagecache.size"] == "77m"
    assert lines["dbms.security.auth_enabled"] == "true"
    assert lines["server.https.enabled"] == lines["dbms.usage_report.enabled"] == "false"
    home.config.write_text(text, "utf-8")
    assert state.configured_ports(home) == (17_001, 17_002)
    assert state.configured_version(home) == "2026.09.0"


def test_the_java_arguments_survive_odd_paths(tmp_path: Path) -> None:
    jar = tmp_path / 'a "b" \\c' / "x.jar"
    class_path = ClassPath("1", (jar, tmp_path / "y.jar"), tmp_path)
    text = config.java_arguments(class_path, ServerOptions(heap_mb=300), ("-Xextra",))
    assert '"-Xmx300m"\n' in text
    assert '"-Xextra"\n' in text
    escaped = str(jar).replace("\\", "\\\\").replace('"', '\\"')
    assert text.endswith(f'"-cp"\n"{escaped}{os.pathsep}{tmp_path / "y.jar"}"\n')


def test_the_state_comes_back_as_it_was_noted(home: Home) -> None:
    assert state.read_state(home) is None
    noted = State(7687, 7474, "2026.09.0", ProcessId.current(), ProcessId(1, "x"))
    state.write_state(home, noted)
    assert state.read_state(home) == noted
    assert noted.alive
    assert not noted.supervised
    state.mark_stopped(home)
    assert state.read_state(home) == State(7687, 7474, "2026.09.0")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"bolt_port": 1}', '{"bolt_port": "x", "http_port": 1, "version": ""}', "\x00"]
)
def test_a_damaged_state_counts_as_none(home: Home, text: str) -> None:
    home.state.write_text(text, "utf-8")
    assert state.read_state(home) is None
    assert state.live_state(home) is None
    state.mark_stopped(home)


def test_a_recycled_process_number_is_not_mistaken() -> None:
    me = ProcessId.current()
    assert me.alive
    assert ProcessId.of(os.getpid()) == me
    impostor = ProcessId(me.pid, "started-at-another-time")
    assert not impostor.alive
    impostor.kill()  # must not hit this process
    impostor.stop()


def test_a_dead_process_and_a_zombie_are_not_alive() -> None:
    with subprocess.Popen(SLEEP, stdout=subprocess.PIPE) as child:
        known = ProcessId.of(child.pid)
        assert known is not None
        assert known.alive
        assert not known.wait(0.1)
        known.kill()  # not waited for, so it is a zombie
        assert known.wait(5)
        assert start_mark(child.pid) is None
    assert ProcessId.of(child.pid) is None


def test_a_process_is_found_by_its_arguments() -> None:
    marker = f"--marker={os.getpid()}"
    assert find(marker) is None
    with subprocess.Popen([*SLEEP, marker], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        found = find(sys.executable, marker)
        child.kill()
    assert found is not None
    assert found.pid == child.pid


def test_clients_count_as_long_as_they_live(home: Home) -> None:
    with subprocess.Popen(SLEEP, stdout=subprocess.PIPE) as child:
        other = ProcessId.of(child.pid)
        assert other is not None
        state.register_client(home, ProcessId.current())
        state.register_client(home, other)
        state.register_client(home, ProcessId(2**22 + 5, "long-gone"))
        (home.clients / "7x").write_text("rubbish", "utf-8")
        assert {client.pid for client in state.live_clients(home)} == {os.getpid(), child.pid}
        child.kill()
        assert other.wait(5)
    assert state.live_clients(home) == [ProcessId.current()]
    assert not (home.clients / str(child.pid)).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_password_is_for_its_owner_only_and_made_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: modes.append(stat.S_IMODE(os.fstat(number).st_mode)))
    old = os.umask(0)
    try:
        first = state.make_password(home)
    finally:
        os.umask(old)
    assert modes == [0o600]
    assert stat.S_IMODE(home.password.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    assert state.make_password(home) == first
    assert len(first) >= 32


def test_the_password_is_never_taken_for_an_option(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["-rf", "_x", "a-b"])
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _length: next(drawn))
    assert state.make_password(home) == "a-b"


def test_a_crash_while_the_password_is_written_leaves_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_number: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "fsync", crash)
        state.make_password(home)
    assert state.read_password(home) is None
    assert state.make_password(home) == state.read_password(home)


def test_a_taken_port_is_not_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert not ports.is_free(taken)
        assert ports.choose(taken) != taken
    assert ports.is_free(taken)
    assert ports.choose(taken) == taken
    assert ports.choose(taken, avoid=(taken,)) != taken


def test_only_a_bolt_server_answers_bolt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not ports.answers_bolt(port, timeout=0.2)
        assert ProcessId.current().listens(port)
    assert not ports.answers_bolt(port, timeout=0.2)
    assert not ProcessId.current().listens(port)


def test_who_waits_too_long_for_a_lock_is_told_what_for(tmp_path: Path) -> None:
    told: list[str] = []
    path = tmp_path / "lock"
    with (
        exclusive(path, "starting Neo4j", 1),
        pytest.raises(EmbeddedServerError, match="starting Neo4j for 1 seconds"),
        exclusive(path, "starting Neo4j", 0.6, lambda message, _: told.append(message)),
    ):
        pass
    assert told == ["Waiting for another process that is starting Neo4j"]
    with exclusive(path, "starting Neo4j", 0.1):
        pass


def test_maven_mirrors_are_used(tmp_path: Path) -> None:
    repositories = {"central": "https://a.example", "inner": "https://b.example"}
    settings = tmp_path / "settings.xml"
    assert mirrored(repositories, settings) == repositories
    settings.write_text("<settings><mirrors>", "utf-8")
    assert mirrored(repositories, settings) == repositories
    settings.write_text(
        """<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"><mirrors>
        <mirror><mirrorOf>*,!inner</mirrorOf><url>https://m.example/all</url></mirror>
        <mirror><mirrorOf>inner</mirrorOf><url>${env.SECRET}</url></mirror>
        </mirrors></settings>""",
        "utf-8",
    )
    assert mirrored(repositories, settings) == {"central": "https://m.example/all", "inner": "https://b.example"}


def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    assert embedded.status(tmp_path) is None
    assert embedded.stop(tmp_path) is False
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_cannot_be_made_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedServerError, match="NEOLIGHT_DATA_DIR"):
        embedded.ensure(tmp_path / "file", tmp_path)


def test_the_password_is_not_shown() -> None:
    server = embedded.EmbeddedServer("bolt://x", "http://x", "neo4j", "geheim", "1", 1, Path(), Path())
    assert "geheim" not in repr(server)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = embedded.nothing
