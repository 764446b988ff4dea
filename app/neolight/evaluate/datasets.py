"""Questions and corpora in JSONL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neolight.errors import InvalidInput, NotFound
from neolight.graph.documents import Original
from neolight.sources import text_original

Row = TypeVar("Row", bound=BaseModel)

MOST_MB = 512
"""Megabytes of a corpus's longest text."""


class GivenKeywords(BaseModel):
    """Keywords of a question that are given, so that no model is asked for them."""

    high: tuple[str, ...] = ()
    low: tuple[str, ...] = ()


class Question(BaseModel):
    """A question, the documents that its answer needs, and the answer."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    gold: tuple[str, ...] = Field(min_length=1)
    """Documents, each by its id or its source: the whole, the file name, or the file name without its ending."""
    answer: str | None = None
    aliases: tuple[str, ...] = ()
    keywords: GivenKeywords | None = None

    @property
    def answers(self) -> tuple[str, ...]:
        """Every form of the right answer, none if it is not known."""
        return () if self.answer is None else (self.answer, *self.aliases)


class _Passage(BaseModel):
    id: str = Field(min_length=1)
    title: str = ""
    text: str = Field(min_length=1)


def read_questions(path: Path) -> list[Question]:
    """The questions of a file, one JSON object a line: id, question, gold, and if known answer, aliases, keywords.

    Raises:
        NotFound: there is no such file.
        InvalidInput: a line is not such an object, an id occurs twice, or there is no question at all.
    """
    found = [_as(Question, path, number, row) for number, row in _lines(path)]
    if not found:
        raise InvalidInput(f"{path} has no questions.", hint="It needs a JSON object a line: id, question, gold.")
    _distinct(path, [question.id for question in found])
    return found


def read_corpus(path: Path) -> list[Original]:
    """The documents of a file, one JSON object a line: id, text, and title if it has one. The id becomes the source.

    Raises as `read_questions`.
    """
    passages = [_as(_Passage, path, number, row) for number, row in _lines(path)]
    if not passages:
        raise InvalidInput(f"{path} has no documents.", hint="It needs a JSON object a line: id, title, text.")
    _distinct(path, [passage.id for passage in passages])
    return [
        text_original(
            f"{one.title}\n\n{one.text}" if one.title else one.text,
            f"{one.id}.txt",
            title=one.title or None,
            max_mb=MOST_MB,
        )
        for one in passages
    ]


def workspace_of(corpus: Path) -> str:
    """A workspace of the corpus's own, by its content, so that it is indexed once. Raises NotFound."""
    return f"eval-{hashlib.sha256(_bytes(corpus)).hexdigest()[:12]}"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Check the path.") from error


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(_bytes(path).splitlines(), 1):
        if line.strip():
            try:
                yield number, orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InvalidInput(f"{path}, line {number}: not JSON ({error}).", hint="Mend the line.") from error


def _as(kind: type[Row], path: Path, number: int, row: object) -> Row:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the object"
        raise InvalidInput(f"{path}, line {number}: {field}: {first['msg']}.", hint="Mend the line.") from error


def _distinct(path: Path, ids: list[str]) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise InvalidInput(f"{path}: the id {id_!r} occurs twice.", hint="Give each line an id of its own.")
        seen.add(id_)
