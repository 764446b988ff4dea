"""The masker: expected errors reach the client with their code and hint, all others become an id that the log has."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext

from neolight.errors import NeolightError

log = logging.getLogger(__name__)

INTERNAL = "INTERNAL"
OF_THE_REQUEST = (GraphQLError, CannotGetOperationTypeError, InvalidOperationTypeError)
"""What the GraphQL engine itself says of a request."""


def public(error: Exception) -> tuple[str, dict[str, Any]]:
    """The message of an error and its extensions, as a client may see them; what is not expected is logged."""
    if isinstance(error, NeolightError):
        if error.status >= 500:
            log.warning("%s: %s", error.code, error)
        return error.message, {"code": error.code, "hint": error.hint}
    id_ = secrets.token_hex(6)
    log.error("Internal error %s", id_, exc_info=error)
    return f"internal error {id_}", {"code": INTERNAL, "id": id_, "hint": "The log has the details under this id."}


def masked(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it."""
    cause = error.original_error
    if cause is None or isinstance(cause, OF_THE_REQUEST):
        return error
    message, extensions = public(cause)
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)


class MaskedSchema(strawberry.Schema):
    """A schema whose every result, streamed or not, passes the masker."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Masks the errors of a result in place; strawberry calls this once for each result, before it leaves."""
        errors[:] = [masked(error) for error in errors]
