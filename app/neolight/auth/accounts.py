"""Accounts and API keys, as the operator writes them down."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from neolight.auth.passwords import hashed, scheme_of
from neolight.auth.principal import Principal, Role
from neolight.errors import ConfigurationError

log = logging.getLogger(__name__)

SHORT_KEY = 20
"""Characters below which an API key could be guessed."""

RoleName = Literal["reader", "editor", "admin"]
WorkspaceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]

ACCOUNTS_FORM = (
    '[{"name": "ada", "password": "$argon2id$...", "role": "editor", "workspaces": ["sales"]}], '
    "or name:password,name:password"
)
KEYS_FORM = '[{"name": "ci", "key": "...", "role": "editor", "workspaces": ["sales"]}], or a single key'


class _Bound(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=128)
    role: RoleName
    workspaces: Annotated[list[WorkspaceName], Field(min_length=1)] | None = None

    def principal(self) -> Principal:
        """Who this is."""
        return Principal(self.name, Role.named(self.role), tuple(self.workspaces) if self.workspaces else None)


class _Account(_Bound):
    password: str = Field(min_length=1)


class _Key(_Bound):
    key: str = Field(min_length=8)


Row = TypeVar("Row", bound=_Bound)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who logs in with a password."""

    principal: Principal
    hash: str
    """argon2 or bcrypt; a password that is written down plainly is hashed when the program starts."""
    stamp: bytes
    """Changes when the operator writes down another password or hash, and only then."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, of which only the SHA-256 is kept."""

    principal: Principal
    digest: bytes


def accounts(text: str) -> dict[str, Account]:
    """Accounts by name, from NEOLIGHT_ACCOUNTS. Raises ConfigurationError."""
    text = text.strip()
    if text.startswith("["):
        rows = _rows(list[_Account], text, "NEOLIGHT_ACCOUNTS", ACCOUNTS_FORM)
    else:
        rows = list(_pairs(text))
    return {row.name: Account(row.principal(), _hash(row), digest(row.password)) for row in rows}


def _pairs(text: str) -> Iterator[_Account]:
    """LightRAG's form, where every account may do everything: name:password,name:{bcrypt}hash."""
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, colon, password = pair.partition(":")
        if not (colon and name.strip() and password):
            # The pair may hold a password, so it is not quoted.
            raise ConfigurationError("NEOLIGHT_ACCOUNTS cannot be read.", hint=f"Write it as {ACCOUNTS_FORM}.")
        yield _Account(name=name.strip(), role="admin", password=password.removeprefix("{bcrypt}"))


def _hash(row: _Account) -> str:
    if scheme_of(row.password) is not None:
        return row.password
    log.warning("The password of the account %s is written down plainly: use `neolight hash-password`.", row.name)
    return hashed(row.password)


def api_keys(text: str) -> tuple[ApiKey, ...]:
    """API keys, from NEOLIGHT_API_KEYS. Raises ConfigurationError."""
    text = text.strip()
    if not text:
        return ()
    if text.startswith("["):
        rows = _rows(list[_Key], text, "NEOLIGHT_API_KEYS", KEYS_FORM)
    else:
        rows = [_Key(name="key", key=text, role="admin")] if len(text) >= 8 else _refuse("NEOLIGHT_API_KEYS", KEYS_FORM)
    found = tuple(ApiKey(row.principal(), _digest_of(row)) for row in rows)
    if len({key.digest for key in found}) < len(found):
        raise ConfigurationError("NEOLIGHT_API_KEYS has the same key twice.", hint="Make one for each program.")
    return found


def _digest_of(row: _Key) -> bytes:
    if row.key.startswith("sha256:"):
        try:
            known = bytes.fromhex(row.key.removeprefix("sha256:"))
        except ValueError:
            known = b""
        if len(known) != 32:
            raise ConfigurationError(f"The API key {row.name} is no SHA-256.", hint="Write 64 hexadecimal digits.")
        return known
    if len(row.key) < SHORT_KEY:
        log.warning("The API key %s has fewer than %d characters and could be guessed.", row.name, SHORT_KEY)
    return digest(row.key)


def digest(key: str) -> bytes:
    """The SHA-256 of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def matching(keys: Sequence[ApiKey], presented: str) -> ApiKey | None:
    """The key that was presented, if it is one; every key is compared, each in constant time."""
    found: ApiKey | None = None
    wanted = digest(presented)
    for key in keys:
        if hmac.compare_digest(key.digest, wanted):
            found = key
    return found


def _rows(kind: type[list[Row]], text: str, setting: str, form: str) -> list[Row]:
    try:
        rows = TypeAdapter(kind).validate_python(json.loads(text))
    except ValidationError as error:
        # Only where and what: the values are secrets.
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ConfigurationError(f"{setting} cannot be read: {wrong}.", hint=f"Write it as {form}.") from None
    except ValueError as error:
        raise ConfigurationError(f"{setting} is no JSON.", hint=f"Write it as {form}.") from error
    names = [row.name for row in rows]
    if len(set(names)) < len(names):
        raise ConfigurationError(f"{setting} has the same name twice.", hint="Give each its own.")
    return rows


def _refuse(setting: str, form: str) -> list[_Key]:
    raise ConfigurationError(f"{setting} cannot be read.", hint=f"Write it as {form}; a key has 8 characters or more.")
