"""Changes of documents that are there: new content, another name, a date to go, an end to their indexing."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

import strawberry
from strawberry.file_uploads import Upload

from neolight.errors import InvalidInput, NotFound
from neolight.graph import document_life, jobs
from neolight.graph import documents as stored
from neolight.graphql.context import Info
from neolight.graphql.described import about, graph_input, graph_type, mutation
from neolight.graphql.documents import Document
from neolight.graphql.limits import MOST_ITEMS
from neolight.graphql.uploads import Inserted, Options, checked_title, enqueue, inserted, sent_file, some
from neolight.intake import to_come
from neolight.models import Document as StoredDocument
from neolight.sources import original_of, source_name, text_original


@graph_input
class DocumentUpdate:
    """What is to change of a document; what is left out stays, and `expiresAt: null` keeps it for ever."""

    source: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its new source: another name or folder, with the same extension."
    )
    title: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its title; null goes back to that of its file when it is next indexed."
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it is to be deleted; null keeps it."
    )


@graph_type
class ChangeMutation:
    """Changes of documents that are there."""

    @mutation
    async def replace_document(
        self,
        info: Info,
        id: Annotated[strawberry.ID, about("The id of the document.")],  # noqa: A002
        text: Annotated[str | None, about("Its new content, as a text.")] = None,
        file: Annotated[Upload | None, about("Its new content, as a file of the same format.")] = None,
        options: Options = None,
    ) -> Inserted:
        """Replaces the content of a document in place: its id and source stay, and passages that did not change are
        neither extracted nor embedded again."""
        document = await _existing(info, id)
        most = info.context.deps.limits.max_upload_mb
        if (text is None) == (file is None):
            raise InvalidInput("`replaceDocument` needs either `text` or `file`.", hint="Give one of them.")
        if text is not None:
            original = text_original(text, document.source, title=document.title, max_mb=most)
        else:
            upload = sent_file(file)
            _same_format(upload.filename or document.source, document.source)
            original = original_of(document.source, await upload.read(), max_mb=most)
        track_id = f"replace-{secrets.token_hex(8)}"
        return inserted(await enqueue(info, [original], track_id, options), track_id)

    @mutation
    async def update_document(
        self,
        info: Info,
        id: Annotated[strawberry.ID, about("The id of the document.")],  # noqa: A002
        changes: Annotated[DocumentUpdate, about("What is to change.")],
    ) -> Document:
        """Renames a document, gives it a title, or says when it is to be deleted. Its content stays."""
        document = await _existing(info, id)
        wanted: dict[str, Any] = {}
        if changes.source is not strawberry.UNSET:
            wanted["source"] = source_name(changes.source or "")
            _same_format(wanted["source"], document.source)
        if changes.title is not strawberry.UNSET:
            wanted |= document_life.titled(checked_title(changes.title), document)
        if changes.expires_at is not strawberry.UNSET:
            wanted["expires_at"] = to_come(changes.expires_at) if changes.expires_at else None
        if not wanted:
            raise InvalidInput("Nothing is to change.", hint="Give `source`, `title` or `expiresAt`.")
        found = await document_life.update(info.context.deps.graph, info.context.workspace, id, wanted)
        changed = await stored.get_many(info.context.deps.graph, info.context.workspace, [id])
        if not found or id not in changed:
            raise _unknown(id)
        return Document.of(changed[id])

    @mutation
    async def cancel_documents(
        self, info: Info, ids: Annotated[list[strawberry.ID], about(f"The ids of documents, at most {MOST_ITEMS}.")]
    ) -> list[strawberry.ID]:
        """Ends the indexing of documents that wait or are in work; their calls of models end within seconds. They are
        `failed` then and can be retried. Gives the ids of those that were cancelled."""
        wanted = [str(id_) for id_ in some(ids, "ids")]
        gone = await jobs.cancel(info.context.deps.graph, info.context.workspace, wanted)
        return [strawberry.ID(id_) for id_ in gone]

    @mutation
    async def cancel_pipeline(self, info: Info) -> int:
        """Ends the indexing of all documents of the workspace that wait or are in work, as `cancelDocuments` does.
        Gives how many there were."""
        return len(await jobs.cancel(info.context.deps.graph, info.context.workspace))


async def _existing(info: Info, id_: str) -> StoredDocument:
    found = await stored.get_many(info.context.deps.graph, info.context.workspace, [id_])
    if id_ not in found:
        raise _unknown(id_)
    return found[id_]


def _unknown(id_: str) -> NotFound:
    return NotFound(f"There is no document {id_[:80]!r}.", hint="List them by `documents`.")


def _same_format(new: str, old: str) -> None:
    """Refuses another extension: by it the reader is chosen. Raises InvalidInput."""
    wanted, given = PurePosixPath(old).suffix.lower(), PurePosixPath(new).suffix.lower()
    if wanted != given:
        raise InvalidInput(
            f"The document is {old[-80:]!r}, and {new[-80:]!r} is of another format.",
            hint=f"Keep the extension {wanted or '(none)'}, or insert it as a new document and delete this one.",
        )
