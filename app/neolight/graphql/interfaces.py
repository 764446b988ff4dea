"""The interface of everything that has an id."""

from __future__ import annotations

import strawberry

from neolight.graphql.described import graph_interface


@graph_interface
class Node:
    """Something with an id, by which `node` finds it again."""

    id: strawberry.ID = strawberry.field(description="The id, unique among all things in the graph.")
