"""The error tree: a class's docstring is its default message, and every message names a cause and a next step."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import ClassVar

log = logging.getLogger(__name__)


class NeolightError(Exception):
    """Neolight could not do this."""

    code: ClassVar[str] = "ERROR"
    status: ClassVar[int] = 500
    private: ClassVar[bool] = False
    """Whether the message is for the log only: it may quote a query or a server."""

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.hint = hint
        super().__init__(f"{self.message} {hint}" if hint else self.message)


class InvalidInput(NeolightError):
    """The input is not valid."""

    code = "INVALID_INPUT"
    status = 400


class TooLarge(InvalidInput):
    """More was sent than is allowed."""

    code = "TOO_LARGE"
    status = 413


class NotFound(NeolightError):
    """Nothing with this id exists in the workspace."""

    code = "NOT_FOUND"
    status = 404


class Conflict(NeolightError):
    """Something else already has this name or is being changed."""

    code = "CONFLICT"
    status = 409


class Unauthenticated(NeolightError):
    """There are no valid credentials."""

    code = "UNAUTHENTICATED"
    status = 401


class Forbidden(NeolightError):
    """The credentials do not allow this."""

    code = "FORBIDDEN"
    status = 403


class TooSlow(NeolightError):
    """The request arrives too slowly."""

    code = "TOO_SLOW"
    status = 408


class TooManyRequests(NeolightError):
    """There were too many requests."""

    code = "TOO_MANY_REQUESTS"
    status = 429

    def __init__(self, message: str | None = None, *, hint: str | None = None, retry_after: int = 60) -> None:
        self.retry_after = retry_after
        """Seconds."""
        super().__init__(message, hint=hint)


class UnreadableDocument(InvalidInput):
    """The document could not be read."""

    code = "UNREADABLE_DOCUMENT"


class UnsupportedFormat(UnreadableDocument):
    """This file format is not supported."""

    code = "UNSUPPORTED_FORMAT"


class SourceUnavailable(NeolightError):
    """The document could not be fetched."""

    code = "SOURCE_UNAVAILABLE"
    status = 502


class GraphError(NeolightError):
    """Neo4j refused a query."""

    code = "GRAPH_ERROR"
    private = True


class GraphUnavailable(GraphError):
    """Neo4j does not answer."""

    code = "GRAPH_UNAVAILABLE"
    private = False
    status = 503


class GraphMismatch(GraphError):
    """The graph in Neo4j and this program do not fit together."""

    code = "GRAPH_MISMATCH"
    private = False


class EmbeddedServerError(NeolightError):
    """The embedded Neo4j could not be started."""

    code = "EMBEDDED_SERVER"


class DiskFull(EmbeddedServerError):
    """The disk of the graph is nearly full."""

    code = "DISK_FULL"
    status = 507


class ModelError(NeolightError):
    """The model endpoint did not give a usable reply."""

    code = "MODEL_ERROR"
    status = 502


class UnusableReply(ModelError):
    """The model gave no usable reply to this text; to other texts it may."""

    code = "UNUSABLE_REPLY"


class ModelUnavailable(ModelError):
    """The model endpoint does not answer."""

    code = "MODEL_UNAVAILABLE"
    status = 503


class ConfigurationError(NeolightError):
    """A setting has no usable value."""

    code = "CONFIGURATION"


@dataclass(frozen=True, slots=True)
class PublicError:
    """An error as a client may see it."""

    message: str
    code: str
    hint: str | None
    status: int
    id: str | None = None
    """Under which the log has the details, where the message has none."""


def public(error: BaseException) -> PublicError:
    """An expected error as it is; of any other only an id, under which the log has it."""
    if isinstance(error, NeolightError) and not error.private:
        if error.status >= 500:
            log.warning("%s: %s", error.code, error)
        return PublicError(error.message, error.code, error.hint, error.status)
    id_ = secrets.token_hex(6)
    log.error("Internal error %s", id_, exc_info=error)
    return PublicError(f"internal error {id_}", "INTERNAL", "The log has the details under this id.", 500, id_)


def first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """One of the errors of a group that stands for all."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
