"""How large and how hard a synthetic graph is, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 256
CHUNKS_A_DOCUMENT = 10


@dataclass(frozen=True)
class Shape:
    """How large the graph is: chunks, as many entities, at most twice as many relations, spread over workspaces.

    Hubs are the last of the entities that chunks are drawn for. Each has `hub_relations` relations on top of those that
    chance gives it, if need be to entities beyond the number of chunks. Hubs need a single workspace.
    """

    chunks: int
    workspaces: int = 1
    seed: int = 1
    hubs: int = 0
    hub_relations: int = 0
    everywhere: bool = False
    """Whether every chunk mentions the first hub."""

    @property
    def clusters(self) -> int:
        """Themes: the square root of the chunks."""
        return max(8, round(self.chunks**0.5))

    @property
    def entities(self) -> int:
        """As many as chunks, and more where a hub needs them."""
        return max(self.chunks, self.hub_relations + self.hubs)

    @property
    def chunks_a_document(self) -> int:
        """Fewer than usual where there would be fewer documents than workspaces."""
        return max(1, min(CHUNKS_A_DOCUMENT, self.chunks // self.workspaces))

    def hub(self, number: int) -> int:
        """The entity that is this hub, from 0."""
        return self.chunks - 1 - number


@dataclass(frozen=True)
class Asked:
    """What a question is for retrieval: about this chunk, of this workspace."""

    chunk: int
    workspace: str
    vector: NDArray[np.float32]
    words: tuple[str, ...]
    names: tuple[str, ...]
