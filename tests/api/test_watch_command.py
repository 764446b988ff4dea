"""A folder is followed, against a real Neo4j: additions, changes and removals, also those of the time in between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from neolight.api import Neolight
from neolight.deps import Deps
from neolight.errors import InvalidInput, NotFound
from neolight.graph import documents
from neolight.ingest.worker import Worker
from neolight.watch import Follower, Pace

PACE = Pace(settle=0.3, events=0.1, everything=3.0)


@dataclass
class Box:
    """A folder, the workspace that follows it, and what was said."""

    folder: Path
    handle: Neolight
    said: list[str] = field(default_factory=list)

    def follower(self, name: str = "box", *, may_empty: bool = False) -> Follower:
        return Follower(self.handle, self.folder, name, self.said.append, PACE, may_empty=may_empty)

    @asynccontextmanager
    async def followed(self, name: str = "box", *, may_empty: bool = False) -> AsyncIterator[Follower]:
        follower = self.follower(name, may_empty=may_empty)
        await follower.begin()
        stop = asyncio.Event()
        task = asyncio.create_task(follower.follow(stop))
        try:
            yield follower
        finally:
            stop.set()
            await task

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    async def texts(self) -> dict[str, str]:
        """What the workspace has from the folder and is done with, by source."""
        deps, workspace = self.handle.deps, self.handle.workspace
        rows = await documents.listed(deps.graph, workspace, limit=100)
        found = await documents.texts(deps.graph, workspace, [row.id for row in rows if row.status == "processed"])
        return {row.source: found[row.id].strip() for row in rows if row.id in found}

    async def hears(self, said: str) -> None:
        for _ in range(300):
            if any(said in one for one in self.said):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"this was not said: {said}, but {self.said}")

    async def until(self, condition: Callable[[dict[str, str]], bool]) -> None:
        for _ in range(600):
            if condition(await self.texts()):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"this did not come: {await self.texts()}, {self.said}")


@pytest.fixture
async def box(deps: Deps, workspace: str, tmp_path: Path) -> AsyncIterator[Box]:
    folder = tmp_path / "folder"
    folder.mkdir()
    async with Worker(deps).running():
        yield Box(folder, Neolight(deps, workspace))
        left = await documents.listed(deps.graph, workspace, limit=100)
        await Neolight(deps, workspace).delete(*(one.id for one in left))


async def test_the_workspace_follows_the_folder(box: Box) -> None:
    box.write("a.txt", "Alpha is in Halden.")
    box.write("sub/b.md", "Beta is in Hull.")
    box.write("~$c.docx", "a lock of an office program")
    async with box.followed():
        await box.until(lambda texts: set(texts) == {"box/a.txt", "box/sub/b.md"})
        box.write("d.txt.part", "half")
        box.write("d.txt.part", "Delta is in Leeds.")
        (box.folder / "d.txt.part").rename(box.folder / "d.txt")
        box.write("a.txt", "Alpha has moved to Kiel.")
        await box.until(lambda t: "Kiel" in t.get("box/a.txt", "") and t.get("box/d.txt") == "Delta is in Leeds.")
        (box.folder / "sub").rename(box.folder / "moved")
        (box.folder / "a.txt").unlink()
        await box.until(lambda texts: set(texts) == {"box/moved/b.md", "box/d.txt"})
    assert "deleted box/a.txt" in box.said
    assert not any("docx" in one or "part" in one for one in box.said)


async def test_what_changed_meanwhile_is_found_at_the_start(box: Box) -> None:
    for name in ("same", "changed", "removed"):
        box.write(f"{name}.txt", f"The {name} one is in Halden.")
    await box.handle.insert(["Not of this folder."], ["other/kept.txt"])
    async with box.followed():
        await box.until(lambda texts: len(texts) == 4)
    box.write("changed.txt", "It is in Hull.")
    (box.folder / "removed.txt").unlink()
    box.write("new.txt", "New is in Leeds.")
    box.write("given.strange", "Given by itself to be indexed.")
    await box.handle.insert(["Given by itself to be indexed."], ["box/given.strange"])
    box.said.clear()
    async with box.followed():
        await box.until(
            lambda texts: (
                set(texts) == {"box/same.txt", "box/changed.txt", "box/new.txt", "box/given.strange", "other/kept.txt"}
                and "Hull" in texts["box/changed.txt"]
            )
        )
    assert not any("same" in one for one in box.said)


async def test_a_file_replaced_by_its_editor_is_not_deleted(box: Box) -> None:
    box.write("a.txt", "Alpha is in Halden.")
    async with box.followed():
        await box.until(lambda texts: set(texts) == {"box/a.txt"})
        for number in range(5):
            box.write("a.txt.new", f"Version {number} of Alpha.")
            (box.folder / "a.txt").unlink()
            await asyncio.sleep(0.1)
            (box.folder / "a.txt.new").rename(box.folder / "a.txt")
        await box.until(lambda texts: texts.get("box/a.txt") == "Version 4 of Alpha.")
    assert not any(one.startswith("deleted") for one in box.said)


async def test_an_empty_or_missing_folder_deletes_nothing_by_itself(box: Box) -> None:
    box.write("a.txt", "Alpha is in Halden.")
    async with box.followed():
        await box.until(lambda texts: set(texts) == {"box/a.txt"})
    (box.folder / "a.txt").unlink()
    with pytest.raises(InvalidInput, match="--may-empty"):
        await box.follower().begin()
    box.folder.rmdir()
    with pytest.raises(NotFound):
        await box.follower(may_empty=True).begin()
    assert set(await box.texts()) == {"box/a.txt"}


async def test_what_is_removed_file_by_file_is_deleted_even_the_last(box: Box) -> None:
    for name in ("a", "b"):
        box.write(f"{name}.txt", f"The {name} one is in Halden.")
    async with box.followed():
        await box.until(lambda texts: len(texts) == 2)
        (box.folder / "a.txt").unlink()
        await box.until(lambda texts: set(texts) == {"box/b.txt"})
        (box.folder / "b.txt").unlink()
        await box.until(lambda texts: not texts)
    assert box.said[-2:] == ["deleted box/a.txt", "deleted box/b.txt"]


async def test_a_folder_that_loses_everything_at_once_deletes_nothing_and_says_so_once(box: Box) -> None:
    both = {"box/a.txt", "box/sub/b.txt"}
    box.write("a.txt", "Alpha is in Halden.")
    box.write("sub/b.txt", "Beta is in Hull.")
    away = box.folder.with_name("away")
    async with box.followed():
        await box.until(lambda texts: set(texts) == both)
        box.folder.rename(away)
        await box.hears("is gone; nothing is deleted for that.")
        box.folder.mkdir()  # as the empty folder that a drive was mounted on
        await box.hears("has lost all its 2 documents at once; nothing is deleted for that.")
        box.write("left-there.txt", "Somebody writes where the drive should be.")
        await box.until(lambda texts: set(texts) == {*both, "box/left-there.txt"})
        await asyncio.sleep(3 * PACE.settle)
        (box.folder / "left-there.txt").unlink()
        box.folder.rmdir()
        away.rename(box.folder)
        await box.hears("is followed again.")
        box.write("c.txt", "Gamma is in Leeds.")
        await box.hears("new box/c.txt")
        said = list(box.said)
        for one in sorted(box.folder.rglob("*.txt")):
            one.unlink()
        await box.hears("has lost all its 3 documents")
        await asyncio.sleep(3 * PACE.settle)
    assert set(await box.texts()) == {*both, "box/c.txt"}
    assert box.said[len(said) :] == [box.said[-1]]
    assert sum("is gone" in one for one in said) <= 2, "once each time"
    assert sum("has lost all its 2" in one for one in said) <= 2
    assert [one for one in said if one.startswith("deleted")] == ["deleted box/left-there.txt"]
    with pytest.raises(InvalidInput, match="has no documents: 3 of the workspace"):
        await box.follower().begin()
    async with box.followed(may_empty=True):
        await box.until(lambda texts: not texts)


async def test_another_folder_in_its_place_deletes_nothing(box: Box) -> None:
    box.write("a.txt", "Alpha is in Halden.")
    box.write("b.txt", "Beta is in Hull.")
    async with box.followed():
        await box.until(lambda texts: len(texts) == 2)
    box.folder.rename(box.folder.with_name("away"))
    box.write("c.txt", "Gamma is in Leeds.")
    with pytest.raises(InvalidInput, match="has other documents than before"):
        await box.follower().begin()


async def test_a_folder_that_cannot_be_read_deletes_nothing(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.write("a.txt", "Alpha is in Halden.")
    box.write("sub/b.txt", "Beta is in Hull.")
    locked = box.folder / "sub"
    real = os.scandir

    def scandir(path: str) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    async with box.followed():
        await box.until(lambda texts: len(texts) == 2)
        monkeypatch.setattr(os, "scandir", scandir)
        box.write("c.txt", "Gamma is in Leeds.")
        await box.hears("cannot be read: Permission denied")
        await box.until(lambda texts: "box/c.txt" in texts)
        locked = box.folder
        (box.folder / "a.txt").unlink()
        await box.hears("Nothing is deleted for that.")
        await asyncio.sleep(3 * PACE.settle)
        assert set(await box.texts()) == {"box/a.txt", "box/sub/b.txt", "box/c.txt"}
        monkeypatch.undo()
        await box.until(lambda texts: set(texts) == {"box/sub/b.txt", "box/c.txt"})
    assert sum("cannot be read" in one for one in box.said) == 2


async def test_a_folder_without_a_name_deletes_only_what_it_saw(box: Box) -> None:
    """Documents of the working folder have no folder in their names, as others of the workspace have none."""
    await box.handle.insert(["Not of this folder."], ["other.txt"])
    box.write("a.txt", "Alpha is in Halden.")
    box.write("b.txt", "Beta is in Hull.")
    async with box.followed(""):
        await box.until(lambda texts: set(texts) == {"a.txt", "b.txt", "other.txt"})
        (box.folder / "a.txt").unlink()
        await box.until(lambda texts: set(texts) == {"b.txt", "other.txt"})


async def test_what_became_of_a_file_is_said_truthfully(box: Box) -> None:
    box.write("a.txt", "Alpha is in Halden.")
    box.write("b.txt", "Beta is in Hull.")
    await box.handle.insert(["Alpha is in Halden."], ["box/a.txt"])
    async with box.followed():
        await box.until(lambda texts: len(texts) == 2)
        box.write("a.txt", "Alpha has moved to Kiel.")
        await box.until(lambda texts: "Kiel" in texts.get("box/a.txt", ""))
        box.write("c.pdf", "no PDF")
        await box.hears("failed box/c.pdf")
    assert box.said[:2] == ["new box/b.txt (1 chunk)", "replaced box/a.txt (1 chunk)"]
