"""Identity in the graph: keys, ids, scope tokens, and the rule that makes a label of a type."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_TYPE = 40
MAX_KEY = 1024
"""Characters: a range index takes no keys of more than 8 kB."""

SYSTEM_LABELS = frozenset(
    {
        "Workspace", "Setting", "Document", "Part", "Text", "Chunk", "Entity", "Community", "Query", "Conversation",
        "ModelCall", "Job", "ApiKey", "Lockout", "SchemaVersion", "Alias", "Usage",
    }
)  # fmt: skip


def digest(*parts: str) -> str:
    """A 128-bit hash of texts, in hex; the lengths are part of it, so that no two lists collide by joining."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def entity_key(name: str) -> str:
    """The key under which an entity is found: its name in NFKC, case-folded, with white space collapsed.

    Of a name that is no name, thousands of characters long, it is the beginning and a hash of all of it.
    """
    key = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return key if len(key) <= MAX_KEY else f"{key[:MAX_KEY]} {digest(key)}"


def document_id(workspace: str, source: str) -> str:
    """The id of a document that is new under this source."""
    return f"doc-{digest(workspace, source)}"


def chunk_id(document: str, text: str, ordinal: int) -> str:
    """The id of a passage: what it says and where; `ordinal` counts equal texts within the document."""
    return f"chunk-{digest(document, text, str(ordinal))}"


def entity_id(workspace: str, key: str) -> str:
    """The id of an entity that is new under this key."""
    return f"ent-{digest(workspace, key)}"


def relation_id(workspace: str, first_key: str, second_key: str) -> str:
    """The id of a relation, whichever way it was stated."""
    low, high = sorted((first_key, second_key))
    return f"rel-{digest(workspace, low, high)}"


def scope(workspace: str) -> str:
    """The token that confines a full-text search to a workspace: letters only, which every analyzer keeps whole."""
    return "w" + digest("scope", workspace).translate(str.maketrans("0123456789abcdef", "bcdfghjklmnpqrtv")) + "x"


def type_label(type_: str) -> str:
    """A type as a label: PascalCase letters and digits, at most 40 characters, never a label of the system."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", type_))
    label = "".join(word[0].upper() + word[1:] for word in words)[:MAX_TYPE]
    if not label or not label[0].isalpha():
        return "Other"
    return f"{label}Type" if label in SYSTEM_LABELS else label
