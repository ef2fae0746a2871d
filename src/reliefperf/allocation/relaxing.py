"""The cheapest relaxation: which hard rules give way, where and by how much, where not all can hold.

Every hard rule that may give way becomes a soft one, before the rules that are soft anyway. The
program then makes the money by which they are missed least, priority by priority, and of all such
amounts takes the fair ones. Totals of pools and the budget never give way: no more is paid than
there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from reliefperf.allocation.program import ExactRow
from reliefperf.errors import InfeasibleError
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.spec_allocation import AllocationSpec

if TYPE_CHECKING:
    from reliefperf.allocation.rules.base import AmountRule

RELAXED = -1
"""The program in which rules give way, in place of a number of rules."""

NOISE = Fraction(1, 10**6)
"""Money below which a row counts as held when a solver's amounts are looked at."""

NOISE_PART = Fraction(1, 10**9)
"""The same as a part of a row's size, which a solver's feasibility is measured by."""

Relax = Literal["never", "offer", "apply"]
"""What is done where rules cannot all hold: nothing, the cheapest relaxation said, or applied."""

type RuleRows = Sequence[tuple[AmountRule, Sequence[ExactRow]]]


@dataclass(frozen=True)
class Relaxation:
    """A row of a rule that gives way: its side, the limit as stated and by how much it is passed.

    `row` names a region or group; limit, `by` and `before` are money in the row's own terms.
    `before` is by how much it gave way before whole units, which may keep it in the end (`by` 0).
    `priority` counts in the order in which rules give way, from 1; 0 is what the budget cuts.
    """

    rule: str
    row: str
    side: Literal["low", "high"]
    limit: Fraction
    by: Fraction
    before: Fraction = Fraction(0)
    priority: int = 1

    @property
    def new_limit(self) -> Fraction:
        """The limit that holds in its place."""
        return self.limit - self.by if self.side == "low" else self.limit + self.by


def priorities(spec: AllocationSpec, rules: Iterable[AmountRule]) -> dict[str, int | None]:
    """By rule, the priority with which its shortfall is made least; None for one that must hold.

    Rules that are soft give way first, then those of `relax` in its order; without it all hard
    rules give way alike.
    """
    listed = None if spec.relax is None else [_together(entry) for entry in spec.relax]
    steps = 1 if listed is None else len(listed)
    found: dict[str, int | None] = {}
    for rule in rules:
        if rule.soft is not None:
            found[rule.id] = rule.soft + steps
        elif listed is None:
            found[rule.id] = 1
        else:
            places = [steps - i for i, entry in enumerate(listed) if rule.id in entry]
            found[rule.id] = places[0] if places else None
    return found


def order_of_giving(spec: AllocationSpec) -> dict[str, int]:
    """The place in `relax` of each rule it lists, from 1; rules are alike without it (empty)."""
    listed = spec.relax or ()
    return {rule: at for at, entry in enumerate(listed, 1) for rule in _together(entry)}


def _together(entry: str | list[str]) -> list[str]:
    return [entry] if isinstance(entry, str) else entry


def missed_by(row: ExactRow, amounts: Sequence[Fraction]) -> Relaxation | None:
    """By how much money amounts miss a row; None if it holds exactly."""
    value = value_of(row, amounts)
    if row.lower is not None and value < row.lower:
        return Relaxation(row.rule, row.name, "low", row.lower, row.lower - value)
    if row.upper is not None and value > row.upper:
        return Relaxation(row.rule, row.name, "high", row.upper, value - row.upper)
    return None


def value_of(row: ExactRow, amounts: Sequence[Fraction]) -> Fraction:
    """The row's value at amounts, in money."""
    return sum(
        (amounts[j] * c for j, c in zip(row.columns, row.coefficients, strict=True)), Fraction(0)
    )


def nearly_missed(
    rules: RuleRows, amounts: Sequence[Fraction], order: Mapping[str, int]
) -> list[Relaxation]:
    """What the hard rules miss at a solver's amounts; noise does not count."""
    return [
        replace(item, before=item.by, priority=order.get(rule.id, 1))
        for rule, rows in rules
        if rule.soft is None
        for row in rows
        if (item := _clearly_missed(row, amounts)) is not None
    ]


def _clearly_missed(row: ExactRow, amounts: Sequence[Fraction]) -> Relaxation | None:
    """By how much a solver's amounts miss a row; None if that is no more than noise."""
    item = missed_by(row, amounts)
    return item if item is not None and item.by > _noise(row, amounts) else None


def _noise(row: ExactRow, amounts: Sequence[Fraction]) -> Fraction:
    """Money by which a solver's amounts may be off a row."""
    terms = zip(row.columns, row.coefficients, strict=True)
    return max(NOISE, NOISE_PART * sum(abs(amounts[j] * c) for j, c in terms))


def given_way(row: ExactRow, amounts: Sequence[Fraction], step: Fraction) -> ExactRow:
    """The row as it holds at a solver's amounts; a limit that gives way ends at a whole unit.

    Where the noise of large amounts is more than half a unit it is left room.
    """
    item = missed_by(row, amounts)
    if item is None or item.by <= NOISE:
        return row
    noise = _noise(row, amounts)
    near = step * round(item.new_limit / step)
    if noise < step / 2 and abs(item.new_limit - near) < noise:
        end, noise = near, Fraction(0)
    else:
        end, noise = item.new_limit, noise if noise >= step / 2 else Fraction(0)
    if item.side == "low":
        return replace(row, lower=min(item.limit, step * math.floor((end - noise) / step)))
    return replace(row, upper=max(item.limit, step * math.ceil((end + noise) / step)))


def outwards(row: ExactRow, step: Fraction) -> ExactRow:
    """The row with its limits moved outwards to whole units."""
    low, high = row.lower, row.upper
    return replace(
        row,
        lower=None if low is None else step * math.floor(low / step),
        upper=None if high is None else step * math.ceil(high / step),
    )


def held(row: ExactRow, paid: Sequence[Fraction], step: Fraction) -> ExactRow:
    """The row as the paid amounts keep it, exactly."""
    item = missed_by(row.in_whole_units(step), paid)
    if item is None:
        return row
    if item.side == "low":
        return replace(row, lower=item.new_limit, slack=Fraction(0))
    return replace(row, upper=item.new_limit, slack=Fraction(0))


def relaxations(
    stated: RuleRows,
    paid: Sequence[Fraction],
    step: Fraction,
    amounts: Sequence[Fraction],
    order: Mapping[str, int],
) -> list[Relaxation]:
    """What every hard rule misses, in order of the rules.

    Exactly at the `paid` amounts, and but for noise at the solver's `amounts` before whole units.
    """
    found = []
    for rule, rows in stated:
        if rule.soft is not None:
            continue
        priority = order.get(rule.id, 1)
        for row in rows:
            whole = row.in_whole_units(step)
            item, was = missed_by(whole, paid), _clearly_missed(row, amounts)
            if was is not None and (item is None or item.side != was.side):
                limit = whole.lower if was.side == "low" else whole.upper
                kept = Relaxation(row.rule, row.name, was.side, limit or Fraction(0), Fraction(0))
                found.append(replace(kept, before=was.by, priority=priority))
                was = None
            if item is not None:
                before = Fraction(0) if was is None else was.by
                found.append(replace(item, before=before, priority=priority))
    return found


def by_rule(items: Iterable[Relaxation]) -> Mapping[str, list[Relaxation]]:
    """The relaxations of each rule."""
    found: dict[str, list[Relaxation]] = {}
    for item in items:
        found.setdefault(item.rule, []).append(item)
    return found


def given_up(items: Iterable[Relaxation]) -> Fraction:
    """The money by which rows give way together."""
    return sum((item.by for item in items), Fraction(0))


def amount_text(amount: Fraction) -> str:
    """An amount for a message."""
    return f"{float(amount):,.6f}".rstrip("0").rstrip(".")


def refuse_order(model: Model, error: InfeasibleError) -> None:
    """Refuse to relax pools that share out what earlier ones left, which one program cannot."""
    spec = model.spec.allocation
    assert spec is not None
    if len(spec.pools) < 2:
        return
    for path, expr, _ in expressions_in(spec, ("allocation",)):
        names = model.names_behind(expr)
        if path[1] not in ("pools", "rules") or names.isdisjoint(spec.paid_pools):
            continue
        name = path[2] if path[1] == "pools" else spec.rules[int(path[2])].id
        raise InfeasibleError(
            [
                *error.mistakes,
                model.document.mistake(
                    path,
                    f"'{name}' takes up what another pool pays, so that the pools are "
                    "settled in order and no cheapest relaxation of all is known",
                    f"“{name}”取决于另一资金池的实付金额，各池依次分配，无法求总体上最小的放宽",
                ),
            ]
        )
