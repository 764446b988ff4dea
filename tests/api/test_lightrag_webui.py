"""LightRAG's own web UI, unchanged and in a real browser, against this server.

`NEOLIGHT_TEST_SHOTS=<folder>` keeps the pictures that the tests take.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.async_api import ConsoleMessage, Page, Response, TimeoutError, async_playwright, expect  # noqa: A004
from pydantic import SecretStr

from lightrag_ui import MOUNT, PACKAGE, WithUi, browser, fetched
from neolight.settings import Settings
from servers import Server, serving_neolight
from standin import StandIn

CHROMIUM = browser()
SHOTS = os.environ.get("NEOLIGHT_TEST_SHOTS")
PASSWORD = "turbine-1843"
FILES = {
    "sensors.txt": "Norvik Sensorik delivers Sensor Kappa to Kiel. Sensor Kappa fixes Fault Omega.",
    "pumps.md": "# Pumps\n\nPump Delta contains Sensor Kappa. Grace Lind maintains Pump Delta in Kiel.",
}
NODES = re.compile("node: [1-9]")
ALL_DONE = re.compile(r"Progress: ([12])/\1 Batch")
"""A run may have ended before the second file has arrived, which then has a run of its own."""
PATIENCE = 60_000
"""Milliseconds that an element may take to appear."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="NOT SHOWN in a browser: `apt-get install chromium`")


@pytest.fixture(scope="module")
def server(settings: Settings, model: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = fetched(settings.cache_dir)
    if folder is None:
        pytest.skip(f"NOT SHOWN in a browser: {PACKAGE} cannot be fetched from a package index")
    accounts = [{"name": "ada", "password": PASSWORD, "role": "admin", "workspaces": ["test-web-ui"]}]
    told = Settings(
        _env_file=None, data_dir=settings.data_dir, cache_dir=settings.cache_dir,
        accounts=SecretStr(json.dumps(accounts)), openai_api_key=SecretStr("sk-test"), openai_base_url=model.url,
        llm_model="stand-in", input_dir=tmp_path_factory.mktemp("inputs"),
    )  # fmt: skip
    with serving_neolight(told, lambda app: WithUi(app, folder)) as running:
        yield running


@dataclass
class Ui:
    """The UI in a browser, and what went wrong in it."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list[str])
    shown: int = 0

    def watch(self) -> None:
        """Collects errors of the page, of its console, and of the requests that it makes."""
        self.page.on("pageerror", lambda error: self.wrong.append(f"page: {error}"))
        self.page.on("console", self._console)
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status} {response.request.method} {response.url.removeprefix(self.url)}")

    async def tab(self, name: str) -> None:
        """Goes to a tab."""
        await self.page.get_by_role("tab", name=name).click()

    async def press(self, name: str) -> None:
        """Presses a button."""
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def close(self) -> None:
        """Closes the dialog, which stays open while it is at work."""
        dialog = self.page.get_by_role("dialog")
        while await dialog.count():
            with suppress(TimeoutError):  # it closes by itself meanwhile
                await dialog.get_by_role("button", name="Close").click(timeout=2000)
            await self.page.wait_for_timeout(200)

    async def shot(self, name: str) -> None:
        """Takes a picture, where that is wanted."""
        if SHOTS:
            self.shown += 1
            await self.page.screenshot(path=Path(SHOTS) / f"{self.shown:02}-{name}.png")


@pytest.fixture
async def ui(server: Server) -> AsyncIterator[Ui]:
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = await chromium.new_page(viewport={"width": 1600, "height": 900})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        found = Ui(page, server.url)
        found.watch()
        yield found
        await chromium.close()


async def test_a_day_with_the_web_ui(ui: Ui) -> None:
    await log_in(ui)
    await upload(ui)
    await look_at_the_server(ui)
    await browse_and_edit(ui)
    await edit_a_relation(ui)
    await ask(ui)
    await delete(ui)
    assert ui.wrong == []


async def log_in(ui: Ui) -> None:
    await ui.page.goto(f"{ui.url}{MOUNT}/")
    await ui.page.fill("#username-input", "ada")
    await ui.page.fill("#password-input", "wrong")
    await ui.page.click("button[type=submit]")
    await expect(ui.page.get_by_text("Login failed")).to_be_visible()
    await ui.shot("login")
    assert "401 POST /login" in ui.wrong, "what goes wrong is seen"
    ui.wrong.clear()
    await ui.page.fill("#password-input", PASSWORD)
    await ui.page.click("button[type=submit]")
    await expect(ui.page.get_by_role("button", name="Upload")).to_be_visible()


async def upload(ui: Ui) -> None:
    await ui.press("Upload")
    given = [{"name": name, "mimeType": "text/plain", "buffer": text.encode()} for name, text in FILES.items()]
    await ui.page.locator("input[type=file]").set_input_files(given)  # pyright: ignore[reportArgumentType]
    await expect(ui.page.get_by_role("button", name="Remove file")).to_have_count(len(FILES))
    await ui.shot("uploaded")
    await ui.close()
    await expect(ui.page.get_by_role("button", name="Completed (2)")).to_be_visible()
    await ui.shot("documents")


async def look_at_the_server(ui: Ui) -> None:
    await ui.press("Pipeline")
    await expect(ui.page.get_by_text("Indexed pumps.md")).to_be_visible()
    await expect(ui.page.get_by_text(ALL_DONE)).to_be_visible()
    await ui.shot("pipeline")
    await ui.close()
    await ui.page.get_by_text("Connected").click()
    await expect(ui.page.get_by_text("stand-in").first).to_be_visible()
    await ui.shot("status")
    await ui.close()


async def select(ui: Ui, name: str) -> None:
    """Looks for a node that is drawn, and opens its properties."""
    search = ui.page.get_by_placeholder("Search nodes in page")
    await search.click()
    await search.fill(name)
    await ui.page.get_by_role("option", name=name).first.click()
    await expect(ui.page.get_by_text("Relations(within subgraph)")).to_be_visible()


async def browse_and_edit(ui: Ui) -> None:
    await ui.tab("Knowledge Graph")
    if not await ui.page.get_by_text(NODES).count():  # it was drawn while it was empty
        await ui.page.get_by_role("combobox", name="Search node name").click()
        await ui.page.get_by_role("option", name="Sensor Kappa").first.click()
    await expect(ui.page.get_by_text(NODES)).to_be_visible()
    await select(ui, "Sensor Kappa")
    await ui.shot("node")
    await edit(ui, 0, "It measures pressure, as a person says.")
    await expect(ui.page.get_by_text("It measures pressure").first).to_be_visible()
    await edit(ui, 1, "Sensor Lambda")
    await ui.shot("edited")
    named = await ui.page.evaluate(
        """async name => (await fetch(`/graph/entity/exists?name=${name}`, {
          headers: {Authorization: `Bearer ${localStorage.getItem("LIGHTRAG-API-TOKEN")}`}})).json()""",
        "Sensor Lambda",
    )
    assert named == {"exists": True}


THICK_EDGES = """() => {
  const kept = JSON.parse(localStorage.getItem("settings-storage"));
  Object.assign(kept.state, {enableEdgeEvents: true, minEdgeSize: 10, maxEdgeSize: 10});
  localStorage.setItem("settings-storage", JSON.stringify(kept));
}"""


async def edit_a_relation(ui: Ui) -> None:
    """Relations are drawn by WebGL, so they are looked for with the mouse, all around a node in the middle."""
    await ui.page.evaluate(THICK_EDGES)
    await ui.page.reload()
    await ui.tab("Knowledge Graph")
    await expect(ui.page.get_by_text(NODES)).to_be_visible()
    await select(ui, "Sensor Lambda")
    await ui.page.wait_for_timeout(1000)  # the camera moves to the node
    box = await ui.page.locator(".sigma-container, .react-sigma").first.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await ui.page.mouse.click(box["x"] + 100, box["y"] + box["height"] / 2)  # no node is chosen any more
    await expect(ui.page.get_by_text("Relations(within subgraph)")).to_have_count(0)
    shown = ui.page.get_by_role("heading", name="Relationship", exact=True)
    for degrees in range(0, 360, 2):
        angle = math.radians(degrees)
        at = middle[0] + 150 * math.cos(angle), middle[1] + 150 * math.sin(angle)
        await ui.page.mouse.move(*at)
        await ui.page.wait_for_timeout(50)
        if await shown.count():
            await ui.page.mouse.click(*at)
            break
    await expect(shown).to_be_visible()
    await ui.shot("relation")
    await edit(ui, 0, "So says a person of this relation.")
    await expect(ui.page.get_by_text("So says a person").first).to_be_visible()
    await ui.shot("relation-edited")


async def edit(ui: Ui, place: int, text: str) -> None:
    """Sets a property of the node that is shown: description, name, type."""
    await ui.page.locator("svg.lucide-pencil").nth(place).click()
    await ui.page.locator("textarea").fill(text)
    await ui.shot("editing")
    await ui.press("Save")
    await expect(ui.page.get_by_role("dialog")).to_have_count(0)


async def ask(ui: Ui) -> None:
    await ui.tab("Retrieval")
    await ui.page.fill("#query-input", "Who delivers Sensor Kappa?")
    await ui.press("Send")
    panel = ui.page.locator("[role=tabpanel][data-state=active]")
    await expect(panel.get_by_text("Norvik Sensorik delivers").first).to_be_visible()
    await expect(panel.get_by_text("[1] sensors.txt")).to_be_visible()
    await expect(ui.page.get_by_role("button", name="Send")).to_be_visible()
    await ui.shot("answer")


async def delete(ui: Ui) -> None:
    await ui.tab("Documents")
    await ui.page.get_by_role("checkbox").last.click()
    await ui.press("Delete")
    await ui.shot("deleting")
    await ui.page.get_by_placeholder("Type yes to confirm").fill("yes")
    await ui.press("YES")
    await expect(ui.page.get_by_role("button", name="All (1)")).to_be_visible()
    await ui.shot("deleted")


def test_the_ui_is_no_part_of_the_product(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        assert client.get(f"{MOUNT}/").status_code == 200
        assert client.get("/health").json()["webui_available"] is False
