"""What indexing would take, told before anything is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
    """What indexing would take; documents that cannot be read are left out."""

    documents: int
    chunks: int
    calls: int
    tokens_in: int
    tokens_out: int
    embedded: int
    """Tokens to embed: of passages, and of the entities and relations that come of them."""


def estimate(
    originals: Iterable[Original],
    extractor: ModelExtractor | None,
    chunking: Chunking,
    refused: Callable[[InvalidInput], None],
) -> Estimate:
    """Reads and cuts originals as indexing would, and counts; equal passages count once. Nothing is sent or written.

    What a workspace has already is counted too: it is not looked at. `refused` is told of what cannot be read.
    """
    seen: set[str] = set()
    documents = chunks = tokens_in = passages = answered = 0
    for original in originals:
        try:
            parsed = readers.read(original.source, original.data)
        except InvalidInput as error:
            refused(error)
            continue
        documents += 1
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
    return Estimate(documents, chunks, len(seen), tokens_in, tokens_out, passages + tokens_out)


def _chunks(parsed: ParsedDocument, chunking: Chunking) -> Sequence[TextChunk]:
    """The chunks of a document; a strategy that needs vectors is taken to make as many as the usual one."""
    plan = Plan.of(parsed, chunking, count)
    if plan.texts:
        plan = Plan.of(parsed, replace(chunking, strategy=ChunkStrategy.STRUCTURE), count)
    return plan.chunks(None)
