"""What the tools give back: small records that a model reads."""

from __future__ import annotations

from pydantic import BaseModel, Field

from neolight.graph.entities import Entity
from neolight.graph.relations import Relation
from neolight.models import Answer, Citation, Document, Passage, Retrieval


class FoundPassage(BaseModel):
    """A passage that speaks to a question."""

    chunk_id: str
    document_id: str
    source: str
    title: str
    page: int | None
    section: str | None
    score: float
    text: str

    @classmethod
    def of(cls, one: Passage) -> FoundPassage:
        """From a retrieved passage."""
        return cls(
            chunk_id=one.id, document_id=one.document_id, source=one.source, title=one.title, page=one.page,
            section=one.section, score=round(one.score, 4), text=one.text,
        )  # fmt: skip


class FoundEntity(BaseModel):
    """An entity: something that documents speak of."""

    name: str
    type: str
    description: str


class FoundRelation(BaseModel):
    """What documents state of two entities."""

    source: str
    target: str
    keywords: str
    description: str


class SearchResult(BaseModel):
    """What speaks to a question, best first."""

    mode: str
    passages: list[FoundPassage]
    entities: list[FoundEntity]
    relations: list[FoundRelation]

    @classmethod
    def of(cls, found: Retrieval) -> SearchResult:
        """From what a search has found."""
        return cls(
            mode=found.mode,
            passages=[FoundPassage.of(one) for one in found.passages],
            entities=[FoundEntity(name=one.name, type=one.type, description=one.description) for one in found.entities],
            relations=[
                FoundRelation(source=one.source, target=one.target, keywords=one.keywords, description=one.description)
                for one in found.relations
            ],
        )


class Source(BaseModel):
    """A numbered source of an answer, and the sentence of it that the answer rests on."""

    number: int
    document_id: str
    source: str
    title: str
    page: int | None
    section: str | None
    quote: str

    @classmethod
    def of(cls, one: Citation) -> Source:
        """From a citation."""
        at = one.passage
        return cls(
            number=one.number, document_id=at.document_id, source=at.source, title=at.title, page=one.page,
            section=at.section, quote=one.quote,
        )  # fmt: skip


class AnswerResult(BaseModel):
    """An answer; the numbers in brackets in its text are those of its sources."""

    answer: str
    generated: bool = Field(description="Whether a language model wrote it; else it quotes the documents.")
    sources: list[Source]

    @classmethod
    def of(cls, one: Answer) -> AnswerResult:
        """From an answer."""
        return cls(
            answer=one.text, generated=one.generated, sources=[Source.of(citation) for citation in one.citations]
        )


class DocumentResult(BaseModel):
    """A document and a part of its text; `next_offset` is where the next part begins, if there is more."""

    id: str
    title: str
    source: str
    media_type: str
    status: str
    error: str | None
    characters: int
    offset: int
    next_offset: int | None
    text: str

    @classmethod
    def of(cls, one: Document, text: str, offset: int, most: int) -> DocumentResult:
        """From a document, its whole text, and which part of it is wanted."""
        end = offset + most
        return cls(
            id=one.id, title=one.title, source=one.source, media_type=one.media_type, status=one.status.value,
            error=one.error, characters=one.characters, offset=offset,
            next_offset=end if end < len(text) else None, text=text[offset:end],
        )  # fmt: skip


class MentionResult(BaseModel):
    """What a passage says of an entity."""

    description: str
    document_id: str
    page: int | None
    passage: str


class EntityResult(BaseModel):
    """An entity, and where documents speak of it."""

    name: str
    type: str
    description: str
    aliases: list[str]
    mention_count: int
    documents: list[str] = Field(description="The sources of documents that mention it.")
    mentions: list[MentionResult]


class Neighbour(BaseModel):
    """A related entity, and how it is related."""

    name: str
    type: str
    keywords: str
    description: str
    weight: float

    @classmethod
    def of(cls, other: Entity, relation: Relation) -> Neighbour:
        """From an entity and the relation that leads to it."""
        return cls(
            name=other.name, type=other.type, keywords=relation.keywords, description=relation.description,
            weight=relation.weight,
        )  # fmt: skip


class NeighboursResult(BaseModel):
    """The neighbours of an entity, the strongest relations first."""

    name: str
    neighbours: list[Neighbour]


class InsertResult(BaseModel):
    """A text that was taken in; it is searched as soon as it is indexed, usually in seconds."""

    document_id: str
    source: str
    outcome: str = Field(description="created, replaced or unchanged.")
