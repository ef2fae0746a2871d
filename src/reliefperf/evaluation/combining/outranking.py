"""Ways that compare regions pair by pair, so that no amount of one thing makes up for another.

All of them read of each indicator only who is better than whom. Values that agree to 12 significant
digits are equal, as everywhere. Each pair is compared on the indicators that both regions have, with
their weights as parts of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reliefperf.errors import Lang
from reliefperf.evaluation.combining.base import Aggregator, aggregator, used_parts
from reliefperf.evaluation.siblings import Siblings
from reliefperf.model.environment import Array
from reliefperf.model.functions import rank

Ties = Literal["half", "both", "neither"]
EVEN_COUNTS = {"half": 0.5, "both": 1.0, "neither": 0.0}
"""The part of an indicator's weight that each of two equal regions gets."""
BLOCK_CELLS = 150_000
"""Pairs compared at once: what a processor keeps at hand, and little memory for any size."""
TIE = 1e-9
"""Weights for and against that differ by less are equal: sums of weights carry binary noise."""
_ABSENT = -1


def outranking_matrix(
    values: ArrayLike, weights: ArrayLike | None = None, *, ties: Ties = "half"
) -> Array:
    """Entry (i, j): the sum of the weights of the indicators where region i is better than j.

    `values` has shape (n_regions, n_indicators), more is better, NaN where missing; `weights`
    (n_indicators,) count as parts of one, equal if left out. Where two regions are equal on an
    indicator its weight goes `half` to each, to `both` (at least as good), or to `neither`. The
    diagonal is zero; NaN where two regions share no indicator. Needs n_regions^2 x 8 bytes.

    Source: OECD/JRC Handbook (2008), step 6; with `half` the outrankMatrix of the R package COINr
    1.1.14 where no value is missing.

    >>> outranking_matrix([[1, 3, 2], [2, 2, 3], [3, 1, 1], [4, 5, 4]]).round(2)[1].tolist()
    [0.67, 0.0, 0.67, 0.0]
    """
    places, shares = _prepared(values, weights)
    matrix = np.empty((places.shape[1], places.shape[1]))
    for rows, better, worse, shared in _blocks(places, shares):
        even = shared - better - worse
        won = better + EVEN_COUNTS[ties] * even
        with np.errstate(invalid="ignore"):
            matrix[rows] = won / np.where(shared > TIE, shared, np.nan)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def copeland_scores(values: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """In how many pairs a region is better, less in how many it is worse: -(n - 1) to n - 1.

    A region is better in a pair where the indicators on which it is better weigh more than those on
    which it is worse. Arguments as of `outranking_matrix`; a region without any value has NaN.

    >>> copeland_scores([[1, 3, 2], [2, 2, 3], [3, 1, 1], [4, 5, 4]]).tolist()
    [-1.0, 1.0, -3.0, 3.0]
    """
    places, shares = _prepared(values, weights)
    return _copeland(places, shares)


def _copeland(places: NDArray[np.int32], shares: Array) -> Array:
    scores = np.empty(places.shape[1])
    for rows, better, worse, _ in _blocks(places, shares):
        balance = better - worse
        scores[rows] = (balance > TIE).sum(axis=1) - (balance < -TIE).sum(axis=1)
    scores[(places == _ABSENT).all(axis=0)] = np.nan
    return scores


def borda_scores(values: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """The weighted mean over the indicators of the part of the other regions that are beaten.

    A region that is equal counts half. From 0 (worst on everything) to 1 (best on everything).
    Arguments as of `outranking_matrix`; where no value is missing these are the means of its rows
    without the diagonal.

    >>> borda_scores([[1, 3, 2], [2, 2, 3], [3, 1, 1], [4, 5, 4]]).round(3).tolist()
    [0.333, 0.444, 0.222, 1.0]
    """
    return _borda(*_checked(values, weights))


def _borda(matrix: Array, shares: Array) -> Array:
    known = ~np.isnan(matrix)
    others = known.sum(axis=1, keepdims=True) - 1
    beaten = np.array([_beaten(row, there) for row, there in zip(matrix, known, strict=True)])
    counts = known & (others > 0)
    parts = np.divide(beaten, others, out=np.zeros(matrix.shape), where=counts)
    total = (shares * counts).sum(axis=0)
    empty = np.full(total.shape, np.nan)
    return np.asarray(np.divide((shares * parts).sum(axis=0), total, out=empty, where=total > 0))


class _Pairwise(Aggregator):
    """What the ways that compare regions share; they need two children."""

    words: ClassVar[Mapping[Lang, str]] = {
        "zh": "按与其他地区两两比较的结果计分，而非按均值",
        "en": "what counts is how the other regions compare, not the mean",
    }
    min_children: ClassVar[int] = 2
    compares: ClassVar[bool] = True

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The part of the way from worse than all others to better than all others."""
        shares = np.broadcast_to(shares, children.parts.shape)
        weights = _common_weights(children, shares)
        used = np.where(shares > 0, used_parts(children, shares), np.nan)
        unknown = ((shares > 0) & np.isnan(used)).any(axis=0) | np.isnan(shares).any(axis=0)
        children.note(
            "not-compared",
            "a value is missing, so the region is compared with none",
            "有数值缺失，该地区不参与比较",
            unknown,
        )
        result = np.full(unknown.shape, np.nan)
        compared = ~unknown
        if compared.sum() > 1:
            result[compared] = self._parts(used[:, compared], weights)
        else:
            children.note(
                "nobody-to-compare",
                "there is no other region to compare with",
                "没有其他地区可比较",
                compared,
            )
        return result

    def _parts(self, values: Array, weights: Array) -> Array:
        """From 0 to 1; shapes (n_children, n_compared) and (n_children, 1)."""
        raise NotImplementedError


@aggregator("copeland")
class Copeland(_Pairwise):
    """Pairs won less pairs lost, from 0 (loses every pair) to 1 (wins every pair).

    A region wins a pair where the children on which it is better weigh more than those on which it
    is worse. The part of full marks is (score + n - 1) / (2 (n - 1)) among n regions.

    Source: OECD/JRC Handbook (2008), step 6; a_copeland of the R package COINr gives the score.
    """

    copeland: Literal[True] = True

    def _parts(self, values: Array, weights: Array) -> Array:
        others = values.shape[1] - 1
        return np.asarray((_copeland(_places(values), weights) + others) / (2 * others))


@aggregator("borda")
class Borda(_Pairwise):
    """The weighted mean of the part of the other regions that each child's value beats.

    A region that is equal counts half. Source: OECD/JRC Handbook (2008), step 6.
    """

    borda: Literal[True] = True

    def _parts(self, values: Array, weights: Array) -> Array:
        return _borda(values, weights)


def _common_weights(children: Siblings, shares: Array) -> Array:
    """The weights that all regions share, shape (n_children, 1), before skipped children left.

    Raises InputError where regions have weights of their own. Children that no region has together,
    not even over others, are never compared together, so that their proportion is free.
    """
    present = ~np.isnan(shares)
    if children.present is not None:
        present &= children.present
    weights = np.zeros(len(shares))
    known = np.zeros(len(shares), dtype=bool)
    for region in np.argsort(-present.sum(axis=0), kind="stable"):
        here = present[:, region]
        if (here <= known).all():
            continue
        own, both = shares[:, region], here & known
        scale = weights[both].sum() / own[both].sum() if own[both].any() else 1.0
        new = here & ~known
        weights[new] = scale * own[new]
        known |= here
    expected = np.where(present, weights[:, None], 0.0)
    total = expected.sum(axis=0)
    expected = np.divide(expected, total, out=np.zeros(shares.shape), where=total > 0)
    if (np.abs(np.where(present, shares, 0.0) - expected) > TIE).any():
        raise children.refuse(
            "pairs of regions can only be compared with the same weights; here each region has "
            "its own",
            "两两比较须使用相同的权重，而这里各地区权重不同",
        )
    return np.asarray(weights[:, None] / (weights.sum() or 1.0))


def _beaten(row: Array, known: NDArray[np.bool_]) -> Array:
    one_group = np.zeros(row.shape, dtype=np.int64)
    return rank(row, one_group, 1, known, order="ascending", ties="average") - 1


def _checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Array, Array]:
    """Values as (n_indicators, n_regions), and weights of shape (n_indicators, 1) adding up to 1."""
    matrix = np.asarray(values, dtype=float)
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError("values must be a table of regions by indicators")
    given = np.ones(matrix.shape[1]) if weights is None else np.asarray(weights, dtype=float)
    if given.shape != matrix.shape[1:]:
        raise ValueError(f"{matrix.shape[1]} indicators need as many weights")
    if not np.isfinite(given).all() or given.min() < 0 or not given.any():
        raise ValueError("weights must be numbers, none negative and not all zero")
    return matrix.T, (given / given.sum())[:, None]


def _prepared(values: ArrayLike, weights: ArrayLike | None) -> tuple[NDArray[np.int32], Array]:
    matrix, shares = _checked(values, weights)
    return _places(matrix), shares


def _places(matrix: Array) -> NDArray[np.int32]:
    """Each indicator's ranks from below, equal values at the same place; -1 where missing."""
    one_group = np.zeros(matrix.shape[1], dtype=np.int64)
    rows = [
        rank(row, one_group, 1, ~np.isnan(row), order="ascending", ties="dense") for row in matrix
    ]
    return np.nan_to_num(np.array(rows), nan=_ABSENT).astype(np.int32)


def _blocks(
    places: NDArray[np.int32], weights: Array
) -> Iterator[tuple[slice, Array, Array, Array]]:
    """Blocks of regions against all: rows, and the weights won, lost and compared in each pair.

    `places` is (n_indicators, n_regions), `weights` (n_indicators, 1). Eight comparisons make one
    byte, and a table of 256 sums turns it into weights, which is far less work than adding each.
    """
    n_regions = places.shape[1]
    small = np.int16 if n_regions < np.iinfo(np.int16).max else np.int32
    never = np.iinfo(small).max
    low: NDArray[Any] = places.astype(small)  # absent: below all
    high: NDArray[Any] = np.where(low == _ABSENT, never, low)  # absent: above all
    there = (low != _ABSENT).astype(float)
    complete = bool(there.all())
    tables = [_sums_of_bits(weights[start : start + 8, 0]) for start in range(0, len(places), 8)]
    size = max(1, BLOCK_CELLS // n_regions)
    for start in range(0, n_regions, size):
        rows = slice(start, min(start + size, n_regions))
        better = _won(low[:, rows], high, tables)
        worse = _won(-high[:, rows], -low, tables)
        if complete:
            shared = np.full(better.shape, weights.sum())
        else:
            shared = (there[:, rows] * weights).T @ there
        yield rows, better, worse, shared


def _won(ours: NDArray[Any], theirs: NDArray[Any], tables: list[Array]) -> Array:
    """The weights of the indicators where each of ours is above each of theirs."""
    shape = (ours.shape[1], theirs.shape[1])
    above, code = np.empty(shape, dtype=bool), np.empty(shape, dtype=np.uint8)
    bits = above.view(np.uint8)
    won, part = np.zeros(shape), np.empty(shape)
    for place, table in enumerate(tables):
        code[:] = 0
        for bit in range(min(8, len(ours) - 8 * place)):
            one = 8 * place + bit
            np.greater(ours[one][:, None], theirs[one], out=above)
            np.multiply(bits, np.uint8(1 << bit), out=bits)  # shifts are not vectorised
            np.bitwise_or(code, bits, out=code)
        np.take(table, code, out=part, mode="clip")  # a byte is always a place in the table
        won += part
    return won


def _sums_of_bits(weights: Array) -> Array:
    """For every byte the sum of the weights whose bits are set, shape (256,)."""
    bits = np.arange(256)[:, None] >> np.arange(len(weights)) & 1
    return np.asarray(bits @ weights)
