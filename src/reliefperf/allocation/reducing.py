"""Guarantees that a pool cannot pay, reduced in proportion (`if_short: scale`).

Hard limits from below come first, in whole units. Then each reducible rule, in the order of the
file, keeps the greatest part of its guarantees that the rest of the pool can pay: amount = clip(part
x guarantee, other limit, guarantee), one part for all regions that share a total. Exact.

Source: US Title I, hold-harmless amounts ratably reduced (34 CFR 200.73(a)(5)).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.pool import Pool
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import amount_text
from reliefperf.allocation.waterfill import waterfill
from reliefperf.errors import Note
from reliefperf.model.environment import Environment
from reliefperf.model.spec_allocation import AllocationRule

type Rows = Sequence[ExactRow]


@dataclass(frozen=True)
class Reduction:
    """A rule's guarantees among the regions of one total: what was asked and what part is kept.

    A part of 1 says that only whole units are short: guarantees are met to within one unit.
    """

    rule: str
    pool: str
    group: str
    asked: Fraction
    total: Fraction
    part: Fraction
    n_regions: int

    def words(self, unit: str) -> tuple[str, str]:
        """What was done, in English and Chinese."""
        where_en, where_zh = (
            (f" (group {self.group})", f"（组“{self.group}”）") if self.group else ("", "")
        )
        asked, total = amount_text(self.asked), amount_text(self.total)
        if self.part == 1:
            return (
                f"rule '{self.rule}': whole units leave no room to round the guarantees of "
                f"{self.n_regions} region(s) up in pool '{self.pool}'{where_en}; they are met to "
                "within one unit",
                f"规则“{self.rule}”：资金池“{self.pool}”{where_zh}的整数单位不足以将 {self.n_regions} "
                "个地区的保底额进位，各保底额至多差一个单位",
            )
        part = f"{float(self.part):.10f}".rstrip("0").rstrip(".")
        return (
            f"rule '{self.rule}' guarantees {asked} {unit} to {self.n_regions} region(s), more than "
            f"pool '{self.pool}'{where_en} of {total} {unit} can pay: each guarantee was reduced to "
            f"{part} of itself",
            f"规则“{self.rule}”向 {self.n_regions} 个地区保证 {asked} {unit}，超过资金池“{self.pool}”"
            f"{where_zh}（{total} {unit}）所能支付：各保底额按同一比例 {part} 压减",
        )

    def note(self, env: Environment, unit: str) -> Note:
        """The note of the run."""
        lead = f"{env.period}: " if env.period else ""
        en, zh = self.words(unit)
        return Note("guarantee-reduced", lead + en, lead + zh, self.n_regions, self.rule)


def reduce_short[R: AllocationRule](
    rules: Sequence[tuple[R, Rows]],
    pools: Mapping[str, Pool],
    columns: Mapping[str, NDArray[np.int64]],
    step: Fraction,
) -> tuple[list[tuple[R, Rows]], list[Reduction]]:
    """The rules' rows with guarantees reduced where the pools are short, and what was reduced.

    `columns` gives each pool's columns of the regions, as rows name them.
    """
    found = list(rules)
    reducible = [at for at, (rule, _) in enumerate(rules) if getattr(rule, "if_short", None)]
    reductions: list[Reduction] = []
    if not reducible:
        return found, reductions
    lows: dict[int, Fraction] = {}
    for at, (rule, rows) in enumerate(rules):
        if at not in reducible and rule.soft is None:
            for row in rows:
                if len(row.columns) == 1 and (low := _low(row)) is not None:
                    column = row.columns[0]
                    lows[column] = max(lows.get(column, low), math.ceil(low / step) * step)
    for at in reducible:
        rule, rows = found[at]
        kept = list(rows)
        places = {row.columns[0]: place for place, row in enumerate(rows) if len(row.columns) == 1}
        for pool_id, pool in pools.items():
            for group, stated in enumerate(pool.totals):
                own = columns[pool_id][pool.groups == group].tolist()
                total = stated if pool.limits is None else pool.limits[group][1]
                mine = [c for c in own if c in places and _low(kept[places[c]])]
                if not mine or total is None or total < 0:
                    continue
                asked = {c: _low(kept[places[c]]) or Fraction(0) for c in mine}
                reduction = _reduced(rule.id, pool, group, total, own, asked, lows, step)
                if reduction is not None:
                    reductions.append(reduction)
                    for c in mine:
                        low = asked[c] * reduction.part
                        kept[places[c]] = replace(kept[places[c]], lower=low, rounds_down=True)
                        asked[c] = math.floor(low / step) * step
                for c in mine:
                    least = math.ceil(asked[c] / step) * step
                    lows[c] = max(lows.get(c, least), least)
        found[at] = rule, kept
    return found, reductions


def _reduced(
    rule_id: str,
    pool: Pool,
    group: int,
    total: Fraction,
    own: Sequence[int],
    asked: Mapping[int, Fraction],
    lows: Mapping[int, Fraction],
    step: Fraction,
) -> Reduction | None:
    """How far one total pays the guarantees `asked`; None where it pays them all in whole units."""
    zero = Fraction(0)
    low = [max(lows.get(c, zero), zero) for c in own]
    high = [max(x, asked.get(c, zero)) for c, x in zip(own, low, strict=True)]
    whole = step * sum(math.ceil(x / step) for x in high)
    if whole <= total:
        return None
    part = Fraction(1)
    if sum(high) > total:
        filled = waterfill([asked.get(c, zero) for c in own], low, high, total)
        part = filled.level if filled.left >= 0 else zero
    name = pool.group_names[group] if group < len(pool.group_names) else ""
    return Reduction(rule_id, pool.id, name, sum(asked.values(), zero), total, part, len(asked))


def _low(row: ExactRow) -> Fraction | None:
    """What a row on one amount asks at least."""
    (factor,) = row.coefficients
    side = row.lower if factor > 0 else row.upper
    return None if side is None else side / factor
