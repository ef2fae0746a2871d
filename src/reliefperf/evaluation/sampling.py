"""Indicators estimated from a sample: their intervals, and draws of what the true value may be."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import InputError
from reliefperf.evaluation.indicators import path_of
from reliefperf.model.environment import Array, Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import NodeSpec, Sample, SampleMethod

MOST_NAMED = 10


@dataclass(frozen=True)
class Estimate:
    """An indicator's values with what is known of their error, shape (n_regions,); NaN where missing.

    For a proportion `whole` is the value of all and `size` the number inspected; `error` is the
    standard error of anything else.
    """

    node: NodeSpec
    spec: Sample
    value: Array
    size: Array | None
    whole: Array | None
    error: Array | None

    def interval(self) -> tuple[Array, Array]:
        """The lower and upper limit of the value at the stated level."""
        if self.size is None or self.whole is None:
            assert self.error is not None
            from scipy.special import ndtri

            reach = float(ndtri(0.5 + self.spec.level / 2)) * self.error
            return self.value - reach, self.value + reach
        low, high = proportion_interval(
            self.value / self.whole * self.size, self.size, self.spec.method, self.spec.level
        )
        return low * self.whole, high * self.whole

    def draw(self, random: np.random.Generator) -> Array:
        """One draw of the true values: Beta with Jeffreys' prior, or normal."""
        if self.size is None or self.whole is None:
            assert self.error is not None
            return self.value + self.error * random.standard_normal(self.value.shape)
        known = ~np.isnan(self.value) & ~np.isnan(self.size)
        hits = np.where(known, self.value / self.whole * self.size, 1.0)
        misses = np.where(known, self.size - hits, 1.0)
        drawn = random.beta(hits + 0.5, np.maximum(misses, 0.0) + 0.5) * self.whole
        return np.asarray(np.where(known, drawn, self.value))


def estimates(model: Model, env: Environment) -> tuple[Estimate, ...]:
    """Every indicator that states its sample.

    Raises InputError for a proportion outside 0 to 1, a sample without size, a negative error.
    """
    spec = model.spec.evaluation
    if spec is None:
        return ()
    return tuple(
        _estimate(model, env, node, node.sample)
        for node in spec.nodes()
        if node.value is not None and node.sample is not None
    )


def random_of(seed: int, draw: int, name: str) -> np.random.Generator:
    """A generator of its own for a draw and a name, whatever else is drawn."""
    return np.random.default_rng([seed, draw, zlib.crc32(name.encode())])


def proportion_interval(
    hits: Array, size: Array, method: SampleMethod, level: float
) -> tuple[Array, Array]:
    """The limits of a proportion, as parts of one; `hits` of `size` need not be whole numbers.

    Source: Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion; under
    `beta` (Jeffreys) the lower limit is 0 at no hit and the upper 1 at nothing but hits, as there.
    """
    from scipy.special import betaincinv, ndtri

    tail = (1 - level) / 2
    misses = np.maximum(size - hits, 0.0)
    share = np.clip(hits / size, 0.0, 1.0)
    if method in ("normal", "wilson"):
        z = float(ndtri(1 - tail))
        if method == "normal":
            reach = z * np.sqrt(share * (1 - share) / size)
            return np.maximum(share - reach, 0.0), np.minimum(share + reach, 1.0)
        middle = (hits + z * z / 2) / (size + z * z)
        reach = z * np.sqrt(size) / (size + z * z) * np.sqrt(share * (1 - share) + z * z / 4 / size)
        low, high = middle - reach, middle + reach
    elif method == "clopper_pearson":
        low = betaincinv(np.where(hits > 0, hits, 1.0), misses + 1, tail)
        high = betaincinv(hits + 1, np.where(misses > 0, misses, 1.0), 1 - tail)
    else:
        low = betaincinv(hits + 0.5, misses + 0.5, tail)
        high = betaincinv(hits + 0.5, misses + 0.5, 1 - tail)
    return (
        np.where(hits == 0, 0.0, np.maximum(low, 0.0)),
        np.where(misses == 0, 1.0, np.minimum(high, 1.0)),
    )


def _estimate(model: Model, env: Environment, node: NodeSpec, sample: Sample) -> Estimate:
    assert node.value is not None
    if model.compiled(node.value).kind == "text":
        raise InputError(
            model.document.mistake(
                path_of(model, node.value),
                f"indicator '{node.id}' has a `sample`, but its value is a text",
                f"指标“{node.id}”写了 sample，但其值是文本",
            )
        )
    value = np.array(model.compiled(node.value).full(env), dtype=float)
    known = ~np.isnan(value)
    if sample.standard_error is not None:
        error = np.asarray(model.compiled(sample.standard_error).full(env), dtype=float)
        refuse(
            model, env, node, sample, known & ~(error >= 0),
            "its standard error is missing or negative", "标准误缺失或为负",
        )  # fmt: skip
        return Estimate(node, sample, value, None, None, error)
    assert sample.size is not None
    size = np.asarray(model.compiled(sample.size).full(env), dtype=float)
    whole = np.asarray(model.compiled(sample.of).full(env), dtype=float)
    refuse(
        model, env, node, sample, known & ~(size > 0),
        "the size of its sample is missing or not above zero", "样本量缺失或不大于零",
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        share = value / whole
    outside = known & ~((share >= 0) & (share <= 1 + 1e-12))
    refuse(
        model, env, node, sample, outside,
        f"it is no proportion: the value over `of` ({sample.of.text}) is missing or not between 0 "
        "and 1 (of: 100 where the value is in percent)", f"不是比例：指标值除以 of（{sample.of.text}）缺失或不在 0 与 1 之间（指标值是百分数时写 of: 100）",
    )  # fmt: skip
    return Estimate(node, sample, value, size, whole, None)


def refuse(
    model: Model,
    env: Environment,
    node: NodeSpec,
    sample: Sample,
    where: NDArray[np.bool_],
    en: str,
    zh: str,
) -> None:
    """Raise InputError that names the indicator and the regions, if there are any."""
    if not where.any():
        return
    codes = [env.codes[place] for place in np.flatnonzero(where)]
    shown = ", ".join(codes[:MOST_NAMED]) + (", ..." if len(codes) > MOST_NAMED else "")
    raise InputError(
        model.document.mistake(
            path_of(model, sample.size or sample.standard_error),
            f"indicator '{node.id}' has a `sample`, but {en} in {len(codes)} region(s): {shown}",
            f"指标“{node.id}”写了 sample，但{zh}，涉及 {len(codes)} 个地区：{shown}",
        )
    )


@dataclass(frozen=True)
class IntervalRow:
    """The interval of one indicator in one region."""

    region: str
    indicator: str
    value: float
    low: float
    high: float
    level: float
    method: str


def interval_rows(model: Model, env: Environment) -> Iterator[IntervalRow]:
    """Every interval, region by region within the indicators; none where the value is missing."""
    for estimate in estimates(model, env):
        low, high = estimate.interval()
        method = estimate.spec.method if estimate.size is not None else "standard_error"
        for place in np.flatnonzero(~np.isnan(estimate.value)):
            yield IntervalRow(
                env.codes[place],
                estimate.node.id,
                float(estimate.value[place]),
                float(low[place]),
                float(high[place]),
                estimate.spec.level,
                method,
            )
