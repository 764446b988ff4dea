"""What every response says besides its content: how browsers are to treat it, and errors in one form."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neolight.errors import TooManyRequests, public

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""For everything that is not a page: were a browser to show it, nothing in it would run."""

PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""For pages, whose scripts are all files of this server."""

SWAGGER = "https://cdn.jsdelivr.net"
DOCS_POLICY = (
    f"default-src 'none'; script-src 'unsafe-inline' {SWAGGER}; style-src 'unsafe-inline' {SWAGGER}; "
    "img-src 'self' data: https://fastapi.tiangolo.com https://cdn.redoc.ly; font-src https://fonts.gstatic.com; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""For FastAPI's documentation, which has a script in the page and its library from elsewhere."""
DOCS = ("/docs", "/redoc", "/docs/oauth2-redirect")

DATA = ("application/json", "application/graphql-response+json", "application/x-ndjson", "text/event-stream")
"""Content that no cache is to keep."""

VARY = "Authorization, X-API-Key, X-Workspace, LIGHTRAG-WORKSPACE"
"""Headers by which all that is no page or file of one differs: who asks, and about which workspace."""

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)

ONE_YEAR = 365 * 24 * 3600


class Headed:
    """An application whose every response tells browsers not to guess, frame, leak or keep it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds headers to the response, where the application has not set them itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                page = headers.get("content-type", "").startswith("text/html")
                headers.setdefault("Content-Security-Policy", _policy(scope["path"], page=page))
                if not page and "public" not in headers.get(
                    "cache-control", ""
                ):  # the files of a page are the same for all
                    headers.add_vary_header(VARY)
                if headers.get("content-type", "").startswith(DATA):
                    headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
            await send(message)

        await self._app(scope, receive, headed)


def page_policy(html: str) -> str:
    """The policy of a page of this server's own that has scripts in it: these run, and no others."""
    digests = [hashlib.sha256(script.encode()).digest() for script in INLINE.findall(html)]
    known = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return PAGE_POLICY.replace("script-src 'self'", f"script-src 'self' {known}".rstrip())


def _policy(path: str, *, page: bool) -> str:
    if not page:
        return DATA_POLICY
    return DOCS_POLICY if path.endswith(DOCS) else PAGE_POLICY


class ErrorJSON(JSONResponse):
    """JSON that can always be sent: half a character, which JSON allows and UTF-8 does not, becomes `?`."""

    def render(self, content: Any) -> bytes:
        """The bytes of the content."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def error_response(error: BaseException) -> JSONResponse:
    """An error as JSON: `detail` says what and what to do, `code` is for programs."""
    shown = public(error)
    detail = f"{shown.message} {shown.hint}" if shown.hint else shown.message
    headers: dict[str, str] = {}
    if shown.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    return ErrorJSON({"detail": detail, "code": shown.code}, status_code=shown.status, headers=headers)
