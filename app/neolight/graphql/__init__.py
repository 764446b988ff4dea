"""GraphQL, the main interface: queries, mutations, subscriptions and uploads at one address."""

from __future__ import annotations

from neolight.graphql.router import graphql_router

__all__ = ["graphql_router"]
