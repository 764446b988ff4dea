"""Enumerations. Their values are the words that the graph, REST and the command line use too, so in lower case."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import strawberry

from neolight.retrieval.modes import MODES


@strawberry.enum(description="Where a document is in its life.")
class DocumentStatus(Enum):
    """Where a document is in its life."""

    pending = strawberry.enum_value("pending", description="It waits to be indexed.")
    processing = strawberry.enum_value("processing", description="It is being indexed; `step` tells how far it is.")
    processed = strawberry.enum_value("processed", description="It is indexed and answers can cite it.")
    failed = strawberry.enum_value("failed", description="It could not be indexed; `error` tells why.")


@strawberry.enum(description="What became of a text or file.")
class Outcome(Enum):
    """What became of a text or file."""

    created = strawberry.enum_value("created", description="It is new and has been queued.")
    replaced = strawberry.enum_value("replaced", description="Its source had other content; the new one is queued.")
    unchanged = strawberry.enum_value(
        "unchanged", description="Its source had the same content: nothing is to be done."
    )


@strawberry.enum(description="Who said something in a conversation.")
class Role(Enum):
    """Who said something in a conversation."""

    user = strawberry.enum_value("user", description="Who asks.")
    assistant = strawberry.enum_value("assistant", description="Who answers.")


if TYPE_CHECKING:
    Mode: TypeAlias = Enum
else:
    Mode = strawberry.enum(
        Enum("Mode", {name: strawberry.enum_value(name, description=mode.description) for name, mode in MODES.items()}),
        description="A way of searching.",
    )
