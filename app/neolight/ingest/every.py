"""What is done now and then in a round that comes more often."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass


@dataclass(slots=True)
class Every:
    """Tells when something is due that is done every so many seconds; the first time it is due at once."""

    seconds: float
    _last: float = -math.inf

    def due(self, *, anyway: bool = False) -> bool:
        """Whether it is due, or done `anyway`; if so, the seconds count from now."""
        now = time.monotonic()
        if not anyway and now - self._last <= self.seconds:
            return False
        self._last = now
        return True
