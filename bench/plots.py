"""Plots as inline SVG, coloured by the style sheet of the page, so that they fit light, dark and paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
LEFT, RIGHT, TOP, BOTTOM = 64, 180, 12, 44
ROW = 22
LABELS = 250

Axis = Callable[[float], float]
"""From a value to a place in pixels."""


@dataclass(frozen=True)
class Series:
    """A named line; `style` is a class of the style sheet."""

    name: str
    points: Sequence[tuple[float, float]]
    style: str


def lines(series: Sequence[Series], x_label: str, y_label: str, *, share: bool = False) -> str:
    """Lines over a logarithmic axis; upwards logarithmic too, or for shares the upper part of what is up to 1."""
    height = 340
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points if y > 0]
    if not xs or not ys:
        return ""
    x_low, x_high = decades(xs)
    x = logarithmic(x_low, x_high, LEFT, WIDTH - RIGHT)
    bottom = height - BOTTOM
    if share:
        lowest = min(9, math.floor(10 * min(ys)))
        y, y_ticks = linear(lowest / 10, 1, bottom, TOP), [at / 20 for at in range(2 * lowest, 21)]
    else:
        y_low, y_high = decades(ys)
        y, y_ticks = logarithmic(y_low, y_high, bottom, TOP), ticks(y_low, y_high)
    parts = [grid(y, y_ticks, LEFT, WIDTH - RIGHT)]
    parts += [
        f'<line class="grid" x1="{x(at):.1f}" y1="{TOP}" x2="{x(at):.1f}" y2="{bottom}"/>'
        f'<text x="{x(at):.1f}" y="{bottom + 16}" text-anchor="middle">{number(at)}</text>'
        for at in ticks(x_low, x_high)
    ]
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{height - 6}" text-anchor="middle">{escape(x_label)}</text>'
    )
    middle = (TOP + bottom) / 2
    parts.append(f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>')
    ends = spread([(one.name, y(max(one.points[-1][1], 1e-9))) for one in series if one.points])
    for one in series:
        points = [(x(a), y(b)) for a, b in one.points if share or b > 0]
        if points:
            parts.append(_line(one, points, ends[one.name]))
    return svg(height, parts, f"{y_label} by {x_label}: {', '.join(one.name for one in series)}")


def _line(one: Series, points: Sequence[tuple[float, float]], label: float) -> str:
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    dots = "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5">'
        f"<title>{escape(one.name)}: {number(ours)} at {number(at)}</title></circle>"
        for (a, b), (at, ours) in zip(points, one.points, strict=False)
    )
    end = points[-1]
    return (
        f'<g class="{one.style}"><polyline points="{path}"/>{dots}'
        f'<line class="lead" x1="{end[0] + 5:.1f}" y1="{end[1]:.1f}" x2="{WIDTH - RIGHT + 12}" y2="{label:.1f}"/>'
        f'<text x="{WIDTH - RIGHT + 16}" y="{label + 4:.1f}">{escape(one.name)}</text></g>'
    )


def ranges(rows: Sequence[tuple[str, float, float, float]], label: str, *, zero: bool = False) -> str:
    """A row for each name: a mean and the interval around it; with a line at 0 for differences."""
    if not rows:
        return ""
    low, high = min(row[2] for row in rows), max(row[3] for row in rows)
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (0.0, max(high, 1.0))
    low, high = (low, high) if high > low else (low - 0.01, high + 0.01)
    bottom = TOP + ROW * len(rows)
    x = linear(low, high, LABELS, WIDTH - 24)
    step = nice((high - low) / 6)
    marks = [step * at for at in range(math.ceil(low / step), math.floor(high / step) + 1)]
    parts = [
        _upright(x(at), bottom, f"{at:+.3g}" if zero and at else f"{at:.3g}", strong=zero and at == 0) for at in marks
    ]
    for at, (name, mean, one, other) in enumerate(rows):
        y = TOP + ROW * (at + 0.5)
        style = "s2" if zero and (one > 0 or other < 0) else "s1"
        tip = f"{name}: {mean:.3f} ({one:.3f} to {other:.3f})"
        parts.append(
            f'<text x="{LABELS - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>'
            f'<g class="{style}"><line x1="{x(one):.1f}" y1="{y:.1f}" x2="{x(other):.1f}" y2="{y:.1f}"/>'
            f'<circle cx="{x(mean):.1f}" cy="{y:.1f}" r="4"><title>{escape(tip)}</title></circle></g>'
        )
    parts.append(f'<text x="{(LABELS + WIDTH - 24) / 2}" y="{bottom + 36}" text-anchor="middle">{escape(label)}</text>')
    return svg(bottom + BOTTOM, parts, label)


def pairs(rows: Sequence[tuple[str, float, float]], label: str, limit: float | None = None) -> str:
    """A row for each name: an open dot for its first value, a full one for its second; a line at a limit."""
    values = [value for _, *both in rows for value in both if value > 0]
    if not values:
        return ""
    low, high = decades([*values, *([limit] if limit else [])])
    bottom = TOP + ROW * len(rows)
    x = logarithmic(low, high, LABELS, WIDTH - 24)
    parts = [_upright(x(at), bottom, number(at)) for at in ticks(low, high)]
    if limit:
        parts.append(f'<line class="limit" x1="{x(limit):.1f}" y1="{TOP}" x2="{x(limit):.1f}" y2="{bottom}"/>')
    for at, (name, one, other) in enumerate(rows):
        y = TOP + ROW * (at + 0.5)
        tip = escape(f"{name}: {one} and {other}")
        parts.append(
            f'<text x="{LABELS - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>'
            f'<g class="s1"><line x1="{x(one):.1f}" y1="{y:.1f}" x2="{x(other):.1f}" y2="{y:.1f}"/>'
            f'<circle class="open" cx="{x(one):.1f}" cy="{y:.1f}" r="4"/>'
            f'<circle cx="{x(other):.1f}" cy="{y:.1f}" r="4"><title>{tip}</title></circle></g>'
        )
    parts.append(f'<text x="{(LABELS + WIDTH - 24) / 2}" y="{bottom + 36}" text-anchor="middle">{escape(label)}</text>')
    return svg(bottom + BOTTOM, parts, label)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; numbers to the right."""
    known = [list(row) for row in rows]
    first = known[0] if known else [""] * len(heads)
    head = "".join(
        f'<th class="n">{escape(name)}</th>' if isinstance(cell, int | float) else f"<th>{escape(name)}</th>"
        for name, cell in zip(heads, first, strict=True)
    )
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in known)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f'<td class="n">{number(value)}</td>'
    if value == "-":
        return '<td class="n">-</td>'
    return f"<td>{escape(str(value))}</td>"


def number(value: float) -> str:
    """As short as it can be without hiding what matters."""
    if value and abs(value) < 1:
        return f"{value:.3g}"
    return f"{value:,.1f}".removesuffix(".0")


def svg(height: float, parts: Sequence[str], described: str) -> str:
    """A picture of the common width."""
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(described)}">{"".join(parts)}</svg>'


def grid(y: Axis, marks: Sequence[float], left: float, right: float) -> str:
    """Lines across, with their values at the left."""
    return "".join(
        f'<line class="grid" x1="{left}" y1="{y(at):.1f}" x2="{right}" y2="{y(at):.1f}"/>'
        f'<text x="{left - 8}" y="{y(at) + 4:.1f}" text-anchor="end">{number(at)}</text>'
        for at in marks
    )


def _upright(x: float, bottom: float, text: str, *, strong: bool = False) -> str:
    name = "axis" if strong else "grid"
    return (
        f'<line class="{name}" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>'
        f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{text}</text>'
    )


def logarithmic(low: float, high: float, start: float, end: float) -> Axis:
    """An axis on which equal steps are equal factors."""
    return lambda value: start + (end - start) * math.log(value / low) / math.log(high / low)


def linear(low: float, high: float, start: float, end: float) -> Axis:
    """An axis on which equal steps are equal differences."""
    return lambda value: start + (end - start) * (value - low) / (high - low)


def decades(values: Sequence[float]) -> tuple[float, float]:
    """The closest of 1, 2, 5, 10, 20, ... around values; never one and the same."""
    low = max(mark for mark in _marks() if mark <= min(values))
    high = min(mark for mark in _marks() if mark >= max(values))
    return (low, high) if high > low else (low / 2, high * 2)


def ticks(low: float, high: float) -> list[float]:
    """Round numbers between two: all of 1, 2, 5, or only powers of ten where these would be too many."""
    found = [mark for mark in _marks() if low <= mark <= high]
    tens = [mark for mark in found if f"{mark:e}".startswith("1.0")]
    return tens if len(found) > 9 and len(tens) > 1 else found


def _marks() -> list[float]:
    return [float(f"{digit}e{power}") for power in range(-4, 10) for digit in (1, 2, 5)]


def nice(step: float) -> float:
    """The next of 1, 2, 5, 10, ... ."""
    return min(mark for mark in _marks() if mark >= step)


def spread(wanted: Sequence[tuple[str, float]]) -> Mapping[str, float]:
    """Heights of labels, moved down as far as they would lie on each other."""
    placed: dict[str, float] = {}
    last = -math.inf
    for name, height in sorted(wanted, key=lambda one: one[1]):
        last = max(height, last + 15)
        placed[name] = last
    return placed
