"""Compares the names of entities: merges what is surely the same, links what may be, for a person to decide."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from neolight.curate import curated
from neolight.deps import Deps
from neolight.errors import Conflict, NotFound
from neolight.graph import merges, similar
from neolight.graph.edits import Edited
from neolight.graph.similar import Candidate, Unmatched
from neolight.nlp.alike import judge
from neolight.nlp.alike_rules import Judgement, Verdict

BATCH = 50
"""Entities that are compared at once."""

PATIENCE_SECONDS = 30.0
"""For so long names are compared in one call: a client, or a proxy before it, does not wait much longer."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a comparison has come to: entities compared, those that were merged away, pairs that wait for a person.

    `left` are entities that have not been compared: there are more than were allowed, or the time was over.
    """

    compared: int = 0
    merged: int = 0
    suggested: int = 0
    left: int = 0


async def match_names(deps: Deps, workspace: str, *, most: int, seconds: float = PATIENCE_SECONDS) -> Matched:
    """Compares entities that are new since the last time, at most `most`, with all of the workspace.

    No batch is begun once `seconds` are over; the next call goes on with what is left. What a person has made or
    changed is never merged by rule, but suggested.
    """
    done = Matched()
    key = ""
    end = time.monotonic() + seconds
    while done.compared < most and (time.monotonic() < end or not done.compared):
        batch = await similar.unmatched(deps.graph, workspace, min(BATCH, most - done.compared), after=key)
        if not batch:
            break
        key = batch[-1].key
        found = await similar.candidates(deps.graph, workspace, batch)
        merged, pairs = await _decided(deps, workspace, batch, found)
        await similar.suggest(deps.graph, workspace, pairs)
        await similar.matched(deps.graph, [row.id for row in batch])
        done = Matched(done.compared + len(batch), done.merged + merged, done.suggested + len(pairs))
    return replace(done, left=await similar.left(deps.graph, workspace))


async def accept(deps: Deps, workspace: str, id_: str, *, keep: str | None = None) -> Edited:
    """Merges the two entities of a suggestion: into that of the id `keep`, else into the one mentioned more.

    Raises NotFound.
    """
    row = await similar.suggestion(deps.graph, workspace, id_)
    if row is None or keep not in (None, row.first.id, row.second.id):
        raise NotFound(f"There is no such suggestion {id_[:80]!r}.", hint="List them by `suggestions`.")
    more, less = sorted((row.first, row.second), key=lambda one: (one.id != keep, -one.mention_count, one.id))
    return await curated(deps, merges.merge_entities(deps.graph, workspace, [less.id], more.id))


async def _merged(deps: Deps, workspace: str, groups: Sequence[dict[str, str]]) -> dict[str, str]:
    """Merges groups of entities, each of which is named with its target; those that were merged, with theirs.

    All are merged in one transaction. Where one of them has just gone, or others were quicker, those
    that are left are merged group by group.
    """
    together = {id_: target for group in groups for id_, target in group.items()}
    if not together:
        return {}
    try:
        await curated(deps, merges.merge_by_rule(deps.graph, workspace, together))
    except (NotFound, Conflict) as error:
        if len(groups) == 1:
            if isinstance(error, Conflict):
                raise
            return {}
        done = [await _merged(deps, workspace, [group]) for group in groups]
        return {id_: target for group in done for id_, target in group.items()}
    return together


async def _decided(
    deps: Deps, workspace: str, batch: Sequence[Unmatched], found: Sequence[Candidate]
) -> tuple[int, list[tuple[str, str, Judgement]]]:
    """Merges what is sure; how many entities went, and the pairs that may be the same."""
    by_id = {row.id: row for row in batch}
    same: dict[str, set[str]] = {}
    keys = {row.id: row.key for row in (*batch, *found)}
    pairs: dict[frozenset[str], tuple[str, str, Judgement]] = {}
    for row in found:
        owner = by_id[row.owner]
        judgement = judge(owner.name, row.name, near=row.near)
        if judgement.verdict is Verdict.SAME and not (owner.touched or row.touched):
            group = same.get(owner.id, {owner.id}) | same.get(row.id, {row.id})
            same |= dict.fromkeys(group, group)
        elif judgement.verdict is not Verdict.DIFFERENT:
            pairs[frozenset({owner.id, row.id})] = (owner.id, row.id, judgement)
    # The smallest key stays, so that it does not matter in which order documents came.
    groups = {frozenset(group): min(group, key=lambda id_: keys[id_]) for group in same.values()}
    sure = [{id_: target for id_ in group if id_ != target} for group, target in groups.items()]
    gone = await _merged(deps, workspace, sure)
    left = [(gone.get(one, one), gone.get(other, other), how) for one, other, how in pairs.values()]
    return len(gone), [pair for pair in left if pair[0] != pair[1]]
