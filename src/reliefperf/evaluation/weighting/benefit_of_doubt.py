"""The benefit of the doubt: each region is weighed as suits it best."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np

from reliefperf.errors import suggestion
from reliefperf.evaluation.envelopment import SharesOf, best_weights
from reliefperf.evaluation.multipliers import GAP
from reliefperf.evaluation.scoring.base import Literal_, RuleMistake, compute_fields, plain
from reliefperf.evaluation.siblings import Mask, Siblings
from reliefperf.evaluation.weighting.base import Weighting, Weights, weighting
from reliefperf.evaluation.weighting.observed import is_constant
from reliefperf.model.environment import Array
from reliefperf.model.expressions import Expr
from reliefperf.model.spec_data import expression

Bound = Expr | dict[str, Expr]
TOLERANCE = 1e-9


@weighting("benefit_of_doubt")
class BenefitOfDoubt(Weighting):
    """Each region has the weights with which it comes nearest to the best, or is one of them.

    A region's part of full marks is the greatest weighted sum that it can reach while no region has
    more than 1 with the same weights. `least` and `most` bound what a child contributes as a share
    of that sum: one number, or one a child. `shares_of` says whose shares: the region's own, those
    of the mean of all regions, or those of all regions; or those of the weights in their own sum.

    Where several weights give a region the same, those count whose shares are nearest to equal.
    Source: Melyn and Moesen (1991); Cherchye et al. (2007), Social Indicators Research 82, 111-145;
    OECD/JRC Handbook on Constructing Composite Indicators (2008), step 6.
    """

    needs_linear: ClassVar[bool] = True
    benefit_of_doubt: Literal[True] = True
    least: Bound | None = expression(None, constant=True)
    most: Bound | None = expression(None, constant=True)
    shares_of: SharesOf = "region"
    zeros: Literal["error", "zero"] = "error"

    def mistakes(self, ids: Sequence[str], number: Literal_) -> Iterator[RuleMistake]:
        """Bounds that name no child, lie outside 0 to 1, or leave no room."""
        for name in ("least", "most"):
            bound = getattr(self, name)
            for child in bound if isinstance(bound, dict) else ():
                if child not in ids:
                    en, zh = suggestion(child, ids)
                    yield (
                        (name, child),
                        f"`{name}` names '{child}', which is not a child here{en}",
                        f"{name} 所写“{child}”不是该节点的下级{zh}",
                    )
        least = {child: number(expr) for child, expr in _by_child(self.least, ids).items()}
        most = {child: number(expr) for child, expr in _by_child(self.most, ids).items()}
        yield from _bound_mistakes(ids, least, most)

    def weights(self, children: Siblings) -> Weights:
        """Each region's own weights, NaN where a child is missing, zero where there is nothing."""
        parts = np.where(np.isnan(children.parts), np.nan, children.counted)
        missing = np.isnan(children.parts)
        skipped = np.zeros(parts.shape, bool) if children.present is None else ~children.present
        missing &= ~skipped
        parts = np.where(skipped, 0.0, parts)
        if (parts < 0).any():
            raise children.refuse(
                "`benefit_of_doubt` cannot take a negative value",
                "benefit_of_doubt 不能处理负值",
                parts < 0,
            )
        least, most = self._bounds(children)
        known = ~missing.any(axis=0)
        self._notes(children, known, skipped, parts)
        weights = np.full(parts.shape, np.nan)
        if not known.any():
            return Weights(weights, absolute=True)
        self._refuse_constant(children, parts[:, known], most)
        self._refuse_zeros(children, parts, known, skipped, least, most)
        found = best_weights(parts[:, known], least, most, self.shares_of)
        counts = parts[:, known].any(axis=0)
        if self.shares_of != "region" and counts.any() and found.scores.max() <= GAP:
            raise children.refuse(
                "no weights keep the shares within `least` and `most`; widen them, or bound the "
                "region's own shares only (`shares_of: region`)",
                "没有权重能使各项占比都在 least 与 most 之内；请放宽界限，或只限定各地区自身的占比"
                "（shares_of: region）",
            )
        weights[:, known] = found.weights
        facts = {
            "regions": float(known.sum()),
            "regions_at_1": float((found.scores >= 1 - GAP).sum()),
            "regions_with_other_best_weights": float((~found.single).sum()),
            "proved_within": _power_of_ten(float(found.gaps.max())),
        }
        return Weights(weights, facts, absolute=True)

    def _bounds(self, children: Siblings) -> tuple[Array, Array]:
        given = compute_fields(self, children.model, children.env)
        ids = children.ids
        least = {child: float(value) for child, value in _by_child(given["least"], ids).items()}
        most = {child: float(value) for child, value in _by_child(given["most"], ids).items()}
        for _, en, zh in _bound_mistakes(ids, least, most):
            raise children.refuse(en, zh)
        return (
            np.array([least.get(child, 0.0) for child in ids]),
            np.array([most.get(child, 1.0) for child in ids]),
        )

    def _notes(self, children: Siblings, known: Mask, skipped: Mask, parts: Array) -> None:
        children.note(
            "no-peer",
            "a child is missing, so the region has no weights and is no peer of the others",
            "有下级缺失，该地区不求权重，也不作为其他地区的参照",
            ~known,
        )
        children.note(
            "skipped-as-zero",
            "a skipped child has no weight, and counts as zero where others are compared with it",
            "跳过的下级不赋权；与其他地区比较时按零计",
            skipped.any(axis=0) & known,
        )
        children.note(
            "nothing-to-weigh",
            "every child is zero: all weights, and the result, are zero",
            "所有下级均为零：权重与结果均为零",
            known & ~np.where(known, parts, 1.0).any(axis=0),
        )

    def _refuse_constant(self, children: Siblings, parts: Array, most: Array) -> None:
        alone = is_constant(parts) & parts.any(axis=1) & (most >= 1)
        if parts.shape[1] > 1 and alone.any():
            names = [name for name, same in zip(children.ids, alone, strict=True) if same]
            listed, listed_zh = ", ".join(f"'{name}'" for name in names), "、".join(names)
            raise children.refuse(
                f"{listed} has the same value in all regions: weighed by it alone, every region "
                "would be the best; leave it out, or bound its share with `most`",
                f"{listed_zh}在所有地区取值相同：仅凭该项各地区均为最优；请删去，或以 most 限定其占比",
            )

    def _refuse_zeros(
        self,
        children: Siblings,
        parts: Array,
        known: Mask,
        skipped: Mask,
        least: Array,
        most: Array,
    ) -> None:
        """Regions whose bounds cannot hold because they have nothing where a share is asked."""
        if self.shares_of == "weights":
            return
        nothing = (parts == 0) & known & np.where(known, parts, 0.0).any(axis=0)
        asked = nothing & (least > 0)[:, None]
        room = np.where(nothing, 0.0, most[:, None]).sum(axis=0)
        asked |= nothing & (room < 1 - TOLERANCE)
        if self.shares_of == "mean":
            asked &= (parts[:, known] == 0).all(axis=1)[:, None]
        if not asked.any():
            return
        if self.zeros == "error" or self.shares_of != "region":
            raise children.refuse(
                "the shares cannot keep `least` and `most` where a region has nothing; give the "
                "rule a lowest value above zero, or accept a result of zero with `zeros: zero` "
                "(only with `shares_of: region`)",
                "地区在某项上为零时，占比无法满足 least 与 most；请让计分规则的最低值大于零，"
                "或写 zeros: zero 接受结果为零（仅限 shares_of: region）",
                asked,
            )
        children.note(
            "zero-under-bounds",
            "the bounds on shares cannot hold where a child is zero: all weights, and the result, "
            "are zero",
            "有下级为零，占比界限无法满足：权重与结果均为零",
            asked.any(axis=0),
        )


def _power_of_ten(gap: float) -> float:
    """The next power of ten above a gap, from 1e-12 on: below that it is noise of the machine."""
    return float(10.0 ** math.ceil(math.log10(max(gap, 1e-12))))


def _by_child[T](bound: T | Mapping[str, T] | None, ids: Sequence[str]) -> dict[str, T]:
    """A bound for each child that has one."""
    if bound is None:
        return {}
    if isinstance(bound, Mapping):
        return {child: value for child, value in bound.items() if child in ids}
    return dict.fromkeys(ids, bound)


def _bound_mistakes(
    ids: Sequence[str], least: Mapping[str, float | None], most: Mapping[str, float | None]
) -> Iterator[RuleMistake]:
    """What bounds cannot be; None is a bound that is not known yet."""
    for name, bounds in (("least", least), ("most", most)):
        for child, value in bounds.items():
            if value is not None and not 0 <= value <= 1:
                yield (
                    (name,),
                    f"`{name}` is a share between 0 and 1, for '{child}' it is {plain(value)}",
                    f"{name} 是 0 到 1 之间的占比，“{child}”为 {plain(value)}",
                )
                return
    for child in ids:
        low, high = least.get(child), most.get(child)
        if low is not None and high is not None and low > high + TOLERANCE:
            yield (
                ("least",),
                f"for '{child}', `least` ({plain(low)}) is above `most` ({plain(high)})",
                f"“{child}”的 least（{plain(low)}）大于 most（{plain(high)}）",
            )
            return
    lowest = sum(value or 0.0 for value in least.values())
    if lowest > 1 + TOLERANCE:
        yield (
            ("least",),
            f"`least` adds up to {plain(lowest)}: the shares cannot be more than 1 together",
            f"least 合计 {plain(lowest)}，各项占比之和不能超过 1",
        )
    highest = sum(1.0 if (value := most.get(child)) is None else value for child in ids)
    if highest < 1 - TOLERANCE:
        yield (
            ("most",),
            f"`most` adds up to {plain(highest)}: the shares cannot reach 1 together",
            f"most 合计 {plain(highest)}，各项占比之和达不到 1",
        )
