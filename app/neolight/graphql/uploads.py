"""Taking documents in, and out again: what is to be done is written to the graph, and a worker does it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, TypeAlias, TypeVar

import strawberry
from starlette.datastructures import UploadFile
from strawberry.file_uploads import Upload

from neolight.errors import InvalidInput
from neolight.graph import documents as stored
from neolight.graph import writer
from neolight.graph.documents import Enqueued, Original
from neolight.graphql.chunking import ChunkingInput, choice
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_input, graph_type, mutation
from neolight.graphql.documents import Document
from neolight.graphql.enums import Outcome
from neolight.graphql.limits import MOST_ITEMS
from neolight.intake import USUAL, Terms, take_in
from neolight.sources import original_of, source_name, text_original
from neolight.urls import fetch

LONGEST_TITLE = 512
NAMED = 5
"""Files that an error names."""
MOST_URLS = 20

T = TypeVar("T")


@graph_input
class TextInput:
    """A text to be indexed."""

    text: str = strawberry.field(description="The text.")
    source: str | None = strawberry.field(
        default=None, description="A name or relative path, unique in the workspace; without one its content names it."
    )
    title: str | None = strawberry.field(default=None, description="Its title; without one it is the source.")


@graph_input
class InsertOptions:
    """What is to be done with all documents of a call."""

    chunking: ChunkingInput | None = strawberry.field(default=None, description="How they are cut.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="When they are to be deleted; without it they stay, or keep the time that they had."
    )


Options: TypeAlias = Annotated[InsertOptions | None, about("How they are cut, and when they are to be deleted.")]


@graph_type
class InsertedDocument:
    """A document that was taken in."""

    id: strawberry.ID = strawberry.field(description="The id of the document.")
    source: str = strawberry.field(description="The source under which it was taken in.")
    outcome: Outcome = strawberry.field(description="What became of it.")
    expires_at: datetime | None = strawberry.field(description="When it will be deleted; none keeps it.")

    @field
    async def document(self, info: Info) -> Document | None:
        """The document."""
        return await Document.find(info, self.id)


@graph_type
class RefusedFile:
    """A file that was not taken in."""

    name: str = strawberry.field(description="Its name, as it was sent.")
    message: str = strawberry.field(description="Why, and what to do about it.")


@graph_type
class Inserted:
    """What became of the texts or files of one call."""

    track_id: str = strawberry.field(description="Names this call: `documentProgress` follows its documents by it.")
    documents: list[InsertedDocument] = strawberry.field(description="The documents; they are safe in the graph now.")
    refused: list[RefusedFile] = strawberry.field(
        default_factory=list, description="Files that were not taken in; the others were."
    )


@graph_type
class UploadMutation:
    """Changes of what is indexed."""

    @mutation
    async def insert_texts(
        self,
        info: Info,
        texts: Annotated[list[TextInput], about(f"The texts, at most {MOST_ITEMS}.")],
        options: Options = None,
    ) -> Inserted:
        """Queues texts to be indexed, all or none."""
        most = info.context.deps.limits.max_upload_mb
        chosen = some(texts, "texts")
        originals = [text_original(one.text, one.source, title=checked_title(one.title), max_mb=most) for one in chosen]
        weight = sum(len(original.data) for original in originals)
        if weight > most << 20:
            raise InvalidInput(
                f"The texts have {weight / (1 << 20):.0f} MB together; at most {most} are allowed in one call.",
                hint="Send them by several calls.",
            )
        track_id = f"insert-{secrets.token_hex(8)}"
        return inserted(await enqueue(info, originals, track_id, options), track_id)

    @mutation
    async def insert_urls(
        self,
        info: Info,
        urls: Annotated[list[str], about(f"URLs, at most {MOST_URLS}, of hosts that are allowed.")],
        options: Options = None,
    ) -> Inserted:
        """Fetches documents from the web and queues them to be indexed, all or none."""
        if not 1 <= len(urls) <= MOST_URLS:
            raise InvalidInput(f"`urls` has {len(urls)} items; it must have from 1 to {MOST_URLS}.")
        rules = info.context.deps.urls
        originals: list[Original] = []
        for url in urls:
            originals.append(await fetch(url, rules))
            if sum(len(original.data) for original in originals) > rules.max_mb << 20:
                raise InvalidInput(
                    f"The documents have more than {rules.max_mb} MB together.", hint="Fetch them by several calls."
                )
        track_id = f"insert-{secrets.token_hex(8)}"
        return inserted(await enqueue(info, originals, track_id, options), track_id)

    @mutation
    async def upload_documents(
        self,
        info: Info,
        files: Annotated[list[Upload], about(f"The files, at most {MOST_ITEMS}.")],
        options: Options = None,
    ) -> Inserted:
        """Queues files to be indexed; they are sent as the GraphQL multipart request specification says. What cannot be
        taken in is told in `refused`; where that is all of them, it is an error."""
        most = info.context.deps.limits.max_upload_mb
        good, bad = _sorted_out([sent_file(file) for file in some(files, "files")], most)
        track_id = f"insert-{secrets.token_hex(8)}"
        rows: list[Enqueued] = []
        for portion in _portions(good, most << 20):
            read = [original_of(file.filename or "", await file.read(), max_mb=most) for file in portion]
            rows += await enqueue(info, read, track_id, options)
        return inserted(rows, track_id, bad)

    @mutation
    async def delete_documents(
        self, info: Info, ids: Annotated[list[strawberry.ID], about(f"The ids of documents, at most {MOST_ITEMS}.")]
    ) -> list[strawberry.ID]:
        """Deletes documents, and exactly what rests on nothing else. Gives the ids of those that existed."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        gone = await writer.delete(graph, workspace, [str(id_) for id_ in some(ids, "ids")])
        return [strawberry.ID(id_) for id_ in gone]

    @mutation
    async def retry_documents(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID] | None,
            about(f"The ids of documents, at most {MOST_ITEMS}; without them all that failed."),
        ] = None,
    ) -> list[strawberry.ID]:
        """Queues failed documents again. Gives the ids of those that are queued now."""
        wanted = None if ids is None else [str(id_) for id_ in some(ids, "ids")]
        queued = await stored.retry(info.context.deps.graph, info.context.workspace, wanted)
        info.context.deps.waiting.set()
        return [strawberry.ID(id_) for id_ in queued]


def some(items: Sequence[T], name: str) -> Sequence[T]:
    """The items of a call. Raises InvalidInput where there are none, or too many."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise InvalidInput(f"`{name}` has {len(items)} items; it must have from 1 to {MOST_ITEMS}.")
    return items


def checked_title(title: str | None) -> str | None:
    """A title, if it is not too long. Raises InvalidInput."""
    if title and len(title) > LONGEST_TITLE:
        raise InvalidInput(f"The title has {len(title)} characters; at most {LONGEST_TITLE} are allowed.")
    return title


def sent_file(value: object) -> UploadFile:
    """A file of a multipart request. Raises InvalidInput where something else stands in its place."""
    if not isinstance(value, UploadFile):
        raise InvalidInput(
            "A file must be sent as the GraphQL multipart request specification says.",
            hint="Its variable is null in `operations`, and `map` says which part of the request it is.",
        )
    return value


def _sorted_out(files: Sequence[UploadFile], most_mb: int) -> tuple[list[UploadFile], list[RefusedFile]]:
    """The files that can be taken in, and those that cannot. Raises InvalidInput where that is all of them."""
    good: list[UploadFile] = []
    bad: list[RefusedFile] = []
    for file in files:
        try:
            _check(file, most_mb)
        except InvalidInput as error:
            if len(files) == 1:
                raise
            bad.append(RefusedFile(name=file.filename or "", message=str(error)))
        else:
            good.append(file)
    if not good:
        raise InvalidInput(
            f"None of the {len(files)} files can be taken in. {' '.join(one.message for one in bad[:NAMED])}",
            hint="Send others." if len(bad) <= NAMED else f"{len(bad) - NAMED} more are like these.",
        )
    return good, bad


def _check(file: UploadFile, most_mb: int) -> None:
    """Refuses a file by its name and size, before any is queued. Raises InvalidInput."""
    name, size = source_name(file.filename or ""), file.size or 0
    if not size:
        raise InvalidInput(f"{name} is empty (0 bytes).", hint="Check the file and send it again.")
    if size > most_mb << 20:
        raise InvalidInput(
            f"{name} has {size / (1 << 20):.0f} MB; at most {most_mb} are allowed.",
            hint="Split it, or raise NEOLIGHT_MAX_UPLOAD_MB.",
        )


def _portions(files: Sequence[UploadFile], most: int) -> Iterator[list[UploadFile]]:
    """The files in portions of at most `most` bytes: one is in memory, and in a transaction, at a time."""
    portion: list[UploadFile] = []
    weight = 0
    for file in files:
        if portion and weight + (file.size or 0) > most:
            yield portion
            portion, weight = [], 0
        portion.append(file)
        weight += file.size or 0
    yield portion


async def enqueue(
    info: Info, originals: Sequence[Original], track_id: str, options: InsertOptions | None = None
) -> list[Enqueued]:
    """Queues originals with what was said about them, and wakes the worker. Raises InvalidInput, Conflict."""
    deps, workspace = info.context.deps, info.context.workspace
    terms = Terms(choice(options.chunking), options.expires_at) if options else USUAL
    return await take_in(deps, workspace, originals, track_id=track_id, terms=terms)


def inserted(rows: Sequence[Enqueued], track_id: str, refused: Sequence[RefusedFile] = ()) -> Inserted:
    """What became of originals, as an answer."""
    return Inserted(
        track_id=track_id,
        documents=[
            InsertedDocument(
                id=strawberry.ID(row.id), source=row.source, outcome=Outcome(row.outcome), expires_at=row.expires_at
            )
            for row in rows
        ],
        refused=list(refused),
    )
