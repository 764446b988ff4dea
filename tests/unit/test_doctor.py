"""`neolight doctor` tries each model endpoint, and says what to do about each that fails."""

from __future__ import annotations

from pathlib import Path

from neolight.doctor import examine
from neolight.settings import Settings
from recorder import recording
from standin import serving

SCORES = {"results": [{"index": 0, "relevance_score": 0.9}, {"index": 1, "relevance_score": 0.1}]}
REFUSED = {"error": {"message": "Incorrect API key provided"}}


async def test_each_endpoint_is_tried(tmp_path: Path) -> None:
    with (
        serving() as answers,
        serving() as keywords,
        recording((401, REFUSED)) as extraction,
        recording((200, SCORES)) as ranking,
    ):
        answers.replies = ["ok", '{"yes": true}']
        keywords.replies = ["ok", '{"yes": true}']
        keywords.refuse("json_schema")
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            neo4j_uri="bolt://127.0.0.1:9",
            neo4j_password="x",
            llm_provider=answers.url,
            llm_model="large",
            extraction_provider=f"{extraction.url}/v1",
            extraction_model="small",
            keywords_provider=keywords.url,
            keywords_model="quick",
            embedding_provider=answers.url,
            embedding_model="vectors",
            embedding_dimensions=32,
            rerank_provider="vllm",
            rerank_url=ranking.url,
            rerank_model="ranks",
        )
        checks = {check.name: check for check in await examine(settings)}
    assert {name: check.ok for name, check in checks.items()} == {
        "Neo4j address": True,
        "Neo4j version": False,
        "Embeddings": True,
        "Chat model": True,
        "Extraction model": False,
        "Keywords model": True,
        "Reranker": True,
    }
    assert checks["Embeddings"].said == "vectors, 32 dimensions"
    assert checks["Chat model"].said == "large answers; structured output as json_schema"
    assert checks["Keywords model"].said == "quick answers; structured output as json_object"
    assert checks["Reranker"].said == "ranks answers (score 0.90)"
    assert "Incorrect API key" in checks["Extraction model"].said or "API key" in checks["Extraction model"].said
    assert [asked.path for asked in extraction.asked] == ["/v1/chat/completions"]
    assert [asked.path for asked in ranking.asked] == ["/v1/rerank"]
