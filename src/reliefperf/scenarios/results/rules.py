"""The rules of an allocation as tables: what each says, whom it binds, what it moves and costs.

rules.csv has one row a pool, which says what it does and on what it rests, then one for the budget
where a program must keep it, then one a rule, each in the order of the file. `moved` is money between
amounts (region and pool), `gaining` and `losing` count regions over all pools together. factors.csv
splits entitlements over the factors of the weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from reliefperf.allocation.allocate import rules_on_money
from reliefperf.allocation.coupled import STILL
from reliefperf.allocation.effects import (
    RuleEffect,
    Standing,
    rule_effects,
    standing_of,
    steps_of,
    total_effects,
)
from reliefperf.allocation.factoring import factored, whole_parts
from reliefperf.allocation.naming import SIDES
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.rules.base import TOTAL, AmountRule
from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import AllocationSpec
from reliefperf.model.spec_data import in_language
from reliefperf.scenarios.results.cells import Row, number_text, number_texts
from reliefperf.scenarios.results.following import following
from reliefperf.scenarios.results.money import MONEY_EXTRA_PLACES, money_places, trimmed
from reliefperf.scenarios.results.pool_words import PoolWords
from reliefperf.scenarios.results.price_words import PriceWords
from reliefperf.scenarios.results.titling import Titling, closed, titled
from reliefperf.scenarios.running import PeriodRun, Run

RULES_HEADER = (
    *("rule", "title", "says", "basis", "strength", "rows", "binding", "bound", "missed"),
    *("moved", "gaining", "losing", "tier", "price", "meaning"),
)
FACTORS_HEADER = ("region", "pool", "factor", "value", "usual", "amount")
MOST_NAMED = 8
"""Regions that a cell names before it says how many more there are."""

POOL = "pool "
"""What stands before the id of a pool in a row that is about the pool."""

EQUAL_SHARE = "equal-share"
"""The factor that stands for what every region would get if all weights were the same."""


def rules_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows of rules.csv."""
    panel = tuple(run.periods) != ("",)
    rows: list[Row] = []
    for period, result in run.periods.items():
        lead = (period,) if panel else ()
        rows += [(*lead, *row) for row in rules_rows(run.model, result)]
    return [*(("period",) if panel else ()), *RULES_HEADER], rows


def rules_rows(
    model: Model, result: PeriodRun, lang: Lang | None = None, *, pools: bool = True
) -> Iterator[Row]:
    """The rows of one period, in the model's language unless another is asked for.

    Without `pools` those of pools are left out that have no price.
    """
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
        standing = replace(standing, rows={**standing.rows, **steps.rows})
        effects += rule_effects(steps, allocation.calculated, of_steps, noise)
        places = {rule.id: place for place, rule in enumerate(rules)}
        effects.sort(key=lambda effect: places[effect.id])
    words = _Words(model, allocation, standing, said)
    totals = {effect.id: effect for effect in total_effects(standing)}
    for pool_id in spec.pools:
        effect = totals.pop(f"pool {pool_id}", None)
        if pools or effect is not None:
            yield words.pool(pool_id, effect)
    for effect in totals.values():
        yield words.budget(effect)
    for effect in effects:
        yield words.rule(effect)


def pool_rows(model: Model, lang: Lang) -> Iterator[Row]:
    """What each pool of a model does and rests on, without what it came to."""
    assert model.spec.allocation is not None
    words, hard = PoolWords(model, lang), "硬性" if lang == "zh" else "hard"
    nothing = Decimal(0)
    for pool_id in model.spec.allocation.pools:
        row = (words.title(pool_id), words.sentence(pool_id), words.basis(pool_id), hard)
        yield (f"{POOL}{pool_id}", *row, nothing, nothing, "", *[nothing] * 4, "", "", "")


def said_of(model: Model, lang: Lang) -> dict[str, tuple[str, str, str]]:
    """Title, sentence and basis of each pool and rule, by what rules.csv calls its row."""
    if model.spec.allocation is None:
        return {}
    found = {str(row[0]): tuple(map(str, row[1:4])) for row in pool_rows(model, lang)}
    titling = Titling(model, lang)
    for rule in model.spec.allocation.rules:
        if isinstance(rule, AmountRule):
            basis = in_language(rule.basis, lang, "")
            found[rule.id] = titling.titles[rule.id], rule_sentence(model, titling, rule), basis
    return {row: (title, says, basis) for row, (title, says, basis) in found.items()}


def rule_sentence(model: Model, titling: Titling, rule: AmountRule) -> str:
    """What a rule says, and who carries what it moves where its pools say so."""
    assert model.spec.allocation is not None
    said = _with_titles(titling, model.spec.allocation, rule)
    stated = getattr(rule, "pool", None)
    named = [stated] if isinstance(stated, str) else stated or [TOTAL]
    bears = [
        pool.bear.text
        for pool_id, pool in model.spec.allocation.pools.items()
        if pool.bear is not None and not {pool_id, TOTAL}.isdisjoint(named)
    ]
    if bears:
        listed = ", ".join(dict.fromkeys(bears))
        said += f"（差额按 {listed} 分担）" if titling.lang == "zh" else f" (carried by {listed})"
    if rule.where is not None:
        where = titled(rule.where.text, titling.columns, titling.lang)
        said += f"（仅限“{where}”的地区）" if titling.lang == "zh" else f" (only where {where})"
    said = titling.sentence(said)
    return closed(said) if titling.lang == "zh" else said


def _with_titles(titling: Titling, allocation: AllocationSpec, rule: AmountRule) -> str:
    """A rule's sentence with titles in its expressions; a name alone only in brackets.

    A name alone could be a word of the sentence.
    """
    said = rule.sentence_in(allocation, titling.lang)
    for field in type(rule).model_fields:
        expr = getattr(rule, field)
        if isinstance(expr, Expr) and expr.names:
            names = titling.titles | titling.columns
            text, shown = expr.text, titled(expr.text, names, titling.lang)
            ends = ("(", ")") if titling.lang == "en" else ("（", "）")
            if text in expr.names:
                text, shown = f"{ends[0]}{text}{ends[1]}", f"{ends[0]}{shown}{ends[1]}"
            said = said.replace(text, shown)
    return said


class _Words:
    """Rows of one allocation in one language."""

    def __init__(
        self, model: Model, allocation: Allocation, standing: Standing, lang: Lang
    ) -> None:
        self.model, self.allocation, self.lang = model, allocation, lang
        self.unit = allocation.unit
        self.standing = standing
        self.titling = Titling(model, lang)
        self.pools = PoolWords(model, lang)
        tiers = standing.solution.tiers if standing.solution is not None else ()
        self.prices = PriceWords(
            lang,
            allocation.unit,
            allocation.codes,
            dict(zip(allocation.codes, allocation.names, strict=True)),
            self.titling.titles,
            self.titling.columns,
            tiers[0].name if tiers else "",
        )
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
            rule_sentence(self.model, self.titling, rule),
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
            self.meaning(effect),
        )

    def pool(self, pool_id: str, effect: RuleEffect | None) -> Row:
        """A pool: what it does; with the price of its total where a program must keep that."""
        title = self.pools.title(pool_id)
        what = f"资金池“{title}”的总额" if self.lang == "zh" else f"the total of pool '{title}'"
        says, basis = self.pools.sentence(pool_id), self.pools.basis(pool_id)
        if effect is not None:
            n_rows, binding = effect.n_rows, len(effect.binding)
        else:
            n_rows, binding = self._totals_kept(pool_id)
        row = (f"{POOL}{pool_id}", title, says, basis)
        if n_rows > 1 and effect is not None and effect.price is not None:
            what = self._totals_priced(title, n_rows, list(effect.price.each))
        return (*row, *self._total(n_rows, binding, effect, what, pool_id))

    def budget(self, effect: RuleEffect) -> Row:
        """The budget, which no rule of the file states."""
        says = "预算总额" if self.lang == "zh" else "the budget"
        row = (effect.id, says, says, "")
        return (*row, *self._total(effect.n_rows, len(effect.binding), effect, says))

    def _totals_kept(self, pool_id: str) -> tuple[int, int]:
        """How many totals a pool states, and how many of them are paid in full."""
        found = self.allocation.pools.get(pool_id) or self.allocation.calculated[pool_id]
        totals = found.pool.totals
        stated = [total for total in totals if total is not None]
        if not found.units:
            return len(stated), 0 if found.left else len(stated)
        paid = [0] * len(totals)
        for group, units in zip(found.pool.groups.tolist(), found.units, strict=True):
            if group >= 0:
                paid[group] += units
        unit = Fraction(self.allocation.smallest)
        kept = [units * unit == total for units, total in zip(paid, totals, strict=True)]
        return len(stated), sum(kept)

    def _totals_priced(self, title: str, n_rows: int, groups: Sequence[str]) -> str:
        """Which totals of a pool with a total for each group have a price."""
        if self.lang == "zh":
            if len(groups) == 1:
                return f"资金池“{title}”中“{groups[0]}”组的总额"
            return f"资金池“{title}”{n_rows} 个组的总额中有影响的 {len(groups)} 个各"
        if len(groups) == 1:
            return f"the total of group '{groups[0]}' of pool '{title}'"
        return f"each of the {len(groups)} of {n_rows} totals of pool '{title}' that have a price"

    def _total(
        self,
        n_rows: int,
        binding: int,
        effect: RuleEffect | None,
        what: str,
        pool_id: str | None = None,
    ) -> Row:
        """The columns after the basis of a total that no rule of the file states."""
        price = None if effect is None else effect.price
        signed = None if price is None else sum(price.each.values())
        return (
            "硬性" if self.lang == "zh" else "hard",
            Decimal(n_rows),
            Decimal(binding),
            "",
            *[Decimal(0)] * 4,
            "" if price is None else price.tier,
            "" if signed is None else number_text(float(f"{signed:.9g}")),
            ""
            if signed is None or price is None
            else self.prices.of_total(
                what,
                price.tier,
                signed,
                following(self.model, self.allocation, self.standing, pool_id),
                len(price.each),
            ),
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
        """A region's code, or a group with the side of its limit in words."""
        return self.prices.row(name) if name.rpartition(" ")[2] in SIDES else name

    def meaning(self, effect: RuleEffect) -> str:
        """What a rule does at the margin, in a sentence, after by how much it was reduced.

        Guarantees that were reduced to what the pool can pay move no money at the margin.
        """
        reductions = [
            one
            for result in self.allocation.pools.values()
            for one in result.reductions
            if one.rule == effect.id
        ]
        said = [self.titling.quoted(one.words(self.unit)[self.lang == "zh"]) for one in reductions]
        if all(one.part == 1 for one in reductions):
            said.append(self.prices.margin(effect, self.standing))
        return ("；" if self.lang == "zh" else "; ").join(said)


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
    ready = []
    for pool_id, one in allocation.pools.items():
        found = factored(model, result.env, one.pool)
        if found is not None:
            texts = [
                (factor, number_texts(values), number_texts(usual))
                for factor, values, usual in zip(
                    found.factors, found.values, found.usual, strict=True
                )
            ]
            ready.append((pool_id, one.pool, found, texts))
    for i, code in enumerate(allocation.codes):
        for pool_id, pool, found, texts in ready:
            if pool.groups[i] < 0:
                continue
            equal, parts = whole_parts(
                [float(part[i]) for part in found.parts],
                float(found.equal[i]),
                pool.entitlement[i],
                places,
            )
            yield (code, pool_id, EQUAL_SHARE, "", "", trimmed(equal, places))
            for (factor, values, usual), part in zip(texts, parts, strict=True):
                yield (code, pool_id, factor, values[i], usual[i], trimmed(part, places))
