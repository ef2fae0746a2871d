"""The one module that knows PuLP: a Program becomes a named PuLP problem, and that becomes arrays.

The problem is always a minimisation and every row and column has a name, so that it can be written
out and read by a person. It is compiled once; solving, prices and certificates work on the arrays,
because PuLP's `.pi`, `.dj` and `.slack` change sign with the solver and its version.

Rows go through PuLP's own core objects (`LpProblem.toRustModel()`), which take a whole row from an
array in one call: five times faster than adding up expressions of Python objects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy
from pulp import LpProblem
from pulp._rustcore import AffineExpr, Category, Sense, Variable

from reliefperf.allocation.folding import CompiledLp, Objective
from reliefperf.allocation.program import (
    Coverage,
    Deviation,
    Floats,
    Linear,
    Program,
    RowFamily,
    Shortfall,
    Tier,
    require_unique,
)


@dataclass(eq=False)
class PulpModel:
    """A PuLP problem and what its rows and columns stand for, in the order they were added."""

    problem: LpProblem
    program: Program
    objectives: list[tuple[Tier, str, AffineExpr, float]] = field(default_factory=list)
    row_family: list[int] = field(default_factory=list)
    row_index: list[int] = field(default_factory=list)
    slack_columns: list[int] = field(default_factory=list)
    slack_rows: list[int] = field(default_factory=list)


def build(program: Program, name: str = "allocation") -> PulpModel:
    """Build the PuLP problem; its objective is the first tier's.

    Raises ValueError if two rows, or two columns, get the same name.
    """
    model = PulpModel(LpProblem(name), program)
    _Builder(model).build()
    if model.objectives:
        model.problem.toRustModel().set_objective(model.objectives[0][2])
    return model


def compile_model(model: PulpModel) -> CompiledLp:
    """Read the PuLP problem back as arrays (see CompiledLp for their shapes)."""
    core = model.problem.toRustModel()
    variables = core.variables_dict()
    columns = tuple(name for name, _ in variables)
    require_unique(columns, "column")
    constraints = core.constraints_dict()
    rows = tuple(name for name, _ in constraints)
    require_unique(rows, "row")
    starts, indices, coefficients = [0], [], []
    row_lower, row_upper = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
    for i, (_, constraint) in enumerate(constraints):
        for variable, coefficient in constraint.items():
            indices.append(variable.id())
            coefficients.append(coefficient)
        starts.append(len(indices))
        sense, rhs = constraint.sense, constraint.rhs
        if sense != Sense.LessEqual:
            row_lower[i] = rhs
        if sense != Sense.GreaterEqual:
            row_upper[i] = rhs
    matrix = scipy.sparse.csr_array(
        (np.array(coefficients, dtype=np.float64), np.array(indices, dtype=np.int32), starts),
        shape=(len(rows), len(columns)),
    )
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return CompiledLp(
        columns=columns,
        n_amounts=len(model.program.columns),
        lower=np.array([variable.lb for _, variable in variables]),
        upper=np.array([variable.ub for _, variable in variables]),
        rows=rows,
        matrix=matrix,
        row_lower=row_lower,
        row_upper=row_upper,
        row_family=np.array(model.row_family, dtype=np.int64),
        row_index=np.array(model.row_index, dtype=np.int64),
        slack_columns=np.array(model.slack_columns, dtype=np.int64),
        slack_rows=np.array(model.slack_rows, dtype=np.int64),
        rules=tuple(family.rule for family in model.program.families),
        objectives=tuple(_objective(*objective, len(columns)) for objective in model.objectives),
    )


def compile_program(program: Program) -> CompiledLp:
    """Build in PuLP and compile, in one step."""
    return compile_model(build(program))


def _objective(
    tier: Tier, name: str, expression: AffineExpr, factor: float, n_columns: int
) -> Objective:
    costs = np.zeros(n_columns)
    for variable, coefficient in expression.items():
        costs[variable.id()] += coefficient
    return Objective(name, costs, expression.constant, factor, isinstance(tier, Deviation))


class _Builder:
    """Adds columns, the families' rows and the tiers' helpers to the problem."""

    def __init__(self, model: PulpModel) -> None:
        self._model = model
        self._program = model.program
        self._core = model.problem.toRustModel()
        self._slacks: dict[int, list[int]] = defaultdict(list)

    def build(self) -> None:
        program = self._program
        bounds = zip(program.columns, program.lower.tolist(), program.upper.tolist(), strict=True)
        self._variables = [self._add_column(name, low, high) for name, low, high in bounds]
        for number, family in enumerate(program.families):
            self._add_family(number, family)
        for tier in program.tiers:
            self._add_tier(tier)

    def _add_column(self, name: str, low: float, high: float) -> Variable:
        return self._core.add_variable(name, low, high, Category.Continuous)

    def _add_row(self, expression: AffineExpr, name: str, sense: Sense, rhs: float) -> None:
        expression.set_constant(-rhs)
        expression.set_sense(sense)
        expression.set_name(name)
        self._core.add_constraint(expression)

    def _add_family(self, number: int, family: RowFamily) -> None:
        """One PuLP row for each side; PuLP has no ranged rows, folding joins the two again."""
        matrix = family.matrix
        ids = matrix.indices.astype(np.uint64)
        least, most = family.entries.activity(self._program.lower, self._program.upper)
        starts = matrix.indptr.tolist()
        sides = zip(
            family.names,
            family.lower.tolist(),
            family.upper.tolist(),
            least.tolist(),
            most.tolist(),
            strict=True,
        )
        for i, (row, low, high, smallest, largest) in enumerate(sides):
            part = slice(starts[i], starts[i + 1])
            terms = (ids[part], matrix.data[part])
            name = f"{family.rule}/{row}"
            if low == high:
                wanted = [(Sense.Equal, low, name, low - smallest, largest - high)]
            else:
                ranged = np.isfinite(low) and np.isfinite(high)
                wanted = [
                    (Sense.GreaterEqual, low, f"{name}:low" if ranged else name, low - smallest, 0),
                    (Sense.LessEqual, high, f"{name}:high" if ranged else name, 0, largest - high),
                ]
            for sense, rhs, full_name, below, above in wanted:
                if np.isfinite(rhs):
                    expression = self._expression(terms)
                    if family.soft is not None:
                        self._add_slack(expression, f"{full_name}:below", below, 1, family.soft)
                        self._add_slack(expression, f"{full_name}:above", above, -1, family.soft)
                    self._add_row(expression, full_name, sense, rhs)
                    self._model.row_family.append(number)
                    self._model.row_index.append(i)

    def _add_slack(
        self, expression: AffineExpr, name: str, most: float, sign: int, priority: int
    ) -> None:
        """A shortfall column, unless the columns' bounds rule a shortfall out."""
        if most > 0:
            slack = self._add_column(name, 0.0, most)
            expression.add_term(slack, float(sign))
            self._slacks[priority].append(slack.id())
            self._model.slack_columns.append(slack.id())
            self._model.slack_rows.append(self._core.num_constraints)

    def _add_tier(self, tier: Tier) -> None:
        match tier:
            case Shortfall():
                softs = {family.soft for family in self._program.families}
                priorities = sorted(soft for soft in softs if soft is not None)
                for priority in priorities:
                    alone = len(priorities) == 1
                    name = tier.name if alone else f"{tier.name}:{priority}"
                    self._add_objective(tier, name, self._slacks[priority])
            case Deviation():
                self._add_deviation(tier)
            case Coverage():
                self._add_coverage(tier)
            case Linear():
                used = np.flatnonzero(tier.costs)
                scale = float(np.abs(tier.costs).max(initial=0.0)) or 1.0
                self._add_objective(tier, tier.name, used.tolist(), tier.costs[used] / scale, scale)

    def _add_objective(
        self,
        tier: Tier,
        name: str,
        columns: Sequence[int],
        costs: Floats | None = None,
        factor: float = 1.0,
    ) -> None:
        coefficients = np.ones(len(columns)) if costs is None else costs
        expression = self._expression((np.array(columns, dtype=np.uint64), coefficients))
        self._model.objectives.append((tier, name, expression, factor))

    def _add_deviation(self, tier: Deviation) -> None:
        """amount - up + down = target, at the least sum of ups and downs."""
        lower, upper = self._program.lower, self._program.upper
        used = np.flatnonzero(tier.columns)
        most_up = np.maximum(upper - tier.targets, 0.0)[used]
        most_down = np.maximum(tier.targets - lower, 0.0)[used]
        helpers: list[int] = []
        for j, up, down, target in zip(
            used.tolist(),
            most_up.tolist(),
            most_down.tolist(),
            tier.targets[used].tolist(),
            strict=True,
        ):
            name = f"{tier.name}/{self._program.columns[j]}"
            above = self._add_column(f"{name}:up", 0.0, up)
            below = self._add_column(f"{name}:down", 0.0, down)
            expression = AffineExpr.from_variable(self._variables[j])
            expression.add_term(above, -1.0)
            expression.add_term(below, 1.0)
            self._add_row(expression, name, Sense.Equal, target)
            helpers += (above.id(), below.id())
        self._note_helper_rows()
        self._add_objective(tier, tier.name, helpers)

    def _add_coverage(self, tier: Coverage) -> None:
        """amount >= need x ratio, at the greatest ratio.

        Rows stay in money, and the ratio is priced with the sum of the needs: prices of the rows
        are then about 1 and far from the solver's tolerance.
        """
        used = np.flatnonzero(tier.columns & (tier.needs > 0))
        if not used.size:
            return
        needs = tier.needs[used]
        least = float((self._program.lower[used] / needs).min())
        most = float((self._program.upper[used] / needs).min())
        ratio = self._add_column(f"{tier.name}:ratio", least, most)
        for j, need in zip(used.tolist(), needs.tolist(), strict=True):
            expression = AffineExpr.from_variable(self._variables[j])
            expression.add_term(ratio, -need)
            name = f"{tier.name}/{self._program.columns[j]}"
            self._add_row(expression, name, Sense.GreaterEqual, 0.0)
        self._note_helper_rows()
        scale = float(needs.sum())
        self._add_objective(tier, tier.name, [ratio.id()], np.array([-scale]), -1.0 / scale)

    def _note_helper_rows(self) -> None:
        new = self._core.num_constraints - len(self._model.row_family)
        self._model.row_family += [-1] * new
        self._model.row_index += [-1] * new

    def _expression(self, terms: tuple[Any, Floats]) -> AffineExpr:
        expression = AffineExpr()
        expression.add_term_ids_coeffs(self._core, *terms)
        return expression
