"""Which rows clash in whole units although fractions keep them all: as few as can be found.

Rows that the nearest units break are joined by those that their own answers break, until no whole
units keep them; each row without which none keep the others either is then left away. A small
integer program answers every question, so that this is sought for few amounts only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from reliefperf.allocation.naming import Naming, Words
from reliefperf.allocation.nearness import FEW
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import amount_text
from reliefperf.allocation.repair import Whole
from reliefperf.allocation.rounding import Task, Total

MOST_ROWS = 40
"""Up to so many rows are told apart by leaving one away after the other."""

_AT_ONCE = 3


def clashing(
    amounts: Sequence[Fraction],
    rows: Sequence[ExactRow],
    totals: Sequence[Total],
    unit: Fraction,
    broken: Sequence[ExactRow],
) -> list[ExactRow]:
    """Rows that no whole units of `unit` money keep together, amounts not below zero.

    Without any of them whole units keep the others, as far as the solver can tell. Empty where that
    is not found out. `broken` are the rows that the nearest units break.
    """
    if len(amounts) > FEW:
        return []
    # The solver is loaded only where rounding needs one.
    from reliefperf.allocation.units import some_units

    task = Task(amounts, [], [], unit=unit)
    whole = [Whole.of(row, unit) for row in rows]
    known = {(tuple(row.columns), row.low, row.high) for row in whole}
    sums = [Whole.total(t.columns, t.least_units, t.most_units) for t in totals]
    always = [row for row in sums if (row.columns, row.low, row.high) not in known]
    always += [Whole((j,), low, None, (1,)) for j, low in enumerate(task.limits[0])]
    base = task.nearness.base.tolist()

    def units(chosen: Sequence[int]) -> tuple[list[int] | None, bool]:
        return some_units(base, [*always, *(whole[i] for i in chosen)])

    chosen = sorted({i for i, row in enumerate(rows) if row in broken})
    while len(chosen) <= MOST_ROWS:
        found, known_to = units(chosen)
        if not known_to:
            return []
        if found is None:
            break
        missed = [i for i, row in enumerate(whole) if i not in chosen and not row.holds(found)]
        if not missed:
            return []
        chosen = sorted([*chosen, *missed[:_AT_ONCE]])
    else:
        return []
    for i in list(chosen):
        rest = [k for k in chosen if k != i]
        found, known_to = units(rest)
        if known_to and found is None:
            chosen = rest
    return [rows[i] for i in chosen]


def clash_words(rows: Sequence[ExactRow], unit: Fraction, naming: Naming) -> Words:
    """The rows with their limits, in English and in Chinese; a sum's limit also in whole units."""
    en, zh = [], []
    for row in rows:
        (rule_en, rule_zh), (row_en, row_zh) = naming.stated(row.rule), naming.row(row.name)
        if row.rule.startswith("pool ") or row.rule == row.name:
            row_en = row_zh = ""
        (low, low_zh), (high, high_zh) = _sides(row, unit)
        if row.lower == row.upper:
            ask, ask_zh = f"exactly {low}", f"等于 {low_zh}"
        else:
            asks = [f"at least {low}"] * bool(low) + [f"at most {high}"] * bool(high)
            asks_zh = [f"不低于 {low_zh}"] * bool(low) + [f"不高于 {high_zh}"] * bool(high)
            ask, ask_zh = " and ".join(asks), "且".join(asks_zh)
        en.append(f"{rule_en}{', ' if row_en else ''}{row_en}: {ask}")
        zh.append(f"{rule_zh}{'，' if row_zh else ''}{row_zh}：{ask_zh}")
    return "; ".join(en), "；".join(zh)


def _sides(row: ExactRow, unit: Fraction) -> tuple[Words, Words]:
    """The low and the high side as stated and, where a sum of units cannot come to it, as kept."""
    found = []
    plain = all(c == 1 for c in row.coefficients)
    for side, towards in ((row.lower, math.ceil), (row.upper, math.floor)):
        if side is None:
            found.append(("", ""))
            continue
        text = amount_text(side)
        kept = amount_text(towards(side / unit) * unit)
        same = not plain or side % unit == 0
        found.append((text, text) if same else (f"{text} (so {kept})", f"{text}（即 {kept}）"))
    low, high = found
    return low, high
