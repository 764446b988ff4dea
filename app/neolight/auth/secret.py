"""The secret that signs tokens: the operator's, or one that is made once and kept. There is no default."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path

from neolight.errors import ConfigurationError

log = logging.getLogger(__name__)

FILE = "token_secret"
SHORTEST = 32
"""Characters."""


def token_secret(given: str | None, data_dir: Path) -> str:
    """The operator's secret, else the one of the data directory, made at first use and readable by its owner only.

    Raises:
        ConfigurationError: the operator's is too short, or is one that others know.
    """
    if given:
        if len(given) < SHORTEST or given.startswith("lightrag-jwt-default") or len(set(given)) < 8:
            raise ConfigurationError(
                f"NEOLIGHT_TOKEN_SECRET can be guessed: it needs {SHORTEST} characters or more that nobody knows.",
                hint="Make one by `openssl rand -hex 32`, or unset it, and one is made and kept.",
            )
        return given
    try:
        return _kept(data_dir / FILE)
    except OSError as error:
        log.warning("No token secret can be kept in %s (%s): logins end with this process.", data_dir, error)
        return secrets.token_hex(32)


def _kept(path: Path) -> str:
    """The secret of a file, which is made whole or not at all, also by several processes at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    kept = path.read_text("ascii").strip()
    if len(kept) < SHORTEST:
        raise ConfigurationError(f"{path} is damaged.", hint="Delete it: everybody logs in once more.")
    return kept
