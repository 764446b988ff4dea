"""The masker: expected errors reach the client with their code and hint, all others become an id that the log has."""

from __future__ import annotations

import strawberry
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext

from neolight.errors import public

OF_THE_REQUEST = (GraphQLError, CannotGetOperationTypeError, InvalidOperationTypeError)
"""What the GraphQL engine itself says of a request."""


def masked(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it."""
    cause = error.original_error
    if cause is None or isinstance(cause, OF_THE_REQUEST):
        return error
    shown = public(cause)
    extensions = {"code": shown.code, "hint": shown.hint} | ({"id": shown.id} if shown.id else {})
    return GraphQLError(shown.message, nodes=error.nodes, path=error.path, extensions=extensions)


class MaskedSchema(strawberry.Schema):
    """A schema whose every result, streamed or not, passes the masker."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Masks the errors of a result in place; strawberry calls this once for each result, before it leaves."""
        errors[:] = [masked(error) for error in errors]
