"""What cannot hold in whole units although fractions could: rules, regions and amounts in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from reliefperf.allocation.naming import MOST_NAMED, UNNAMED, Naming
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import amount_text, missed_by


@dataclass
class Limits:
    """The tightest limits on single amounts with the rules that set them; None is no limit."""

    low: dict[int, tuple[Fraction, str]] = field(default_factory=dict)
    high: dict[int, tuple[Fraction, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[ExactRow]) -> Limits:
        """Those of the rows of one amount."""
        found = cls()
        found.take(rows)
        return found

    def take(self, rows: Iterable[ExactRow]) -> None:
        """Take in the rows of one amount."""
        for row in rows:
            if len(row.columns) != 1:
                continue
            (j,), (factor,) = row.columns, row.coefficients
            ends = [None if x is None else x / factor for x in (row.lower, row.upper)]
            low, high = ends if factor > 0 else ends[::-1]
            self.tighten(j, low, row.rule, high, row.rule)

    def whole(self, j: int, step: Fraction) -> tuple[int, int | None]:
        """The least and the most whole units of an amount that may not be below zero."""
        low, high = self.low.get(j), self.high.get(j)
        return (
            max(math.ceil(low[0] / step), 0) if low else 0,
            math.floor(high[0] / step) if high else None,
        )

    def tighten(
        self, j: int, low: Fraction | None, low_rule: str, high: Fraction | None, high_rule: str
    ) -> None:
        """Take in limits on one amount."""
        if low is not None and (j not in self.low or low > self.low[j][0]):
            self.low[j] = low, low_rule
        if high is not None and (j not in self.high or high < self.high[j][0]):
            self.high[j] = high, high_rule


def crossed(
    limits: Limits, names: Sequence[str], step: Fraction, naming: Naming = UNNAMED
) -> tuple[str, str] | None:
    """Amounts between whose limits no whole number of units lies."""
    found = []
    for j in sorted(limits.low.keys() & limits.high.keys()):
        (low, one), (high, other) = limits.low[j], limits.high[j]
        if math.ceil(low / step) > math.floor(high / step):
            rules = naming.rule(one), naming.rule(other)
            found.append((naming.amount(names[j]), *rules, low, high))
    if not found:
        return None
    en = "; ".join(
        f"{name}: rule {one} needs at least {amount_text(low)}, rule {other} allows at most "
        f"{amount_text(high)}, and no whole amount lies between"
        for (name, _), (one, _), (other, _), low, high in found[:MOST_NAMED]
    )
    zh = "；".join(
        f"{name}：规则{one}至少 {amount_text(low)}，规则{other}至多 {amount_text(high)}，其间没有整数单位"
        for (_, name), (_, one), (_, other), low, high in found[:MOST_NAMED]
    )
    rest = len(found) - MOST_NAMED
    return (en + f"; and {rest} more", zh + f"；另有 {rest} 处") if rest > 0 else (en, zh)


def short_total(
    limits: Limits,
    columns: Sequence[int],
    least: int,
    most: int,
    step: Fraction,
    pool: str,
    naming: Naming = UNNAMED,
) -> tuple[str, str] | None:
    """A total that whole limits pass: lows that add up to more, or highs to less."""
    pool_en, pool_zh = naming.rule(pool)
    lows = [(j, *limits.low[j]) for j in columns if j in limits.low and limits.low[j][0] > 0]
    need = step * sum(math.ceil(low / step) for _, low, _ in lows)
    if need > most * step:
        exact_need = sum((low for _, low, _ in lows), Fraction(0))
        en, zh = _rules((rule for *_, rule in lows), naming)
        return (
            f"{en} need {amount_text(exact_need)} in all for {len(lows)} regions, which is "
            f"{amount_text(need)} when each is rounded up, but pool {pool_en} has "
            f"{amount_text(most * step)}: {amount_text(need - most * step)} too little",
            f"{zh}对 {len(lows)} 个地区合计需要 {amount_text(exact_need)}，逐一进位后为 "
            f"{amount_text(need)}，而资金池{pool_zh}只有 {amount_text(most * step)}，差 "
            f"{amount_text(need - most * step)}",
        )
    if any(j not in limits.high for j in columns):
        return None
    highs = [limits.high[j] for j in columns]
    room = step * sum(math.floor(high / step) for high, _ in highs)
    if room < least * step:
        exact_room = sum((high for high, _ in highs), Fraction(0))
        en, zh = _rules((rule for _, rule in highs), naming)
        return (
            f"{en} allow {amount_text(exact_room)} in all for {len(highs)} regions, which is "
            f"{amount_text(room)} when each is rounded down, but pool {pool_en} must pay "
            f"{amount_text(least * step)}: {amount_text(least * step - room)} nobody may take",
            f"{zh}对 {len(highs)} 个地区合计至多 {amount_text(exact_room)}，逐一舍去后为 "
            f"{amount_text(room)}，而资金池{pool_zh}须支付 {amount_text(least * step)}，有 "
            f"{amount_text(least * step - room)} 无人可得",
        )
    return None


def broken(
    rows: Sequence[ExactRow], amounts: Sequence[Fraction], naming: Naming = UNNAMED
) -> tuple[str, str]:
    """Rows that the nearest whole amounts miss, with both amounts."""
    items = [item for row in rows if (item := missed_by(row, amounts)) is not None]
    items.sort(key=lambda item: (-item.by, item.rule, item.row))
    en, zh = [], []
    for item in items[:MOST_NAMED]:
        limit, reached = amount_text(item.limit), amount_text(item.new_limit)
        low = item.side == "low"
        (rule_en, rule_zh), (row_en, row_zh) = naming.rule(item.rule), naming.row(item.row)
        en.append(
            f"rule {rule_en}, {row_en}: {'at least' if low else 'at most'} {limit} is asked, "
            f"whole amounts come to {reached}"
        )
        zh.append(
            f"规则{rule_zh}，{row_zh}：应{'不低于' if low else '不高于'} {limit}，"
            f"整数单位只能做到 {reached}"
        )
    rest = len(items) - MOST_NAMED
    if rest > 0:
        en.append(f"and {rest} more")
        zh.append(f"另有 {rest} 处")
    return "; ".join(en), "；".join(zh)


def _rules(names: Iterable[str], naming: Naming) -> tuple[str, str]:
    en, zh = naming.rules(name for name in names if name)
    return f"the limits of {en}", f"规则{zh}"
