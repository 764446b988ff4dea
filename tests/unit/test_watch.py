"""What of a folder is taken for documents."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from neolight.watch import batches, scan, wanted


def test_passing_files_are_left_alone() -> None:
    for name in ("a.txt", "Bericht.PDF", "报告.md", "x.tmp.txt"):
        assert wanted(name), name
    for name in (".a.txt", "~$report.docx", "~wr0001.txt", "a.txt~", "a.txt.part", "a.pdf.crdownload", "a.txt.swp",
                 "#a.txt#", "a.tmp", "program.exe", "noending", ".txt"):  # fmt: skip
        assert not wanted(name), name


@pytest.mark.skipif(sys.platform == "win32", reason="names that only POSIX allows")
def test_hostile_names_stay_inside_and_apart(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "config.txt").write_text("hidden")
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    os.mkfifo(folder / "pipe.txt")
    (folder / "sub" / "a.txt").write_text("a")
    (folder / "b\x07ell.txt").write_text("bell")
    (folder / "bell.txt").write_text("the same name, as far as it can be shown")
    (folder / "x\\..\\up.txt").write_text("climbs")
    (folder / "'; DROP [red] {x}.txt").write_text("quotes")
    with Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.txt")).open("w") as file:
        file.write("not UTF-8")
    said: list[str] = []
    found = scan(folder, "box", said.append)
    assert sorted(found) == ["box/'; DROP [red] {x}.txt", "box/bad.txt", "box/bell.txt", "box/sub/a.txt"]
    assert found["box/bell.txt"].path.read_text() == "bell"
    assert sum("box/bell.txt already" in one for one in said) == 1
    assert sum("cannot be the name" in one for one in said) == 1
    assert all(one.isprintable() for one in said)


def test_a_file_that_is_refused_is_told_and_remembered(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "large.txt").write_bytes(b"x" * (2 << 20))
    (tmp_path / "good.txt").write_text("good")
    (tmp_path / "gone.txt").write_text("gone")
    said: list[str] = []
    found = scan(tmp_path, "box", said.append)
    (tmp_path / "gone.txt").unlink()
    [(originals, taken)] = batches(found, 1, said.append)
    assert [one.source for one in originals] == ["box/good.txt"]
    assert sorted(taken) == ["box/empty.txt", "box/good.txt", "box/large.txt"]
    assert [one.split(":")[0] for one in said] == ["skipped box/empty.txt", "skipped box/large.txt"]
