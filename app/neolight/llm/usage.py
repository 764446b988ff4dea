"""What model calls take: counted where they are made, gathered for whoever pays."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from neolight.models import Spent

PRICES: Mapping[str, tuple[float, float]] = {
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4o": (2.50, 10.00),
    "gpt-4.1": (2.00, 8.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
    "gemini-2.5-flash": (0.30, 2.50),
    "gemini-2.5-flash-lite": (0.10, 0.40),
    "gemini-2.5-pro": (1.25, 10.00),
    "gemini-embedding-001": (0.15, 0.0),
    "text-embedding-3-small": (0.02, 0.0),
    "text-embedding-3-large": (0.13, 0.0),
    "text-embedding-ada-002": (0.10, 0.0),
}
"""List prices by model: dollars for a million tokens in, and out. An operator's own go before these."""


class Prices:
    """What tokens cost."""

    def __init__(self, own: Mapping[str, tuple[float, float]] | None = None) -> None:
        self._prices = {**PRICES, **(own or {})}

    def known(self, model: str) -> bool:
        """Whether the price of a model is known."""
        return model in self._prices

    def of(self, spent: Spent) -> float:
        """Dollars; 0 where the price of the model is not known."""
        price_in, price_out = self._prices.get(spent.model, (0.0, 0.0))
        return (spent.tokens_in * price_in + spent.tokens_out * price_out) / 1_000_000


class Ledger:
    """What was spent, by model and kind of call."""

    def __init__(self, prices: Prices | None = None) -> None:
        self._prices = prices or Prices()
        self._spent: dict[tuple[str, str], Spent] = {}

    def add(self, spent: Spent) -> None:
        """Notes one more expense."""
        key = spent.model, spent.kind
        self._spent[key] = self._spent[key] + spent if key in self._spent else spent

    def taken(self) -> tuple[Spent, ...]:
        """All that was noted since the last time, with its cost."""
        spent = (self._spent[key] for key in sorted(self._spent))
        found = tuple(replace(one, cost=self._prices.of(one)) for one in spent)
        self._spent.clear()
        return found


_PAYER: ContextVar[Ledger | None] = ContextVar("payer", default=None)


@contextmanager
def paid_by(ledger: Ledger) -> Generator[Ledger]:
    """Within the block, and in tasks begun there, model calls are noted in this ledger."""
    token = _PAYER.set(ledger)
    try:
        yield ledger
    finally:
        _PAYER.reset(token)


def note(spent: Spent) -> None:
    """Notes an expense for whoever pays here, if anyone does."""
    if (ledger := _PAYER.get()) is not None:
        ledger.add(spent)
