"""What whole units cannot keep is named: rule, region, amounts on both sides."""

from __future__ import annotations

from fractions import Fraction

from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.room import Limits, broken, crossed, short_total

ONE = (Fraction(1),)


def single(rule: str, column: int, low: str | None, high: str | None) -> ExactRow:
    sides = [None if side is None else Fraction(side) for side in (low, high)]
    return ExactRow(rule, f"r{column}", (column,), ONE, sides[0], sides[1])


def test_limits_without_a_whole_amount_between_them_name_the_region_and_both_rules():
    limits = Limits.of([single("low", 0, "3.2", None), single("high", 0, None, "3.8")])
    said = crossed(limits, ["pool:A"], Fraction(1))
    assert said is not None
    assert said[0].startswith(
        "A, pool 'pool': rule 'low' needs at least 3.2, rule 'high' allows at most 3.8"
    )
    assert "规则“low”至少 3.2，规则“high”至多 3.8" in said[1]
    assert crossed(limits, ["pool:A"], Fraction(1, 10)) is None


def test_lows_rounded_up_that_pass_the_total_are_added_up():
    limits = Limits.of([single("low", j, "3.2", None) for j in range(3)])
    said = short_total(limits, [0, 1, 2], 10, 10, Fraction(1), "grant")
    assert said is not None
    assert said[0] == (
        "the limits of 'low' need 9.6 in all for 3 regions, which is 12 when each is rounded up, "
        "but pool 'grant' has 10: 2 too little"
    )
    assert short_total(limits, [0, 1, 2], 12, 12, Fraction(1), "grant") is None


def test_highs_rounded_down_that_do_not_reach_the_total_are_added_up():
    limits = Limits.of([single("high", j, None, "3.8") for j in range(3)])
    said = short_total(limits, [0, 1, 2], 11, 11, Fraction(1), "grant")
    assert said is not None
    assert "allow 11.4 in all for 3 regions, which is 9" in said[0]
    assert "有 2 无人可得" in said[1]
    assert short_total(limits, [0, 1, 2, 3], 11, 11, Fraction(1), "grant") is None


def test_broken_rows_are_named_with_what_whole_amounts_come_to():
    rows = [
        ExactRow("ratio", "A", (0, 1), (Fraction(1), Fraction(-1, 2)), None, Fraction(0)),
        single("low", 1, "3", None),
    ]
    en, zh = broken(rows, [Fraction(2), Fraction(3)])
    assert en == "rule 'ratio', A: at most 0 is asked, whole amounts come to 0.5"
    assert zh == "规则“ratio”，A：应不高于 0，整数单位只能做到 0.5"
