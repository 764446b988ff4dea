"""Types to look for, proposed from documents: by the language model where there is one, else from what is found."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from neolight.deps import Deps
from neolight.errors import InvalidInput
from neolight.graph import calls, chunks, entities
from neolight.graph.guides import Guide
from neolight.guide import GraphSchema, PatternRow, TypeRow
from neolight.llm.proposal import Proposal, proposal
from neolight.llm.usage import Ledger, paid_by
from neolight.nlp.extract import extract

DOCUMENTS = 20
"""So many of a workspace's first documents are looked at."""

MOST = 15
"""Types that are proposed where no model chooses them."""


async def propose(deps: Deps, workspace: str, texts: Sequence[str] = ()) -> Guide:
    """What to look for in texts, or else in the first documents of a workspace. Nothing is set by that.

    Raises InvalidInput where there is nothing to read; ModelUnavailable, ModelError, GraphUnavailable.
    """
    sample = list(texts) or await chunks.beginnings(deps.graph, workspace, DOCUMENTS)
    if not any(text.strip() for text in sample):
        raise InvalidInput("There is nothing to propose types from.", hint="Index a few documents, or give texts.")
    if deps.chat is not None:
        with paid_by(Ledger(deps.prices)) as ledger:
            found = await proposal(deps.chat, sample)
        await calls.spend(deps.graph, workspace, ledger.taken())
        return _guide(found)
    if texts:
        names = await asyncio.to_thread(_found, sample)
    else:
        names = [label.name for label in await entities.labels(deps.graph, workspace)]
    return Guide(tuple(name for name in names if name != "Other")[:MOST], others=True)


def _found(texts: Sequence[str]) -> list[str]:
    """The types that the built-in extractor finds, most frequent first."""
    said = (extract(text, None, None) for text in texts)
    return [name for name, _ in Counter(one.type for each in said for one in each.mentions).most_common()]


def _guide(found: Proposal) -> Guide:
    """What a model proposes, without what is not usable."""
    nodes = {row.label: row for one in found.entity_types if (row := _type(one.name, one.description))}
    relations: dict[str, TypeRow] = {}
    patterns: dict[tuple[str, str, str], PatternRow] = {}
    for one in found.relation_types:
        row = _type(one.name, one.description)
        if row is None:
            continue
        relations.setdefault(row.label, row)
        source, target = " ".join(one.source.split()), " ".join(one.target.split())
        if source in nodes and target in nodes:
            patterns[source, row.label, target] = PatternRow(source=source, relationship=row.label, target=target)
    rows = list(nodes.values())[:MOST], list(relations.values()), list(patterns.values())
    known = {row.label for row in rows[0]}
    fitting = [row for row in rows[2] if {row.source, row.target} <= known]
    return GraphSchema(node_types=rows[0], relationship_types=rows[1], patterns=fitting).guide()


def _type(name: str, description: str) -> TypeRow | None:
    try:
        return TypeRow(label=name, description=description[:300])
    except ValidationError:
        return None
