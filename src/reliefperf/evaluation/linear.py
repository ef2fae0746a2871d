"""The linear pieces of an evaluation: what a score is made of if it is a sum of parts times weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reliefperf.evaluation.draws import Finish
from reliefperf.evaluation.evaluate import ROOT, Evaluation
from reliefperf.evaluation.grading import best_allowed
from reliefperf.evaluation.weight_draws import SiblingGroup, effective_weights, leaves
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.numbers import at_least, round_column

SAME = 1e-9


@dataclass(frozen=True)
class NotLinear:
    """Why a score or grade under other weights has to be evaluated anew."""

    en: str
    zh: str


@dataclass(frozen=True, eq=False)
class Limits:
    """Grades from the best with the lower ends, included, of all but the last; `best` (n_regions,)
    is the best grade that vetoes and caps leave to each region, as its place."""

    grades: tuple[str, ...]
    lower: tuple[float, ...]
    best: NDArray[np.int64]

    def of(self, scores: Array, places: NDArray[np.intp]) -> NDArray[np.intp]:
        """The places of the grades of scores (..., n_chosen), none missing, of regions in places."""
        found = np.full(scores.shape, len(self.lower))
        for grade in reversed(range(len(self.lower))):
            found[at_least(scores, np.array(self.lower[grade]))] = grade
        return np.asarray(np.maximum(found, self.best[places]))


@dataclass(frozen=True, eq=False)
class LinearTree:
    """All that `sample_weights` and `summarise` need.

    `parts` (n_indicators, n_regions) are parts of full marks of `indicators`; `groups` are the
    siblings with their weights, the root first; `finish` adds what does not depend on weights
    (bonuses, deductions), holds the score within its limits and rounds. `compared` (n_regions,) are
    the groups that regions are ranked in, -1 for none; it is None where all are ranked together, as
    `summarise` does. `grades` is None where the model has none.
    """

    indicators: tuple[str, ...]
    parts: Array
    groups: tuple[SiblingGroup, ...]
    full_marks: float
    finish: Finish
    ascending: bool
    compared: NDArray[np.int64] | None
    grades: Limits | NotLinear | None

    @property
    def base(self) -> Array:
        """What each indicator counts in the model, shape (n_indicators,)."""
        return effective_weights(self.groups)


def linear_tree(model: Model, env: Environment, evaluation: Evaluation) -> LinearTree | NotLinear:
    """The linear pieces of an evaluation, or why there are none.

    Not linear are: another mean than the arithmetic, weights of each region's own, skipped children,
    adjustments, limits and consequences that depend on the score or a group or set it, ranks with
    other ties than `min`. Weights that were taken from the values stand as they were found.
    """
    spec = model.spec.evaluation
    assert spec is not None
    for node in evaluation.nodes.values():
        label = node.id or "evaluation"
        if node.steps:
            key = node.steps[0]
            return NotLinear(
                f"the value of '{label}' is changed by `{key}` once its children are combined",
                f"“{label}”合成后又经 {key} 变动",
            )
        if not node.is_linear:
            return NotLinear(
                f"'{label}' combines by `{node.how.key}`, which is not a weighted sum",
                f"“{label}”以 {node.how.key} 合成，不是加权和",
            )
        if node.present is not None:
            return NotLinear(
                f"a child of '{label}' is skipped in some regions",
                f"“{label}”的下级在部分地区被跳过",
            )
        if node.weights.absolute or node.shares.shape[1] != 1:
            return NotLinear(
                f"the children of '{label}' have other weights in each region",
                f"“{label}”的下级在各地区权重不同",
            )
    if found := _adjusted(model, evaluation):
        return found
    if spec.rank.ties != "min":
        return NotLinear("ties do not take the best place", "并列不取最前名次")
    if spec.rank.tie_break is not None:
        return NotLinear("`tie_break` decides between equal scores", "同分名次由 tie_break 决定")
    compared = None
    if spec.rank.by is not None:
        compared, _ = env.groups(model.compiled(spec.rank.by).full(env))
    groups = tuple(
        SiblingGroup(node.id, node.children, node.shares[:, 0])
        for node in sorted(evaluation.nodes.values(), key=lambda node: node.id != ROOT)
    )
    indicators = leaves(groups)
    parts = np.array([evaluation.values(i) / evaluation.full_marks(i) for i in indicators])
    held = ("min_score", "max_score", "rounding")
    moved = [effect.points for effect in evaluation.effects if effect.id not in held]
    least = _bound(model, env, spec.min_score, -np.inf)
    most = _bound(model, env, spec.max_score, np.inf)
    offsets = np.sum(moved, axis=0) if moved else np.zeros(len(evaluation.codes))

    def finish(scores: Array, places: NDArray[np.intp]) -> Array:
        moved = scores + offsets[places] if offsets.any() else scores
        if least is not None:
            moved = np.maximum(moved, least[places])
        if most is not None:
            moved = np.minimum(moved, most[places])
        return round_column(moved, spec.decimals, spec.rounding)

    full_marks = evaluation.nodes[ROOT].full_marks
    tree = LinearTree(
        indicators,
        parts,
        groups,
        full_marks,
        finish,
        spec.rank.order == "ascending",
        compared,
        _limits(model, env, evaluation),
    )
    everybody = np.arange(len(evaluation.codes))
    again = finish(full_marks * (tree.base @ parts)[None], everybody)[0]
    if not np.allclose(again, evaluation.score, rtol=0, atol=SAME * full_marks, equal_nan=True):
        return NotLinear(
            "the score is not the weighted sum of its indicators",
            "得分不等于各指标的加权和",
        )
    return tree


def _bound(model: Model, env: Environment, limit: Expr | None, none: float) -> Array | None:
    """A limit of the score, shape (n_regions,); none where it is missing."""
    if limit is None:
        return None
    return np.nan_to_num(model.compiled(limit).full(env), nan=none, posinf=np.inf, neginf=-np.inf)


def _adjusted(model: Model, evaluation: Evaluation) -> NotLinear | None:
    """What moves the score, or a cap, in a way that other weights would change."""
    spec = model.spec.evaluation
    assert spec is not None
    moving = {"score", "grade", "rank", *(node for node in evaluation.nodes if node)}
    for effect in evaluation.effects:
        item = effect.spec
        if effect.rulings:
            return _unsteady(effect.id)
        if item is not None:
            names = {name for _, expr, _ in expressions_in(item) for name in _behind(model, expr)}
            if item.set_score is not None or names & moving:
                return _unsteady(effect.id)
    for consequence in spec.consequences:
        said = {name for _, expr, _ in expressions_in(consequence) for name in _behind(model, expr)}
        if consequence.moves and said & moving:
            return _unsteady(consequence.id)
    for name, expr in (
        ("bonus_limit", spec.bonus_limit),
        ("min_score", spec.min_score),
        ("max_score", spec.max_score),
        ("rank", spec.rank.by),
    ):
        if expr is not None and _behind(model, expr) & moving:
            return _unsteady(name)
    return None


def _unsteady(name: str) -> NotLinear:
    return NotLinear(
        f"'{name}' sets the score, or depends on it",
        f"“{name}”直接设定得分，或取决于得分",
    )


def _behind(model: Model, expr: Expr) -> frozenset[str]:
    """The names in an expression, with those of the derived columns that it names."""
    return expr.names | model.names_behind(expr)


def _limits(model: Model, env: Environment, evaluation: Evaluation) -> Limits | NotLinear | None:
    spec = model.spec.evaluation
    assert spec is not None
    if spec.grades is None:
        return None
    lower: list[float] = []
    for band in spec.grades.bands[:-1]:
        stated = None if band.at_least is None else model.compiled(band.at_least)(env)
        if (
            stated is None
            or band.at_least is None
            or stated.ndim
            or _behind(model, band.at_least) & {"score", *evaluation.nodes}
            or band.above
            or band.when
            or band.quota is not None
        ):
            return NotLinear(
                f"the grade '{band.grade}' depends on more than a lower limit, included",
                f"等次“{band.grade}”不只取决于（含端点的）下限",
            )
        lower.append(float(stated))
    if sorted(lower, reverse=True) != lower or np.isnan(lower).any():
        return NotLinear("the limits of the grades do not fall", "各等次下限未依次递减")
    names = tuple(band.grade for band in spec.grades.bands)
    return Limits(
        names, tuple(lower), best_allowed(evaluation.effects, names, len(evaluation.codes))
    )
