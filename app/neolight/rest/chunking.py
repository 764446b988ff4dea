"""How a text is wanted to be cut: LightRAG's strategies with their parameters, strictly checked."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from neolight.errors import InvalidInput
from neolight.models import ChunkingChoice, ChunkStrategy


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class FixedToken(_Strict):
    """Pieces of so many tokens, with an overlap."""

    chunk_token_size: int | None = Field(None, ge=1)
    chunk_overlap_token_size: int | None = Field(None, ge=0)
    split_by_character: str | None = None
    split_by_character_only: bool | None = None

    @model_validator(mode="after")
    def overlap_is_smaller(self) -> Self:
        """An overlap as large as the piece would never come to an end."""
        size, overlap = self.chunk_token_size, self.chunk_overlap_token_size
        if size is not None and overlap is not None and overlap >= size:
            raise ValueError("chunk_overlap_token_size must be smaller than chunk_token_size")
        return self


class RecursiveCharacter(FixedToken):
    """Pieces that end at the first of these separators that makes them small enough."""

    separators: list[Annotated[str, Field(max_length=256)]] | None = Field(None, max_length=64)


class SemanticVector(_Strict):
    """Pieces that end where the meaning changes."""

    breakpoint_threshold_type: Literal["percentile", "standard_deviation", "interquartile", "gradient"] | None = None
    breakpoint_threshold_amount: float | None = Field(None, gt=0)
    buffer_size: int | None = Field(None, ge=1)
    chunk_token_size: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def percentage(self) -> Self:
        """Percentiles end at 100."""
        kind, amount = self.breakpoint_threshold_type, self.breakpoint_threshold_amount
        if amount is not None and amount > 100 and kind in (None, "percentile", "gradient"):
            raise ValueError("breakpoint_threshold_amount must be at most 100 for percentile and gradient")
        return self


class ParagraphSemantic(_Strict):
    """Pieces that end with a paragraph."""

    chunk_token_size: int | None = Field(None, ge=1)
    chunk_overlap_token_size: int | None = Field(None, ge=0)
    drop_references: bool | None = None


PARAMETERS: dict[str, type[_Strict]] = {
    "fixed_token": FixedToken,
    "recursive_character": RecursiveCharacter,
    "semantic_vector": SemanticVector,
    "paragraph_semantic": ParagraphSemantic,
}


class Chunking(BaseModel):
    """A strategy of LightRAG's and its parameters.

    `fixed_token` cuts into chunks of even length, or at `split_by_character`; `recursive_character` and
    `paragraph_semantic` cut at headings, paragraphs and sentences; `semantic_vector` where the subject changes. Sizes
    are kept; `separators`, thresholds, `buffer_size` and `drop_references` are accepted and change nothing.
    """

    model_config = ConfigDict(extra="forbid")

    strategy: Literal["fixed_token", "recursive_character", "semantic_vector", "paragraph_semantic", "custom"] = (
        "fixed_token"
    )
    params: dict[str, Any] = Field(default_factory=dict[str, Any])

    @model_validator(mode="after")
    def parameters_fit(self) -> Self:
        """Each strategy has parameters of its own."""
        model = PARAMETERS.get(self.strategy)
        if model is None:
            raise ValueError("strategy custom needs a chunking function, which this server does not have")
        model.model_validate(self.params)
        return self

    def choice(self) -> ChunkingChoice:
        """What is said here, in this server's terms."""
        at = self.params.get("split_by_character")
        return ChunkingChoice(
            ChunkStrategy.SEPARATOR if at else STRATEGIES[self.strategy],
            self.params.get("chunk_token_size"),
            self.params.get("chunk_overlap_token_size"),
            at or None,
        )


STRATEGIES = {
    "fixed_token": ChunkStrategy.TOKENS,
    "recursive_character": ChunkStrategy.STRUCTURE,
    "paragraph_semantic": ChunkStrategy.STRUCTURE,
    "semantic_vector": ChunkStrategy.SEMANTIC,
}


def chunking_of(text: str | None) -> Chunking | None:
    """What a field of a form says, as JSON. Raises InvalidInput."""
    if not text or not text.strip():
        return None
    try:
        return Chunking.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise InvalidInput(
            f"`chunking` is not valid: {first['msg'][:300]}.", hint='It is JSON, such as {"strategy": "fixed_token"}.'
        ) from error
