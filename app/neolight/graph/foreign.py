"""Reads a Neo4j that is not this program's own, of whatever version: nothing is written, records come by the page."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString, Protocol

import neo4j
from neo4j import exceptions as driver_errors

from neolight.errors import ConfigurationError, NotFound, SourceUnavailable

PAGE = 1000
"""Records that are fetched at once."""

NO_DATABASE = "Neo.ClientError.Database.DatabaseNotFound"


@dataclass(frozen=True, slots=True)
class Foreign:
    """Where it is and who asks; without a database it is the server's usual one."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str | None = None


class Read(Protocol):
    """Runs a statement with parameters; gives its records one by one."""

    def __call__(self, statement: LiteralString, /, **params: Any) -> Iterator[dict[str, Any]]:
        """The records."""
        ...


@contextmanager
def reading(source: Foreign) -> Generator[Read]:
    """Opens a session that only reads; it blocks, so it is for a thread of its own.

    Raises:
        ConfigurationError: the address, the user or the password is wrong, or the user may not read.
        NotFound: there is no database of this name.
        SourceUnavailable: the server does not answer.
    """
    try:
        with (
            neo4j.GraphDatabase.driver(
                source.uri,
                auth=(source.username, source.password),
                user_agent="neolight",
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
            ) as driver,
            driver.session(database=source.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=PAGE) as session,
        ):

            def read(statement: LiteralString, /, **params: Any) -> Iterator[dict[str, Any]]:
                for record in session.run(statement, params):
                    yield dict(record)

            yield read
    except (driver_errors.AuthError, driver_errors.Forbidden) as error:
        raise ConfigurationError(
            f"The Neo4j at {source.uri} refused the user {source.username!r} or the password.",
            hint="Give the user and the password that wrote there.",
        ) from error
    except (driver_errors.ConfigurationError, ValueError) as error:
        raise ConfigurationError(f"{source.uri} cannot be used: {error}.", hint="Write bolt://host:7687.") from error
    except driver_errors.Neo4jError as error:
        if error.code == NO_DATABASE:
            raise NotFound(f"{source.uri} has no database {source.database}.", hint="Name another.") from error
        raise SourceUnavailable(f"{source.uri} refused to be read: {error.message}.") from error
    except (driver_errors.DriverError, OSError) as error:
        raise SourceUnavailable(
            f"The Neo4j at {source.uri} does not answer.", hint="Check that it runs and that the address is right."
        ) from error
