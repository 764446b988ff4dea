"""Past questions with their answers; the root type of GraphQL is `Query`, so a past question is a `Question`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from neolight import models
from neolight.errors import InvalidInput, NotFound
from neolight.graph import queries as stored
from neolight.graphql.chunks import Chunk
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type, mutation
from neolight.graphql.documents import Document
from neolight.graphql.interfaces import Node
from neolight.graphql.pagination import After, Connection, First, cursor, page, time_and_id
from neolight.graphql.pagination import count as checked
from neolight.graphql.usage import Usage

KIND = "queries"


@graph_type
class Citation:
    """A numbered source of an answer, and the words in it that the answer rests on."""

    chunk_id: strawberry.Private[str]
    number: int = strawberry.field(description="The number in the answer's text: [1] is number 1.")
    quote: str = strawberry.field(description="The words that the answer rests on, as the document has them.")
    start: int = strawberry.field(description="Where the quote begins in the document's text, in characters.")
    end: int = strawberry.field(description="Where the quote ends in the document's text, in characters, excluded.")

    @classmethod
    def of(cls, citation: models.Citation) -> Citation:
        """From a citation of an answer that was just given."""
        return cls(
            chunk_id=citation.passage.id, number=citation.number, quote=citation.quote, start=citation.start,
            end=citation.end,
        )  # fmt: skip

    @field
    async def chunk(self, info: Info) -> Chunk | None:
        """The passage; none where its document has just been changed or deleted."""
        return await Chunk.find(info, self.chunk_id)

    @field
    async def document(self, info: Info) -> Document | None:
        """The document of the passage."""
        row = await info.context.loaders.chunk(self.chunk_id)
        return await Document.find(info, row.document_id) if row else None

    @field
    async def page(self, info: Info) -> int | None:
        """The page on which the quote begins, from 1, where the format has pages."""
        row = await info.context.loaders.chunk(self.chunk_id)
        return models.page_at(row.page, row.page_starts, self.start) if row else None

    @field
    async def section(self, info: Info) -> str | None:
        """The headings above the passage, from the outermost."""
        row = await info.context.loaders.chunk(self.chunk_id)
        return row.section if row else None


@graph_type
class Question(Node):
    """A question that was asked before, with its answer."""

    text: str = strawberry.field(description="The question.")
    mode: str = strawberry.field(description="The mode in which was searched.")
    answer: str = strawberry.field(description="The answer, with the numbers of its citations in brackets.")
    generated: bool = strawberry.field(description="Whether a language model wrote the answer.")
    created_at: datetime = strawberry.field(description="When it was asked.")
    milliseconds: float = strawberry.field(description="How long the answer took.")
    rating: int | None = strawberry.field(description="How the answer was rated: -1, 0 or 1; none where nobody did.")

    @classmethod
    def of(cls, row: stored.PastQuestion) -> Question:
        """From a row of the graph."""
        return cls(
            id=strawberry.ID(row.id), text=row.text, mode=row.mode, answer=row.answer, generated=row.generated,
            created_at=row.created_at, milliseconds=row.milliseconds, rating=row.rating,
        )  # fmt: skip

    @classmethod
    async def find(cls, info: Info, id_: str) -> Question | None:
        """The question of this id."""
        row = await info.context.loaders.question(id_)
        return cls.of(row) if row else None

    @field
    async def citations(self, info: Info) -> list[Citation]:
        """The passages that the answer cites, as far as they still exist."""
        rows = await info.context.loaders.citations_of_question(self.id)
        return [
            Citation(chunk_id=row.chunk_id, number=row.number, quote=row.quote, start=row.start, end=row.end)
            for row in rows
        ]

    @field
    async def usage(self, info: Info) -> Usage:
        """What model calls took for the question and its answer."""
        return Usage.of(await info.context.loaders.usage_of_question(self.id))


@graph_type
class QuestionQuery:
    """Past questions."""

    @field
    async def query(
        self,
        info: Info,
        id: Annotated[strawberry.ID, about("The id of the question.")],  # noqa: A002
    ) -> Question | None:
        """The past question of an id."""
        return await Question.find(info, id)

    @field
    async def queries(self, info: Info, first: First = 20, after: After = None) -> Connection[Question]:
        """The past questions of the workspace, newest first."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        rows = await stored.listed(graph, workspace, limit=checked(first) + 1, after=time_and_id(after, KIND))
        return page(rows, first, after, Question.of, lambda row: cursor(KIND, row.created_at.isoformat(), row.id))


@graph_type
class QuestionMutation:
    """Changes of past questions."""

    @mutation
    async def rate_query(
        self,
        info: Info,
        id: Annotated[strawberry.ID, about("The id of the question.")],  # noqa: A002
        rating: Annotated[int, about("-1 for a bad answer, 0 for neither, 1 for a good one.")],
    ) -> Question:
        """Rates the answer to a past question."""
        if rating not in (-1, 0, 1):
            raise InvalidInput(f"`rating` is {rating}.", hint="Use -1, 0 or 1.")
        row = await stored.rate(info.context.deps.graph, info.context.workspace, id, rating)
        if row is None:
            raise NotFound(f"There is no question {id[:80]!r}.", hint="List them by `queries`.")
        return Question.of(row)
