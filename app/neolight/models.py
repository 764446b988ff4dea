"""The frozen dataclasses that every layer speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from neolight.errors import InvalidInput

Vectors: TypeAlias = NDArray[np.float32]
"""Rows of unit length: shape (n, dimensions)."""

Vector: TypeAlias = NDArray[np.float32]
"""One vector of unit length: shape (dimensions,)."""


class DocumentStatus(StrEnum):
    """Where a document is in its life."""

    PENDING = "pending"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the graph holds it, without its bytes and its text."""

    id: str
    workspace: str
    title: str
    source: str
    media_type: str
    status: DocumentStatus
    step: str | None
    error: str | None
    attempts: int
    revision: int
    characters: int
    chunk_count: int
    created_at: datetime
    updated_at: datetime
    track_id: str | None
    bytes: int = 0
    expires_at: datetime | None = None
    """When it is to be deleted."""
    summary: str | None = None
    """The beginning of its text."""
    metadata: tuple[tuple[str, str], ...] = ()
    """What its file says of itself: names and values."""


class ChunkStrategy(StrEnum):
    """Where documents are cut; each value is a function of `ingest/chunking`."""

    STRUCTURE = "structure"
    TOKENS = "tokens"
    SENTENCES = "sentences"
    SEMANTIC = "semantic"
    SEPARATOR = "separator"


LEAST_TOKENS = 8
"""Tokens of the smallest chunk: one character can cost four."""

MOST_TOKENS = 8000
"""Tokens of the largest chunk: no embedding model takes more."""

LONGEST_SEPARATOR = 100


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a document is cut: where, into chunks of at most how many tokens, and how many of them two chunks share.

    `separator` is the text that ends a chunk, for the strategy of that name.
    """

    strategy: str = ChunkStrategy.STRUCTURE
    tokens: int = 400
    overlap: int = 40
    separator: str = "\n\n"

    def checked(self) -> Chunking:
        """This, if a document can be cut so. Raises InvalidInput."""
        if self.strategy not in list(ChunkStrategy):
            raise InvalidInput(
                f"There is no chunking strategy {self.strategy[:80]!r}.", hint=f"There are {', '.join(ChunkStrategy)}."
            )
        if not LEAST_TOKENS <= self.tokens <= MOST_TOKENS or not 0 <= self.overlap < self.tokens:
            raise InvalidInput(
                f"Chunks of {self.tokens} tokens with an overlap of {self.overlap} are not possible.",
                hint=f"Use {LEAST_TOKENS} to {MOST_TOKENS} tokens, and an overlap from 0 to one less than the tokens.",
            )
        if not 1 <= len(self.separator) <= LONGEST_SEPARATOR:
            raise InvalidInput(
                f"A separator has 1 to {LONGEST_SEPARATOR} characters, this one has {len(self.separator)}."
            )
        return self


@dataclass(frozen=True, slots=True)
class ChunkingChoice:
    """What a workspace or an upload says about how documents are cut; None where it says nothing."""

    strategy: str | None = None
    tokens: int | None = None
    overlap: int | None = None
    separator: str | None = None

    def over(self, chunking: Chunking) -> Chunking:
        """This choice, and where it says nothing what was so before; a new size brings an overlap of a tenth."""
        tokens = chunking.tokens if self.tokens is None else self.tokens
        usual = chunking.overlap if tokens == chunking.tokens else tokens // 10
        return Chunking(
            chunking.strategy if self.strategy is None else self.strategy,
            tokens,
            usual if self.overlap is None else self.overlap,
            chunking.separator if self.separator is None else self.separator,
        )

    def applied(self, chunking: Chunking) -> Chunking:
        """As `over`, if documents can be cut so, and everything that is said has an effect. Raises InvalidInput."""
        found = self.over(chunking).checked()
        if self.separator is not None and found.strategy != ChunkStrategy.SEPARATOR:
            raise InvalidInput(
                f"A separator is given, but documents are cut by the strategy `{found.strategy}`, which uses none.",
                hint=f"Choose the strategy `{ChunkStrategy.SEPARATOR}` as well, or leave the separator out.",
            )
        return found

    def properties(self) -> dict[str, str | int | None]:
        """As the properties of a node."""
        return {
            "chunk_strategy": self.strategy,
            "chunk_tokens": self.tokens,
            "chunk_overlap": self.overlap,
            "chunk_separator": self.separator,
        }


@dataclass(frozen=True, slots=True)
class PageSpan:
    """Where a page lies in the extracted text: characters start to end, end excluded."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: where it starts in the extracted text, and its path from the outermost heading down to itself."""

    start: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a reader makes of a file: one text, and what it knows about places in it."""

    text: str
    media_type: str
    title: str | None = None
    pages: tuple[PageSpan, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A passage cut out of a document: text[start:end] of the extracted text."""

    position: int
    text: str
    tokens: int
    start: int
    end: int
    page: int | None = None
    section: str | None = None
    page_starts: tuple[int, ...] = ()
    """Where in the text of the document each further page begins that it reaches into."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity as one passage speaks of it."""

    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A relation between two entities as one passage states it."""

    source: str
    target: str
    keywords: tuple[str, ...]
    description: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one passage says: the entities in it and the relations between them."""

    mentions: tuple[Mention, ...] = ()
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls of one model and kind took; a call that several share counts in parts."""

    model: str
    kind: str
    calls: float = 0.0
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    cost: float = 0.0
    """Dollars."""

    def __add__(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(
            self.model,
            self.kind,
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A model's reply that is kept: `key` is made of all that it depends on."""

    key: str
    model: str
    kind: str
    response: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Extracted:
    """What became of a passage: what it says, the reply that says so, or why there is none."""

    extraction: Extraction | None
    call: ModelCall | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Keywords:
    """Search words of a question: themes (high) and names (low)."""

    high: tuple[str, ...] = ()
    low: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a search is confined to; all that is given must hold, and what is not given limits nothing.

    `types` are types of entities: entities of them, relations that touch one, passages that mention one. `metadata` are
    properties of documents, compared as text. Entities and relations are found where a document that passes speaks of
    them.
    """

    document_ids: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    created_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk, with where it stands in its document and why it was found."""

    id: str
    document_id: str
    source: str
    title: str
    text: str
    page: int | None
    section: str | None
    start: int
    end: int
    tokens: int
    score: float
    why: tuple[str, ...] = ()
    page_starts: tuple[int, ...] = ()
    """Where in the text of the document each further page begins that the passage reaches into."""


def page_at(page: int | None, page_starts: Sequence[int], at: int) -> int | None:
    """The page of a character, given the page that its passage begins on and where further pages begin."""
    return None if page is None else page + sum(start <= at for start in page_starts)


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """A retrieved entity; `sources` are the documents that mention it."""

    id: str
    name: str
    type: str
    description: str
    score: float
    sources: tuple[str, ...] = ()
    chunk_ids: tuple[str, ...] = ()
    created_at: datetime | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundRelation:
    """A retrieved relation between two named entities."""

    id: str
    source: str
    target: str
    keywords: str
    description: str
    weight: float
    score: float
    sources: tuple[str, ...] = ()
    chunk_ids: tuple[str, ...] = ()
    created_at: datetime | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a question brought back, best first, and how long each part took (milliseconds by name)."""

    mode: str
    keywords: Keywords
    passages: tuple[Passage, ...] = ()
    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered source of an answer: the passage, and the sentence of it that the answer rests on.

    `start` and `end` are the quote's characters in the document's extracted text.
    """

    number: int
    passage: Passage
    quote: str
    start: int
    end: int

    @property
    def page(self) -> int | None:
        """The page on which the quote begins, where the format has pages."""
        return page_at(self.passage.page, self.passage.page_starts, self.start)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its sources; `generated` tells whether a language model wrote it."""

    id: str
    question: str
    text: str
    mode: str
    generated: bool
    citations: tuple[Citation, ...]
    retrieval: Retrieval
    milliseconds: float
