"""What goes back to a question, in LightRAG's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from neolight.models import Answer, FoundEntity, FoundRelation, Passage, Retrieval
from neolight.rest.graph import joined

HEADING = "### References"


class Reference(BaseModel):
    """A passage that an answer rests on; `content` where it was asked for."""

    reference_id: str
    file_path: str
    content: list[str] | None = None


class QueryAnswer(BaseModel):
    """An answer; `response_time` in seconds, `llm_generated`: a language model wrote it."""

    response: str
    references: list[Reference] | None = None
    response_time: float | None = None
    llm_generated: bool = True


class QueryData(BaseModel):
    """What was retrieved: `entities`, `relationships`, `chunks` and `references`."""

    status: str
    message: str
    data: dict[str, Any]
    metadata: dict[str, Any]


def sources_of(answer: Answer) -> str:
    """The documents that an answer cites, by its numbers: LightRAG's clients show the text alone."""
    if HEADING in answer.text:
        return ""
    cited = {citation.number: citation.passage.source for citation in answer.citations}
    return (
        "".join((f"\n\n{HEADING}\n", *(f"\n- [{number}] {cited[number]}" for number in sorted(cited)))) if cited else ""
    )


def full_answer(answer: Answer, *, sources: bool, content: bool) -> dict[str, Any]:
    """An answer as LightRAG's clients expect it; reference ids are the numbers in its text."""
    cited = [
        {"reference_id": str(citation.number), "file_path": citation.passage.source}
        | ({"content": [citation.passage.text]} if content else {})
        for citation in answer.citations
    ]
    return {
        "response": answer.text + (sources_of(answer) if sources else ""),
        "references": cited if sources else None,
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


def _entity(entity: FoundEntity) -> dict[str, Any]:
    return {
        "entity_name": entity.name,
        "entity_type": entity.type,
        "description": entity.description,
        "source_id": joined(entity.chunk_ids),
        "file_path": joined(entity.sources),
        "created_at": int(entity.created_at.timestamp()) if entity.created_at else None,
    }


def _relation(relation: FoundRelation) -> dict[str, Any]:
    return {
        "src_id": relation.source,
        "tgt_id": relation.target,
        "description": relation.description,
        "keywords": relation.keywords,
        "weight": relation.weight,
        "source_id": joined(relation.chunk_ids),
        "file_path": joined(relation.sources),
        "created_at": int(relation.created_at.timestamp()) if relation.created_at else None,
    }
