"""Where the embedded server keeps its files, and the values that travel between the modules of this package."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

HOST = "127.0.0.1"
USERNAME = "neo4j"


class Progress(Protocol):
    """Told what is going on: a line for people, and how much of the work is done (0 to 1) where that is known."""

    def __call__(self, message: str, fraction: float | None) -> None:
        """Reports one step; may be called from several threads, but never by two at once."""
        ...


def silent(message: str, fraction: float | None) -> None:
    """Reports nothing."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded Neo4j, with everything that a client needs to reach it."""

    uri: str
    browser_url: str
    username: str
    password: str = field(repr=False)
    version: str
    pid: int
    home: Path
    log: Path


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the server is started; what is None is chosen for the machine. A server that already runs keeps its own."""

    heap_mb: int | None = None
    page_cache_mb: int | None = None
    bolt_port: int | None = None
    http_port: int | None = None
    idle_minutes: float = 15.0
    start_timeout: float = 120.0
    jvm_flags: tuple[str, ...] = ()
    """More flags for Java, after Neolight's own."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder `neo4j` in the data directory, and the files in it."""

    root: Path

    @classmethod
    def of(cls, data_dir: Path) -> Home:
        """The server's folder in a data directory."""
        return cls(data_dir.expanduser().resolve() / "neo4j")

    @property
    def conf(self) -> Path:
        """The folder of neo4j.conf."""
        return self.root / "conf"

    @property
    def data(self) -> Path:
        """The folder of the databases."""
        return self.root / "data"

    @property
    def confirmed(self) -> Path:
        """Present once the database has taken its password."""
        return self.data / "password-is-set"

    @property
    def loaded(self) -> Path:
        """Present once a dump was loaded, which may be before the first start."""
        return self.data / "loaded"

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """The folder of what is true only while a server runs."""
        return self.root / "run"

    @property
    def clients(self) -> Path:
        """One file for each process that uses the server, named by its pid."""
        return self.run / "clients"

    @property
    def state(self) -> Path:
        """Which process serves, and on which ports."""
        return self.run / "server.json"

    @property
    def lock(self) -> Path:
        """Held while a server is started, stopped or joined."""
        return self.run / "server.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.run / "supervisor.lock"

    @property
    def keep(self) -> Path:
        """Present when the server is to go on without clients."""
        return self.run / "keep-running"

    @property
    def arguments(self) -> Path:
        """The arguments of the Java virtual machine."""
        return self.run / "java.args"

    @property
    def password(self) -> Path:
        """The generated password, readable by its owner only."""
        return self.root / "password"

    @property
    def config(self) -> Path:
        """The server's settings."""
        return self.conf / "neo4j.conf"

    @property
    def log(self) -> Path:
        """The server's log for people."""
        return self.logs / "neo4j.log"

    @property
    def console_log(self) -> Path:
        """What the Java virtual machine itself prints."""
        return self.logs / "console.log"

    @property
    def supervisor_log(self) -> Path:
        """What the supervisor prints."""
        return self.logs / "supervisor.log"

    def make(self) -> None:
        """Makes the folders; what this makes is open to its owner only."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.conf, self.data, self.logs, self.run, self.clients):
            folder.mkdir(exist_ok=True)
