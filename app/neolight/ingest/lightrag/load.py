"""Writes what a LightRAG working directory holds; calls no model where its vectors are of this graph's."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from neolight.deps import Deps
from neolight.errors import InvalidInput
from neolight.graph import documents, keys, writer
from neolight.graph.documents import Claim, Original
from neolight.graph.rows import Prepared, PreparedChunk
from neolight.ingest.lightrag.convert import Converted, convert, placed
from neolight.ingest.lightrag.files import Embedded, Piece, ReadGraph, Text, WorkingDirectory, read
from neolight.ingest.resolve import sweep
from neolight.ingest.upkeep import owner_of
from neolight.models import Vector
from neolight.sources import text_original

TOGETHER = 64
"""Documents of one transaction."""

LEASE_SECONDS = 600
SAMPLE = 3
"""Chunks that are embedded anew to find out whether vectors are of the same model."""

SAME = 0.98
"""The least cosine of two vectors of one text by the same model: what rounding leaves."""

NO_SOURCE = frozenset({"", "unknown_source", "no-file-path"})

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken over.

    `there` counts documents that were here before, `left` names those that LightRAG had not finished, `unfounded`
    entities that rest on no chunk, and `vectors` tells whether the vectors were taken over too.
    """

    documents: int
    chunks: int
    entities: int
    relations: int
    vectors: bool
    there: int
    left: tuple[str, ...]
    unfounded: tuple[str, ...]


async def take_over(
    deps: Deps,
    workspace: str,
    folder: Path,
    *,
    model: str | None = None,
    graph: ReadGraph | None = None,
    progress: Progress = lambda _done, _all: None,
) -> Taken:
    """Takes over a working directory into a workspace; again it changes nothing.

    `model` is the embedding model that LightRAG used: where it is this graph's, its vectors are taken as they are, and
    where it is not, everything is embedded anew. Not given, a few chunks are embedded to find out. `graph` reads the
    graph, where LightRAG kept it in no file.

    Raises:
        NotFound, InvalidInput, ConfigurationError, SourceUnavailable: as `read` and `graph` say.
        ModelError, ModelUnavailable, GraphUnavailable: as they say.
    """
    found = await asyncio.to_thread(read, folder, graph)
    converted = await asyncio.to_thread(convert, found)
    same = await _same_model(deps, found, model)
    if not same:
        converted = replace(converted, vectors={})
    pieces: dict[str, list[Piece]] = {}
    for piece in found.pieces:
        pieces.setdefault(piece.document_id, []).append(piece)
    whole = [text for text in found.documents.values() if text.id in pieces]
    loader = _Loader(deps, workspace, converted, found.vectors if same else Embedded(), pieces)
    taken = 0
    for at in range(0, len(whole), TOGETHER):
        taken += await loader.write(whole[at : at + TOGETHER])
        progress(min(at + TOGETHER, len(whole)), len(whole))
    await sweep(deps)
    left = tuple(text.source or text.id for text in found.documents.values() if text.id not in pieces)
    chunks = sum(len(pieces[text.id]) for text in whole)
    return Taken(
        taken, chunks, converted.entities, converted.relations, same, len(whole) - taken, left, converted.unfounded
    )


async def _same_model(deps: Deps, found: WorkingDirectory, model: str | None) -> bool:
    """Whether LightRAG's vectors are of this graph's model."""
    if found.vectors.dimensions != deps.embeddings.dimensions:
        return False
    if model is not None:
        return model == deps.embeddings.name
    sample = [piece for piece in found.pieces if piece.id in found.vectors.chunks][:SAMPLE]
    made = await deps.embeddings.embed([piece.content for piece in sample])
    return all(
        float(np.dot(vector, found.vectors.chunks[one.id])) > SAME for one, vector in zip(sample, made, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Loader:
    deps: Deps
    workspace: str
    converted: Converted
    embedded: Embedded
    pieces: Mapping[str, Sequence[Piece]]

    async def write(self, texts: Sequence[Text]) -> int:
        """Writes documents in one transaction; returns how many were new."""
        by_source = {self._original(text).source: text for text in texts}
        originals = [self._original(text) for text in texts]
        owner, track_id = owner_of(os.getpid()), f"import-{secrets.token_hex(8)}"
        claims = await documents.adopt(
            self.deps.graph, self.workspace, originals, owner=owner, track_id=track_id, seconds=LEASE_SECONDS
        )
        prepared = [await self._prepared(claim, by_source[claim.source]) for claim in claims]
        async with self.deps.writing:
            await writer.commit(self.deps.graph, self.workspace, prepared, self.converted.vectors)
        return len(claims)

    def _original(self, text: Text) -> Original:
        source = None if text.source in NO_SOURCE else text.source
        content = text.content if text.content.strip() else "\n\n".join(one.content for one in self.pieces[text.id])
        try:
            return text_original(content, source, max_mb=self.deps.limits.max_upload_mb)
        except InvalidInput:
            return text_original(content, text.id, max_mb=1 << 20)

    async def _prepared(self, claim: Claim, text: Text) -> Prepared:
        whole, chunks = placed(text, self.pieces[text.id])
        ordered = sorted(self.pieces[text.id], key=lambda piece: piece.order)
        vectors = await self._vectors(ordered)
        seen: dict[str, int] = {}
        rows: list[PreparedChunk] = []
        for piece, chunk, vector in zip(ordered, chunks, vectors, strict=True):
            ordinal = seen[chunk.text] = seen.get(chunk.text, -1) + 1
            id_ = keys.chunk_id(claim.id, chunk.text, ordinal)
            rows.append(PreparedChunk(id_, chunk, vector, self.converted.extractions[piece.id]))
        return Prepared(claim, claim.title, whole, tuple(rows), {"imported_from": "LightRAG"})

    async def _vectors(self, pieces: Sequence[Piece]) -> list[Vector]:
        """A vector of each chunk: LightRAG's, or one that is made now."""
        missing = [piece.content for piece in pieces if piece.id not in self.embedded.chunks]
        made = iter(await self.deps.embeddings.embed(missing)) if missing else iter(())
        return [self.embedded.chunks[piece.id] if piece.id in self.embedded.chunks else next(made) for piece in pieces]
