"""The one door to Neo4j: sessions, retries, routing, bookmarks, and driver errors translated once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString, TypeVar

import neo4j
from neo4j import AsyncGraphDatabase, AsyncManagedTransaction, AsyncResult, AsyncSession, NotificationMinimumSeverity
from neo4j import exceptions as driver_errors
from neo4j.vector import Vector as BoltVector
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from neolight.errors import ConfigurationError, GraphError, GraphUnavailable
from neolight.graph.query import Query
from neolight.models import Vector

Row = TypeVar("Row")
Result = TypeVar("Result")

RETRY_SECONDS = 15.0
"""How long a read is tried again while Neo4j says that the failure may pass."""

UNAVAILABLE_HINT = "Check that Neo4j runs and that NEO4J_URI names it."


def bolt_vector(vector: Vector) -> BoltVector:
    """A float32 vector as Bolt sends it fastest; Cypher stores it with `toFloatList($vector)`."""
    return BoltVector.from_numpy(vector)


def utc(time: datetime | None) -> datetime | None:
    """A time as Neo4j compares it with others: a named zone equals no offset."""
    return time.astimezone(UTC) if time else None


def _native(value: Any) -> Any:
    """Driver values (dates, nested ones too) as Python's own."""
    if isinstance(value, neo4j.time.DateTime):
        return value.to_native()
    if isinstance(value, dict):
        return {key: _native(item) for key, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], (dict, neo4j.time.DateTime)):
        return [_native(item) for item in value]
    return value


@contextmanager
def _translated(name: str) -> Generator[None]:
    """Turns the driver's errors into ours, naming the query."""
    try:
        yield
    except driver_errors.AuthError as error:
        raise ConfigurationError(
            "Neo4j refused the user name or the password.", hint="Set NEO4J_USERNAME and NEO4J_PASSWORD."
        ) from error
    except (driver_errors.ServiceUnavailable, driver_errors.SessionExpired, driver_errors.TransientError) as error:
        raise GraphUnavailable(f"Neo4j does not answer ({type(error).__name__}).", hint=UNAVAILABLE_HINT) from error
    except driver_errors.ConfigurationError as error:
        raise ConfigurationError(f"NEO4J_URI cannot be used: {error}") from error
    except (driver_errors.Neo4jError, driver_errors.DriverError) as error:
        raise GraphError(f"Neo4j refused {name}: {error}") from error
    except OSError as error:
        raise GraphUnavailable(f"Neo4j cannot be reached: {error}.", hint=UNAVAILABLE_HINT) from error


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, (driver_errors.DriverError, driver_errors.Neo4jError)) and error.is_retryable()


async def _rows(query: Query[Row], result: AsyncResult) -> list[Row]:
    """The rows of a result; a bound query returns values and maps, never nodes, so that records need no deep copy."""
    records = [dict(record) async for record in result]
    return query.rows([_native(record) for record in records] if query.temporal else records)


class Transaction:
    """An open write transaction: runs bound queries, all or nothing."""

    def __init__(self, transaction: AsyncManagedTransaction) -> None:
        self._transaction = transaction

    async def run(self, query: Query[Row], **params: Any) -> list[Row]:
        """Runs a query in this transaction and returns its rows."""
        result = await self._transaction.run(query.text, params)
        return await _rows(query, result)


class Graph:
    """Neo4j as the rest of the program sees it: bound queries in, dataclasses out."""

    def __init__(self, driver: neo4j.AsyncDriver, database: str) -> None:
        self._driver = driver
        self._database = database

    def _session(self, access: str) -> AsyncSession:
        return self._driver.session(
            database=self._database,
            default_access_mode=access,
            bookmark_manager=self._driver.execute_query_bookmark_manager,
        )

    async def fetch(self, query: Query[Row], **params: Any) -> list[Row]:
        """Runs a query and returns its rows.

        A read goes out as one auto-commit statement, which is one round trip, to a read replica where there is one; a
        write in a managed transaction; a batched one in an auto-commit session.

        Raises:
            GraphUnavailable: Neo4j does not answer.
            GraphError: Neo4j refused the query.
        """
        with _translated(query.name):
            if query.header.mode == "read":
                return await self._read(query, params)
            if query.header.mode == "batched":
                async with self._session(neo4j.WRITE_ACCESS) as session:
                    return await self._consume(session, query, params)
            return await self.transaction(lambda tx: tx.run(query, **params))

    async def _read(self, query: Query[Row], params: dict[str, Any]) -> list[Row]:
        attempts = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_delay(RETRY_SECONDS),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            reraise=True,
        )
        async for attempt in attempts:
            with attempt:
                async with self._session(neo4j.READ_ACCESS) as session:
                    return await self._consume(session, query, params)
        raise AssertionError("unreachable: the last attempt raises")

    async def _consume(self, session: AsyncSession, query: Query[Row], params: dict[str, Any]) -> list[Row]:
        result = await session.run(query.text, params)
        return await _rows(query, result)

    async def fetch_one(self, query: Query[Row], **params: Any) -> Row | None:
        """The first row, or None; errors as `fetch`."""
        rows = await self.fetch(query, **params)
        return rows[0] if rows else None

    async def transaction(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Runs `work` in one managed write transaction, again from its start if Neo4j says that the failure may pass.

        Raises:
            GraphUnavailable: Neo4j does not answer.
            GraphError: Neo4j refused a query.
        """

        async def run(transaction: AsyncManagedTransaction) -> Result:
            return await work(Transaction(transaction))

        with _translated("a transaction"):
            async with self._session(neo4j.WRITE_ACCESS) as session:
                return await session.execute_write(run)

    async def execute(self, statement: LiteralString, **params: Any) -> list[dict[str, Any]]:
        """Runs one statement of schema set-up or of a check; everything else is a bound query."""
        with _translated("a set-up statement"):
            async with self._session(neo4j.WRITE_ACCESS) as session:
                result = await session.run(statement, params)
                return [_native(record.data()) async for record in result]

    async def ping(self) -> None:
        """Raises GraphUnavailable unless Neo4j answers."""
        with _translated("a ping"):
            await self._driver.verify_connectivity()


@asynccontextmanager
async def connect(uri: str, username: str, password: str, *, database: str = "neo4j") -> AsyncGenerator[Graph]:
    """Opens the driver, checks that the server answers, and closes the driver at the end.

    Raises:
        GraphUnavailable: nothing answers at the address.
        ConfigurationError: the address or the password is wrong.
    """
    with _translated("the connection"):
        driver = AsyncGraphDatabase.driver(
            uri,
            auth=(username, password),
            user_agent="neolight",
            max_connection_pool_size=100,
            connection_acquisition_timeout=30,
            notifications_min_severity=NotificationMinimumSeverity.OFF,
        )
    try:
        with _translated("the connection"):
            await asyncio.wait_for(driver.verify_connectivity(), timeout=30)
        yield Graph(driver, database)
    finally:
        await driver.close()
