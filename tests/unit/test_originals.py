"""What a folder holds that cannot be a document does not keep the others out."""

from __future__ import annotations

from pathlib import Path

import pytest

from neolight.api import originals_of
from neolight.errors import ConfigurationError, InvalidInput, NeolightError
from neolight.settings import Settings
from neolight.start import locate


def test_a_file_that_is_refused_is_told_of_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "empty.txt").touch()
    (folder / "good.txt").write_text("good")
    (folder / "large.txt").write_bytes(b"x" * (2 << 20))
    told: list[NeolightError] = []
    found = originals_of([folder], max_mb=1, refused=told.append)
    assert [one.source for one in found] == ["box/good.txt"]
    assert [error.message.split()[0] for error in told] == ["box/empty.txt", "box/large.txt"]
    with pytest.raises(InvalidInput, match="empty"):
        originals_of([folder], max_mb=1)


async def test_an_address_of_another_kind_is_refused_before_anything_is_asked_there() -> None:
    with pytest.raises(ConfigurationError, match="neo4j\\+s://"):
        await locate(Settings(_env_file=None, neo4j_uri="http://localhost:7474"))
