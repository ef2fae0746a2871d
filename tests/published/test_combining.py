"""Published results of ways of combining: the R package COINr 1.1.14 (GPL-3; figures only)."""

import csv
from pathlib import Path

import pytest

from reliefperf.evaluation.combining.outranking import copeland_scores, outranking_matrix
from tests.building import evaluated, model_of

DATA = Path(__file__).parent / "data"
MEANS = {"a": "arithmetic", "g": "geometric", "h": "harmonic", "p2": "{power: 2}"}
MEANS["pm1"] = "{power: -1}"
# The figures come without their vector. Of three or four whole numbers up to 130 with weights in
# fifths, tenths or twentieths only these give a, g and p2 of the first case; h and pm1, and the
# second case, which lacks the 55, then follow.
VALUES = [20.0, 55.0, 80.0, 91.0]
WEIGHTS = [0.1, 0.2, 0.3, 0.4]


def figures() -> list[tuple[str, str, float]]:
    with (DATA / "coinr_means.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["case"], key, float(row[key])) for row in rows for key in MEANS if row[key]]


def mean_of(how: str, values: list[float | None]) -> float:
    """One region scored by a model whose indicators are taken as they are."""
    lines = ["model: means", "variables:", *(f"  x{i}: {{}}" for i in range(len(values)))]
    lines += ["evaluation:", f"  combine: {how}", "  tree:"]
    lines += [
        f"    - {{id: n{i}, weight: {weight}, value: x{i}, score: as_is, missing: skip}}"
        for i, weight in enumerate(WEIGHTS)
    ]
    columns = {f"x{i}": [value] for i, value in enumerate(values)}
    evaluation, _ = evaluated(model_of("\n".join(lines)), columns)
    return float(evaluation.score[0])


def test_there_are_eight_published_means() -> None:
    assert len(figures()) == 8


@pytest.mark.parametrize(("case", "key", "expected"), figures())
def test_the_means_of_coinr(case: str, key: str, expected: float) -> None:
    values: list[float | None] = list(VALUES)
    if case == "with_NA":
        values[1] = None
    assert mean_of(MEANS[key], values) == pytest.approx(expected, rel=1e-12)


# The table and the expected entries stand in COINr's own tests (tests/testthat/test-aggregate.R).
TABLE = [[1, 3, 2], [2, 2, 3], [3, 1, 1], [4, 5, 4]]


def test_the_outranking_matrix_of_coinr() -> None:
    matrix = outranking_matrix(TABLE)
    assert matrix.diagonal().tolist() == [0, 0, 0, 0]
    assert matrix[1:, 0] == pytest.approx([2 / 3, 1 / 3, 1])
    assert (matrix == 1).sum() == 3


def test_the_copeland_scores_of_coinr() -> None:
    # a_copeland: 1 above one half, -1 below, 0 at one half; the sum of each row without itself
    matrix = outranking_matrix(TABLE)
    by_rows = [
        sum((x > 0.5) - (x < 0.5) for j, x in enumerate(row) if j != i)
        for i, row in enumerate(matrix.tolist())
    ]
    assert copeland_scores(TABLE).tolist() == by_rows == [-1, 1, -3, 3]
    assert outranking_matrix([[1, 2], [2, 1]])[0, 1] == 0.5
    assert copeland_scores([[1, 2], [2, 1]]).tolist() == [0, 0]
