"""What a measurement yields, and how it is shown: tables for people, JSON for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on the ratio to the floor, or on the measured value itself."""

    side: Literal["≥", "≤"]
    bound: float
    of: Literal["ratio", "value"]

    def is_met(self, found: float) -> bool:
        return found >= self.bound if self.side == "≥" else found <= self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. `ratio` is `value` to `floor`, the median over the rounds in `ratios`."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratios: tuple[float, ...] = ()
    goal: Goal | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios else None

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        found = self.ratio if self.goal.of == "ratio" else self.value
        return found is not None and self.goal.is_met(found)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def compared(
    name: str,
    unit: str,
    pairs: Sequence[tuple[float, float]],
    goal: Goal | None = None,
    note: str = "",
) -> Figure:
    """From the rounds' pairs of (floor, ours)."""
    return Figure(
        name,
        median(ours for _, ours in pairs),
        unit,
        median(floor for floor, _ in pairs),
        tuple(ours / floor if floor else 0.0 for floor, ours in pairs),
        goal,
        note,
    )


def table(title: str, figures: Sequence[Figure]) -> Table:
    shown = Table(title=title, title_justify="left", title_style="bold", expand=False)
    shown.add_column("what", overflow="fold")
    for heading in ("ours", "floor", "ratio", "rounds", "goal"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("")
    shown.add_column("note", style="dim", overflow="fold")
    marks = {True: "[green]✓[/]", False: "[red]✗[/]", None: ""}
    for each in figures:
        spread = f"{min(each.ratios):.2f} … {max(each.ratios):.2f}" if each.ratios else ""
        goal = f"{each.goal.side} {each.goal.bound:g}" if each.goal else ""
        if each.goal and each.goal.of == "ratio":
            goal += " ×"
        shown.add_row(
            each.name,
            f"{_number(each.value)} {each.unit}",
            f"{_number(each.floor)} {each.unit}" if each.floor is not None else "",
            f"{each.ratio:.2f} ×" if each.ratio is not None else "",
            spread,
            goal,
            marks[each.met],
            each.note,
        )
    return shown


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
