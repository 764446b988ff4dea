"""What a worker holds: the documents that it has claimed, within its capacity."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from neolight.graph.documents import Claim
from neolight.llm.usage import Ledger

RENEWAL_SECONDS = 10.0
"""After so long a lease is renewed though its document is still at the same step."""

LASTING_SECONDS = 2.0
"""A step that lasts so long is told of; most are over before, and each telling takes the lock of its document."""

FETCHED_BYTES = 4 << 20
"""How much of originals is fetched at once."""


@dataclass(slots=True, eq=False)
class Held:
    """A document in work: its claim, the step it is at, and what Neo4j was last told of it, and when."""

    claim: Claim
    step: str = "read"
    told: str = "read"
    renewed: float = field(default_factory=time.monotonic)
    since: float = field(default_factory=time.monotonic)
    """When it came to its step."""
    task: asyncio.Task[None] | None = None
    ledger: Ledger = field(default_factory=Ledger)
    """What model calls have taken for it so far."""

    def reach(self, step: str) -> None:
        """Notes that the work has come to a step."""
        self.step, self.since = step, time.monotonic()

    def due(self, now: float) -> bool:
        """Whether a heartbeat should tell of it. That it is being written need not be told: it is over soon, and the
        heartbeat would wait for the very transaction that writes it."""
        lasting = self.step not in (self.told, "write") and now - self.since > LASTING_SECONDS
        return lasting or now - self.renewed > RENEWAL_SECONDS


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much one worker takes on: documents in work, the bytes of their originals, and chunks a transaction.

    A document that has more bytes by itself is worked on alone. Measured: vector indexes take small transactions better
    (each gets a segment of its own, merged later), everything else large ones.
    """

    documents: int = 384
    chunks: int = 128
    bytes: int = 64 << 20


def by_size(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Documents in groups of at most FETCHED_BYTES, a larger one by itself."""
    groups: list[list[Claim]] = []
    room = 0
    for claim in claims:
        if claim.bytes > room:
            groups.append([])
            room = FETCHED_BYTES
        groups[-1].append(claim)
        room -= claim.bytes
    return groups
