"""Documents as their indexing proceeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry

from neolight.errors import InvalidInput
from neolight.graph import documents as stored
from neolight.graphql.context import Info
from neolight.graphql.described import about, graph_type, subscription
from neolight.graphql.documents import Document
from neolight.graphql.limits import MOST_ITEMS
from neolight.graphql.poller import Watch
from neolight.graphql.uploads import some
from neolight.models import DocumentStatus

FINAL = (DocumentStatus.PROCESSED, DocumentStatus.FAILED)


@graph_type
class ProgressSubscription:
    """Documents as their indexing proceeds."""

    @subscription
    async def document_progress(
        self,
        info: Info,
        track_id: Annotated[str | None, about("Follows the documents that a call has inserted.")] = None,
        ids: Annotated[list[strawberry.ID] | None, about(f"Follows these documents, at most {MOST_ITEMS}.")] = None,
    ) -> AsyncIterator[list[Document]]:
        """The documents whose status or step has changed, at first all; ends when each is processed, failed or gone."""
        if (track_id is None) == (ids is None):
            raise InvalidInput("`documentProgress` needs either `trackId` or `ids`.", hint="Give one of them.")
        chosen = frozenset(str(id_) for id_ in some(ids, "ids")) if ids is not None else frozenset[str]()
        workspace, poller = info.context.workspace, info.context.shared.poller
        watch = Watch(workspace, chosen, track_id)
        sent: dict[str, tuple[str, str | None]] = {}
        with poller.watching(watch):
            while True:
                snapshot = await poller.next(watch)
                now = {row.id: (row.status, row.step) for row in snapshot.progress[workspace] if watch.covers(row)}
                changed = [id_ for id_, state in now.items() if sent.get(id_) != state]
                if changed:
                    rows = await stored.get_many(info.context.deps.graph, workspace, changed)
                    sent |= {row.id: (row.status.value, row.step) for row in rows.values()}
                    yield [Document.of(row) for row in rows.values()]
                if all(status in FINAL for status, _ in now.values()):
                    return
