"""Who a request is from, and what that allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from neolight.errors import Forbidden


class Role(IntEnum):
    """What somebody may do; each role may do what those below it may."""

    NOBODY = 0
    """What is open to all the world."""
    READER = 1
    """Reads and asks."""
    EDITOR = 2
    """Also adds, changes and deletes documents, entities and relations."""
    ADMIN = 3
    """Also clears, resets and manages workspaces."""

    @classmethod
    def named(cls, name: str) -> Role:
        """The role that an operator names: reader, editor or admin. Raises KeyError."""
        return {"reader": cls.READER, "editor": cls.EDITOR, "admin": cls.ADMIN}[name.strip().lower()]


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or a program, its role, and the workspaces that it is bound to."""

    name: str
    role: Role
    workspaces: tuple[str, ...] | None = None
    """Where it may work; None is everywhere."""
    expires_at: float | None = None
    """When its token ends, in seconds since 1970; None is never."""

    def workspace(self, wanted: str | None, default: str) -> str:
        """The workspace to work in: the wanted one, else the default one, else the first that it is bound to.

        Raises:
            Forbidden: it is bound to others; whether the wanted one exists is not told.
        """
        if self.workspaces is None:
            return wanted or default
        if not wanted:
            return default if default in self.workspaces or not self.workspaces else self.workspaces[0]
        if wanted not in self.workspaces:
            raise Forbidden(
                f"{self.name} may not work in the workspace {wanted[:80]!r}.",
                hint="Ask the operator to add it to the key or account, or leave the header X-Workspace away.",
            )
        return wanted


LOCAL = Principal("local", Role.ADMIN)
"""Everybody, where neither accounts nor API keys are configured."""


def anonymous(default_workspace: str, role: Role = Role.NOBODY) -> Principal:
    """Somebody without credentials: only in the default workspace."""
    return Principal("anonymous", role, (default_workspace,))
