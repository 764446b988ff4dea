"""Relay's cursor connections: a cursor says where in the order to go on, so that nothing is skipped or seen twice."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import orjson
import strawberry

from neolight.errors import InvalidInput
from neolight.graphql.described import about, graph_type

MOST = 100
"""Items of a page."""

Node = TypeVar("Node")
Row = TypeVar("Row")

First: TypeAlias = Annotated[int, about(f"How many, from 1 to {MOST}.")]
After: TypeAlias = Annotated[str | None, about("The cursor after which to go on; none starts at the beginning.")]


@graph_type
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether the page was asked for by a cursor.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last item: `after` it comes the next page."
    )


@graph_type
class Edge(Generic[Node]):
    """An item of a page, and its cursor."""

    cursor: str = strawberry.field(description="Names this place in the list.")
    node: Node = strawberry.field(description="The item.")


@graph_type
class Connection(Generic[Node]):
    """A page of a list."""

    edges: list[Edge[Node]] = strawberry.field(description="The items of the page with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in its list.")


def count(first: int, most: int = MOST, name: str = "first") -> int:
    """The number of items that are wanted. Raises InvalidInput where it is not from 1 to `most`."""
    if not 1 <= first <= most:
        raise InvalidInput(
            f"`{name}` is {first}; it must be from 1 to {most}.", hint="Ask for further pages by `after`."
        )
    return first


def page(
    rows: Sequence[Row], first: int, after: str | None, node: Callable[[Row], Any], key: Callable[[Row], str]
) -> Connection[Any]:
    """A page out of at most `first` + 1 rows: the one too many tells that there is more."""
    edges = [Edge(cursor=key(row), node=node(row)) for row in rows[:first]]
    info = PageInfo(
        has_next_page=len(rows) > first,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info)


def cursor(kind: str, *values: object) -> str:
    """An opaque cursor of these values; a cursor is only good for lists of its kind."""
    return base64.urlsafe_b64encode(orjson.dumps([kind, *values])).decode().rstrip("=")


def values_of(after: str, kind: str, *types: type) -> list[Any]:
    """The values of a cursor. Raises InvalidInput where it is not one of this kind with values of these types."""
    try:
        padded = after.encode("ascii") + b"=" * (-len(after) % 4)
        found = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise _foreign() from error
    if not isinstance(found, list) or [type(value) for value in found] != [str, *types] or found[0] != kind:
        raise _foreign()
    return found[1:]


def time_and_id(after: str | None, kind: str) -> tuple[datetime, str] | None:
    """A cursor of a list in order of time. Raises InvalidInput."""
    if after is None:
        return None
    time, id_ = values_of(after, kind, str, str)
    try:
        parsed = datetime.fromisoformat(time)
    except ValueError as error:
        raise _foreign() from error
    if parsed.tzinfo is None:
        raise _foreign()
    return parsed, id_


def _foreign() -> InvalidInput:
    return InvalidInput("`after` is not a cursor of this list.", hint="Take it from `pageInfo.endCursor` of this list.")
