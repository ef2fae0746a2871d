"""Statistics: published and exact numbers, and what must hold for every input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.evaluation.analysis import (
    METHODS,
    adequacy,
    agreement,
    complete,
    correlate,
    describe,
    importance,
    is_constant,
    principal_components,
    ranks,
    reliability,
)

NAN = float("nan")
numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
series = st.lists(numbers, min_size=4, max_size=30)


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


# ---------------------------------------------------------------- one series


def test_skewness_and_kurtosis_are_those_of_coinr() -> None:
    """What skew() and kurt() of COINr 1.1.14 give for two vectors."""
    found = describe(array(1, 2, 3, 4, 5, 6, 8, 10, 15, 40))
    assert found.skewness == pytest.approx(2.47240497265886, abs=1e-12)
    assert found.kurtosis == pytest.approx(6.63773254855554, abs=1e-12)
    found = describe(array(3.2, NAN, 7.5, 0.4, 12.1, 7.5, NAN, 20))
    assert found.skewness == pytest.approx(0.826529349733821, abs=1e-12)
    assert found.kurtosis == pytest.approx(0.666237016582809, abs=1e-12)


def test_a_series_is_described_over_the_values_known() -> None:
    found = describe(array(0, 4, NAN, 0, 2))
    assert (found.n, found.missing, found.distinct) == (4, 1, 3)
    assert (found.minimum, found.maximum, found.mean, found.median) == (0, 4, 1.5, 1)
    assert found.sd == pytest.approx(math.sqrt(11 / 3))
    assert (found.zeros, found.same, found.constant) == (0.5, 0.5, False)


def test_nothing_known_is_described_as_missing() -> None:
    found = describe(array(NAN, NAN))
    assert (found.n, found.missing, found.constant) == (0, 2, False)
    assert math.isnan(found.mean)


def test_a_constant_has_no_shape_and_binary_noise_does_not_hide_it() -> None:
    noisy = array(0.3, 0.1 + 0.2, 0.3, 0.3)
    assert noisy[0] != noisy[1]
    found = describe(noisy)
    assert found.constant
    assert found.sd == 0
    assert math.isnan(found.skewness)
    assert math.isnan(found.kurtosis)
    assert not is_constant(array(0.3, 0.3000001))


@given(series, st.randoms(use_true_random=False))
def test_the_order_of_regions_changes_no_statistic(values, random) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert repr(describe(array(*values))) == repr(describe(array(*shuffled)))


# ---------------------------------------------------------------- correlations


@pytest.mark.parametrize("method", METHODS)
def test_correlations_are_those_of_scipy(method) -> None:
    from scipy import stats

    random = np.random.default_rng(3)
    x = random.normal(size=40).round(1)
    y = (0.4 * x + random.normal(size=40)).round(1)
    known = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}
    expected = known[method](x, y)
    found = correlate(x, y, method)
    assert found.r == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.n == 40


def test_only_regions_that_have_both_count_and_ranks_are_made_among_them() -> None:
    x = array(1, 2, 3, 4, NAN, 100)
    y = array(2, 1, 4, 3, 50, NAN)
    found = correlate(x, y, "spearman")
    assert found.n == 4
    assert found.r == pytest.approx(0.6)


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_or_too_few_pairs_have_no_correlation(method) -> None:
    for x, y in (
        (array(1, 1, 1, 1), array(1, 2, 3, 4)),
        (array(1, 2, NAN, 4), array(1, NAN, 3, 4)),
        (array(5, 5, 5, 1), array(1, 2, 3, NAN)),
    ):
        found = correlate(x, y, method)
        assert math.isnan(found.r)
        assert math.isnan(found.p)


def test_a_perfect_correlation_is_exactly_one() -> None:
    x = np.random.default_rng(0).normal(size=500)
    assert correlate(x, 3 * x + 7).r == 1.0
    assert correlate(x, -x / 3).r == -1.0
    assert correlate(x, x).p == 0.0


@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=30))
def test_correlation_is_symmetric_and_bounded(pairs) -> None:
    x, y = np.array(pairs).T
    for method in METHODS:
        there, back = correlate(x, y, method), correlate(y, x, method)
        if math.isnan(there.r):
            assert math.isnan(back.r)
        else:
            assert -1 <= there.r <= 1
            assert there.r == pytest.approx(back.r, abs=1e-9)
            assert 0 <= there.p <= 1


@given(series)
def test_agreement_of_every_monotone_relation_is_one(values) -> None:
    x = array(*values)
    held = np.minimum(x, np.median(x))
    for sign in (1, -1):
        found = agreement(x, sign * held)
        assert math.isnan(found) or found == pytest.approx(sign)


def test_agreement_counts_the_pairs_that_differ_in_both() -> None:
    # pairs that differ in both: (1,2) agree, (1,3) agree, (2,3) disagree; with 4: tied in y
    assert agreement(array(1, 2, 3), array(1, 3, 2)) == pytest.approx(1 / 3)
    assert agreement(array(1, 2, 2), array(5, 5, 7)) == pytest.approx(1)


def test_ties_share_their_mean_rank() -> None:
    assert ranks(array(3, 1, 3, 0)).tolist() == [3.5, 2, 3.5, 1]


# ---------------------------------------------------------------- alpha and components


def test_alpha_of_parallel_items_is_the_spearman_brown_formula() -> None:
    correlation = np.full((4, 4), 0.5)
    np.fill_diagonal(correlation, 1.0)
    found = reliability(correlation)
    assert found.alpha == pytest.approx(4 * 0.5 / (1 + 3 * 0.5))
    assert found.without == pytest.approx([3 * 0.5 / (1 + 2 * 0.5)] * 4)
    assert found.item_rest == pytest.approx([1.5 / math.sqrt(3 + 6 * 0.5)] * 4)


def test_alpha_from_covariances_is_alpha_from_the_data() -> None:
    items = np.random.default_rng(5).normal(size=(5, 60)) + np.linspace(0, 1, 60)
    found = reliability(np.cov(items))
    total = items.sum(axis=0)
    assert found.alpha == pytest.approx(
        5 / 4 * (1 - items.var(axis=1, ddof=1).sum() / total.var(ddof=1))
    )
    assert found.item_rest[2] == pytest.approx(np.corrcoef(items[2], total - items[2])[0, 1])
    left = np.delete(items, 2, axis=0)
    assert found.without[2] == pytest.approx(reliability(np.cov(left)).alpha)


def test_alpha_is_undefined_where_the_total_never_varies() -> None:
    found = reliability(array(1, -1, -1, 1).reshape(2, 2))
    assert math.isnan(found.alpha)
    assert np.isnan(found.without).all()


def test_components_rebuild_the_correlations_and_their_sign_is_fixed() -> None:
    items = np.random.default_rng(7).normal(size=(6, 50))
    correlation = np.corrcoef(items)
    found = principal_components(correlation)
    assert found.loadings @ found.loadings.T == pytest.approx(correlation)
    assert found.eigenvalues.sum() == pytest.approx(6)
    assert (np.diff(found.eigenvalues) <= 0).all()
    assert (found.loadings.sum(axis=0) >= -1e-9).all()
    assert found.above_one == np.count_nonzero(np.linalg.eigvalsh(correlation) > 1)
    assert found.shares.sum() == pytest.approx(1)


def test_components_of_two_items_are_known() -> None:
    found = principal_components(array(1, 0.6, 0.6, 1).reshape(2, 2))
    assert found.eigenvalues == pytest.approx([1.6, 0.4])
    assert found.loadings[:, 0] == pytest.approx([math.sqrt(0.8)] * 2)
    # the second loads on both alike with opposite signs: the first item's is above zero
    assert found.loadings[:, 1] == pytest.approx([math.sqrt(0.2), -math.sqrt(0.2)])


def test_kmo_and_bartlett_of_a_known_matrix() -> None:
    r, n = 0.5, 30
    correlation = np.full((3, 3), r)
    np.fill_diagonal(correlation, 1.0)
    found = adequacy(correlation, n)
    partial = r / (1 + r)  # of two, the third held, where all correlations are r
    assert found.kmo == pytest.approx(r**2 / (r**2 + partial**2))
    assert found.chi2 == pytest.approx(-(n - 1 - 11 / 6) * math.log(0.5))
    assert found.df == 3
    assert 0 < found.p < 0.001


def test_a_matrix_without_inverse_has_no_kmo() -> None:
    found = adequacy(np.ones((3, 3)), 30)
    assert math.isnan(found.kmo)
    assert math.isnan(found.p)


def test_complete_keeps_regions_with_every_item() -> None:
    items = np.array([[1, NAN, 3], [4, 5, 6]])
    assert complete(items).tolist() == [[1, 3], [4, 6]]


# ---------------------------------------------------------------- importance


def test_importance_of_independent_parts_is_their_share_of_the_variance() -> None:
    x = np.random.default_rng(11).uniform(-1, 1, size=(3, 3000))
    score = 2 * x[0] + x[1]
    assert importance(x[0], score) == pytest.approx(0.8, abs=0.02)
    assert importance(x[1], score) == pytest.approx(0.2, abs=0.02)
    assert importance(x[2], score) < 0.01


def test_importance_sees_what_a_correlation_does_not() -> None:
    x = np.random.default_rng(13).uniform(-1, 1, size=1000)
    assert correlate(x, x**2).r ** 2 < 0.01
    assert importance(x, x**2) > 0.98


def test_importance_of_a_yes_or_no_is_the_spread_of_its_means() -> None:
    x = np.tile([0.0, 1.0], 500)
    noise = np.random.default_rng(17).normal(size=1000)
    score = 2 * x + noise
    assert importance(x, score) == pytest.approx(0.5, abs=0.05)
    assert importance(np.repeat([0.0, 1.0], 500), noise) < 0.02


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_importance_is_blind_to_the_scale_of_an_item_and_to_the_order_of_regions(seed) -> None:
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(2, 60))
    score = x + y
    first = importance(x, score)
    assert 0 <= first <= 1
    order = random.permutation(60)
    assert importance(np.exp(x), score) == pytest.approx(first, abs=1e-9)
    assert importance(x[order], score[order]) == pytest.approx(first, abs=1e-9)


def test_importance_is_undefined_where_nothing_varies() -> None:
    x = np.arange(20.0)
    assert math.isnan(importance(x, np.ones(20)))
    assert math.isnan(importance(np.ones(20), x))
    assert math.isnan(importance(array(1, 2), array(1, 2)))
