"""Extraction: without a language model, or with one whose replies are kept in the graph by what they depend on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from cachetools import LRUCache, TTLCache

from neolight.deps import Place
from neolight.errors import UnusableReply
from neolight.graph import calls, guides
from neolight.graph.gateway import Graph
from neolight.graph.guides import Guide
from neolight.llm.extraction import ModelExtractor
from neolight.models import Extracted, ModelCall
from neolight.nlp.extract import extract

RECENT = 4096
"""Replies that a process remembers itself: those of documents that are not written yet."""

GUIDE_SECONDS = 10.0
"""After so long a changed guide is followed."""

GATHERING_SECONDS = 0.005
"""How long look-ups wait for others to go along with."""

log = logging.getLogger(__name__)


class PlainExtractor:
    """Extraction by rules."""

    async def __call__(self, text: str, place: Place) -> Extracted:
        """What a passage says."""
        return Extracted(await asyncio.to_thread(extract, text, place.title or place.file, place.section))

    async def keep(self, workspace: str, found: list[ModelCall]) -> None:
        """There is nothing to keep."""


@dataclass(slots=True, eq=False)
class Flight:
    """A reply under way, and how many wait for it."""

    task: asyncio.Task[Extracted]
    waiting: int = 0


@dataclass(slots=True)
class KeptExtractor:
    """Extraction by a model, once for equal passages: replies come from this process, the graph, or the model."""

    graph: Graph
    make: Callable[[Guide], ModelExtractor]
    _recent: LRUCache[tuple[str, str], ModelCall] = field(
        default_factory=lambda: LRUCache[tuple[str, str], ModelCall](RECENT)
    )
    _flights: dict[tuple[str, str], Flight] = field(default_factory=dict[tuple[str, str], Flight])
    _models: TTLCache[str, asyncio.Task[ModelExtractor]] = field(
        default_factory=lambda: TTLCache[str, asyncio.Task[ModelExtractor]](1024, GUIDE_SECONDS)
    )
    _asked: dict[str, dict[str, asyncio.Future[ModelCall | None]]] = field(
        default_factory=dict[str, dict[str, asyncio.Future[ModelCall | None]]]
    )

    async def __call__(self, text: str, place: Place) -> Extracted:
        """What a passage says, or why the model does not tell. Raises ModelUnavailable, ModelError, GraphUnavailable.

        Equal passages share one call; it is given up when all who wait for it are.
        """
        model = await self._model(place.workspace)
        id_ = place.workspace, model.key(text, title=place.title, section=place.section)
        flight = self._flights.get(id_)
        if flight is None:
            flight = self._flights[id_] = Flight(asyncio.create_task(self._extracted(model, id_, text, place)))
            flight.task.add_done_callback(lambda _: self._flights.pop(id_, None))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()

    async def keep(self, workspace: str, found: list[ModelCall]) -> None:
        """Keeps replies of a document that is not finished. Raises GraphUnavailable."""
        await calls.keep(self.graph, workspace, found)

    async def _model(self, workspace: str) -> ModelExtractor:
        """The workspace's extractor; the many passages that ask for it at once share one look-up of the guide."""
        task = self._models.get(workspace)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._models[workspace] = asyncio.create_task(self._guided(workspace))
        return await asyncio.shield(task)

    async def _guided(self, workspace: str) -> ModelExtractor:
        return self.make(await guides.get(self.graph, workspace))

    async def _extracted(self, model: ModelExtractor, id_: tuple[str, str], text: str, place: Place) -> Extracted:
        kept = self._recent.get(id_) or await self._lookup(*id_)
        if kept:
            try:
                return Extracted(model.read(kept.response), kept)
            except ValueError:
                log.warning("A kept reply cannot be read, and is asked for again.")
        try:
            extraction, response, reply = await model.extract_kept(
                text, title=place.title or place.file, section=place.section
            )
        except UnusableReply as error:
            return Extracted(None, problem=str(error))
        call = ModelCall(id_[1], model.model, "extract", response, reply.tokens_in, reply.tokens_out)
        self._recent[id_] = call
        return Extracted(extraction, call)

    async def _lookup(self, workspace: str, key: str) -> ModelCall | None:
        """A kept reply; look-ups of the same moment go out as one."""
        loop = asyncio.get_running_loop()
        if workspace not in self._asked:
            self._asked[workspace] = {}
            loop.call_later(GATHERING_SECONDS, lambda: _spawn(self._look(workspace)))
        waiting = self._asked[workspace]
        if key not in waiting:
            waiting[key] = loop.create_future()
        return await asyncio.shield(waiting[key])

    async def _look(self, workspace: str) -> None:
        waiting = self._asked.pop(workspace)
        try:
            found = await calls.lookup(self.graph, workspace, list(waiting))
        except Exception as error:  # noqa: BLE001  whoever waits is told
            for future in waiting.values():
                future.set_exception(error)
                future.exception()  # it may be that nobody waits any more
            return
        for key, future in waiting.items():
            future.set_result(found.get(key))


_TASKS: set[asyncio.Task[None]] = set()


def _spawn(work: Coroutine[None, None, None]) -> None:
    """Begins a task that nobody awaits, and keeps it from being collected."""
    task = asyncio.get_running_loop().create_task(work)
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)
