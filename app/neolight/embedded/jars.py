"""The jars of the server: which they are, by a lock file, and where on this machine."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from neolight.errors import EmbeddedServerError

LOCK = Path(__file__).with_name("neo4j.lock.toml")


@dataclass(frozen=True)
class Jar:
    """One jar of the lock file."""

    coordinate: str
    sha256: str
    size: int

    @cached_property
    def parts(self) -> tuple[str, str, str, str]:
        """Group, artifact, version and classifier (which may be empty)."""
        group, artifact, version, *classifier = self.coordinate.split(":")
        return group, artifact, version, classifier[0] if classifier else ""

    @property
    def filename(self) -> str:
        """The name of its file, as Maven gives it."""
        _, artifact, version, classifier = self.parts
        return f"{artifact}-{version}-{classifier}.jar" if classifier else f"{artifact}-{version}.jar"

    def present_in(self, folder: Path) -> bool:
        """Whether the folder has this jar whole. Files get their name only once their sum is verified."""
        try:
            return (folder / self.filename).stat().st_size == self.size
        except OSError:
            return False


@dataclass(frozen=True)
class Lock:
    """The content of the lock file."""

    version: str
    jars: tuple[Jar, ...]


@dataclass(frozen=True)
class ClassPath:
    """The jars that Java is to load, their version of Neo4j, and the folder for archives of their classes."""

    version: str
    jars: tuple[Path, ...]
    archives: Path


def parse_lock(text: str) -> Lock:
    """Reads the text of a lock file."""
    try:
        raw = tomllib.loads(text)
        jars = tuple(Jar(name, str(row["sha256"]), int(row["size"])) for name, row in raw["jars"].items())
        lock = Lock(str(raw["neo4j"]), jars)
        valid = bool(jars) and all(len(jar.sha256) == 64 and 3 <= jar.coordinate.count(":") + 1 <= 4 for jar in jars)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise EmbeddedServerError(
            f"The list of Neo4j's jars is damaged: {error}.", hint="Reinstall neolight."
        ) from error
    if not valid:
        raise EmbeddedServerError("The list of Neo4j's jars is damaged.", hint="Reinstall neolight.")
    return lock


def read_lock() -> Lock:
    """The lock file of this package."""
    return parse_lock(LOCK.read_text("utf-8"))


def version_folder(cache_dir: Path, version: str) -> Path:
    """Where the cache keeps what belongs to a version of Neo4j."""
    return cache_dir.expanduser().resolve() / "neo4j" / version


def unpacked_class_path(neo4j_home: Path, cache_dir: Path) -> ClassPath:
    """The class path of an unpacked Neo4j server."""
    lib = neo4j_home.expanduser().resolve() / "lib"
    jars = tuple(sorted(lib.glob("*.jar")))
    versions = [match[1] for jar in jars if (match := re.fullmatch(r"neo4j-kernel-(\d.*)\.jar", jar.name))]
    if not versions:
        raise EmbeddedServerError(
            f"{neo4j_home} is not an unpacked Neo4j server: it has no lib/neo4j-kernel-*.jar.",
            hint="Set NEOLIGHT_NEO4J_HOME to the folder that the Neo4j Community archive unpacks to.",
        )
    return ClassPath(versions[0], jars, version_folder(cache_dir, versions[0]) / "classes")
