"""The prompt of an answer, within a budget of tokens, and the check of the answer's citations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from neolight.llm import templates
from neolight.llm.chat import Message
from neolight.llm.language import language_of
from neolight.llm.tokens import count, truncate
from neolight.models import FoundEntity, FoundRelation, Passage

# A passage is cut rather than left out if this many tokens of it fit.
WORTH_CUTTING = 64
# The share of the budget that the conversation so far may take.
HISTORY_SHARE = 0.25

# So many shared words tell that a sentence speaks of a passage.
MUCH = 3

# Square brackets at the start of a line, or after anything but a word, would pass for our own numbers of passages.
_OWN_NUMBER = re.compile(r"(?<!\w)\[(\d+(?:\s*[,–-]\s*\d+)*)\]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]+")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_CODE_OR_MARK = re.compile(
    r"(?P<code>```.*?```|`[^`\n]*`)"
    r"|(?P<marks>(?:[ \t]*(?:\[\s*\^?\d+(?:\s*[,;–-]\s*\d+)*\s*\](?![(:])|【\s*\d+[^】]*】))+)",
    re.DOTALL,
)
_MARK = re.compile(r"\[([^\]]*)\]|【\s*(\d+)[^】]*】")
_RANGE = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")


@dataclass(frozen=True, slots=True)
class Budget:
    """The most tokens of a prompt: all of it, and the lines of entities and of relations in it."""

    total: int = 30_000
    entities: int = 6_000
    relations: int = 8_000


@dataclass(frozen=True, slots=True)
class Material:
    """What an answer is made from, best first, and how it is wanted."""

    question: str
    passages: Sequence[Passage]
    entities: Sequence[FoundEntity] = ()
    relations: Sequence[FoundRelation] = ()
    history: Sequence[Message] = ()
    form: str | None = None
    """The form of the answer, such as "a bullet list", and other wishes of the user."""
    language: str | None = None
    """The language of the answer, where it is not that of the question."""


@dataclass(frozen=True, slots=True)
class AnswerPrompt:
    """The messages to send, the context in them, and the passages that are in it: number n is `passages[n - 1]`."""

    messages: tuple[Message, ...]
    context: str
    passages: tuple[Passage, ...]
    tokens: int


def answer_prompt(material: Material, budget: Budget | None = None) -> AnswerPrompt:
    """Builds the messages of an answer; their contents have at most `budget.total` tokens together.

    Facts come first, then the numbered passages; what does not fit is left out from the end. The question and the
    instructions always stay, also where they alone are longer than the budget.
    """
    budget = budget or Budget()
    form = f"- Form of the answer, as the user wishes: {material.form}" if material.form else ""
    language = material.language or language_of(material.question)
    system = templates.prompt("answer", form=form, language=language)
    left = budget.total - count(system) - count(_user(material.question, ""))
    history = _latest(material.history, int(max(left, 0) * HISTORY_SHARE))
    left -= sum(count(message["content"]) for message in history)
    facts = _facts(material, budget, left)
    left -= count(facts)
    numbered = _numbered(material.passages, left)
    while True:
        context = "\n\n".join(part for part in (facts, *numbered) if part)
        user = _user(material.question, context)
        tokens = count(system) + count(user) + sum(count(message["content"]) for message in history)
        if tokens <= budget.total or not context:
            break
        if numbered:
            numbered.pop()
        else:
            facts = facts.rpartition("\n")[0]
    messages = (Message(role="system", content=system), *history, Message(role="user", content=user))
    return AnswerPrompt(messages, context, tuple(material.passages[: len(numbered)]), tokens)


def verify_citations(text: str, passages: int) -> tuple[str, list[int]]:
    """The answer without marks that point at no passage, and the numbers that it cites, in the order of first use.

    Marks come out as `[n]`, also where the model wrote `[1, 2]`, `[1-3]` or 【1】. Code stays as it is.
    """
    cited: list[int] = []

    def checked(match: re.Match[str]) -> str:
        if match["code"]:
            return match["code"]
        marks = match["marks"]
        numbers = [number for number in dict.fromkeys(_numbers(marks)) if 1 <= number <= passages]
        cited.extend(number for number in numbers if number not in cited)
        gap = marks[: len(marks) - len(marks.lstrip())]
        return gap + "".join(f"[{number}]" for number in numbers) if numbers else ""

    return _CODE_OR_MARK.sub(checked, text), cited


def without_false_marks(text: str, passages: Sequence[str]) -> str:
    """The answer without marks that evidently point elsewhere: by the instruction of a document, say.

    A mark goes if the words before it share nothing with the passage that it names, and much with another one; or a
    small part of what they share with that one, as with a document that names what it wants to be cited for. What is
    written in another language than the passages, and so shares nothing with any, keeps its marks.
    """
    terms = [_terms(passage) for passage in passages]
    start, kept = 0, list[str]()
    for match in _CODE_OR_MARK.finditer(text):
        if match["code"]:
            continue
        said = _terms(_SENTENCE_END.split(text[start : match.start()])[-1])
        numbers = [number for number in _numbers(match["marks"]) if 1 <= number <= len(passages)]
        best = max((said & other for other in terms), key=len, default=set[str]())
        false = [number for number in numbers if _elsewhere(said & terms[number - 1], best)]
        gap = match["marks"][: len(match["marks"]) - len(match["marks"].lstrip())]
        marks = "".join(f"[{number}]" for number in dict.fromkeys(numbers) if number not in false)
        kept += [text[start : match.start()], gap + marks if false and marks else "" if false else match["marks"]]
        start = match.end()
    return "".join([*kept, text[start:]])


def _elsewhere(shared: set[str], best: set[str]) -> bool:
    """Whether a sentence that shares so much with the passage that it cites rests on the one that fits it best."""
    if not shared:
        return len(best) >= MUCH
    return len(best) >= 2 * MUCH and len(shared) <= len(best) / 3 and shared < best


def _terms(text: str) -> set[str]:
    """What a text speaks of: its longer words and numbers, and pairs of characters where words have no spaces."""
    words = {word for word in re.findall(r"[^\W_]+", text.casefold()) if len(word) > 3 or word.isdigit()}
    pairs = {run[at : at + 2] for run in _UNSPACED.findall(text) for at in range(len(run) - 1)}
    return {word for word in words if not _UNSPACED.search(word)} | pairs


def _user(question: str, context: str) -> str:
    """The question stands before the context, to read it with, and after it, as what comes last weighs most."""
    return f"Question: {question}\n\nContext:\n{templates.data(context, 'context')}\n\nQuestion: {question}"


def _latest(history: Sequence[Message], budget: int) -> list[Message]:
    """The last messages of a conversation that fit."""
    kept: list[Message] = []
    for message in reversed(history):
        budget -= count(message["content"])
        if budget < 0:
            break
        kept.insert(0, message)
    return kept


def _facts(material: Material, budget: Budget, left: int) -> str:
    entities = (f"- {one.name} ({one.type}): {one.description}" for one in material.entities)
    relations = (f"- {one.source} – {one.target} ({one.keywords}): {one.description}" for one in material.relations)
    first = _lines("Entities:", entities, min(budget.entities, left))
    second = _lines("Relations:", relations, min(budget.relations, left - count(first)))
    return "\n\n".join(part for part in (first, second) if part)


def _lines(head: str, lines: Iterable[str], budget: int) -> str:
    """A heading and the first lines that fit, or nothing."""
    budget -= count(head)
    fitting = [head]
    for line in lines:
        text = "\n" + _inert(" ".join(line.split()))
        budget -= count(text)
        if budget < 0:
            break
        fitting.append(text)
    return "".join(fitting) if len(fitting) > 1 else ""


def _numbered(passages: Sequence[Passage], budget: int) -> list[str]:
    """The passages with their numbers, as many as fit; the last one may be cut."""
    blocks: list[str] = []
    for number, passage in enumerate(passages, 1):
        block = f"[{number}] {_inert(_place(passage))}\n{_inert(passage.text.strip())}"
        needed = count(block) + 1
        if needed > budget:
            if budget >= WORTH_CUTTING:
                blocks.append(truncate(block, budget - 2) + "…")
            break
        blocks.append(block)
        budget -= needed
    return blocks


def _place(passage: Passage) -> str:
    """Where a passage stands, in one line."""
    page = f"page {passage.page}" if passage.page is not None else None
    return " ".join(
        ", ".join(part for part in (passage.title or passage.source, passage.section, page) if part).split()
    )


def _inert(text: str) -> str:
    return _OWN_NUMBER.sub(r"(\1)", text)


def _numbers(marks: str) -> Iterable[int]:
    for mark in _MARK.finditer(marks):
        for first, last in _RANGE.findall(mark[1] or mark[2]):
            low, high = int(first[:6]), int((last or first)[:6])
            yield from range(low, high + 1) if high - low < 50 else (low, high)
