"""A small stand-in for a model provider: the OpenAI protocol on a loopback port, with faults on demand.

Nothing in it is learned: vectors are sums of hashed words, extraction takes capitalized names and the words between
them, answers are the sentences of the numbered passages that share most words with the question.

    with serving() as model:
        model.fail(429, times=2, retry_after=0.1)
        ...  # a client with the base URL model.url
        assert model.count("extract") == 1

`python tests/standin.py --port 18080` serves one by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from neolight.llm.tokens import count as count_tokens
from neolight.settings import use_bundled_vocabulary

use_bundled_vocabulary()

STALL = 3.0
"""Seconds that a request hangs which is to fail by its time limit."""

NOTHING_FOUND = "The context does not contain the answer."

SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]?")
NAME = re.compile(r"\b[A-Z0-9][\w'&-]*(?:\s+(?:of\s+(?:the\s+)?)?[A-Z0-9][\w'&-]*)*")
ARTICLE = re.compile(r"^(?:The|A|An|In|On|At|It|He|She|They|This)\s+")
BARE = re.compile(
    r"(?:The|An?|In|On|At|It|He|She|They|Th[ei]se?|That|Its|His|Her|Their|Who|What|When|Where|Which|How)$"
)
KINDS = {
    "descriptions": "summary",
    "sample": "types",
    "passage": "extract",
    "context": "answer",
    "answer": "judge",
    "first": "judge",
}
"""What a prompt with data in this tag is about."""
ORGANIZATION = re.compile(r"(Inc|Corp|GmbH|Ltd|University|Institute|Company|Works|Bank|Agency)\.?$")
NUMBERED = re.compile(r"^\[(\d+)\] [^\n]*\n(.*?)(?=^\[\d+\] |\Z)", re.DOTALL | re.MULTILINE)


@dataclass
class Call:
    """A request that came in."""

    kind: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Fault:
    """What the next requests get: an error with this status, or without one a reply that breaks off."""

    times: int
    kind: str | None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    good: bool = False
    text: str = ""


class StandIn:
    """The state of a stand-in: what it was asked, and what it does wrong.

    `replies` are said in place of its own, `finish_reason` goes with every reply, `latency` is in seconds.
    `chances` are how likely a request gets a status (a number), hangs for `STALL` seconds (stall), or a reply that
    breaks off (garble).
    """

    def __init__(self, dimensions: int = 64) -> None:
        self.dimensions = dimensions
        self.url, self.at_once = "", 0
        self.reset()

    def reset(self) -> None:
        """Waits for requests under way, and forgets what came in and what is to go wrong."""
        while self.at_once:
            time.sleep(0.01)
        self.latency = 0.0
        self.refused: set[str] = set()
        self.finish_reason = "stop"
        self.replies: list[str] = []
        self.calls: list[Call] = []
        self.most_at_once = 0
        self.chances: dict[str, float] = {}
        self.chance = random.Random(0)
        self.spent: dict[str, Counter[str]] = {}
        self._faults: list[Fault] = []

    def fail(
        self, status: int, *, times: int = 1, kind: str | None = None, retry_after: object = None, **error: Any
    ) -> None:
        """The next requests (of a kind) get this status; `error` are fields of the error, such as message and param."""
        headers = {"retry-after": str(retry_after)} if retry_after else {}
        self._faults.append(Fault(times, kind, status, headers, {"message": f"Fault {status} on demand", **error}))

    def fail_after(self, good: int, status: int, *, times: int, kind: str) -> None:
        """After some good replies of a kind, so many requests of that kind get this status."""
        self._faults += [Fault(good, kind, good=True), Fault(times, kind, status)]

    def garble(self, *, times: int = 1, kind: str | None = None, text: str = "") -> None:
        """The next replies (of a kind, to messages with this text) break off in the middle."""
        self._faults.append(Fault(times, kind, text=text))

    def refuse(self, *what: str) -> None:
        """From now on 400 for requests with these: json_schema, json_object, base64, or any field of the body."""
        self.refused.update(what)

    def count(self, kind: str | None = None) -> int:
        """How many requests (of a kind) came in."""
        return sum(1 for call in self.calls if kind in (None, call.kind))

    @property
    def app(self) -> Starlette:
        """The web application."""
        return Starlette(
            routes=[
                Route("/v1/embeddings", self._respond, methods=["POST"]),
                Route("/v1/chat/completions", self._respond, methods=["POST"]),
                Route("/chat/completions", no_api, methods=["POST"]),
                Route("/v1/models", models),
                Route("/stats", self._stats),
                Route("/config", self._configure, methods=["POST"]),
            ]
        )

    async def _respond(self, request: Request) -> Response:
        body = await request.json()
        kind = kind_of(body)
        self.calls.append(Call(kind, body, dict(request.headers)))
        fault = self._fault(kind, str(body)) or await self._chance()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.latency)
        self.at_once -= 1
        if refused := sorted(self.refused.intersection(features(body))):
            param = "response_format" if refused[0].startswith("json") else refused[0]
            return JSONResponse({"error": {"message": f"{refused[0]} is not supported", "param": param}}, 400)
        if fault and fault.status:
            self._note(kind, failed=True)
            return JSONResponse({"error": fault.error}, fault.status, fault.headers)
        if kind == "embedding":
            content = json.dumps(self._vectors(body))
            self._note(
                kind,
                failed=fault is not None,
                texts=len(body["input"]),
                tokens_in=sum(map(count_tokens, body["input"])),
            )
            return Response(content[: len(content) // 2] if fault else content, media_type="application/json")
        text = self.replies.pop(0) if self.replies else reply(kind, body)
        sent = sum(count_tokens(message["content"]) for message in body["messages"])
        self._note(kind, failed=fault is not None, tokens_in=sent, tokens_out=count_tokens(text))
        if body.get("stream"):
            return StreamingResponse(events(text, broken=fault is not None), media_type="text/event-stream")
        return JSONResponse(self._completion(body, text[: len(text) // 2] if fault else text))

    async def _configure(self, request: Request) -> Response:
        """Sets latency and chances from outside, and begins to count anew."""
        wanted = await request.json()
        self.latency = float(wanted.get("latency", 0))
        self.chances, self.chance = dict(wanted.get("chances", {})), random.Random(wanted.get("seed", 0))
        self.calls, self.most_at_once, self.spent = [], 0, {}
        return JSONResponse({})

    async def _stats(self, _: Request) -> Response:
        """What came in by kind: requests, those that failed on demand, texts to embed, tokens in and out."""
        return JSONResponse({"most_at_once": self.most_at_once, "kinds": self.spent})

    def _note(self, kind: str, *, failed: bool = False, **more: int) -> None:
        self.spent.setdefault(kind, Counter()).update({"calls": 1, "failed": int(failed), **more})

    async def _chance(self) -> Fault | None:
        """What the dice say."""
        drawn = self.chance.random()
        for what, chance in self.chances.items():
            drawn -= chance
            if drawn < 0:
                if what == "stall":
                    await asyncio.sleep(STALL)
                    return Fault(1, None, 504, {}, {"message": "Too late on demand"})
                if what == "garble":
                    return Fault(1, None)
                headers = {"retry-after": "1"} if what == "429" else {}
                return Fault(1, None, int(what), headers, {"message": f"Fault {what} by chance"})
        return None

    def _fault(self, kind: str, body: str) -> Fault | None:
        for fault in self._faults:
            if fault.times > 0 and fault.kind in (None, kind) and fault.text in body:
                fault.times -= 1
                return None if fault.good else fault
        return None

    def _vectors(self, body: dict[str, Any]) -> dict[str, Any]:
        data = []
        for index, text in enumerate(body["input"]):
            row = vector(text, body.get("dimensions") or self.dimensions)
            packed = body.get("encoding_format") == "base64"
            numbers = base64.b64encode(row.tobytes()).decode() if packed else row.tolist()
            data.append({"object": "embedding", "index": index, "embedding": numbers})
        return {"object": "list", "data": data[::-1], "model": body["model"]}  # ordered by index, not by place

    def _completion(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        words = sum(len(message["content"].split()) for message in body["messages"])
        message = {"role": "assistant", "content": text}
        return {
            "object": "chat.completion",
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
            "usage": {"prompt_tokens": words, "completion_tokens": len(text.split())},
        }


async def events(text: str, *, broken: bool) -> AsyncIterator[str]:
    pieces = re.findall(r"\S+\s*", text)
    for piece in pieces[: len(pieces) // 2] if broken else pieces:
        choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
        yield f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"
    yield 'data: {"error": {"message": "broke off on demand"}}\n\n' if broken else "data: [DONE]\n\n"


def no_api(_: Request) -> Response:
    return Response("<html></html>")


def models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": "standin"}]})


def features(body: dict[str, Any]) -> Iterator[str]:
    """What a request makes use of."""
    yield str((body.get("response_format") or {}).get("type"))
    yield str(body.get("encoding_format"))
    yield from body


def vector(text: str, dimensions: int) -> np.ndarray:
    """A sum of one random vector for each word: texts that share words are near each other."""
    row = np.zeros(dimensions, dtype="<f4")
    for word in re.findall(r"\w+", text.lower()) or ["."]:
        row += word_vector(word, dimensions)
    return row / np.linalg.norm(row)


@cache
def word_vector(word: str, dimensions: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(dimensions, dtype="f4")


def kind_of(body: dict[str, Any]) -> str:
    """What a request is about."""
    if "input" in body:
        return "embedding"
    prompt = "\n".join(message["content"] for message in body["messages"])
    if "high_level_keywords" in prompt:
        return "keywords"
    return next((kind for tag, kind in KINDS.items() if f"<{tag}>" in prompt), "other")


def reply(kind: str, body: dict[str, Any]) -> str:
    """The text of a reply; JSON stands in a code fence unless the request asks for JSON."""
    user = body["messages"][-1]["content"]
    if kind in ("answer", "other"):
        said = answer(user) if kind == "answer" else "OK."
        return f"根据文档：{said}" if "Answer in Chinese" in body["messages"][0]["content"] else said
    makers = {"extract": extract, "keywords": search_words, "judge": judge, "types": types, "summary": summary}
    made = json.dumps(makers[kind](between(user, "passage") if kind == "extract" else user))
    return made if body.get("response_format") else f"Here it is:\n```json\n{made}\n```"


def between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>\n")[2].rpartition(f"\n</{tag}>")[0]


def names(sentence: str) -> Iterator[tuple[str, int, int]]:
    """The names in a sentence, with their places."""
    for match in NAME.finditer(sentence):
        article = ARTICLE.match(match[0])
        name = match[0][article.end() :] if article else match[0]
        if not BARE.match(name):
            yield name, match.start(), match.end()


def extract(text: str) -> dict[str, Any]:
    """Names as entities, and the words between two names of a sentence as a relation."""
    entities: dict[str, str] = {}
    relations = []
    for sentence in (match[0].strip() for match in SENTENCE.finditer(text)):
        found = list(names(sentence))
        for name, _, _ in found:
            entities.setdefault(name, sentence)
        for (source, _, end), (target, start, _) in pairwise(found):
            verb = sentence[end:start].strip(" ,;:")
            if verb and source != target:
                ends = {"source": source, "target": target}
                relations.append({**ends, "keywords": [verb], "description": sentence, "weight": 1})
    types = {name: "Organization" if ORGANIZATION.search(name) else "Concept" for name in entities}
    rows = [{"name": name, "type": types[name], "description": sentence} for name, sentence in entities.items()]
    return {"entities": rows, "relations": relations}


def search_words(text: str) -> dict[str, list[str]]:
    """Names as low-level words, long other words as high-level ones."""
    question = text.partition("Question:")[2]
    low = [name for name, _, _ in names(question)]
    known = " ".join(low).lower()
    high = [word for word in re.findall(r"[a-z]{4,}", question) if word not in known]
    return {"high_level_keywords": high, "low_level_keywords": low}


def answer(text: str) -> str:
    """The two sentences of numbered passages that share most words with the question, each with its number."""
    question = text.partition("Question:")[2].partition("\n")[0]
    asked = set(re.findall(r"\w{3,}", question.lower()))
    found = []
    for number, passage in NUMBERED.findall(between(text, "context")):
        for sentence in (match[0].strip() for match in SENTENCE.finditer(passage)):
            shared = len(asked & set(re.findall(r"\w{3,}", sentence.lower())))
            if shared:
                found.append((-shared, int(number), sentence))
    best = sorted(found)[:2]
    return " ".join(f"{sentence.rstrip('.')} [{number}]." for _, number, sentence in best) or NOTHING_FOUND


def summary(text: str) -> dict[str, str]:
    """What stands in the lines of descriptions, in the order of the alphabet, without repetitions."""
    lines = (line.removeprefix("- ") for line in between(text, "descriptions").splitlines())
    sentences = (match[0].strip() for line in lines for match in SENTENCE.finditer(line))
    return {"summary": "In short: " + " ".join(sorted({one.removeprefix("In short: ") for one in sentences}))}


def types(text: str) -> dict[str, Any]:
    """The types of what a sample names, and one relation between the first two."""
    found = sorted({row["type"] for row in extract(between(text, "sample"))["entities"]})
    rows = [{"name": name, "description": f"a kind of {name.lower()}"} for name in found]
    ends = {"source": found[0], "target": found[-1]} if found else {"source": "", "target": ""}
    return {"entity_types": rows, "relation_types": [{"name": "RELATES_TO", "description": "", **ends}]}


def judge(text: str) -> dict[str, Any]:
    """A sentence is supported if the passages have all its words; the better answer shares more with the right one."""
    if "<first>" in text:
        right = set(re.findall(r"\w+", between(text, "right_answer")))
        first, second = (len(right & set(re.findall(r"\w+", between(text, tag)))) for tag in ("first", "second"))
        return {"better": "equal" if first == second else "first" if first > second else "second"}
    known = set(re.findall(r"\w+", between(text, "passages")))
    bare = re.sub(r" ?\[\d+\]", "", between(text, "answer"))
    claims = [match[0].strip() for match in SENTENCE.finditer(bare) if match[0].strip()]
    return {"claims": [{"claim": one, "supported": set(re.findall(r"\w+", one)) <= known} for one in claims]}


@contextmanager
def listening(app: Starlette) -> Generator[str]:
    """Serves an application on a free loopback port until the block ends; the address without a slash at its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def serving(model: StandIn | None = None) -> Generator[StandIn]:
    """Serves a stand-in on a free loopback port until the block ends; its `url` is the base URL for clients."""
    model = model or StandIn()
    with listening(model.app) as address:
        model.url = f"{address}/v1"
        yield model


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A stand-in for a model provider")
    parser.add_argument("--port", type=int, default=18080)
    uvicorn.run(StandIn(dimensions=256).app, port=parser.parse_args().port, log_level="warning", ws="none")
