"""One period's money at other budgets: which budgets can be tried, and what is known of them.

Only the expression `budget` of the model is replaced; data, scores, rules and everything else that
the model says stay. A pool whose amount does not look at the budget stays as it is, too.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from reliefperf.allocation.allocate import allocate_period, program_of
from reliefperf.allocation.coupled import Coupled
from reliefperf.allocation.effects import Standing, of_program, standing_of
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.pool_reading import MOST_UNITS
from reliefperf.errors import InfeasibleError, InputError, Mistake
from reliefperf.model.compiling import Compiled
from reliefperf.model.environment import Array, as_column
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model, expressions_in
from reliefperf.model.numbers import exact
from reliefperf.model.spec_allocation import ALONE, AllocationSpec, PoolSpec
from reliefperf.scenarios.explaining.without import copy_of
from reliefperf.scenarios.running import PeriodRun

MOST_DENOMINATOR = 10**9
"""A share of the budget finer than this is not told from the noise of a computation."""

_ROUNDED = {"floor", "ceil", "round"}


@dataclass(frozen=True)
class Line:
    """A total that follows from the budget: `start` + `slope` x budget, in money."""

    start: Fraction
    slope: Fraction

    def budget_for(self, total: Fraction) -> Fraction:
        """The budget at which the total is this; the slope must not be 0."""
        return (total - self.start) / self.slope


@dataclass(frozen=True)
class Tried:
    """A budget and the money shared out with it, or what stands in the way."""

    budget: Fraction
    allocation: Allocation | None
    why: InputError | InfeasibleError | None = None


class Budgets:
    """A period's money at other budgets, `step` apart, counted from the least that is not negative.

    `lines` has for each pool a line a group, None where the total does not follow from the budget
    in a straight line. `rising`: a larger budget never gives a region less before whole units,
    which is so where every pool is settled alone and only totals look at the budget. `simple`
    pools are those whose rules change at budgets that can be computed.
    Raises InputError where the model states no budget or the period has no money.
    """

    def __init__(self, model: Model, period: PeriodRun) -> None:
        spec = model.spec.allocation
        if spec is None or period.allocation is None or spec.budget is None:
            what = "allocation" if spec is None else "allocation.budget"
            raise InputError(
                Mistake.at(
                    f"the model states no `{what}`, so there is no budget to ask about",
                    f"模型没有写 {what}，无预算可问",
                    file=model.source,
                )
            )
        assert period.allocation.budget is not None
        self.model, self.period, self.spec = model, period, spec
        self.now = period.allocation
        self.present = period.allocation.budget
        self.smallest = Fraction(str(spec.smallest))
        self.lines = {name: self._lines(name, pool) for name, pool in spec.paid_pools.items()}
        self.step = self._step()
        self.first = self.present % self.step
        self.place = int((self.present - self.first) / self.step)
        self.last = int(Fraction(int(MOST_UNITS) - 1) * self.smallest / self.step) - 1
        # a relaxed run is one program, whose rules give way by other amounts at other budgets
        self.is_alone = self.now.relax == "never" and not Coupled.needed(spec)
        still = self.is_alone and not any(
            model.names_behind(expr) & {"budget", *spec.pools}
            for rule in spec.rules
            for _, expr, _ in expressions_in(rule)
        )
        # steps of the calculation and contributions may move against the budget
        # guarantees that are reduced where money is short move with the budget
        still = still and not any(getattr(rule, "if_short", None) for rule in spec.rules)
        still = still and all(pool.paid and not pool.contributes for pool in spec.pools.values())
        # other ways to share out the last units may leave a share by more than one
        near = all(
            result.pool.rounding in {*ALONE, "largest_remainder"}
            for result in self.now.pools.values()
        )
        self.rising = (
            still
            and near
            and all(self._rises(name, pool) for name, pool in spec.paid_pools.items())
        )
        self.simple = still and all(
            self._is_simple(name, pool) for name, pool in spec.paid_pools.items()
        )
        self.n_tried = 0
        self._expr = Expr("0")
        self._kept: dict[int, Tried] = {}
        self._standing: dict[int, Standing | None] = {}

    def budget(self, place: int) -> Fraction:
        """The budget at a place."""
        return self.first + place * self.step

    def at(self, place: int) -> Tried:
        """The money at a place; kept, so that asking twice costs nothing."""
        if place not in self._kept:
            self._kept[place] = self.run(self.budget(place), reasons=False)
        return self._kept[place]

    def run(self, budget: Fraction, *, reasons: bool = True) -> Tried:
        """Share the money out anew with a budget; without `reasons` it is only tried.

        Then what stands in the way does not name the rules of a program that are at odds, which
        takes longer than the sharing out, and the solver starts from an earlier answer. Else it
        starts from nothing, so that an answer does not follow from what was asked before it.
        Raises SolverError.
        """
        self.n_tried += 1
        env, model = copy_of(self.period.env), self.model_at(budget)
        try:
            found = allocate_period(
                model,
                env,
                self.now.names,
                relax=self.now.relax,
                by_step=False,
                reasons=reasons,
                warm=None if reasons else self.period.warm,
            )
        except (InfeasibleError, InputError) as error:
            return Tried(budget, None, error)
        return Tried(budget, found)

    def standing(self, place: int) -> Standing | None:
        """How amounts stand to the limits at a place, before whole units; None if unpayable. Kept.

        Pools that are one program are solved without being rounded, in half the time.
        """
        if place not in self._standing:
            self._standing[place] = self._stands(place)
        return self._standing[place]

    def _stands(self, place: int) -> Standing | None:
        if self.is_alone or self.now.relax != "never":
            found = self.at(place).allocation
            return None if found is None else standing_of(found)
        self.n_tried += 1
        env = copy_of(self.period.env)
        try:
            program = program_of(self.model_at(self.budget(place)), env)
            program.reasons, program.warm = False, self.period.warm
            program.final()
        except (InfeasibleError, InputError):
            return None
        return of_program(program)

    def model_at(self, budget: Fraction) -> Model:
        """The model with another budget and nothing else changed."""
        column = as_column(float(budget))
        changed = self.spec.model_copy(update={"budget": self._expr})
        stated = Compiled(self._expr, "number", lambda env: column)
        return replace(
            self.model,
            spec=self.model.spec.model_copy(update={"allocation": changed}),
            _compiled={**self.model._compiled, id(self._expr): stated},
            _kept={},
        )

    # ------------------------------------------------------------ what looks at the budget

    def moved(self) -> set[str]:
        """The budget, and the columns and pools that follow from it."""
        moved = {"budget"}
        for name, pool in self.spec.pools.items():
            self._add_derived(moved)
            if pool.share is not None or any(
                expr.names & moved for _, expr, _ in expressions_in(pool)
            ):
                moved.add(name)
        self._add_derived(moved)
        return moved

    def _add_derived(self, moved: set[str]) -> None:
        derived = self.model.spec.derived_exprs
        for _ in derived:
            moved |= {name for name, expr in derived.items() if expr.names & moved}

    def _lines(self, name: str, pool: PoolSpec) -> tuple[Line, ...] | None:
        """How the totals of a pool follow from the budget, a line a group."""
        settled = self.now.pools[name].pool
        totals = settled.totals
        # a limit that the formula does not reach is no total
        reached = pool.kind != "formula" or bool(settled.stages)
        if not reached or any(total is None for total in totals):
            return () if not _looks_at(pool, self.moved()) else None
        if pool.share is not None:
            share = exact(float(self.model.compiled(pool.share)(self.period.env).flat[0]))
            return tuple(Line(Fraction(0), share) for _ in totals)
        stated = pool.limit if pool.kind == "formula" else pool.amount
        if stated is None:
            return None
        degree = _degree(stated.tree, self.moved())
        if degree is None:
            return None
        if degree == 0:
            return tuple(Line(total or Fraction(0), Fraction(0)) for total in totals)
        # two more points of a straight line give its slope
        base = self.present or self.smallest * 1000
        values = [self._values(stated, base * times) for times in (1, 2)]
        found = []
        for group, total in enumerate(totals):
            inside = settled.groups == group
            at = int(np.argmax(inside)) if inside.any() else 0
            one, two = (exact(float(column[at])) for column in values)
            slope = ((two - one) / base).limit_denominator(MOST_DENOMINATOR)
            if abs(slope * base - (two - one)) > abs(two) / 10**12:
                return None
            assert total is not None
            found.append(Line(total - slope * self.present, slope))
        return tuple(found)

    def _values(self, expr: Expr, budget: Fraction) -> Array:
        env = copy_of(self.period.env)
        env.columns["budget"] = as_column(float(budget))
        return np.asarray(self.model.compiled(expr).full(env), dtype=np.float64)

    def _step(self) -> Fraction:
        """The distance of budgets at which all totals stay whole numbers of the smallest amount."""
        bottoms = [1]
        for name, pool in self.spec.paid_pools.items():
            if pool.between is None and self.now.pools[name].pool.rounding not in ALONE:
                bottoms += [line.slope.denominator for line in self.lines[name] or ()]
        return self.smallest * math.lcm(*bottoms)

    def _rises(self, name: str, pool: PoolSpec) -> bool:
        """Whether a pool's total never falls as the budget rises, and nothing else in it moves."""
        if pool.solve is not None and pool.solve.rises == "total":
            return False  # a larger total may leave somebody with less
        lines = self.lines[name]
        if lines is None:
            stated = pool.limit if pool.kind == "formula" else pool.amount
            return stated is not None and self._is_rounded_up_or_down(name, stated, pool)
        moved = self.moved()
        steady = not _looks_at(pool, moved, but=("amount", "share", "limit"))
        return steady and pool.kind != "gains" and all(line.slope >= 0 for line in lines)

    def _is_rounded_up_or_down(self, name: str, stated: Expr, pool: PoolSpec) -> bool:
        """Whether a total is floor(a share of the budget), or the like."""
        tree = stated.tree
        if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
            return False
        if tree.func.id not in _ROUNDED or _looks_at(
            pool, self.moved(), but=("amount", "share", "limit")
        ):
            return False
        moved = self.moved()
        if _degree(tree.args[0], moved) is None or any(_degree(a, moved) for a in tree.args[1:]):
            return False
        # a straight line, rounded: it rises if it is higher far away
        base = self.present or self.smallest * 1000
        near, far = (self._values(stated, base * times) for times in (1, 10**6))
        return pool.kind == "shared" and bool((far >= near).all())

    def _is_simple(self, name: str, pool: PoolSpec) -> bool:
        """Whether the budgets at which the pool's rules change can be computed."""
        if pool.solve is not None:
            return False
        if pool.bear is not None and (pool.weight is not None or pool.negative == "allow"):
            # entitlements move with the total, and what limits move by another measure
            return False
        if pool.kind == "formula":
            return pool.limit is None and not _looks_at(pool, self.moved())
        return pool.kind == "shared" and self.lines[name] is not None and self._rises(name, pool)


def _looks_at(pool: PoolSpec, moved: set[str], but: tuple[str, ...] = ()) -> bool:
    """Whether some expression of a pool, but those of some fields, names what the budget moves."""
    return any(
        expr.names & moved
        for path, expr, _ in expressions_in(pool)
        if not (path and path[0] in but)
    )


def _degree(node: ast.expr, moved: set[str]) -> int | None:
    """The degree of an expression in the budget: 0, 1, or None where it is no straight line."""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    if not names & moved:
        return 0
    if isinstance(node, ast.Name):
        return 1 if node.id == "budget" else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return _degree(node.operand, moved)
    if isinstance(node, ast.BinOp):
        left, right = _degree(node.left, moved), _degree(node.right, moved)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add | ast.Sub):
            return max(left, right)
        if isinstance(node.op, ast.Mult) and left + right <= 1:
            return left + right
        if isinstance(node.op, ast.Div) and right == 0:
            return left
    return None


def pools_of(spec: AllocationSpec) -> Iterator[str]:
    """The pools in order, then `total`."""
    yield from spec.paid_pools
    yield "total"
