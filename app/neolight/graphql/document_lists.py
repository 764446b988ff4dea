"""How lists of documents are filtered and sorted."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from neolight.errors import InvalidInput
from neolight.graph import document_lists as lists
from neolight.graph.document_lists import Place
from neolight.graphql.described import graph_input
from neolight.graphql.enums import DocumentStatus
from neolight.graphql.pagination import cursor, values_of

KIND = "documents"
MOST_VALUES = 100


@strawberry.enum(description="What documents are sorted by.")
class DocumentOrderField(Enum):
    """What documents are sorted by."""

    created_at = strawberry.enum_value("created_at", description="When it first came in.")
    updated_at = strawberry.enum_value("updated_at", description="When its status last changed.")
    expires_at = strawberry.enum_value(
        "expires_at", description="When it is to be deleted; those that stay come first."
    )
    title = strawberry.enum_value("title", description="Its title, whatever the case of the letters.")
    source = strawberry.enum_value("source", description="Its source, whatever the case of the letters.")
    media_type = strawberry.enum_value("media_type", description="Its media type.")
    status = strawberry.enum_value("status", description="The name of its status.")
    characters = strawberry.enum_value("characters", description="The length of its text.")
    chunk_count = strawberry.enum_value("chunk_count", description="How many passages it was cut into.")
    bytes = strawberry.enum_value("bytes", description="The size of its original.")
    attempts = strawberry.enum_value("attempts", description="How often indexing it was begun.")
    id = strawberry.enum_value("id", description="Its id.")


@graph_input
class DocumentOrder:
    """An order of documents; equal ones are in the order of their ids."""

    field: DocumentOrderField = strawberry.field(
        default=DocumentOrderField.created_at, description="What they are sorted by."
    )
    descending: bool = strawberry.field(default=True, description="Whether the largest, or latest, comes first.")

    def value(self) -> lists.Order:
        """As a value."""
        return lists.Order(str(self.field.value), self.descending)


@graph_input
class MetadataFilter:
    """What a document's file must say of itself."""

    name: str = strawberry.field(description="The name, as `Document.metadata` has it.")
    value: str = strawberry.field(description="The whole value.")


@graph_input
class DocumentFilter:
    """Which documents are wanted: those that meet all that is set."""

    status: list[DocumentStatus] | None = strawberry.field(default=None, description="In one of these statuses.")
    types: list[str] | None = strawberry.field(
        default=None, description=f"Of one of these media types, at most {MOST_VALUES}."
    )
    metadata: list[MetadataFilter] | None = strawberry.field(
        default=None, description=f"With all of these, at most {MOST_VALUES}."
    )
    search: str | None = strawberry.field(default=None, description="With this in the title or the source.")
    created_after: datetime | None = strawberry.field(default=None, description="That came in after this time.")
    created_before: datetime | None = strawberry.field(default=None, description="That came in before this time.")

    def value(self) -> lists.DocumentFilter:
        """As a value. Raises InvalidInput."""
        for name, values in (("types", self.types), ("metadata", self.metadata)):
            if values is not None and len(values) > MOST_VALUES:
                raise InvalidInput(f"`{name}` has {len(values)} items; at most {MOST_VALUES} are allowed.")
        return lists.DocumentFilter(
            statuses=[str(one.value) for one in self.status] if self.status else None,
            types=self.types,
            search=self.search,
            created_after=self.created_after,
            created_before=self.created_before,
            metadata={one.name: one.value for one in self.metadata} if self.metadata else None,
        )


def merged(
    where: DocumentFilter | None, status: list[DocumentStatus] | None, search: str | None
) -> lists.DocumentFilter:
    """A filter, with what may also be said beside it. Raises InvalidInput where something is said twice."""
    chosen = where or DocumentFilter()
    if (status and chosen.status) or (search and chosen.search):
        raise InvalidInput("The status or the search is given twice.", hint="Give it in `filter` alone.")
    both = DocumentFilter(
        status=chosen.status or status, types=chosen.types, metadata=chosen.metadata, search=chosen.search or search,
        created_after=chosen.created_after, created_before=chosen.created_before,
    )  # fmt: skip
    return both.value()


def ordered_cursor(order: lists.Order, place: Place) -> str:
    """The cursor of a document in a sorted list: good for lists of this order only."""
    return cursor(_kind(order), place.word, place.number, place.id)


def ordered_place(order: lists.Order, after: str | None) -> Place | int:
    """Where a sorted list goes on. Raises InvalidInput."""
    if after is None:
        return 0
    word, number, id_ = values_of(after, _kind(order), str, int, str)
    return Place(word, number, id_)


def _kind(order: lists.Order) -> str:
    return f"{KIND} by {order.field}{' descending' if order.descending else ''}"
