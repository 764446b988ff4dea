"""Inserting documents, as texts and as files."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile
from pydantic import BaseModel, Field

from neolight.deps import Deps
from neolight.errors import Conflict, InvalidInput, TooLarge, UnsupportedFormat
from neolight.formats import COMMON
from neolight.graph import document_lists
from neolight.graph.documents import Enqueued, Original
from neolight.intake import Terms, take_in
from neolight.rest.chunking import Chunking, chunking_of
from neolight.rest.schemas import FileTypes, Inserted
from neolight.rest.workspace import Dependencies, Workspace
from neolight.sources import original_of, source_name, text_original
from neolight.urls import LONGEST, fetch

MOST_TEXTS = 1000
"""Texts of one request."""

MOST_URLS = 20
"""URLs of one request."""


class _Terms(BaseModel):
    """What is said of all documents of a request."""

    chunking: Chunking | None = None
    expires_at: datetime | None = Field(None, description="When they are deleted; a time to come.")

    def terms(self) -> Terms:
        """The same, in this server's terms."""
        return Terms(self.chunking.choice() if self.chunking else None, self.expires_at)


class InsertText(_Terms):
    """One text, and what to call it."""

    text: str = Field(min_length=1, examples=["Part P-987 fixes error E-45."])
    file_source: str | None = Field(None, examples=["manual.txt"])


class InsertTexts(_Terms):
    """Several texts, and what to call them, in the same order."""

    texts: list[str] = Field(min_length=1, examples=[["Part P-987 fixes error E-45."]])
    file_sources: list[str] | None = Field(None, examples=[["manual.txt"]])


class InsertUrls(_Terms):
    """URLs of documents to fetch."""

    urls: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=LONGEST)]], Field(min_length=1, max_length=MOST_URLS)
    ] = Field(examples=[["https://example.com/manual.pdf"]])


router = APIRouter(prefix="/documents", tags=["documents"])


@router.post("/text")
async def insert_text(body: InsertText, workspace: Workspace, deps: Dependencies) -> Inserted:
    """Queues one text. A source that is there already gets this text in place of its own."""
    most = deps.limits.max_upload_mb
    original = text_original(body.text, body.file_source, max_mb=most)
    return await _insert(deps, workspace, [original], body.terms())


@router.post("/texts")
async def insert_texts(body: InsertTexts, workspace: Workspace, deps: Dependencies) -> Inserted:
    """Queues several texts, all or none."""
    if len(body.texts) > MOST_TEXTS:
        raise TooLarge(f"There are {len(body.texts)} texts; at most {MOST_TEXTS} are allowed in one request.")
    sources = body.file_sources or []
    if len(sources) > len(body.texts):
        raise InvalidInput(f"There are {len(sources)} file_sources for {len(body.texts)} texts.")
    padded: list[str | None] = [*sources, *[None] * (len(body.texts) - len(sources))]
    most = deps.limits.max_upload_mb
    originals = [text_original(text, source, max_mb=most) for text, source in zip(body.texts, padded, strict=True)]
    return await _insert(deps, workspace, originals, body.terms())


@router.post("/urls")
async def insert_urls(body: InsertUrls, workspace: Workspace, deps: Dependencies) -> Inserted:
    """Fetches documents of the web, from hosts that the operator allows, and queues them, all or none."""
    originals: list[Original] = []
    for url in body.urls:
        originals.append(await fetch(url, deps.urls))
        if sum(len(original.data) for original in originals) > deps.urls.max_mb << 20:
            raise TooLarge(f"The documents have more than {deps.urls.max_mb} MB.", hint="Fetch them by several calls.")
    return await _insert(deps, workspace, originals, body.terms())


@router.post("/upload")
async def upload(
    file: UploadFile,
    workspace: Workspace,
    deps: Dependencies,
    chunking: Annotated[
        str | None, Form(max_length=20_000, description="How it is cut, as the JSON of a text's.")
    ] = None,
    expires_at: Annotated[datetime | None, Form(description="When it is deleted; a time to come.")] = None,
) -> Inserted:
    """Queues a file. One of the same name is replaced by it; 409 where that has the same content already, unless it is
    told when it is to be deleted."""
    most = deps.limits.max_upload_mb
    name = source_name(file.filename or "")
    _check_extension(name, deps.files.extensions)
    if (file.size or 0) > most << 20:
        raise TooLarge(f"{name} has more than the {most} MB that are allowed.", hint="Raise NEOLIGHT_MAX_UPLOAD_MB.")
    original = original_of(name, await file.read(), max_mb=most)
    chosen = chunking_of(chunking)
    rows, track_id = await _enqueue(deps, workspace, [original], Terms(chosen.choice() if chosen else None, expires_at))
    (row,) = rows
    if row.outcome == "unchanged" and expires_at is None:
        raise Conflict(f"{name} is here already, with the same content.", hint=f"Its id is {row.id}.")
    said = {"created": "was uploaded and queued", "replaced": "was replaced and queued"}.get(
        row.outcome, "is here already, unchanged"
    )
    return Inserted(status="success", message=f"File {name} {said}.{_deleted_on(rows)}", track_id=track_id)


@router.get("/supported_file_types")
async def supported_file_types(workspace: Workspace, deps: Dependencies) -> FileTypes:
    """The extensions of files that can be read; all of them by the one engine there is."""
    found = sorted(deps.files.extensions)
    return FileTypes(supported_extensions=found, engines={"native": found})


def _check_extension(name: str, known: Sequence[str]) -> None:
    extension = PurePosixPath(name).suffix.lower()
    if extension not in known:
        raise UnsupportedFormat(
            f"Unsupported file type {extension or 'without an extension'}: {name}.",
            hint=f"Save it as {COMMON}, for example; GET /documents/supported_file_types lists all.",
        )


async def _enqueue(deps: Deps, workspace: str, originals: list[Original], terms: Terms) -> tuple[list[Enqueued], str]:
    track_id = f"insert-{secrets.token_hex(8)}"
    return await take_in(deps, workspace, originals, track_id=track_id, terms=terms), track_id


def _deleted_on(rows: Sequence[Enqueued]) -> str:
    """When documents will be deleted, as a sentence; nothing where they all stay."""
    times = sorted(row.expires_at for row in rows if row.expires_at)
    if not times:
        return ""
    some = [] if len(times) == len(rows) else [f"{len(times)} of them"]
    first = ["the first"] if times[0] != times[-1] else []
    words = [*([", ".join(some + first)] if some + first else []), "on", times[0].isoformat(timespec="seconds")]
    return f" To be deleted: {' '.join(words)}."


async def _insert(deps: Deps, workspace: str, originals: list[Original], terms: Terms) -> Inserted:
    rows, track_id = await _enqueue(deps, workspace, originals, terms)
    same = [row for row in rows if row.outcome == "unchanged"]
    queued = len(rows) - len(same)
    message = f"{queued} documents queued" + (f"; {len(same)} are here already, unchanged." if same else ".")
    message += _deleted_on(rows)
    if not queued:  # the call that did queue it is the one to follow
        known = await document_lists.by_source(deps.graph, workspace, [same[0].source])
        track_id = next((row.track_id for row in known.values() if row.track_id), track_id)
    return Inserted(status="success", message=message, track_id=track_id)
