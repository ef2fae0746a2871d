"""Normalisation functions of COINr 1.1.14 on two vectors, one of them with gaps, as rules here.

Source of the figures: COINr (European Commission, Joint Research Centre), functions `n_*`, run on
both vectors (tests/published/data/coinr_unit_functions.csv).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from reliefperf.errors import InputError
from tests.evaluation.scoring.helpers import points

WRITTEN: dict[tuple[str, str], tuple[str, float]] = {
    ("n_minmax", "l_u=0,100"): ("{minmax: higher}", 100),
    ("n_minmax", "l_u=1,100"): ("{minmax: higher, range: [1, 100]}", 100),
    ("n_zscore", "m_sd=0,1"): ("{zscore: higher}", 1),
    ("n_zscore", "m_sd=100,15"): ("{zscore: higher, mean: 100, sd: 15}", 1),
    ("n_scaled", "npara=0,20"): ("{goalposts: [0, 20], clip: none}", 100),
    ("n_dist2max", ""): ("{minmax: higher}", 1),
    ("n_fracmax", ""): ("{compared: higher, to: best}", 1),
    ("n_rank", ""): ("{borda: higher, start: 1}", 1),
    ("n_borda", ""): ("{borda: higher}", 1),
    ("n_prank", ""): ("{rank: higher, ties: max}", 1),
    ("n_dist2ref", "iref=4"): ("{minmax: higher, region: r4, clip: none}", 1),
    ("n_dist2targ", "targ=10,cap"): ("{minmax: higher, full_at: 10, clip: above}", 1),
    ("n_dist2targ", "targ=10,dir=-1"): ("{minmax: lower, full_at: 10, clip: none}", 1),
    ("n_goalposts", "gposts=2,20,1"): ("{goalposts: [2, 20]}", 1),
    ("n_goalposts", "gposts=2,20,1,dir=-1"): ("{goalposts: [20, 2]}", 1),
    ("n_goalposts", "gposts=2,20,100,no trunc"): ("{goalposts: [2, 20], clip: none}", 100),
}
"""How each function is written here: the rule and the full marks."""

FILE = Path(__file__).parent / "data/coinr_unit_functions.csv"
Vectors = dict[tuple[str, str, str], list[float | None]]


def read() -> Vectors:
    found: Vectors = {}
    with FILE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["fn"] != "input" and not row["fn"].startswith("n_"):
                continue
            values = found.setdefault((row["vector"], row["fn"], row["para"]), [])
            values.append(None if row["value"] == "NA" else float(row["value"]))
    return found


VECTORS = read()


def test_every_function_of_the_file_is_written() -> None:
    assert {(fn, para) for _, fn, para in VECTORS if fn != "input"} == set(WRITTEN)


def test_each_way_stands_on_the_page_of_normalisation() -> None:
    page = (Path(__file__).parents[2] / "docs/normalisation.md").read_text(encoding="utf-8")
    for fn, _ in WRITTEN:
        assert f"`{fn}" in page


@pytest.mark.parametrize(
    ("vector", "function"),
    [(v, f) for f in WRITTEN for v in ("x", "xna") if (v, f[0]) != ("xna", "n_dist2ref")],
)
def test_a_normaliser_gives_what_coinr_gives(vector: str, function: tuple[str, str]) -> None:
    rule, full = WRITTEN[function]
    expected: list[Any] = VECTORS[(vector, *function)]
    found = points(rule, VECTORS[(vector, "input", "")], full=full)
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == (None if theirs is None else pytest.approx(theirs, rel=1e-12, abs=1e-12))


def test_a_reference_region_that_is_itself_the_worst_is_an_error_and_not_infinite() -> None:
    """COINr gives Inf and NaN where the reference has the least value."""
    assert float("inf") in VECTORS[("xna", "n_dist2ref", "iref=4")]
    rule, full = WRITTEN[("n_dist2ref", "iref=4")]
    with pytest.raises(InputError, match="reference region 'r4' is no better than the worst"):
        points(rule, VECTORS[("xna", "input", "")], full=full)
