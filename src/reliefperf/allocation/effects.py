"""What every rule did in the end: whom it binds, what it moved, what it costs at the margin.

Prices of a program are d objective / d right-hand side at the vertex that the solver found. The
least value of an objective is convex in the right-hand sides, so that any such price bounds what a
whole unit does: tightening costs at least the price, loosening saves at most the price. That holds
at a kink too, where the price is one of several.

A pool settled by water-filling has no objective to be priced; there the amounts themselves move: a
unit that a limit takes or frees is shared by the regions that stand at no limit, in proportion to
their entitlements or to what the pool states as `bear`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from reliefperf.allocation.program import ExactRow, Solution, exact
from reliefperf.allocation.ratios import Ratios
from reliefperf.allocation.rules.base import AmountRule
from reliefperf.allocation.scaling import grid

if TYPE_CHECKING:
    from reliefperf.allocation.coupled import Coupled
    from reliefperf.allocation.paid import Allocation, PoolResult

PRICE_NOISE = 1e-7
"""A price below this is a solver's noise."""


@dataclass(frozen=True)
class Standing:
    """The rows of every rule and total as they stood in the end, and the amounts before rounding.

    `columns` says pool and place of region of each amount; `rows` holds a rule's rows by its id, in
    the order of the rules; `totals` the rows of totals and budget, empty where each pool was settled
    alone. `solution` is the program's; `families` has the rule and the names of the rows of each of
    its families. `near_a_side`, where it is given, says of a rule which of its rows may stand at a
    side, within some slack, or be missed. `grid` is the money by which an amount may be off.
    """

    columns: tuple[tuple[str, int], ...]
    amounts: tuple[Fraction, ...]
    rows: Mapping[str, Sequence[ExactRow]]
    totals: tuple[ExactRow, ...] = ()
    solution: Solution | None = None
    families: tuple[tuple[str, tuple[str, ...]], ...] = ()
    near_a_side: Callable[[AmountRule, Fraction], Sequence[int]] | None = None
    grid: Fraction = Fraction(0)

    def slack(self, row: ExactRow, noise: Fraction) -> Fraction:
        """The money by which a row may be off, from `noise` and the amounts in it."""
        if not self.grid:
            return noise
        return noise + self.grid * sum(map(abs, row.coefficients), Fraction(0))


@dataclass(frozen=True)
class Price:
    """What a unit more or less of money in the limits of a rule does to a tier of the program.

    `each` gives d tier / d right-hand side of each row, by the row's name. `total` is the sum of
    their sizes: all limits of the rule by one unit at once.
    """

    tier: str
    each: Mapping[str, float]

    @property
    def total(self) -> float:
        """All rows of the rule together."""
        return sum(abs(price) for price in self.each.values())


@dataclass(frozen=True)
class Taken:
    """In a pool settled alone: who gives or takes the money of a rule's limits at the margin.

    `bound` regions stand at a limit of the rule; a unit on each of their limits is shared by `free`
    regions, of which `largest` takes the part `part` of one unit; none are free where what is left
    over, or nobody, takes it. `bear` is the measure that the pool states of who carries it, if any.
    """

    pool: str
    bound: int
    free: int
    largest: int
    part: Fraction
    bear: str = ""


@dataclass(frozen=True)
class RuleEffect:
    """One rule in the end: which rows bind or are missed, the money it moved, the price."""

    id: str
    rule: AmountRule | None
    n_rows: int
    binding: tuple[str, ...]
    missed: tuple[str, ...]
    moved: Fraction
    gaining: int
    losing: int
    price: Price | None = None
    taken: tuple[Taken, ...] = field(default=())


def standing_of(allocation: Allocation) -> Standing:
    """The rows of every rule of an allocation as they stand in the end."""
    program = allocation.program
    return _of_pools(allocation, allocation.pools) if program is None else of_program(program)


def steps_of(allocation: Allocation) -> Standing:
    """The rows of the rules on pools that are a step of the calculation."""
    return _of_pools(allocation, allocation.calculated)


def of_program(program: Coupled) -> Standing:
    """The same of a program that was solved, whole units or not."""
    columns: list[tuple[str, int]] = [("", -1)] * program.n_amounts
    for pool_id, places in program.columns.items():
        for i, column in enumerate(places.tolist()):
            if column >= 0:
                columns[column] = (pool_id, i)
    solution = program.solved[program.last]
    amounts = program.amounts(solution)
    step = exact(grid(solution.amounts[: program.n_amounts]))
    return Standing(
        tuple(columns),
        tuple(amounts),
        {rule.id: rows for rule, rows in program.rules},
        tuple(program.fixed),
        solution,
        tuple((family.rule, family.names) for family in program.programs[program.last].families),
        lambda rule, slack: program.near_a_side(rule, amounts, slack, step),
        step,
    )


def _of_pools(allocation: Allocation, pools: Mapping[str, PoolResult]) -> Standing:
    """Where each pool was settled alone, with rows that name regions by their place."""
    n_regions = len(allocation.codes)
    rows: dict[str, list[ExactRow]] = {}
    columns: list[tuple[str, int]] = []
    amounts: list[Fraction] = []
    for number, (pool_id, result) in enumerate(pools.items()):
        columns += [(pool_id, i) for i in range(n_regions)]
        amounts += result.before_units
        for rule_id, own in allocation.settled.get(pool_id, ()):
            rows.setdefault(rule_id, []).extend(
                replace(row, columns=tuple(number * n_regions + c for c in row.columns))
                if number
                else row
                for row in own
            )
    return Standing(
        tuple(columns), tuple(amounts), {key: tuple(found) for key, found in rows.items()}
    )


def rule_effects(
    standing: Standing,
    results: Mapping[str, PoolResult],
    rules: Sequence[AmountRule],
    noise: Fraction,
) -> list[RuleEffect]:
    """The effect of each rule, in order; `noise` is money below which a program's row counts as held."""
    found = []
    exact = standing.solution is None
    held = _held(standing, results) if exact else set()
    for rule in rules:
        rows = standing.rows.get(rule.id, ())
        slack = Fraction(0) if exact else noise
        places: Sequence[int] = range(len(rows))
        if rows and standing.near_a_side is not None:
            places = standing.near_a_side(rule, slack)
        near = [rows[i] for i in places]
        states = [(row, *_state(row, standing.amounts, standing.slack(row, slack))) for row in near]
        moved, gaining, losing = _moved(results, rule.id, slack)
        binding = [row for row, tight, missed in states if tight and not missed]
        found.append(
            RuleEffect(
                rule.id,
                rule,
                len(rows),
                tuple(row.name for row in binding),
                tuple(row.name for row, _, missed in states if missed),
                moved,
                gaining,
                losing,
                price_of(standing, rule.id),
                tuple(_taken(standing, results, binding, held)) if exact else (),
            )
        )
    return found


def total_effects(standing: Standing) -> list[RuleEffect]:
    """The totals of pools and the budget of a program, with their prices."""
    by_rule: dict[str, list[ExactRow]] = {}
    for row in standing.totals:
        by_rule.setdefault(row.rule, []).append(row)
    return [
        RuleEffect(
            rule_id,
            None,
            len(rows),
            tuple(
                row.name
                for row in rows
                if _state(row, standing.amounts, standing.slack(row, Fraction(1, 1000)))[0]
            ),
            (),
            Fraction(0),
            0,
            0,
            price_of(standing, rule_id),
        )
        for rule_id, rows in by_rule.items()
    ]


def _state(row: ExactRow, amounts: Sequence[Fraction], slack: Fraction) -> tuple[bool, bool]:
    """Whether a row stands at one of its sides, and whether it is missed by more than `slack`."""
    terms = [
        amounts[j] if c == 1 else amounts[j] * c
        for j, c in zip(row.columns, row.coefficients, strict=True)
    ]
    value = terms[0] if len(terms) == 1 else sum(terms, Fraction(0))
    if not slack:
        tight = value == row.lower or value == row.upper
        missed = (row.lower is not None and value < row.lower) or (
            row.upper is not None and value > row.upper
        )
        return tight, missed
    sides = [side for side in (row.lower, row.upper) if side is not None]
    tight = any(abs(value - side) <= slack for side in sides)
    missed = (row.lower is not None and value < row.lower - slack) or (
        row.upper is not None and value > row.upper + slack
    )
    return tight, missed


def _moved(
    results: Mapping[str, PoolResult], step: str, noise: Fraction
) -> tuple[Fraction, int, int]:
    """The money that a step of the explanation moves, and how many regions gain and lose by it.

    It is moved between amounts, each of a region in a pool: what those gain that rise or, where
    more is lost (a cap whose money nobody else gets), what those lose that fall.
    Who has up to `noise` money more or less over all pools neither gains nor loses.
    """
    changes: dict[int, tuple[int, int]] = {}
    gains: dict[int, int] = {}
    losses: dict[int, int] = {}
    for result in results.values():
        before = Ratios.of(result.pool.entitlement)
        for stage in result.stages:
            after = Ratios.of(stage.amounts)
            if stage.step == step:
                pairs = zip(before.pairs(), after.pairs(), strict=True)
                for i, (one, other) in enumerate(pairs):
                    if one == other:
                        continue
                    (old, part), (new, parts) = one, other
                    change, size = new * part - old * parts, part * parts
                    if change:
                        top, bottom = changes.get(i, (0, 1))
                        changes[i] = top * size + change * bottom, bottom * size
                        side = gains if change > 0 else losses
                        side[size] = side.get(size, 0) + abs(change)
            before = after
    return (
        max(_sum_of(gains), _sum_of(losses)),
        sum(top * noise.denominator > noise.numerator * size for top, size in changes.values()),
        sum(-top * noise.denominator > noise.numerator * size for top, size in changes.values()),
    )


def _sum_of(parts: Mapping[int, int]) -> Fraction:
    """The sum of numerators by their denominator."""
    return sum((Fraction(top, bottom) for bottom, top in parts.items()), Fraction(0))


def price_of(standing: Standing, rule_id: str) -> Price | None:
    """A rule's prices on the first tier that feels it; None where no tier does, or none is priced."""
    solution = standing.solution
    if solution is None:
        return None
    for tier, prices in zip(solution.tiers, solution.prices, strict=False):
        each = {
            name: float(price)
            for (rule, names), of_family in zip(standing.families, prices, strict=True)
            if rule == rule_id
            for name, price in zip(names, of_family.tolist(), strict=False)
            if abs(price) > PRICE_NOISE
        }
        if each:
            return Price(tier.name, each)
    return None


def _taken(
    standing: Standing,
    results: Mapping[str, PoolResult],
    binding: Sequence[ExactRow],
    held: AbstractSet[tuple[str, int]],
) -> list[Taken]:
    by_pool: dict[str, set[int]] = {}
    for row in binding:
        pool_id, place = standing.columns[row.columns[0]]
        by_pool.setdefault(pool_id, set()).add(place)
    found = []
    for pool_id, places in by_pool.items():
        pool = results[pool_id].pool
        groups = {int(pool.groups[i]) for i in places}
        free = [
            i
            for i, carried in enumerate(pool.carriers)
            if carried and (pool_id, i) not in held and int(pool.groups[i]) in groups
        ]
        shares = _is_filled(results[pool_id], standing) and bool(free)
        carriers = pool.carriers
        largest = max(free, key=lambda i: (carriers[i], -i)) if shares else -1
        part = (
            carriers[largest] / sum((carriers[i] for i in free), Fraction(0))
            if shares and len(groups) == 1
            else Fraction(0)
        )
        bear = "" if pool.spec.bear is None else pool.spec.bear.text
        n_free = len(free) if shares else 0
        found.append(Taken(pool_id, len(places), n_free, largest, part, bear))
    return found


def _held(standing: Standing, results: Mapping[str, PoolResult]) -> set[tuple[str, int]]:
    """The amounts that stand at a limit of some rule, or at zero where none may be below it."""
    rows = [row for own in standing.rows.values() for row in own]
    held = {
        standing.columns[row.columns[0]]
        for row in rows
        if _state(row, standing.amounts, Fraction(0))[0]
    }
    zero = {
        column
        for column, amount in zip(standing.columns, standing.amounts, strict=True)
        if not amount and results[column[0]].pool.spec.negative == "error"
    }
    return held | zero


def _is_filled(result: PoolResult, standing: Standing) -> bool:
    """Whether the whole total is given away, so that one region's money is another's."""
    pool = result.pool
    if pool.spec.kind == "formula" and pool.spec.limit is None:
        return False
    totals = [total for total in pool.totals if total is not None]
    return len(totals) == len(pool.totals) and sum(result.before_units, Fraction(0)) == sum(
        totals, Fraction(0)
    )
