"""Names of types that refer to each other across modules: strawberry looks them up when the schema is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

if TYPE_CHECKING:
    from neolight.graphql.chunks import Chunk
    from neolight.graphql.documents import Document
    from neolight.graphql.entities import Entity, Mention
    from neolight.graphql.relations import Relation

LazyChunk: TypeAlias = Annotated["Chunk", strawberry.lazy("neolight.graphql.chunks")]
LazyDocument: TypeAlias = Annotated["Document", strawberry.lazy("neolight.graphql.documents")]
LazyEntity: TypeAlias = Annotated["Entity", strawberry.lazy("neolight.graphql.entities")]
LazyMention: TypeAlias = Annotated["Mention", strawberry.lazy("neolight.graphql.entities")]
LazyRelation: TypeAlias = Annotated["Relation", strawberry.lazy("neolight.graphql.relations")]
