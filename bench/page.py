"""All results as one page that needs nothing else: `python bench/page.py` writes results/index.html.

It shows what is there of scale.json, filters.json, adversarial.json, sensitivity.json and side_by_side.json, each with
the command that made it.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from plots import Series, lines, pairs, ranges, table

RESULTS = Path(__file__).parent / "results"
STYLES = ("s1", "s2", "s3", "s4", "s5", "s6")
Result = Mapping[str, Any]
HUBS_MS = 50.0
"""What a question about hubs may take."""


def page(results: Mapping[str, Result]) -> str:
    """The page, from the results by the name of their file."""
    parts = [
        f'<section id="{name}"><h2>{escape(title)}</h2>{_made(results[name])}{section(results[name])}</section>'
        for name, (title, section) in SECTIONS.items()
        if name in results
    ]
    links = " ".join(f'<a href="#{name}">{escape(SECTIONS[name][0])}</a>' for name in SECTIONS if name in results)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    style = (Path(__file__).parent / "page.css").read_text()
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Neolight, measured</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head><body><main><h1>Neolight, measured</h1>"
        f"<p>Made on {now} by <code>python bench/page.py</code>. Latencies are milliseconds.</p>"
        f"{_machines(results)}<nav>{links}</nav>{''.join(parts)}</main></body></html>\n"
    )


def _machines(results: Mapping[str, Result]) -> str:
    """The machine's facts; where parts were measured on different ones, each with its parts."""
    parts: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name in (name for name in SECTIONS if name in results):
        facts = results[name]["machine"]
        here = tuple((key, value) for key, value in facts.items() if key not in {"date", "command"})
        parts.setdefault(here, []).append(name)
    rows = [(", ".join(names), *(value for _, value in facts)) for facts, names in parts.items()]
    return table(["measured", *(key for key, _ in next(iter(parts)))], rows) if parts else ""


def _made(result: Result) -> str:
    facts = result["machine"]
    command = facts.get("command")
    by = f" by <code>{escape(command)}</code>" if command else ", before results named their command"
    return f'<p class="made">Measured on {facts["date"]}{by}.</p>'


def scale(result: Result) -> str:
    """Growth, beside what bounds it."""
    sizes = sorted(result["sizes"], key=lambda size: size["chunks"])
    modes = list(dict.fromkeys(one["mode"] for size in sizes for one in size["latency"]))
    grown = [
        Series(mode, [(size["chunks"], _p50(size, mode)) for size in sizes], style)
        for mode, style in zip(modes, STYLES, strict=False)
    ]
    for key, name in (("one index search ms", "one index search"), ("one round trip ms", "one round trip")):
        points = [(size["chunks"], size[key]) for size in sizes if key in size]
        grown += [Series(name, points, "floor")] if points else []
    loads = [
        Series(name, [(size["chunks"], size["seconds"][name]) for size in sizes], style)
        for name, style in zip(("import", "indexes"), STYLES, strict=False)
    ]
    return (
        "<h3>Growth of latency</h3><p>p50 at one client. The dashed lines are what no mode can be faster than: one "
        f"search of one vector index, and one Bolt round trip.</p>{lines(grown, 'chunks', 'ms')}{_exponents(grown)}"
        f"<h3>The limits, and the distance to them</h3>{_limits(sizes, modes)}"
        f"<h3>Clients</h3>{_clients(sizes)}"
        f"<h3>Loading</h3>{lines(loads, 'chunks', 'seconds')}{_loading(sizes)}"
    )


def _p50(size: Result, mode: str) -> float:
    return next(one["p50"] for one in size["latency"] if one["mode"] == mode and one["clients"] == 1)


def _exponents(grown: Sequence[Series]) -> str:
    """How each line grows, as the power of the number of chunks between its ends."""
    said: list[str] = []
    for one in grown:
        (first, low), (last, high) = one.points[0], one.points[-1]
        if last > first and low > 0 and high > 0:
            power = math.log(high / low) / math.log(last / first)
            said.append(f"{one.name}: {high / low:.2f} times for {last / first:g} times the chunks (power {power:.2f})")
    return f"<p>{escape('; '.join(said))}.</p>" if said else ""


def _limits(sizes: Sequence[Result], modes: Sequence[str]) -> str:
    rows: list[list[object]] = []
    for size in sizes:
        for mode in modes:
            p50, search = _p50(size, mode), size["one index search ms"]
            moved = size.get("bytes", {}).get(mode, {})
            rows.append(
                [
                    size["chunks"],
                    mode,
                    p50,
                    search,
                    size.get("one round trip ms", "-"),
                    moved.get("received", "-"),
                    moved.get("ms", "-"),
                    f"{p50 / search:.1f} ×" if search else "-",
                    round(p50 - search, 1),
                ]
            )
    heads = ["chunks", "mode", "p50", "one index search", "one round trip", "bytes received", "moving them"]
    note = (
        "<p>One index search is a question of its own, with its round trip. <code>naive</code> searches a vector and a "
        "full-text index, <code>mix</code> two vector indexes and a full-text index, and walks. Moving the bytes is "
        "what they add to a bare round trip on this machine.</p>"
    )
    return note + table([*heads, "p50 to one search", "above it, ms"], rows)


def _clients(sizes: Sequence[Result]) -> str:
    heads = ["mode", "clients", "p50", "p95", "questions/s", "neo4j cpu ms", "own cpu ms"]
    return table(
        ["chunks", *heads],
        ([size["chunks"], *(one[head] for head in heads)] for size in sizes for one in size["latency"]),
    )


def _loading(sizes: Sequence[Result]) -> str:
    rows = [
        [
            size["chunks"],
            size["counts"]["Entity"],
            size["counts"]["RELATES"],
            *(round(size["seconds"][name], 1) for name in ("import", "indexes")),
            round(size["chunks"] / (size["seconds"]["import"] + size["seconds"]["indexes"])),
            *size["megabytes"].values(),
            round(size["neo4j mb"]),
            size["recall@10"],
        ]
        for size in sizes
    ]
    heads = ["chunks", "entities", "relations", "import s", "indexes s", "chunks/s", "store MB", "of it indexes MB"]
    return table([*heads, "memory MB", "recall@10 to exact"], rows)


def filters(result: Result) -> str:
    """Recall and latency of filtered search."""
    kinds = list(dict.fromkeys(row["filter"] for row in result["rows"]))
    shown: list[Series] = []
    for what in ("passages", "relations"):
        key = f"recall@10 of {what}"
        for kind in kinds:
            points = [(row["one in"], row[key]) for row in result["rows"] if row["filter"] == kind and key in row]
            shown += [Series(f"{what}, by {kind}", points, STYLES[len(shown) % len(STYLES)])] if points else []
    heads = list(dict.fromkeys(key for row in result["rows"] for key in row))
    rows = [[row.get(head, "-") for head in heads] for row in result["rows"]]
    plot = lines(shown, "one document or entity in", "recall@10", share=True)
    return f"<p>{result['chunks']:,} chunks; recall is compared with exact search.</p>{plot}{table(heads, rows)}"


def adversarial(result: Result) -> str:
    """Hard graphs beside the plain one."""
    rows = [(case, one) for case in result["cases"] for one in case["rows"]]
    dots = [(f"{case['case']}, {one['mode']}", one["plain"]["p50"], one["hard"]["p50"]) for case, one in rows]
    cells = [
        [
            case["case"],
            one["mode"],
            *(one[graph][key] for key in ("p50", "p95") for graph in ("hard", "plain")),
            f"{one['right']} of {one['questions']}: {case['expected']}",
            _slowest(one["hard"]["parts"]),
        ]
        for case, one in rows
    ]
    heads = ["case", "mode", "p50", "plain p50", "p95", "plain p95", "as expected", "slowest part in Neo4j"]
    relations = ", ".join(f"{case['case']}: {case['counts']['RELATES']:,}" for case in result["cases"])
    return (
        f"<p>{result['chunks']:,} chunks, one client. Relations in the graph: {escape(relations)}. Open: the same "
        f"questions on the plain graph; full: on the hard one. The line is at {HUBS_MS:g} ms.</p>"
        f"{pairs(dots, 'p50 in ms', HUBS_MS)}{table(heads, cells)}"
    )


def _slowest(parts: Mapping[str, float]) -> str:
    name = max(parts, key=lambda part: parts[part])
    return f"{name}, {parts[name]} ms"


def sensitivity(result: Result) -> str:
    """What each constant of the ranking changes."""
    said = [
        "<p>Each constant alone; the difference is paired by question, with its 95% bootstrap interval. Orange: the "
        "interval leaves 0 out.</p>"
    ]
    for one in result["sets"]:
        rows = [row for row in one["rows"] if row["value"] is not None]
        said.append(f"<h3>{escape(one['name'])}, {one['questions']} questions</h3>")
        for measure in ("recall@5", "recall@10"):
            base = ", ".join(
                f"{row['mode']} {row[measure][0]:.3f} ({row[measure][1]:.3f} to {row[measure][2]:.3f})"
                for row in one["rows"]
                if row["value"] is None
            )
            dots = [(_varied(row), *row[f"{measure} difference"]) for row in rows]
            said.append(f"<p>{measure} as it is: {base}.</p>{ranges(dots, f'difference of {measure}', zero=True)}")
    return "".join(said)


def _varied(row: Mapping[str, Any]) -> str:
    where = "" if row["mode"] == "mix" else f" ({row['mode']})"
    return f"{row['constant']} {row['used']:g} → {row['value']:g}{where}"


def side_by_side(result: Result) -> str:
    """Beside the peers."""
    systems = result["systems"]
    depths = [key for key in next(iter(systems.values())) if key.startswith("recall@")]
    plots = [ranges([(name, *found[depth]) for name, found in systems.items()], depth) for depth in depths]
    heads = ["system", "indexing s"]
    clients = [key for key in next(iter(systems.values())) if key.endswith("clients")]
    heads += [f"{many}: {name}" for many in clients for name in next(iter(systems.values()))[many]]
    rows = [
        [
            name,
            found.get("indexing", {}).get("seconds", "-"),
            *(value for many in clients for value in found[many].values()),
        ]
        for name, found in systems.items()
    ]
    what = f"<p>{result['documents']:,} documents, {result['questions']} questions; means with 95% intervals.</p>"
    return what + "".join(plots) + table(heads, rows)


SECTIONS: Mapping[str, tuple[str, Callable[[Result], str]]] = {
    "scale": ("Growth", scale),
    "side_by_side": ("Beside LightRAG and neo4j-graphrag", side_by_side),
    "adversarial": ("Hard graphs", adversarial),
    "filters": ("Filters", filters),
    "sensitivity": ("Constants of the ranking", sensitivity),
}


def main() -> None:
    """Reads the results and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS, help="The folder of the JSON files.")
    parser.add_argument("--out", type=Path, help="By default index.html in that folder.")
    known = parser.parse_args()
    files = {name: known.results / f"{name}.json" for name in SECTIONS}
    results = {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}
    if not results:
        parser.error(f"{known.results} has none of {', '.join(file.name for file in files.values())}.")
    out = known.out or known.results / "index.html"
    out.write_text(page(results), "utf-8")
    print(out)


if __name__ == "__main__":
    main()
