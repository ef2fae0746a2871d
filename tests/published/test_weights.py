"""Published weights: pairwise comparisons, best-worst, entropy, CRITIC, deviation, components.

data/ahp_matrices.csv: matrices of Saaty (2008, Int. J. Services Sciences 1) and of Wang and Chin
(2011, Information Sciences 181) with their published priorities, and table 20 of the OECD/JRC
Handbook (2008); the other columns were computed with numpy and AHPy 2.1. data/tai_raw_23.csv and
data/tai_t18_pca_weights.csv: the Technology Achievement Index of the same Handbook, table 18.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from reliefperf.evaluation.weighting.ahp import Method, consistency, priorities
from reliefperf.evaluation.weighting.best_worst import (
    consistency_index,
    linear_weights,
    ratio_weights,
)
from reliefperf.evaluation.weighting.critic import information
from reliefperf.evaluation.weighting.dispersion import deviation_weights
from reliefperf.evaluation.weighting.entropy import entropy_weights
from tests.evaluation.weighting.helpers import said, weighed

DATA = Path(__file__).parent / "data"


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


AHP_ROWS = rows_of("ahp_matrices.csv")
CASES = list(dict.fromkeys(row["case"] for row in AHP_ROWS))


def case_of(name: str) -> tuple[list[dict[str, str]], np.ndarray]:
    rows = [row for row in AHP_ROWS if row["case"] == name]
    matrix = [[float(Fraction(cell)) for cell in row["row_of_matrix"].split()] for row in rows]
    return rows, np.array(matrix)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("how", "column"),
    [
        ("eigenvector", "priority_eigen"),
        ("geometric_mean", "priority_geomean_rows"),
        ("arithmetic", "priority_arith_norm"),
    ],
)
def test_priorities_by_three_methods(case: str, how: Method, column: str) -> None:
    rows, matrix = case_of(case)
    wanted = [float(row[column]) for row in rows]
    assert priorities(matrix, how) == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("case", CASES)
def test_consistency(case: str) -> None:
    rows, matrix = case_of(case)
    found = consistency(matrix, "saaty_1980")
    assert found.lambda_max == pytest.approx(float(rows[0]["lambda_max"]), abs=1e-8)
    assert found.index == pytest.approx(float(rows[0]["CI"]), abs=1e-8)
    assert found.ratio == pytest.approx(float(rows[0]["CR_saaty"]), abs=1e-8)
    later = consistency(matrix, "saaty_2005").ratio
    assert later == pytest.approx(float(rows[0]["CR_ahpy_saaty"]), abs=1e-6)
    other = consistency(matrix, "donegan_dodd_1991").ratio
    assert other == pytest.approx(float(rows[0]["CR_ahpy_donegan_dodd"]), abs=1e-6)


@pytest.mark.parametrize("case", ["drinks_saaty2008", "wang_chin_2011"])
def test_published_priorities_to_their_printed_digits(case: str) -> None:
    rows, matrix = case_of(case)
    for found, row in zip(priorities(matrix, "eigenvector"), rows, strict=True):
        printed = row["priority_published"]
        digits = len(printed.split(".")[1])
        assert found == pytest.approx(float(printed), abs=0.5 * 10**-digits)


def test_the_published_ratios_and_what_is_refused() -> None:
    _, drinks = case_of("drinks_saaty2008")
    assert round(consistency(drinks, "saaty_1980").ratio or 0, 3) == 0.022  # Saaty (2008)
    rows, unsure = case_of("wang_chin_2011")
    assert round(consistency(unsure, "saaty_1980").ratio or 0, 3) == 0.229  # Wang and Chin (2011)
    names = [row["item"] for row in rows]
    matrix = {row["item"]: row["row_of_matrix"].split() for row in rows}
    ((_, message),) = said({"ahp": matrix}, names)
    assert "the consistency ratio is 0.2290" in message
    assert said({"ahp": matrix, "accept_inconsistent": True}, names) == []


def test_the_example_of_the_best_worst_method() -> None:
    # Rezaei (2015), three criteria: best over others 8, 2, 1; others over worst 1, 5, 8
    weights, deviation, width = ratio_weights(np.array([2.0]), np.array([5.0]), 8.0)
    assert weights[[2, 0, 1]] == pytest.approx([0.0714, 0.3387, 0.5899], abs=5e-5)
    assert deviation == pytest.approx(0.26, abs=0.005)
    assert width == pytest.approx(0, abs=1e-9)
    assert deviation / consistency_index(8) == pytest.approx(0.058, abs=5e-4)


# Rezaei (2016), tables 2 and 3: buying a car by quality, price, comfort, safety and style
@pytest.mark.parametrize(
    ("best_over", "over_worst", "printed", "deviation"),
    [
        ([2, 1, 4, 2, 8], [4, 8, 2, 4, 1], [0.2105, 0.4211, 0.1053, 0.2105, 0.0526], 0.0),
        ([2, 1, 4, 3, 8], [4, 8, 2, 3, 1], [0.2295, 0.4481, 0.1148, 0.1530, 0.0546], 0.0109),
    ],
)
def test_the_linear_model_of_the_best_worst_method(best_over, over_worst, printed, deviation):
    found, least, width = linear_weights(
        np.array(best_over, dtype=float), np.array(over_worst, dtype=float), best=1, worst=4
    )
    assert found == pytest.approx(printed, abs=5.01e-5)
    assert least == pytest.approx(deviation, abs=5.01e-5)
    assert width == 0


def test_the_intervals_of_the_best_worst_method() -> None:
    # Rezaei (2016), table 3 under the model of 2015: its deviation and the interval of each weight
    lows = np.array([0.2145, 0.1085, 0.1563, 0.4461, 0.0548])
    highs = np.array([0.2289, 0.1176, 0.1602, 0.4571, 0.0561])
    found, deviation, width = ratio_weights(
        np.array([2.0, 4.0, 3.0]), np.array([4.0, 2.0, 3.0]), 8.0
    )
    middles = (lows + highs) / 2
    assert found == pytest.approx(middles / middles.sum(), abs=1e-4)
    assert deviation == pytest.approx(0.1459, abs=5e-5)
    assert width == pytest.approx((highs - lows).max(), abs=1e-4)


def test_entropy_of_a_published_table() -> None:
    # Elsayed, Dawood and Karthikeyan (2017), Int. J. Eng. Trends Technol. 46(2), 60-66
    table = [
        [7, 312, 1891, 6613, 163],
        [72, 88, 728, 941804, 1078],
        [10, 252, 2594, 3466, 117471],
        [10, 145, 980, 2371, 86329],
        [65, 54, 350, 501, 29897],
        [29, 48, 380, 912, 34051],
        [7, 476, 3300, 78470, 2212],
        [70, 87, 650, 733, 819000],
        [4, 86, 591, 3015, 103],
        [12, 79, 579, 3240, 96098],
        [21, 45, 261, 1253, 453],
        [1, 72, 530, 4333, 0.1048],
    ]
    found = entropy_weights(np.array(table).T)
    assert found == pytest.approx([0.104991, 0.069124, 0.071373, 0.449937, 0.304575], abs=5e-7)


def test_critic_of_a_published_table() -> None:
    # Tuş and Adalı (2019), Opsearch 56(2), 528-538
    table = [
        [5000, 3, 3, 4, 3, 2],
        [680, 5, 3, 2, 2, 1],
        [2000, 3, 2, 3, 4, 3],
        [600, 4, 3, 1, 2, 2],
        [800, 2, 4, 3, 3, 4],
    ]
    found = information(np.array(table, dtype=float).T, "min_max")
    printed = [0.157, 0.249, 0.168, 0.121, 0.154, 0.151]
    assert found / found.sum() == pytest.approx(printed, abs=5.01e-4)


def test_standard_deviation_of_a_published_table() -> None:
    # Jahan and Edwards (2013), Materials & Design 49, 1000-1008
    table = [
        [0, 0, 0],
        [0.39, 0.3, 0.77],
        [0.17, 0.36, 0.8],
        [0.35, 0.29, 0.93],
        [0.3, 0.4, 0.94],
        [0.84, 0.71, 1],
        [1, 1, 0.99],
    ]
    found = deviation_weights(np.array(table, dtype=float).T, "none")
    assert found == pytest.approx([0.35, 0.31, 0.34], abs=0.005)


def test_component_weights_of_the_technology_achievement_index() -> None:
    # the Handbook keeps the factors that explain more than a tenth of the variance: four, 87.2 %
    printed = {row["indicator"]: float(row["PC"]) for row in rows_of("tai_t18_pca_weights.csv")}
    countries = rows_of("tai_raw_23.csv")
    values = [[float(row[name]) for row in countries] for name in printed]
    found, _ = weighed(values, {"pca": True, "variance_above": 0.1})
    assert found.facts["factors"] == 4
    shares = [float(found.facts[f"eigenvalue {i}"]) / 8 for i in range(1, 9)]
    # table 16 of the Handbook, but for the fourth and fifth, which it gives as 11.1 and 6.0
    computed = [round(100 * share, 1) for share in shares]
    assert computed == [41.9, 21.8, 12.3, 11.2, 5.9, 3.7, 2.2, 0.9]
    table = [float(row["variance_percent"]) for row in rows_of("tai_t16_eigenvalues.csv")]
    assert computed == pytest.approx(table, abs=0.1 + 1e-9)
    rounded = dict(zip(printed, np.round(found.values, 2).tolist(), strict=True))
    differ = {name: weight for name, weight in rounded.items() if weight != printed[name]}
    # patents come to 0.1649, one ten-thousandth below what would be printed as 0.17
    assert differ == {"patents": 0.16}
    assert found.values[0] == pytest.approx(0.165, abs=2e-4)


def test_the_printed_data_are_too_coarse_to_tell_the_weight_of_patents() -> None:
    # data moved within their last printed digit give all eight published weights in part of the
    # draws, and the printed shares of variance too; the difference above is theirs
    rows, cells = rows_of("tai_t18_pca_weights.csv"), rows_of("tai_raw_23.csv")
    names = [row["indicator"] for row in rows]
    printed = np.array([float(row["PC"]) for row in rows])
    places = [max(len(cell[name].partition(".")[2]) for cell in cells) for name in names]
    values = np.array([[float(cell[name]) for cell in cells] for name in names])
    random = np.random.default_rng(0)
    drawn = []
    for _ in range(60):
        noise = (random.random(values.shape) - 0.5) * 10.0 ** -np.array(places)[:, None]
        found, _ = weighed((values + noise).tolist(), {"pca": True, "variance_above": 0.1})
        drawn.append(found.values)
    patents = np.array(drawn)[:, 0]
    assert patents.min() < 0.165 < patents.max()
    assert any((np.abs(weights - printed) <= 0.005).all() for weights in drawn)
