"""Prints the schema: `python -m neolight.graphql.export`."""

from __future__ import annotations

import sys

from neolight.graphql.schema import build


def sdl() -> str:
    """The schema in GraphQL's schema definition language."""
    return build().as_str() + "\n"


if __name__ == "__main__":
    sys.stdout.write(sdl())
