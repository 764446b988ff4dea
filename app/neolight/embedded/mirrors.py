"""Reads the mirrors of Maven's own settings, so that a company's repository manager is used here as well."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree


def mirrored(repositories: dict[str, str], settings: Path | None = None) -> dict[str, str]:
    """The repositories, each with the address of its mirror where `~/.m2/settings.xml` has one for it."""
    mirrors = _mirrors(settings or Path.home() / ".m2" / "settings.xml")
    return {name: next((url for of, url in mirrors if _covers(of, name)), base) for name, base in repositories.items()}


def _mirrors(settings: Path) -> list[tuple[str, str]]:
    try:
        root = ElementTree.fromstring(settings.read_bytes())  # noqa: S314 - the user's own settings
    except (OSError, ElementTree.ParseError):
        return []
    found = [(_text(mirror, "mirrorOf"), _text(mirror, "url")) for mirror in root.findall("{*}mirrors/{*}mirror")]
    return [(of, url) for of, url in found if of and url.startswith(("http://", "https://")) and "$" not in url]


def _text(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _covers(pattern: str, name: str) -> bool:
    names = [part.strip() for part in pattern.split(",")]
    return f"!{name}" not in names and any(part in ("*", "external:*", name) for part in names)
