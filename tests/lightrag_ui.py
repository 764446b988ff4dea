"""LightRAG's own web UI, from its wheel on PyPI, served beside the API that it calls. It is no part of the product."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

PACKAGE = "lightrag-hku==1.5.7"
INSIDE = "lightrag/api/webui/"
MOUNT = "/webui"
PLACEHOLDER = "<!-- __LIGHTRAG_RUNTIME_CONFIG__ -->"
CONFIG = f'<script>window.__LIGHTRAG_CONFIG__ = {{"apiPrefix": "", "webuiPrefix": "{MOUNT}/"}};</script>'


def wheel(cache: Path) -> Path | None:
    """LightRAG's wheel; None where it is not cached and no package index can be reached."""
    folder = cache / PACKAGE.replace("==", "-") / "wheel"
    if not any(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "1", PACKAGE]
        subprocess.run([*command, "--dest", str(folder)], check=False, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"), None)


def fetched(cache: Path) -> Path | None:
    """The folder of the web UI; None where there is no wheel."""
    folder = cache / PACKAGE.replace("==", "-") / "webui"
    if not (folder / "index.html").is_file():
        found = wheel(cache)
        if found is None:
            return None
        with zipfile.ZipFile(found) as archive:
            members = [name for name in archive.namelist() if name.startswith(INSIDE)]
            archive.extractall(folder.parent / "unpacked", members)
        shutil.rmtree(folder, ignore_errors=True)
        (folder.parent / "unpacked" / INSIDE).rename(folder)
    return folder


def browser() -> str | None:
    """A Chromium on this machine."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


class WithUi:
    """An application, and the web UI at the same origin, as LightRAG's own server serves it."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._files = StaticFiles(directory=folder)
        self._page = HTMLResponse((folder / "index.html").read_text().replace(PLACEHOLDER, CONFIG))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the UI's files, and leaves everything else to the application."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(MOUNT):
            await self._app(scope, receive, send)
        elif path in (MOUNT, f"{MOUNT}/"):
            await self._page(scope, receive, send)
        else:
            await self._files({**scope, "path": path.removeprefix(MOUNT), "root_path": ""}, receive, send)
