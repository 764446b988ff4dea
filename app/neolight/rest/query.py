"""Questions: answers, streamed answers, and what was retrieved for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from neolight.deps import Deps
from neolight.errors import NeolightError
from neolight.llm.answering import Budget
from neolight.llm.chat import Message
from neolight.models import Answer, FoundEntity, FoundRelation, Keywords, Passage, Retrieval
from neolight.rest.workspace import Dependencies, Workspace
from neolight.retrieval.answer import Asked, DoneEvent, ReferencesEvent, TokenEvent, ask, stream
from neolight.retrieval.modes import DEFAULT
from neolight.retrieval.retrieve import Wanted, retrieve

Keyword = Annotated[str, Field(max_length=512)]


class Turn(BaseModel):
    """One message of the conversation so far."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=32_768)


class QueryRequest(BaseModel):
    """A question and how it is to be answered."""

    query: str = Field(max_length=65_536)
    mode: str = DEFAULT
    response_type: str | None = Field(None, max_length=256)
    top_k: int = Field(40, ge=1, le=1000)
    chunk_top_k: int = Field(20, ge=1, le=1000)
    max_entity_tokens: int = Field(6000, ge=1, le=1_000_000)
    max_relation_tokens: int = Field(8000, ge=1, le=1_000_000)
    max_total_tokens: int = Field(30_000, ge=1, le=1_000_000)
    hl_keywords: list[Keyword] = Field([], max_length=64)
    ll_keywords: list[Keyword] = Field([], max_length=64)
    conversation_history: list[Turn] | None = Field(None, max_length=128)
    user_prompt: str | None = Field(None, max_length=65_536)
    include_references: bool | None = True
    include_chunk_content: bool | None = False
    stream: bool | None = None

    def wanted(self) -> Wanted:
        """The search that is asked for."""
        given = bool(self.hl_keywords or self.ll_keywords)
        keywords = Keywords(tuple(self.hl_keywords), tuple(self.ll_keywords)) if given else None
        return Wanted(self.query, self.mode, self.top_k, self.chunk_top_k, keywords)

    def asked(self) -> Asked:
        """The answer that is asked for."""
        budget = Budget(self.max_total_tokens, self.max_entity_tokens, self.max_relation_tokens)
        form = ". ".join(part for part in (self.response_type, self.user_prompt) if part)
        history = [Message(role=turn.role, content=turn.content) for turn in self.conversation_history or ()]
        return Asked(self.wanted(), budget, form or None, tuple(history))


router = APIRouter(prefix="/query", tags=["query"])


@router.post("")
async def query(body: QueryRequest, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """An answer with its references."""
    return full_answer(await ask(deps, workspace, body.asked()), body)


@router.post("/stream")
async def query_stream(body: QueryRequest, workspace: Workspace, deps: Dependencies) -> Response:
    """The references, then the answer in pieces: one JSON object a line."""
    if body.stream is False:
        line = orjson.dumps(full_answer(await ask(deps, workspace, body.asked()), body))
        return Response(line + b"\n", media_type="application/x-ndjson")
    return StreamingResponse(_lines(deps, workspace, body), media_type="application/x-ndjson")


@router.post("/data")
async def query_data(body: QueryRequest, workspace: Workspace, deps: Dependencies) -> Response:
    """What was retrieved, without an answer."""
    found = await retrieve(deps, workspace, body.wanted())
    return Response(orjson.dumps(data_of(found)), media_type="application/json")


async def _lines(deps: Deps, workspace: str, body: QueryRequest) -> AsyncIterator[bytes]:
    try:
        async for event in stream(deps, workspace, body.asked()):
            match event:
                case ReferencesEvent(passages) if body.include_references:
                    yield _line({"references": references(passages, content=bool(body.include_chunk_content))})
                case TokenEvent(text):
                    yield _line({"response": text})
                case DoneEvent(answer):
                    yield _line({"response_time": round(answer.milliseconds / 1000, 3)})
                case _:
                    pass
    except NeolightError as error:
        yield _line({"error": str(error)})


def _line(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row) + b"\n"


def full_answer(answer: Answer, body: QueryRequest) -> dict[str, Any]:
    """An answer as LightRAG's clients expect it; reference ids are the numbers in its text."""
    cited = [
        {"reference_id": str(citation.number), "file_path": citation.passage.source}
        | ({"content": [citation.passage.text]} if body.include_chunk_content else {})
        for citation in answer.citations
    ]
    return {
        "response": answer.text,
        "references": cited if body.include_references else None,
        "response_time": round(answer.milliseconds / 1000, 3),
        "llm_generated": answer.generated,
    }


def references(passages: Sequence[Passage], *, content: bool) -> list[dict[str, Any]]:
    """The passages that an answer may cite, by their numbers."""
    return [
        {"reference_id": str(number), "file_path": passage.source} | ({"content": [passage.text]} if content else {})
        for number, passage in enumerate(passages, 1)
    ]


def data_of(found: Retrieval) -> dict[str, Any]:
    """What was retrieved, as LightRAG's clients expect it; a file that is in more often has a lower reference id."""
    frequency = Counter(passage.source for passage in found.passages)
    numbers = {source: str(at) for at, (source, _) in enumerate(frequency.most_common(), 1)}
    counts = {"entities": len(found.entities), "relations": len(found.relations), "chunks": len(found.passages)}
    return {
        "status": "success",
        "message": "Query executed successfully" if any(counts.values()) else "Nothing was found.",
        "data": {
            "entities": [_entity(entity) for entity in found.entities],
            "relationships": [_relation(relation) for relation in found.relations],
            "chunks": [
                {
                    "reference_id": numbers[passage.source],
                    "content": passage.text,
                    "file_path": passage.source,
                    "chunk_id": passage.id,
                }
                for passage in found.passages
            ],
            "references": [{"reference_id": number, "file_path": source} for source, number in numbers.items()],
        },
        "metadata": {
            "query_mode": found.mode,
            "keywords": {"high_level": found.keywords.high, "low_level": found.keywords.low},
            "processing_info": {
                "total_entities_found": counts["entities"],
                "total_relations_found": counts["relations"],
                "entities_after_truncation": counts["entities"],
                "relations_after_truncation": counts["relations"],
                "merged_chunks_count": counts["chunks"],
                "final_chunks_count": counts["chunks"],
            },
            "timings": found.timings,
        },
    }


SEPARATOR = "<SEP>"
"""What joins several values in one field in LightRAG's API."""


def _entity(entity: FoundEntity) -> dict[str, Any]:
    return {
        "entity_name": entity.name,
        "entity_type": entity.type,
        "description": entity.description,
        "source_id": SEPARATOR.join(entity.chunk_ids),
        "file_path": SEPARATOR.join(entity.sources),
        "created_at": int(entity.created_at.timestamp()) if entity.created_at else None,
    }


def _relation(relation: FoundRelation) -> dict[str, Any]:
    return {
        "src_id": relation.source,
        "tgt_id": relation.target,
        "description": relation.description,
        "keywords": relation.keywords,
        "weight": relation.weight,
        "source_id": SEPARATOR.join(relation.chunk_ids),
        "file_path": SEPARATOR.join(relation.sources),
        "created_at": int(relation.created_at.timestamp()) if relation.created_at else None,
    }
