"""A difference carried by a stated measure: exact, complete, within the limits, and the nearest."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reliefperf.allocation.waterfill import carried, waterfill

money = st.fractions(min_value=-50, max_value=50, max_denominator=6)
limit = st.one_of(st.none(), money)
region = st.tuples(money, st.fractions(0, 20, max_denominator=5), limit, limit)
Region = tuple[Fraction, Fraction, Fraction | None, Fraction | None]


def limits(regions: list[Region]) -> tuple[list[Fraction | None], list[Fraction | None]]:
    """Lows and highs in order."""
    low, high = [], []
    for _, _, one, other in regions:
        both = one is not None and other is not None
        low.append(min(one, other) if both else one)
        high.append(max(one, other) if both else other)
    return low, high


def clip(value: Fraction, low: Fraction | None, high: Fraction | None) -> Fraction:
    value = value if high is None else min(value, high)
    return value if low is None else max(value, low)


def by_trying(
    base: list[Fraction],
    bear: list[Fraction],
    low: list[Fraction | None],
    high: list[Fraction | None],
    total: Fraction,
) -> list[Fraction] | None:
    """The amounts by looking at every break point of the level; None where the total is not met."""

    def at(level: Fraction) -> list[Fraction]:
        return [
            clip(b + level * w, lo, hi) for b, w, lo, hi in zip(base, bear, low, high, strict=True)
        ]

    points = sorted(
        {
            (side - b) / w
            for b, w, *sides in zip(base, bear, low, high, strict=True)
            if w
            for side in sides
            if side is not None
        }
    )
    reach = sum(map(abs, base), Fraction(0)) + abs(total)
    reach += sum((abs(side) for side in (*low, *high) if side is not None), Fraction(0))
    far = (reach + 1) / min((w for w in bear if w), default=Fraction(1))
    far += max(map(abs, points), default=Fraction(0))
    points = [-far, *points, far]
    for left, right in pairwise(points):
        start, end = sum(at(left)), sum(at(right))
        if start <= total <= end:
            step = (total - start) / (end - start) if end > start else Fraction(0)
            return at(left + (right - left) * step)
    return None


@example(
    [(Fraction(0), Fraction(1), None, None), (Fraction(0), Fraction(1), None, Fraction(-2))],
    Fraction(0),
)
@given(st.lists(region, min_size=1, max_size=8), st.fractions(-200, 200, max_denominator=4))
def test_amounts_are_those_of_one_level_and_meet_the_total(
    regions: list[Region], total: Fraction
) -> None:
    base, bear = [r[0] for r in regions], [r[1] for r in regions]
    low, high = limits(regions)
    filled = carried(base, bear, low, high, total)
    assert sum(filled.amounts) + filled.left == total
    wanted = by_trying(base, bear, low, high, total)
    if wanted is not None:
        assert filled.left == 0
        assert list(filled.amounts) == wanted
        return
    # nobody who bears anything could move on
    side = high if filled.left > 0 else low
    assert filled.left != 0
    for amount, w, end in zip(filled.amounts, bear, side, strict=True):
        assert not w or amount == end
    for amount, b, w, lo, hi in zip(filled.amounts, base, bear, low, high, strict=True):
        assert w or amount == clip(b, lo, hi)


@given(st.lists(region, min_size=1, max_size=8), st.fractions(0, 200, max_denominator=4))
def test_bearing_in_proportion_to_the_base_is_plain_water_filling(
    regions: list[Region], total: Fraction
) -> None:
    base = [abs(r[0]) for r in regions]
    low, high = limits(regions)
    low = [max(value or Fraction(0), Fraction(0)) for value in low]
    high = [None if h is None else max(h, lo) for h, lo in zip(high, low, strict=True)]
    plain = waterfill(base, low, high, total)
    if plain.left == 0 and all(b or lo == 0 for b, lo in zip(base, low, strict=True)):
        assert carried(base, base, low, high, total).amounts == plain.amounts


@given(
    st.lists(region, min_size=1, max_size=8),
    st.fractions(-200, 200, max_denominator=4),
    st.fractions(0, 50, max_denominator=4),
)
def test_nobody_loses_by_a_larger_total(
    regions: list[Region], total: Fraction, more: Fraction
) -> None:
    base, bear = [r[0] for r in regions], [r[1] for r in regions]
    low, high = limits(regions)
    less = carried(base, bear, low, high, total).amounts
    assert all(
        a <= b
        for a, b in zip(less, carried(base, bear, low, high, total + more).amounts, strict=True)
    )


@given(
    st.lists(region, min_size=1, max_size=6), st.fractions(-99, 99, max_denominator=4), st.data()
)
def test_halves_together_get_what_the_whole_gets(
    regions: list[Region], total: Fraction, data: st.DataObject
) -> None:
    base, bear = [r[0] for r in regions], [r[1] for r in regions]
    low, high = limits(regions)
    at = data.draw(st.integers(0, len(regions) - 1))
    whole = carried(base, bear, low, high, total)

    def parted[T](values: list[T]) -> list[T]:
        half = values[at] if values[at] is None else values[at] / 2  # type: ignore[operator]
        return [*values[:at], half, half, *values[at + 1 :]]  # type: ignore[list-item]

    halves = carried(parted(base), parted(bear), parted(low), parted(high), total)
    assert halves.amounts[at] == halves.amounts[at + 1] == whole.amounts[at] / 2
    assert halves.left == whole.left


def test_everybody_loses_the_same_but_nobody_more_than_there_is() -> None:
    assert carried([100, 200, 300], [1, 1, 1], [0] * 3, [None] * 3, 200).amounts == (0, 50, 150)


def test_what_nobody_bears_is_left() -> None:
    filled = carried([5, 5], [0, 0], [0, 0], [None, None], 4)
    assert filled.amounts == (5, 5)
    assert filled.left == -6


def test_a_measure_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        carried([1, 1], [1, -1], [0, 0], [None, None], 3)


def test_amounts_without_limits_may_fall_below_zero() -> None:
    assert carried([3, -1], [1, 3], [None, None], [None, 2], -6).amounts == (1, -7)
