"""Embeddings over the OpenAI protocol; texts of many callers travel in one request."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neolight.errors import ConfigurationError, ModelError, ModelUnavailable
from neolight.llm.embeddings import unit
from neolight.llm.endpoint import Endpoint
from neolight.llm.failures import Garbled, cause
from neolight.llm.gather import Gatherer
from neolight.llm.tokens import count, sendable, truncate
from neolight.llm.usage import note
from neolight.models import Spent, Vectors

if TYPE_CHECKING:
    import openai
else:
    from neolight.llm import late as openai

# What providers take: tokens of one text, with a margin for other vocabularies.
TEXT_TOKENS = 8_000

_ENCODING_REFUSED = re.compile(r"encoding_?format|base64", re.IGNORECASE)
_DIMENSIONS_REFUSED = re.compile(r"dimensions?|matryoshka", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RequestShape:
    """What embedding requests of a model carry besides the texts."""

    base64: bool = True
    dimensions: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict[str, object])

    def body(self, model: str, texts: Sequence[str]) -> dict[str, object]:
        """The body of a request."""
        body: dict[str, object] = {"model": model, "input": texts, **self.extra}
        if self.base64:
            body["encoding_format"] = "base64"
        if self.dimensions:
            body["dimensions"] = self.dimensions
        return body


class OpenAIEmbeddings:
    """An embedding model behind an OpenAI-compatible endpoint.

    Concurrent calls of `embed` share requests of up to `batch` texts. The dimensions are those that were asked for,
    else those of the first reply; a later reply of another length is an error, never stored.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        name: str,
        *,
        shape: RequestShape | None = None,
        batch: int = 256,
        concurrency: int = 4,
    ) -> None:
        self.name = name
        self._endpoint = endpoint
        self._shape = shape or RequestShape()
        self._dimensions = self._shape.dimensions
        self._gatherer = Gatherer(self._request, batch=batch, concurrency=concurrency)

    @property
    def dimensions(self) -> int:
        """The length of the vectors. Raises ConfigurationError before the first reply if none was asked for."""
        if self._dimensions is None:
            raise ConfigurationError(f"The dimensions of {self.name} are not known yet.", hint="Embed a text first.")
        return self._dimensions

    @property
    def resting(self) -> float:
        """Seconds for which the endpoint is left alone because it is down, else 0."""
        return self._endpoint.resting

    @property
    def down(self) -> bool:
        """Whether the endpoint was down at the last try."""
        return self._endpoint.down

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, in their order: shape (len(texts), dimensions).

        Raises ModelUnavailable where the endpoint does not answer; ModelError where it refuses, or where it gives
        vectors of another length than before.
        """
        if not texts:
            return np.empty((0, self._dimensions or await self.probe()), dtype=np.float32)
        rows, requests, tokens = await self._gatherer.embed([_acceptable(text) for text in texts])
        note(Spent(self.name, "embedding", requests, tokens))
        return rows

    async def probe(self) -> int:
        """Asks the endpoint for the dimensions. Raises as `embed` does."""
        return int((await self.embed(["dimensions"])).shape[1])

    async def close(self) -> None:
        """Closes the connections of the endpoint."""
        await self._endpoint.close()

    async def _request(self, texts: Sequence[str]) -> tuple[Vectors, int]:
        """Rows for some texts by one request, in which equal texts travel once, and the tokens that it took."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        rows, tokens = await self._post(list(places))
        return (rows if len(places) == len(texts) else rows[[places[text] for text in texts]]), tokens

    async def _post(self, texts: list[str]) -> tuple[Vectors, int]:
        while True:
            shape = self._shape
            try:
                rows, tokens = await self._endpoint.post(
                    "/embeddings", shape.body(self.name, texts), lambda reply: _rows(reply, len(texts))
                )
            except ModelError as error:
                if isinstance(error, ModelUnavailable) or not self._learn(error.__cause__, shape):
                    raise
            else:
                return self._checked(rows), tokens if tokens is not None else sum(map(count, texts))

    def _checked(self, rows: Vectors) -> Vectors:
        length = int(rows.shape[1])
        if self._dimensions is None:
            self._dimensions = length
        if length != self._dimensions:
            raise ModelError(
                f"The embedding model {self.name} gave vectors of {length} dimensions, not of {self._dimensions}.",
                hint="Check the embedding model and its dimensions.",
            )
        return rows

    def _learn(self, error: BaseException | None, used: RequestShape) -> bool:
        """Whether another try makes sense: the error is about a parameter that can be left out."""
        if not isinstance(error, openai.APIStatusError) or error.status_code not in (400, 404, 422):
            return False
        said = f"{error.param} {cause(error)}"
        if used.base64 and _ENCODING_REFUSED.search(said):
            self._shape = replace(self._shape, base64=False)
            return True
        if used.dimensions and _DIMENSIONS_REFUSED.search(said):
            self._shape = replace(self._shape, dimensions=None)
            return True
        return False


def _acceptable(text: str) -> str:
    """A text that endpoints take: not empty, and not too long."""
    if not text or text.isspace():
        return "."
    text = sendable(text)
    return truncate(text, TEXT_TOKENS) if len(text) > TEXT_TOKENS // 2 else text


def _rows(reply: dict[str, Any], wanted: int) -> tuple[Vectors, int | None]:
    """The vectors of a reply in the order of its indexes, at unit length; its tokens if it tells. Raises Garbled."""
    try:
        data = sorted(reply["data"], key=_index)
        if [_index(item) for item in data] != list(range(wanted)):
            raise Garbled(f"{len(data)} vectors for {wanted} texts")
        rows = _decoded([item["embedding"] for item in data])
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled(f"no vectors in it: {str(reply.get('error') or reply)[:120]}") from error
    if not np.isfinite(rows).all():
        raise Garbled("a vector holds something else than finite numbers")
    usage = reply.get("usage")
    told = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return unit(rows), told if isinstance(told, int) else None


def _decoded(vectors: list[Any]) -> Vectors:
    """Vectors from base64 of little-endian 32-bit floats, or from lists. Raises ValueError if they differ in length."""
    if isinstance(vectors[0], str):
        rows = np.frombuffer(b"".join(map(a2b_base64, vectors)), dtype="<f4").reshape(len(vectors), -1)
        if len({len(vector) for vector in vectors}) > 1:
            raise ValueError("vectors of different lengths")
        return rows.astype(np.float32)
    rows = np.array(vectors, dtype=np.float32)
    if rows.ndim != 2:
        raise ValueError("not a list of vectors")
    return rows


def _index(item: Mapping[str, Any]) -> int:
    return int(item["index"])
