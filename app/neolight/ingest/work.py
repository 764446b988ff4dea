"""A document on its way through the steps."""

from __future__ import annotations

from dataclasses import dataclass

from neolight.graph.documents import Claim
from neolight.graph.rows import Prepared, PreparedChunk
from neolight.models import Chunking, Extraction, ModelCall, ParsedDocument, TextChunk, Vectors

DEFAULT = Chunking()
EMPTY = ParsedDocument(text="", media_type="text/plain")


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps have made of a claimed document so far.

    `kept` holds the ids of chunks that the graph has already, with their evidence: they are not extracted or embedded
    again. `ids`, `extractions`, `calls` and `problems` go with `chunks`, one each (None for a kept one); `vectors` has
    a row for each new one.
    """

    claim: Claim
    data: bytes = b""
    chunking: Chunking = DEFAULT
    parsed: ParsedDocument = EMPTY
    chunks: tuple[TextChunk, ...] = ()
    ids: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    extractions: tuple[Extraction | None, ...] = ()
    calls: tuple[ModelCall | None, ...] = ()
    problems: tuple[str | None, ...] = ()
    vectors: Vectors | None = None

    def new(self) -> list[int]:
        """The indexes of the chunks that the graph does not have yet."""
        return [index for index, id_ in enumerate(self.ids) if id_ not in self.kept]

    def prepared(self) -> Prepared:
        """The finished document, ready for the writer."""
        vectors = iter(self.vectors if self.vectors is not None else ())
        rows = tuple(
            PreparedChunk(id_, chunk, None if id_ in self.kept else next(vectors), extraction, call, problem)
            for id_, chunk, extraction, call, problem in zip(
                self.ids, self.chunks, self.extractions, self.calls, self.problems, strict=True
            )
        )
        title = self.parsed.title or self.claim.title
        return Prepared(self.claim, title, self.parsed.text, rows, dict(self.parsed.metadata))
