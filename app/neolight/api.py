"""The Python API: `async with neolight.open() as n: await n.insert([...]); await n.query("...")`."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neolight import embedded
from neolight.deps import Deps
from neolight.errors import ModelUnavailable
from neolight.files import originals_of
from neolight.graph import documents, writer
from neolight.graph.documents import Enqueued, Original
from neolight.ingest.outage import Outage
from neolight.ingest.resolve import sweep
from neolight.ingest.summaries import summarize
from neolight.ingest.worker import Worker
from neolight.intake import USUAL, Terms, take_in
from neolight.models import Answer, Document, DocumentStatus, Retrieval
from neolight.retrieval.answer import Asked, Event, ask, stream
from neolight.retrieval.retrieve import Wanted, retrieve
from neolight.settings import Settings
from neolight.sources import text_original, workspace_name
from neolight.start import opened
from neolight.urls import fetch

POLL_SECONDS = 0.25
AGAIN_SECONDS = 2.0
"""After so long a model that did not answer is tried again."""

log = logging.getLogger(__name__)
UNFINISHED = (DocumentStatus.PENDING, DocumentStatus.PROCESSING)


Fate = Literal["new", "replaced", "indexed again", "unchanged", "queued before", "failed", "deleted meanwhile"]


@dataclass(frozen=True, slots=True)
class Indexed:
    """What became of an original: `replaced` has other content than before, `indexed again` the same.

    The same content is indexed again where it failed before, or is to be cut in another way. `queued before` is what
    another call had queued and was indexed only now.
    """

    source: str
    fate: Fate
    document: Document | None

    @property
    def why(self) -> str:
        """Why it failed, with its name."""
        return why_failed(self.document) if self.document else self.source

    @staticmethod
    def of(row: Enqueued, document: Document | None) -> Indexed:
        """What became of an original, by what was done with it and the document that is there now."""
        fate: Fate
        if document is None:
            fate = "deleted meanwhile"
        elif document.status is DocumentStatus.FAILED:
            fate = "failed"
        elif row.outcome == "replaced":
            fate = "indexed again" if row.same else "replaced"
        else:
            fate = "new" if row.outcome == "created" else "queued before" if row.was in UNFINISHED else "unchanged"
        return Indexed(row.source, fate, document)


def counted(number: int, noun: str) -> str:
    """A number of things, in the singular where it is one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def why_failed(document: Document) -> str:
    """Why a document failed, with its name, which most errors begin with already."""
    error = document.error or ""
    return error if error.startswith(document.source) else f"{document.source}: {error}"


@dataclass(frozen=True, slots=True)
class Neolight:
    """A workspace: documents in, cited answers out."""

    deps: Deps
    workspace: str

    async def insert(
        self, texts: Sequence[str], sources: Sequence[str] | None = None, *, terms: Terms = USUAL
    ) -> list[Document]:
        """Indexes texts and returns their documents when they are processed or failed. Raises InvalidInput."""
        names: Sequence[str | None] = sources or [None] * len(texts)
        most = self.deps.limits.max_upload_mb
        return await self.index(
            [text_original(text, name, max_mb=most) for text, name in zip(texts, names, strict=True)], terms=terms
        )

    async def insert_urls(self, *urls: str, terms: Terms = USUAL) -> list[Document]:
        """Fetches documents of allowed hosts, all or none, and indexes them. Raises InvalidInput, SourceUnavailable."""
        return await self.index([await fetch(url, self.deps.urls) for url in urls], terms=terms)

    async def insert_files(self, *paths: Path | str, name: str | None = None, terms: Terms = USUAL) -> list[Document]:
        """Indexes files, and the supported files of folders, named as `neolight index` does.

        Raises NotFound, InvalidInput.
        """
        found = originals_of(map(Path, paths), max_mb=self.deps.limits.max_upload_mb, name=name)
        return await self.index(found, terms=terms)

    async def index(
        self,
        originals: Sequence[Original],
        on_progress: Callable[[Sequence[Document]], None] | None = None,
        *,
        terms: Terms = USUAL,
    ) -> list[Document]:
        """Queues originals, waits until each is processed or failed and every vector is written, and returns them."""
        rows = await self.queue(originals, terms=terms)
        return [one.document for one in await self.indexed(rows, on_progress) if one.document]

    async def queue(
        self, originals: Sequence[Original], *, track_id: str | None = None, terms: Terms = USUAL
    ) -> list[Enqueued]:
        """Queues originals, all or none; raises as `take_in` does."""
        track_id = track_id or f"index-{secrets.token_hex(8)}"
        return await take_in(self.deps, self.workspace, originals, track_id=track_id, terms=terms)

    async def indexed(
        self, rows: Sequence[Enqueued], on_progress: Callable[[Sequence[Document]], None] | None = None
    ) -> list[Indexed]:
        """Waits until what was queued is processed or failed and every vector is written; tells what became of it."""
        found = {one.id: one for one in await self._finished([row.id for row in rows], on_progress)}
        return [Indexed.of(row, found.get(row.id)) for row in rows]

    async def retry(self, ids: Sequence[str] | None = None) -> list[Document]:
        """Indexes failed documents again, all of them if no ids are given, and returns them as `index` does."""
        queued = await documents.retry(self.deps.graph, self.workspace, ids)
        self.deps.waiting.set()
        return await self._finished(queued, None)

    async def _finished(
        self, ids: Sequence[str], on_progress: Callable[[Sequence[Document]], None] | None
    ) -> list[Document]:
        """Waits until none of the documents is pending or in work and no vector is out of date."""
        while True:
            found = await documents.get_many(self.deps.graph, self.workspace, ids)
            if on_progress:
                on_progress(list(found.values()))
            if not any(document.status in UNFINISHED for document in found.values()):
                break
            await asyncio.sleep(POLL_SECONDS)
        await self._swept()
        try:
            await summarize(self.deps)
        except ModelUnavailable as error:  # what is indexed is indexed; the next one who can will summarise
            log.warning("Long descriptions stay as they are for now: %s", error)
        return [found[id_] for id_ in ids if id_ in found]

    async def _swept(self) -> None:
        """Sees to it that every vector is written; while a model is down, waits for it, as documents do."""
        outage = Outage()
        while True:
            try:
                await sweep(self.deps)
            except ModelUnavailable as error:
                outage.met(error)
                await asyncio.sleep(max(AGAIN_SECONDS, self.deps.resting() or 0.0))
            else:
                outage.over()
                return

    async def retrieve(self, question: str, mode: str = "mix") -> Retrieval:
        """What speaks to a question. Raises InvalidInput."""
        return await retrieve(self.deps, self.workspace, Wanted(question, mode))

    async def query(self, question: str, mode: str = "mix") -> Answer:
        """A cited answer. Raises InvalidInput."""
        return await ask(self.deps, self.workspace, Asked(Wanted(question, mode)))

    def stream(self, question: str, mode: str = "mix") -> AsyncIterator[Event]:
        """A cited answer, event by event. Raises InvalidInput."""
        return stream(self.deps, self.workspace, Asked(Wanted(question, mode)))

    async def documents(self, limit: int = 100) -> list[Document]:
        """Documents, newest first."""
        return await documents.listed(self.deps.graph, self.workspace, limit=limit)

    async def delete(self, *ids: str) -> list[str]:
        """Deletes documents, and exactly what rests on nothing else; returns the ids that existed."""
        return await writer.delete(self.deps.graph, self.workspace, ids)


@asynccontextmanager
async def open(  # noqa: A001
    settings: Settings | None = None,
    *,
    workspace: str | None = None,
    worker: bool = True,
    progress: embedded.Progress = embedded.silent,
) -> AsyncGenerator[Neolight]:
    """Opens Neolight, with the embedded Neo4j unless NEO4J_URI is set; `worker` indexes in the background of the block.

    Raises:
        InvalidInput: a workspace cannot be called so.
        EmbeddedServerError, GraphUnavailable, GraphMismatch, ConfigurationError: as they say.
    """
    settings = settings or Settings()
    name = workspace_name(workspace or settings.workspace)
    async with opened(settings, progress) as deps:
        handle = Neolight(deps, name)
        if not worker:
            yield handle
            return
        async with Worker(deps).running():
            yield handle
