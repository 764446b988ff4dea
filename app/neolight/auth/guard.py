"""The guard: finds out who a request is from. What that allows is in `permissions`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neolight.auth.accounts import accounts, api_keys, matching
from neolight.auth.attempts import Lockout, RateLimit, network
from neolight.auth.passwords import Checker
from neolight.auth.principal import LOCAL, Principal, Role, anonymous
from neolight.auth.secret import token_secret
from neolight.auth.tokens import Session, Tokens
from neolight.errors import Forbidden, TooManyRequests, Unauthenticated

LOGINS_AT_ONCE = 2
"""Password hashes that are computed at the same time: each takes a core and 64 MiB."""
LOGINS_WAITING = 32


@dataclass(frozen=True, slots=True)
class Options:
    """How the guard is configured, as the operator wrote it."""

    data_dir: Path
    default_workspace: str
    accounts: str = ""
    api_keys: str = ""
    token_secret: str | None = None
    token_hours: float = 48
    guest_token_hours: float = 24
    whitelist: tuple[str, ...] = ()
    rate_limit: int = 0
    """Requests a minute of one client; 0 is no limit."""
    allowed_origins: tuple[str, ...] = ()
    local: bool = False
    """Whether only this machine is listened to."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows to say who it is from."""

    bearer: str | None = None
    api_key: str | None = None

    @classmethod
    def of_headers(cls, headers: Mapping[str, str]) -> Credentials:
        """From the headers Authorization and X-API-Key; names in any case."""
        return cls.of(headers.get("authorization"), headers.get("x-api-key"))

    @classmethod
    def of_connection(cls, params: Mapping[str, Any]) -> Credentials:
        """From the payload of connection_init: authorization, and apiKey or X-API-Key."""
        by_name = {name.lower(): str(value) for name, value in params.items() if value is not None}
        return cls.of(by_name.get("authorization"), by_name.get("apikey") or by_name.get("x-api-key"))

    @classmethod
    def of(cls, authorization: str | None, api_key: str | None) -> Credentials:
        """From an Authorization header, whose scheme must be Bearer, and a key."""
        scheme, _, value = (authorization or "").strip().partition(" ")
        bearer = value.strip() if scheme.lower() == "bearer" else ""
        return cls(bearer or None, api_key or None)

    def __bool__(self) -> bool:
        return bool(self.bearer or self.api_key)


@dataclass(frozen=True, slots=True)
class Identified:
    """Who a request is from, and the session of its token, if it came with one."""

    principal: Principal
    session: Session | None = None


class Guard:
    """Knows the accounts and the API keys."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._accounts = accounts(options.accounts)
        self._keys = api_keys(options.api_keys)
        self._checker = Checker({name: account.hash for name, account in self._accounts.items()})
        self._lockout = Lockout()
        self._hashing = asyncio.Semaphore(LOGINS_AT_ONCE)
        self._logins = 0
        self.requests = RateLimit(options.rate_limit)
        self.tokens = Tokens(
            token_secret(options.token_secret, options.data_dir),
            self._accounts,
            hours=options.token_hours,
            guest_hours=options.guest_token_hours,
        )

    @property
    def has_accounts(self) -> bool:
        """Whether anybody can log in."""
        return bool(self._accounts)

    @property
    def is_open(self) -> bool:
        """Whether nothing is configured, and so everybody may do everything."""
        return not (self._accounts or self._keys)

    def identify(self, shown: Credentials) -> Identified:
        """Who shows these credentials. A token counts before an API key, which may also be sent as a Bearer token.

        Raises:
            Unauthenticated: the token is not valid, or nothing is shown where accounts are configured.
            Forbidden: the API key is not valid, or there is none and only keys are configured.
        """
        if self.is_open:
            return Identified(LOCAL)
        if shown.bearer:
            key = matching(self._keys, shown.bearer)
            if key is not None:
                return Identified(key.principal)
            session = self.tokens.read(shown.bearer)
            if session is None:
                raise Unauthenticated("The token is not valid, or no longer.", hint="Log in again.")
            if session.principal is not None:
                return Identified(session.principal, session)
        return self._by_key(shown.api_key)

    def _by_key(self, presented: str | None) -> Identified:
        if presented and self._keys:
            key = matching(self._keys, presented)
            if key is None:
                raise Forbidden("Invalid API Key.", hint="Check the header X-API-Key.")
            return Identified(key.principal)
        if self._accounts:
            raise Unauthenticated("No credentials were sent.", hint="Log in, or send an API key.")
        raise Forbidden("API Key required.", hint="Send it in the header X-API-Key.")

    def stranger(self, path: str) -> Principal:
        """Somebody without credentials: a reader where the path is on the whitelist."""
        role = Role.READER if self._whitelisted(path) else Role.NOBODY
        return anonymous(self.options.default_workspace, role)

    def _whitelisted(self, path: str) -> bool:
        return path != "/auth/verify" and _listed(path, self.options.whitelist)

    async def login(self, name: str, password: str, client: str) -> str:
        """A token for the right name and password, from the address `client`.

        Raises:
            Unauthenticated: one of them is wrong; which one is not told.
            TooManyRequests: there were too many failures, or too many try at once.
        """
        account = hashlib.sha256(name.encode("utf-8", "replace")).digest()
        from_ = network(client)
        if self._logins >= LOGINS_WAITING:
            raise TooManyRequests("Too many logins at once.", hint="Try again in a moment.", retry_after=5)
        self._lockout.begin(from_, account)
        self._logins += 1
        try:
            async with self._hashing:
                right = await asyncio.to_thread(self._checker.check, name, password)
        finally:
            self._logins -= 1
        if not right:
            raise Unauthenticated("The name or the password is wrong.", hint="Check both.")
        self._lockout.succeeded(from_, account)
        return self.tokens.issue(self._accounts[name])


def build(options: Options) -> Guard:
    """The guard of a server. Raises ConfigurationError."""
    return Guard(options)


def _listed(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path is one of these, or below one that ends with /*."""
    return any(path.startswith(one[:-1]) if one.endswith("/*") else path == one for one in patterns)
