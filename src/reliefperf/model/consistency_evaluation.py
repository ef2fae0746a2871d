"""What the evaluation of a model must agree on with itself: sums of points, weights, bands."""

from __future__ import annotations

from collections.abc import Sequence

from reliefperf.errors import suggestion
from reliefperf.model.checker import TOLERANCE, Checker
from reliefperf.model.consistency_combining import combining_mistakes, improvement_mistakes
from reliefperf.model.consistency_rulebook import ROWS
from reliefperf.model.consistency_treatment import own_treatment_mistakes, treatment_mistakes
from reliefperf.model.consistency_weights import Judge, add_up, weights_mistakes
from reliefperf.model.document import Path_
from reliefperf.model.expressions import Expr
from reliefperf.model.registry import RuleSpec
from reliefperf.model.spec_evaluation import (
    AGGREGATORS,
    AggregatorSpec,
    Band,
    EvaluationSpec,
    NodeSpec,
    is_quota,
)

STEPS = ("combine", "bonus_limit", "min_score", "max_score", "rounding")
"""Rows of points.csv that are neither indicators nor adjustments."""


def combine_of(node: NodeSpec | EvaluationSpec) -> AggregatorSpec | None:
    """How a node's children combine: as stated, else the sum where every child has points."""
    if node.combine is not None:
        return node.combine
    children = node.children if isinstance(node, NodeSpec) else node.tree
    if all(child.points is not None for child in children):
        return AGGREGATORS.pick("sum")
    if isinstance(node, EvaluationSpec) and len(children) == 1:
        return AGGREGATORS.pick("arithmetic")
    return None


class EvaluationChecker(Checker):
    """Checks of one evaluation."""

    def check(self, spec: EvaluationSpec) -> None:
        """Keep every mistake."""
        path: Path_ = ("evaluation",)
        scale = self.number(spec.scale)
        if scale is not None and scale <= 0:
            self.wrong((*path, "scale"), "the scale must be above zero", "scale 必须大于零")
        for place, node in enumerate(spec.tree):
            self._points_are_positive((*path, "tree", place), node)
            self._rules((*path, "tree", place), node, scale)
        total = self._children(spec, spec.tree, (*path, "tree"), path)
        for found in weights_mistakes(spec, Judge(combine_of, self.number, self.whole)):
            self.wrong(*found)
        full = self.number(spec.full_marks)
        if total is not None and full is not None and abs(total - full) > TOLERANCE:
            self.wrong(
                (*path, "full_marks"),
                f"the points of the tree add up to {total:g}, not {full:g}",
                f"各项分值合计 {total:g}，与满分 {full:g} 不符",
            )
        if full is not None and full <= 0:
            self.wrong((*path, "full_marks"), "full marks must be above zero", "满分必须大于零")
        if spec.grades is not None and self.whole((*path, "grades")):
            capped = [i.cap_grade for i in spec.adjustments] + [i.grade for i in spec.consequences]
            self._bands(spec.grades.bands, capped, (*path, "grades", "bands"))
        if spec.improvement is not None and self.whole((*path, "improvement")):
            for found in improvement_mistakes(spec.improvement, spec, self.number):
                self.wrong(*found)
            if spec.improvement.grades is not None:
                bands = spec.improvement.grades.bands
                self._bands(bands, [], (*path, "improvement", "grades", "bands"))
        for found in combining_mistakes(spec, Judge(combine_of, self.number, self.whole)):
            self.wrong(*found)
        grades = [band.grade for band in spec.grades.bands] if spec.grades else []
        self.unique("adjustments", [item.id for item in spec.adjustments], path)
        if self.whole((*path, "tree")):
            for where, en, zh in treatment_mistakes(spec, self.number, self.whole):
                self.wrong(where, en, zh)
        nodes = {node.id for node in spec.nodes()}
        for place, item in enumerate(spec.adjustments):
            here = (*path, "adjustments", place)
            if item.id in nodes or item.id in STEPS or item.id.startswith(ROWS):
                self.wrong(
                    (*here, "id"),
                    f"'{item.id}' already names rows of points.csv; give the adjustment another id",
                    f"“{item.id}”在 points.csv 中已另有含义；请为调整项另取编号",
                )
            if item.cap_grade is not None and item.cap_grade not in grades and self.whole(path):
                en, zh = suggestion(item.cap_grade, grades)
                self.wrong(
                    (*here, "cap_grade"),
                    f"'{item.cap_grade}' is not a grade{en}",
                    f"“{item.cap_grade}”不是等次{zh}",
                )
            if item.veto and not grades and self.whole(path):
                self.wrong(
                    (*here, "veto"), "a veto needs `grades`", "一票否决须先定义 grades（等次）"
                )

    def _children(
        self,
        node: NodeSpec | EvaluationSpec,
        children: Sequence[NodeSpec],
        path: Path_,
        node_path: Path_,
    ) -> float | None:
        """Check the children of a node; the sum of their points if it is a sum, else None."""
        key = "children" if isinstance(node, NodeSpec) else "tree"
        for place, child in enumerate(children):
            if child.children:
                self._node((*path, place), child)
        combine = combine_of(node)
        if combine is None and not (self.whole(path) and self.whole((*node_path, "combine"))):
            return None
        if combine is None:
            self.wrong(
                node_path,
                "`combine` must say how the children combine (sum, arithmetic, geometric, ...); "
                "only where every child has points it is the sum",
                "须写 combine 说明下级如何合成（sum、arithmetic、geometric 等）；仅当下级都有 points 时默认求和",
            )
            return None
        if combine.adds_points:
            total = 0.0
            for place, child in enumerate(children):
                if child.points is None and not child.children:
                    if not self.whole(path):
                        return None
                    self.wrong(
                        (*path, place),
                        f"'{child.id}' needs `points`: its group is a sum",
                        f"“{child.id}”缺少 points（分值）：上级按求和合成",
                    )
                    return None
                if child.weight is not None:
                    self.wrong(
                        (*path, place, "weight"),
                        f"'{child.id}' has a weight, but its group is a sum of points",
                        f"“{child.id}”写了 weight，但上级按分值求和",
                    )
                own = self.number(child.points)
                if own is None and child.points is None:
                    own = self._sum_below(child)
                if own is None:
                    return None
                total += own
            return total if self.whole(path) else None
        weights = [self.number(child.weight) for child in children]
        given = [child.weight is not None for child in children]
        for place, weight in enumerate(weights):
            if weight is not None and weight < 0:
                self.wrong((*path, place, "weight"), "a weight is negative", "权重为负")
        if all(weight == 0 for weight in weights):
            self.wrong(path, "all weights are zero", "权重全为零")
        if not combine.takes_weights and any(given):
            self.wrong(path, f"a {combine.key} takes no weights", f"{combine.key} 不用权重")
        elif any(given) and not all(given) and self.whole(path):
            lacking = next(c.id for c, has in zip(children, given, strict=True) if not has)
            self.wrong(
                path,
                f"'{lacking}' has no weight though its siblings have",
                f"“{lacking}”没有 weight，而同级其他节点有",
            )
        elif all(given) and not node.normalise_weights and self.whole(path):
            known = [weight for weight in weights if weight is not None]
            if len(known) == len(weights) and not combine.ignores_weights:
                total = sum(known)
                if not add_up(known):
                    self.wrong(
                        path,
                        f"the weights in this {key} add up to {total:g}, not to 1 or 100; write "
                        "`normalise_weights: true` on the group if that is meant",
                        f"权重合计 {total:g}，既非 1 也非 100；如确需如此，请在上级写 normalise_weights: true",
                    )
        return None

    def _points_are_positive(self, path: Path_, node: NodeSpec) -> None:
        points = self.number(node.points)
        if points is not None and points <= 0:
            self.wrong(
                (*path, "points"),
                f"'{node.id}' needs points above zero",
                f"“{node.id}”的分值须大于零",
            )
        for place, child in enumerate(node.children):
            self._points_are_positive((*path, "children", place), child)

    def _rules(self, path: Path_, node: NodeSpec, scale: float | None) -> None:
        """What the rule and the overrides of each indicator say against its full marks."""
        full = scale if node.points is None else self.number(node.points)
        for key in ("score", "rescale"):
            find = getattr(getattr(node, key), "mistakes", None)
            if find is not None and self.whole(path):
                for where, en, zh in find(full, self.number):
                    self.wrong((*path, key, *where), en, zh)
        if self.whole((*path, "treat")):
            for where, en, zh in own_treatment_mistakes(path, node.treat or [], self.number):
                self.wrong(where, en, zh)
        for place, override in enumerate(node.override):
            points = self.number(override.points)
            if points is not None and full is not None and points > full + TOLERANCE:
                self.wrong(
                    (*path, "override", place, "points"),
                    f"an override gives {points:g} points, but full marks are {full:g}",
                    f"例外规则给 {points:g} 分，但满分为 {full:g} 分",
                )
        for place, child in enumerate(node.children):
            self._rules((*path, "children", place), child, scale)

    def _bands(self, bands: Sequence[Band], capped: Sequence[str | None], path: Path_) -> None:
        """A band is never reached if one before it takes every score that it would take."""
        grades = [band.grade for band in bands]
        for place, band in enumerate(bands):
            quota = self.number(band.quota)
            if quota is not None and not is_quota(quota):
                self.wrong(
                    (*path, place, "quota"),
                    f"a quota is a share below 1 or a whole number of regions, this is {quota:g}",
                    f"名额须为小于 1 的比例或整数个地区，这里是 {quota:g}",
                )
        caps = [grades.index(name) for name in capped if name in grades]
        limits = [self._lowest_of(band) for band in bands]
        for place, limit in enumerate(limits[:-1]):
            for before, earlier in enumerate(bands[:place]):
                lower = limits[before]
                free = earlier.when is None and earlier.quota is None
                past = any(before < cap for cap in caps)  # capped regions pass the earlier band by
                if free and not past and limit is not None and lower is not None and lower <= limit:
                    self.wrong(
                        (*path, place),
                        f"no region can get the grade '{grades[place]}': "
                        f"'{earlier.grade}' stands before it and takes every such score",
                        f"等次“{grades[place]}”永远不会评出：排在其前的“{earlier.grade}”"
                        "已包含这些得分",
                    )
                    break

    def _lowest_of(self, band: Band) -> tuple[float, bool] | None:
        """The limit of a band and whether it lies beyond its end; None where it is not known."""
        lowest = (float("-inf"), False)
        for expr, beyond in ((band.at_least, False), (band.above, True)):
            value = self.number(expr)
            if expr is not None and value is None:
                return None
            if value is not None:
                lowest = max(lowest, (value, beyond))
        return lowest

    def _sum_below(self, node: NodeSpec) -> float | None:
        combine = combine_of(node)
        if combine is None or not combine.adds_points:
            return None
        total = 0.0
        for child in node.children:
            own = self.number(child.points) if child.points is not None else self._sum_below(child)
            if own is None:
                return None
            total += own
        return total

    def _node(self, path: Path_, node: NodeSpec) -> None:
        if node.rescale is not None:
            self._rescale((*path, "rescale"), node, node.rescale)
        total = self._children(node, node.children, (*path, "children"), path)
        own = self.number(node.points)
        if total is not None and own is not None and abs(total - own) > TOLERANCE:
            self.wrong(
                (*path, "points"),
                f"'{node.id}' has {own:g} points, but those below it add up to {total:g}",
                f"“{node.id}”为 {own:g} 分，但下级合计 {total:g} 分",
            )

    def _rescale(self, path: Path_, node: NodeSpec, posts: tuple[Expr, Expr] | RuleSpec) -> None:
        combine = combine_of(node)
        if combine is not None and combine.adds_points:
            self.wrong(
                path,
                "`rescale` belongs to a group that combines by a mean; a sum of points adds up as "
                "it stands",
                "rescale 只用于按均值合成的分组；分值之和不作调整",
            )
        if isinstance(posts, RuleSpec):
            if posts.key in ("states", "improvement"):
                self.wrong(
                    path,
                    f"`{posts.key}` scores what a region reports, not what a group comes to",
                    f"{posts.key} 只对地区填报的值计分，不能用于分组合成值",
                )
            return
        low, high = (self.number(post) for post in posts)
        if low is not None and high is not None and not high > low:
            self.wrong(
                path,
                f"the second number of `rescale` must lie above the first: {low:g} and {high:g}",
                f"rescale 的第二个数须大于第一个数：{low:g} 与 {high:g}",
            )
