"""What methods that take weights from the values share: which regions count, and constant children.

The policy is one for all of them. Weights follow from the children's parts of full marks in the
regions of the period where no child is missing or skipped; the others are noted. Fewer than three
such regions are an error. A child with the same value in all of them tells nothing: it is an error
that names it, or has no weight where the model says `constant: zero_weight`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from reliefperf.evaluation.siblings import Mask, Siblings
from reliefperf.evaluation.weighting.base import Weighting, Weights
from reliefperf.model.environment import Array

LEAST_REGIONS = 3
SAME = 1e-12
"""Values whose spread is within this part of the greatest are the same but for binary noise."""


@dataclass(frozen=True)
class Observed:
    """The parts that weights are taken from, shape (n_varying, n_complete), and what was left out."""

    parts: Array
    varying: Mask
    complete: Mask


def is_constant(parts: Array) -> Mask:
    """Which children have one value only, shape (n_children,)."""
    scale = np.maximum(np.abs(parts).max(axis=1), np.finfo(float).tiny)
    return np.asarray(np.ptp(parts, axis=1) <= SAME * scale)


class FromValues(Weighting):
    """The base of the methods that take weights from the values."""

    constant: Literal["error", "zero_weight"] = "error"

    def weights(self, children: Siblings) -> Weights:
        """The weights of the varying children, zero for constant ones; a single child has one."""
        if len(children.ids) == 1:
            return Weights(np.ones(1))
        seen = self._observed(children)
        found, facts = self._from_parts(seen, children)
        weights = np.zeros(len(children.ids))
        weights[seen.varying] = found
        return Weights(weights, {"regions": float(seen.complete.sum()), **facts})

    def _from_parts(
        self, seen: Observed, children: Siblings
    ) -> tuple[Array, dict[str, float | str]]:
        """Weights of the varying children that add up to one, and facts."""
        raise NotImplementedError

    def _observed(self, children: Siblings) -> Observed:
        counted = children.counted
        missing = np.isnan(counted)
        complete = ~missing.any(axis=0)
        if complete.sum() < LEAST_REGIONS:
            raise children.refuse(
                f"`{self.key}` needs {LEAST_REGIONS} regions without a missing child, there are "
                f"{complete.sum()}",
                f"{self.key} 至少需要 {LEAST_REGIONS} 个下级齐全的地区，现有 {complete.sum()} 个",
                missing,
            )
        children.note(
            "left-out-of-weights",
            f"a child of '{children.label}' is missing: left out where `{self.key}` takes the "
            "weights from the values",
            f"“{children.label}”有下级缺失：{self.key} 求权重时不计入",
            ~complete,
        )
        parts = counted[:, complete]
        constant = is_constant(parts)
        if constant.any():
            self._constant(children, constant, complete)
        return Observed(parts[~constant], ~constant, complete)

    def _constant(self, children: Siblings, constant: Mask, complete: Mask) -> None:
        if self.constant == "error" or constant.all():
            names = [name for name, same in zip(children.ids, constant, strict=True) if same]
            listed = ", ".join(f"'{name}'" for name in names)
            listed_zh = "、".join(f"“{name}”" for name in names)
            if constant.all():
                raise children.refuse(
                    f"`{self.key}` cannot weigh children that are all the same in every region "
                    f"({listed})",
                    f"各下级在所有地区取值都相同（{listed_zh}），{self.key} 无法赋权",
                )
            raise children.refuse(
                f"{listed} has the same value in all regions, which tells `{self.key}` nothing; "
                "leave it out, or write `constant: zero_weight`",
                f"{listed_zh}在所有地区取值相同，{self.key} 无从赋权；"
                "请删去，或写 constant: zero_weight",
            )
        for name, same in zip(children.ids, constant, strict=True):
            if same:
                children.note(
                    "zero-weight",
                    f"'{name}' has one value only and no weight under `{self.key}`",
                    f"“{name}”取值全部相同，{self.key} 权重为零",
                    complete,
                )


def refuse_negative(method: str, seen: Observed, children: Siblings) -> None:
    """Raise InputError that names the children and regions with a negative part."""
    if not (seen.parts < 0).any():
        return
    negative = np.zeros(children.parts.shape, dtype=bool)
    negative[np.ix_(seen.varying, seen.complete)] = seen.parts < 0
    raise children.refuse(
        f"`{method}` cannot take a negative value", f"{method} 不能处理负值", negative
    )
