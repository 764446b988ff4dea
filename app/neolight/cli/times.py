"""Times as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from neolight.errors import InvalidInput

_SPAN = re.compile(r"(\d{1,6})\s*([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


def moment(text: str) -> datetime:
    """A span from now, such as 12h, 30d or 4w, or a date or time as ISO 8601 has them, in this machine's zone.

    Raises InvalidInput where it is neither.
    """
    span = _SPAN.fullmatch(text.strip().lower())
    try:
        if span:
            return datetime.now(UTC) + timedelta(hours=int(span[1]) * _HOURS[span[2]])
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{text[:80]!r} is no time.", hint="Write 12h, 30d or 4w from now, or a date such as 2027-01-31."
        ) from None
