"""What each factor of a weight brings: an entitlement split over the factors of its product.

A weight that is a product, recipients x difficulty x score, gives a region the entitlement
total x weight / sum of weights. Its distance from the equal share total / n is split by logarithmic
means (LMDI-I; Ang, Energy Policy 33, 2005, 867-871): the factor k brings

    L(entitlement, equal share) x ln(value_k / usual_k),   L(a, b) = (a - b) / (ln a - ln b).

`usual_k` is the mean of the factor k over the pool's regions, weighted by the product of the factors
written before it. The product of all usual values is then the mean weight, so that the parts add up
to the distance with nothing left over.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from reliefperf.allocation.pool import Pool
from reliefperf.data.aside import computed_aside
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.looking_back import written
from reliefperf.model.model import Model

type Floats = NDArray[np.float64]

CLOSE = 1e-9
"""The factors multiply up to the weight but for this part of it, else there is no split."""


@dataclass(frozen=True)
class Factored:
    """A pool's entitlements by factor; every array has one value a region (n_regions,).

    `equal` is the equal share, `values` and `usual` belong to each factor, `parts` (money) too; equal
    share and parts add up to the entitlement but for binary noise.
    """

    factors: tuple[str, ...]
    equal: Floats
    values: tuple[Floats, ...]
    usual: tuple[Floats, ...]
    parts: tuple[Floats, ...]


def factored(model: Model, env: Environment, pool: Pool) -> Factored | None:
    """A pool's entitlements by factor; None where its weight is no product of two or more."""
    product = product_of(model, env, pool)
    return None if product is None else _split(*product, pool)


def product_of(
    model: Model, env: Environment, pool: Pool
) -> tuple[tuple[str, ...], list[Floats]] | None:
    """The factors of a pool's weight and their values (n_regions,); None if it is no product.

    A weight that is the name of a derived column is looked up first; numbers and parameters change
    no share and are left out.
    """
    if pool.spec.weight is None:
        return None
    names = factors_of(_looked_up(model, pool.spec.weight), env)
    if len(names) < 2:
        return None
    values = [_computed(model, env, name) for name in names]
    if any(value is None for value in values):
        return None
    columns = [value for value in values if value is not None]
    weights = np.array([float(weight) for weight in pool.weights])
    if not _multiply_up(columns, weights, pool.groups):
        return None
    return names, columns


def _looked_up(model: Model, weight: Expr) -> Expr:
    """The product behind a weight that is only the name of a derived column."""
    derived = model.spec.derived_exprs
    if isinstance(weight.tree, ast.Name) and weight.tree.id in derived:
        return derived[weight.tree.id]
    return weight


def factors_of(weight: Expr, env: Environment) -> tuple[str, ...]:
    """The factors of a product as texts, a divisor as 1 / x, without what is the same for all."""
    found: list[str] = []

    def walk(node: ast.expr, *, divides: bool) -> None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            walk(node.left, divides=divides)
            walk(node.right, divides=divides != isinstance(node.op, ast.Div))
        elif not _is_constant(node, env):
            text = written(node)
            if divides:
                text = f"1 / {text}" if isinstance(node, ast.Name | ast.Call) else f"1 / ({text})"
            found.append(text)

    walk(weight.tree, divides=False)
    return tuple(found)


def _is_constant(node: ast.expr, env: Environment) -> bool:
    """A number, or a name that has one value for all regions."""
    if isinstance(node, ast.Name):
        column = env.columns.get(node.id)
        return column is not None and column.ndim == 0
    return isinstance(node, ast.Constant)


def _computed(model: Model, env: Environment, text: str) -> Floats | None:
    column = computed_aside(model, env, text)
    if column is None or column.dtype == object:
        return None
    return np.asarray(column, dtype=np.float64)


def _multiply_up(columns: Sequence[Floats], weights: Floats, groups: NDArray[np.int64]) -> bool:
    """Whether the factors are at least zero and give the weights, but for one common factor."""
    inside = groups >= 0
    product = np.prod([column[inside] for column in columns], axis=0)
    if not inside.any() or any(not (column[inside] >= 0).all() for column in columns):
        return False
    whole = product.sum()
    if not (np.isfinite(whole) and whole > 0):
        return False
    scale = weights[inside].sum() / whole
    return bool(np.allclose(product * scale, weights[inside], rtol=CLOSE, atol=0))


def _split(names: tuple[str, ...], columns: Sequence[Floats], pool: Pool) -> Factored:
    n_regions = pool.groups.size
    equal = np.zeros(n_regions)
    usual = [np.zeros(n_regions) for _ in names]
    parts = [np.zeros(n_regions) for _ in names]
    entitlement = np.array([float(value) for value in pool.entitlement])
    for group, total in enumerate(pool.totals):
        members = np.flatnonzero(pool.groups == group)
        before = np.ones(members.size)
        if not members.size or not total:
            continue
        for k, column in enumerate(columns):
            here = before * column[members]
            usual[k][members] = here.sum() / before.sum() if before.sum() else 0.0
            before = here
        equal[members] = float(total / members.size)
        if not before.sum():
            continue
        for i in members.tolist():
            split = split_one(
                float(entitlement[i]),
                float(equal[i]),
                [
                    float(column[i]) / float(mean[i])
                    for column, mean in zip(columns, usual, strict=True)
                ],
            )
            for k, part in enumerate(split):
                parts[k][i] = part
    return Factored(names, equal, tuple(columns), tuple(usual), tuple(parts))


def split_one(value: float, reference: float, ratios: Sequence[float]) -> list[float]:
    """value - reference over factors whose ratios multiply up to value / reference.

    A factor of zero takes the whole distance, as in the limit of ever smaller factors; several
    share it equally.

    >>> split_one(8.0, 2.0, [2.0, 2.0])
    [3.0, 3.0]
    >>> split_one(0.0, 2.0, [0.0, 5.0])
    [-2.0, 0.0]
    """
    zeros = sum(ratio == 0 for ratio in ratios)
    if zeros:
        return [(value - reference) / zeros if ratio == 0 else 0.0 for ratio in ratios]
    logs = [math.log(ratio) for ratio in ratios]
    whole = math.fsum(logs)
    # near the reference the logarithmic mean is the arithmetic one, and the quotient only noise
    scale = (value - reference) / whole if abs(whole) > 1e-9 else (value + reference) / 2
    return [scale * log for log in logs]


def whole_parts(
    factor_parts: Sequence[float], equal: float, entitlement: Fraction, places: int
) -> tuple[int, list[int]]:
    """Equal share and parts as whole numbers of 10^-places that add up to the entitlement's.

    What single roundings leave goes to the largest part.
    """
    unit = 10**places
    target = round(entitlement * unit)
    share = round(equal * unit)
    whole = [round(part * unit) for part in factor_parts]
    most = max(range(len(whole)), key=lambda k: (abs(whole[k]), -k))
    whole[most] += target - share - sum(whole)
    return share, whole
