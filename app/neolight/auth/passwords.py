"""Passwords: argon2 and bcrypt hashes, and the check that takes as long for a stranger as for an account."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from enum import StrEnum

import bcrypt
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from neolight.errors import ConfigurationError

LONGEST = 1024
"""Characters of a password that is looked at."""

BCRYPT_BYTES = 72
"""What bcrypt takes of a password at most."""

ARGON2 = PasswordHasher()
"""argon2id with the parameters that RFC 9106 recommends for little memory: 64 MiB, three passes, four lanes."""


class Scheme(StrEnum):
    """How a password is hashed."""

    ARGON2 = "argon2"
    BCRYPT = "bcrypt"


def hashed(password: str) -> str:
    """A new argon2 hash of a password."""
    return ARGON2.hash(password)


def scheme_of(stored: str) -> Scheme | None:
    """How a stored password is hashed; None means that it is the password itself. Raises ConfigurationError."""
    if stored.startswith("$argon2"):
        try:
            ARGON2.check_needs_rehash(stored)
        except InvalidHashError as error:
            raise ConfigurationError(
                "A password of NEOLIGHT_ACCOUNTS begins as an argon2 hash and is none.",
                hint="Make one by `neolight hash-password`.",
            ) from error
        return Scheme.ARGON2
    if stored.startswith(("$2a$", "$2b$", "$2y$")):
        if len(stored) != 60:
            raise ConfigurationError(
                "A password of NEOLIGHT_ACCOUNTS begins as a bcrypt hash and is none.",
                hint="Where a shell or compose reads it, write each $ as $$ or put it in single quotes.",
            )
        return Scheme.BCRYPT
    return None


def verified(scheme: Scheme, stored: str, password: str) -> bool:
    """Whether a password is the one that was hashed; takes tens of milliseconds of a core."""
    if scheme is Scheme.BCRYPT:
        return bcrypt.checkpw(password.encode("utf-8", "replace")[:BCRYPT_BYTES], stored.encode("ascii", "replace"))
    try:
        return ARGON2.verify(stored, password.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False


class Checker:
    """Checks passwords with the same work whether the account exists or not.

    Each check verifies one hash of every scheme that is in use: the account's own for its scheme, and for all others a
    hash of the same cost that nothing matches.
    """

    def __init__(self, stored: Mapping[str, str]) -> None:
        self._stored = {name: (scheme_of(hash_) or Scheme.ARGON2, hash_) for name, hash_ in stored.items()}
        self._nobody: dict[Scheme, str] = {}
        for scheme, hash_ in self._stored.values():
            self._nobody.setdefault(scheme, _like(scheme, hash_))

    def check(self, name: str, password: str) -> bool:
        """Whether this is the password of the account."""
        own = self._stored.get(name)
        right = False
        for scheme, nobody in self._nobody.items():
            mine = own is not None and own[0] is scheme
            matches = verified(scheme, own[1] if own and mine else nobody, password[:LONGEST])
            right = right or (mine and matches)
        return right and len(password) <= LONGEST


def _like(scheme: Scheme, stored: str) -> str:
    """A hash of a password that nobody knows, with the cost of another."""
    unknown = secrets.token_urlsafe(32)
    if scheme is Scheme.BCRYPT:
        return bcrypt.hashpw(unknown.encode(), bcrypt.gensalt(int(stored.split("$")[2]))).decode()

    return PasswordHasher.from_parameters(extract_parameters(stored)).hash(unknown)
