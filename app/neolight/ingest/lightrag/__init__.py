"""Takes over a working directory of LightRAG: its documents, chunks, vectors and graph."""

from __future__ import annotations

from neolight.ingest.lightrag.load import Taken, take_over

__all__ = ["Taken", "take_over"]
