"""Reads the original and extracts its text."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from neolight.deps import Deps
from neolight.ingest import readers
from neolight.ingest.work import Work

TEXT_EXTENSIONS = (".txt", ".md", ".markdown")


async def read(deps: Deps, work: Work) -> Work:
    """Adds the extracted text, and lets go of the original. Raises UnreadableDocument."""
    name = _name(work)
    parsed = await (deps.read(name, work.data) if deps.read else asyncio.to_thread(readers.read, name, work.data))
    return replace(work, data=b"", parsed=parsed)


def _name(work: Work) -> str:
    """The name that tells the reader: a text that was given as a text is one, whatever it is called."""
    source = work.claim.source
    is_text = work.claim.media_type == "text/plain" and not source.lower().endswith(TEXT_EXTENSIONS)
    return f"{source}.txt" if is_text else source
