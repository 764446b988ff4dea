"""Reads e-mails (.eml): who wrote to whom and when, the message, and the attachments that can be read."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from neolight.errors import UnreadableDocument
from neolight.ingest import readers
from neolight.ingest.readers import html
from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.text import decode
from neolight.models import ParsedDocument

_DEEPEST = 5
_MOST_ATTACHMENTS = 200
_HEADERS = ("From", "To", "Cc", "Date")
_ERRORS = (ValueError, LookupError, TypeError, AttributeError)  # what email raises for headers that cannot be


def read(data: bytes) -> ParsedDocument:
    """Read an e-mail; raises UnreadableDocument if it is none."""
    return _read(data, 0)


def _read(data: bytes, depth: int) -> ParsedDocument:
    message = message_from_bytes(data, policy=policy.default)
    if not any(_header(message, name) for name in (*_HEADERS, "Subject", "Message-ID", "Received", "MIME-Version")):
        raise UnreadableDocument("has no headers of an e-mail.", hint="Save the message as .eml, or upload it as .txt.")
    blocks = Blocks()
    subject = _header(message, "Subject")
    blocks.add(subject or "(no subject)", level=1)
    headers = ((name, _header(message, name)) for name in _HEADERS)
    blocks.add("\n".join(f"{name}: {value}" for name, value in headers if value))
    body = message.get_body(("plain", "html"))
    if body is not None:
        _part(blocks, cast("EmailMessage", body))
    for number, part in enumerate(message.iter_attachments() if message.is_multipart() else ()):
        if number < _MOST_ATTACHMENTS and part is not body:
            _attachment(blocks, part, depth)
    metadata = {"author": _header(message, "From"), "date": _date(message), "to": _header(message, "To")}
    return blocks.build("message/rfc822", title=subject, metadata=metadata)


def _header(message: EmailMessage, name: str) -> str:
    """A header on one line; empty without it."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except _ERRORS:
        return ""


def _date(message: EmailMessage) -> str:
    """When a message was sent, in ISO 8601."""
    try:
        found = getattr(message.get("Date"), "datetime", None)
    except _ERRORS:
        return ""
    return found.isoformat() if isinstance(found, datetime) else ""


def _bytes(part: EmailMessage) -> bytes:
    """The content of a part."""
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _part(blocks: Blocks, part: EmailMessage) -> None:
    """Write a text of the message."""
    data = _bytes(part)
    if part.get_content_type() == "text/html":
        blocks.include(html.read(data))
    else:
        blocks.add(decode(data, part.get_content_charset()) if data else "")


def _attachment(blocks: Blocks, part: EmailMessage, depth: int) -> None:
    """Write an attachment below its name; of one that cannot be read, why."""
    inner: Any = part.get_payload()
    nested = isinstance(inner, list) and part.get_content_type() == "message/rfc822"
    name = " ".join((part.get_filename() or ("message.eml" if nested else "")).split())
    if not name:
        return
    blocks.add(f"Attachment: {name}", level=2)
    try:
        data = inner[0].as_bytes() if nested else _bytes(part)
        if depth >= _DEEPEST:
            raise UnreadableDocument("lies too deep within other messages.")
        is_mail = name.lower().endswith(".eml")
        blocks.include(_read(data, depth + 1) if is_mail else readers.read(name, data), level=2)
    except UnreadableDocument as error:
        blocks.add(f"(This attachment was not read: {error.message})")
    except _ERRORS:
        blocks.add("(This attachment was not read: it is damaged.)")
