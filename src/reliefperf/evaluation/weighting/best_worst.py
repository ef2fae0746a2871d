"""Weights from comparisons with the most and the least important child."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import ClassVar, Literal

import numpy as np

from reliefperf.errors import suggestion
from reliefperf.evaluation.scoring.base import Literal_, RuleMistake, plain
from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import Weighting, Weights, weighting
from reliefperf.evaluation.weighting.comparisons import ratio_text
from reliefperf.model.environment import Array
from reliefperf.model.fractions import Number
from reliefperf.model.spec_data import Spec

UNIQUE = 1e-6
"""Weights that may differ by less than this at the same optimum count as one solution."""


class Comparisons(Spec):
    """The most and the least important child, and how they compare with the others."""

    best: str
    worst: str
    best_over: dict[str, Number]
    over_worst: dict[str, Number]


def consistency_index(best_over_worst: float) -> float:
    """The greatest deviation that comparisons with this ratio of best to worst can have.

    It is the lower root of x² - (1 + 2a) x + (a² - a) = 0; Rezaei (2015) lists it for 1 to 9 as
    0, 0.44, 1, 1.63, 2.30, 3, 3.73, 4.47, 5.23.
    """
    return ((1 + 2 * best_over_worst) - sqrt(1 + 8 * best_over_worst)) / 2


def ratio_deviation(best_over: Array, over_worst: Array, best_over_worst: float) -> float:
    """The least greatest deviation of ratios of weights from the comparisons.

    `best_over` and `over_worst`, shape (n_others,), are those of the children that are neither best
    nor worst. With the worst child at one, each comparison bounds the best child's weight, so that
    the least deviation is where the bounds meet. Source: Rezaei (2015).
    """

    def gap(deviation: float) -> float:
        low, high = _best_bounds(best_over, over_worst, best_over_worst, deviation)
        return low - high

    low, high = 0.0, max(1.0, best_over_worst, *best_over.tolist(), *over_worst.tolist())
    if gap(low) <= 0:
        return 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if gap(middle) > 0 else (low, middle)
    return float(high)


def _best_bounds(
    best_over: Array, over_worst: Array, best_over_worst: float, deviation: float
) -> tuple[float, float]:
    """Bounds of the best child's weight, the worst child's being one."""
    least = np.maximum(best_over - deviation, 0) * np.maximum(over_worst - deviation, 0)
    most = (best_over + deviation) * (over_worst + deviation)
    return (
        max([best_over_worst - deviation, *least.tolist()]),
        min([best_over_worst + deviation, *most.tolist()]),
    )


def ratio_weights(
    best_over: Array, over_worst: Array, best_over_worst: float
) -> tuple[Array, float, float]:
    """Weights of others, best and worst, the deviation, and how far equally good weights lie apart.

    Where several weights are equally good, the middle of each weight's interval is taken and the
    middles are scaled to one. Source: Rezaei (2015), and (2016) for the intervals.
    """
    deviation = ratio_deviation(best_over, over_worst, best_over_worst)
    low, high = _best_bounds(best_over, over_worst, best_over_worst, deviation)
    best = (low + high) / 2
    free = np.maximum(best_over - deviation, 1e-300)
    lows = np.maximum(over_worst - deviation, best / (best_over + deviation))
    highs = np.maximum(np.minimum(over_worst + deviation, best / free), lows)
    lows, highs = np.append(lows, [best, 1.0]), np.append(highs, [best, 1.0])
    least = lows / (lows + (highs.sum() - highs))
    most = highs / (highs + (lows.sum() - lows))
    middles = (least + most) / 2
    return middles / middles.sum(), deviation, float((most - least).max())


def linear_weights(
    best_over: Array, over_worst: Array, best: int, worst: int
) -> tuple[Array, float, float]:
    """Weights, deviation and how far equally good weights lie apart, by linear programming.

    `best_over` and `over_worst` have shape (n_children,). Least x with |w_best - a w_j| <= x and
    |w_j - a w_worst| <= x; where weights at that x are not unique, the middle of each one's interval
    is taken and the middles are scaled to one. Source: Rezaei (2016).
    """
    from scipy.optimize import linprog

    n_children = len(best_over)
    rows = []
    for child in range(n_children):
        for one, other, ratio in (
            (best, child, best_over[child]),
            (child, worst, over_worst[child]),
        ):
            if one != other:
                row = np.zeros(n_children + 1)
                row[one] += 1
                row[other] -= ratio
                rows += [[*row[:-1], -1.0], [*-row[:-1], -1.0]]
    limits = np.zeros(len(rows))
    total = [[1.0] * n_children + [0.0]]

    def solve(goal: Array, most: float | None) -> Array:
        bounds = [(0, None)] * n_children + [(0, most)]
        found = linprog(goal, rows, limits, total, [1.0], bounds, method="highs")
        assert found.status == 0  # equal weights with a large deviation always are a solution
        return np.asarray(found.x)

    first = solve(np.append(np.zeros(n_children), 1.0), None)
    deviation = float(first[-1])
    held = deviation * (1 + 1e-9) + 1e-12
    goals = np.eye(n_children, n_children + 1)
    least = np.array([solve(goal, held)[place] for place, goal in enumerate(goals)])
    most = np.array([solve(-goal, held)[place] for place, goal in enumerate(goals)])
    width = float((most - least).max())
    weights = first[:-1] if width < UNIQUE else (least + most) / 2
    return weights / weights.sum(), deviation, 0.0 if width < UNIQUE else width


@weighting("best_worst")
class BestWorst(Weighting):
    """Weights from comparisons of the most important child with all, and of all with the least.

    `linear` is the model of 2016, which differs by weights; `ratios` the one of 2015, which differs
    by ratios of weights. The consistency ratio is that of 2015 for both: the least deviation of
    ratios over its index. It is refused above `limit` where the model states one.

    Source: Rezaei, Omega 53 (2015) 49-57 and Omega 64 (2016) 126-130.
    """

    needs_values: ClassVar[bool] = False
    best_worst: Comparisons
    form: Literal["linear", "ratios"] = "linear"
    limit: float | None = None

    def mistakes(self, ids: Sequence[str], number: Literal_) -> Iterator[RuleMistake]:
        """What is wrong with the names and the comparisons, and an inconsistency above the limit."""
        if self.limit is not None and not self.limit > 0:
            yield ("limit",), "the limit must be above zero", "limit 须大于零"
        wrong = list(self._wrong_names(ids)) or list(self._wrong_numbers(ids))
        yield from wrong
        if not wrong and self.limit is not None and len(ids) > 1:
            ratio = self._consistency_ratio(ids)
            if ratio > self.limit:
                yield (
                    ("best_worst",),
                    f"the consistency ratio is {ratio:.4f}, above the limit of {plain(self.limit)}",
                    f"一致性比率为 {ratio:.4f}，超过上限 {plain(self.limit)}",
                )

    def weights(self, children: Siblings) -> Weights:
        """The weights, with deviation, consistency ratio and width of the optimum as facts."""
        ids = children.ids
        given = self.best_worst
        best, worst = ids.index(given.best), ids.index(given.worst)
        best_over, over_worst, others, extreme = self._vectors(ids)
        if self.form == "linear":
            weights, deviation, width = linear_weights(best_over, over_worst, best, worst)
        else:
            found, deviation, width = ratio_weights(best_over[others], over_worst[others], extreme)
            weights = np.empty(len(ids))
            weights[[*others, best, worst]] = found
        return Weights(
            weights,
            {
                "deviation": deviation,
                "consistency_ratio": self._consistency_ratio(ids),
                "widest_interval": width,
            },
        )

    def _vectors(self, ids: Sequence[str]) -> tuple[Array, Array, list[int], float]:
        """Both rows of comparisons in the order of the children, the other children, and best over
        worst."""
        given = self.best_worst
        extreme = given.best_over.get(given.worst) or given.over_worst[given.best]
        ends = {given.best: (1.0, extreme), given.worst: (extreme, 1.0)}
        pairs = [ends.get(i) or (given.best_over[i], given.over_worst[i]) for i in ids]
        others = [place for place, name in enumerate(ids) if name not in ends]
        columns = np.array(pairs, dtype=float)
        return columns[:, 0], columns[:, 1], others, extreme

    def _consistency_ratio(self, ids: Sequence[str]) -> float:
        best_over, over_worst, others, extreme = self._vectors(ids)
        index = consistency_index(extreme)
        deviation = ratio_deviation(best_over[others], over_worst[others], extreme)
        return deviation / index if index > 0 else 0.0

    def _wrong_names(self, ids: Sequence[str]) -> Iterator[RuleMistake]:
        given = self.best_worst
        named: list[tuple[str, tuple[str, ...]]] = [
            (given.best, ("best_worst", "best")),
            (given.worst, ("best_worst", "worst")),
            *((name, ("best_worst", "best_over", name)) for name in given.best_over),
            *((name, ("best_worst", "over_worst", name)) for name in given.over_worst),
        ]
        for name, path in named:
            if name not in ids:
                en, zh = suggestion(name, ids)
                yield (
                    path,
                    f"'{name}' is not a child of this group{en}",
                    f"“{name}”不是本组的下级{zh}",
                )
        if given.best == given.worst:
            yield (
                ("best_worst", "worst"),
                "the best and the worst child must differ",
                "最重要与最不重要的下级不能是同一个",
            )

    def _wrong_numbers(self, ids: Sequence[str]) -> Iterator[RuleMistake]:
        given = self.best_worst
        for key, row, own, zh_key in (
            ("best_over", given.best_over, given.best, "最重要者对各项"),
            ("over_worst", given.over_worst, given.worst, "各项对最不重要者"),
        ):
            for name, ratio in row.items():
                if not 1 <= ratio < float("inf") or (name == own and ratio != 1):
                    wanted = ("1", "1") if name == own else ("at least 1", "至少为 1")
                    yield (
                        ("best_worst", key, name),
                        f"`{key}`: '{name}' must be {wanted[0]}, this is {ratio_text(ratio)}",
                        f"{key}（{zh_key}）：“{name}”须{wanted[1]}，这里是 {ratio_text(ratio)}",
                    )
            for name in ids:
                if name not in row and name not in (given.best, given.worst):
                    yield (
                        ("best_worst", key),
                        f"`{key}` does not compare '{name}'",
                        f"{key}（{zh_key}）没有比较“{name}”",
                    )
        yield from self._wrong_extreme(given.best_over, given.over_worst)

    def _wrong_extreme(
        self, best_over: Mapping[str, float], over_worst: Mapping[str, float]
    ) -> Iterator[RuleMistake]:
        given = self.best_worst
        one, other = best_over.get(given.worst), over_worst.get(given.best)
        if one is None and other is None:
            yield (
                ("best_worst", "best_over"),
                f"'{given.best}' and '{given.worst}' are not compared",
                f"“{given.best}”与“{given.worst}”没有比较",
            )
        elif one is not None and other is not None and one != other:
            yield (
                ("best_worst", "over_worst", given.best),
                f"'{given.best}' over '{given.worst}' is {ratio_text(one)} in `best_over`, but "
                f"{ratio_text(other)} in `over_worst`",
                f"“{given.best}”对“{given.worst}”在 best_over 中为 {ratio_text(one)}，"
                f"在 over_worst 中为 {ratio_text(other)}",
            )
