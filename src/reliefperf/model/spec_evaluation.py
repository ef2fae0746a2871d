"""What a model says of the evaluation: tree, adjustments, grades and ranks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Strict, Tag, model_validator

from reliefperf.model.expressions import Expr
from reliefperf.model.numbers import Rounding
from reliefperf.model.refusing import refusal
from reliefperf.model.registry import Picked, Register, RuleSpec
from reliefperf.model.spec_data import Spec, Text, expression
from reliefperf.model.spec_rulebook import Consequence, DecisionsSpec

SCORING: Register[RuleSpec] = Register("scoring rule", "计分规则")
"""Every scoring rule by its key."""

Lowest = Literal["any", "zero", "positive"]
"""The lowest part of full marks: any number, not below zero, or above zero."""
Surely = Literal["negative", "zero"]
"""What a scoring rule is certain to give to some region."""
Missing = Literal["error", "zero", "skip", "group_mean", "score_missing"]
Identifier = Annotated[str, Field(min_length=1, max_length=80)]


class AggregatorSpec(RuleSpec):
    """What the checks of a model must know of a way of combining.

    `adds_points`: children have points, not weights. `is_linear`: the result is the sum of parts
    times weights. `takes_weights` is off where a weight would be a mistake, `ignores_weights` on
    where it would say nothing. `min_children` is how many children make sense of it;
    `compares` says that a region's value depends on those of the others.
    """

    adds_points: ClassVar[bool] = False
    is_linear: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = True
    ignores_weights: ClassVar[bool] = False
    min_children: ClassVar[int] = 1
    compares: ClassVar[bool] = False

    @property
    def lowest(self) -> Lowest:
        """The lowest part that can be combined."""
        return "any"

    @property
    def passes_zero(self) -> bool:
        """Whether the result is zero, or less, wherever one of the children is zero."""
        return False


class WeightingSpec(RuleSpec):
    """What the checks of a model must know of a method of weighting."""

    needs_values: ClassVar[bool] = True
    """Whether the weights follow from the values, so that they differ from period to period."""
    needs_linear: ClassVar[bool] = False
    """Whether the weights mean something only where the result is the sum of parts times weights."""


class TreatmentSpec(RuleSpec):
    """What every step of data treatment states."""

    id: Identifier | None = None
    title: Text | None = None
    basis: Text | None = None
    note: Text | None = None
    indicators: list[Identifier] | None = Field(
        None, description="only these indicators, or those below these nodes; all by default"
    )
    besides: list[Identifier] = Field(
        default_factory=list, description="all but these indicators, or those below these nodes"
    )


AGGREGATORS: Register[AggregatorSpec] = Register("way of combining", "合成方式")
"""Every way of combining by its key."""
WEIGHTINGS: Register[WeightingSpec] = Register("method of weighting", "赋权方法")
"""Every method of weighting by its key."""
TREATMENTS: Register[TreatmentSpec] = Register("treatment step", "数据处理步骤")
"""Every step of data treatment by its key."""

Combine = Annotated[AggregatorSpec, Picked(AGGREGATORS)]
WeightsFrom = Annotated[WeightingSpec, Picked(WEIGHTINGS)]
TreatmentStep = Annotated[TreatmentSpec, Picked(TREATMENTS)]


class Override(Spec):
    """Points that replace those of the rule where a condition holds."""

    when: Expr = expression(kind="bool")
    points: Expr = expression()
    reason: Text | None = None


SampleMethod = Literal["wilson", "clopper_pearson", "normal", "beta"]


class Sample(Spec):
    """How an indicator was estimated: a proportion found in a sample, or a standard error."""

    size: Expr | None = expression(None, description="how many cases were inspected")
    of: Expr = expression(
        lambda: Expr("1"), description="the value if all cases were hits: 1, 100, or the size"
    )
    standard_error: Expr | None = expression(None, description="for anything but a proportion")
    method: SampleMethod = "wilson"
    level: float = Field(0.95, gt=0, lt=1, description="of the interval")

    @model_validator(mode="after")
    def _size_or_error(self) -> Sample:
        if (self.size is None) == (self.standard_error is None):
            raise refusal(
                "a sample needs either `size` (a proportion) or `standard_error`",
                "sample 须写 size（比例）或 standard_error 之一",
            )
        return self


def _rescale_form(value: object) -> str:
    return "posts" if isinstance(value, list | tuple) else "rule"


Rescale = Annotated[
    Annotated[tuple[Expr, Expr], Strict(False), Tag("posts")]
    | Annotated[RuleSpec, Picked(SCORING), Tag("rule")],
    Discriminator(_rescale_form),
]
"""Two posts on the group's own scale, or a scoring rule."""


class NodeSpec(Spec):
    """One node of the evaluation tree: an indicator (`value`) or a group (`children`)."""

    id: Identifier
    title: Text | None = None
    basis: Text | None = Field(None, description="the published rule, or 'modeller's choice'")
    note: Text | None = None
    points: Expr | None = expression(None, constant=True, description="full marks of this node")
    weight: Expr | None = expression(
        None, description="weight among its siblings under a mean; may differ by region"
    )

    value: Expr | None = expression(None, kind="any", description="indicator: what is measured")
    unit: str = ""
    decimals: int | None = Field(
        None, ge=0, le=12, description="round the points, or what a group comes to, to so many"
    )
    score: Annotated[RuleSpec, Picked(SCORING)] | None = Field(
        None, description="indicator: the rule that turns the value into points"
    )
    missing: Missing = "error"
    group: Expr | None = expression(
        None, kind="any", description="missing: group_mean, the mean of which group"
    )
    override: list[Override] = Field(default_factory=list)
    claimed: Expr | None = expression(
        None, description="indicator: the points that the region claims for itself"
    )
    treat: list[TreatmentStep] | None = Field(
        None, description="indicator: its own treatment, in place of the steps against outliers"
    )

    sample: Sample | None = Field(
        None, description="indicator: how far the value may be from the truth"
    )

    combine: Combine | None = Field(None, description="group: how the children combine")
    weights: WeightsFrom | None = Field(None, description="group: the method that gives weights")
    normalise_weights: bool = Field(False, description="weights need not add up to 1 or 100")
    rescale: Rescale | None = expression(
        None,
        constant=True,
        description="group: what of the combined value counts as nothing, and as full marks; or "
        "the scoring rule that turns the combined value into points",
    )
    children: list[NodeSpec] = Field(default_factory=list)

    @model_validator(mode="after")
    def _leaf_or_group(self) -> NodeSpec:
        if (self.value is None) == (not self.children):
            raise refusal(
                f"node '{self.id}' needs either `value` (an indicator) or `children` (a group)",
                f"节点“{self.id}”须有 value（指标）或 children（分组）之一",
            )
        if self.value is not None:
            if self.score is None:
                raise refusal(
                    f"indicator '{self.id}' needs `score`: the rule that gives its points",
                    f"指标“{self.id}”缺少 score（计分规则）",
                )
            if self.rescale is not None:
                raise refusal(
                    f"indicator '{self.id}' has no children: `rescale` belongs to groups, an "
                    "indicator is scored by `goalposts`",
                    f"指标“{self.id}”没有下级：rescale 只用于分组，指标请用 goalposts 计分",
                )
            if self.combine is not None or self.weights is not None or self.normalise_weights:
                raise refusal(
                    f"indicator '{self.id}' has no children to combine",
                    f"指标“{self.id}”没有下级，不能写 combine、weights、normalise_weights",
                )
        elif (
            self.score is not None
            or self.override
            or self.treat is not None
            or self.sample is not None
        ):
            raise refusal(
                f"group '{self.id}' has children: `score`, `override`, `treat` and `sample` belong "
                "to indicators; what a group comes to is scored by `rescale: {minmax: higher}`",
                f"分组“{self.id}”有下级：score、override、treat、sample 只能写在指标上；"
                "分组合成值请用 rescale: {minmax: higher} 计分",
            )
        elif self.missing != "error":
            raise refusal(
                f"group '{self.id}' has children: `missing` belongs to each indicator below it; a "
                "group is skipped where all of them are",
                f"分组“{self.id}”有下级：missing 须写在其下各指标上；各指标均被跳过时分组即被跳过",
            )
        if self.claimed is not None and self.children:
            raise refusal(
                f"group '{self.id}' has children: `claimed` belongs to indicators",
                f"分组“{self.id}”有下级：claimed 只能写在指标上",
            )
        if (self.missing == "group_mean") != (self.group is not None):
            raise refusal(
                "`missing: group_mean` and `group` go together",
                "missing: group_mean 与 group 必须同时出现",
            )
        return self

    def walk(self) -> Iterator[NodeSpec]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


class Adjustment(Spec):
    """Something outside the tree: bonus, deduction, veto, cap on the grade."""

    id: Identifier
    title: Text | None = None
    basis: Text | None = None
    note: Text | None = None
    when: Expr = expression(lambda: Expr("True"), kind="bool")
    bonus: Expr | None = expression(None)
    deduct: Expr | None = expression(None)
    set_score: Expr | None = expression(None)
    veto: bool = Field(False, description="the lowest grade, whatever the score")
    cap_grade: str | None = Field(None, description="no better grade than this")

    @model_validator(mode="after")
    def _one_effect(self) -> Adjustment:
        effects = [
            self.bonus is not None,
            self.deduct is not None,
            self.set_score is not None,
            self.veto,
            self.cap_grade is not None,
        ]
        if sum(effects) != 1:
            raise refusal(
                f"adjustment '{self.id}' needs exactly one of bonus, deduct, set_score, veto, cap_grade",
                f"调整项“{self.id}”须且只能写 bonus、deduct、set_score、veto、cap_grade 之一",
            )
        return self


class Band(Spec):
    """One grade: every condition stated must hold; the first band from the top that holds counts."""

    grade: str
    at_least: Expr | None = expression(None, description="score limit, the end included")
    above: Expr | None = expression(None, description="score limit, the end excluded")
    when: Expr | None = expression(None, kind="bool")
    quota: Expr | None = expression(
        None,
        description="at most this share (below 1) or number (1 or more) of a group's regions",
    )


def is_quota(value: float) -> bool:
    """Whether a number is a share below 1 or a whole number of regions."""
    return 0 <= value < 1 or (value >= 1 and value.is_integer())


class Grades(Spec):
    """Grades from best to worst; the last takes everything that is left."""

    bands: list[Band] = Field(min_length=1)
    by: Expr | None = expression(None, kind="any", description="quotas hold within these groups")
    quota_rounding: Literal["down", "half_up", "up"] = "down"
    quota_ties: Literal["in", "out"] = Field(
        "in", description="regions tied at the end of a quota all get the grade, or none does"
    )
    tie_break: Expr | None = expression(
        None, description="in a quota, of equal ones the region with the larger value comes first"
    )

    @model_validator(mode="after")
    def _ends_open(self) -> Grades:
        last = self.bands[-1]
        if any(part is not None for part in (last.at_least, last.above, last.when, last.quota)):
            raise refusal(
                f"the last grade '{last.grade}' must have no condition: it takes what is left",
                f"最后一个等次“{last.grade}”不能带条件：它收纳其余地区",
            )
        return self


class Ranking(Spec):
    """How regions are ranked by score."""

    by: Expr | None = expression(None, kind="any", description="rank within groups")
    order: Literal["descending", "ascending"] = "descending"
    ties: Literal["min", "max", "average", "dense"] = "min"
    tie_break: Expr | None = expression(
        None, description="of equal ones the region with the larger value comes first"
    )


class Panel(Spec):
    """What regions are compared with where the data have several periods."""

    normalise: Literal["each", "base", "pooled"] = Field(
        "each", description="with their own period, with the base period, or with all together"
    )
    base: str | int | None = Field(None, description="the base period")

    @model_validator(mode="after")
    def _base_named(self) -> Panel:
        if (self.normalise == "base") != (self.base is not None):
            raise refusal(
                "`normalise: base` and `base` (the period) go together",
                "normalise: base 与 base（基期）必须同时出现",
            )
        return self


class Improvement(Spec):
    """What is compared with the period before, beside the score."""

    of: Expr = expression(lambda: Expr("score"), description="the score, a node or an expression")
    measure: Literal["difference", "rate", "gap_closed"] = "difference"
    full_marks: Expr | None = expression(
        None, constant=True, description="of `of`: the end of the gap, for gap_closed"
    )
    decimals: int | None = Field(None, ge=0, le=12)
    rounding: Rounding = "half_up"
    grades: Grades | None = None
    rank: Ranking = Field(default_factory=Ranking)


class EvaluationSpec(Spec):
    """From variables to score, grade and rank."""

    full_marks: Expr | None = expression(
        None, constant=True, description="checked against the points of the tree"
    )
    scale: Expr = expression(
        lambda: Expr("100"), constant=True, description="full marks of nodes without points"
    )
    combine: Combine | None = Field(None, description="how the top nodes combine")
    weights: WeightsFrom | None = Field(None, description="the method that gives weights")
    normalise_weights: bool = False
    weight_sets: dict[str, dict[str, Expr]] = expression(
        lambda: {}, description="weights by name of the set and id of the node"
    )
    use_weights: str | None = Field(None, description="the set of weights that counts")
    treatment: list[TreatmentStep] = Field(
        default_factory=list, description="steps between the values and the scoring rules"
    )
    panel: Panel = Field(default_factory=Panel)
    tree: list[NodeSpec] = Field(min_length=1)
    adjustments: list[Adjustment] = Field(default_factory=list)
    consequences: list[Consequence] = Field(default_factory=list)
    decisions: DecisionsSpec | None = Field(None, description="adjustments by hand")
    bonus_limit: Expr | None = expression(None, description="bonuses together give at most this")
    min_score: Expr | None = expression(None)
    max_score: Expr | None = expression(None)
    decimals: int | None = Field(None, ge=0, le=12, description="decimals of the score")
    rounding: Rounding = "half_up"
    grades: Grades | None = None
    rank: Ranking = Field(default_factory=Ranking)
    improvement: Improvement | None = Field(
        None, description="the change since the period before, with its own grades and ranks"
    )

    def nodes(self) -> Iterator[NodeSpec]:
        """All nodes, parents before children, in the order of the file."""
        for node in self.tree:
            yield from node.walk()
