"""How files are named, which of a folder's count, and how they are read."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from neolight.cli import indexing, main
from neolight.errors import InvalidInput, NeolightError, NotFound
from neolight.files import batches, find, folder_name, is_passing, named, originals_of, real
from neolight.sources import source_name

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="names and links as POSIX has them")


@pytest.mark.parametrize(
    ("path", "base", "name"),
    [
        ("/w/docs/n.md", "/w", "docs/n.md"),
        ("/w/A/docs/n.md", "/w", "A/docs/n.md"),
        ("/w/n.md", "/w", "n.md"),
        ("/w", "/w", ""),
        ("/wide/n.md", "/w", "wide/n.md"),
        ("/n.md", "/w", "n.md"),
        ("/home/me/n.md", "/w", "home/me/n.md"),
        ("/home/me/n.md", "/", "home/me/n.md"),
        ("/", "/w", ""),
        ("/", "/", ""),
    ],
)
def test_a_name_is_the_path_from_the_working_folder_or_the_whole_path(path: str, base: str, name: str) -> None:
    assert named(PurePosixPath(path), PurePosixPath(base)) == name


@pytest.mark.parametrize(
    ("path", "base", "name"),
    [
        ("C:\\Work\\docs\\n.md", "C:\\work", "docs/n.md"),
        ("C:\\Users\\me\\n.md", "C:\\Work", "C:/Users/me/n.md"),
        ("D:\\docs\\n.md", "C:\\docs", "D:/docs/n.md"),
        ("\\\\server\\share\\docs\\n.md", "C:\\Work", "server/share/docs/n.md"),
        ("C:\\Work", "C:\\Work", ""),
    ],
)
def test_a_drive_is_part_of_a_name_that_is_a_whole_path(path: str, base: str, name: str) -> None:
    found = named(PureWindowsPath(path), PureWindowsPath(base))
    assert found == name
    assert not found or source_name(found) == name


def sources(*paths: str, name: str | None = None) -> list[str]:
    return sorted(find(map(Path, paths), name=name).files)


def write(*paths: str) -> None:
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")


@POSIX
def test_a_file_has_one_name_however_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    write("A/docs/n.md", "B/docs/n.md", "docs/zebra.md", "docs/deep er/été.md", "../beside/n.md")
    Path("link.md").symlink_to("docs/zebra.md")
    Path("linked").symlink_to("docs")
    assert sources("A/docs", "B/docs") == ["A/docs/n.md", "B/docs/n.md"]
    both = ["docs/deep er/été.md", "docs/zebra.md"]
    assert sources("docs") == sources(str(here / "docs")) == sources("./A/../docs/") == sources("linked") == both
    assert sources("docs/zebra.md") == sources("link.md") == sources("docs/zebra.md", "link.md") == ["docs/zebra.md"]
    everything = ["A/docs/n.md", "B/docs/n.md", *both]
    assert sources(".") == sources("A", "B", "docs", ".") == everything
    outside = str(tmp_path / "beside" / "n.md").lstrip("/")
    assert sources("../beside") == sources("../beside/n.md") == [outside]
    assert sources("docs", name="kept/as") == ["kept/as/deep er/été.md", "kept/as/zebra.md"]
    with pytest.raises(InvalidInput, match=r"zebra.md' is a file, and a name is for a folder. Name its folder"):
        sources("docs/zebra.md", name="kept")
    assert folder_name(here, None) == ""
    assert folder_name(here / "docs", None) == "docs"
    assert folder_name(here / "docs", "a\\b") == "a/b"


@POSIX
def test_two_files_of_one_name_are_not_mixed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("A/n.md", "B/n.md")
    look = find([Path("A"), Path("B")], name="one")
    assert [(source, file.path.parent.name) for source, file in look.files.items()] == [("one/n.md", "A")]
    (error,) = look.refused
    assert "another file is one/n.md already. Rename" in str(error)


@POSIX
def test_what_cannot_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("round").symlink_to("round")
    Path("empty").mkdir()
    os.mkfifo("pipe")
    write("docs/good.md", "docs/locked/inside.md", "pictures/a.png", "pictures/b.png", "pictures/c")
    Path("docs/self").symlink_to("..")
    Path("docs/nowhere.md").symlink_to("nothing.md")
    for name, said in {"round": "leads to itself", "pipe": "neither a file nor a folder"}.items():
        with pytest.raises(InvalidInput, match=said):
            find([Path(name)])
    with pytest.raises(NotFound, match="There is no file or folder"):
        find([Path("docs"), Path("nothing")])
    (nothing,) = find([Path("empty")]).refused
    assert "Supported are .txt, .md, " in str(nothing)
    assert "source code such as .py" in str(nothing)
    assert len(str(nothing)) < 300
    scanned = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scanned(path)

    monkeypatch.setattr(os, "scandir", scandir)
    look = find([Path("docs"), Path("pictures")])
    assert list(look.files) == ["docs/good.md"]
    assert (look.unread, look.links, look.other) == (["docs/locked/"], 2, {".png": 2, "": 1})
    assert ["cannot be read: Permission denied" in str(one) for one in look.refused] == [True, False]


def test_a_working_folder_that_was_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Path:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", gone)
    with pytest.raises(NotFound, match="Change to another folder"):
        find([])
    with pytest.raises(NotFound, match="Change to another folder"):
        real(Path("docs"))


def test_passing_files_are_left_alone() -> None:
    for name in ("a.txt", "Bericht.PDF", "报告.md", "x.tmp.txt", "#1 plan.md"):
        assert not is_passing(name), name
    for name in (".a.txt", "~$report.docx", "~wr0001.txt", "a.txt~", "a.txt.part", "a.pdf.crdownload", "a.txt.swp",
                 "a.tmp", ".txt"):  # fmt: skip
        assert is_passing(name), name


@POSIX
def test_hostile_names_stay_inside_and_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    folder = tmp_path / "box"
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
    monkeypatch.chdir(tmp_path)
    look = find([folder])
    assert sorted(look.files) == ["box/'; DROP [red] {x}.txt", "box/bad.txt", "box/bell.txt", "box/sub/a.txt"]
    assert look.files["box/bell.txt"].path.read_text() == "bell"
    assert look.links == 2
    said = [str(one) for one in look.refused]
    assert sum("box/bell.txt already" in one for one in said) == 1
    assert sum("cannot be the name" in one for one in said) == 1
    assert all(one.isprintable() for one in said)


def test_a_file_that_is_refused_is_told_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "empty.txt").touch()
    (folder / "large.txt").write_bytes(b"x" * (2 << 20))
    (folder / "good.txt").write_text("good")
    (folder / "gone.txt").write_text("gone")
    monkeypatch.chdir(tmp_path)
    look = find([folder])
    (folder / "gone.txt").unlink()
    told: list[NeolightError] = []
    [(originals, taken)] = batches(look.files, 1, told.append)
    assert [one.source for one in originals] == ["box/good.txt"]
    assert sorted(taken) == ["box/empty.txt", "box/good.txt", "box/large.txt"]
    assert [str(one).partition(" ")[0] for one in told] == ["box/empty.txt", "box/gone.txt", "box/large.txt"]
    told.clear()
    assert [one.source for one in originals_of([folder], max_mb=1, refused=told.append)] == ["box/good.txt"]
    assert [one.message.split()[0] for one in told] == ["box/empty.txt", "box/large.txt"]
    with pytest.raises(InvalidInput, match="empty"):
        originals_of([folder], max_mb=1)


def test_no_more_is_read_at_once_than_fits_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("x" * 10)
    monkeypatch.setattr("neolight.files.AT_ONCE_BYTES", 15)
    portions = batches(find([tmp_path]).files, 1, lambda _: None)
    assert [len(originals) for originals, _ in portions] == [2, 2, 1]


def test_an_interrupted_call_says_what_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def interrupted(self: indexing.Call, _: object) -> None:
        self.queued = 3
        raise KeyboardInterrupt

    monkeypatch.setattr(indexing.Call, "index", interrupted)
    monkeypatch.setattr("sys.argv", ["neolight", "index", "docs"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "Interrupted: 3 were queued. What is not done yet is indexed by the next" in capsys.readouterr().err
