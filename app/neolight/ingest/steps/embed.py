"""Embeds each new chunk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neolight.deps import Deps
from neolight.ingest.work import Work


async def embed(deps: Deps, work: Work) -> Work:
    """Adds a vector for each new chunk. Raises ModelError, ModelUnavailable.

    Vectors are remembered for a while: a document that comes again, because extraction could not go on, costs no call.
    """
    new = work.new()
    if not new:
        return work
    missing = [at for at in new if work.ids[at] not in deps.passages]
    found = {work.ids[at]: deps.passages[work.ids[at]] for at in new if work.ids[at] in deps.passages}
    if missing:
        rows = await deps.embeddings.embed([work.chunks[at].text for at in missing])
        found |= {work.ids[at]: row for at, row in zip(missing, rows, strict=True)}
    for at in new:
        deps.passages[work.ids[at]] = found[work.ids[at]]
    return replace(work, vectors=np.stack([found[work.ids[at]] for at in new]))
