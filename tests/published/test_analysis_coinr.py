"""Statistics of the ASEM indicators as COINr prints them.

Source: the page "Analysis" of COINr's documentation (bluefoxr/COINr, docs/articles/analysis.html):
get_stats, get_corr, get_corr_flags, get_cronbach and get_PCA of the ASEM example. The raw values
are those of models/asem, the normalised ones stand in `asem_coinr_normalised.csv`.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from reliefperf.evaluation.analysis import (
    complete,
    correlate,
    describe,
    principal_components,
    reliability,
)

HERE = Path(__file__).parent
RAW = HERE.parents[1] / "models" / "asem" / "data.csv"
NORMALISED = HERE / "data" / "asem_coinr_normalised.csv"

P2P = ["StMob", "Research", "Pat", "CultServ", "CultGood", "Tourist", "MigStock", "Lang"]
SOCIAL = [
    *("Poverty", "Palma", "TertGrad", "FreePress", "TolMin", "NGOs", "CPI", "FemLab", "WomParl"),
]


@cache
def columns(path: Path) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return float("nan")

    return {name: np.array([number(row[name]) for row in rows]) for name in rows[0]}


@pytest.mark.parametrize(
    ("name", "printed", "counts", "outliers"),
    [
        ("LPI", "2.07 4.23 3.41 3.42 0.538 -0.304 -0.657", (51, 51, 51), False),
        ("Flights", "0.99 211 38.6 25.6 46.7 2.1 4.51", (51, 51, 51), True),
        ("Ship", "0 21.2 12 12.7 6.84 -0.576 -0.681", (51, 42, 43), False),
        ("Bord", "0 122 23.6 18 24.8 2.15 5.79", (51, 45, 30), True),
        ("Elec", "0 110 16.2 6.91 22.7 2.23 5.79", (51, 47, 46), True),
    ],
)
def test_statistics_are_those_printed_to_three_digits(name, printed, counts, outliers) -> None:
    found = describe(columns(RAW)[name])
    shown = (
        *(found.minimum, found.maximum, found.mean, found.median),
        *(found.sd, found.skewness, found.kurtosis),
    )
    assert " ".join(f"{value:.3g}" for value in shown) == printed
    n_not_zero = found.n - round(found.zeros * found.n)
    assert (found.n, n_not_zero, found.distinct) == counts
    assert (abs(found.skewness) >= 2 and found.kurtosis >= 3.5) is outliers


@pytest.mark.parametrize(
    ("first", "second", "r"),
    [("MatCon", "CO2", 0.7222051), ("PrimEner", "CO2", 0.3268484), ("Renew", "CO2", -0.5986338)],
)
def test_correlations_of_raw_values_are_those_printed(first, second, r) -> None:
    found = correlate(columns(RAW)[first], columns(RAW)[second])
    assert found.r == pytest.approx(r, abs=5e-8)
    assert found.p < 0.05


@pytest.mark.parametrize(("first", "second"), [("Forest", "CO2"), ("Renew", "PrimEner")])
def test_what_is_left_empty_there_has_a_p_value_above_a_twentieth(first, second) -> None:
    assert correlate(columns(RAW)[first], columns(RAW)[second]).p > 0.05


@pytest.mark.parametrize(
    ("first", "second", "r"),
    [
        ("CPI", "FreePress", 0.761),
        ("CPI", "NGOs", 0.768),
        ("CostImpEx", "TBTs", -0.697),
        ("RTAs", "TBTs", -0.752),
        ("TBTs", "TIRcon", -0.623),
    ],
)
def test_flagged_correlations_of_normalised_values_are_those_printed(first, second, r) -> None:
    found = correlate(columns(NORMALISED)[first], columns(NORMALISED)[second])
    assert found.r == pytest.approx(r, abs=5e-4)


def test_alpha_of_pairwise_covariances_is_the_one_printed() -> None:
    """COINr takes each covariance over the pairs it has; an analysis takes complete regions."""
    items = np.array([columns(RAW)[name] for name in P2P])

    def covariance(x: np.ndarray, y: np.ndarray) -> float:
        both = ~(np.isnan(x) | np.isnan(y))
        return float(np.cov(x[both], y[both])[0, 1])

    pairwise = np.array([[covariance(x, y) for y in items] for x in items])
    assert reliability(pairwise).alpha == pytest.approx(0.05126659, abs=5e-9)
    assert reliability(np.cov(complete(items))).alpha == pytest.approx(0.0494, abs=5e-5)


def test_components_of_the_social_group_are_those_printed() -> None:
    items = complete(np.array([columns(RAW)[name] for name in SOCIAL]))
    assert items.shape == (9, 37)  # 14 of 51 countries miss a value
    found = principal_components(np.corrcoef(items))
    printed = [2.2042, 1.1256, 0.9788, 0.78834, 0.77153, 0.56836, 0.42463, 0.36068, 0.25760]
    assert np.sqrt(found.eigenvalues) == pytest.approx(printed, abs=5e-5)
    shares = [0.5398, 0.1408, 0.1065, 0.06905, 0.06614, 0.03589, 0.02003, 0.01445, 0.00737]
    # R rounds to five decimals, then prints four digits
    assert found.shares == pytest.approx(shares, abs=5.5e-5)
