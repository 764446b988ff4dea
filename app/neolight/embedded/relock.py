"""Writes the lock file for another version: `python -m neolight.embedded.relock 2026.09.0 5.24.0`."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import jgo
from jgo.maven import Artifact

from neolight.embedded.jars import LOCK

# jgo resolves these too; Maven says that no running server needs them: tests, and what is optional.
NOT_NEEDED = frozenset(
    {
        "com.google.code.gson:gson",
        "junit:junit",
        "net.bytebuddy:byte-buddy",
        "net.bytebuddy:byte-buddy-agent",
        "org.bouncycastle:bcpkix-jdk18on",
        "org.bouncycastle:bcprov-jdk18on",
        "org.bouncycastle:bcutil-jdk18on",
        "org.hamcrest:hamcrest",
        "org.jspecify:jspecify",
        "org.mockito:mockito-core",
        "org.objenesis:objenesis",
    }
)
_HEADER = """\
# The jars of the embedded Neo4j Community: `group:artifact:version[:classifier]`, SHA-256 sum and size in bytes.
# Written by `python -m neolight.embedded.relock`; do not edit.
"""


def main() -> None:
    """Resolves both coordinates with jgo, and writes what they need into the lock file."""
    parser = argparse.ArgumentParser(prog="neolight.embedded.relock")
    parser.add_argument("neo4j", help="the version of org.neo4j:neo4j")
    parser.add_argument("browser", help="the version of org.neo4j.client:neo4j-browser")
    parser.add_argument("--target", type=Path, default=LOCK)
    known = parser.parse_args()
    artifacts = jgo.resolve(f"org.neo4j:neo4j:{known.neo4j}+org.neo4j.client:neo4j-browser:{known.browser}")
    rows = sorted(_row(artifact) for artifact in artifacts if _needed(artifact))
    head = f'{_HEADER}neo4j = "{known.neo4j}"\nbrowser = "{known.browser}"\n\n[jars]\n'
    known.target.write_text(head + "".join(rows), "utf-8")


def _needed(artifact: Artifact) -> bool:
    return f"{artifact.groupId}:{artifact.artifactId}" not in NOT_NEEDED and artifact.packaging == "jar"


def _row(artifact: Artifact) -> str:
    parts = [artifact.groupId, artifact.artifactId, artifact.version]
    coordinate = ":".join([*parts, artifact.classifier] if artifact.classifier else parts)
    content = artifact.resolve().read_bytes()
    return f'"{coordinate}" = {{ sha256 = "{hashlib.sha256(content).hexdigest()}", size = {len(content)} }}\n'


if __name__ == "__main__":
    main()
