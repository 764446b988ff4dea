"""Every snippet of the quickstart runs as it stands there, in the order of the page, and answers."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from neolight.settings import Settings
from servers import Server, serving_neolight

PAGE = Path(__file__).parents[2] / "docs" / "quickstart.md"
SNIPPET = re.compile(r"```(sh|python)\n(.*?)```", re.DOTALL)
ADDRESS = "127.0.0.1:9621"


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[Server]:
    with serving_neolight(settings.model_copy(update={"workspace": "quickstart"})) as running:
        yield running


@pytest.mark.skipif(shutil.which("curl") is None, reason="NOT RUN: the quickstart needs curl")
def test_every_snippet_runs(server: Server, tmp_path: Path) -> None:
    snippets = SNIPPET.findall(PAGE.read_text(encoding="utf-8"))
    assert len(snippets) == PAGE.read_text(encoding="utf-8").count("```") // 2 == 6
    for language, text in snippets:
        assert ADDRESS in text
        code = text.replace(ADDRESS, server.url.removeprefix("http://"))
        command = ["sh", "-ec", code] if language == "sh" else [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, (text, done.stderr)
        assert "P-987" in done.stdout, (text, done.stdout)
