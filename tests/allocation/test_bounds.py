"""Limits on single amounts: the tightest of each side holds, whichever way rows are taken in."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from reliefperf.allocation.bounds import Bounds
from reliefperf.allocation.program import LimitRows
from reliefperf.allocation.ratios import Partial

N_REGIONS = 3
fractions = st.fractions(-20, 20, max_denominator=7)
limit = st.none() | fractions
columns = st.lists(limit, min_size=N_REGIONS, max_size=N_REGIONS)


def partial(values: list[Fraction | None]) -> Partial:
    """Limits of which some are not known."""
    return Partial(
        [0 if v is None else v.numerator for v in values],
        [0 if v is None else v.denominator for v in values],
    )


@given(st.lists(st.tuples(columns, columns), max_size=4))
def test_a_rule_taken_in_whole_is_that_taken_in_row_by_row(rules: list[tuple]) -> None:  # type: ignore[type-arg]
    together, apart = (Bounds.open(N_REGIONS, negative=True) for _ in range(2))
    for number, (low, high) in enumerate(rules):
        rows = LimitRows(str(number), ["a", "b", "c"], range(3), partial(low), partial(high))
        moved = {i for row in rows if (i := apart.tighten(row)) is not None}
        assert set(together.take(rows)) == moved
    for one, other in ((together.low, apart.low), (together.high, apart.high)):
        assert list(one) == list(other)
    assert (together.low_rule, together.high_rule) == (apart.low_rule, apart.high_rule)
    for i in range(N_REGIONS):
        highs = [high[i] for _, high in rules if high[i] is not None]
        assert together.high[i] == min(highs, default=None)
        lows = [low[i] for low, _ in rules if low[i] is not None]
        assert not lows or together.low[i] == max(lows)
    crossed = [
        i
        for i in range(N_REGIONS)
        if (top := together.high[i]) is not None and together.low[i] > top
    ]
    assert together.crossed() == crossed
