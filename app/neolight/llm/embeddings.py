"""Embedding models: the one that ships with Neolight, and those behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from neolight.llm.tokens import sendable
from neolight.models import Vectors

# Up to this many characters are embedded on the spot: handing them to a thread takes longer.
AT_ONCE = 1_000
# Texts tokenized together by WordLlama; it bounds the memory, more does not make it faster.
TOGETHER = 1_024


class EmbeddingModel(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """The model's name, as the graph records it."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of the vectors."""
        ...

    @property
    def resting(self) -> float:
        """Seconds for which the model is left alone because its server is down: calls fail until then. Else 0."""
        ...

    @property
    def down(self) -> bool:
        """Whether its server was down at the last try."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, in their order: shape (len(texts), dimensions).

        Raises ModelUnavailable where the model does not answer, ModelError where its reply cannot be used.
        """
        ...

    async def close(self) -> None:
        """Lets go of what the model holds."""
        ...


class WordLlamaEmbeddings:
    """WordLlama's static word vectors (256 dimensions): no network, no key, no GPU."""

    name = "wordllama"
    dimensions = 256
    resting = 0.0
    down = False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """The mean of each text's token vectors, at unit length: shape (len(texts), 256). Raises nothing."""
        if sum(map(len, texts)) <= AT_ONCE and "_model" in self.__dict__:
            return self._embed(texts)
        return await asyncio.to_thread(self._embed, texts)

    async def close(self) -> None:
        """Nothing is held open."""

    def _embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), TOGETHER):
            rows[start : start + TOGETHER] = self._pool(texts[start : start + TOGETHER])
        return unit(rows)

    def _pool(self, texts: Sequence[str]) -> Vectors:
        """Sums of token vectors, as one sparse product: measured, a third of the time of the library's padded means.

        Sums and means have the same direction, and only that is kept.
        """
        from scipy.sparse import csr_matrix  # noqa: PLC0415  it takes as long to load as all else of this module

        tokenizer, vectors = self._model
        plain = [sendable(text) if text.strip() else "." for text in texts]
        encoded = tokenizer.encode_batch_fast(plain, add_special_tokens=False)
        ids = [one.ids for one in encoded]
        ends = np.zeros(len(ids) + 1, dtype=np.int32)
        np.cumsum([len(row) for row in ids], out=ends[1:])
        columns = np.fromiter(chain.from_iterable(ids), dtype=np.int32, count=int(ends[-1]))
        np.minimum(columns, len(vectors) - 1, out=columns)
        counts = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(ids), len(vectors)))
        return counts @ vectors

    @cached_property
    def _model(self) -> tuple[Any, Vectors]:
        """The tokenizer and the token vectors, from the files in the package's wheel."""
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        import wordllama  # noqa: PLC0415  it takes time, and it sets up the root logger, which is undone here

        root.handlers[:] = handlers
        root.setLevel(level)
        folder = Path(wordllama.__file__).parent
        model: Any = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
        model.tokenizer.no_padding()
        return model.tokenizer, model.embedding


def unit(rows: Vectors) -> Vectors:
    """Rows at unit length, in place; a row of zeros becomes a constant one, as a cosine index takes no zero vector."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows[lengths[:, 0] == 0] = 1.0
    lengths[lengths == 0] = np.sqrt(rows.shape[1])
    rows /= lengths
    return rows
