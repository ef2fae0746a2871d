"""Published efficiencies of data envelopment.

data/dea_fls_jl.csv: 11 units with two inputs and one output, and the efficiencies that the tests of
the Julia package DataEnvelopmentAnalysis.jl state for its radial model (data of Fried, Lovell and
Schmidt; its authors checked them against R). The output-oriented values under variable returns are
from the same tests.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reliefperf.evaluation.envelopment import efficiency

DATA = Path(__file__).parent / "data" / "dea_fls_jl.csv"


def column(*names: str) -> Any:
    with DATA.open(encoding="utf-8") as file:
        return np.array([[float(row[name]) for name in names] for row in csv.DictReader(file)])


@pytest.mark.parametrize(
    ("published", "orientation", "returns"),
    [
        ("eff_in_crs_published", "input", "constant"),
        ("eff_out_crs_published", "output", "constant"),
        ("eff_in_crs", "input", "constant"),
        ("eff_in_vrs", "input", "variable"),
    ],
)
def test_published_efficiencies(published: str, orientation: Any, returns: Any) -> None:
    found = efficiency(column("in_x1", "in_x2"), column("out_y"), orientation, returns)
    np.testing.assert_allclose(found, column(published)[:, 0], rtol=0, atol=1e-6)


def test_published_output_efficiencies_under_variable_returns() -> None:
    found = efficiency(column("in_x1", "in_x2"), column("out_y"), "output", "variable")
    published = np.ones(11)
    published[[1, 4, 9]] = [1.507518797, 3.203947368, 1.192307692]
    np.testing.assert_allclose(found, published, rtol=0, atol=1e-6)
