"""Hashes for NEOLIGHT_ACCOUNTS."""

from __future__ import annotations

import sys

import typer

from neolight.auth.passwords import hashed
from neolight.cli.terminal import out


def hash_password() -> None:
    """Print the argon2 hash of a password, for NEOLIGHT_ACCOUNTS; it is asked for, or read from stdin."""
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        typer.echo("The password is empty. Type one, or pipe it in.", err=True)
        raise typer.Exit(1)
    out.print(hashed(password), soft_wrap=True, highlight=False, markup=False)
