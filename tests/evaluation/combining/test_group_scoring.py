"""A group scored by a rule once its children are combined."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.evaluation.linear import NotLinear, linear_tree
from reliefperf.scenarios.results.contributions import contributions
from reliefperf.scenarios.results.points import points_rows
from tests.building import evaluated, mistakes_of, model_of, note_kinds, run_on

MODEL = """\
    model: m
    language: en
    variables: {a: {}, b: {}, c: {}}
    evaluation:
      scale: 10
      combine: arithmetic
      tree:
        - id: group
          combine: arithmetic
          rescale: %s
          children:
            - {id: x, value: a, score: as_is%s}
            - {id: y, value: b, score: as_is}
        - {id: other, value: c, score: as_is}
"""
DATA = {"a": [2.0, 8.0, 9.0, 0.0], "b": [6.0, 8.0, 9.0, 2.0], "c": [5.0, 5.0, 5.0, 5.0]}
MEANS = [4.0, 8.0, 9.0, 1.0]


def group_of(rule: str, data: Any = DATA, more: str = "") -> list[float]:
    evaluation, _ = evaluated(model_of(MODEL % (rule, more)), data)
    return list(evaluation.values("group").tolist())


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{minmax: higher}", [3.75, 8.75, 10, 0]),
        ("{minmax: lower}", [6.25, 1.25, 0, 10]),
        ("{compared: higher, to: best}", [40 / 9, 80 / 9, 10, 10 / 9]),
        ("{rank: higher, ties: max}", [10 / 3, 20 / 3, 10, 0]),
        ("{percentile: higher}", [5, 7.5, 10, 2.5]),
        ("{zscore: higher, mean: 5, sd: 2}", None),
        ("{goalposts: [0, 8]}", [5, 10, 10, 1.25]),
        ("{steps: {at_least: [[9, 10], [4, 6]]}, otherwise: 1}", [6, 6, 10, 1]),
        ("{piecewise: [[0, 0], [4, 8], [9, 10]]}", [8, 9.6, 10, 2]),
        ("{target: {at_least: 8}}", [0, 10, 10, 0]),
        ('{formula: "full_marks * value / highest(value)"}', [40 / 9, 80 / 9, 10, 10 / 9]),
        ("{around: mean, band: 0.1, marks: [0, 5, 10]}", [0, 10, 10, 0]),
    ],
)
def test_the_combined_value_is_scored_like_a_reported_one(
    rule: str, expected: list[float] | None
) -> None:
    text = f"""\
        model: m
        variables: {{m: {{}}}}
        evaluation:
          scale: 10
          combine: arithmetic
          tree: [{{id: alone, value: m, score: {rule}}}]
    """
    alone, _ = evaluated(model_of(text), {"m": MEANS})
    assert group_of(rule) == pytest.approx(alone.values("alone").tolist())
    if expected is not None:
        assert group_of(rule) == pytest.approx(expected)


cells = st.lists(st.integers(0, 10), min_size=5, max_size=5)


@settings(max_examples=60, deadline=None)
@given(cells, cells, cells)
def test_percentile_ranks_of_sums_of_percentile_ranks(
    a: list[int], b: list[int], c: list[int]
) -> None:
    """The construct of social vulnerability indices: ranks of sums of ranks, counted by hand."""

    def place(column: list[Any]) -> list[Fraction]:
        return [Fraction(sum(other < own for other in column), len(column) - 1) for own in column]

    def added(*columns: list[Fraction]) -> list[Fraction]:
        return [sum(cells, Fraction(0)) for cells in zip(*columns, strict=True)]

    text = """\
        model: m
        variables: {a: {}, b: {}, c: {}}
        evaluation:
          scale: 1
          combine: arithmetic
          tree:
            - id: all
              combine: arithmetic
              rescale: {rank: higher, ties: max, constant: zero}
              children:
                - id: theme
                  combine: arithmetic
                  rescale: {rank: higher, ties: max, constant: zero}
                  children:
                    - {id: x, value: a, score: {rank: higher, ties: max, constant: zero}}
                    - {id: y, value: b, score: {rank: higher, ties: max, constant: zero}}
                - {id: z, value: c, score: {rank: higher, ties: max, constant: zero}}
    """
    data = {"a": list(map(float, a)), "b": list(map(float, b)), "c": list(map(float, c))}
    evaluation, _ = evaluated(model_of(text), data)  # type: ignore[arg-type]
    theme = place(added(place(a), place(b)))
    expected = place(added(theme, place(c)))
    assert evaluation.values("theme") == pytest.approx([float(part) for part in theme])
    assert evaluation.score == pytest.approx([float(part) for part in expected])


def test_the_rows_add_up_and_say_how_the_group_was_scored() -> None:
    model = model_of(MODEL % ("{minmax: higher}", ""))
    evaluation, env = evaluated(model, DATA)
    parts = contributions(evaluation)
    np.testing.assert_allclose(
        np.sum([part.points for part in parts], axis=0), evaluation.score, rtol=1e-12
    )
    run = run_on(model, {"region": ["p", "q", "r", "s"], **DATA})
    (row,) = [row for row in points_rows(run, "en") if row[:2] == ("p", "combine:group")]
    assert row[-1] == (
        "difference made by `rescale`: 4 between the worst, 1, and the best, 9: 3.75"
    )
    (row,) = [row for row in points_rows(run, "zh") if row[:2] == ("p", "combine:group")]
    assert "最差值" in str(row[-1]) or "最低" in str(row[-1]) or "4" in str(row[-1])
    assert isinstance(linear_tree(model, env, evaluation), NotLinear)


def test_a_group_without_a_value_has_no_points_and_counts_for_nobody() -> None:
    data = {**DATA, "a": [2.0, None, 9.0, 0.0]}
    found = group_of("{minmax: higher}", data, ", missing: score_missing")
    assert np.isnan(found).tolist() == [False, True, False, False]
    assert [found[0], found[2], found[3]] == pytest.approx([3.75, 10, 0])


def test_a_formula_holds_where_it_says_so_and_a_value_without_points_is_noted() -> None:
    evaluation, env = evaluated(model_of(MODEL % ("{formula: 2 * value, clip: true}", "")), DATA)
    assert evaluation.values("group").tolist() == [8, 10, 10, 2]
    assert note_kinds(env.notes) == []
    evaluation, env = evaluated(model_of(MODEL % ("{formula: 8 / (value - 4)}", "")), DATA)
    assert np.isnan(evaluation.values("group")).tolist() == [True, False, False, False]
    assert "score-missing" in note_kinds(env.notes)


def test_groups_that_come_to_the_same_are_an_error_that_names_the_group() -> None:
    data = {**DATA, "a": [1.0] * 4, "b": [1.0] * 4}
    with pytest.raises(InputError) as raised:
        evaluated(model_of(MODEL % ("{minmax: higher}", "")), data)
    (mistake,) = raised.value.mistakes
    assert mistake.en.startswith("group 'group':")
    assert mistake.line == 10
    assert group_of("{minmax: higher, constant: half}", data) == [5] * 4


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("{minmax: up}", "expected one of higher, lower, found 'up'"),
        ("{mimax: higher}", "'mimax' is not a scoring rule; did you mean 'minmax'?"),
        ("{states: {1: 2}}", "`states` scores what a region reports"),
        ("{formula: valeu}", "unknown name 'valeu'; did you mean 'value'?"),
        ("{formula: score}", "'score' is known only after the evaluation"),
        ("{deduct: 0, above: 1}", "`deduct` must be above zero"),
        ("{steps: {at_least: [[5, 11]]}, otherwise: 0}", "but full marks are 10"),
    ],
)
def test_what_a_group_cannot_be_scored_by_is_refused(rule: str, why: str) -> None:
    assert [why in mistake.en for mistake in mistakes_of(MODEL % (rule, ""))] == [True]


def test_the_key_score_on_a_group_points_to_rescale() -> None:
    text = (MODEL % ("[0, 10]", "")).replace("rescale: [0, 10]", "score: {minmax: higher}")
    (mistake,) = mistakes_of(text)
    assert "what a group comes to is scored by `rescale: {minmax: higher}`" in mistake.en


def test_comparing_groups_over_periods_is_refused() -> None:
    text = (MODEL % ("{minmax: higher}", "")).replace(
        "    evaluation:",
        "    data: {period: year}\n    evaluation:\n      panel: {normalise: pooled}",
    )
    (mistake,) = mistakes_of(text)
    assert "compares what groups come to within one period" in mistake.en


def test_a_scored_group_below_a_geometric_mean_is_not_judged_by_its_children() -> None:
    text = (MODEL % ("{goalposts: [-50, 10]}", "")).replace(
        "      combine: arithmetic\n      tree", "      combine: geometric\n      tree"
    )
    text = text.replace("            - {id: y, value: b, score: as_is}\n", "")
    text = text.replace(
        "{id: x, value: a, score: as_is}", "{id: x, value: a, score: {zscore: higher}}"
    )
    evaluation, _ = evaluated(model_of(text), DATA)
    assert (evaluation.score > 0).all()
