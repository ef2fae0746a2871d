"""What is done to a group's value once its children are combined: rescaling it, rounding it.

Source: Human Development Report 2010, technical note 1: the education index is the geometric mean
of its two parts, divided by the greatest such mean observed (0.951), before the indices combine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reliefperf.errors import InputError, Lang
from reliefperf.evaluation.indicators import constant, path_of
from reliefperf.model import numbers
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model

_DONE: Mapping[str, Mapping[Lang, str]] = {
    "combine": {
        "zh": "合成方式（非算术平均）",
        "en": "the way of combining (not an arithmetic mean)",
    },
    "rescale": {"zh": "分组合成值重新标度", "en": "`rescale`"},
    "decimals": {"zh": "分组合成值取整（decimals）", "en": "`decimals`"},
}


def words_of(done: Sequence[str]) -> Mapping[Lang, str]:
    """What the points table says of a group: what made its value differ from the weighted sum.

    `done` holds `combine` (another mean than the arithmetic), `rescale`, `decimals`, in that order.

    >>> words_of(["combine", "rescale"])["en"]
    'difference made by the way of combining (not an arithmetic mean) and by `rescale`'
    """
    return {
        "zh": "与".join(_DONE[key]["zh"] for key in done) + "带来的差额",
        "en": "difference made " + " and ".join(f"by {_DONE[key]['en']}" for key in done),
    }


def rescaled(
    model: Model,
    env: Environment,
    node_id: str,
    posts: tuple[Expr, Expr],
    values: Array,
    full_marks: float,
) -> Array:
    """Values (n_regions,) with 0 at the first post and `full_marks` at the second.

    The posts are on the scale of `values`. What lies outside them is held, and reported.

    Raises InputError where the second post does not lie above the first.
    """
    low, high = (constant(model, env, post) for post in posts)
    if not high > low:
        raise InputError(
            model.document.mistake(
                path_of(model, posts[1]),
                f"the second number of `rescale` must lie above the first: {low:g} and {high:g}",
                f"rescale 的第二个数须大于第一个数：{low:g} 与 {high:g}",
            )
        )
    moved = full_marks * (values - low) / (high - low)
    beyond = numbers.above(moved, np.full_like(moved, full_marks)) | (moved < 0)
    env.report(
        "held-at-posts",
        node_id,
        f"what the children combine to lies outside `rescale`, {low:g} to {high:g}, and is held",
        f"下级合成值超出 rescale 的范围 {low:g} 至 {high:g}，按界限取值",
        np.asarray(beyond),
    )
    return np.asarray(np.clip(moved, 0.0, full_marks))
