"""How sure scores, ranks and grades are under other weights: many draws on a linear tree."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reliefperf.model import numbers
from reliefperf.model.environment import Array

QUANTILES = (0.05, 0.5, 0.95)
ROWS = 16
"""So many draws are ranked at once: their scores stay in the cache."""
COUNTED = 4096
"""After so many draws their ranks are added to the counts."""
CHOSEN = 64
"""So many regions are counted at once."""
CELLS = 1 << 18
"""Scores held at once where each region's draws are summarised."""
KEYED = 12
"""Last bits of a score that carry the region's place: what is left tells 12 significant digits."""
APART = 4
"""Scores that differ by so many units of what is left are not equal to 12 digits."""

THREADS = 4
"""No more threads than this; each has regions or draws of its own, so that they change no result."""

Finish = Callable[[Array, NDArray[np.intp]], Array]
"""From scores of the tree (n_draws, n_chosen) of the regions in places (n_chosen,) to final ones;
called from several threads."""
Each = Callable[[Callable[[slice], object], int, int], None]
"""Calls a function on the slices (of a stated width) that cover so many places."""


@dataclass(frozen=True, eq=False)
class DrawSummary:
    """What draws of weights make of each region; arrays over regions have NaN where it has no score.

    `quantiles` are those of `rank_quantiles` and `score_quantiles`, shape (n_quantiles, n_regions):
    the smallest value that so many of the draws do not exceed, exact over all draws. Ranks count
    from 1 at the best score; regions with equal scores (to 12 significant digits) share the best of
    their places. `grade_shares` has shape (n_grades, n_regions), best grade first. `rank_shifts`
    (n_draws,) is each draw's mean distance of the ranks from `base_rank`.
    """

    n_draws: int
    quantiles: tuple[float, ...]
    base_rank: Array
    rank_mean: Array
    rank_quantiles: Array
    rank_min: Array
    rank_max: Array
    score_mean: Array
    score_quantiles: Array
    grade_shares: Array
    rank_shifts: Array


def summarise(
    parts: Array,
    blocks: Iterable[Array],
    base: Array,
    *,
    full_marks: float = 100.0,
    limits: Sequence[float] = (),
    best_grades: NDArray[np.int64] | None = None,
    finish: Finish | None = None,
    ascending: bool = False,
    quantiles: tuple[float, ...] = QUANTILES,
) -> DrawSummary:
    """Score, rank and grade all regions under each draw of weights.

    `parts` (n_indicators, n_regions) are parts of full marks; `blocks` are weights
    (n_draws of the block, n_indicators), `base` (n_indicators,) those of the model. The score is
    `full_marks` times weights @ parts, then what `finish` makes of it. `limits` are the lower ends,
    included, of all grades but the last, from the best; `best_grades` (n_regions,) is the best grade
    that a region may have, as its place. A region with a missing part has no score, rank or grade.

    Memory: the weights, 4 bytes a pair of regions, and blocks of about 30 MB.
    """
    places = np.flatnonzero(~np.isnan(parts).any(axis=0))
    n_known = places.size
    known = np.ascontiguousarray(parts[:, places]) * full_marks
    done = finish or (lambda scores, _: scores)
    base_ranks = ranks_of(done(base[None] @ known, places), ascending)[0]
    counter = _RankCounter(n_known, base_ranks)
    drawn: list[Array] = []
    with _in_threads() as each:
        for weights in blocks:
            drawn.append(weights)
            counter.add(done(weights @ known, places), ascending, each)
        if not drawn:
            raise ValueError("there must be at least one draw")
        counter.count(each)
        all_weights = np.concatenate(drawn)
        n_draws = len(all_weights)
        steps = np.array([max(1, int(np.ceil(q * n_draws - 1e-9))) for q in quantiles])
        ranks = _ranks_by_region(counter.counts, steps, n_draws, each)
        graded = _Graded(limits, None if best_grades is None else best_grades[places])
        mean, at, grades = _scores_by_region(all_weights, known, places, done, steps, graded, each)

    def whole(values: Any) -> Array:
        full = np.full((*np.shape(values)[:-1], parts.shape[1]), np.nan)
        full[..., places] = values
        return full

    return DrawSummary(
        n_draws,
        quantiles,
        whole(base_ranks),
        whole(ranks[0]),
        whole(ranks[3:]),
        whole(ranks[1]),
        whole(ranks[2]),
        whole(mean),
        whole(at),
        whole(grades / n_draws),
        counter.shifts(),
    )


@contextmanager
def _in_threads() -> Iterator[Each]:
    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:

        def each(work: Callable[[slice], object], count: int, width: int) -> None:
            starts = range(0, count, max(1, width))
            for _ in pool.map(work, [slice(at, min(at + width, count)) for at in starts]):
                pass

        yield each


def ranks_of(scores: Array, ascending: bool = False) -> NDArray[Any]:
    """Ranks (n_draws, n_regions) of scores without gaps, the greatest first; equal ones share the best.

    As `rank` in the model: neighbours that are equal to 12 significant digits tie.
    """
    n_draws, n_regions = scores.shape
    ranks = np.empty(scores.shape, _rank_type(n_regions))
    for start in range(0, n_draws, ROWS):
        rows = slice(start, start + ROWS)
        _rank_rows(scores[rows], ranks[rows], ascending)
    return ranks


def _rank_type(n_regions: int) -> type[np.uint16] | type[np.int32]:
    return np.uint16 if n_regions < 1 << 16 else np.int32


def _rank_rows(scores: Array, ranks: NDArray[Any], ascending: bool) -> None:
    """Fill in the ranks of a few draws."""
    n_regions = scores.shape[1]
    if not n_regions:
        return
    if n_regions <= 1 << KEYED and scores.min() >= 0:
        # a score above zero keeps its order as a whole number; its last bits carry the place, so
        # that sorting numbers does the work of sorting places
        whole = np.ascontiguousarray(scores + 0.0).view(np.int64) & -(1 << KEYED)
        whole |= np.arange(n_regions)
        whole.sort(axis=1)
        order = whole & ((1 << KEYED) - 1)
        whole >>= KEYED
        close = (np.diff(whole, axis=1).min(axis=1, initial=APART) < APART).nonzero()[0]
    else:
        order = np.argsort(scores, axis=1)
        close = np.arange(len(scores))
    steps = np.arange(1, n_regions + 1, dtype=ranks.dtype)
    sorted_ranks = np.broadcast_to(steps if ascending else steps[::-1], scores.shape)
    if close.size:
        sorted_ranks = sorted_ranks.copy()
        sorted_ranks[close] = _tied(np.take_along_axis(scores[close], order[close], 1), ascending)
    np.put_along_axis(ranks, order, sorted_ranks, axis=1)


def _tied(values: Array, ascending: bool) -> NDArray[np.int64]:
    """Ranks of values in rising order, or in one that differs from it among equal ones only."""
    # the least of what follows against the greatest of what comes before: the gaps of sorted values
    below = np.maximum.accumulate(values, axis=1)[:, :-1]
    above = np.minimum.accumulate(values[:, ::-1], axis=1)[:, ::-1][:, 1:]
    apart = (above > below) & ~numbers.equal(above, below)
    n_regions = values.shape[1]
    steps = np.arange(n_regions)
    if ascending:
        first = np.where(np.pad(apart, ((0, 0), (1, 0)), constant_values=True), steps, 0)
        return np.asarray(np.maximum.accumulate(first, axis=1) + 1)
    last = np.where(np.pad(apart, ((0, 0), (0, 1)), constant_values=True), steps, n_regions)
    return np.asarray(n_regions - np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1])


class _RankCounter:
    """How often each region had each rank, and how far each draw is from the base.

    `counts` (n_regions, n_regions) is by region and rank, after `count` was called.
    """

    def __init__(self, n_regions: int, base: NDArray[Any]) -> None:
        self.counts = np.zeros((n_regions, n_regions), dtype=np.int32)
        self._base = base.astype(np.int32)
        self._waiting: list[NDArray[Any]] = []
        self._shifts: list[Array] = []

    def add(self, scores: Array, ascending: bool, each: Each) -> None:
        """Rank the draws of a block."""
        n_draws, n_regions = scores.shape
        ranks = np.empty(scores.shape, _rank_type(n_regions))
        moved = np.empty(n_draws)

        def work(rows: slice) -> None:
            _rank_rows(scores[rows], ranks[rows], ascending)
            moved[rows] = np.abs(ranks[rows].astype(np.int32) - self._base).sum(axis=1)

        each(work, n_draws, ROWS)
        self._shifts.append(moved / max(n_regions, 1))
        self._waiting.append(ranks)
        if sum(map(len, self._waiting)) >= COUNTED:
            self.count(each)

    def count(self, each: Each) -> None:
        """Add the ranks that wait to the counts."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        n_regions = self._base.size

        def work(regions: slice) -> None:
            by_region = np.concatenate([ranks[:, regions].T for ranks in waiting], axis=1)
            for region, ranks in enumerate(by_region, regions.start):
                self.counts[region] += np.bincount(ranks, minlength=n_regions + 1)[1:]

        each(work, n_regions, CHOSEN)

    def shifts(self) -> Array:
        """Each draw's mean distance from the base ranks, shape (n_draws,)."""
        return np.concatenate(self._shifts)


def _ranks_by_region(
    counts: NDArray[np.int32], steps: NDArray[np.int64], n_draws: int, each: Each
) -> Array:
    """Mean, least and greatest rank and those at the sorted places `steps`: (3 + n, n_regions)."""
    n_regions = len(counts)
    found = np.empty((3 + steps.size, n_regions))
    places = np.arange(1.0, n_regions + 1)

    def work(regions: slice) -> None:
        for region in range(regions.start, regions.stop):
            reached = np.cumsum(counts[region])
            found[0, region] = counts[region] @ places / n_draws
            found[1:, region] = np.searchsorted(reached, [1, n_draws, *steps]) + 1

    each(work, n_regions, CHOSEN)
    return found


@dataclass(frozen=True)
class _Graded:
    """The lower ends of all grades but the last, and each region's best grade, if it has one."""

    limits: Sequence[float]
    best: NDArray[np.int64] | None

    def counts(self, scores: Array, regions: slice) -> NDArray[np.int64]:
        """Draws in each grade, shape (n_grades, n_chosen), of scores (n_chosen, n_draws)."""
        floors = [limit - numbers.RELATIVE * abs(limit) for limit in self.limits]
        reached = [np.count_nonzero(scores >= floor, axis=1) for floor in floors]
        so_far = np.array([*reached, np.full(len(scores), scores.shape[1])])
        so_far = np.maximum.accumulate(so_far, axis=0)
        if self.best is not None:
            grades = np.arange(len(so_far))[:, None]
            so_far = np.where(grades < self.best[regions], 0, so_far)
        return np.diff(so_far, axis=0, prepend=0)


def _scores_by_region(
    weights: Array,
    known: Array,
    places: NDArray[np.intp],
    done: Finish,
    steps: NDArray[np.int64],
    graded: _Graded,
    each: Each,
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Means, values at the sorted places `steps`, and draws in each grade, over the regions."""
    n_known = places.size
    mean, at = np.empty(n_known), np.empty((steps.size, n_known))
    grades = np.zeros((len(graded.limits) + 1, n_known), dtype=np.int64)
    turned = np.ascontiguousarray(weights.T)

    def work(chosen: slice) -> None:
        # computed once more rather than kept: the product costs less than moving the scores
        scores = np.ascontiguousarray(known[:, chosen].T) @ turned
        scores = np.ascontiguousarray(done(scores.T, places[chosen]).T)
        mean[chosen] = scores.mean(axis=1)
        grades[:, chosen] = graded.counts(scores, chosen)
        # scores from zero up have the order of their bits, which are compared faster
        ordered = scores.view(np.int64) if scores.min(initial=0) >= 0 else scores
        ordered.partition(np.unique(steps - 1), axis=1)
        at[:, chosen] = scores[:, steps - 1].T

    each(work, n_known, max(1, CELLS // len(weights)))
    return mean, at, grades
