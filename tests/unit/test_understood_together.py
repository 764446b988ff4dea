"""Passages are extracted and embedded at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest

from neolight.deps import Deps, Place
from neolight.errors import ModelUnavailable
from neolight.graph.documents import Claim
from neolight.graph.rows import Prepared
from neolight.ingest.pipeline import prepare
from neolight.ingest.work import Work
from neolight.models import Extracted, Extraction, ModelCall, Vectors

CLAIM = Claim("d", "w", "T", "a.txt", "text/plain", "", 0, 1, "token")


@dataclass
class Embeddings:
    """Waits until it may go on, then fails or gives vectors."""

    may: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    done: int = 0

    async def embed(self, texts: list[str]) -> Vectors:
        await self.may.wait()
        if self.error:
            raise self.error
        self.done += 1
        return np.ones((len(texts), 4), dtype=np.float32)


@dataclass
class Extractor:
    """Replies to the first passage at once, and to others when it may."""

    may: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    kept: list[ModelCall] = field(default_factory=list[ModelCall])

    async def __call__(self, text: str, place: Place) -> Extracted:
        self.asked += 1
        self.begun.set()
        if self.asked > 1:
            await self.may.wait()
            if self.error:
                raise self.error
        return Extracted(Extraction((), ()), ModelCall(text[:9], "m", "extract", "{}", 1, 1))

    async def keep(self, workspace: str, found: list[ModelCall]) -> None:
        self.kept += found


def begun(embeddings: Embeddings, extractor: Extractor) -> tuple[Deps, asyncio.Task[Prepared]]:
    """A document of two passages on its way."""
    deps = Deps(cast("Any", None), cast("Any", embeddings), extractor, None)
    text = "\n\n".join(f"{word} " * 900 for word in ("first", "second"))
    return deps, asyncio.create_task(prepare(deps, Work(CLAIM, text.encode()), on_step=lambda _: None))


async def test_a_language_model_does_not_wait_for_vectors() -> None:
    embeddings, extractor = Embeddings(), Extractor()
    _, work = begun(embeddings, extractor)
    await asyncio.wait_for(extractor.begun.wait(), 60)
    assert not work.done()
    assert embeddings.done == 0
    extractor.may.set()
    embeddings.may.set()
    prepared = await work
    assert len(prepared.chunks) == extractor.asked >= 2
    assert all(chunk.embedding is not None and chunk.extraction is not None for chunk in prepared.chunks)


async def test_what_a_model_has_told_is_kept_where_passages_cannot_be_embedded() -> None:
    embeddings, extractor = Embeddings(error=ModelUnavailable("down")), Extractor()
    _, work = begun(embeddings, extractor)
    await asyncio.wait_for(extractor.begun.wait(), 60)
    await asyncio.sleep(0)
    embeddings.may.set()
    with pytest.raises(ModelUnavailable, match="down"):
        await work
    assert len(extractor.kept) == 1, "the one reply that came before"


async def test_vectors_are_remembered_where_passages_cannot_be_extracted() -> None:
    embeddings, extractor = Embeddings(), Extractor(error=ModelUnavailable("away"))
    deps, work = begun(embeddings, extractor)
    extractor.may.set()
    await asyncio.wait_for(extractor.begun.wait(), 60)
    embeddings.may.set()
    with pytest.raises(ModelUnavailable, match="away"):
        await work
    assert len(deps.passages) == extractor.asked
    assert embeddings.done == 1
