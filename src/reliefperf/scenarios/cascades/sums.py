"""The sums of a cascade's own files, in exact arithmetic and from the files alone.

What stands in allocation.csv, explanation.csv and parents.csv must add up by itself: children to what
their parent paid, that and the rest to what the parent received, this to its amount one level up, the
steps of an explanation to the amount, and all levels to the budget.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

type Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Wrong:
    """A sum that does not come out: in which file, and what was found in place of what."""

    file: str
    en: str
    zh: str


class Sums:
    """The sums of a run folder; `count` says how many were made."""

    def __init__(self, folder: Path, levels: Sequence[str]) -> None:
        self.levels = list(levels)
        self.allocation = _read(folder / "allocation.csv")
        self.explanation = _read(folder / "explanation.csv")
        self.parents = _read(folder / "parents.csv")
        self.count = 0

    def wrong(self) -> Iterator[Wrong]:
        """Every sum that does not come out; a cell that is no number is one."""
        try:
            yield from self._pools()
            yield from self._steps()
            yield from self._parents()
            yield from self._levels()
        except KeyError as error:
            name = error.args[0]
            yield Wrong(
                "allocation.csv",
                f"cannot be added up: there is no '{name}'",
                f"无法求和：没有“{name}”",
            )
        except InvalidOperation:
            yield Wrong(
                "allocation.csv",
                "cannot be added up: an amount is not a number",
                "无法求和：有的金额不是数",
            )

    def _same(
        self, file: str, what: tuple[str, str], one: Fraction, other: Fraction
    ) -> Iterator[Wrong]:
        self.count += 1
        if one != other:
            en, zh = what
            yield Wrong(
                file,
                f"{en}: {float(one):,.10g} is not {float(other):,.10g}",
                f"{zh}：{float(one):,.10g} 不等于 {float(other):,.10g}",
            )

    def _pools(self) -> Iterator[Wrong]:
        """The pools of a region add up to its total."""
        parts: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for row in self.allocation:
            if row["pool"] != "total":
                parts[row["level"], row["region"]] += _number(row["amount"])
        for row in self.allocation:
            if row["pool"] == "total":
                at = row["level"], row["region"]
                what = (f"pools of {' '.join(at)}", f"{' '.join(at)} 各资金池合计")
                yield from self._same("allocation.csv", what, parts[at], _number(row["amount"]))

    def _steps(self) -> Iterator[Wrong]:
        """The steps of a region and pool add up to its amount."""
        steps: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
        for row in self.explanation:
            steps[_place(row)] += _number(row["amount"])
        for row in self.allocation:
            if row["pool"] != "total":
                at = _place(row)
                what = (f"steps of {' '.join(at)}", f"{' '.join(at)} 各步骤合计")
                yield from self._same("explanation.csv", what, steps[at], _number(row["amount"]))

    def _parents(self) -> Iterator[Wrong]:
        """Children add up to what was paid, paid and left to what was received, that to the amount above."""
        paid: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
        held: dict[tuple[str, str], list[tuple[int, Fraction]]] = defaultdict(list)
        for row in self.allocation:
            amount = _number(row["amount"])
            paid[row["level"], row["parent"], row["pool"]] += amount
            held[row["region"], row["pool"]].append((self.levels.index(row["level"]), amount))
        for row in self.parents:
            at = row["level"], row["parent"], row["pool"]
            label = " ".join(part for part in at if part)
            received, said, left = (_number(row[key]) for key in ("received", "paid", "left"))
            what = (f"children of {label}", f"{label} 下级合计")
            yield from self._same("parents.csv", what, paid[at], said)
            what = (f"paid and left of {label}", f"{label} 下达与留存合计")
            yield from self._same("parents.csv", what, said + left, received)
            if left < 0:
                yield Wrong("parents.csv", f"{label}: less than nothing left", f"{label} 留存为负")
            if row["parent"]:
                here = self.levels.index(row["level"])
                above = [money for level, money in held[at[1:]] if level < here]
                what = (f"what {label} received", f"{label} 得到数与上级表")
                yield from self._same(
                    "parents.csv", what, received, above[-1] if above else Fraction(0)
                )

    def _levels(self) -> Iterator[Wrong]:
        """Where the money ends, with what is left on the way, is the budget of the first level."""
        passed_on = {(row["level"], row["parent"]) for row in self.parents if row["parent"]}
        own = {row["region"]: row["level"] for row in self.allocation}
        parents = {code for _, code in passed_on}
        ends = sum(
            (
                _number(row["amount"])
                for row in self.allocation
                if row["pool"] == "total" and not self._passes(row, parents, own)
            ),
            Fraction(0),
        )
        totals = [row for row in self.parents if row["pool"] == "total"]
        left = sum((_number(row["left"]) for row in totals), Fraction(0))
        budget = sum((_number(row["received"]) for row in totals if not row["parent"]), Fraction(0))
        what = ("all levels together", "各级合计")
        yield from self._same("parents.csv", what, ends + left, budget)

    @staticmethod
    def _passes(row: Mapping[str, str], parents: set[str], own: Mapping[str, str]) -> bool:
        """Whether the region's money went further down."""
        return row["region"] in parents and own[row["region"]] == row["level"]


def _place(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["level"], row["region"], row["pool"]


def _number(text: str) -> Fraction:
    return Fraction(int(text)) if text.isdecimal() else Fraction(Decimal(text))


def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
