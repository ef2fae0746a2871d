"""Starts from programs like this one: sooner, and the same money."""

from __future__ import annotations

import copy
import pickle

from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.warm import Warm
from reliefperf.scenarios.explaining.without import copy_of
from tests.allocation.paying import pay

TEXT = """
variables: {w: {missing: error}, prev: {}}
allocation:
  unit: yuan
  budget: 1000
  pools:
    base: {share: 0.7, weight: w}
    award: {share: 0.3, weight: w * prev}
  rules:
    - {id: ratio, pool: award, to: base, ratio: 0.5}
    - {id: keep, hold_harmless: 0.9, previous: prev}
"""


def test_the_first_basis_of_a_shape_and_tier_is_kept() -> None:
    warm = Warm()
    assert warm.start((2, 3), 0) is None
    warm.keep((2, 3), 0, "first")
    warm.keep((2, 3), 0, "second")
    assert warm.start((2, 3), 0) == "first"
    assert warm.start((2, 3), 1) is None
    assert warm.start((3, 3), 0) is None


def test_copies_start_cold() -> None:
    warm = Warm()
    warm.keep((2, 3), 0, "basis")
    for one in (copy.deepcopy(warm), pickle.loads(pickle.dumps(warm))):
        assert one.start((2, 3), 0) is None


def test_a_warm_start_pays_the_same() -> None:
    run = pay(TEXT, w=[5, 3, 8, 1, 13], prev=[100, 150, 90, 60, 20])

    def paid(warm: Warm | None) -> Allocation:
        return allocate_period(
            run.model, copy_of(run.last.env), ("",) * 5, by_step=False, warm=warm
        )

    warm = Warm()
    cold = paid(warm)
    assert cold.program is not None
    again = paid(warm)
    assert [again.before_units(pool) for pool in cold.pools] == [
        cold.before_units(pool) for pool in cold.pools
    ]
    assert again.amounts("total") == paid(None).amounts("total")
