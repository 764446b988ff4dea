from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from neolight import settings as settings_module
from neolight.errors import ConfigurationError
from neolight.settings import VOCABULARY, Settings, use_bundled_vocabulary
from neolight.start import locate


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.upper().startswith(("NEOLIGHT_", "NEO4J_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write_env(text: str) -> None:
    Path(".env").write_text(text, encoding="utf-8")


def test_with_nothing_set_it_is_one_machine_without_a_model() -> None:
    settings = Settings()

    assert settings.neo4j_uri is None
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 9621, 1)
    assert settings.chat_provider == "none"
    assert settings.embedding_provider == "wordllama"
    assert settings.data_dir.is_absolute()
    assert settings.cache_dir.is_absolute()


# One field with the prefix and one under the name that its field of work gave it.
@pytest.mark.parametrize(
    ("field", "variable"), [("workspace", "NEOLIGHT_WORKSPACE"), ("neo4j_database", "NEO4J_DATABASE")]
)
def test_precedence_is_command_line_then_environment_then_file(
    field: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_env(f"{variable}=file")
    assert getattr(Settings(), field) == "file"

    monkeypatch.setenv(variable, "environment")
    assert getattr(Settings(), field) == "environment"

    assert getattr(Settings(**{field: "command line"}), field) == "command line"


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    write_env("NEO4J_URI=\nNEOLIGHT_LANGUAGE=\n")
    monkeypatch.setenv("NEOLIGHT_PORT", "")

    settings = Settings()

    assert settings.neo4j_uri is None
    assert settings.language is None
    assert settings.port == 9621


def test_an_empty_environment_does_not_hide_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write_env("NEOLIGHT_PORT=1234")
    monkeypatch.setenv("NEOLIGHT_PORT", "")

    assert Settings().port == 1234


def test_lists_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEOLIGHT_ENTITY_TYPES", '["Person", "Company"]')

    assert Settings().entity_types == ("Person", "Company")


@pytest.mark.parametrize(
    ("key", "provider", "in_force"),
    [(None, None, "none"), ("sk-1", None, "openai"), ("sk-1", "none", "none"), (None, "ollama", "ollama")],
)
def test_a_key_turns_the_model_on_unless_a_provider_is_named(
    key: str | None, provider: str | None, in_force: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    if provider:
        monkeypatch.setenv("NEOLIGHT_LLM_PROVIDER", provider)

    assert Settings().chat_provider == in_force


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    monkeypatch.setenv("NEO4J_PASSWORD", "word-hidden")

    settings = Settings()

    assert "hidden" not in f"{settings!r} {settings}"
    assert settings.neo4j_password.get_secret_value() == "word-hidden"


def test_other_names_in_the_file_are_left_alone() -> None:
    write_env("SOMETHING_ELSE=1\nNEOLIGHT_NO_SUCH_SETTING=1\n")

    assert Settings().port == 9621


def test_a_value_of_the_wrong_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEOLIGHT_PORT", "tcp://10.0.0.1:9621")

    with pytest.raises(ConfigurationError, match=r"NEOLIGHT_PORT: .*valid integer"):
        Settings()


def test_a_profile_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usual = Settings().data_dir
    monkeypatch.setenv("NEOLIGHT_PROFILE", "trial")
    assert Settings().data_dir == usual / "profiles" / "trial"
    assert Settings().cache_dir == Settings(profile=None).cache_dir
    monkeypatch.setenv("NEOLIGHT_DATA_DIR", str(tmp_path))
    assert Settings().data_dir == tmp_path
    monkeypatch.setenv("NEOLIGHT_PROFILE", "../other")
    with pytest.raises(ConfigurationError, match="NEOLIGHT_PROFILE"):
        Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # pyright: ignore[reportAttributeAccessIssue]


def test_tokens_are_counted_by_the_bundled_vocabulary_unless_a_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "elsewhere")
    use_bundled_vocabulary()
    assert os.environ["TIKTOKEN_CACHE_DIR"] == "elsewhere"

    monkeypatch.delenv("TIKTOKEN_CACHE_DIR")
    use_bundled_vocabulary()
    assert Path(os.environ["TIKTOKEN_CACHE_DIR"]) == VOCABULARY
    assert any(VOCABULARY.iterdir())


def test_a_wrong_value_is_named_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEOLIGHT_WORKERS", "secret")
    monkeypatch.setenv("NEOLIGHT_ENTITY_TYPES", "Person, Company")
    with pytest.raises(ConfigurationError, match="JSON") as caught:
        Settings()
    monkeypatch.setenv("NEOLIGHT_ENTITY_TYPES", "[]")
    with pytest.raises(ConfigurationError, match="NEOLIGHT_WORKERS") as second:
        Settings()
    assert "secret" not in f"{caught.value}{second.value}"


def test_every_setting_is_read_somewhere() -> None:
    app = Path(settings_module.__file__).parent
    program = "\n".join(file.read_text("utf-8") for file in app.rglob("*.py"))
    idle = [
        name
        for name in Settings.model_fields
        if not re.search(rf"\b(settings|self|known|Settings\(\))\.{name}\b", program)
    ]
    assert idle == [], "a setting that nothing reads promises what is not done"


async def test_an_address_of_another_kind_is_refused_before_anything_is_asked_there() -> None:
    with pytest.raises(ConfigurationError, match="neo4j\\+s://"):
        await locate(Settings(_env_file=None, neo4j_uri="http://localhost:7474"))
