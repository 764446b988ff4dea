"""Names that stand for an entity of another key: those of merged entities, and new ones of renamed entities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from neolight.graph import keys
from neolight.graph.gateway import Transaction
from neolight.graph.query import query
from neolight.graph.transactions import Overtaken


@dataclass(frozen=True, slots=True)
class NamesVersion:
    """How often the names of a workspace have changed what they mean, and the types that its entities may have."""

    version: int
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """The entity that a key of another name stands for: its key and id."""

    alias: str
    key: str
    id: str


@dataclass(frozen=True, slots=True)
class AliasKey:
    """The key of another name."""

    key: str


@dataclass(frozen=True, slots=True)
class Below:
    """Another name: its id as an entity, whose name it is, how it became one, and the keys that it stands for."""

    id: str
    entity_id: str
    origin: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """The version of the names before, and the keys that have become entities meanwhile."""

    version: int
    taken: tuple[str, ...]


VERSION = query("names/version", NamesVersion)
RESOLVE = query("names/resolve", Home)
OF_ENTITIES = query("names/of_entities", AliasKey)
BELOW = query("names/below", Below)
ADD = query("names/add")
DROP = query("names/drop", AliasKey)
SETTLE = query("names/settle", Settled)


@dataclass(slots=True)
class Names:
    """What names mean within one transaction, as it was at its start; `settle` makes sure that it still is so.

    Locks are taken in this order by all who write: documents, entities by id, relations by id, and last the workspace.
    So a transaction that relied on a name which another one has meanwhile given away is begun anew.
    """

    tx: Transaction
    workspace: str
    version: int
    types: tuple[str, ...] = ()
    changed: bool = False

    @classmethod
    async def read(cls, tx: Transaction, workspace: str) -> Names:
        """The names as they are now."""
        rows = await tx.run(VERSION, workspace=workspace)
        return cls(tx, workspace, rows[0].version, rows[0].types) if rows else cls(tx, workspace, 0)

    async def homes(self, wanted: Iterable[str]) -> dict[str, Home]:
        """The entities that keys of other names stand for; keys that are no other name are left out."""
        if not self.version:
            return {}
        rows = await self.tx.run(RESOLVE, workspace=self.workspace, keys=sorted(wanted))
        return {row.alias: row for row in rows}

    async def of(self, ids: Sequence[str]) -> list[str]:
        """The keys of the other names that entities have."""
        if not self.version or not ids:
            return []
        return [row.key for row in await self.tx.run(OF_ENTITIES, ids=list(ids))]

    async def drop(self, wanted: Sequence[str]) -> None:
        """Deletes those of other names whose entity is gone."""
        if wanted and await self.tx.run(DROP, workspace=self.workspace, keys=list(wanted)):
            self.changed = True

    async def settle(self, *, added: Sequence[str] = (), edited: bool = False) -> None:
        """Ends the transaction: no lock may be taken after this.

        `added` are keys that have become other names, `edited` tells that the content of the workspace has changed in a
        way that nobody else records.

        Raises Overtaken: the names have changed meanwhile.
        """
        (settled,) = await self.tx.run(
            SETTLE,
            workspace=self.workspace,
            scope=keys.scope(self.workspace),
            keys=list(added),
            renamed=self.changed or bool(added),
            edited=edited,
        )
        if settled.version != self.version or settled.taken:
            raise Overtaken(hint="Try again.")
