"""Embeddings by sentence-transformers on this machine, where that package is installed."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from neolight.errors import ConfigurationError
from neolight.llm.embeddings import unit
from neolight.llm.tokens import sendable
from neolight.models import Vectors

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"


class SentenceTransformerEmbeddings:
    """A model of sentence-transformers. It computes for one caller at a time: it uses all cores by itself."""

    resting = 0.0
    down = False

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self.dimensions = int(model.get_sentence_embedding_dimension())
        self._model = model
        self._turn = asyncio.Lock()

    @classmethod
    async def load(cls, name: str, *, dimensions: int | None = None) -> SentenceTransformerEmbeddings:
        """Loads a model; `dimensions` cuts its vectors. Raises ConfigurationError without the package."""
        try:
            package: Any = importlib.import_module("sentence_transformers")
        except ImportError as error:
            raise ConfigurationError(
                "The embedding provider sentence-transformers is not installed.",
                hint="Run: pip install 'neolight[sentence-transformers]'",
            ) from error
        model = await asyncio.to_thread(package.SentenceTransformer, name, truncate_dim=dimensions)
        return cls(name, model)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, in their order: shape (len(texts), dimensions). Raises nothing."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        plain = [sendable(text) for text in texts]
        async with self._turn:
            rows = await asyncio.to_thread(self._model.encode, plain, show_progress_bar=False)
        return unit(np.array(rows, dtype=np.float32))

    async def close(self) -> None:
        """Nothing is held open."""
