"""Pools that a rule ties within every parent: small programs are paid as large ones would be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reliefperf.allocation import shortest, solver, units
from reliefperf.scenarios.cascades import run_cascade
from reliefperf.scenarios.verifying import verify
from tests.cascading import amounts, cascade_in, model_text, tables_of

ENDS = "leftover: redistribute_then_return"
POOLS = {
    "{share: 0.8, weight: need}": f"{{share: 0.8, weight: need, {ENDS}}}",
    "{share: 0.2, weight: 1}": f"{{share: 0.2, weight: 1, {ENDS}}}",
    "budget: 1000": "budget: 900000",
}
RATIO = "{id: ratio, ratio: 0.24, pool: award, to: base}"


def test_they_get_the_same_to_the_unit_and_are_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)
    counties = {f"c{i:02d}": (f"P{i % 6}", float(rng.integers(100, 1000))) for i in range(60)}
    provinces = {
        f"P{k}": ("", sum(need for up, need in counties.values() if up == f"P{k}"))
        for k in range(6)
    }
    cascade = cascade_in(
        tmp_path,
        {name: model_text(name, RATIO, **POOLS) for name in ("province", "county")},
    )
    tables = tables_of({"province": provinces, "county": counties})
    run = run_cascade(cascade, tables)
    run.write(tmp_path / "out")
    assert verify(tmp_path / "out").holds
    with monkeypatch.context() as patched:
        patched.setattr(solver, "SMALL", -1)
        patched.setattr(shortest, "SMALL", -1)
        searched: list[object] = []
        patched.setattr(units, "by_pairs", lambda *given: searched.append(given))
        other = run_cascade(cascade, tables)
    assert searched
    assert amounts(other) == amounts(run)
    paid = amounts(run)
    assert all(paid[code, "award"] * 100 <= paid[code, "base"] * 24 for code in counties)
    assert any(paid[code, "award"] * 100 > paid[code, "base"] * 23 for code in counties)
