"""Tokens: JSON Web Tokens by one algorithm, which says nothing about what its bearer may do."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import jwt
from cachetools import TTLCache

from neolight.auth.accounts import Account
from neolight.auth.principal import Principal

ALGORITHM = "HS256"
ISSUER = "neolight"
GUEST = "guest"
REQUIRED = ("exp", "iat", "iss", "sub", "role", "auth_time")
LONGEST = 4096
"""Characters of a token that is looked at."""

RENEW_SHARE = 0.5
"""A token is renewed when less than this share of its life is left."""
RENEW_SPACING = 60
"""Seconds between two renewals for the same account."""
SESSION = 30 * 24 * 3600
"""Seconds after which renewal ends and a password is asked for again."""


@dataclass(frozen=True, slots=True)
class Session:
    """A token that was read and found good. Times are in seconds since 1970."""

    principal: Principal | None
    """Nobody in particular, for a guest."""
    issued_at: float
    expires_at: float
    auth_time: float


class Tokens:
    """Issues tokens and reads them.

    A token names an account. What the account may do is looked up with every request, so a change of its role, its
    workspaces or its password, or its removal, takes effect at the next start, whatever tokens are around.
    """

    def __init__(self, secret: str, accounts: Mapping[str, Account], *, hours: float, guest_hours: float) -> None:
        self._secret = secret
        self._accounts = accounts
        self._seconds = hours * 3600
        self._guest_seconds = guest_hours * 3600
        self._renewed: TTLCache[str, bool, float] = TTLCache[str, bool, float](10_000, RENEW_SPACING)

    def issue(self, account: Account, *, auth_time: float | None = None) -> str:
        """A token for an account whose password was checked at `auth_time`, else now."""
        claims = {"sub": account.principal.name, "role": "user", "pwd": self._fingerprint(account)}
        return self._signed(claims, self._seconds, auth_time)

    def guest(self) -> str:
        """A token that proves nothing, for clients that insist on having one where no account is configured."""
        return self._signed({"sub": GUEST, "role": GUEST}, self._guest_seconds, None)

    def read(self, token: str) -> Session | None:
        """What a token says, or None where it is expired, forged, or of an account as it no longer is."""
        if len(token) > LONGEST:
            return None
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={"require": list(REQUIRED), "verify_aud": False, "strict_aud": False},
            )
            session = Session(None, float(claims["iat"]), float(claims["exp"]), float(claims["auth_time"]))
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        if claims["role"] == GUEST:
            return session
        account = self._accounts.get(str(claims["sub"]))
        fingerprint = str(claims.get("pwd"))
        if account is None or not hmac.compare_digest(fingerprint.encode(), self._fingerprint(account).encode()):
            return None
        return replace(session, principal=replace(account.principal, expires_at=session.expires_at))

    def renewal(self, session: Session) -> str | None:
        """A new token for a session whose token has lived half its life, at most one a minute for an account."""
        now, principal = time.time(), session.principal
        left, life = session.expires_at - now, session.expires_at - session.issued_at
        if principal is None or left >= life * RENEW_SHARE or now - session.auth_time > SESSION:
            return None
        if principal.name in self._renewed:
            return None
        self._renewed[principal.name] = True
        return self.issue(self._accounts[principal.name], auth_time=session.auth_time)

    def _signed(self, claims: dict[str, Any], seconds: float, auth_time: float | None) -> str:
        now = time.time()
        more = {
            "iss": ISSUER,
            "iat": int(now),
            "exp": int(now + seconds),
            "auth_time": int(auth_time or now),
            "jti": secrets.token_hex(8),
            "metadata": {},
        }
        return jwt.encode(claims | more, self._secret, algorithm=ALGORITHM)

    def _fingerprint(self, account: Account) -> str:
        """Changes with the password, and tells nothing about it."""
        return hmac.new(self._secret.encode(), account.stamp, hashlib.sha256).hexdigest()[:16]
