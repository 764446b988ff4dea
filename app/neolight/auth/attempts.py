"""Bounded memories of what clients have done lately: failed logins, and requests."""

from __future__ import annotations

import ipaddress
import time

from cachetools import LRUCache, TTLCache

from neolight.errors import TooManyRequests

WINDOW = 300
"""Seconds that a failed login is remembered."""
MOST_OF_ACCOUNT = 5
"""Failed logins of one client for one account."""
MOST_OF_CLIENT = 50
"""Failed logins of one client for any accounts."""
REMEMBERED = 10_000
"""Clients, and pairs of a client and an account."""


def network(address: str) -> str:
    """The network that counts as one client: an IPv4 address, or the /64 that one IPv6 customer owns."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class Lockout:
    """Refuses logins after too many failures. An attempt counts when it begins, so many at once gain nothing."""

    def __init__(self) -> None:
        self._pairs: TTLCache[tuple[str, bytes], list[int], float] = TTLCache[tuple[str, bytes], list[int], float](
            REMEMBERED, WINDOW
        )
        self._clients: TTLCache[str, list[int], float] = TTLCache[str, list[int], float](REMEMBERED, WINDOW)

    def begin(self, client: str, account: bytes) -> None:
        """Counts an attempt; `account` is a digest of the name. Raises TooManyRequests."""
        of_account = self._pairs.setdefault((client, account), [0])
        of_client = self._clients.setdefault(client, [0])
        if of_account[0] >= MOST_OF_ACCOUNT or of_client[0] >= MOST_OF_CLIENT:
            raise TooManyRequests(
                "There were too many failed logins.", hint=f"Wait {WINDOW // 60} minutes.", retry_after=WINDOW
            )
        of_account[0] += 1
        of_client[0] += 1

    def succeeded(self, client: str, account: bytes) -> None:
        """Forgets the failures of a client for an account, and that this attempt was one."""
        self._pairs.pop((client, account), None)
        if client in self._clients:
            self._clients[client][0] -= 1


class RateLimit:
    """A bucket of tokens for each client: a minute's requests at once, refilled evenly."""

    def __init__(self, a_minute: int) -> None:
        self._capacity = float(a_minute)
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(REMEMBERED)

    def take(self, client: str) -> None:
        """Counts a request. Raises TooManyRequests."""
        if not self._capacity:
            return
        now = time.monotonic()
        left, then = self._buckets.get(client, (self._capacity, now))
        left = min(self._capacity, left + (now - then) * self._capacity / 60)
        if left < 1:
            wait = int((1 - left) * 60 / self._capacity) + 1
            self._buckets[client] = (left, now)
            raise TooManyRequests(
                f"There were more than {self._capacity:.0f} requests a minute.",
                hint=f"Wait {wait} s, or ask the operator to raise NEOLIGHT_RATE_LIMIT.",
                retry_after=wait,
            )
        self._buckets[client] = (left - 1, now)
