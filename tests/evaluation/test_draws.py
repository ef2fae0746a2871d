"""What draws make of scores, ranks and grades is what a plain loop over the draws makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.evaluation.draws import DrawSummary, ranks_of, summarise
from reliefperf.model.functions import rank


def plain_ranks(scores: Any, ascending: bool = False) -> Any:
    """Ranks as the model gives them, one draw after the other."""
    n_regions = scores.shape[1]
    one_group, known = np.zeros(n_regions, dtype=np.int64), np.ones(n_regions, dtype=bool)
    order = "ascending" if ascending else "descending"
    return np.array([rank(row, one_group, 1, known, order=order) for row in scores])


def case(seed: int, n_regions: int = 12, n_draws: int = 150, ties: bool = True) -> Any:
    generator = np.random.default_rng(seed)
    parts = (
        generator.integers(0, 4, (5, n_regions)) / 3 if ties else generator.random((5, n_regions))
    )
    return parts, generator.dirichlet(np.ones(5), n_draws)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.booleans(), st.sampled_from([0.0, -1.0]))
def test_ranks_are_those_of_the_model(
    seed: int, n_regions: int, ascending: bool, offset: float
) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, 5, (20, n_regions)) / 3 + offset
    scores = scores * (1 + 2e-13 * generator.integers(-1, 2, scores.shape))  # binary noise
    assert (ranks_of(scores, ascending) == plain_ranks(scores, ascending)).all()


def test_scores_a_little_more_than_noise_apart_do_not_tie() -> None:
    for step in (1.1e-12, 3e-12, 1e-11):
        scores = 0.7 * (1 + step * np.arange(8.0))[None]
        assert (ranks_of(scores) == plain_ranks(scores)).all()
        assert ranks_of(scores).max() == 8


@pytest.mark.parametrize("n_regions", [1, 2, 4096, 5000])
def test_any_number_of_regions_is_ranked(n_regions: int) -> None:
    scores = np.random.default_rng(1).random((3, n_regions))
    assert (ranks_of(scores) == plain_ranks(scores)).all()


def naive(parts: Any, weights: Any, base: Any, limits: Any) -> dict[str, Any]:
    scores = 100 * weights @ parts
    ranks = plain_ranks(scores)
    base_ranks = plain_ranks(100 * base[None] @ parts)[0]
    grades = np.array([(score < np.array(limits) - 1e-9).sum() for score in scores.ravel()])
    grades = grades.reshape(scores.shape)
    quantile = lambda values: np.quantile(values, [0.05, 0.5, 0.95], axis=0, method="inverted_cdf")
    return {
        "base_rank": base_ranks,
        "rank_mean": ranks.mean(axis=0),
        "rank_quantiles": quantile(ranks),
        "rank_min": ranks.min(axis=0),
        "rank_max": ranks.max(axis=0),
        "score_mean": scores.mean(axis=0),
        "score_quantiles": quantile(scores),
        "grade_shares": [(grades == grade).mean(axis=0) for grade in range(len(limits) + 1)],
        "rank_shifts": np.abs(ranks - base_ranks).mean(axis=1),
    }


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([1, 19, 150]))
def test_the_summary_is_that_of_a_plain_loop(seed: int, ties: bool, n_draws: int) -> None:
    parts, weights = case(seed, n_draws=n_draws, ties=ties)
    base, limits = np.full(5, 0.2), (80.0, 60.0, 40.0)
    found = summarise(parts, [weights], base, limits=limits)
    for name, expected in naive(parts, weights, base, limits).items():
        np.testing.assert_allclose(getattr(found, name), expected, rtol=0, atol=1e-9, err_msg=name)


def same(one: DrawSummary, other: DrawSummary) -> None:
    for name in vars(one):
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=0, atol=1e-12, err_msg=name
        )


@pytest.mark.parametrize("size", [1, 7, 64])
def test_blocks_do_not_matter(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, weights = case(4, ties=False)
    whole = summarise(parts, [weights], np.full(5, 0.2), limits=(60.0,))
    blocks = [weights[start : start + size] for start in range(0, len(weights), size)]
    same(summarise(parts, blocks, np.full(5, 0.2), limits=(60.0,)), whole)
    monkeypatch.setattr("reliefperf.evaluation.draws.COUNTED", 10)
    monkeypatch.setattr("reliefperf.evaluation.draws.CELLS", 400)
    same(summarise(parts, blocks, np.full(5, 0.2), limits=(60.0,)), whole)


def test_grade_shares_add_up_to_one_and_the_lower_end_is_included() -> None:
    parts = np.array([[0.6, 0.8, 0.3]])
    found = summarise(parts, [np.ones((4, 1))], np.ones(1), limits=(80.0, 60.0))
    assert found.grade_shares.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    parts, weights = case(9)
    shares = summarise(parts, [weights], np.full(5, 0.2), limits=(70.0, 50.0)).grade_shares
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=0, atol=1e-12)


def test_a_capped_region_gets_no_better_grade() -> None:
    parts, weights = case(9)
    best = np.zeros(12, dtype=np.int64)
    best[3] = 2
    free = summarise(parts, [weights], np.full(5, 0.2), limits=(70.0, 50.0)).grade_shares
    held = summarise(
        parts, [weights], np.full(5, 0.2), limits=(70.0, 50.0), best_grades=best
    ).grade_shares
    assert held[:, 3].tolist() == [0, 0, 1]
    assert (np.delete(held, 3, axis=1) == np.delete(free, 3, axis=1)).all()


def test_a_region_with_a_missing_part_has_no_summary_and_no_place() -> None:
    parts, weights = case(5)
    parts[2, 4] = np.nan
    found = summarise(parts, [weights], np.full(5, 0.2), limits=(60.0,))
    rest = summarise(np.delete(parts, 4, axis=1), [weights], np.full(5, 0.2), limits=(60.0,))
    assert np.isnan(found.rank_mean[4])
    assert np.isnan(found.grade_shares[:, 4]).all()
    np.testing.assert_array_equal(np.delete(found.rank_quantiles, 4, axis=1), rest.rank_quantiles)
    np.testing.assert_array_equal(found.rank_shifts, rest.rank_shifts)


def test_final_scores_are_what_finish_makes_of_them() -> None:
    parts, weights = case(6, ties=False)
    bonus = np.arange(12.0)
    found = summarise(
        parts,
        [weights],
        np.full(5, 0.2),
        finish=lambda scores, places: np.round(scores + bonus[places], 0),
    )
    scores = np.round(100 * weights @ parts + bonus, 0)
    np.testing.assert_allclose(found.score_mean, scores.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(found.rank_mean, plain_ranks(scores).mean(axis=0), atol=1e-9)


def test_no_draws_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least one draw"):
        summarise(np.ones((1, 2)), [], np.ones(1))
