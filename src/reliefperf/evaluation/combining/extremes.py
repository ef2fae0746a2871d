"""The product, and the least or greatest of the children."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from reliefperf.evaluation.combining.base import Aggregator, aggregator
from reliefperf.evaluation.siblings import Siblings
from reliefperf.model.environment import Array


@aggregator("product")
class Product(Aggregator):
    """The children's parts of full marks multiplied; a child that is skipped multiplies by one."""

    takes_weights: ClassVar[bool] = False
    product: Literal[True] = True

    @property
    def passes_zero(self) -> bool:
        """Always."""
        return True

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The product; missing where nothing is left to multiply."""
        parts, present = children.parts, children.present
        counted = parts if present is None else np.where(present, parts, 1.0)
        nobody = np.isnan(shares).any(axis=0)
        return np.asarray(np.where(nobody, np.nan, counted.prod(axis=0)))


class _Extreme(Aggregator):
    """The least or the greatest part."""

    ignores_weights: ClassVar[bool] = True

    def _best(self, children: Siblings, *, least: bool) -> Array:
        parts, present = children.parts, children.present
        beyond = np.inf if least else -np.inf
        counted = parts if present is None else np.where(present, parts, beyond)
        best = counted.min(axis=0) if least else counted.max(axis=0)
        return np.asarray(np.where(np.isinf(best), np.nan, best))


@aggregator("minimum")
class Minimum(_Extreme):
    """The least of the children: the weakest link counts."""

    minimum: Literal[True] = True

    @property
    def passes_zero(self) -> bool:
        """Always, unless another child is below zero."""
        return True

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The least part."""
        return self._best(children, least=True)


@aggregator("maximum")
class Maximum(_Extreme):
    """The greatest of the children."""

    maximum: Literal[True] = True

    def combine(self, children: Siblings, shares: Array) -> Array:
        """The greatest part."""
        return self._best(children, least=False)
