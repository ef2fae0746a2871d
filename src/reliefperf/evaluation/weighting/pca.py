"""Weights from rotated principal components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from reliefperf.evaluation.scoring.base import Literal_, RuleMistake
from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import weighting
from reliefperf.evaluation.weighting.observed import FromValues, Observed
from reliefperf.model.environment import Array

TIED = 1e-9
"""Eigenvalues or loadings nearer than this are equal but for binary noise."""
STILL = 1e-11
"""A rotation by less than this angle is none."""
MAX_SWEEPS = 1000


@dataclass(frozen=True)
class Factors:
    """Eigenvalues of the correlations, descending, and rotated loadings (n_children, n_factors)."""

    eigenvalues: Array
    loadings: Array

    @property
    def variances(self) -> Array:
        """The variance that each rotated factor explains, shape (n_factors,)."""
        return np.asarray((self.loadings**2).sum(axis=0))


def eigen(parts: Array) -> tuple[Array, Array]:
    """Eigenvalues (descending) and eigenvectors (columns) of the correlations of the rows."""
    values, vectors = np.linalg.eigh(np.corrcoef(parts))
    return values[::-1], vectors[:, ::-1]


def varimax(loadings: Array) -> Array | None:
    """The loadings turned so that each factor's squares differ most; None if it does not settle.

    Factors are turned two at a time, rows being brought to equal length (Kaiser's normalisation).
    Source: Kaiser, Psychometrika 23 (1958) 187-200.
    """
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    rows = loadings / np.where(lengths > 0, lengths, 1.0)
    n_factors = rows.shape[1]
    for _ in range(MAX_SWEEPS):
        widest = 0.0
        for one in range(n_factors):
            for other in range(one + 1, n_factors):
                x, y = rows[:, one], rows[:, other]
                angle = _best_angle(x, y)
                widest = max(widest, abs(angle))
                cos, sin = np.cos(angle), np.sin(angle)
                turned = np.array([cos * x + sin * y, cos * y - sin * x])
                rows[:, [one, other]] = turned.T
        if widest < STILL:
            return np.asarray(rows * lengths)
    return None


def _best_angle(x: Array, y: Array) -> float:
    """The turn of two factors, with loadings of shape (n_children,), that is best for both."""
    difference, product = x**2 - y**2, 2 * x * y
    sum_d, sum_p, n_children = difference.sum(), product.sum(), len(x)
    up = 2 * (difference * product).sum() - 2 * sum_d * sum_p / n_children
    along = (difference**2 - product**2).sum() - (sum_d**2 - sum_p**2) / n_children
    return float(np.arctan2(up, along)) / 4 if np.hypot(up, along) > TIED * n_children else 0.0


def own_loading_weights(factors: Factors) -> tuple[Array, NDArray[np.intp]]:
    """Weights that add up to one, and each child's own factor; both shape (n_children,).

    A child's own factor is the one on which it loads highest (the first of equals). Its weight is
    its squared loading as a part of the factor's sum of squares, times the factor's part of the
    variance explained, so in the end the squared loading itself, scaled to one.
    """
    squares = factors.loadings**2
    near = squares >= squares.max(axis=1, keepdims=True) - TIED
    own = near.argmax(axis=1)
    variances = factors.variances
    within = squares / variances
    found = (within * (variances / variances.sum()))[np.arange(len(own)), own]
    return found / found.sum(), own


@weighting("pca")
class PCA(FromValues):
    """Weights from the own loadings on rotated principal components of the correlations.

    Kept are `factors` components if stated, else those with an eigenvalue above `eigenvalue_above`,
    and each of them explaining more than `variance_above` of the variance where that is stated (at
    least one). They are turned by varimax with Kaiser's normalisation unless `rotation: none`.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6, on weights from
    principal components; Nicoletti, Scarpetta and Boylaud (2000).
    """

    pca: Literal[True] = True
    factors: Annotated[int, Field(ge=1)] | None = None
    eigenvalue_above: Annotated[float, Field(ge=0)] | None = None
    variance_above: Annotated[float, Field(ge=0, lt=1)] | None = None
    rotation: Literal["varimax", "none"] = "varimax"

    def mistakes(self, ids: Sequence[str], number: Literal_) -> Iterator[RuleMistake]:
        """More factors than children, or two rules for the number of factors."""
        if self.factors is None:
            return
        if self.factors > len(ids):
            yield (
                ("factors",),
                f"there are {len(ids)} children, so at most as many factors",
                f"共有 {len(ids)} 个下级，因子数不能超过它",
            )
        if self.eigenvalue_above is not None or self.variance_above is not None:
            yield (
                ("factors",),
                "either `factors` or `eigenvalue_above`, `variance_above`",
                "factors 与 eigenvalue_above、variance_above 只能写一种",
            )

    def _from_parts(
        self, seen: Observed, children: Siblings
    ) -> tuple[Array, dict[str, float | str]]:
        if len(seen.parts) == 1:
            return np.ones(1), {}
        factors = self._factors(seen.parts, children)
        weights, own = own_loading_weights(factors)
        names = [name for name, there in zip(children.ids, seen.varying, strict=True) if there]
        facts: dict[str, float | str] = {
            "factors": float(factors.loadings.shape[1]),
            "variance_explained": float(factors.variances.sum() / len(names)),
        }
        for place, value in enumerate(factors.eigenvalues, 1):
            facts[f"eigenvalue {place}"] = float(value)
        for place, name in enumerate(names):
            facts[f"factor of {name}"] = float(own[place] + 1)
            facts[f"loading of {name}"] = float(factors.loadings[place, own[place]])
        return weights, facts

    def _factors(self, parts: Array, children: Siblings) -> Factors:
        values, vectors = eigen(parts)
        kept = self._kept(values, children)
        if kept < len(values) and values[kept - 1] - values[kept] < TIED:
            raise children.refuse(
                f"`pca` keeps {kept} factors, but the next one has the same eigenvalue "
                f"({values[kept]:.6g}): state another number of `factors`",
                f"pca 保留 {kept} 个因子，但下一个因子的特征值与之相同（{values[kept]:.6g}）："
                "请另定 factors",
            )
        loadings = vectors[:, :kept] * np.sqrt(np.maximum(values[:kept], 0.0))
        if self.rotation == "varimax" and kept > 1:
            turned = varimax(loadings)
            if turned is None:
                raise children.refuse(
                    "the varimax rotation of `pca` does not settle; state fewer `factors`, or "
                    "`rotation: none`",
                    "pca 的方差最大旋转不收敛；请减少 factors，或写 rotation: none",
                )
            loadings = turned
        # the sign of a factor is free: shown with loadings that add up to something positive
        signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
        return Factors(values, loadings * signs)

    def _kept(self, values: Array, children: Siblings) -> int:
        if self.factors is not None:
            if self.factors > len(values):
                raise children.refuse(
                    f"`pca` cannot keep {self.factors} factors of {len(values)} children",
                    f"{len(values)} 个下级不能保留 {self.factors} 个因子",
                )
            return self.factors
        least = self.eigenvalue_above
        if least is None:
            least = 1.0 if self.variance_above is None else 0.0
        share = self.variance_above or 0.0
        large = (values > least + TIED) & (values / len(values) > share + TIED)
        return max(1, int(large.sum()))
