"""Files are read in processes that may be killed: what hangs, crashes or grows ends alone, and says why."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from neolight import start
from neolight.errors import ConfigurationError, UnreadableDocument, UnsupportedFormat
from neolight.ingest import child, readers, sandbox
from neolight.ingest.readers import layout
from neolight.ingest.readers.limits import ReadLimits
from neolight.ingest.sandbox import ReaderFailed, Sandbox
from neolight.models import ParsedDocument
from neolight.settings import Settings

TABLE = b"Part,Quantity,Note\n" + b"".join(b"P-%d,%d,checked by hand\n" % (at, at % 7) for at in range(60_000))


@asynccontextmanager
async def opened(**limits: float) -> AsyncGenerator[Sandbox]:
    box = Sandbox(ReadLimits(**limits))  # pyright: ignore[reportArgumentType]
    try:
        yield box
    finally:
        await box.close()


BEFORE: set[int] = set()
"""Readers of other boxes: the session's own keeps one for a while after a test has used it."""


@pytest.fixture(autouse=True)
def others() -> None:
    BEFORE.clear()
    BEFORE.update(one.pid for one in readers_alive())


def children() -> list[psutil.Process]:
    return [one for one in readers_alive() if one.pid not in BEFORE]


def readers_alive() -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for one in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it may end meanwhile
            found += [one] if "neolight.ingest.child" in " ".join(one.cmdline()) else []
    return found


async def test_a_file_is_read_as_in_this_process() -> None:
    text = "# Pumps\n\nThe A-102 – größer.\n\n## Parts\n\n| a | b |\n| - | - |\n| 1 | 2 |\n".encode()
    async with opened() as box:
        assert await box("a.md", text) == readers.read("a.md", text)
        assert len(children()) == 1
    assert children() == []


async def test_short_plain_text_needs_no_process() -> None:
    async with opened() as box:
        assert (await box("a.txt", b"Part P-987")).text == "Part P-987"
        assert children() == []
        assert (await box("a.txt", b"Part P-987\n" * 100_000)).text.startswith("Part P-987\nPart")
        assert len(children()) == 1


async def test_errors_are_those_of_the_reader() -> None:
    async with opened() as box:
        with pytest.raises(UnreadableDocument, match=r"a.pdf is not a PDF: it looks like text") as caught:
            await box("a.pdf", b"text")
        assert caught.value.hint
        with pytest.raises(UnsupportedFormat, match=r"files of type .dwg are not supported"):
            await box("a.dwg", b"\x00\x01\x02")
        assert len(children()) == 1, "a file that cannot be read is no reason to end the process"


async def test_what_takes_too_long_is_killed() -> None:
    async with opened(seconds=0.05) as box:
        with pytest.raises(UnreadableDocument, match=r"a.csv takes longer than 0 s to be read") as caught:
            await box("a.csv", TABLE)
        assert caught.value.hint == "Split it, or raise NEOLIGHT_READER_SECONDS."
        assert children() == []
    async with opened() as box:
        assert (await box("a.csv", TABLE)).text.startswith("Part: P-0 | Quantity: 0 | Note: checked by hand\n")


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
async def test_what_needs_too_much_memory_is_refused() -> None:
    async with opened(memory_mb=4) as box:
        with pytest.raises(UnreadableDocument, match=r"a.csv needs more than 4 MB of memory") as caught:
            await box("a.csv", TABLE)
        assert caught.value.hint == "Split it, or raise NEOLIGHT_READER_MEMORY_MB."


async def test_a_process_that_is_gone_is_replaced() -> None:
    async with opened() as box:
        await box("a.md", b"# one")
        [gone] = children()
        gone.kill()
        assert (await box("a.md", b"# two")).text == "# two"
        assert [one.pid for one in children()] != [gone.pid]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_a_file_that_kills_its_process_is_named_and_others_go_on() -> None:
    async with opened() as box:
        reading = asyncio.create_task(box("a.csv", TABLE))
        while not children():
            await asyncio.sleep(0.01)
        os.kill(children()[0].pid, signal.SIGSEGV)
        with pytest.raises(UnreadableDocument, match=r"a.csv made the process that reads it end \(SIGSEGV\)") as caught:
            await reading
        assert caught.value.hint
        assert (await box("a.md", b"# two")).text == "# two"


async def test_cancelling_ends_the_process() -> None:
    async with opened() as box:
        reading = asyncio.create_task(box("a.csv", TABLE))
        while not children():
            await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert children() == []


async def test_a_process_reads_so_many_files_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MOST_FILES", 2)
    async with opened() as box:
        seen: list[int] = []
        for _ in range(4):
            await box("a.md", b"# one")
            seen += [one.pid for one in children()]
    assert len(set(seen)) >= 2


async def test_no_secret_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    async with opened() as box:
        await box("a.md", b"# one")
        [process] = children()
        environment = process.environ()
    assert "OPENAI_API_KEY" not in environment
    assert environment["OMP_NUM_THREADS"] == "1"


def test_a_defect_of_a_reader_is_told_apart_from_a_bad_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(readers, "read", broken)
    request = {"name": "a.txt", "parser": "builtin", "memory_mb": 1, "seconds": 1}
    reply = child.answer(request, b"x")
    assert reply["bug"] == "ZeroDivisionError"
    with pytest.raises(ReaderFailed, match="ZeroDivisionError"):
        sandbox._document(reply)  # pyright: ignore[reportPrivateUsage]


def test_docling_is_refused_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        return None

    monkeypatch.setattr(start, "find_spec", missing)
    with pytest.raises(ConfigurationError, match="which is not installed") as caught:
        start._read_limits(Settings(reader_parser="docling"))  # pyright: ignore[reportPrivateUsage]
    assert caught.value.hint == "Run `pip install 'neolight[docling]'`, or leave the setting out."
    monkeypatch.setattr(start, "find_spec", str)
    assert start._read_limits(Settings(reader_parser="docling")).memory_mb == start.DOCLING_MB  # pyright: ignore[reportPrivateUsage]
    more = Settings(reader_parser="docling", reader_memory_mb=2000)
    assert start._read_limits(more).memory_mb == 2000  # pyright: ignore[reportPrivateUsage]
    assert start._read_limits(Settings()).parser == "builtin"  # pyright: ignore[reportPrivateUsage]


def test_only_what_docling_is_better_at_goes_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_docling(name: str, data: bytes, media_type: str) -> ParsedDocument:
        return ParsedDocument(f"{name} by docling", media_type)

    monkeypatch.setattr(layout, "read", by_docling)
    assert readers.read("a.pdf", b"%PDF-1.7", parser="docling").text == "a.pdf by docling"
    assert readers.read("a.txt", b"text", parser="docling").text == "text"


@dataclass
class Item:
    """An item as docling has it."""

    label: str
    text: str = ""
    page: int = 1
    level: int = 1
    enumerated: bool = False
    marker: str = ""
    data: Any = None

    @property
    def prov(self) -> list[Any]:
        return [SimpleNamespace(page_no=self.page)]


def test_what_docling_has_found_is_written_page_by_page() -> None:
    cells = [
        [SimpleNamespace(text=text, column_header=row == 0) for text in texts]
        for row, texts in enumerate([("Part", "Price"), ("P-1", "3")])
    ]
    items = [
        Item("title", "Manual"),
        Item("section_header", "Parts"),
        Item("text", "The seal leaks."),
        Item("list_item", "Stop", 2, enumerated=True, marker="1."),
        Item("list_item", "Open", 2),
        Item("table", page=2, data=SimpleNamespace(grid=cells)),
        Item("code", "x = 1", 3),
    ]
    found = layout.written(SimpleNamespace(iterate_items=lambda: [(item, 1) for item in items]), "application/pdf")
    assert found.text == "Manual\n\nParts\n\nThe seal leaks.\n\n1. Stop\n- Open\n\nPart | Price\nP-1 | 3\n\nx = 1"
    assert [(heading.start, heading.path) for heading in found.headings] == [(0, ("Manual",)), (8, ("Manual", "Parts"))]
    assert [found.text[page.start : page.end][:6] for page in found.pages] == ["Manual", "1. Sto", "x = 1"]
