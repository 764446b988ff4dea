"""The values that name a model and the server it is on."""

from __future__ import annotations

from dataclasses import dataclass, field

from neolight.llm.endpoint import Pace, Patience


@dataclass(frozen=True, slots=True)
class Connection:
    """The values that name a model and the server it is on; `provider` is a name of the table or a URL."""

    provider: str
    model: str | None = None
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    concurrency: int = 16
    timeout: float = 120.0
    patience: Patience = field(default_factory=Patience)
    pace: Pace = field(default_factory=Pace)
