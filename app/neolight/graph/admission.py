"""Which types the entities of a workspace may have: a model may name any number, a graph is readable with few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from neolight.errors import Conflict
from neolight.graph import keys
from neolight.graph.gateway import Graph
from neolight.graph.query import query
from neolight.graph.rows import Rows

OTHER = "Other"

MOST_TYPES = 200
"""Types in a workspace, `Other` among them: what comes later becomes `Other`. Types that people set do not count."""

ADMIT = query("types/admit")
FORGET = query("types/forget")


class NewTypes(Conflict):
    """A transaction brings types that are not let in yet."""

    def __init__(self, types: Sequence[str]) -> None:
        """`types` are in the order in which they are let in."""
        super().__init__()
        self.types = types


async def admit(graph: Graph, workspace: str, types: Sequence[str]) -> None:
    """Lets types in, as far as there is room: in a transaction of its own, which holds no lock but the workspace's."""
    scope = keys.scope(workspace)
    await graph.fetch(ADMIT, workspace=workspace, scope=scope, types=list(types), most=MOST_TYPES - 1)


def admitted(rows: Rows, known: Sequence[str]) -> None:
    """Makes `Other` of the types that are not let in. Raises NewTypes where there is room for some of them."""
    told = Counter(row["type"] for row in rows.mentions.values())
    new = sorted(told.keys() - {*known, OTHER}, key=lambda type_: (-told[type_], type_))
    if not new:
        return
    if len(known) < MOST_TYPES - 1:
        raise NewTypes(new)
    strange = set(new)
    for row in rows.mentions.values():
        if row["type"] in strange:
            row["type"] = OTHER
