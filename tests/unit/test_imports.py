"""What a command loads before it does anything: what is slow to load and not needed by all is loaded where it is."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("openai", "scipy", "wordllama", "jieba", "strawberry", "fastapi", "uvicorn", "gunicorn", "jgo", "pandas")


def test_the_command_starts_without_what_is_slow_to_load() -> None:
    script = f"import sys, neolight.cli; print(*[name for name in {SLOW!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
