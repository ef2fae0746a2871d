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
from reliefperf.errors import InfeasibleError, Note
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.spec_allocation import AllocationSpec

if TYPE_CHECKING:
    from reliefperf.allocation.rules.base import AmountRule

RELAXED = -1
"""The program in which rules give way, in place of a number of rules."""

NOISE = Fraction(1, 10**6)
"""Money below which a row counts as held when a solver's amounts are looked at."""

Relax = Literal["never", "offer", "apply"]
"""What is done where rules cannot all hold: nothing, the cheapest relaxation said, or applied."""

type RuleRows = Sequence[tuple[AmountRule, Sequence[ExactRow]]]


@dataclass(frozen=True)
class Relaxation:
    """A row of a rule that gives way: its side, the limit as stated and by how much it is passed.

    `row` names a region or group; limit and `by` are money in the row's own terms.
    """

    rule: str
    row: str
    side: Literal["low", "high"]
    limit: Fraction
    by: Fraction

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


def nearly_missed(rules: RuleRows, amounts: Sequence[Fraction]) -> list[Relaxation]:
    """What the hard rules miss at a solver's amounts; noise does not count."""
    found = []
    for rule, rows in rules:
        for row in rows:
            item = missed_by(row, amounts) if rule.soft is None else None
            if item is not None and item.by > NOISE:
                found.append(item)
    return found


def given_way(row: ExactRow, amounts: Sequence[Fraction], step: Fraction) -> ExactRow:
    """The row as it holds at a solver's amounts; a limit that gives way ends at a whole unit."""
    item = missed_by(row, amounts)
    if item is None or item.by <= NOISE:
        return row
    quotient = item.new_limit / step
    near = Fraction(round(quotient))
    if item.side == "low":
        whole = near if abs(quotient - near) < NOISE else Fraction(math.floor(quotient))
        return replace(row, lower=min(item.limit, step * whole))
    whole = near if abs(quotient - near) < NOISE else Fraction(math.ceil(quotient))
    return replace(row, upper=max(item.limit, step * whole))


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


def relaxations(stated: RuleRows, paid: Sequence[Fraction], step: Fraction) -> list[Relaxation]:
    """What every hard rule misses at the paid amounts, exactly, in order of the rules."""
    return [
        item
        for rule, rows in stated
        if rule.soft is None
        for row in rows
        if (item := missed_by(row.in_whole_units(step), paid)) is not None
    ]


def by_rule(items: Iterable[Relaxation]) -> Mapping[str, list[Relaxation]]:
    """The relaxations of each rule."""
    found: dict[str, list[Relaxation]] = {}
    for item in items:
        found.setdefault(item.rule, []).append(item)
    return found


MOST_NAMED = 5
"""Regions that a sentence names before it says how many more there are."""


def in_words(items: Sequence[Relaxation], unit: str) -> tuple[str, str]:
    """Which rules give way, in how many places and by how much, in English and in Chinese."""
    parts_en, parts_zh = [], []
    for rule, own in by_rule(items).items():
        total = amount_text(sum((item.by for item in own), Fraction(0)))
        most = sorted(own, key=lambda item: (-item.by, item.row))[:MOST_NAMED]
        rest = len(own) - len(most)
        named_en = ", ".join(f"{item.row} by {amount_text(item.by)}" for item in most)
        named_zh = "，".join(f"{item.row} 让 {amount_text(item.by)}" for item in most)
        named_en += f" and {rest} more" if rest else ""
        named_zh += f" 等 {len(own)} 处" if rest else ""
        parts_en.append(f"'{rule}' by {total} {unit} in all ({named_en})")
        parts_zh.append(f"“{rule}”共让 {total} {unit}（{named_zh}）")
    return "; ".join(parts_en), "；".join(parts_zh)


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
        if path[1] not in ("pools", "rules") or expr.direct_names.isdisjoint(spec.paid_pools):
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


def offered(model: Model, error: InfeasibleError, items: Sequence[Relaxation]) -> InfeasibleError:
    """The error with the cheapest relaxation in words and as a table."""
    spec = model.spec.allocation
    assert spec is not None
    if not items:
        en = "In fractions of the smallest amount all rules hold; with --relax single units give way."
        zh = "不取整时各项规则均可成立；用 --relax 可在取整时放宽个别单位。"
        if any(rule.key == "minimum_grant" and rule.soft is None for rule in spec.rules):
            en += " A minimum grant that nobody reaches then is taken from nobody, or not from the last."
            zh += "无人达到的最低拨付额届时不再使所有地区落空。"
    else:
        words_en, words_zh = in_words(items, spec.unit)
        en = f"The cheapest relaxation, before whole units: {words_en}. With --relax it is applied."
        zh = f"最小的放宽（取整前）：{words_zh}。用 --relax 采用。"
    found = InfeasibleError(
        [*error.mistakes, model.document.mistake(("allocation", "rules"), en, zh)]
    )
    if items:
        found.remedy = (HEADER, *(row_texts(item) for item in items))
    return found


HEADER = ("rule", "row", "side", "limit", "relaxed_by", "new_limit")
"""The columns of a table of relaxations."""


def row_texts(item: Relaxation) -> tuple[str, ...]:
    """One relaxation as a row of texts for a terminal."""
    return (
        item.rule,
        item.row,
        item.side,
        *(amount_text(amount) for amount in (item.limit, item.by, item.new_limit)),
    )


def relaxation_notes(model: Model, env: Environment, items: Sequence[Relaxation]) -> list[Note]:
    """A note for each rule that gave way."""
    spec = model.spec.allocation
    assert spec is not None
    period = f"{env.period}: " if env.period else ""
    notes = []
    for rule, own in by_rule(items).items():
        en, zh = in_words(own, spec.unit)
        notes.append(
            Note(
                "relaxed",
                f"{period}the rules cannot all hold, so that a rule gave way: {en}",
                f"{period}各项规则不能同时成立，已放宽：{zh}",
                len(own),
                rule,
            )
        )
    return notes
