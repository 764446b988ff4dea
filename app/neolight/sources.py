"""What a document and a workspace may be called, and what may be taken in: the checks at the door."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from neolight.errors import InvalidInput, TooLarge
from neolight.formats import media_type
from neolight.graph.documents import Original

LONGEST = 512
"""Characters of a source."""

WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def workspace_name(name: str) -> str:
    """The name, if it can be one of a workspace. Raises InvalidInput."""
    if not WORKSPACE.fullmatch(name):
        raise InvalidInput(
            f"{name[:80]!r} cannot be a workspace.", hint="Use 1 to 64 letters, digits, dots, dashes and underscores."
        )
    return name


def source_name(raw: str) -> str:
    """A source as the graph keeps it: a relative path without control characters.

    Raises:
        InvalidInput: nothing is left, it is too long, or it climbs out of its folder.
    """
    visible = "".join(char for char in unicodedata.normalize("NFC", raw) if unicodedata.category(char)[0] != "C")
    parts = [part.strip() for part in visible.replace("\\", "/").split("/")]
    kept = [part for part in parts if part and part != "."]
    if not kept or ".." in kept:
        raise InvalidInput(f"{raw[:80]!r} cannot be the name of a document.", hint="Use a name or a relative path.")
    name = "/".join(kept)
    if len(name) > LONGEST:
        raise InvalidInput(f"The name of the document has {len(name)} characters; at most {LONGEST} are allowed.")
    return name


def original_of(name: str, data: bytes, *, max_mb: int) -> Original:
    """A file as it was given, named and weighed. Raises InvalidInput."""
    source = source_name(name)
    if not data:
        raise InvalidInput(f"{source} is empty (0 bytes).", hint="Check the file and send it again.")
    if len(data) > max_mb << 20:
        raise TooLarge(
            f"{source} has {len(data) / (1 << 20):.0f} MB; at most {max_mb} are allowed.",
            hint="Split it, or raise NEOLIGHT_MAX_UPLOAD_MB.",
        )
    return Original(source, source.rpartition("/")[2], media_type(source), data)


def text_original(text: str, source: str | None, *, title: str | None = None, max_mb: int) -> Original:
    """A text as a document; without a source it is named by its content. Raises InvalidInput."""
    data = text.encode("utf-8", "replace")
    if not data.strip():
        raise InvalidInput("The text is empty.", hint="Send at least one word.")
    if len(data) > max_mb << 20:
        raise TooLarge(f"The text has {len(data) / (1 << 20):.0f} MB; at most {max_mb} are allowed.")
    name = source_name(source) if source and source.strip() else f"text-{hashlib.sha256(data).hexdigest()}"
    return Original(name, title or name, "text/plain", data)
