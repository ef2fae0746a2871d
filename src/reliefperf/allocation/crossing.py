"""Two limits on the same amount, or the same sum, that contradict each other: said exactly.

No program is needed for it: of all rows with the same amounts in the same proportions the highest
low side is above the lowest high side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reliefperf.allocation.naming import MOST_NAMED, Naming, Words
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import amount_text

type Limit = tuple[Fraction, str, str]
"""An amount, the rule that states it ("" for an amount's own bound), and its row's name."""


@dataclass(frozen=True)
class Crossing:
    """A place where one rule asks for at least `low` and another allows at most `high` < `low`.

    `place` is what the sentence names: a region, two that are compared, or a group; `low_rule` and
    `high_rule` are "" for an amount that may not be below, or above, zero.
    """

    place: str
    pool: str
    low: Fraction
    low_rule: str
    high: Fraction
    high_rule: str


def crossings(
    rows: Iterable[ExactRow],
    own_low: Mapping[int, Fraction],
    own_high: Mapping[int, Fraction],
    pools: Mapping[int, str],
) -> list[Crossing]:
    """The contradictions of two rows each, in order of the rows; exact.

    `own_low` and `own_high` hold bounds of single amounts that no rule states; `pools` says of
    which pool an amount is.
    """
    lows: dict[tuple[object, ...], Limit] = {}
    highs: dict[tuple[object, ...], Limit] = {}
    for j, bound in own_low.items():
        lows[(j, 1)] = bound, "", ""
    for j, bound in own_high.items():
        highs[(j, 1)] = bound, "", ""
    seen: dict[tuple[object, ...], tuple[str, str]] = {}
    for row in rows:
        key, scale = _key(row)
        if not scale:
            continue
        own = {pools.get(j, "") for j in row.columns}
        seen.setdefault(key, (row.name, own.pop() if len(own) == 1 else ""))
        ends = [None if end is None else end / scale for end in (row.lower, row.upper)]
        low, high = ends if scale > 0 else ends[::-1]
        if low is not None and (key not in lows or low > lows[key][0]):
            lows[key] = low, row.rule, row.name
        if high is not None and (key not in highs or high < highs[key][0]):
            highs[key] = high, row.rule, row.name
    found = []
    for key, (name, pool) in seen.items():
        if key in lows and key in highs and lows[key][0] > highs[key][0]:
            (low, low_rule, _), (high, high_rule, _) = lows[key], highs[key]
            found.append(Crossing(name, pool, low, low_rule, high, high_rule))
    return found


def _key(row: ExactRow) -> tuple[tuple[object, ...], Fraction]:
    """The amounts of a row in their proportions, the same for each multiple, and its scale."""
    terms = sorted((j, c) for j, c in zip(row.columns, row.coefficients, strict=True) if c)
    if not terms:
        return (), Fraction(0)
    scale = terms[0][1]
    return tuple(part for j, c in terms for part in (j, c / scale)), scale


def crossing_words(found: Sequence[Crossing], naming: Naming) -> Words:
    """Both rules, both amounts and the region, for the first few contradictions."""
    parts = [_one(item, naming) for item in found[:MOST_NAMED]]
    rest = len(found) - len(parts)
    en, zh = "; ".join(en for en, _ in parts), "；".join(zh for _, zh in parts)
    return (en + f"; and {rest} more", zh + f"；另有 {rest} 处") if rest else (en, zh)


def _one(item: Crossing, naming: Naming) -> Words:
    (place_en, place_zh), region = naming.row(item.place), naming.is_region(item.place)
    low, high = amount_text(item.low), amount_text(item.high)
    by = amount_text(item.low - item.high)
    low_en, low_zh = naming.stated(item.low_rule)
    high_en, high_zh = naming.stated(item.high_rule)
    pool_en, pool_zh = naming.rule(item.pool) if item.pool else ("", "")
    of_en, of_zh = (f", pool {pool_en}", f"，资金池{pool_zh}") if pool_en else ("", "")
    asks = f"{low_en} needs at least {low}", f"{low_zh}至少需要 {low}"
    if not item.low_rule:
        asks = "the amount may not be below zero", "金额不得低于零"
    allows = f"{high_en} allows at most {high}", f"{high_zh}至多允许 {high}"
    if not item.high_rule:
        allows = "the amount may not be above zero", "金额不得高于零"
    return (
        f"{'region ' if region else ''}{place_en}{of_en}: {asks[0]}, {allows[0]}; they miss by {by}",
        f"{'地区 ' if region else ''}{place_zh}{of_zh}：{asks[1]}，{allows[1]}，相差 {by}",
    )
