"""Entities that may be the same: found by rules, decided by people."""

from __future__ import annotations

from typing import Annotated

import strawberry

from neolight import matching
from neolight.errors import NotFound
from neolight.graph import similar as stored
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type, mutation
from neolight.graphql.entities import Entity
from neolight.graphql.pagination import After, Connection, First, count, cursor, page, values_of

KIND = "suggestions"
MOST_COMPARED = 10_000

SuggestionId = Annotated[strawberry.ID, about("The id of the suggestion.")]


@graph_type
class Suggestion:
    """Two entities that may be the same."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    score: float = strawberry.field(description="How sure it is, from 0 to 1.")
    reason: str = strawberry.field(description="The rule that found it.")
    first: Entity = strawberry.field(description="One of them.")
    second: Entity = strawberry.field(description="The other.")

    @classmethod
    def of(cls, row: stored.Suggestion) -> Suggestion:
        """From a row of the graph."""
        return cls(
            id=strawberry.ID(row.id), score=row.score, reason=row.reason, first=Entity.of(row.first),
            second=Entity.of(row.second),
        )  # fmt: skip


@graph_type
class Comparison:
    """What a comparison of names has come to."""

    compared: int = strawberry.field(description="Entities that were compared with all others.")
    merged: int = strawberry.field(description="Entities that were surely another one, and became names of it.")
    suggested: int = strawberry.field(description="Pairs that wait for a person.")
    left: int = strawberry.field(
        description="Entities not compared yet: there are more than `most`, or half a minute was over. Call again."
    )


@graph_type
class SimilarQuery:
    """Suggestions."""

    @field
    async def suggestions(self, info: Info, first: First = 20, after: After = None) -> Connection[Suggestion]:
        """Pairs of entities that may be the same and wait for a person to decide, the surest first."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        place = values_of(after, KIND, float, str) if after is not None else None
        last = (float(place[0]), str(place[1])) if place else None
        rows = await stored.suggestions(graph, workspace, limit=count(first) + 1, after=last)
        return page(rows, first, after, Suggestion.of, lambda row: cursor(KIND, row.score, row.id))


@graph_type
class SimilarMutation:
    """Decisions on suggestions."""

    @mutation
    async def find_similar(
        self,
        info: Info,
        most: Annotated[int, about(f"How many entities to compare at most, from 1 to {MOST_COMPARED}.")] = 1000,
    ) -> Comparison:
        """Compares the names of entities that are new: merges what is surely the same, suggests what may be. It ends
        after half a minute and tells what is `left`; the next call goes on there."""
        limit = count(most, MOST_COMPARED, "most")
        done = await matching.match_names(info.context.deps, info.context.workspace, most=limit)
        return Comparison(compared=done.compared, merged=done.merged, suggested=done.suggested, left=done.left)

    @mutation
    async def accept_suggestion(
        self,
        info: Info,
        id: SuggestionId,  # noqa: A002
        keep: Annotated[
            strawberry.ID | None, about("The id of the entity that stays; else the one that is mentioned more.")
        ] = None,
    ) -> Entity | None:
        """Merges the two entities of a suggestion."""
        edited = await matching.accept(info.context.deps, info.context.workspace, id, keep=keep)
        return await Entity.find(info, edited.id)

    @mutation
    async def reject_suggestion(self, info: Info, id: SuggestionId) -> strawberry.ID:  # noqa: A002
        """Notes that two entities are not the same: it is not suggested again, and no rule merges them."""
        if not await stored.reject(info.context.deps.graph, info.context.workspace, id):
            raise NotFound(f"There is no such suggestion {id[:80]!r}.", hint="List them by `suggestions`.")
        return id
