"""What a model says of the money: budget, pools, rules, objectives, rounding, leftover."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, GetJsonSchemaHandler, Strict, model_validator
from pydantic_core import CoreSchema

from reliefperf.model.expressions import Expr
from reliefperf.model.refusing import refusal
from reliefperf.model.registry import Picked, Register, RuleSpec
from reliefperf.model.signposts import WrongSignpost, signpost
from reliefperf.model.spec_data import Spec, Text, expression
from reliefperf.model.spec_solving import SolveSpec

RULES: Register[AllocationRule]

Leftover = Literal["redistribute", "redistribute_then_return", "return", "reserve"]
PayRounding = Literal[
    "largest_remainder",
    "sainte_lague",
    "dhondt",
    "huntington_hill",
    "adams",
    "modified_sainte_lague",
    "half_up",
    "half_even",
    "down",
    "up",
]
ALONE = ("half_up", "half_even", "down", "up")
"""Roundings of each amount by itself; all others round the regions of a pool together."""
UNROUNDED = "none"
"""The rounding of a step of the calculation whose amounts are not whole units."""
SINGLE = ("floor", "cap", "matching", "hold_harmless", "growth_limit", "minimum_grant")
"""Rules that speak of one amount when they name one pool."""
Ties = Literal["code", "larger_weight", "smaller_weight"]
Objective = Literal["shortfall", "entitlement", "change", "coverage", "performance"]


class DivisorMethod(Spec):
    """Whole units by a divisor method of the modeller's own."""

    divisor: str = Field(
        description="where a region with n units earns one more, an expression of n: n + 1/3"
    )

    @model_validator(mode="after")
    def _is_a_signpost(self) -> DivisorMethod:
        try:
            signpost(self.divisor)
        except WrongSignpost as error:
            raise refusal(error.en, error.zh) from None
        return self


class AllocationRule(RuleSpec):
    """What every rule on amounts has beside its own fields."""

    id: str
    title: Text | None = None
    basis: Text | None = None
    note: Text | None = None
    where: Expr | None = expression(
        None, kind="bool", description="the regions that the rule speaks of"
    )
    soft: int | None = Field(
        None, ge=1, description="may be missed, priority 1 first; without it the rule is hard"
    )


RULES = Register("rule on amounts", "资金规则")


class ScaleGains(Spec):
    """England's floor damping: everybody gets the floor, gains above it are scaled down."""

    formula: Expr = expression(description="the amount before damping")
    floor: Expr = expression(description="the guaranteed amount")


class PoolSpec(Spec):
    """A part of the budget.

    Competitive: `amount` or `share` of the budget, shared by `weight` (with `by`, separately in
    each group). Formula: `each` gives a region's amount. Scaling of gains: `scale_gains`. With
    `bear` a pool may have both a total and `each`: the difference is carried by that measure. With
    `solve` too: `each` names a number, which is the one for which the amounts come to the total.
    """

    title: Text | None = None
    basis: Text | None = None
    note: Text | None = None
    eligible: Expr | None = expression(None, kind="bool")

    amount: Expr | None = expression(None)
    share: Expr | None = expression(None, constant=True)
    between: Annotated[tuple[Expr, Expr], Strict(False)] | None = expression(
        None, description="the total may move within these limits if rules ask for it"
    )
    weight: Expr | None = expression(None)
    by: Expr | None = expression(
        None, kind="any", description="a total for each group (amount constant within it)"
    )

    each: Expr | None = expression(None)
    solve: SolveSpec | None = Field(
        None,
        description="an unknown in `each`: the number for which the amounts add up to the total",
    )
    bear: Expr | None = expression(
        None,
        description="by what measure limits, and what `each` misses the total by, are carried: "
        "pupils; without it in proportion to the entitlements",
    )
    limit: Expr | None = expression(None, description="most that `each` may add up to")
    over_limit: Literal["error", "scale"] = "error"

    negative: Literal["error", "allow"] = Field(
        "error",
        description="whether money may be taken back: `each` below zero, or an `amount` below zero "
        "that is shared out as contributions",
    )
    paid: bool = Field(
        True,
        description="false: a step of the calculation, a column for later pools and no money",
    )

    scale_gains: ScaleGains | None = None

    rounding: PayRounding | Literal["none"] | DivisorMethod | None = Field(
        None, description="`none` leaves the amounts of a step (`paid: false`) as they are"
    )
    ties: Ties | None = None
    over_total: Literal["error", "pay"] = Field(
        "error",
        description="where amounts rounded one by one add up to more than the total: pay means that "
        "the difference is paid on top",
    )
    difference: Literal["largest"] | None = Field(
        None,
        description="where amounts rounded one by one do not add up to the total: who takes the "
        "difference, the region with the largest amount",
    )
    tie_break: Expr | None = expression(
        None, description="of equal remainders the region with the larger value comes first"
    )
    leftover: Leftover | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> PoolSpec:
        kinds = [self.weight is not None, self.each is not None, self.scale_gains is not None]
        if sum(kinds) != 1:
            raise refusal(
                "a pool needs exactly one of weight (shared), each (formula) or scale_gains",
                "一个资金池须且只能写 weight（按权重分配）、each（逐地区公式）、scale_gains 之一",
            )
        if self.weight is not None and (self.amount is None) == (self.share is None):
            raise refusal(
                "a pool shared by weight needs either `amount` or `share` (of the budget)",
                "按权重分配的资金池须写 amount 或 share（占预算比重）之一",
            )
        stated = self.amount is not None or self.share is not None
        if self.each is not None and stated and self.bear is None and self.solve is None:
            raise refusal(
                "the total of a formula pool (`each`) is what results; to bound it write `limit`, "
                "say with `bear` by what measure the difference is carried: bear: pupils; or name "
                "with `solve` the number in the formula that follows from the total: solve: rate",
                "公式资金池（each）的总额由公式得出；如需限制总额请写 limit，"
                "或用 bear 写明差额按什么标准分担，例如 bear: pupils；"
                "也可用 solve 写明公式中由总额求解的数，例如 solve: rate",
            )
        self._refuse_unsolvable(stated)
        if self.bear is not None and not (self.weight is not None or self.each is not None):
            raise refusal(
                "`bear` belongs to a pool with `weight` or `each`",
                "bear 用于写有 weight 或 each 的资金池",
            )
        if self.bear is not None and self.each is not None:
            if self.limit is not None or not stated:
                raise refusal(
                    "with `bear` the total of `each` is stated by `amount` or `share`; where it is "
                    "only a limit, add `leftover: return`",
                    "写了 bear 时，each 的总额须用 amount 或 share 写明；如总额只是上限，请加 leftover: return",
                )
            if self.amount is not None and self.share is not None:
                raise refusal(
                    "a pool has either `amount` or `share` (of the budget)",
                    "资金池的 amount 与 share（占预算比重）只能写一个",
                )
        if self.each is None and self.limit is not None:
            raise refusal(
                "`limit` belongs to a formula pool (`each`)", "limit 只用于公式资金池（each）"
            )
        if self.between is not None and self.weight is None:
            raise refusal(
                "`between` belongs to a pool shared by weight", "between 只用于按权重分配的资金池"
            )
        by_itself = self.each is not None and self.bear is None and self.solve is None
        if self.by is not None and by_itself:
            raise refusal("`by` belongs to shared pools", "by 只用于按权重分配的资金池")
        shared = self.weight is not None and self.amount is not None and self.between is None
        settles = self.each is not None and self.limit is None
        if self.negative == "allow" and not (shared or settles):
            raise refusal(
                "`negative` belongs to a formula pool (`each`) without `limit`, or to a pool that "
                "shares an `amount` without `between`",
                "negative 只用于没有 limit 的公式资金池（each），或按权重分配、写有 amount 而没有 between 的资金池",
            )
        if not self.paid and self.between is not None:
            raise refusal(
                "a pool that is not paid is settled on its own; `between` lets rules on money move "
                "its total",
                "不发放的资金池单独计算；between 用于由资金规则调整总额",
            )
        if self.over_total == "pay" and (self.amount is None and self.share is None):
            raise refusal(
                "`over_total` belongs to a pool with a total (`amount` or `share`)",
                "over_total 只用于写有总额（amount 或 share）的资金池",
            )
        if self.difference is not None and (
            self.rounding not in ALONE
            or self.over_total == "pay"
            or (self.amount is None and self.share is None)
        ):
            raise refusal(
                "`difference` belongs to a pool with a total (`amount` or `share`) whose amounts are "
                "rounded one by one (`rounding: half_up`, `half_even`, `down` or `up`), without "
                "`over_total: pay`",
                "difference 只用于写有总额（amount 或 share）且逐一取整（rounding: half_up、half_even、"
                "down 或 up）的资金池，不与 over_total: pay 同用",
            )
        if self.rounding == UNROUNDED and self.paid:
            raise refusal(
                "money is paid in whole units; `rounding: none` is for a step of the calculation "
                "(`paid: false`)",
                "资金按最小单位发放；rounding: none 只用于计算步骤（paid: false）",
            )
        divides = self.rounding not in (None, "largest_remainder", UNROUNDED, *ALONE)
        if divides and self.negative == "allow":
            raise refusal(
                "a divisor method shares units among amounts above zero; with `negative: allow` write "
                "largest_remainder, half_up, half_even, down or up",
                "除数法只适用于大于零的金额；写了 negative: allow 时请用 largest_remainder、half_up、half_even、"
                "down 或 up",
            )
        return self

    def _refuse_unsolvable(self, stated: bool) -> None:
        """Refuse a `solve` that has no formula or no total, or two."""
        if self.solve is None:
            return
        if self.each is None or not stated or self.limit is not None:
            raise refusal(
                "`solve` belongs to a pool with `each` and a total: "
                "{amount: 2000, each: max(t * need - tax, 0), solve: t}",
                "solve 用于写有 each 和总额的资金池：{amount: 2000, each: max(t * need - tax, 0), solve: t}",
            )
        if self.amount is not None and self.share is not None:
            raise refusal(
                "a pool has either `amount` or `share` (of the budget)",
                "资金池的 amount 与 share（占预算比重）只能写一个",
            )
        if self.negative == "allow" and self.bear is None:
            raise refusal(
                "where amounts may be below zero, say with `bear` by what measure limits are "
                "carried: bear: people",
                "金额可以为负时，请用 bear 写明限额引起的差额按什么标准分担，例如 bear: people",
            )

    @property
    def kind(self) -> Literal["shared", "formula", "gains"]:
        """Which of the three kinds it is."""
        if self.weight is not None or self.bear is not None or self.solve is not None:
            return "shared"
        return "formula" if self.each is not None else "gains"

    @property
    def contributes(self) -> bool:
        """Whether a shared amount may be below zero: contributions, shared out by weight."""
        return self.weight is not None and self.negative == "allow" and self.bear is None


class ObjectiveSpec(Spec):
    """One tier of what is wanted; a plain name stands for a tier without more."""

    name: Objective
    within: float = Field(
        0.0, ge=0, lt=1, description="the share of its best value that later tiers may give up"
    )
    score: Expr | None = expression(None, description="what performance multiplies amounts with")
    pool: str | list[str] | None = Field(None, description="the pools that performance looks at")

    @model_validator(mode="before")
    @classmethod
    def _plain_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(get_args(Objective))}, handler(schema)]}

    @model_validator(mode="after")
    def _fits_the_name(self) -> ObjectiveSpec:
        if (self.name == "performance") != (self.score is not None):
            raise refusal(
                "objective performance, and no other, needs `score`: "
                "{name: performance, score: score, pool: award}",
                "目标 performance 须写 score，其他目标不写：{name: performance, score: score, pool: award}",
            )
        if self.pool is not None and self.name != "performance":
            raise refusal("`pool` belongs to objective performance", "pool 只用于目标 performance")
        if self.within and self.name == "shortfall":
            raise refusal(
                "`within` belongs to the other objectives: soft rules are missed as little as can "
                "be; give up part of a rule by stating less",
                "within 不用于目标 shortfall：软性规则的差额须尽可能小；如可少一些，请直接写较低的限额",
            )
        return self


class EquitySpec(Spec):
    """What the measures of equity compare money with."""

    people: Expr = expression(description="whom the money is for: residents, recipients")
    need: Expr | None = expression(
        None, description="money needed, for coverage and concentration against need per head"
    )
    capacity: Expr | None = expression(
        None, description="fiscal capacity per head, for concentration against it"
    )
    by: Expr | None = expression(
        None, kind="any", description="groups, for inequality within and between them"
    )


class AllocationSpec(Spec):
    """From scores and weights to money."""

    unit: str = Field(description="the unit of all amounts, e.g. 万元, yuan, crore rupees")
    smallest: str | int | float = Field(
        1, description="smallest amount paid, in that unit: 1, '0.01'"
    )
    budget: Expr | None = expression(None)
    pools: dict[str, PoolSpec] = Field(min_length=1)
    rules: list[Annotated[AllocationRule, Picked(RULES)]] = Field(default_factory=list)
    objectives: list[ObjectiveSpec] = Field(
        default_factory=lambda: [
            ObjectiveSpec(name="shortfall"),
            ObjectiveSpec(name="entitlement"),
        ]
    )
    previous_amount: Expr | None = Field(
        None, description="last year's total, for objective `change`"
    )
    need: Expr | None = Field(
        None, description="the need that objective `coverage` measures against"
    )
    rounding: PayRounding | DivisorMethod | None = None
    ties: Ties = Field("code", description="who gets the last unit when remainders are equal")
    leftover: Leftover = "redistribute"
    equity: EquitySpec | None = Field(None, description="measures of how evenly the money falls")
    relax: list[str | list[str]] | None = Field(
        None,
        description="the only hard rules that --relax may relax, the first to give way first; "
        "a list within stands for rules that give way alike",
    )

    @property
    def paid_pools(self) -> dict[str, PoolSpec]:
        """The pools of money, without those that are a step of the calculation."""
        return {name: pool for name, pool in self.pools.items() if pool.paid}

    def speaks_of_money(self, rule: AllocationRule) -> bool:
        """Whether a rule limits what is paid, and not a step of the calculation."""
        named = getattr(rule, "pool", None)
        names = [named] if isinstance(named, str) else list(named or ())
        return not any(name in self.pools and not self.pools[name].paid for name in names)
