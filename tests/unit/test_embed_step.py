"""The step that embeds passages."""

from __future__ import annotations

from typing import Any, cast

from neolight.deps import Deps
from neolight.graph.documents import Claim
from neolight.ingest.steps.embed import embed
from neolight.ingest.work import Work
from neolight.llm.connection import Connection
from neolight.llm.providers import embedding_model
from neolight.models import TextChunk
from standin import serving


def chunk(at: int) -> TextChunk:
    return TextChunk(at, f"Passage {at}.", 3, 10 * at, 10 * at + 9, None, None)


async def test_a_document_that_comes_again_costs_no_call() -> None:
    with serving() as standin:
        model = await embedding_model(Connection(standin.url, "m"), dimensions=16)
        deps = Deps(cast("Any", None), model, cast("Any", None), None)
        claim = cast("Claim", None)
        work = Work(claim, chunks=(chunk(0), chunk(1), chunk(2)), ids=("a", "b", "c"), kept=frozenset({"b"}))
        first = await embed(deps, work)
        assert first.vectors is not None
        assert first.vectors.shape == (2, 16)
        again = await embed(deps, work)
        assert again.vectors is not None
        assert (again.vectors == first.vectors).all()
        assert standin.count() == 1
        more = await embed(deps, Work(claim, chunks=(chunk(3), chunk(2)), ids=("d", "c")))
        assert more.vectors is not None
        assert (more.vectors[1] == first.vectors[1]).all()
        assert [call.body["input"] for call in standin.calls] == [["Passage 0.", "Passage 2."], ["Passage 3."]]
        assert (await embed(deps, Work(claim, chunks=(chunk(0),), ids=("a",), kept=frozenset({"a"})))).vectors is None
        await model.close()
