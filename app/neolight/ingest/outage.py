"""What keeps documents waiting: a model or Neo4j that does not answer."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

REMINDER_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Outage:
    """Tells the log when something fails to answer, once a minute while it lasts, and when it is over.

    Each document that waits for it bears the reason itself.
    """

    waiting: int = 0
    """Documents that went back to the queue since it began."""
    _since: float | None = None
    _told: float = 0.0

    def met(self, error: Exception, *, documents: int = 0) -> None:
        """Notes that something did not answer, and that documents went back to the queue for it."""
        now = time.monotonic()
        self.waiting += documents
        if self._since is None:
            self._since = self._told = now
            log.warning("Indexing waits: %s", error)
        elif now - self._told >= REMINDER_SECONDS:
            self._told = now
            log.warning(
                "Indexing has waited for %.0f s, %d documents so far: %s", now - self._since, self.waiting, error
            )

    def over(self) -> None:
        """Notes that everything answers."""
        if self._since is not None:
            log.warning("Indexing goes on after %.0f s.", time.monotonic() - self._since)
            self._since, self.waiting = None, 0
