"""Random models with treatment, weights from values, balancing and comparing ways of combining.

Points add up to the score exactly, nothing changes unseen, the order and the names of regions do
not matter, and twins share everything.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.results.weights import weights_table
from reliefperf.scenarios.running import Run
from tests.building import model_of, run_on

WAYS = [
    "arithmetic",
    "{geometric: true, zeros: zero}",
    "copeland",
    "borda",
    "mazziotta_pareto",
    "{mazziotta_pareto: true, penalty: positive}",
    "mean_min",
    "minimum",
]
WEIGHTS = [
    "equal",
    "{ahp: [[1, 2], [1/2, 1]]}",
    "{entropy: true, constant: zero_weight}",
    "{critic: true, constant: zero_weight}",
    "{pca: true, constant: zero_weight}",
    "{standard_deviation: true, constant: zero_weight}",
]
RULES = [
    "{goalposts: [0, 10]}",
    "{per_unit: 30}",
    "{minmax: lower, range: [1, 10], constant: half}",
    "{rank: higher, last: 1, constant: full}",
    "{percentile: higher, constant: half}",
    "{around: mean, band: 0.2, marks: [1, 2, 3], constant: half}",
    "{compared: higher, to: best, constant: full}",
]
STEPS = [
    "{impute: median, by: zone}",
    "{impute: mean}",
    "{impute: regression, on: base}",
    "{outliers: winsorise, skewness: 0.5, kurtosis: 1, most: 2, otherwise: log_shifted}",
    "{cap: [1, 8]}",
    "{screen: regions, at_least: 0.6}",
    "{denominate: base, times: 10}",
]
POLICIES = ["zero", "skip", "score_missing", "group_mean, group: zone"]
PERIODS = ["each", "pooled", "base, base: 2021"]
UNWEIGHED = ("mean_min", "minimum")


@st.composite
def models(draw: Any) -> str:
    """Two groups of two indicators each, with everything else at random."""

    def pick(options: list[str]) -> str:
        return str(draw(st.sampled_from(options)))

    def group(indent: str) -> list[str]:
        how = pick(WAYS)
        lines = [f"{indent}combine: {how}"]
        return lines if how in UNWEIGHED else [*lines, f"{indent}weights: {pick(WEIGHTS)}"]

    lines = ["model: random", "language: en", "data: {region: code, period: year}", "variables:"]
    lines += ["  zone: {type: text}", "  base: {}", "  x: {}", "  y: {}"]
    lines += ["evaluation:", "  scale: 10", *group("  ")]
    lines.append(f"  panel: {{normalise: {pick(PERIODS)}}}")
    steps = draw(st.lists(st.sampled_from(STEPS), max_size=2))
    lines += ["  treatment:", *(f"    - {step}" for step in steps)] if steps else []
    lines.append("  tree:")
    for name in "gh":
        lines += [f"    - id: {name}", *group("      "), "      children:"]
        for value in "xy":
            lines.append(
                f"        - {{id: {name}{value}, value: {value}, score: {pick(RULES)}, "
                f"missing: {pick(POLICIES)}}}"
            )
    lines += ["  adjustments: [{id: more, when: x > 5, bonus: 0.37 * y}]"]
    lines += ["  consequences:"]
    lines += ["    - {id: less, when: y > 7, effect: deduct, points: y / 7, basis: b}"]
    lines += ["    - {id: none, when: x > 9, effect: veto, basis: b}", "  bonus_limit: 1.5"]
    lines += [f"  decimals: {draw(st.integers(0, 4))}"] if draw(st.booleans()) else []
    lines.append("  grades: {by: zone, bands: [{grade: A, quota: 0.4}, {grade: B}]}")
    return "\n".join(lines)


CELLS = st.one_of(st.none(), st.integers(0, 10).map(float), st.sampled_from([0.1, 3.3, 7.7]))
ROW = st.tuples(st.sampled_from(["n", "s"]), st.integers(1, 9).map(float), CELLS, CELLS)
TABLES = st.lists(st.tuples(ROW, ROW), min_size=4, max_size=7)
Table = list[tuple[Any, ...]]


def run_of(text: str, table: Table, codes: list[str] | None = None, order: Any = None) -> Run:
    """The run, each region with a row in 2021 and one in 2022; refused models are left out."""
    named = codes or [f"c{i}" for i in range(len(table))]
    cells = [
        (code, year, *row)
        for code, rows in zip(named, table, strict=True)
        for year, row in zip(("2021", "2022"), rows, strict=True)
    ]
    if order is not None:
        order.shuffle(cells)
    names = ("code", "year", "zone", "base", "x", "y")
    columns = {name: [row[place] for row in cells] for place, name in enumerate(names)}
    try:
        return run_on(model_of(text), columns)
    except InputError:
        assume(False)
        raise


def everything(run: Run) -> list[Any]:
    return [
        [header, list(rows)]
        for header, rows in (
            scores_table(run),
            points_table(run),
            treatments_table(run),
            weights_table(run),
        )
    ]


# A part without points, of no weight, in a score that is known all the same and has no end.
HALF_KNOWN = """
model: half-known
language: en
data: {region: code, period: year}
variables: {zone: {type: text}, base: {}, x: {}, y: {}}
evaluation:
  scale: 10
  weights: {entropy: true, constant: zero_weight}
  tree:
    - id: g
      combine: copeland
      children:
        - {id: gx, value: x, score: {goalposts: [0, 10]}, missing: zero}
        - {id: gy, value: y, score: {goalposts: [0, 10]}, missing: zero}
    - id: h
      children:
        - {id: hx, value: x, score: {goalposts: [0, 10]}, missing: skip}
        - {id: hy, value: y, score: {goalposts: [0, 10]}, missing: score_missing}
"""
NOTHING, ZERO = ("n", 1.0, None, None), ("n", 1.0, None, 0.0)


@settings(max_examples=40, deadline=None)
@given(models(), TABLES)
@example(HALF_KNOWN, [(NOTHING, NOTHING)] * 3 + [(ZERO, ZERO)] * 3 + [(("n", 1.0, 0.0, 0.0),) * 2])
def test_points_add_up_to_the_score_exactly(text: str, table: Table) -> None:
    run = run_of(text, table)
    header, points = points_table(run)
    at = header.index("points")
    for score in scores_table(run)[1]:
        if score[3] == "":
            continue
        parts = [row[at] for row in points if row[:2] == score[:2]]
        total = sum((part for part in parts if isinstance(part, Decimal)), Decimal(0))
        assert total == Decimal(str(score[3]))


@settings(max_examples=40, deadline=None)
@given(models(), TABLES)
def test_every_value_that_changed_has_its_row(text: str, table: Table) -> None:
    run = run_of(text, table)
    rows = {tuple(row[:3]) for row in treatments_table(run)[1]}
    for period, result in run.periods.items():
        assert result.evaluation is not None
        for name, indicator in result.evaluation.indicators.items():
            assert indicator.node.value is not None
            stated = run.model.compiled(indicator.node.value).full(result.env)
            for place, code in enumerate(result.evaluation.codes):
                used = indicator.value[place]
                changed = not np.array_equal(stated[place], used, equal_nan=True)
                dropped = np.isnan(used) or np.isnan(indicator.points[place])
                if changed or dropped:  # a region that was screened out has one row for all
                    assert {(period, code, name), (period, code, "")} & rows


@settings(max_examples=40, deadline=None)
@given(models(), TABLES, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_codes_matter(
    text: str, table: Table, random: Any
) -> None:
    run = run_of(text, table)
    assert everything(run) == everything(run_of(text, table, None, random))
    codes = [f"z{i}" for i in range(len(table))]
    random.shuffle(codes)
    named = run_of(text, table, codes)
    for period, result in run.periods.items():
        first, second = result.evaluation, named.periods[period].evaluation
        assert first is not None
        assert second is not None
        there = [second.codes.index(codes[int(code[1:])]) for code in first.codes]
        np.testing.assert_allclose(first.score, second.score[there], rtol=1e-9, atol=1e-9)
        assert first.grade is not None
        assert second.grade is not None
        assert first.grade.tolist() == second.grade[there].tolist()
        assert np.array_equal(first.rank, second.rank[there], equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(models(), TABLES)
def test_twins_share_score_grade_and_rank(text: str, table: Table) -> None:
    _, scores = scores_table(run_of(text, [*table, table[0]]))
    twins = {row[0]: row[3:] for row in scores if row[1] == f"c{len(table)}"}
    assert {row[0]: row[3:] for row in scores if row[1] == "c0"} == twins
