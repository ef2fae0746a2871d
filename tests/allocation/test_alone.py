"""One region changed at a time on the curve of a pool equals water-filling each variant."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.allocation.alone import Shares, changed_alone
from reliefperf.allocation.waterfill import waterfill

REGION = st.tuples(st.integers(0, 9), st.integers(0, 9), st.one_of(st.none(), st.integers(0, 20)))


def shares(regions):
    weight, low, room = zip(*regions, strict=True)
    high = [math.inf if r is None else lo + r for lo, r in zip(low, room, strict=True)]
    return Shares(np.array(weight, float), np.array(low, float), np.array(high, float))


def exact(before, after, i, total):
    regions = [*before[:i], after[i], *before[i + 1 :]]
    highs = [None if room is None else low + room for _, low, room in regions]
    return waterfill([w for w, _, _ in regions], [low for _, low, _ in regions], highs, total)


@settings(max_examples=200, deadline=None)
@given(pairs=st.lists(st.tuples(REGION, REGION), min_size=1, max_size=7), total=st.integers(1, 120))
def test_each_variant_is_water_filled(pairs, total):
    before, after = [p[0] for p in pairs], [p[1] for p in pairs]
    found = changed_alone(shares(before), shares(after), float(total), keeps=False)
    for i in range(len(pairs)):
        filled = exact(before, after, i, total)
        if filled.left >= 0:
            assert found[i] == pytest.approx(float(filled.amounts[i]), abs=1e-7)


def test_where_money_may_stay_nobody_gets_more_than_the_entitlement():
    regions = shares([(1, 0, 2), (1, 0, None)])
    given_away = changed_alone(regions, regions, 10.0, keeps=False)
    kept = changed_alone(regions, regions, 10.0, keeps=True)
    assert given_away.tolist() == [2.0, 8.0]
    assert kept.tolist() == [2.0, 5.0]


def test_floors_above_entitlements_are_still_paid_for_by_the_others():
    regions = shares([(1, 8, None), (1, 0, None)])
    assert changed_alone(regions, regions, 10.0, keeps=True).tolist() == [8.0, 2.0]
