"""What the tests of the writer write: passages about engines, of one document and of two that overlap."""

from __future__ import annotations

from graphwork import Part, says

ADA = says(
    ("Ada Lovelace", "person", "A mathematician."),
    ("Analytical Engine", "machine", "A machine by Babbage."),
    states=[("Ada Lovelace", "Analytical Engine", "wrote for, programs", "Ada wrote programs for the engine.", 2.0)],
)
BABBAGE = says(
    ("Charles Babbage", "person", "An inventor."),
    ("ANALYTICAL ENGINE", "machine", "It was never finished."),
    states=[("Charles Babbage", "Analytical Engine", "designed", "Babbage designed the engine.", 1.0)],
)
PLAIN = says()
FIRST: list[Part] = [
    ("Ada wrote programs.", ADA),
    ("Nothing is said here.", PLAIN),
    ("Babbage built engines.", BABBAGE),
]

TWO: dict[str, list[Part]] = {
    "one": [
        ("A text of the first.", ADA),
        (
            "Another of the first.",
            says(("Ada Lovelace", "Author", "She was an author."), ("B", "Letter", "Same length 1.")),
        ),
    ],
    "two": [
        ("A text of the second.", BABBAGE),
        (
            "Another of the second.",
            says(
                ("ada lovelace", "Person", "Daughter of Byron."),
                ("b", "Letter", "Same length 2."),
                states=[("Analytical Engine", "ada LOVELACE", "inspired, programs", "The engine inspired Ada.", 0.5)],
            ),
        ),
    ],
}
