"""What people are told of whole units: what they were moved for, how far, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reliefperf.allocation.exchanges import Change
from reliefperf.allocation.naming import Naming, Words
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import amount_text
from reliefperf.allocation.rounding import Rounded
from reliefperf.errors import Note


def rounding_notes(
    amounts: Sequence[Fraction],
    step: Fraction,
    found: Rounded,
    names: Sequence[str],
    naming: Naming,
    borne: Sequence[ExactRow] = (),
    passed: Sequence[ExactRow] = (),
) -> list[Note]:
    """Notes on the whole units (n,) of `step` money for amounts (n,) named pool:region.

    `unequal` where regions that are alike end more than a unit apart; `rounding-repaired` where
    units other than those of the largest remainder had to be found, with the largest move and whose
    it is; `borne-by-none` where units go to (or come from) those who bear nothing of what rules move,
    whom the rows `borne` would keep out; `order-in-units` where whole units pass the order of the rows
    `passed`; `rounding-not-proved` where the solver stopped before it was known that none are nearer.
    """
    notes = []
    if found.unequal:
        n = len(found.unequal)
        notes.append(
            Note(
                "unequal",
                f"{n} amounts of regions that are alike end more than one unit apart, because whole "
                "units leave no other way to keep the rules",
                f"有 {n} 个条件相同地区的金额相差超过一个单位：以整数单位无法在满足规则的同时再接近",
                n,
                "allocation",
            )
        )
    if found.repaired:
        notes.append(_moved(amounts, step, found, names, naming))
    if borne:
        name_en, name_zh = naming.amount(borne[0].name)
        more = len(borne) - 1
        listed_en = name_en + (f" and {more} more" if more else "")
        listed_zh = name_zh + (f" 等 {more + 1} 处" if more else "")
        notes.append(
            Note(
                "borne-by-none",
                f"{len(borne)} amount(s) of regions that the formula gives nothing, or that bear "
                "nothing, get or lose whole units all the same: limits in whole units leave no other "
                f"way ({listed_en})",
                f"有 {len(borne)} 个金额属于按公式不得资金或不分担差额的地区，仍得到或减少了整数单位："
                f"各项限额以整数单位计没有其他做法（{listed_zh}）",
                len(borne),
                "allocation",
            )
        )
    if passed:
        pair_en, pair_zh = naming.row(passed[0].name)
        more = len(passed) - 1
        notes.append(
            Note(
                "order-in-units",
                f"whole units pass the order between {len(passed)} pair(s) of neighbours by less than "
                f"a unit: no whole units next to the amounts were found that keep it ({pair_en}"
                f"{f' and {more} more' if more else ''})",
                f"有 {len(passed)} 对相邻地区的先后次序以整数单位计相差不到一个单位：未找到与测算金额相邻"
                f"且保持次序的整数单位（{pair_zh}{f' 等 {more + 1} 对' if more else ''}）",
                len(passed),
                passed[0].rule,
            )
        )
    if found.stopped:
        notes.append(
            Note(
                "rounding-not-proved",
                "the whole units keep every rule exactly, but that none are nearer to the amounts is "
                f"not proved: the solver stopped with '{found.stopped}'",
                f"整数单位严格满足各项规则，但未证明没有更接近的整数单位：求解器提前停止（{found.stopped}）",
                1,
                "allocation",
            )
        )
    return notes


def _moved(
    amounts: Sequence[Fraction],
    step: Fraction,
    found: Rounded,
    names: Sequence[str],
    naming: Naming,
) -> Note:
    """What was moved so that rows hold, the furthest move by name."""
    moves = [
        (abs(unit - amount / step), j)
        for j, (unit, amount) in enumerate(zip(found.units, amounts, strict=True))
    ]
    furthest, j = max(moves, key=lambda move: (move[0], names[move[1]]))
    beyond = sum(move > 1 for move, _ in moves)
    n = len(found.repaired)
    name_en, name_zh = naming.amount(names[j])
    units, before = amount_text(furthest), amount_text(amounts[j])
    after = amount_text(found.units[j] * step)
    en = f"for {n} row(s) of the rules to hold in whole units other units than the nearest were taken"
    zh = f"为使 {n} 处规则以整数单位严格成立，未取最接近的整数单位"
    if beyond:
        en += f": {beyond} amount(s) moved by more than one unit"
        zh += f"：{beyond} 个金额的变动超过一个单位"
    else:
        en += ": no amount moved by more than one unit"
        zh += "：没有金额的变动超过一个单位"
    return Note(
        "rounding-repaired",
        f"{en}; the largest move is {units} units ({name_en}: from {before} to {after})",
        f"{zh}；最大变动为 {units} 个单位（{name_zh}：由 {before} 变为 {after}）",
        n,
        "allocation",
    )


def exchange_words(change: Change, step: Fraction, names: Sequence[str], naming: Naming) -> Words:
    """What units would move, by `step` money each, in English and in Chinese."""
    parts = [
        (naming.amount(names[j]), f"{'+' if by > 0 else '-'}{amount_text(abs(by) * step)}")
        for j, by in change
    ]
    return (
        "; ".join(f"{en} {by}" for (en, _), by in parts),
        "；".join(f"{zh} {by}" for (_, zh), by in parts),
    )
