"""The rules of an allocation as tables: what each says, whom it binds, what it moves and costs.

rules.csv has one row a rule, in the order of the file, after those of the totals that a program
must keep. factors.csv splits entitlements over the factors of the weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from reliefperf.allocation.allocate import Allocation, rules_on_money
from reliefperf.allocation.coupled import STILL
from reliefperf.allocation.effects import (
    Price,
    RuleEffect,
    Standing,
    Taken,
    rule_effects,
    standing_of,
    steps_of,
    total_effects,
)
from reliefperf.allocation.factoring import factored, whole_parts
from reliefperf.allocation.rules.base import TOTAL, AmountRule
from reliefperf.errors import Lang
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language
from reliefperf.scenarios.results.tables import (
    MONEY_EXTRA_PLACES,
    Row,
    money_places,
    number_text,
    trimmed,
)
from reliefperf.scenarios.results.titling import Titling
from reliefperf.scenarios.running import PeriodRun, Run

RULES_HEADER = (
    *("rule", "title", "says", "basis", "strength", "rows", "binding", "bound", "missed"),
    *("moved", "gaining", "losing", "tier", "price", "meaning"),
)
FACTORS_HEADER = ("region", "pool", "factor", "value", "usual", "amount")
MOST_NAMED = 8
"""Regions that a cell names before it says how many more there are."""

_SIDES: dict[str, tuple[str, str]] = {
    "at_least": ("from below", "下限"),
    "at_most": ("from above", "上限"),
    "least_amount": ("from below", "下限"),
    "most_amount": ("from above", "上限"),
}
"""How the side of a group's limit is called."""

EQUAL_SHARE = "equal-share"
"""The factor that stands for what every region would get if all weights were the same."""

_TIERS: dict[str, tuple[str, str]] = {
    "entitlement": (
        "the gap to the formula's amounts (too much and too little, all added up)",
        "各地区金额与公式测算额的差距（多得、少得合计）",
    ),
    "change": (
        "the gap to last year's amounts (rises and cuts, all added up)",
        "各地区金额与上年的差距（增、减合计）",
    ),
    "coverage": ("the least coverage of need", "最低需求满足率"),
}


def rules_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows of rules.csv."""
    panel = tuple(run.periods) != ("",)
    rows: list[Row] = []
    for period, result in run.periods.items():
        lead = (period,) if panel else ()
        rows += [(*lead, *row) for row in rules_rows(run.model, result)]
    return [*(("period",) if panel else ()), *RULES_HEADER], rows


def rules_rows(model: Model, result: PeriodRun, lang: Lang | None = None) -> Iterator[Row]:
    """The rows of one period, in the model's language unless another is asked for."""
    allocation, spec = result.allocation, model.spec.allocation
    assert allocation is not None
    assert spec is not None
    said = lang or model.language
    standing = standing_of(allocation)
    rules = [rule for rule in spec.rules if isinstance(rule, AmountRule)]
    noise = Fraction(allocation.smallest) * STILL
    effects = rule_effects(standing, allocation.pools, rules_on_money(spec), noise)
    of_steps = [rule for rule in rules if not spec.speaks_of_money(rule)]
    if of_steps:
        steps = steps_of(allocation)
        effects += rule_effects(steps, allocation.calculated, of_steps, noise)
        places = {rule.id: place for place, rule in enumerate(rules)}
        effects.sort(key=lambda effect: places[effect.id])
    words = _Words(model, allocation, standing, said)
    for effect in total_effects(standing):
        yield words.total(effect)
    for effect in effects:
        yield words.rule(effect)


class _Words:
    """Rows of one allocation in one language."""

    def __init__(
        self, model: Model, allocation: Allocation, standing: Standing, lang: Lang
    ) -> None:
        self.model, self.allocation, self.lang = model, allocation, lang
        self.unit = allocation.unit
        self.standing = standing
        self.titling = Titling(model, lang)
        tiers = standing.solution.tiers if standing.solution is not None else ()
        self.first = tiers[0].name if tiers else ""
        self.places = money_places(allocation) + MONEY_EXTRA_PLACES

    def rule(self, effect: RuleEffect) -> Row:
        rule = effect.rule
        assert rule is not None
        soft = rule.soft is not None
        if self.lang == "zh":
            strength = f"软性，第 {rule.soft} 位" if soft else "硬性"
        else:
            strength = f"soft, priority {rule.soft}" if soft else "hard"
        price = effect.price
        return (
            effect.id,
            in_language(rule.title, self.lang, effect.id),
            self.titling.sentence(self.sentence(rule)),
            in_language(rule.basis, self.lang, ""),
            strength,
            Decimal(effect.n_rows),
            Decimal(len(effect.binding)),
            self.named(effect.binding),
            Decimal(len(effect.missed)),
            _decimal(effect.moved, self.places),
            Decimal(effect.gaining),
            Decimal(effect.losing),
            "" if price is None else price.tier,
            "" if price is None else number_text(float(f"{price.total:.9g}")),
            self.titling.sentence(self.meaning(effect)),
        )

    def sentence(self, rule: AmountRule) -> str:
        """What a rule says, and who carries what it moves where its pools say so."""
        assert self.model.spec.allocation is not None
        stated = getattr(rule, "pool", None)
        named = [stated] if isinstance(stated, str) else stated or [TOTAL]
        bears = [
            pool.bear.text
            for pool_id, pool in self.model.spec.allocation.pools.items()
            if pool.bear is not None and not {pool_id, TOTAL}.isdisjoint(named)
        ]
        if not bears:
            return rule.sentence(self.lang)
        listed = ", ".join(dict.fromkeys(bears))
        if self.lang == "zh":
            return f"{rule.sentence(self.lang)}（差额按 {listed} 分担）"
        return f"{rule.sentence(self.lang)} (carried by {listed})"

    def total(self, effect: RuleEffect) -> Row:
        """A pool's total or the budget, which no rule of the file states."""
        zh = self.lang == "zh"
        price = effect.price
        pool = effect.id.removeprefix("pool ")
        if effect.id == "budget":
            says = "预算总额" if zh else "the budget"
        else:
            title = self.titling.titles.get(pool, pool)
            says = f"资金池“{title}”的总额" if zh else f"the total of pool '{title}'"
        signed = None if price is None else sum(price.each.values())
        return (
            effect.id,
            says,
            says,
            "",
            "硬性" if zh else "hard",
            Decimal(effect.n_rows),
            Decimal(len(effect.binding)),
            "",
            *[Decimal(0)] * 4,
            "" if price is None else price.tier,
            "" if signed is None else number_text(float(f"{signed:.9g}")),
            "" if signed is None or price is None else self._of_total(says, price.tier, signed),
        )

    def named(self, names: Sequence[str]) -> str:
        """The first names, and how many more there are."""
        distinct = list(dict.fromkeys(names))
        listed = " ".join(map(self._side, distinct[:MOST_NAMED]))
        more = len(distinct) - MOST_NAMED
        if more > 0:
            listed += f" 等 {len(distinct)} 个" if self.lang == "zh" else f" and {more} more"
        return listed

    def _side(self, name: str) -> str:
        """A region, or a group with the side of its limit in words."""
        group, _, side = name.rpartition(" ")
        return f"{group} {_SIDES[side][self.lang == 'zh']}" if side in _SIDES else name

    def tier(self, name: str) -> str:
        """What a tier measures."""
        zh = self.lang == "zh"
        if name in _TIERS:
            return _TIERS[name][zh]
        if name.startswith("shortfall"):
            return "软性规则的缺口" if zh else "the shortfall of the soft rules"
        if name.startswith("distribute "):
            pool = name.removeprefix("distribute ")
            return (
                f"资金池“{pool}”未分出的金额"
                if zh
                else f"the money of pool '{pool}' not given away"
            )
        return name

    def meaning(self, effect: RuleEffect) -> str:
        """What a rule does at the margin, in a sentence, after by how much it was reduced."""
        reduced = [
            one.words(self.unit)[self.lang == "zh"]
            for result in self.allocation.pools.values()
            for one in result.reductions
            if one.rule == effect.id
        ]
        return ("；" if self.lang == "zh" else "; ").join([*reduced, self._margin(effect)])

    def _margin(self, effect: RuleEffect) -> str:
        zh = self.lang == "zh"
        if effect.price is not None:
            return self._of_price(effect.price)
        if effect.taken:
            return ("；" if zh else "; ").join(self._of_taken(taken) for taken in effect.taken)
        if effect.binding:
            return (
                "有地区正处于限额上；限额略作变动不影响任何分配目标，只影响资金在地区间的分法"
                if zh
                else "some stand at the limit; moving it a little changes no objective, only who gets the money"
            )
        return (
            "不起作用：没有地区处于限额上" if zh else "without effect: nobody stands at its limit"
        )

    def _of_price(self, price: Price) -> str:
        what, per = self.tier(price.tier), self._figure(price)
        count = len(price.each)
        up = price.tier != "coverage"
        most = max(price.each, key=lambda name: abs(price.each[name]))
        part = f"{abs(price.each[most]):.6g}"
        if self.lang == "zh":
            verb, back = ("扩大", "缩小") if up else ("降低", "提高")
            many = f"有影子价格的 {count} 处限额各" if count > 1 else "限额"
            largest = f"（其中 {self._side(most)} 占 {part}）" if count > 1 else ""
            return (
                f"{many}每收紧 1 {self.unit}，{what}至少{verb} {per}{largest}；"
                f"每放宽 1 {self.unit}，至多{back} {per}{self._condition(price.tier)}"
            )
        verb, back = ("grows", "shrinks") if up else ("falls", "rises")
        many = f"all {count} limits that have a price are" if count > 1 else "the limit is"
        largest = f" ({part} of it by {self._side(most)})" if count > 1 else ""
        return (
            f"for every {self.unit} by which {many} made stricter, {what} {verb} by at least "
            f"{per}{largest}; for every {self.unit} of loosening it {back} by at most {per}"
            f"{self._condition(price.tier)}"
        )

    def _condition(self, tier: str) -> str:
        if tier == self.first:
            return ""
        if self.lang == "zh":
            return "（在更优先的目标不变时）"
        return " (while the objectives before it stay as they are)"

    def _figure(self, price: Price) -> str:
        figure = f"{price.total:.6g}"
        return figure if price.tier == "coverage" else f"{figure} {self.unit}"

    def _of_total(self, says: str, tier: str, price: float) -> str:
        what, size = self.tier(tier), f"{abs(price):.6g}"
        if tier != "coverage":
            size += f" {self.unit}"
        rises = (price > 0) != (tier == "coverage")
        # a least value is convex in the totals, a greatest one concave
        if self.lang == "zh":
            verb, back = ("至少扩大", "至多缩小") if rises else ("至多缩小", "至少扩大")
            if tier == "coverage":
                verb, back = ("至少降低", "至多提高") if rises else ("至多提高", "至少降低")
            return (
                f"{says}每多 1 {self.unit}（公式测算额不变），{what}{verb} {size}；"
                f"每少 1 {self.unit}，{back} {size}"
            )
        up, down = ("rises", "falls") if tier == "coverage" else ("grows", "shrinks")
        verb, back = (up, down) if (tier != "coverage") == rises else (down, up)
        much, less = ("at least", "at most") if rises else ("at most", "at least")
        return (
            f"for every {self.unit} more in {says}, the formula's amounts as they are, {what} {verb} "
            f"by {much} {size}; for every {self.unit} less it {back} by {less} {size}"
        )

    def _of_taken(self, taken: Taken) -> str:
        zh = self.lang == "zh"
        if not taken.free:
            return (
                f"资金池“{taken.pool}”中 {taken.bound} 个地区处于限额上；限额变动 1 {self.unit}，"
                "只影响这些地区和余款"
                if zh
                else f"in pool '{taken.pool}' {taken.bound} stand at the limit; moving it by 1 "
                f"{self.unit} changes only their amounts and what is left over"
            )
        code = self.allocation.codes[taken.largest]
        part = f"{float(taken.part):.4g}"
        of_en, of_zh = (
            f"`{taken.bear}`" if taken.bear else "their entitlements",
            taken.bear or "测算额",
        )
        if zh:
            share = f"，其中 {code} 占 {part}" if taken.part else ""
            return (
                f"资金池“{taken.pool}”中 {taken.bound} 个地区处于限额上；每变动 1 {self.unit}，"
                f"由不受限的 {taken.free} 个地区按{of_zh}比例分担{share}"
            )
        share = f", {part} of it {code}" if taken.part else ""
        return (
            f"in pool '{taken.pool}' {taken.bound} stand at the limit; every {self.unit} that it "
            f"moves is borne by the {taken.free} at no limit in proportion to {of_en}{share}"
        )


def _decimal(value: Fraction, places: int) -> Decimal:
    found = Decimal(round(value * 10**places)).scaleb(-places)
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


# ---------------------------------------------------------------- factors


def factors_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows of factors.csv; the rows of a region and pool add up to its entitlement."""
    panel = tuple(run.periods) != ("",)
    rows: list[Row] = []
    for period, result in run.periods.items():
        lead = (period,) if panel else ()
        if result.allocation is not None:
            rows += [(*lead, *row) for row in factors_rows(run.model, result)]
    return [*(("period",) if panel else ()), *FACTORS_HEADER], rows


def factors_rows(model: Model, result: PeriodRun) -> Iterator[Row]:
    """The rows of one period: for each region and pool the equal share, then every factor."""
    allocation = result.allocation
    assert allocation is not None
    places = money_places(allocation) + MONEY_EXTRA_PLACES
    split = {
        pool_id: (one.pool, found)
        for pool_id, one in allocation.pools.items()
        if (found := factored(model, result.env, one.pool)) is not None
    }
    for i, code in enumerate(allocation.codes):
        for pool_id, (pool, found) in split.items():
            if pool.groups[i] < 0:
                continue
            equal, parts = whole_parts(
                [float(part[i]) for part in found.parts],
                float(found.equal[i]),
                pool.entitlement[i],
                places,
            )
            yield (code, pool_id, EQUAL_SHARE, "", "", trimmed(equal, places))
            for k, factor in enumerate(found.factors):
                yield (
                    code,
                    pool_id,
                    factor,
                    number_text(float(found.values[k][i])),
                    number_text(float(found.usual[k][i])),
                    trimmed(parts[k], places),
                )
