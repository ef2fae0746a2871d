"""Where no whole units keep all rules, those give way that cost least in what is paid."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.giving_units import Giving, least_giving
from reliefperf.allocation.nearness import Nearness
from reliefperf.allocation.program import ExactRow
from reliefperf.allocation.relaxing import missed_by
from reliefperf.allocation.repair import Whole
from reliefperf.scenarios.running import read_data, run_model
from tests.allocation.paying import build
from tests.allocation.test_relaxing import given_up, money_of, run_of

BETWEEN = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  smallest: '100'
  pools: {grant: {amount: 1000, weight: w}}
  rules:
    - {id: low, floor: 0.4, where: region == '002'}
    - {id: top, cap: 0.6, where: region == '002'}
    - {id: big, floor: 720, where: region == '003'}
  %s
"""


@pytest.mark.parametrize(
    ("relax", "expected"),
    [
        ("", {("low", "002"): Fraction("0.4")}),
        ("relax: [low, top, big]", {("low", "002"): Fraction("0.4")}),
        ("relax: [low]", {("low", "002"): Fraction("0.4")}),
        ("relax: [top, low, big]", {("top", "002"): Fraction("99.4")}),
        ("relax: [top]", {("top", "002"): Fraction("99.4")}),
    ],
)
def test_the_cheapest_side_gives_way_in_the_order_of_relax(
    relax: str, expected: dict[tuple[str, str], Fraction]
) -> None:
    run = run_of(BETWEEN % relax, w=[2, 1, 2])
    assert given_up(run) == expected


def bands(cents: list[int | None], part: Fraction) -> list[Giving]:
    """Each amount within a part of last year's, as far as there was one."""
    found = []
    for j, last in enumerate(cents):
        if last is not None:
            low, high = last * (1 - part) / 100, last * (1 + part) / 100
            found.append(Giving(ExactRow("band", str(j), (j,), (Fraction(1),), low, high), 1))
    return found


def missed(giving: list[Giving], units: tuple[int, ...], priority: int = 1) -> Fraction:
    items = (
        missed_by(one.row, [Fraction(u) for u in units])
        for one in giving
        if one.priority == priority
    )
    return sum((item.by for item in items if item is not None), Fraction(0))


@settings(max_examples=60, deadline=None)
@given(
    cents=st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=2, max_size=5),
    quotas=st.lists(st.integers(0, 400), min_size=5, max_size=5),
    part=st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1, 3)]),
)
def test_no_units_of_the_same_total_miss_less(
    cents: list[int | None], quotas: list[int], part: Fraction
) -> None:
    n = len(cents)
    near = [Fraction(q, 100) for q in quotas[:n]]
    total = round(sum(near))
    giving = bands(cents, part)
    firm = [Whole.total(range(n), total, total), *(Whole.total((j,), 0, None) for j in range(n))]
    units = least_giving(Nearness.of(near, list(range(n))), giving, firm, Fraction(1))
    assert units is not None
    assert sum(units) == total and min(units) >= 0
    every = (u for u in itertools.product(range(total + 1), repeat=n) if sum(u) == total)
    assert missed(giving, tuple(units)) == min(missed(giving, u) for u in every)


def test_a_later_priority_gives_way_first() -> None:
    rows = [
        ExactRow("dear", "a", (0,), (Fraction(1),), Fraction(3, 10), None),
        ExactRow("cheap", "a", (0,), (Fraction(1),), None, Fraction(4, 10)),
    ]
    firm = [Whole.total((0, 1), 2, 2), Whole.total((0,), 0, None), Whole.total((1,), 0, None)]
    near = Nearness.of([Fraction(35, 100), Fraction(165, 100)], [0, 1])
    for dear, cheap, expected in ((1, 2, [1, 1]), (2, 1, [0, 2]), (1, 1, [0, 2])):
        giving = [Giving(rows[0], dear), Giving(rows[1], cheap)]
        assert least_giving(near, giving, firm, Fraction(1)) == expected


def test_firm_rows_that_cannot_hold_are_said() -> None:
    near = Nearness.of([Fraction(1, 2)], [0])
    firm = [Whole.total((0,), 2, 1)]
    assert least_giving(near, [], firm, Fraction(1)) is None


def test_the_order_of_regions_and_rows_makes_no_difference() -> None:
    text = """
    variables: {w: {missing: error}, last: {missing: error}}
    allocation:
      unit: yuan
      smallest: '1'
      pools: {grant: {amount: 7, weight: w}}
      rules: %s
    """
    rules = [
        "{id: keep, hold_harmless: 0.9, previous: last}",
        "{id: grow, growth_limit: 1.1, previous: last}",
    ]
    codes, w, last = list("abcdefg"), [3, 1, 1, 1, 2, 2, 4], [0.6, 0.3, 0.3, 0.3, 1.5, 1.5, 2.4]
    found = []
    for order in ([0, 1, 2, 3, 4, 5, 6], [6, 3, 1, 0, 5, 2, 4], [2, 5, 0, 6, 1, 4, 3]):
        for own in (rules, rules[::-1]):
            columns = {
                name: [values[i] for i in order]
                for name, values in (("code", codes), ("w", w), ("last", last))
            }
            model = build(text % f"[{', '.join(own)}]")
            dataset = read_data(model, pd.DataFrame(columns))
            run = run_model(model, dataset, relax="apply")
            money = money_of(run)
            units = money.pools["grant"].units
            found.append((dict(zip(money.codes, units, strict=True)), given_up(run)))
    assert all(one == found[0] for one in found)
    same = [found[0][0][code] for code in "bcd"]
    assert max(same) - min(same) <= 1
