"""A folder is followed, against a real Neo4j: additions, changes and removals, also those of the time in between."""

from __future__ import annotations

import asyncio
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

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[Follower]:
        follower = Follower(self.handle, self.folder, "box", self.said.append, PACE)
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
    box.said.clear()
    async with box.followed():
        await box.until(
            lambda texts: (
                set(texts) == {"box/same.txt", "box/changed.txt", "box/new.txt", "other/kept.txt"}
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
    follower = Follower(box.handle, box.folder, "box", box.said.append, PACE)
    with pytest.raises(InvalidInput, match="--may-empty"):
        await follower.begin()
    box.folder.rmdir()
    with pytest.raises(NotFound):
        await follower.begin(may_empty=True)
    assert not await follower.compare()
    assert set(await box.texts()) == {"box/a.txt"}
