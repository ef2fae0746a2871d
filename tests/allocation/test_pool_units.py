"""Whole units of pools that stand alone: who bears nothing of what limits move gets none of it."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError
from tests.allocation.paying import pay

CAPPED = """
variables: {{n: {{missing: error}}, top: {{missing: error}}}}
allocation:
  unit: yuan
  leftover: {leftover}
  pools: {{g: {{{formula}}}}}
  rules: [{{id: top, cap: top, pool: g}}]
"""


def capped(leftover: str, amount: int, n: list[float], top: list[float]) -> object:
    formula = f"amount: {amount}, weight: n"
    return pay(CAPPED.format(leftover=leftover, formula=formula), n=n, top=top)


def units_of(run: object) -> list[int]:
    return run.last.allocation.units("g")  # type: ignore[attr-defined]


def test_units_that_capped_regions_leave_are_not_paid_to_who_has_no_weight() -> None:
    n, top = [1.0] * 40 + [0.0], [20.9] * 40 + [1000.0]
    for leftover in ("return", "reserve", "redistribute_then_return"):
        run = capped(leftover, 1000, n, top)
        assert units_of(run) == [20] * 40 + [0]
        assert run.last.allocation.pools["g"].left == 200  # type: ignore[attr-defined]


def test_a_total_that_only_regions_without_weight_could_take_is_refused() -> None:
    with pytest.raises(InfeasibleError) as raised:
        capped("redistribute", 836, [1.0] * 40 + [0.0], [20.9] * 40 + [1000.0])
    said = raised.value.text("en")
    assert "allow 836 in all for 40 regions, which is 800 when each is rounded down" in said
    assert "36 nobody may take" in said


def test_units_left_by_caps_go_to_regions_with_a_weight_that_have_room() -> None:
    run = capped("redistribute", 100, [40.0, 40.0, 1.0, 0.0], [33.9, 33.9, 1000.0, 1000.0])
    assert units_of(run) == [33, 33, 34, 0]


def test_a_formula_that_gives_nothing_pays_nothing() -> None:
    text = CAPPED.format(leftover="redistribute", formula="each: n, rounding: largest_remainder")
    run = pay(text, n=[0.0, 50.5, 50.5, 40.0], top=[99.0, 20.9, 20.9, 99.0])
    assert units_of(run) == [0, 20, 20, 40]


def test_who_bears_nothing_stays_at_the_entitlement() -> None:
    text = """
variables: {own: {missing: error}, low: {missing: error}}
allocation:
  unit: yuan
  pools: {g: {amount: 130, each: own, bear: "where(own > 50, 1, 0)"}}
  rules: [{id: low, floor: low, pool: g}]
"""
    run = pay(text, own=[30, 30, 10, 100], low=[46.2, 46.2, 0, 0])
    assert units_of(run) == [47, 47, 10, 26]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 0, 1, 2, 7]), st.integers(1, 400)), min_size=2, max_size=7
    ),
    st.sampled_from(["return", "reserve", "redistribute_then_return", "redistribute"]),
    st.integers(1, 150),
)
def test_whole_units_keep_to_who_is_entitled(
    regions: list[tuple[int, int]], leftover: str, amount: int
) -> None:
    n = [float(weight) for weight, _ in regions]
    top = [tenths / 10 for _, tenths in regions]
    if not any(n):
        return
    try:
        run = capped(leftover, amount, n, top)
    except InfeasibleError:
        assert leftover == "redistribute"
        return
    result = run.last.allocation.pools["g"]  # type: ignore[attr-defined]
    paid, before = units_of(run), result.before_units
    assert sum(paid) + result.left == amount
    for weight, limit, units, quota in zip(n, top, paid, before, strict=True):
        assert units <= math.floor(Fraction(str(limit)))
        assert weight or not units
        if leftover in ("return", "reserve"):
            assert units <= math.ceil(quota)
    if leftover == "redistribute":
        assert result.left == 0
    room = [math.floor(x) - u for x, w, u in zip(top, n, paid, strict=True) if w]
    if leftover == "redistribute_then_return" and result.left >= 1:
        assert not np.any(room)  # what is returned nobody with a weight could take
