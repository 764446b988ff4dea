"""What chat programs ask of a model beside the conversation: a title, tags, follow-up questions, search queries.

Open WebUI sends such requests as one message that begins with a task and quotes the conversation. They go to the
language model as they are; without one they are answered from the conversation's own words.
"""

from __future__ import annotations

import re

import orjson

from neolight.nlp.keywords import keywords

_TASK = re.compile(r"^\s*#{2,3} Task:", re.IGNORECASE)
_QUOTED = re.compile(r"<chat_history>\s*(?P<turns>.*?)(?:</chat_history>|\Z)", re.DOTALL)
_FIRST = re.compile(r"^USER:\s*(?P<text>.+?)\s*$", re.MULTILINE)

MOST_WORDS = 5
MOST_TAGS = 3


def is_chore(message: str) -> bool:
    """Whether a message is such a request, not a question to the documents."""
    return _QUOTED.search(message) is not None and ("\nUSER:" in message or _TASK.match(message) is not None)


def done_plainly(message: str) -> str:
    """The reply to such a request without a language model, in the form that it asks for."""
    said = _said(message)
    wanted = message.lower()
    if '"follow_ups"' in wanted:
        return _json({"follow_ups": []})
    if '"queries"' in wanted:
        return _json({"queries": [said] if said else []})
    if '"tags"' in wanted:
        found = keywords(said)
        return _json({"tags": list(dict.fromkeys([*found.low, *found.high]))[:MOST_TAGS] or ["General"]})
    title = " ".join(said.split()[:MOST_WORDS]).rstrip("?.,!") or "Conversation"
    return _json({"title": title}) if '"title"' in wanted else title


def _said(message: str) -> str:
    """What the user said first in the quoted conversation."""
    quoted = _QUOTED.search(message)
    first = _FIRST.search(quoted["turns"] if quoted else message)
    return first["text"] if first else ""


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
