"""The notes that the processes sharing a server leave for each other: its state, its clients, its password."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from neolight.embedded.layout import Home
from neolight.embedded.processes import MAIN_CLASS, SUPERVISOR, ProcessId, find


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the server: its ports, and, while it runs, its processes."""

    bolt_port: int
    http_port: int
    version: str = ""
    java: ProcessId | None = None
    supervisor: ProcessId | None = None

    @property
    def alive(self) -> bool:
        """Whether the noted server process still runs."""
        return self.java is not None and self.java.alive

    @property
    def supervised(self) -> bool:
        """Whether the noted supervisor still runs."""
        return self.supervisor is not None and self.supervisor.alive


def read_state(home: Home) -> State | None:
    """The noted state, or None if there is none or it is damaged."""
    try:
        raw = json.loads(home.state.read_text("utf-8"))
        java, supervisor = raw["java"], raw["supervisor"]
        return State(
            bolt_port=int(raw["bolt_port"]),
            http_port=int(raw["http_port"]),
            version=str(raw["version"]),
            java=ProcessId(int(java["pid"]), str(java["started"])) if java else None,
            supervisor=ProcessId(int(supervisor["pid"]), str(supervisor["started"])) if supervisor else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def live_state(home: Home) -> State | None:
    """The state of a server that runs, also where its note is lost or damaged; None when none runs."""
    state = read_state(home)
    if state and state.alive:
        return state
    java = find(MAIN_CLASS, f"--home-dir={home.root}")
    ports = configured_ports(home)
    if java is None or ports is None:
        return None
    supervisor = find(SUPERVISOR, str(home.root))
    return State(*ports, version=configured_version(home), java=java, supervisor=supervisor)


def write_state(home: Home, state: State) -> None:
    """Notes the state, so that a reader sees the old note or the new one whole."""
    replace_file(home.state, json.dumps(asdict(state), indent=2) + "\n")


def mark_stopped(home: Home) -> None:
    """Notes that no server runs, and keeps its ports for the next time."""
    state = read_state(home)
    if state:
        write_state(home, replace(state, java=None, supervisor=None))


def configured_ports(home: Home) -> tuple[int, int] | None:
    """The Bolt and HTTP ports that neo4j.conf names."""
    bolt = _configured(home, r"server\.bolt\.listen_address=.*:(\d+)")
    http = _configured(home, r"server\.http\.listen_address=.*:(\d+)")
    return (int(bolt), int(http)) if bolt and http else None


def configured_version(home: Home) -> str:
    """The version of Neo4j that neo4j.conf was written for."""
    return _configured(home, r"# Neo4j (\S+)") or ""


def _configured(home: Home, pattern: str) -> str | None:
    try:
        match = re.search(f"^{pattern}$", home.config.read_text("utf-8"), re.MULTILINE)
    except (OSError, ValueError):
        return None
    return match[1] if match else None


def register_client(home: Home, process: ProcessId) -> None:
    """Notes that a process uses the server; it stops to count when it ends, however it ends."""
    replace_file(home.clients / str(process.pid), process.started)


def live_clients(home: Home) -> list[ProcessId]:
    """The processes that use the server and still run; the notes of the others are removed."""
    clients: list[ProcessId] = []
    for note in home.clients.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            client = ProcessId(int(note.name), note.read_text("utf-8"))
            if client.alive:
                clients.append(client)
            else:
                note.unlink(missing_ok=True)
    return clients


def read_password(home: Home) -> str | None:
    """The password, or None if none was made yet."""
    try:
        return home.password.read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def make_password(home: Home) -> str:
    """The password, made on first use; its file is never readable by others and never half written."""
    known = read_password(home)
    if known:
        return known
    password = secrets.token_urlsafe(24)
    while not password[0].isalnum():  # a command line would take a dash for an option
        password = secrets.token_urlsafe(24)
    replace_file(home.password, password + "\n")
    return password


def replace_file(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
