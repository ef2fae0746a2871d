"""What is known when: 0 the data, 1 the evaluation, 2 the allocation; and what names mean there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from reliefperf.model.building.draft import Draft
from reliefperf.model.building.names import IMPROVEMENT, Names
from reliefperf.model.compiling import Scope
from reliefperf.model.environment import Kind
from reliefperf.model.spec import ModelSpec
from reliefperf.model.tables import Table

ON_TREE = "tree scored"
"""The stage within the evaluation at which the nodes are known and nothing has been adjusted."""
ON_SCORE = "score settled"
"""The stage within the evaluation at which the final score is known, grade and rank are not."""

type Reasons = dict[str, tuple[str, str]]
"""Names that exist but are not known yet, and why, in English and Chinese."""

NOT_YET = {
    "evaluation": ("is known only after the evaluation", "在评价完成之后才有值"),
    "score": (
        "is known only after the evaluation, since it looks at the score, a grade, a rank or a "
        "consequence; a derived column that looks at nodes alone is known here",
        "用到得分、等次、名次或问责，在评价完成之后才有值；只用到各节点的派生列此处可用",
    ),
    "graded": (
        "is known only after the evaluation, since it looks at a grade, a rank or a consequence; "
        "a derived column that looks at nodes and the score alone is known here",
        "用到等次、名次或问责，在评价完成之后才有值；只用到各节点和得分的派生列此处可用",
    ),
    "allocation": ("is known only after the allocation", "在资金分配之后才有值"),
    "adjustments": ("is known only after the adjustments", "在各项调整之后才有值"),
    "grades": ("is known only after the grades", "在评定等次之后才有值"),
    "consequence": ("is a consequence that is known only later", "是之后才确定的问责"),
    "pool": ("is a pool that stands later in the file", "是排在后面的资金池"),
    "budget": (
        "is known in the section `allocation` only; a derived column takes the money from "
        "`parameters`, which the budget can name too: `budget: money`",
        "只在 allocation 部分有值；派生列请引用 parameters 中的金额，预算也可引用它：budget: money",
    ),
}
_LATER_DERIVED = ("is a derived column known only later", "是之后才有值的派生列")
_OVER_ALL = (
    "is known only after the allocation, since it uses the sums over all pools; name the pools "
    "that stand earlier in its place",
    "用到各资金池之和，在资金分配之后才有值；请改用排在前面的资金池",
)


class Stages:
    """The names of a model by stage; the derived columns are added one by one in their order.

    `derived` has their names by stage, `derived_kinds` their kinds; `over_pools` the pools that each
    of the last stage looks at, None where it uses the sums over all; `within` when each of
    the evaluation is known: ON_TREE, ON_SCORE, None after all of it; `later_kinds` has the kinds of
    what `previous(x)` may look at though it is not known yet in this period.
    """

    def __init__(self, draft: Draft, names: Names, tables: Mapping[str, Table]) -> None:
        self.spec = draft.spec
        self.names = names
        self.tables = tables
        self.constants = frozenset(draft.spec.parameters)
        self.values = _listed_texts(draft)
        self.headings = _headings(draft.spec)
        self.later_kinds: dict[str, Kind] = {"grade": "text", **IMPROVEMENT, **names.rulebook}
        self.over_pools: dict[str, frozenset[str] | None] = {}
        self.within: dict[str, str | None] = {}
        self.forget_derived()

    def forget_derived(self) -> None:
        """Begin with no derived column."""
        self.derived: dict[int, list[str]] = {0: [], 1: [], 2: []}
        self.derived_kinds: dict[str, Kind] = {}

    def over_known(self, pools: Collection[str]) -> dict[str, Kind]:
        """The kinds of the derived columns over pools for which these pools are enough."""
        return {
            name: self.derived_kinds[name]
            for name in self.derived[2]
            if (own := self.over_pools.get(name)) is not None and own <= set(pools)
        }

    def over_later(self, pools: Collection[str]) -> Reasons:
        """The derived columns over pools for which these pools are not enough, and why."""
        found: Reasons = {}
        for name in self.derived[2]:
            own = self.over_pools.get(name)
            waiting = [] if own is None else [p for p in self.names.pools if p in own - set(pools)]
            found[name] = _over(waiting[-1]) if waiting else _OVER_ALL
        return {name: why for name, why in found.items() if name not in self.over_known(pools)}

    def add_derived(self, name: str, stage: int, kind: Kind) -> None:
        """A derived column is known from `stage` on."""
        self.derived[stage].append(name)
        self.derived_kinds[name] = kind

    def results(self) -> dict[str, Kind]:
        """What the evaluation gives beside the nodes."""
        kinds: dict[str, Kind] = {"score": "number", "grade": "text", "rank": "number"}
        if self.spec.evaluation is not None and self.spec.evaluation.improvement is not None:
            kinds |= IMPROVEMENT
        return kinds

    def paid(self) -> tuple[str, ...]:
        """What the allocation gives."""
        return ("amount", "entitlement", *self.names.pools)

    def kinds(self, stage: int) -> dict[str, Kind]:
        """The kinds of the names known at a stage."""
        kinds = dict(self.names.data)
        for at, names in self.derived.items():
            if at <= stage:
                kinds.update({name: self.derived_kinds[name] for name in names})
        if stage >= 1 and self.spec.evaluation is not None:
            kinds.update(self.results())
            kinds.update(dict.fromkeys(self.names.nodes, "number"))
            kinds.update(self.names.rulebook)
        if stage >= 1 and self.spec.allocation is not None and self.spec.allocation.budget:
            kinds["budget"] = "number"
        if stage >= 2 and self.spec.allocation is not None:
            kinds.update(dict.fromkeys(self.paid(), "number"))
        return kinds

    def later(self, stage: int) -> Reasons:
        """Names that exist but are not known at a stage."""
        later = self._later_results(stage)
        for at, names in self.derived.items():
            if at > stage:
                reason = NOT_YET["evaluation" if at == 1 else "allocation"]
                later.update(dict.fromkeys(names, reason))
        return later

    def later_while_deriving(self, stage: int) -> Reasons:
        """The same while derived columns are still being added: those not added are not known."""
        known = {name for at, names in self.derived.items() if at <= stage for name in names}
        waiting = [name for name in self.spec.derived if name not in known]
        return self._later_results(stage) | dict.fromkeys(waiting, _LATER_DERIVED)

    def _later_results(self, stage: int) -> Reasons:
        later: Reasons = {}
        if stage < 1 and self.spec.evaluation is not None:
            known = (*self.results(), *self.names.nodes, *self.names.rulebook)
            later.update(dict.fromkeys(known, NOT_YET["evaluation"]))
        if stage < 2 and self.spec.allocation is not None:
            later.update(dict.fromkeys(self.paid(), NOT_YET["allocation"]))
        if stage < 1 and self.spec.allocation is not None and self.spec.allocation.budget:
            later["budget"] = NOT_YET["budget"]
        return later

    def scope(self, kinds: Mapping[str, Kind], later: Reasons) -> Scope:
        """What names mean where `kinds` are known and `later` are not yet."""
        return Scope(
            kinds,
            self.tables,
            self.constants,
            later,
            self.later_kinds,
            frozenset(self.names.lost),
            self.names.all_lost,
            self.values,
            self.headings,
        )

    def at(self, stage: int) -> Scope:
        """What names mean at a stage, all derived columns being settled."""
        return self.scope(self.kinds(stage), self.later(stage))


def _over(pool: str) -> tuple[str, str]:
    return (
        f"is made of what pool '{pool}' pays, which is not known here: pools that stand after "
        f"'{pool}' in the file can use it, and rules on those pools alone",
        f"由资金池“{pool}”的实付金额得出，此处尚未算定：只有排在“{pool}”之后的资金池，以及只针对这些资金池的规则，才可引用",
    )


def _headings(spec: ModelSpec) -> dict[str, str]:
    """How expressions call what the file has under another heading."""
    stated = [(spec.data.region, "region"), (spec.data.name, "region_name")]
    stated += [(spec.data.period, "period")]
    stated += [(variable.column, name) for name, variable in spec.variables.items()]
    return {heading: name for heading, name in stated if heading is not None and heading != name}


def _listed_texts(draft: Draft) -> dict[str, frozenset[str]]:
    """The only texts that a variable, or the grade, can be."""
    listed = {
        name: frozenset(map(str, variable.values))
        for name, variable in draft.spec.variables.items()
        if variable.values and variable.type == "text" and not draft.is_cut("variables", name)
    }
    evaluation = draft.spec.evaluation
    if evaluation and evaluation.grades and not draft.is_cut("evaluation"):
        listed["grade"] = frozenset(band.grade for band in evaluation.grades.bands)
    measured = evaluation.improvement if evaluation else None
    if measured and measured.grades and not draft.is_cut("evaluation"):
        listed["improvement_grade"] = frozenset(b.grade for b in measured.grades.bands)
    return listed
