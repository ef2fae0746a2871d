"""Statistics of indicators: moments, correlations, reliability, principal components, importance.

Plain functions on arrays. A series has shape (n_regions,), a set of items (n_items, n_regions);
NaN is a missing value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from reliefperf.evaluation.treatment.moments import kurtosis, skewness
from reliefperf.model.environment import Array

Method = Literal["pearson", "spearman", "kendall"]
METHODS: tuple[Method, ...] = get_args(Method)
SAME = 1e-12
"""Values closer than this part of the largest are the same number."""
FEWEST = 3
"""A correlation needs at least so many pairs."""


# ---------------------------------------------------------------- one series


@dataclass(frozen=True)
class Statistics:
    """What one series looks like; NaN where undefined.

    `zeros`, and `same` for the most frequent value, are shares of the values known.
    """

    n: int
    missing: int
    minimum: float
    maximum: float
    mean: float
    median: float
    sd: float
    skewness: float
    kurtosis: float
    zeros: float
    same: float
    distinct: int
    constant: bool


def describe(values: Array) -> Statistics:
    """The statistics of a series; the standard deviation has n - 1 below the line.

    Skewness and kurtosis are those by which outliers are treated (`treatment.moments`).

    >>> describe(np.array([1.0, 2.0, 3.0, np.nan])).mean
    2.0
    """
    known = np.sort(values[~np.isnan(values)]) + 0.0  # never -0
    n = len(known)
    gap = float("nan")
    if not n:
        return Statistics(0, len(values), gap, gap, gap, gap, gap, gap, gap, gap, gap, 0, False)
    same = is_constant(known)
    _, counts = np.unique(known, return_counts=True)
    return Statistics(
        n=n,
        missing=len(values) - n,
        minimum=float(known.min()),
        maximum=float(known.max()),
        mean=float(known[0]) if same else _within_numbers(known.mean()),
        median=_within_numbers(np.median(known)),
        sd=0.0 if same and n > 1 else _sd(known),
        skewness=gap if same else skewness(known),
        kurtosis=gap if same else kurtosis(known),
        zeros=float(np.count_nonzero(known == 0) / n),
        same=float(counts.max() / n),
        distinct=len(counts),
        constant=same,
    )


def is_constant(values: Array) -> bool:
    """Whether all known values are one number, binary noise apart; False where none is known."""
    known = values[~np.isnan(values)]
    if not len(known):
        return False
    return bool(np.ptp(known) <= SAME * np.abs(known).max())


def _sd(known: Array) -> float:
    return _within_numbers(known.std(ddof=1)) if len(known) > 1 else float("nan")


def _within_numbers(measure: np.floating) -> float:
    """A measure; NaN where it is too large for a number."""
    return float(measure) if np.isfinite(measure) else float("nan")


# ---------------------------------------------------------------- two series


@dataclass(frozen=True)
class Correlation:
    """A correlation over the `n` regions where both are known; NaN where it is not defined."""

    r: float
    n: int
    p: float


_UNDEFINED = float("nan")


def correlate(first: Array, second: Array, method: Method = "pearson") -> Correlation:
    """The correlation of two series over the regions where both are known.

    `p` is two-sided, from Student's t for Pearson and Spearman. Undefined below three pairs, and
    where one series is constant over them.

    >>> correlate(np.array([1.0, 2.0, 4.0]), np.array([1.0, 4.0, 9.0]), "spearman").r
    1.0
    """
    both = ~(np.isnan(first) | np.isnan(second))
    x, y = (first, second) if both.all() else (first[both], second[both])
    n = len(x)
    if n < FEWEST or is_constant(x) or is_constant(y):
        return Correlation(_UNDEFINED, n, _UNDEFINED)
    if method == "kendall":
        from scipy.stats import kendalltau

        tau = kendalltau(x, y)
        return Correlation(float(tau.statistic), n, float(tau.pvalue))
    if method == "spearman":
        x, y = ranks(x), ranks(y)
    r = _pearson(x, y)
    return Correlation(r, n, _p_value(r, n))


def ranks(values: Array) -> Array:
    """Ranks from 1, ties sharing their mean; no value may be missing."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), dtype=float)


def _pearson(x: Array, y: Array) -> float:
    a, b = x / np.abs(x).max(), y / np.abs(y).max()
    a, b = a - a.mean(), b - b.mean()
    r = float(a @ b / np.sqrt((a @ a) * (b @ b)))
    if 1 - abs(r) < SAME:
        return 1.0 if r > 0 else -1.0
    return r


def _p_value(r: float, n: int) -> float:
    from scipy.special import betainc

    return float(betainc((n - 2) / 2, 0.5, 1 - r * r))


def agreement(first: Array, second: Array) -> float:
    """Goodman and Kruskal's gamma: of the pairs that differ in both, how many agree, -1 to 1.

    It is 1 or -1 for every monotone relation, however many values it maps to one.
    """
    from scipy.stats import kendalltau

    both = ~(np.isnan(first) | np.isnan(second))
    x, y = first[both], second[both]
    if len(x) < 2 or is_constant(x) or is_constant(y):
        return _UNDEFINED
    pairs = len(x) * (len(x) - 1) / 2
    tied_x, tied_y = _tied(x), _tied(y)
    tied_both = _tied(
        np.unique(np.stack([x, y]), axis=1, return_inverse=True)[1].ravel().astype(float)
    )
    untied = pairs - tied_x - tied_y + tied_both
    surplus = float(kendalltau(x, y).statistic) * np.sqrt((pairs - tied_x) * (pairs - tied_y))
    return float(np.clip(surplus / untied, -1, 1)) if untied else _UNDEFINED


def _tied(values: Array) -> float:
    counts = np.unique(values, return_counts=True)[1].astype(float)
    return float((counts * (counts - 1)).sum() / 2)


# ---------------------------------------------------------------- several items


def complete(items: Array) -> Array:
    """The items in the regions where none is missing, shape (n_items, n_complete)."""
    return items[:, ~np.isnan(items).any(axis=0)]


@dataclass(frozen=True)
class Reliability:
    """Cronbach's alpha of items, and by item: alpha without it, and its correlation with the rest.

    NaN where undefined: fewer than two items, or a total that never varies.
    """

    alpha: float
    without: Array
    item_rest: Array


def reliability(covariance: Array) -> Reliability:
    """Cronbach's alpha (1951) from the items' covariances, shape (n_items, n_items).

    Of covariances it is the raw alpha, of correlations the standardised one.
    """
    variances = np.diag(covariance)
    shared = covariance.sum(axis=1)
    n_items, total = len(variances), covariance.sum()
    rest = total - 2 * shared + variances
    with np.errstate(divide="ignore", invalid="ignore"):
        item_rest = (shared - variances) / np.sqrt(variances * rest)
    rest_variances = variances.sum() - variances
    without = [
        _alpha(n_items - 1, own, whole) for own, whole in zip(rest_variances, rest, strict=True)
    ]
    item_rest = np.where(np.isfinite(item_rest), item_rest, np.nan)
    return Reliability(_alpha(n_items, variances.sum(), total), np.array(without), item_rest)


def _alpha(n_items: int, own: float, total: float) -> float:
    """Alpha from the sum of the items' variances and the variance of their total."""
    if n_items < 2 or not total > SAME * own:
        return float("nan")
    return float(n_items / (n_items - 1) * (1 - own / total))


@dataclass(frozen=True)
class Components:
    """Principal components, the largest first; `loadings` has shape (n_items, n_components)."""

    eigenvalues: Array
    loadings: Array

    @property
    def shares(self) -> Array:
        """Each component's share of the variance."""
        return np.asarray(self.eigenvalues / self.eigenvalues.sum())

    @property
    def above_one(self) -> int:
        """How many eigenvalues are above one: Kaiser's rule."""
        return int(np.count_nonzero(self.eigenvalues > 1 + SAME))


def principal_components(correlation: Array) -> Components:
    """The principal components of a correlation matrix, shape (n_items, n_items).

    Loadings are eigenvectors times the root of their eigenvalue: correlations of item and
    component. A component's sign means nothing, so it is turned for its loadings to have a sum
    above zero; where the sum is zero, for its first loading that is not.
    """
    eigenvalues, vectors = np.linalg.eigh(correlation)
    eigenvalues, vectors = np.maximum(eigenvalues[::-1], 0.0), vectors[:, ::-1]
    loadings = vectors * np.sqrt(eigenvalues)
    for column in loadings.T:
        total = column.sum()
        if abs(total) <= 1e-9:
            clear = column[np.abs(column) > 1e-9]
            total = clear[0] if len(clear) else 1.0
        if total < 0:
            np.negative(column, out=column)
    return Components(eigenvalues, loadings)


@dataclass(frozen=True)
class Adequacy:
    """Whether a correlation matrix has common factors to find.

    `kmo` is Kaiser, Meyer and Olkin's measure (0 to 1); `chi2`, `df` and `p` are Bartlett's test
    (1951) that nothing is correlated. NaN where the matrix has no inverse.
    """

    kmo: float
    chi2: float
    df: int
    p: float


def adequacy(correlation: Array, n_regions: int) -> Adequacy:
    """KMO and Bartlett's test of a correlation matrix from `n_regions` complete regions."""
    from scipy.special import chdtrc

    n_items = len(correlation)
    df = n_items * (n_items - 1) // 2
    if n_items < 2 or np.linalg.eigvalsh(correlation)[0] < 1e-10:
        return Adequacy(_UNDEFINED, _UNDEFINED, df, _UNDEFINED)
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    apart = ~np.eye(n_items, dtype=bool)
    shared, left = (correlation[apart] ** 2).sum(), (partial[apart] ** 2).sum()
    kmo = float(shared / (shared + left)) if shared + left > 0 else _UNDEFINED
    _, log_determinant = np.linalg.slogdet(correlation)
    chi2 = max(0.0, -float(n_regions - 1 - (2 * n_items + 5) / 6) * float(log_determinant))
    return Adequacy(kmo, chi2, df, float(chdtrc(df, chi2)))


# ---------------------------------------------------------------- what matters in a score

_KNOTS = 8
_LINE = 2.5
"""Degrees of freedom that a line, all but straight, may have."""
_GRID = tuple(10.0**power for power in np.arange(-3.0, 6.5, 0.5))


def importance(item: Array, score: Array) -> float:
    """The share of the score's variance that an item alone accounts for, 0 to 1.

    It is the first-order index S_i, Pearson's correlation ratio, by which Paruolo, Saisana and
    Saltelli (2013) compare what weights promise with what they do: the variance of the score's
    expectation given the item. The expectation is a spline of the item's ranks with a penalty
    chosen by generalised cross-validation (a third of the regions as degrees of freedom at most),
    or, for an item of few values that repeat, the mean at each.
    NaN below three regions, and where one of the two is constant.
    """
    both = ~(np.isnan(item) | np.isnan(score))
    x, y = item[both], score[both]
    if len(x) < FEWEST or is_constant(x) or is_constant(y):
        return _UNDEFINED
    _, level, counts = np.unique(x, return_inverse=True, return_counts=True)
    means = np.bincount(level, y) / counts
    away = y - y.mean()
    total = float(away @ away)
    if len(counts) <= _KNOTS and len(y) >= 2 * len(counts):
        within = float(((y - means[level]) ** 2).sum())
        spare = len(y) - len(counts)
        # the means themselves follow the noise of the regions: Kelley's correction
        return float(np.clip(1 - within / spare * (len(y) - 1) / total, 0, 1))
    middle = (np.cumsum(counts) - (counts + 1) / 2) / (len(y) - 1)
    fitted = _smooth(middle, means, counts.astype(float), float(((y - means[level]) ** 2).sum()))
    spread = fitted - np.average(fitted, weights=counts)
    return float(np.clip((counts * spread**2).sum() / total, 0, 1))


def _smooth(x: Array, y: Array, weights: Array, within: float) -> Array:
    """A penalised spline through points at `x` in [0, 1]; `within` is the spread inside points."""
    from scipy.interpolate import BSpline

    inner = np.linspace(0, 1, _KNOTS + 1)
    knots = np.concatenate([[0.0] * 3, inner, [1.0] * 3])
    basis = BSpline.design_matrix(x, knots, 3).toarray()
    greville = np.array([knots[i + 1 : i + 4].mean() for i in range(basis.shape[1])])
    # second divided differences: a straight line costs nothing, so that it is the smoothest fit
    slopes = np.diff(np.eye(basis.shape[1]), axis=0) / np.diff(greville)[:, None]
    bends = np.diff(slopes, axis=0)
    penalty = bends.T @ bends
    weighted = basis.T * weights
    normal, right = weighted @ basis, weighted @ y
    penalty *= np.trace(normal) / np.trace(penalty) * 1e-3
    n = weights.sum()
    best: tuple[float, Array] | None = None
    solve: Callable[[Array, Array], Array] = np.linalg.solve
    for strength in _GRID:
        matrix = normal + strength * penalty
        matrix = matrix + 1e-12 * np.trace(normal) * np.eye(len(matrix))
        fitted = basis @ solve(matrix, right)
        freedom = float(np.trace(solve(matrix, normal)))
        rest = float((weights * (y - fitted) ** 2).sum()) + within
        # a curve through most of the points would call the noise of few regions importance
        free = freedom <= max(_LINE, n / 3)
        criterion = n * rest / (n - freedom) ** 2 if free else np.inf
        if best is None or criterion < best[0] * (1 - 1e-9):
            best = (criterion, fitted)
    assert best is not None
    return best[1]
