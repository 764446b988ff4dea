"""Answers with citations from a company's documents, by a knowledge graph that lives in Neo4j.

```python
import neolight

async with neolight.open() as n:
    await n.insert(["Part P-987 fixes error E-45."])
    answer = await n.query("What fixes E-45?")
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neolight.version import __version__

if TYPE_CHECKING:
    from neolight.api import Neolight, open  # noqa: A004

__all__ = ["Neolight", "__version__", "open"]


def __getattr__(name: str) -> Any:
    """Loads the API when it is first used, so that importing a part of the package stays quick."""
    if name in ("Neolight", "open"):
        from neolight import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module 'neolight' has no attribute {name!r}")
