"""What the program is made of, built once at start and passed down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cachetools import LRUCache

from neolight.graph.gateway import Graph
from neolight.llm.chat import ChatModel
from neolight.llm.embeddings import EmbeddingModel
from neolight.llm.rerank import Reranker
from neolight.llm.summary import Summarizer
from neolight.llm.usage import Prices
from neolight.models import Chunking, Extracted, Keywords, ModelCall, ParsedDocument, Vector
from neolight.urls import UrlRules

MOST_KEYWORDS = 4096
"""Questions whose keywords and vectors are remembered."""


MOST_PASSAGES = 2048
"""Passages whose vectors are remembered."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: the workspace, the title that its document gives itself, headings, the file's name."""

    workspace: str
    title: str | None = None
    section: str | None = None
    file: str | None = None


class Extractor(Protocol):
    """Finds the entities and relations of a passage."""

    async def __call__(self, text: str, place: Place) -> Extracted:
        """What the passage says, or why there is no telling. Raises ModelError, ModelUnavailable, GraphUnavailable."""
        ...

    async def keep(self, workspace: str, found: list[ModelCall]) -> None:
        """Keeps replies that were paid for, though their document is not finished. Raises GraphUnavailable."""
        ...


class ReadFile(Protocol):
    """Turns the bytes of a file into its text."""

    async def __call__(self, name: str, data: bytes) -> ParsedDocument:
        """The text, with what is known of places in it. Raises UnreadableDocument."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What an operator may set: how documents are cut, megabytes of an upload."""

    chunking: Chunking = field(default_factory=Chunking)
    max_upload_mb: int = 100


@dataclass(frozen=True, slots=True)
class Files:
    """Where a scan finds files, and the extensions (with their dot) of those that can be read."""

    input_dir: Path | None = None
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything that a request or a worker needs."""

    graph: Graph
    embeddings: EmbeddingModel
    extract: Extractor
    chat: ChatModel | None
    limits: Limits = field(default_factory=Limits)
    files: Files = field(default_factory=Files)
    read: ReadFile | None = None
    """Reads files apart from this process; without it they are read within."""
    urls: UrlRules = field(default_factory=UrlRules)
    """Which documents of the web may be fetched."""
    room: Callable[[], None] = lambda: None
    """Raises DiskFull where the graph's disk is nearly full: nothing more is taken in or indexed then."""
    resting: Callable[[], float | None] = lambda: None
    """Seconds until a model that indexing needs, and that was down at the last try, is tried again; else None."""
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when documents have been queued: wakes the worker of this process, if there is one."""
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the transaction that writes to the graph: two at once would wait for each other's locks."""
    keywords: MutableMapping[str, Keywords] = field(default_factory=lambda: LRUCache[str, Keywords](MOST_KEYWORDS))
    """What a model has named as a question's keywords."""
    vectors: MutableMapping[str, Vector] = field(default_factory=lambda: LRUCache[str, Vector](MOST_KEYWORDS))
    """The vectors of questions that were asked: of one embedding model, which stays the same."""
    passages: MutableMapping[str, Vector] = field(default_factory=lambda: LRUCache[str, Vector](MOST_PASSAGES))
    """The vectors of passages that were in work lately, by the passages' ids."""
    language: str | None = None
    """The language of answers; None for that of the question."""
    reader: ChatModel | None = None
    """The chat model that reads questions, where it is another: keywords, and what a follow-up refers to."""
    reranker: Reranker | None = None
    summarize: Summarizer | None = None
    """Writes one text in place of many descriptions; None where there is no model, or none is wanted for that."""
    prices: Prices = field(default_factory=Prices)
