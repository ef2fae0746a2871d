"""The treatment functions of COINr 1.1.14 on two vectors, with and without gaps.

Source: data/coinr_unit_functions.csv, computed with COINr 1.1.14 (W. Becker, CRAN, MIT licence).
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from reliefperf.evaluation.treatment.forms import Form, transformed
from reliefperf.evaluation.treatment.moments import shape_of
from reliefperf.evaluation.treatment.winsorise import winsorised_by_rule
from reliefperf.model.environment import Array
from tests.evaluation.treatment.helpers import values_by

FILE = Path(__file__).parent / "data" / "coinr_unit_functions.csv"


def published(vector: str, function: str) -> Array:
    """The values of a function in the order of the vector, NaN for NA."""
    with FILE.open(encoding="utf-8") as file:
        rows = [
            (int(row["i"]), float("nan") if row["value"] == "NA" else float(row["value"]))
            for row in csv.DictReader(file)
            if row["vector"] == vector and row["fn"] == function
        ]
    assert rows
    return np.array([value for _, value in sorted(rows)])


VECTORS = pytest.mark.parametrize("vector", ["x", "xna"])


@VECTORS
def test_skewness_and_kurtosis(vector: str) -> None:
    shape = shape_of(published(vector, "input"))
    assert shape.skewness == pytest.approx(published(vector, "skew")[0], rel=1e-12)
    assert shape.kurtosis == pytest.approx(published(vector, "kurt")[0], rel=1e-12)


@VECTORS
def test_winsorise(vector: str) -> None:
    after, _ = winsorised_by_rule(published(vector, "input"), 2, 3.5, 5)
    assert after == pytest.approx(published(vector, "winsorise"), abs=1e-12, nan_ok=True)


@VECTORS
@pytest.mark.parametrize(
    ("function", "form", "exponent"),
    [
        ("log_CT", "log_shifted", None),
        ("log_CT_orig", "log_from_one", None),
        ("boxcox", "boxcox", 0.5),
    ],
)
def test_transformations(vector: str, function: str, form: Form, exponent: float | None) -> None:
    after = transformed(form, published(vector, "input"), exponent)
    assert after == pytest.approx(published(vector, function), abs=1e-12, nan_ok=True)


@VECTORS
def test_the_steps_of_a_model_give_the_same(vector: str) -> None:
    x = [None if value != value else value for value in published(vector, "input").tolist()]
    steps: dict[str, dict[str, object]] = {
        "winsorise": {"outliers": "winsorise", "otherwise": "none"},
        "log_CT": {"transform": "log_shifted"},
        "log_CT_orig": {"transform": "log_from_one"},
        "boxcox": {"transform": "boxcox", "lambda": 0.5},
    }
    for function, step in steps.items():
        after = [float("nan") if value is None else value for value in values_by(step, x)]
        assert after == pytest.approx(published(vector, function), abs=1e-12, nan_ok=True)


@VECTORS
def test_log_gii_of_this_version_returns_its_argument_and_the_formula_counts_here(
    vector: str,
) -> None:
    x = published(vector, "input")
    assert np.array_equal(published(vector, "log_GII"), x, equal_nan=True)
    low, high = np.nanmin(x), np.nanmax(x)
    formula = np.log((high - 1) * (x - low) / (high - low) + 1)
    assert transformed("log_gii", x) == pytest.approx(formula, abs=1e-12, nan_ok=True)
