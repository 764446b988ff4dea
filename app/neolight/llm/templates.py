"""Loads the prompts that lie beside this module as Markdown files."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from neolight.errors import ConfigurationError

PROMPTS = Path(__file__).parent / "prompts"

_SLOT = re.compile(r"\{\{ *(\w+) *\}\}")


def prompt(name: str, **values: str) -> str:
    """The prompt of this name with its `{{slots}}` filled.

    Values are inserted as they are: what looks like a slot inside a value stays text.
    Raises KeyError where a slot has no value.
    """
    return _SLOT.sub(lambda slot: values[slot[1]], _text(name))


def version(name: str) -> str:
    """A short hash of a prompt's file: what was computed with another version is out of date."""
    return hashlib.sha256(_text(name).encode()).hexdigest()[:12]


def data(text: str, tag: str) -> str:
    """Wraps text that is not ours into `<tag>` and `</tag>`; a tag of that name inside the text cannot close it."""
    inert = re.sub(rf"<(?=\s*/?\s*{tag}\b)", "‹", text, flags=re.IGNORECASE)
    return f"<{tag}>\n{inert}\n</{tag}>"


def use_folder(folder: Path | None) -> None:
    """From now on prompts come from this folder, as far as it has them.

    Raises ConfigurationError where it is none, or has a prompt that could not be filled.
    """
    if folder and not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder} for prompts.", hint="Check NEOLIGHT_PROMPTS_DIR.")
    for own in sorted(folder.glob("*.md")) if folder else ():
        _check(own)
    _text.cache_clear()
    _FOLDERS[:] = [PROMPTS] if folder is None else [folder, PROMPTS]


def _check(own: Path) -> None:
    """Raises ConfigurationError where a prompt is one that nothing asks for, or has a slot that nothing fills."""
    if own.stem.lower() == "readme":
        return
    built_in = PROMPTS / own.name
    if not built_in.is_file():
        names = ", ".join(sorted(file.name for file in PROMPTS.glob("*.md")))
        raise ConfigurationError(f"{own} is no prompt that is used.", hint=f"These are: {names}.")
    known = set(_SLOT.findall(built_in.read_text("utf-8")))
    if unknown := sorted(set(_SLOT.findall(own.read_text("utf-8"))) - known):
        slots = ", ".join(sorted(known)) or "none"
        raise ConfigurationError(
            f"{own} has the slot {unknown[0]}, which nothing fills.", hint=f"It may have: {slots}."
        )


_FOLDERS = [PROMPTS]


@cache
def _text(name: str) -> str:
    path = next(path for folder in _FOLDERS if (path := folder / f"{name}.md").is_file())
    return path.read_text("utf-8").strip()
