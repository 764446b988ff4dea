"""A corpus made by rule: small documents whose people, firms and codes overlap, so that transactions share entities."""

from __future__ import annotations

import random

from neolight.graph.documents import Original

DOCUMENTS = 120

PEOPLE = (
    "Ada Berger", "Boris Klein", "Clara Novak", "Dario Conti", "Elif Kaya", "Farid Rahman", "Greta Lund", "Hugo Martin",
    "Ines Costa", "Jonas Weber", "Karin Holm", "Liam Walsh", "Mara Petrov", "Nils Berg", "Olga Sokol", "Pavel Dvorak",
)  # fmt: skip
FIRMS = ("Orion Works", "Halden Marine", "Borealis Energy", "Castell Pumps", "Delta Freight", "Elbe Chemicals")
CITIES = ("Hamburg", "Rotterdam", "Gdansk", "Trieste", "Bilbao")
PUMPS = ("KX-200", "KX-210", "VT-45", "VT-4.5", "PR-9", "PR-90")
ERRORS = ("E-45", "E-4.5", "E-12", "E-77")
PARTS = ("impeller", "shaft seal", "pressure valve", "inlet filter", "drive belt")

SENTENCES = (
    "{person} of {firm} inspected pump {pump} in {city}.",
    "Error {error} on pump {pump} means that the {part} is worn.",
    "{firm} delivered pump {pump} to {other}.",
    "{person} replaced the {part} of pump {pump} after error {error}.",
    "{person} and {colleague} agreed with {firm} on a delivery to {city}.",
    "{other} bought a {part} from {firm} for its plant in {city}.",
    "{colleague} reports to {person} at {firm}.",
    "Pump {pump} stopped with error {error} at the plant of {other} in {city}.",
)


def corpus() -> list[Original]:
    """The documents, the same at every call."""
    return [_document(number) for number in range(DOCUMENTS)]


def _document(number: int) -> Original:
    rng = random.Random(number)
    source = f"reports/report-{number:03}.md"
    lines = [f"# Service report {number:03}", ""]
    for heading in ("Findings", "Measures")[: rng.randint(1, 2)]:
        lines += [f"## {heading}", "", " ".join(_sentence(rng) for _ in range(rng.randint(2, 4))), ""]
    data = "\n".join(lines).encode()
    return Original(source, source.rpartition("/")[2], "text/markdown", data)


def _sentence(rng: random.Random) -> str:
    person, colleague = rng.sample(PEOPLE, 2)
    firm, other = (_spelt(name, rng) for name in rng.sample(FIRMS, 2))
    return rng.choice(SENTENCES).format(
        person=person,
        colleague=colleague,
        firm=firm,
        other=other,
        city=rng.choice(CITIES),
        pump=rng.choice(PUMPS),
        error=rng.choice(ERRORS),
        part=rng.choice(PARTS),
    )


def _spelt(name: str, rng: random.Random) -> str:
    """A name, sometimes in capitals: the entity has the spelling that most passages use, and the other as an alias."""
    return name.upper() if rng.random() < 0.2 else name
