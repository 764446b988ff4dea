"""Logging in, as LightRAG's clients do it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request

from neolight.auth.asgi import guard_of, principal_of
from neolight.auth.guard import Guard
from neolight.auth.tokens import GUEST
from neolight.rest.customization import DESCRIPTION, TITLE
from neolight.rest.health import API_VERSION
from neolight.version import __version__

NO_LOGIN = "No accounts are configured, so there is nothing to log in to."

router = APIRouter(tags=["auth"])


@router.get("/auth-status")
async def auth_status(request: Request) -> dict[str, Any]:
    """Whether one must log in; where no accounts are configured, a guest token for clients that want one."""
    guard = guard_of(request)
    if guard.has_accounts:
        return {"auth_configured": True, "auth_mode": "enabled"} | _server()
    return {"auth_configured": False} | _guest(guard)


@router.post("/login")
async def login(
    request: Request,
    username: Annotated[str, Form(max_length=256)],
    password: Annotated[str, Form(max_length=1024)],
) -> dict[str, Any]:
    """A token for a name and a password; it is sent as `Authorization: Bearer`."""
    guard = guard_of(request)
    if not guard.has_accounts:
        return _guest(guard)
    token = await guard.login(username, password, request.client.host if request.client else "")
    return _token(token, "enabled", "Logged in.")


@router.get("/auth/verify")
async def verify(request: Request) -> dict[str, Any]:
    """Whether the credentials are good, whatever is on the whitelist, and what they allow."""
    who = principal_of(request)
    return {
        "status": "ok",
        "username": who.name,
        "role": who.role.name.lower(),
        "workspaces": list(who.workspaces) if who.workspaces is not None else None,
    }


def _guest(guard: Guard) -> dict[str, Any]:
    return _token(guard.tokens.guest(), "disabled", NO_LOGIN) | {"username": GUEST}


def _token(token: str, mode: str, message: str) -> dict[str, Any]:
    return {"access_token": token, "token_type": "bearer", "auth_mode": mode, "message": message} | _server()


def _server() -> dict[str, Any]:
    return {
        "core_version": __version__,
        "api_version": API_VERSION,
        "webui_title": TITLE,
        "webui_description": DESCRIPTION,
    }
