"""docling itself, where its extra is installed: files of LibreOffice, read in a process of their own."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from neolight.errors import UnreadableDocument
from neolight.ingest.readers.limits import ReadLimits
from neolight.ingest.sandbox import Sandbox
from neolight.settings import reader_environment
from neolight.start import DOCLING_MB

pytestmark = pytest.mark.skipif(importlib.util.find_spec("docling") is None, reason="the extra docling is not there")

FILES = Path(__file__).parent / "files"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    opened = Sandbox(ReadLimits(120, DOCLING_MB, "docling", reader_environment()))
    yield opened
    await opened.close()


async def test_a_word_document(box: Sandbox) -> None:
    found = await box("pumps.docx", (FILES / "pumps.docx").read_bytes())
    assert found.title == "Pump A-102"
    assert [heading.path for heading in found.headings] == [
        ("Pump A-102",), ("Pump A-102", "Maintenance"), ("Pump A-102", "Parts"), ("Safety",),
    ]  # fmt: skip
    assert "Maintenance\n\n- Check the seal\n- Clean the filter\n\nThen:\n\n1. Stop\n2. Open\n\n" in found.text
    assert "Part | Name | Price\nP-1 | Seal | 3.50\nP-2 | Bearing | 12" in found.text


async def test_a_presentation(box: Sandbox) -> None:
    found = await box("review.pptx", (FILES / "review.pptx").read_bytes())
    assert (
        "- The seal leaks\n  - Part P-1\n- The filter is clean 过滤器\n\nPrices\n\nPart | Price\nP-1 | 3.50"
        in found.text
    )
    assert found.text.count("Leaks") == 1, "a caption is written once"
    assert [page.number for page in found.pages] == [1, 2, 3, 4]


async def test_a_pdf_is_read_or_says_what_is_missing(box: Sandbox) -> None:
    data = (FILES / "pumps.pdf").read_bytes()
    if os.environ.get("DOCLING_ARTIFACTS_PATH"):
        assert "P-2" in (await box("pumps.pdf", data)).text
        return
    with pytest.raises(
        UnreadableDocument, match="docling's models for this kind of file are not on this machine"
    ) as told:
        await box("pumps.pdf", data)
    assert "docling-tools models download" in str(told.value.hint)


async def test_too_little_memory_is_told_as_that() -> None:
    small = Sandbox(ReadLimits(120, 1024, "docling", reader_environment()))
    try:
        with pytest.raises(UnreadableDocument, match=r"docling could not be loaded|needs more than 1,024 MB") as told:
            await small("pumps.docx", (FILES / "pumps.docx").read_bytes())
    finally:
        await small.close()
    assert "NEOLIGHT_READER_MEMORY_MB" in str(told.value.hint)
