"""Why an expected passage or entity is not among the results: at which step of the search it fell out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from neolight.deps import Deps
from neolight.errors import InvalidInput, NotFound
from neolight.graph import chunks, entities
from neolight.retrieval.retrieve import Wanted, retrieve

MOST = 1000
"""Places that are looked through for the item."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a search: whether the item came through it, and what was seen."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Whether an item is among the results, its place in the ranking from 1 (None: not ranked), and the steps."""

    found: bool
    place: int | None
    steps: tuple[Step, ...]


async def why_not(
    deps: Deps, workspace: str, wanted: Wanted, *, chunk: str | None = None, entity: str | None = None
) -> WhyNot:
    """Searches again, deeper, and tells where the passage or the entity fell out.

    Raises:
        InvalidInput: not exactly one of the two is given, or as `retrieve` says.
        NotFound: there is no such item in this workspace.
        ModelError, ModelUnavailable, GraphUnavailable: as they say.
    """
    if (chunk is None) == (entity is None):
        raise InvalidInput("`whyNot` needs one item.", hint="Give either `chunk` or `entity`.")
    if chunk is not None:
        if not await chunks.get_many(deps.graph, workspace, [chunk]):
            raise NotFound(f"There is no passage {chunk} in this workspace.")
        return await _passage(deps, workspace, wanted, chunk)
    assert entity is not None
    if not await entities.get_many(deps.graph, workspace, [entity]):
        raise NotFound(f"There is no entity {entity} in this workspace.")
    return await _entity(deps, workspace, wanted, entity)


async def _passage(deps: Deps, workspace: str, wanted: Wanted, chunk: str) -> WhyNot:
    deep = await retrieve(deps, workspace, replace(wanted, chunk_top_k=MOST))
    place = next((at for at, passage in enumerate(deep.passages, 1) if passage.id == chunk), None)
    steps = await _let_through(deps, workspace, wanted, chunk) if place is None else []
    why = deep.passages[place - 1].why if place else ()
    for index in ("chunk_embedding", "chunk_text", "graph"):
        seen = [line for line in why if line.startswith(index)]
        steps.append(Step(index, bool(seen), "; ".join(seen) or "It is not among what this brought."))
    return _ranked(place, wanted.chunk_top_k, "chunkTopK", len(deep.passages), steps)


async def _entity(deps: Deps, workspace: str, wanted: Wanted, entity: str) -> WhyNot:
    deep = await retrieve(deps, workspace, replace(wanted, top_k=MOST))
    place = next((at for at, found in enumerate(deep.entities, 1) if found.id == entity), None)
    why = deep.entities[place - 1].why if place else ()
    steps = [Step("seeds", bool(why), "; ".join(why) or "No name, no relation and no neighbour led to it.")]
    return _ranked(place, wanted.top_k, "topK", len(deep.entities), steps)


async def _let_through(deps: Deps, workspace: str, wanted: Wanted, chunk: str) -> list[Step]:
    """Whether the filter, if there is one, is what keeps a passage out."""
    if wanted.filter is None:
        return []
    free = await retrieve(deps, workspace, replace(wanted, chunk_top_k=MOST, filter=None))
    kept = chunk not in {passage.id for passage in free.passages}
    detail = "Without the filter it is not found either." if kept else "Without the filter it is found."
    return [Step("filter", kept, detail)]


def _ranked(place: int | None, wanted: int, name: str, ranked: int, steps: list[Step]) -> WhyNot:
    found = place is not None and place <= wanted
    detail = "It was not ranked." if place is None else f"Place {place} of {ranked}; {name} is {wanted}."
    return WhyNot(found, place, (*steps, Step("ranking", found, detail)))
