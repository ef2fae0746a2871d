"""Regions compared pair by pair: outranking matrix, Copeland, Borda."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reliefperf.errors import InputError
from reliefperf.evaluation.combining import outranking
from reliefperf.evaluation.combining.outranking import (
    borda_scores,
    copeland_scores,
    outranking_matrix,
)
from reliefperf.model.spec_evaluation import AGGREGATORS
from tests.building import combined_parts, mistakes_of, note_kinds, plain_list, siblings_of

NAN = float("nan")


def by_loops(values: Any, weights: Any, even: float) -> Any:
    """The matrix by the definition, pair by pair."""
    n_regions = len(values)
    matrix = np.zeros((n_regions, n_regions))
    for i in range(n_regions):
        for j in range(n_regions):
            both = ~np.isnan(values[i]) & ~np.isnan(values[j])
            if i != j:
                won = both & (values[i] > values[j])
                same = both & (values[i] == values[j])
                total = weights[both].sum()
                part = weights[won].sum() + even * weights[same].sum()
                matrix[i, j] = part / total if total else np.nan
    return matrix


TABLES = arrays(
    float,
    st.tuples(st.integers(2, 7), st.integers(1, 5)),
    elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, NAN]),
)


@given(TABLES, st.sampled_from([("half", 0.5), ("both", 1.0), ("neither", 0.0)]))
def test_the_matrix_is_that_of_the_definition(values: Any, ties: Any) -> None:
    weights = np.arange(1.0, values.shape[1] + 1)
    found = outranking_matrix(values, weights, ties=ties[0])
    np.testing.assert_allclose(found, by_loops(values, weights, ties[1]), atol=1e-12)


@given(TABLES)
def test_copeland_counts_the_pairs_that_the_matrix_wins(values: Any) -> None:
    matrix = by_loops(values, np.ones(values.shape[1]), 0.5)
    balance = np.nan_to_num(matrix - matrix.T)
    expected = (balance > 1e-9).sum(axis=1) - (balance < -1e-9).sum(axis=1)
    found = copeland_scores(values)
    empty = np.isnan(values).all(axis=1)
    assert np.isnan(found[empty]).all()
    assert found[~empty].tolist() == expected[~empty].tolist()


@given(TABLES.filter(lambda values: not np.isnan(values).any()))
def test_borda_is_the_mean_of_the_rows_of_the_matrix(values: Any) -> None:
    others = len(values) - 1
    expected = outranking_matrix(values).sum(axis=1) / others
    np.testing.assert_allclose(borda_scores(values), expected, atol=1e-12)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).integers(0, 6, (40, 5)).astype(float)
    values[3, 2] = values[17, 0] = NAN
    whole, scores = outranking_matrix(values), copeland_scores(values)
    monkeypatch.setattr(outranking, "BLOCK_CELLS", 100)
    assert (outranking_matrix(values) == whole).all()
    assert (copeland_scores(values) == scores).all()


def test_noise_in_values_or_in_sums_of_weights_makes_no_winner() -> None:
    assert copeland_scores([[0.1 + 0.2, 1], [0.3, 1]]).tolist() == [0, 0]
    assert copeland_scores([[1, 1, 0], [0, 0, 1]], [0.1, 0.2, 0.3]).tolist() == [0, 0]


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_regions_changes_nothing(values: Any, random: Any) -> None:
    order = list(range(len(values)))
    random.shuffle(order)
    for score in (copeland_scores, borda_scores):
        np.testing.assert_array_equal(score(values[order]), score(values)[order])


@pytest.mark.parametrize("bad", [[1, 1], [-1, 2, 3], [0, 0, 0], [1, NAN, 1]])
def test_weights_that_make_no_sense_are_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        outranking_matrix(np.ones((2, 3)), bad)


def test_copeland_as_a_part_of_full_marks() -> None:
    # better on both; split evenly between the two others
    siblings = siblings_of([[3, 2, 1], [3, 1, 2]])
    assert plain_list(combined_parts(siblings, "copeland")) == [1, 0.25, 0.25]
    assert plain_list(combined_parts(siblings, "copeland", [2, 1])) == [1, 0.5, 0]
    assert plain_list(combined_parts(siblings, "borda", [2, 1])) == [1, pytest.approx(1 / 3), 1 / 6]


def test_what_one_indicator_excels_at_makes_up_for_nothing() -> None:
    ordinary, extreme = (
        siblings_of([[2, 1], [2, 1], [1, 3]]),
        siblings_of([[2, 1], [2, 1], [1, 1e6]]),
    )
    for how in ("copeland", "borda"):
        assert (combined_parts(ordinary, how) == combined_parts(extreme, how)).all()


def test_a_region_with_a_missing_value_is_left_out_and_noted() -> None:
    siblings = siblings_of([[3, NAN, 1], [3, 9, 2]])
    assert plain_list(combined_parts(siblings, "copeland")) == [1, None, 0]
    assert note_kinds(siblings.env.notes) == ["not-compared"]
    assert "r2" in siblings.env.notes[0].en


def test_a_skipped_child_leaves_the_others_to_compare() -> None:
    present = np.array([[True, True, False], [True, True, True]])
    siblings = siblings_of([[3, 2, NAN], [1, 2, 3]], present)
    # r3 beats both on the second; r1 and r2 win one each
    assert plain_list(combined_parts(siblings, "copeland")) == [0.25, 0.25, 1]
    assert note_kinds(siblings.env.notes) == []


def test_skipped_children_leave_the_weights_in_proportion_though_no_region_has_all() -> None:
    # weights 1, 2, 4; r1 lacks the third, r2 the first, r3 the second
    present = np.array([[True, False, True], [True, True, False], [False, True, True]])
    siblings = siblings_of([[5, NAN, 4], [1, 2, NAN], [NAN, 1, 2]], present)
    # r1 beats r3 on the first, r2 beats r1 on the second, r3 beats r2 on the third
    assert plain_list(combined_parts(siblings, "copeland", [1, 2, 4])) == [0.5, 0.5, 0.5]
    shares = np.array([[1 / 3, 0, 1 / 5], [2 / 3, 1 / 3, 0], [0, 2 / 3, 4 / 5]])
    found = outranking._common_weights(siblings, shares)
    assert found[:, 0] == pytest.approx([1 / 7, 2 / 7, 4 / 7])


def test_a_region_alone_is_compared_with_none() -> None:
    siblings = siblings_of([[3], [1]])
    assert plain_list(combined_parts(siblings, "copeland")) == [None]
    assert note_kinds(siblings.env.notes) == ["nobody-to-compare"]


def test_weights_of_each_region_its_own_are_refused() -> None:
    rule: Any = AGGREGATORS.pick("copeland")
    with pytest.raises(InputError, match="each region has its own"):
        rule.combine(siblings_of([[1, 2], [2, 1]]), np.array([[0.5, 0.9], [0.5, 0.1]]))


@pytest.mark.parametrize("how", ["copeland", "borda", "mazziotta_pareto", "mean_min"])
def test_one_child_is_refused_when_the_model_is_loaded(how: str) -> None:
    text = f"""\
    model: m
    variables: {{x: {{}}}}
    evaluation: {{combine: {how}, tree: [{{id: a, value: x, score: as_is}}]}}
    """
    (mistake,) = mistakes_of(text)
    assert "needs at least 2, here is 1" in mistake.en
