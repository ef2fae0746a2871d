"""Weights as the children state them: one number each, or numbers that differ by region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reliefperf.evaluation.siblings import SHOWN, Mask, Siblings
from reliefperf.model.consistency_weights import TOLERANCE
from reliefperf.model.environment import Array
from reliefperf.model.expressions import Expr


def stated_weights(children: Siblings, given: Sequence[Expr | None], *, must_add_up: bool) -> Array:
    """What the children state, 1 where nothing is: (n_children,), or (n_children, n_regions).

    Regions where no child has a value are not looked at; nor is the weight of a skipped child, unless
    weights must add up. Raises InputError, with the children and
    the regions, for weights that are missing, negative, all zero, or that do not add up to 1 or 100
    (equal ones that do not differ by region need not).
    """
    env, model = children.env, children.model
    columns = [np.ones(()) if w is None else model.compiled(w)(env).astype(float) for w in given]
    differ = any(column.ndim for column in columns)
    weights = np.array(
        [np.broadcast_to(column, env.n_regions if differ else 1) for column in columns]
    )
    counted = ~np.isnan(children.parts).all(axis=0) if differ else np.ones(1, dtype=bool)
    needed = counted
    if differ and children.present is not None and not must_add_up:
        needed = counted & children.present
    _require(children, "has no weight", "没有权重", np.isnan(weights) & needed, differ)
    _require(children, "has a weight below zero", "权重为负", (weights < 0) & counted, differ)
    total = weights.sum(axis=0)
    if (empty := (total == 0) & counted).any():
        where = _regions(children, empty) if differ else ("", "")
        raise children.refuse(f"all weights are zero{where[0]}", f"权重全为零{where[1]}")
    if must_add_up:
        off = np.minimum(np.abs(total - 1), np.abs(total - 100)) > TOLERANCE
        off &= counted & (differ or np.ptp(weights, axis=0) > 0)
        if off.any():
            where = _regions(children, off) if differ else ("", "")
            found = f"{total[off.argmax()]:g}"
            raise children.refuse(
                f"the weights add up to {found}{where[0]}, not to 1 or 100; write "
                "`normalise_weights: true` on the group if that is meant",
                f"权重合计 {found}{where[1]}，既非 1 也非 100；"
                "如确需如此，请在上级写 normalise_weights: true",
            )
    return weights if differ else weights[:, 0]


def _require(children: Siblings, en: str, zh: str, wrong: Mask, differ: bool) -> None:
    if not wrong.any():
        return
    if differ:
        raise children.refuse(f"a child {en}", f"有下级{zh}", wrong)
    child = children.ids[int(wrong.any(axis=1).argmax())]
    raise children.refuse(f"'{child}' {en}", f"“{child}”{zh}")


def _regions(children: Siblings, where: Mask) -> tuple[str, str]:
    places = np.flatnonzero(where)
    listed = ", ".join(children.env.codes[place] for place in places[:SHOWN])
    listed += ", ..." if len(places) > SHOWN else ""
    return f" in {len(places)} region(s) ({listed})", f"（涉及 {len(places)} 个地区：{listed}）"
