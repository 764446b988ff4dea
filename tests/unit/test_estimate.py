from __future__ import annotations

from pathlib import Path

import pytest

from neolight.cli import main
from neolight.errors import InvalidInput
from neolight.graph.documents import Original
from neolight.ingest.estimate import REPLY, estimate
from neolight.llm import tokens
from neolight.llm.connection import Connection
from neolight.llm.extraction import ModelExtractor, user_message
from neolight.llm.providers import chat_model
from neolight.models import Chunking
from neolight.settings import use_bundled_vocabulary

use_bundled_vocabulary()
TEXT = "Norvik Sensorik delivers Sensor Kappa to the plant in Lübeck."


def original(source: str, data: bytes) -> Original:
    return Original(source, source, "text/plain", data)


def test_equal_passages_count_once_and_unreadable_files_are_left_out() -> None:
    chat = chat_model(Connection("http://127.0.0.1:9/v1", "m"))
    assert chat
    extractor = ModelExtractor(chat)
    given = [original("a.txt", TEXT.encode()), original("b.txt", TEXT.encode()), original("c.pdf", b"%PDF-no")]
    refused: list[InvalidInput] = []
    found = estimate(given, extractor, Chunking(), refused.append)
    assert (found.documents, found.chunks, found.calls) == (2, 2, 1)
    assert [one.message.split()[0] for one in refused] == ["c.pdf"]
    message = user_message(TEXT, title="a.txt", section=None)
    assert found.tokens_in == extractor.fixed_tokens + tokens.count(message)
    assert found.tokens_out == int(REPLY * tokens.count(TEXT))
    free = estimate(given, None, Chunking(), refused.append)
    assert (free.calls, free.tokens_in, free.tokens_out, free.embedded) == (0, 0, 0, 2 * tokens.count(TEXT))


def test_the_command_tells_the_price_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "broken.pdf").write_text("no PDF", "utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["neolight", "index", ".", "https://127.0.0.1:9/a", "--estimate"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    printed = capsys.readouterr()
    assert "1 document, 1 chunk; 2 would be left out." in printed.out
    assert "Extraction (gpt-4o-mini): 1 calls, " in printed.out
    assert "105 out: $0.0001" in printed.out
    assert "Embeddings (no model is called)" in printed.out
    assert "URLs are not fetched for an estimate." in printed.out
    assert [line.split()[4] for line in printed.err.splitlines()] == ["empty.txt", "broken.pdf"]
