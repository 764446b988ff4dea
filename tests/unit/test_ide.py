"""GraphiQL's page and its files: complete, and from nowhere else."""

from __future__ import annotations

import gzip
import re

from fastapi import FastAPI
from starlette.testclient import TestClient

from neolight.graphql import ide


def client() -> TestClient:
    app = FastAPI()
    app.include_router(ide.files_router(), prefix="/graphql")
    return TestClient(app)


def test_the_page_takes_all_its_files_from_this_server() -> None:
    page = ide.page("graphql/ide")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert "//" not in "".join(loaded)
    assert {name.removeprefix("graphql/ide/") for name in loaded if name != "data:,"} == set(ide.FILES)


def test_a_file_comes_compressed_where_the_client_can_read_that() -> None:
    with client() as http:
        for name, media_type in ide.FILES.items():
            packed = http.get(f"/graphql/ide/{name}")
            plain = http.get(f"/graphql/ide/{name}", headers={"Accept-Encoding": "identity"})
            assert packed.headers["content-type"] == plain.headers["content-type"] == media_type
            assert packed.headers["content-encoding"] == "gzip"
            assert "content-encoding" not in plain.headers
            assert packed.content == plain.content == gzip.decompress((ide.FOLDER / f"{name}.gz").read_bytes())


def test_nothing_else_of_the_folder_is_served() -> None:
    with client() as http:
        for name in ("page.html", "__init__.py", "..%2frouter.py", "react.js.gz"):
            assert http.get(f"/graphql/ide/{name}").status_code == 404
