"""`python -m neolight`."""

from __future__ import annotations

from neolight.cli import main

main()
