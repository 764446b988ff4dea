from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from neolight.errors import ConfigurationError
from neolight.llm.providers import PROVIDERS, Connection, base_url, chat_model, embedding_model


def test_the_table_of_providers() -> None:
    assert set(PROVIDERS) == {"openai", "azure", "gemini", "ollama", "bedrock", "nim"}
    assert chat_model(Connection("none")) is None
    assert base_url(Connection("https://models.example.com/v1/")) == "https://models.example.com/v1"
    assert base_url(Connection("openai", base_url="http://localhost:1/v1")) == "http://localhost:1/v1"
    assert base_url(Connection("ollama", base_url="http://gpu:11434")) == "http://gpu:11434/v1"
    azure = Connection("azure", base_url="https://ours.openai.azure.com/")
    assert base_url(azure) == "https://ours.openai.azure.com/openai/v1"


async def test_what_is_missing_is_said() -> None:
    with pytest.raises(ConfigurationError, match="no model provider"):
        chat_model(Connection("opnai", "m"))
    with pytest.raises(ConfigurationError, match="API key"):
        chat_model(Connection("openai", "m"))
    with pytest.raises(ConfigurationError, match="base URL, such as https://<resource>"):
        chat_model(Connection("azure", "m", api_key="k"))
    with pytest.raises(ConfigurationError, match="needs a model"):
        chat_model(Connection("ollama"))
    with pytest.raises(ConfigurationError, match="embedding model"):
        await embedding_model(Connection("http://localhost:1/v1"))
    assert "secret" not in repr(Connection("openai", api_key="secret"))


async def test_sentence_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        def __init__(self, name: str, truncate_dim: int | None) -> None:
            self.length = truncate_dim or 4

        def get_sentence_embedding_dimension(self) -> int:
            return self.length

        def encode(self, texts: list[str], show_progress_bar: bool) -> np.ndarray:
            return np.full((len(texts), self.length), 2.0, dtype=np.float64)

    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Model))
    model = await embedding_model(Connection("sentence-transformers"))
    assert (model.name, model.dimensions) == ("sentence-transformers/all-MiniLM-L6-v2", 4)
    rows = await model.embed(["a", "b"])
    assert rows.dtype == np.float32
    assert np.allclose(rows, 0.5)
    assert (await model.embed([])).shape == (0, 4)
    await model.close()
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'neolight\[sentence-transformers\]"):
        await embedding_model(Connection("sentence-transformers"))
