"""What indexing would take, told before anything is spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from neolight.errors import InvalidInput
from neolight.graph.documents import Original
from neolight.ingest import readers
from neolight.ingest.chunking import Plan
from neolight.llm.extraction import ModelExtractor
from neolight.llm.tokens import count
from neolight.models import Chunking, ChunkStrategy, ParsedDocument, TextChunk

REPLY = 7.0
"""Tokens of a reply for each token of a passage: measured on passages of 130 tokens; longer ones take less."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What indexing would take; `unreadable` documents are left out."""

    documents: int
    unreadable: int
    chunks: int
    calls: int
    tokens_in: int
    tokens_out: int
    embedded: int
    """Tokens to embed: of passages, and of the entities and relations that come of them."""


def estimate(originals: Sequence[Original], extractor: ModelExtractor | None, chunking: Chunking) -> Estimate:
    """Reads and cuts originals as indexing would, and counts; equal passages count once. Nothing is sent or written.

    What a workspace has already is counted too: it is not looked at.
    """
    seen: set[str] = set()
    chunks = tokens_in = passages = answered = unreadable = 0
    for original in originals:
        try:
            parsed = readers.read(original.source, original.data)
        except InvalidInput:
            unreadable += 1
            continue
        for chunk in _chunks(parsed, chunking):
            chunks += 1
            passages += chunk.tokens
            if extractor is None:
                continue
            key = extractor.key(chunk.text, title=parsed.title, section=chunk.section)
            if key not in seen:
                seen.add(key)
                tokens_in += extractor.tokens(chunk.text, title=parsed.title or original.title, section=chunk.section)
                answered += chunk.tokens
    tokens_out = int(REPLY * answered)
    readable = len(originals) - unreadable
    return Estimate(readable, unreadable, chunks, len(seen), tokens_in, tokens_out, passages + tokens_out)


def _chunks(parsed: ParsedDocument, chunking: Chunking) -> Sequence[TextChunk]:
    """The chunks of a document; a strategy that needs vectors is taken to make as many as the usual one."""
    plan = Plan.of(parsed, chunking, count)
    if plan.texts:
        plan = Plan.of(parsed, replace(chunking, strategy=ChunkStrategy.STRUCTURE), count)
    return plan.chunks(None)
