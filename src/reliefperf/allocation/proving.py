"""The paid amounts of one period, proved: limits, tiers, nearness, whole units, sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from reliefperf.allocation import room
from reliefperf.allocation.allocate import rules_on_money
from reliefperf.allocation.certificate import Recorded, program_words
from reliefperf.allocation.checking import Gap, all_money, largest_gap, tier_gaps
from reliefperf.allocation.coupled import Coupled
from reliefperf.allocation.divisors import divisor, unfair
from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.exact_rows import MONEY, in_money
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.program import ExactRow, Program, Solution
from reliefperf.allocation.proving_units import check_rounding
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.relaxing import amount_text, by_rule
from reliefperf.allocation.rules.base import AmountRule
from reliefperf.allocation.rules.minimum_grant import MinimumGrant
from reliefperf.allocation.rules.order import Order
from reliefperf.allocation.separate import claims_of, divides
from reliefperf.allocation.stationary import largest_move, stationary
from reliefperf.errors import Note
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import ALONE

EXCESS = 1e-9
"""A limit may be exceeded before rounding by this part of all money (at least 1e-6)."""


@dataclass
class Proof:
    """What was proved: `rows` hard limits of the paid amounts, `gaps` in money, and what failed.

    `gaps` are the tiers' of every program; `moves` the furthest that an amount before rounding is
    from the nearest point; `rounded` the furthest that whole units are from the amounts, in units.
    """

    rows: int = 0
    programs: int = 0
    gaps: list[Gap] = field(default_factory=list)
    moves: float = 0.0
    rounded: Fraction = Fraction(0)
    mended: bool = False
    """Whether the largest remainder breaks a rule, so that other whole units had to be found."""
    failures: list[tuple[str, str]] = field(default_factory=list)
    bounds: list[tuple[str, str]] = field(default_factory=list)
    """How far the proof goes for rules whose whole units or choices no price can prove."""

    @property
    def largest_gap(self) -> float:
        """The largest gap of any tier, in money."""
        return max((float(gap.gap) for gap in self.gaps), default=0.0)

    def fail(self, en: str, zh: str) -> None:
        """Note a failure."""
        self.failures.append((en, zh))

    def take(self, part: Proof) -> None:
        """Add what was proved of other amounts or programs."""
        self.rows += part.rows
        self.programs += part.programs
        self.gaps += part.gaps
        self.moves = max(self.moves, part.moves)
        self.rounded = max(self.rounded, part.rounded)
        self.mended |= part.mended
        self.failures += part.failures
        self.bounds += part.bounds


def prove(
    model: Model, env: Environment, allocation: Allocation, answers: Recorded | None
) -> Proof:
    """Check the paid amounts of a period and, where a program was solved, its recorded answers."""
    proof = Proof()
    _check_limits(proof, model, env, allocation)
    _check_divisors(proof, allocation)
    _check_reductions(proof, allocation)
    proof.bounds += _bounds(model, allocation)
    if answers is not None and answers.rounding is not None:
        check_rounding(proof, model, env, allocation, answers)
    for n_rules, program, solution in answers.programs if answers is not None else ():
        named = program_words(model.spec.allocation, n_rules)
        _check_program(proof, named, program, solution)
    return proof


def _bounds(model: Model, allocation: Allocation) -> list[tuple[str, str]]:
    """What is proved of rules that choose, and what is not."""
    spec = model.spec.allocation
    assert spec is not None
    gave_way = by_rule(allocation.program.relaxations if allocation.program is not None else ())
    found = []
    for rule in spec.rules:
        if isinstance(rule, AmountRule) and rule.soft is not None:
            continue  # what is missed is stated and checked row by row
        rows = gave_way.get(rule.id, [])
        kept, kept_zh = ("the paid amounts keep it exactly", "实付金额严格满足")
        if rows:
            by = amount_text(sum((item.by for item in rows), Fraction(0)))
            unit = spec.unit
            kept = f"it gave way in {len(rows)} row(s) by {by} {unit} in all; elsewhere {kept}"
            kept_zh = f"该规则在 {len(rows)} 处放宽，共 {by} {unit}；其余{kept_zh}"
        if isinstance(rule, MinimumGrant):
            found.append(
                (
                    f"rule {rule.id}: {kept}; who gets nothing is computed "
                    "again from the entitlements and taken as given: that no other choice would "
                    "come nearer to the objectives is not proved",
                    f"规则“{rule.id}”：{kept_zh}；哪些地区不拨付由测算额重新算出并视为给定，"
                    "不证明其他取舍不会更接近目标",
                )
            )
        elif isinstance(rule, Order):
            found.append(
                (
                    f"rule {rule.id}: {kept}, but for the one unit that "
                    "whole units may pass it by; the objectives are proved for the amounts before "
                    "rounding: that no other whole units would be nearer is not proved",
                    f"规则“{rule.id}”：{kept_zh}（整数单位允许的一个单位除外）；"
                    "各目标只对取整前的金额证明，不证明其他整数单位不会更接近",
                )
            )
    return found


def _check_limits(proof: Proof, model: Model, env: Environment, allocation: Allocation) -> None:
    """Every hard row, total and the budget, for the paid whole units, exactly."""
    spec = model.spec.allocation
    assert spec is not None
    coupled = allocation.program
    if coupled is None:
        rules = rules_on_money(spec)
        pools = {pool_id: result.pool for pool_id, result in allocation.pools.items()}
        notes: list[Note] = list(env.notes)
        coupled = Coupled(model, env, pools, rules, allocation.budget, allocation.smallest)
        env.notes[:] = notes
    units = [0] * coupled.n_amounts
    for pool_id, places in coupled.columns.items():
        for place, unit in zip(places.tolist(), allocation.pools[pool_id].units, strict=True):
            if place >= 0:
                units[place] = unit
    alone = {
        f"pool {pool_id}"
        for pool_id, result in allocation.pools.items()
        if result.pool.rounding in ALONE
    }
    rows = [row for row in coupled.fixed if row.rule not in alone]
    rows += [row for rule, of_rule in coupled.rules if rule.soft is None for row in of_rule]
    step = Fraction(allocation.smallest)
    rows = [row.in_whole_units(step) for row in rows]
    for row in rows:
        if not _holds(row, units, step):
            paid = step * sum(
                (units[j] * c for j, c in zip(row.columns, row.coefficients, strict=True)),
                Fraction(0),
            )
            sides = f"{_side(row.lower)} .. {_side(row.upper)}"
            proof.fail(
                f"rule {row.rule}, {row.name}: the paid amounts give {float(paid):,.6f}, allowed is "
                f"{sides}",
                f"规则“{row.rule}”，{row.name}：实付金额为 {float(paid):,.6f}，允许范围 {sides}",
            )
    proof.rows = len(rows)
    paid_in_all = sum(sum(result.units) for result in allocation.pools.values())
    if step * paid_in_all != Fraction(allocation.total()):
        proof.fail("the amounts do not add up", "金额合计不符")
    for pool_id, result in allocation.pools.items():
        if any(unit < 0 for unit in result.units) and result.pool.spec.negative == "error":
            proof.fail(f"pool {pool_id}: an amount is below zero", f"资金池“{pool_id}”有负数金额")
    _check_calculated(proof, allocation)


def _check_calculated(proof: Proof, allocation: Allocation) -> None:
    """Every row of the rules on the steps of the calculation, for their whole amounts, exactly."""
    step = Fraction(allocation.smallest)
    for pool_id, result in allocation.calculated.items():
        rows = [row for _, own in allocation.settled.get(pool_id, ()) for row in own]
        rounded = result.pool.is_rounded
        for row in rows:
            if not (
                _holds(row.in_whole_units(step), result.units, step)
                if rounded
                else row.holds(result.before_units)
            ):
                proof.fail(
                    f"rule {row.rule}, {row.name}: the amounts of the calculation step '{pool_id}' "
                    "do not keep it",
                    f"规则“{row.rule}”，{row.name}：计算步骤“{pool_id}”的金额不满足",
                )
        proof.rows += len(rows)


def _check_divisors(proof: Proof, allocation: Allocation) -> None:
    """Whole units of divisor methods: nobody has a better claim to another's last unit."""
    step = Fraction(allocation.smallest)
    settled = {**allocation.pools, **allocation.calculated}
    for pool_id, result in settled.items():
        pool = result.pool
        if not divides(pool.rounding) or (allocation.program and pool_id in allocation.pools):
            continue
        limits = room.Limits()
        for _, rows in allocation.settled.get(pool_id, ()):
            limits.take([row.in_whole_units(step) for row in rows])
        amounts = Ratios.of(result.stages[-1].amounts if result.stages else pool.start)
        claims = claims_of(pool, amounts)
        for group, total in enumerate(pool.totals):
            places = np.flatnonzero(pool.groups == group).tolist()
            sides = [limits.whole(i, step) for i in places]
            pair = unfair(
                divisor(pool.rounding),
                claims.taken(places),
                [result.units[i] for i in places],
                [low for low, _ in sides],
                [high for _, high in sides],
            )
            if pair is not None:
                better, worse = (allocation.codes[places[at]] for at in pair)
                proof.fail(
                    f"pool {pool_id}: by {pool.rounding} {better} has a better claim to the last "
                    f"unit of {worse}",
                    f"资金池“{pool_id}”：按 {pool.rounding}，{better} 比 {worse} 更应得其最后一个单位",
                )
            target = amounts.taken(places).total()
            if target == total and step * sum(result.units[i] for i in places) != total:
                proof.fail(
                    f"pool {pool_id}: the units do not add up to its total",
                    f"资金池“{pool_id}”：各单位合计不等于其总额",
                )


def _check_reductions(proof: Proof, allocation: Allocation) -> None:
    """A guarantee that was reduced: no greater part of it could be paid."""
    step = Fraction(allocation.smallest)
    program = allocation.program
    for pool_id, result in {**allocation.pools, **allocation.calculated}.items():
        pool = result.pool
        if program is not None and pool_id in allocation.pools:
            places = program.columns[pool_id].tolist()
            rules = [(rule.id, own) for rule, own in program.stated if rule.soft is None]
        else:
            places = list(range(len(allocation.codes)))
            rules = list(allocation.settled.get(pool_id, ()))
        for reduction in result.reductions:
            group = pool.group_names.index(reduction.group)
            own = {places[i] for i in np.flatnonzero(pool.groups == group).tolist()}
            lows: dict[int, Fraction] = {}
            passed = False
            for rule_id, rows in rules:
                exactly = rule_id == reduction.rule
                for row in rows:
                    if len(row.columns) > 1 or row.columns[0] not in own or row.lower is None:
                        continue
                    if row.rounds_down and passed:
                        continue  # reduced to what this rule left
                    low = row.lower
                    if not exactly:
                        side = math.floor if row.rounds_down else math.ceil
                        low = side(low / step) * step
                    lows[row.columns[0]] = max(lows.get(row.columns[0], low), low)
                passed = passed or exactly
            need = sum((max(low, Fraction(0)) for low in lows.values()), Fraction(0))
            if 0 < reduction.part < 1 and need != reduction.total:
                proof.fail(
                    f"rule {reduction.rule}: the reduced guarantees of pool {pool_id} add up to "
                    f"{float(need):,.6f}, not to its total {float(reduction.total):,.6f}",
                    f"规则“{reduction.rule}”：资金池“{pool_id}”压减后的保底额合计 {float(need):,.6f}，"
                    f"不等于其总额 {float(reduction.total):,.6f}",
                )


def _holds(row: ExactRow, units: Sequence[int], step: Fraction) -> bool:
    """Whether a row holds for whole units, as row.holds says; in whole numbers, hence faster."""
    common = math.lcm(*{c.denominator for c in row.coefficients})
    value = sum(
        units[j] * c.numerator * (common // c.denominator)
        for j, c in zip(row.columns, row.coefficients, strict=True)
    )
    paid, size = value * step.numerator, common * step.denominator
    low, high = row.lower, row.upper
    return (low is None or paid * low.denominator >= low.numerator * size) and (
        high is None or paid * high.denominator <= high.numerator * size
    )


def _side(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):,.6f}"


def _check_program(
    proof: Proof, named: tuple[str, str], program: Program, solution: Solution
) -> None:
    problem = ExactProgram(program)
    amounts = in_money(solution.amounts)
    money = all_money(problem, amounts)
    proof.programs += 1
    named_en, named_zh = named
    excess, row = problem.violation(amounts)
    if excess > max(1e-6, EXCESS * money):
        proof.fail(
            f"{named_en}: {row} is exceeded by {float(excess):,.9f} before rounding",
            f"{named_zh}：取整前 {row} 超出 {float(excess):,.9f}",
        )
    try:
        gaps = tier_gaps(problem, solution)
    except (ValueError, OverflowError) as error:
        proof.fail(f"{named_en}: {error}", f"{named_zh}：{error}")
        return
    for gap, tier, objective in zip(gaps, solution.tiers, problem.objectives, strict=True):
        limit = largest_gap(money, objective)
        if tier.name != gap.tier:
            proof.fail(
                f"{named_en}, tier '{gap.tier}': named '{tier.name}'",
                f"{named_zh}，目标“{gap.tier}”：名称记为“{tier.name}”",
            )
        if gap.gap > limit:
            proof.fail(
                f"{named_en}, tier '{gap.tier}': other amounts may be better by up to "
                f"{float(gap.gap):,.6f}, more than the {limit:,.6f} that is allowed",
                f"{named_zh}，目标“{gap.tier}”：最多可再改进 {float(gap.gap):,.6f}，"
                f"超过允许的 {limit:,.6f}",
            )
        size = -sum(objective.needs) if objective.needs is not None else Fraction(1)
        own = float(gap.reached / size)
        slack = limit / abs(float(size))
        for stated in (tier.reached, tier.value):
            if not math.isclose(own, stated, rel_tol=1e-9, abs_tol=slack):
                proof.fail(
                    f"{named_en}, tier '{gap.tier}': stated {stated!r}, the amounts give {own!r}",
                    f"{named_zh}，目标“{gap.tier}”：记录为 {stated!r}，按金额计算为 {own!r}",
                )
    proof.gaps += gaps
    _check_missed(proof, problem, solution, amounts, named, max(1e-5, EXCESS * money))
    near = stationary(problem, solution)
    proof.moves = max(proof.moves, near.moves)
    if near.moves > largest_move(solution.amounts):
        proof.fail(
            f"{named_en}: {near.column} is {near.moves:,.6f} away from the amounts nearest to the "
            "entitlements",
            f"{named_zh}：{near.column} 偏离最接近测算额的金额 {near.moves:,.6f}",
        )


def _check_missed(
    proof: Proof,
    problem: ExactProgram,
    solution: Solution,
    amounts: list[int],
    named: tuple[str, str],
    noise: float,
) -> None:
    """Soft rows are missed by what is stated, and no other is missed by more than noise."""
    named_en, named_zh = named
    stated = {(item.rule, item.row): item.amount for item in solution.missed}
    for place, row in enumerate(problem.rows):
        if row.soft is None:
            continue
        number, index = problem.source(place)
        family = problem.program.families[number]
        key = (family.rule, family.names[index])
        missed = float(Fraction(problem.excess(row, amounts), problem.common * MONEY))
        said = stated.pop(key, 0.0)
        if not math.isclose(missed, said, rel_tol=1e-9, abs_tol=noise):
            proof.fail(
                f"{named_en}: soft rule {key[0]}, {key[1]} is missed by {missed!r}, stated {said!r}",
                f"{named_zh}：软性规则“{key[0]}”，{key[1]} 差 {missed!r}，记录为 {said!r}",
            )
    for rule, name in stated:
        known = any(f.rule == rule and name in f.names and f.soft for f in problem.program.families)
        if not known:
            proof.fail(
                f"{named_en}: no soft row {rule}, {name}", f"{named_zh}：没有 {rule}，{name}"
            )
