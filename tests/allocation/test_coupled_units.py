"""Whole units of pools that are one program, where rules give way for them."""

from __future__ import annotations

import pytest

from reliefperf.allocation import rounding
from reliefperf.scenarios.running import read_data, run_model
from tests.allocation.paying import amounts, build, frame

TEXT = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  smallest: %s
  budget: 99
  relax: [low]
  pools: {grant: {share: 1, weight: w}}
  rules: [{id: low, floor: 40}, {id: high, cap: 60}]
"""


@pytest.mark.parametrize("smallest", ["1", "0.01"])
def test_units_are_sought_once_where_no_rule_gives_way_for_them(
    monkeypatch: pytest.MonkeyPatch, smallest: str
) -> None:
    sought = []
    found = rounding.controlled_rounding

    def counted(*args: object, **named: object) -> rounding.Rounded:
        sought.append(args)
        return found(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rounding, "controlled_rounding", counted)
    model = build(TEXT % smallest)
    # by_step: with steps a run looks for counter-examples to fairness too
    data = read_data(model, frame(w=[1, 1, 1]))
    run = run_model(model, data, relax="apply", by_step=False)
    assert amounts(run) == [33, 33, 33]
    assert len(sought) == 1
