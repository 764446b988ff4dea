"""How documents are cut, as it is said and as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import strawberry

from neolight import models
from neolight.graphql.described import graph_input, graph_type

DESCRIPTIONS = {
    models.ChunkStrategy.STRUCTURE: "By headings, then paragraphs, then sentences; small sections share a chunk.",
    models.ChunkStrategy.TOKENS: "Chunks of even length, whatever the text says; words and table rows stay whole.",
    models.ChunkStrategy.SENTENCES: "Whole sentences, as many as fit, whatever the headings are.",
    models.ChunkStrategy.SEMANTIC: "Where the subject changes: where neighbouring sentences are far apart as vectors.",
    models.ChunkStrategy.SEPARATOR: "At each separator; what is still too long is cut by paragraphs and sentences.",
}

if TYPE_CHECKING:
    from enum import Enum

    ChunkStrategy: TypeAlias = Enum
else:
    from enum import Enum

    ChunkStrategy = strawberry.enum(
        Enum(
            "ChunkStrategy",
            {one.value: strawberry.enum_value(one.value, description=text) for one, text in DESCRIPTIONS.items()},
        ),
        description="Where documents are cut.",
    )


@graph_input
class ChunkingInput:
    """How documents are cut; what is left out is as the workspace says, and there as the settings of the server say."""

    strategy: ChunkStrategy | None = strawberry.field(default=None, description="Where they are cut.")
    tokens: int | None = strawberry.field(
        default=None, description=f"Tokens of the largest chunk, {models.LEAST_TOKENS} to {models.MOST_TOKENS}."
    )
    overlap: int | None = strawberry.field(
        default=None, description="Tokens that a chunk may repeat of the one before; without it a tenth of `tokens`."
    )
    separator: str | None = strawberry.field(
        default=None, description="The text at which documents are cut by the strategy `separator`."
    )


@graph_type
class Chunking:
    """How documents are cut, if nothing else is said about one."""

    strategy: ChunkStrategy = strawberry.field(description="Where they are cut.")
    tokens: int = strawberry.field(description="Tokens of the largest chunk.")
    overlap: int = strawberry.field(description="Tokens that a chunk may repeat of the one before.")
    separator: str = strawberry.field(description="The text at which the strategy `separator` cuts.")

    @classmethod
    def of(cls, chunking: models.Chunking) -> Chunking:
        """From a value."""
        return cls(
            strategy=ChunkStrategy(chunking.strategy),
            tokens=chunking.tokens,
            overlap=chunking.overlap,
            separator=chunking.separator,
        )


def choice(wanted: ChunkingInput | None) -> models.ChunkingChoice:
    """What was said, as a value."""
    if wanted is None:
        return models.ChunkingChoice()
    strategy = None if wanted.strategy is None else str(wanted.strategy.value)
    return models.ChunkingChoice(strategy, wanted.tokens, wanted.overlap, wanted.separator)
