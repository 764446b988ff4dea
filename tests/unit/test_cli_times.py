"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from neolight.cli.times import moment
from neolight.errors import InvalidInput


@pytest.mark.parametrize(("text", "hours"), [("12h", 12), ("30d", 720), (" 4 W ", 672), ("0h", 0)])
def test_a_span_is_counted_from_now(text: str, hours: int) -> None:
    before = datetime.now(UTC)
    assert before <= moment(text) - timedelta(hours=hours) <= datetime.now(UTC)


def test_a_date_is_of_this_machines_zone_unless_it_names_one() -> None:
    assert moment("2027-01-31") == datetime(2027, 1, 31).astimezone()
    assert moment("2027-01-31T10:00:00+02:00") == datetime(2027, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "30", "d", "-1d", "999999w", "2027-13-01", "1.5d"])
def test_what_is_no_time_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no time") as caught:
        moment(text)
    assert caught.value.hint
