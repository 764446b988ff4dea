"""Retrieval: what speaks to a question, with scores and reasons, without an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import strawberry

from neolight import models
from neolight.errors import InvalidInput
from neolight.graphql.chunks import Chunk
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_input, graph_type
from neolight.graphql.documents import Document
from neolight.graphql.entities import Entity
from neolight.graphql.enums import Mode
from neolight.graphql.pagination import count
from neolight.graphql.relations import Relation
from neolight.retrieval.modes import DEFAULT
from neolight.retrieval.rerank import search
from neolight.retrieval.retrieve import Wanted
from neolight.retrieval.why import why_not

MOST_RESULTS = 1000
MOST_KEYWORDS = 64
LONGEST_KEYWORD = 512
MOST_FILTERED = 1000
"""Values of one filter."""


@graph_input
class KeywordsInput:
    """Search words of a question; where they are given, none are made."""

    high: list[str] = strawberry.field(default_factory=list, description="Themes.")
    low: list[str] = strawberry.field(default_factory=list, description="Names.")

    def checked(self) -> models.Keywords:
        """The keywords. Raises InvalidInput where they are too many or too long."""
        for name, words in (("high", self.high), ("low", self.low)):
            if len(words) > MOST_KEYWORDS or any(len(word) > LONGEST_KEYWORD for word in words):
                limit = f"{MOST_KEYWORDS} keywords of {LONGEST_KEYWORD} characters"
                raise InvalidInput(
                    f"`keywords.{name}` goes past the limit of {limit}.", hint="Give fewer or shorter ones."
                )
        return models.Keywords(tuple(self.high), tuple(self.low))


@graph_input
class PropertyInput:
    """A property of documents, and the value that it must have."""

    key: str = strawberry.field(description="The property's name, such as `author`.")
    value: str = strawberry.field(description="Its value; numbers and dates as text.")


@graph_input
class FilterInput:
    """What a search is confined to; all that is given must hold."""

    document_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These documents only.")
    types: list[str] | None = strawberry.field(
        default=None, description="Entities of these types, and what mentions or touches one."
    )
    metadata: list[PropertyInput] = strawberry.field(
        default_factory=list, description="Documents with these properties only."
    )
    created_after: datetime | None = strawberry.field(
        default=None, description="Documents only that were added at this time or later."
    )

    def checked(self) -> models.Filter:
        """The filter. Raises InvalidInput where it is too long."""
        for name, values in (("documentIds", self.document_ids), ("types", self.types), ("metadata", self.metadata)):
            if values is not None and len(values) > MOST_FILTERED:
                raise InvalidInput(f"`filter.{name}` has {len(values)} values; at most {MOST_FILTERED} are allowed.")
        since = self.created_after
        return models.Filter(
            None if self.document_ids is None else tuple(self.document_ids),
            None if self.types is None else tuple(self.types),
            {pair.key: pair.value for pair in self.metadata},
            since.replace(tzinfo=UTC) if since and since.tzinfo is None else since,
        )


@graph_input
class RetrieveInput:
    """A question, and how to search for it."""

    query: str = strawberry.field(description="The question.")
    mode: Mode = strawberry.field(default=Mode(DEFAULT), description="The way of searching.")
    top_k: int = strawberry.field(default=40, description=f"How many entities and relations, from 1 to {MOST_RESULTS}.")
    chunk_top_k: int = strawberry.field(default=20, description=f"How many passages, from 1 to {MOST_RESULTS}.")
    keywords: KeywordsInput | None = strawberry.field(default=None, description="Keywords, instead of made ones.")
    filter: FilterInput | None = strawberry.field(default=None, description="What the search is confined to.")
    rerank: bool = strawberry.field(
        default=True, description="Whether the reranker, if there is one, orders passages; `whyNot` never asks it."
    )

    def wanted(self) -> Wanted:
        """The search that is asked for. Raises InvalidInput."""
        search = wanted(self.query, self.mode, self.top_k, self.chunk_top_k, self.keywords)
        return replace(search, filter=self.filter.checked()) if self.filter else search


def wanted(question: str, mode: Mode, top_k: int, chunk_top_k: int, keywords: KeywordsInput | None) -> Wanted:
    """A search, its bounds checked. Raises InvalidInput."""
    given = keywords.checked() if keywords else None
    most = count(top_k, MOST_RESULTS, "topK"), count(chunk_top_k, MOST_RESULTS, "chunkTopK")
    return Wanted(question, mode.value, *most, given)


@graph_type
class Keywords:
    """Search words of a question."""

    high: list[str] = strawberry.field(description="Themes.")
    low: list[str] = strawberry.field(description="Names.")

    @classmethod
    def of(cls, keywords: models.Keywords) -> Keywords:
        """From the keywords of a search."""
        return cls(high=list(keywords.high), low=list(keywords.low))


@graph_type
class RetrievedChunk:
    """A passage that was found, with its score, and why it was found."""

    document_id: strawberry.Private[str]
    id: strawberry.ID = strawberry.field(description="The id of the passage.")
    score: float = strawberry.field(description="How well it fits; comparable within one search only.")
    why: list[str] = strawberry.field(description="Which index or which way through the graph has found it.")
    text: str = strawberry.field(description="What the passage says.")
    source: str = strawberry.field(description="The source of its document.")
    title: str = strawberry.field(description="The title of its document.")
    page: int | None = strawberry.field(description="The page it begins on, from 1, where the format has pages.")
    section: str | None = strawberry.field(description="The headings above it, from the outermost.")
    start: int = strawberry.field(description="Where it begins in the document's text, in characters.")
    end: int = strawberry.field(description="Where it ends in the document's text, in characters, excluded.")
    tokens: int = strawberry.field(description="Its length in tokens of a language model.")

    @classmethod
    def of(cls, passage: models.Passage) -> RetrievedChunk:
        """From a retrieved passage."""
        return cls(
            document_id=passage.document_id, id=strawberry.ID(passage.id), score=passage.score, why=list(passage.why),
            text=passage.text, source=passage.source, title=passage.title, page=passage.page, section=passage.section,
            start=passage.start, end=passage.end, tokens=passage.tokens,
        )  # fmt: skip

    @field
    async def chunk(self, info: Info) -> Chunk | None:
        """The passage, with all that leads on from it."""
        return await Chunk.find(info, self.id)

    @field
    async def document(self, info: Info) -> Document | None:
        """The document it is part of."""
        return await Document.find(info, self.document_id)


@graph_type
class RetrievedEntity:
    """An entity that was found, with its score, and why it was found."""

    id: strawberry.ID = strawberry.field(description="The id of the entity.")
    score: float = strawberry.field(description="How well it fits; comparable within one search only.")
    why: list[str] = strawberry.field(description="Which index or which way through the graph has found it.")
    name: str = strawberry.field(description="Its name.")
    type: str = strawberry.field(description="Its type.")
    description: str = strawberry.field(description="What passages say of it.")

    @classmethod
    def of(cls, found: models.FoundEntity) -> RetrievedEntity:
        """From a retrieved entity."""
        return cls(
            id=strawberry.ID(found.id), score=found.score, why=list(found.why), name=found.name, type=found.type,
            description=found.description,
        )  # fmt: skip

    @field
    async def entity(self, info: Info) -> Entity | None:
        """The entity, with all that leads on from it."""
        return await Entity.find(info, self.id)


@graph_type
class RetrievedRelation:
    """A relation that was found, with its score, and why it was found."""

    id: strawberry.ID = strawberry.field(description="The id of the relation.")
    score: float = strawberry.field(description="How near it is to the question: a cosine.")
    why: list[str] = strawberry.field(description="Which index or which way through the graph has found it.")
    source: str = strawberry.field(description="The name of the entity it was first stated from.")
    target: str = strawberry.field(description="The name of the entity at its other end.")
    keywords: list[str] = strawberry.field(description="What it is about.")
    description: str = strawberry.field(description="What passages state of it.")
    weight: float = strawberry.field(description="The sum of the weights of its statements.")

    @classmethod
    def of(cls, found: models.FoundRelation) -> RetrievedRelation:
        """From a retrieved relation."""
        return cls(
            id=strawberry.ID(found.id), score=found.score, why=list(found.why), source=found.source,
            target=found.target, keywords=[word for word in found.keywords.split(", ") if word],
            description=found.description, weight=found.weight,
        )  # fmt: skip

    @field
    async def relation(self, info: Info) -> Relation | None:
        """The relation, with all that leads on from it."""
        return await Relation.find(info, self.id)


@graph_type
class Timing:
    """How long a part of the work took."""

    name: str = strawberry.field(description="The part.")
    milliseconds: float = strawberry.field(description="How long it took.")


@graph_type
class Retrieval:
    """What speaks to a question, best first; of entities those that the question names come first."""

    mode: str = strawberry.field(description="The mode in which was searched.")
    keywords: Keywords = strawberry.field(description="The words that were searched for.")
    chunks: list[RetrievedChunk] = strawberry.field(description="Passages.")
    entities: list[RetrievedEntity] = strawberry.field(description="Entities.")
    relations: list[RetrievedRelation] = strawberry.field(description="Relations.")
    timings: list[Timing] = strawberry.field(description="How long the parts of the search took.")

    @classmethod
    def of(cls, found: models.Retrieval) -> Retrieval:
        """From what a search has found."""
        return cls(
            mode=found.mode,
            keywords=Keywords.of(found.keywords),
            chunks=[RetrievedChunk.of(passage) for passage in found.passages],
            entities=[RetrievedEntity.of(entity) for entity in found.entities],
            relations=[RetrievedRelation.of(relation) for relation in found.relations],
            timings=[Timing(name=name, milliseconds=value) for name, value in found.timings.items()],
        )


@graph_type
class SearchStep:
    """A step of a search, as an item met it."""

    name: str = strawberry.field(description="The step: an index, the graph, the filter or the ranking.")
    passed: bool = strawberry.field(description="Whether the item came through it.")
    detail: str = strawberry.field(description="What was seen there.")


@graph_type
class WhyNot:
    """Why an item is, or is not, among the results of a search."""

    found: bool = strawberry.field(description="Whether it is among the results.")
    place: int | None = strawberry.field(description="Its place in the ranking, from 1; null where it was not ranked.")
    steps: list[SearchStep] = strawberry.field(description="The steps of the search, in order.")


@graph_type
class RetrievalQuery:
    """Retrieval."""

    @field
    async def retrieve(
        self,
        info: Info,
        input: Annotated[RetrieveInput, about("The question, and how to search for it.")],  # noqa: A002
    ) -> Retrieval:
        """What speaks to a question, without an answer."""
        context = info.context
        return Retrieval.of(await search(context.deps, context.workspace, input.wanted(), rerank=input.rerank))

    @field
    async def why_not(
        self,
        info: Info,
        input: Annotated[RetrieveInput, about("The question, and how it is searched for.")],  # noqa: A002
        chunk: Annotated[strawberry.ID | None, about("The passage that was expected.")] = None,
        entity: Annotated[strawberry.ID | None, about("The entity that was expected.")] = None,
    ) -> WhyNot:
        """At which step of a search an expected passage or entity fell out; the search is done again, deeper."""
        told = await why_not(info.context.deps, info.context.workspace, input.wanted(), chunk=chunk, entity=entity)
        steps = [SearchStep(name=step.name, passed=step.passed, detail=step.detail) for step in told.steps]
        return WhyNot(found=told.found, place=told.place, steps=steps)
