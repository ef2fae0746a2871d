"""Infeasible is an answer: which rules are at odds, by how much, and what each must give way.

In this order: a contradiction of two rules found by folding; else the solver's Farkas multipliers,
grouped by rule into one sentence ("the floors need 2,025, the budget gives 1,823"). Both times an
elastic program says how much money would mend it, in all and for each rule if it alone gave way.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import sparse

from reliefperf.allocation.folding import CompiledLp, Contradiction, FoldedLp, fold
from reliefperf.allocation.program import Floats, Ints, Mask
from reliefperf.allocation.solver import Box, LiveSolver, NoSolution

type Side = Literal["low", "high"]


@dataclass(frozen=True)
class RuleAtOdds:
    """A rule that takes part in the contradiction.

    Its rows ask for at least (`low`) or allow at most (`high`) `amount`, each row weighted as in
    the contradiction; `rows` are their names. `missed` is the least sum by which its rows must
    give way if no other rule does; infinite if that alone mends nothing. A rule of "" stands for
    the columns' own bounds.
    """

    rule: str
    side: Side
    amount: float
    missed: float
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Infeasibility:
    """The rules at odds and `missed`, the least sum by which all rules together must give way.

    What the `low` sides need is more than what the `high` sides allow.
    """

    rules: tuple[RuleAtOdds, ...]
    missed: float

    def times(self, unit: float) -> Infeasibility:
        """The same with all money multiplied by `unit`."""
        rules = (
            replace(odd, amount=odd.amount * unit, missed=odd.missed * unit) for odd in self.rules
        )
        return Infeasibility(tuple(rules), self.missed * unit)


def diagnose(lp: CompiledLp) -> Infeasibility | None:
    """Say why a compiled program has no feasible point; None if it has one."""
    lp = _without_helpers(lp)
    folded = fold(lp)
    if isinstance(folded, FoldedLp):
        solver = LiveSolver(folded.matrix, Box.of(folded))
        try:
            solver.minimise(np.zeros(folded.lower.size), Box.of(folded))
        except NoSolution:
            ray = solver.dual_ray()
        else:
            return None
        at_odds = [] if ray is None else _from_ray(lp, folded, ray)
        missed, prices = _give_way(lp, range(len(lp.rules)))
        if not at_odds and prices is not None:
            at_odds = _grouped(lp, *_terms(lp, prices))
    else:
        at_odds = _from_contradictions(folded)
        missed, _ = _give_way(lp, range(len(lp.rules)))
    alone = {rule: _give_way_alone(lp, rule) for rule in {odd.rule for odd in at_odds}}
    return Infeasibility(tuple(replace(odd, missed=alone[odd.rule]) for odd in at_odds), missed)


def describe(infeasibility: Infeasibility, unit: str) -> tuple[str, str]:
    """The contradiction in a few sentences, in English and in Chinese; `unit` is the money."""
    lows = [odd for odd in infeasibility.rules if odd.side == "low"]
    highs = [odd for odd in infeasibility.rules if odd.side == "high"]
    if highs and any(_number(odd.amount) != "0" for odd in lows):
        en = (
            f"The rules cannot all hold: {_list_en(lows, 'needs at least', unit)}, but"
            f" {_list_en(highs, 'allows at most', unit)}"
        )
        zh = (
            f"各项规则不能同时成立：{_list_zh(lows, '至少需要', unit)}，但"
            f"{_list_zh(highs, '至多允许', unit)}"
        )
    else:
        # Sides of 0, as those of shares and ratios, say nothing about amounts.
        names = list(dict.fromkeys(odd.rule for odd in infeasibility.rules if odd.rule))
        en = "The rules cannot all hold"
        zh = "各项规则不能同时成立"
        if len(names) > 1:
            en = "These rules cannot hold together: " + ", ".join(f"'{name}'" for name in names)
            zh = "以下规则不能同时成立：" + "、".join(f"“{name}”" for name in names)
        elif names:
            en, zh = f"The rule '{names[0]}' cannot hold", f"规则“{names[0]}”无法满足"
    if math.isfinite(infeasibility.missed):
        missed = _number(infeasibility.missed)
        en += f". The rules must give way by {missed} {unit} in all"
        zh += f"。各规则合计至少须让出 {missed} {unit}"
    alone = {odd.rule: odd.missed for odd in infeasibility.rules if odd.rule}
    mending = [(rule, least) for rule, least in alone.items() if math.isfinite(least)]
    if mending:
        en += "; one rule alone would do: " + ", ".join(
            f"'{rule}' by {_number(least)} {unit}" for rule, least in mending
        )
        zh += "；只放宽一项时：" + "，".join(
            f"“{rule}”须让出 {_number(least)} {unit}" for rule, least in mending
        )
    return en + ".", zh + "。"


def _without_helpers(lp: CompiledLp) -> CompiledLp:
    """Only the families' rows: the tiers' helpers cannot be the reason."""
    keep = np.flatnonzero(lp.row_family >= 0)
    place = np.full(len(lp.rows), -1, dtype=np.int64)
    place[keep] = np.arange(keep.size)
    return replace(
        lp,
        rows=tuple(lp.rows[i] for i in keep.tolist()),
        matrix=lp.matrix[keep],
        row_lower=lp.row_lower[keep],
        row_upper=lp.row_upper[keep],
        row_family=lp.row_family[keep],
        row_index=lp.row_index[keep],
        slack_rows=place[lp.slack_rows],
        objectives=(),
    )


def _from_contradictions(found: Iterable[Contradiction]) -> list[RuleAtOdds]:
    """The two rules that contradict each other most, with the sums over their rows."""
    pairs: dict[tuple[str, str], list[Contradiction]] = defaultdict(list)
    for contradiction in found:
        pairs[contradiction.low_rule, contradiction.high_rule].append(contradiction)
    worst = max(pairs.values(), key=lambda rows: sum(row.low - row.high for row in rows))
    return [
        RuleAtOdds(
            worst[0].low_rule,
            "low",
            sum(row.low for row in worst),
            math.inf,
            tuple(row.low_row for row in worst if row.low_row),
        ),
        RuleAtOdds(
            worst[0].high_rule,
            "high",
            sum(row.high for row in worst),
            math.inf,
            tuple(row.high_row for row in worst if row.high_row),
        ),
    ]


def _from_ray(lp: CompiledLp, folded: FoldedLp, ray: Floats) -> list[RuleAtOdds]:
    """Group the multipliers of folded rows, and of the bounds they lean on, by rule."""
    for signed in (ray, -ray):
        multipliers = np.where(
            np.where(signed > 0, np.isfinite(folded.row_lower), np.isfinite(folded.row_upper)),
            signed / max(float(np.abs(signed).max(initial=0.0)), 1e-300),
            0.0,
        )
        multipliers[np.abs(multipliers) < 1e-9] = 0.0
        bounds = -np.asarray(folded.matrix.T @ multipliers)
        bounds[np.abs(bounds) < 1e-9] = 0.0
        sides = (
            (multipliers, folded.row_lower, folded.row_upper, folded.low_row, folded.high_row),
            (bounds, folded.lower, folded.upper, folded.column_low_row, folded.column_high_row),
        )
        amounts, rows = [], []
        for weight, low, high, low_row, high_row in sides:
            used = np.flatnonzero(weight)
            rising = weight[used] > 0
            amounts.append(weight[used] * np.where(rising, low[used], high[used]))
            rows.append(np.where(rising, low_row[used], high_row[used]))
        amount, row = np.concatenate(amounts), np.concatenate(rows)
        rising = np.concatenate([weight[weight != 0] > 0 for weight, *_ in sides])
        # A row that was folded upside down is named by its own side.
        rising ^= np.where(row >= 0, folded.scale[row] < 0, False)
        # Multipliers prove the contradiction only if what is needed exceeds what is given.
        if amount.sum() > 0:
            return _grouped(lp, amount, row, rising)
    return []


def _terms(lp: CompiledLp, prices: Floats) -> tuple[Floats, Ints, Mask]:
    """The weighted sides of the compiled rows that have a price."""
    used = np.flatnonzero(np.abs(prices) > 1e-9).astype(np.int64)
    rising = prices[used] > 0
    side = np.where(rising, lp.row_lower[used], lp.row_upper[used])
    finite = np.isfinite(side)
    return (prices[used] * side)[finite], used[finite], rising[finite]


def _grouped(lp: CompiledLp, amount: Floats, row: Ints, rising: Mask) -> list[RuleAtOdds]:
    """One entry a rule and side: what is needed first, each side's largest first."""
    sums: dict[tuple[Side, str], float] = defaultdict(float)
    names: dict[tuple[Side, str], list[str]] = defaultdict(list)
    for value, i, up in zip(amount.tolist(), row.tolist(), rising.tolist(), strict=True):
        key: tuple[Side, str] = ("low" if up else "high", lp.rule_of(i))
        if i < 0 and value == 0.0:
            continue
        sums[key] += value if up else -value
        if i >= 0:
            names[key].append(lp.rows[i])
    order = sorted(sums, key=lambda key: (key[0] == "high", -sums[key], key[1]))
    return [
        RuleAtOdds(rule, side, sums[side, rule] + 0.0, math.inf, tuple(names[side, rule]))
        for side, rule in order
    ]


def _give_way_alone(lp: CompiledLp, rule: str) -> float:
    families = [k for k, name in enumerate(lp.rules) if name == rule]
    return _give_way(lp, families)[0] if families else math.inf


def _give_way(lp: CompiledLp, families: Iterable[int]) -> tuple[float, Floats | None]:
    """The elastic program: the least sum by which rows of the families must give way.

    Returns it with the rows' prices; infinite and None if that does not mend the program.
    """
    elastic = np.isin(lp.row_family, list(families))
    below = np.flatnonzero(elastic & np.isfinite(lp.row_lower))
    above = np.flatnonzero(elastic & np.isfinite(lp.row_upper))
    n_rows, n_slacks = len(lp.rows), below.size + above.size
    slack = sparse.csr_array(
        (
            np.concatenate([np.ones(below.size), -np.ones(above.size)]),
            (np.concatenate([below, above]), np.arange(n_slacks)),
        ),
        shape=(n_rows, n_slacks),
    )
    matrix = sparse.csr_array(sparse.hstack([lp.matrix, slack]))
    box = Box(
        lower=np.concatenate([lp.lower, np.zeros(n_slacks)]),
        upper=np.concatenate([lp.upper, np.full(n_slacks, np.inf)]),
        row_lower=lp.row_lower,
        row_upper=lp.row_upper,
    )
    costs = np.concatenate([np.zeros(lp.lower.size), np.ones(n_slacks)])
    try:
        vertex = LiveSolver(matrix, box).minimise(costs, box)
    except NoSolution:
        return math.inf, None
    return max(vertex.value, 0.0), vertex.prices


def _number(value: float) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _list_en(odds: list[RuleAtOdds], verb: str, unit: str) -> str:
    parts = (
        f"'{odd.rule}' {verb} {_number(odd.amount)} {unit}"
        if odd.rule
        else f"the amounts' own bounds make {_number(odd.amount)} {unit}"
        for odd in odds
    )
    return " and ".join(parts)


def _list_zh(odds: list[RuleAtOdds], verb: str, unit: str) -> str:
    parts = (
        f"“{odd.rule}”{verb} {_number(odd.amount)} {unit}"
        if odd.rule
        else f"金额自身的上下限合计 {_number(odd.amount)} {unit}"
        for odd in odds
    )
    return "，".join(parts)
