"""Can the time of a login tell whether an account exists? Compares a known with an unknown name, interleaved.

Beside the server's own check it measures a naive one, which returns early for an unknown name: the control that shows
that the statistic would see a difference. The statistic is the area under the ROC curve of "slower means known": .5
tells nothing, 1 tells everything; with 60 of each, chance gives .40 to .60 in 95 of 100 runs.

    .venv/bin/python bench/login_timing.py --each 60
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neolight.auth.passwords import Checker, Scheme, hashed, verified

WRONG = "not the password"


@dataclass(frozen=True)
class Measured:
    """Seconds of checks of a known and of an unknown name."""

    known: list[float]
    unknown: list[float]

    @property
    def area(self) -> float:
        """How often a known name took longer than an unknown one, over all pairs."""
        known, unknown = np.array(self.known)[:, None], np.array(self.unknown)[None, :]
        return float(np.mean((known > unknown) + 0.5 * (known == unknown)))

    def line(self, name: str) -> str:
        """As a line of a table."""
        medians = [1000 * statistics.median(times) for times in (self.known, self.unknown)]
        return f"{name:<28} known {medians[0]:7.1f} ms   unknown {medians[1]:7.1f} ms   area {self.area:.2f}"


def measured(check: Callable[[str, str], bool], each: int) -> Measured:
    """Times checks, a known and an unknown name by turns, so that a busy machine slows both."""
    times: dict[str, list[float]] = {"ada": [], "mallory": []}
    for turn in range(2 * each):
        name = ("ada", "mallory")[(turn + turn // 2) % 2]
        began = time.perf_counter()
        check(name, WRONG)
        times[name].append(time.perf_counter() - began)
    return Measured(times["ada"], times["mallory"])


def main() -> int:
    """Prints both; fails where the server's check tells known from unknown, or the naive one does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=60, help="checks of each name")
    each = parser.parse_args().each
    stored = {"ada": hashed("the password")}
    checker = Checker(stored)

    def naive(name: str, password: str) -> bool:
        return name in stored and verified(Scheme.ARGON2, stored[name], password)

    ours, control = measured(checker.check, each), measured(naive, each)
    print(ours.line("the check of the server"))
    print(control.line("a check that returns early"))
    return 0 if abs(ours.area - 0.5) < 0.15 and control.area > 0.99 else 1


if __name__ == "__main__":
    raise SystemExit(main())
