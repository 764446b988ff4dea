"""The guard around an ASGI application: no request gets in that is not allowed, whatever the routes inside do."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from starlette._utils import get_route_path  # the router's own, so that both see the same path
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neolight.auth import permissions
from neolight.auth.guard import Credentials, Guard, Identified
from neolight.auth.principal import Principal, Role
from neolight.auth.responses import error_response
from neolight.errors import Forbidden, NeolightError, NotFound, Unauthenticated

NEW_TOKEN = "X-New-Token"  # noqa: S105  (a header's name)
NOT_RENEWED = frozenset({"/health", "/documents/paginated", "/documents/pipeline_status"})
"""Paths that a page asks for again and again, whoever sits before it."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guarded:
    """An application behind a guard. The principal of a request is in its state; `principal_of` reads it."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request in, or answers it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path = get_route_path(scope)
        try:
            identified = self._admit(scope, path)
        except NeolightError as error:
            await _refuse(error, scope, receive, send)
            return
        state = cast("dict[str, Any]", scope.setdefault("state", {}))
        state["principal"] = identified.principal
        state["guard"] = self._guard
        await self._app(scope, receive, self._renewing(identified, path, send))

    def _admit(self, scope: Scope, path: str) -> Identified:
        """Who is let in. Raises Unauthenticated, Forbidden, NotFound, TooManyRequests."""
        method = "WS" if scope["type"] == "websocket" else scope["method"]
        headers = Headers(scope=scope)
        if self._guard.is_open:
            self._check_page(method, headers)
        needed = permissions.of_route(method, path)
        least = Role.ADMIN if needed is None else needed
        identified = self._identified(headers, path, least)
        client = (scope.get("client") or ("unknown",))[0]
        known = identified.principal.role > Role.NOBODY and not self._guard.is_open
        self._guard.requests.take(identified.principal.name if known else client)
        check(identified.principal, least, undeclared=needed is None)
        return identified

    def _identified(self, headers: Headers, path: str, least: Role) -> Identified:
        """Who shows credentials, or a stranger, where a stranger may be. Raises Unauthenticated, Forbidden."""
        try:
            return self._guard.identify(Credentials.of_headers(headers))
        except (Unauthenticated, Forbidden):
            stranger = self._guard.stranger(path)
            if stranger.role < least:
                raise
            return Identified(stranger)

    def _check_page(self, method: str, headers: Headers) -> None:
        """Refuses requests that pages of other sites make in the browser of somebody who needs no credentials.

        A form can be sent without asking, and a name that is made to lead here makes a page's origin look the same.
        """
        host, origin = headers.get("host", ""), headers.get("origin")
        allowed = self._guard.options.allowed_origins
        if self._guard.options.local and not _loopback(host) and not any(_host(one) == host for one in allowed):
            raise Forbidden(
                f"Without accounts or API keys only this machine is served, and not by the name {host[:80]!r}.",
                hint="Use 127.0.0.1 or localhost, or set NEOLIGHT_ACCOUNTS or NEOLIGHT_API_KEYS.",
            )
        foreign = origin is not None and _host(origin) != host.lower()
        if foreign and method not in SAFE and origin not in allowed and "*" not in allowed:
            raise Forbidden(
                f"Pages of {str(origin)[:80]} may not change anything here.",
                hint="If they should, add the origin to NEOLIGHT_CORS_ORIGINS.",
            )

    def _renewing(self, identified: Identified, path: str, send: Send) -> Send:
        """Adds a new token to the response where the old one has lived half its life."""
        session = identified.session
        if session is None or path in NOT_RENEWED:
            return send

        async def renewing(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                token = self._guard.tokens.renewal(session)
                if token:
                    MutableHeaders(scope=message)[NEW_TOKEN] = token
            await send(message)

        return renewing


def check(principal: Principal, needed: Role, *, undeclared: bool = False) -> None:
    """Raises Forbidden where a principal's role does not reach, and NotFound where it is not to know why."""
    if principal.role >= needed:
        return
    if undeclared and principal.role > Role.NOBODY:
        raise NotFound("There is nothing at this address.", hint="/docs lists what there is.")
    raise Forbidden(
        f"{principal.name} may not do this: it needs the role {needed.name.lower()}.", hint="Ask the operator for it."
    )


def principal_of(connection: HTTPConnection) -> Principal:
    """Who a request is from, as the guard found out. Raises Forbidden where no guard has let it in."""
    found = connection.scope.get("state", {}).get("principal")
    if not isinstance(found, Principal):
        raise Forbidden("No guard stands before this application.", hint="Wrap it in neolight.auth.Guarded.")
    return found


def guard_of(connection: HTTPConnection) -> Guard:
    """The guard that let a request in. Raises Forbidden where none has."""
    principal_of(connection)
    return connection.scope["state"]["guard"]


def wanted_workspace(headers: Mapping[str, str]) -> str | None:
    """The workspace that the headers name."""
    return headers.get("x-workspace") or headers.get("lightrag-workspace") or None


async def _refuse(error: NeolightError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect; a close before it is accepted is an HTTP 403
        await send({"type": "websocket.close", "code": 1008, "reason": error.message[:100]})
        return
    await error_response(error)(scope, receive, send)


def _host(origin: str) -> str:
    """The host and port of an origin, as a Host header names them."""
    try:
        parts = urlsplit(origin.strip().lower())
        default = {"http": 80, "https": 443}.get(parts.scheme)
        return parts.netloc.removesuffix(f":{default}") if parts.port == default else parts.netloc
    except ValueError:
        return ""


def _loopback(host: str) -> bool:
    """Whether a Host header names this machine by a name that no other machine can have."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
