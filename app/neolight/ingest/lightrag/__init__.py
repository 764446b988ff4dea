"""Takes over a working directory of LightRAG: its documents, chunks, vectors and graph."""

from __future__ import annotations

from neolight.ingest.lightrag.load import Taken, take_over
from neolight.ingest.lightrag.neo4j_graph import USUAL_LABEL, read_graph

__all__ = ["USUAL_LABEL", "Taken", "read_graph", "take_over"]
