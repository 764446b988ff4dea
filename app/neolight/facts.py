"""What `/health` tells of the settings, in the names that LightRAG's web UI shows them by. It holds no secret."""

from __future__ import annotations

import re
from typing import Any

from neolight.llm.connection import Connection
from neolight.roles import (
    answer_connection,
    embedding_connection,
    extraction_connection,
    keywords_connection,
    rerank_connection,
)
from neolight.settings import Settings

STORAGE = "Neo4j"
MOST_NODES = 1000
"""Nodes of the largest graph that is shown."""


def configuration(settings: Settings) -> dict[str, Any]:
    """The settings, as one who may read may know them: which models are called, and how much of what.

    The embedding model is not among them: the database says which one it is.
    """
    answers, ranking = answer_connection(settings), rerank_connection(settings)
    embedding = embedding_connection(settings, settings.embedding_provider, settings.embedding_model)
    roles = {
        "query": answers,
        "extract": extraction_connection(settings),
        "keyword": keywords_connection(settings),
    }
    reranks = ranking.provider != "none"
    return {
        "llm_binding": answers.provider,
        "llm_binding_host": _host(answers),
        "llm_model": _model(answers),
        "max_async": settings.llm_concurrency,
        "llm_timeout": settings.llm_timeout,
        "role_llm_config": {name: _role(one) for name, one in roles.items()},
        "embedding_binding": embedding.provider,
        "embedding_binding_host": _host(embedding),
        "embedding_func_max_async": settings.embedding_concurrency,
        "embedding_batch_num": settings.embedding_batch,
        "embedding_timeout": settings.llm_timeout,
        "enable_rerank": reranks,
        "rerank_binding": ranking.provider,
        "rerank_model": ranking.model if reranks else None,
        "rerank_binding_host": _host(ranking) if reranks else None,
        "min_rerank_score": 0.0,
        **dict.fromkeys(("kv_storage", "doc_status_storage", "graph_storage", "vector_storage"), STORAGE),
        "enable_llm_cache": True,
        "enable_llm_cache_for_extract": True,
        "vlm_process_enable": False,
        "max_graph_nodes": MOST_NODES,
        "summary_language": settings.language or "as the document",
        "force_llm_summary_on_merge": 0,
        "max_parallel_insert": settings.llm_concurrency,
        "cosine_threshold": 0.0,
        "related_chunk_number": 0,
        "parser_routing": settings.reader_parser,
        "chunk_strategy": settings.chunk_strategy,
        "chunk_tokens": settings.chunk_tokens,
        "max_upload_mb": settings.max_upload_mb,
    }


def _role(connection: Connection) -> dict[str, Any]:
    return {
        "binding": connection.provider,
        "model": _model(connection),
        "host": _host(connection),
        "max_async": connection.concurrency,
    }


def _model(connection: Connection) -> str | None:
    return None if connection.provider == "none" else connection.model


def _host(connection: Connection) -> str | None:
    """Where the model is, without what an address may hold of a password."""
    url = connection.base_url or (connection.provider if "://" in connection.provider else None)
    return re.sub("//[^/@]*@", "//", url) if url else None
