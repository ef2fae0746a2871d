"""The allocation as a lexicographic linear program on arrays: columns, families of rows, tiers.

A column is an amount (a region's share of a pool, or a pool's total). Rules make families of rows;
tiers say what is wanted, the first before the second. Nothing here knows of models, files or
solvers; amounts are in one unit of money, best 万元 or
larger: in yuan the solver's absolute tolerances are too tight to meet.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import overload

import numpy as np
import scipy
from numpy.typing import NDArray

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.ratios import Partial

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Mask = NDArray[np.bool_]
type SparseRows = scipy.sparse.csr_array[np.float64, tuple[int, int]]


@dataclass(frozen=True, eq=False)
class RowFamily:
    """The rows one rule makes: lower <= matrix @ amounts <= upper, a name for each row.

    `matrix` is [n_rows x n_columns]; `lower` and `upper` are (n_rows,), infinite where a side is
    open. `soft` is None for a rule that must hold, else its priority: shortfalls of priority 1 are
    made least before those of priority 2. Within a program, `rule` and row name together are unique.

    Raises ValueError if shapes or values do not fit.
    """

    rule: str
    names: tuple[str, ...]
    matrix: SparseRows
    lower: Floats
    upper: Floats
    soft: int | None = None

    def __post_init__(self) -> None:
        n_rows = len(self.names)
        matrix = scipy.sparse.csr_array(self.matrix).astype(np.float64, copy=True)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "lower", np.asarray(self.lower, dtype=np.float64))
        object.__setattr__(self, "upper", np.asarray(self.upper, dtype=np.float64))
        where = f"rows of rule '{self.rule}'"
        _require(self.matrix.shape[0] == n_rows, f"{where}: {n_rows} names do not fit the matrix")
        for side in (self.lower, self.upper):
            _require(side.shape == (n_rows,), f"{where}: a side has the wrong length")
            _require(not np.isnan(side).any(), f"{where}: a side is not a number")
        _require(bool(np.isfinite(self.matrix.data).all()), f"{where}: a coefficient is not finite")
        _require(not np.isposinf(self.lower).any(), f"{where}: a lower side is +infinity")
        _require(not np.isneginf(self.upper).any(), f"{where}: an upper side is -infinity")
        _require(self.soft is None or self.soft >= 1, f"{where}: priorities count from 1")

    @cached_property
    def entries(self) -> Entries:
        """The entries of the matrix."""
        return Entries.of(self.matrix)


ZERO_WEIGHT = 1e-4
"""A target of zero weighs as if it were this part of the mean positive target: such a column gets
next to nothing while another can take the money, and the projection stays well-conditioned."""


def target_weights(targets: Floats) -> Floats:
    """What each squared distance is divided by: the target, or ZERO_WEIGHT for targets of zero."""
    size = np.abs(targets)
    mean = float(size[size > 0].mean()) if size.any() else 1.0
    return np.where(size > 1e-9 * mean, size, ZERO_WEIGHT * mean)


ONE = Fraction(1)
"""The coefficient of most rows; that all share it makes them quick to compare."""


@dataclass(frozen=True)
class ExactRow:
    """A hard row in exact numbers: lower <= sum coefficients x amounts <= upper, in money.

    `columns` are positions among the amounts; a side of None is open. In whole units a side may be
    passed by `slack` for each unit of money in the smallest amount, where no whole units could
    keep the row itself (an order of amounts per unit of need). With `rounds_down` the lower side
    is itself rounded down to whole units (a guarantee for which money is short).
    """

    rule: str
    name: str
    columns: tuple[int, ...]
    coefficients: tuple[Fraction, ...]
    lower: Fraction | None
    upper: Fraction | None
    slack: Fraction = Fraction(0)
    rounds_down: bool = False

    def in_whole_units(self, unit: Fraction) -> ExactRow:
        """The row that whole-unit amounts of size `unit` must keep."""
        if self.rounds_down and self.lower is not None:
            lower = math.floor(self.lower / unit) * unit
            return replace(self, lower=lower, rounds_down=False).in_whole_units(unit)
        if not self.slack:
            return self
        room = self.slack * unit
        return replace(
            self,
            lower=None if self.lower is None else self.lower - room,
            upper=None if self.upper is None else self.upper + room,
            slack=Fraction(0),
        )

    def holds(self, units: Sequence[int | Fraction], unit: Fraction = Fraction(1)) -> bool:
        """Whether the row holds exactly for amounts in units of size `unit`."""
        terms = zip(self.columns, self.coefficients, strict=True)
        value = unit * sum((units[j] * c for j, c in terms), start=Fraction(0))
        return (self.lower is None or value >= self.lower) and (
            self.upper is None or value <= self.upper
        )


class LimitRows(Sequence[ExactRow]):
    """Rows on single amounts, made one by one where they are asked for.

    `columns` holds the amount of each row, `lower` and `upper` its sides; None is no such side.
    """

    def __init__(
        self,
        rule: str,
        names: Sequence[str],
        columns: Sequence[int],
        lower: Partial | None,
        upper: Partial | None,
    ) -> None:
        self.rule, self.names, self.columns = rule, names, columns
        self.lower, self.upper = lower, upper

    @overload
    def __getitem__(self, place: int) -> ExactRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[ExactRow]: ...
    def __getitem__(self, place: int | slice) -> ExactRow | list[ExactRow]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        return ExactRow(
            self.rule,
            self.names[place],
            (self.columns[place],),
            (ONE,),
            None if self.lower is None else self.lower[place],
            None if self.upper is None else self.upper[place],
        )

    def __len__(self) -> int:
        return len(self.columns)


@dataclass(frozen=True)
class Shortfall:
    """Tier: the least total shortfall of the soft families, one sub-tier for each priority."""

    name: str = "shortfall"


@dataclass(frozen=True, eq=False)
class Deviation:
    """Tier: the least sum of |amount - target| over the columns of the mask.

    `targets` (n_columns,) money; `columns` (n_columns,) bool.
    """

    name: str
    targets: Floats
    columns: Mask


@dataclass(frozen=True, eq=False)
class Coverage:
    """Tier: the greatest least amount / need over the columns of the mask with a need above 0.

    `needs` (n_columns,) money; `columns` (n_columns,) bool.
    """

    name: str
    needs: Floats
    columns: Mask


@dataclass(frozen=True, eq=False)
class Linear:
    """Tier: the least costs @ amounts; `costs` is (n_columns,)."""

    name: str
    costs: Floats


type Tier = Shortfall | Deviation | Coverage | Linear


@dataclass(frozen=True, eq=False)
class Program:
    """Columns with finite bounds, the families of rows, and the tiers in order.

    `columns` names n columns; `lower`, `upper`, `targets` are (n,). The targets are the
    entitlements: of all amounts that are equally good on every tier the nearest to them is chosen,
    each squared distance divided by the target's size, or by `weights` (n,) above 0 if given.
    A rule on a single column may come as a family too; it is folded into the column's bounds and
    keeps its name, which the bounds given here do not have. With `open_above` upper bounds above
    zero are there only to be finite: beyond what the rules let any amount reach.
    The rows of the rule `sums` say of their last column that it is the sum of the others: such
    columns stand for no amount of their own and do not count in the distance.

    Raises ValueError if shapes do not fit, a bound is infinite or crossed, a name is taken twice,
    or rules are soft without a tier that makes their shortfall least.
    """

    columns: tuple[str, ...]
    lower: Floats
    upper: Floats
    families: tuple[RowFamily, ...]
    tiers: tuple[Tier, ...]
    targets: Floats
    weights: Floats | None = None
    open_above: bool = False
    sums: str | None = None

    @cached_property
    def parts(self) -> dict[int, Ints]:
        """The columns that a column is the sum of, by the column that is one."""
        found: dict[int, Ints] = {}
        for family in self.families:
            if family.rule == self.sums:
                matrix = family.matrix
                for i in range(len(family.names)):
                    columns = np.sort(matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]])
                    found[int(columns[-1])] = columns[:-1].astype(np.int64)
        return found

    def __post_init__(self) -> None:
        n_columns = len(self.columns)
        for name in ("lower", "upper", "targets"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)
            _require(values.shape == (n_columns,), f"{name} does not have one value a column")
            _require(bool(np.isfinite(values).all()), f"{name} must be finite for every column")
        crossed = np.flatnonzero(self.lower > self.upper)
        _require(
            crossed.size == 0,
            f"lower is above upper in {[self.columns[j] for j in crossed[:5].tolist()]}",
        )
        require_unique(self.columns, "column")
        for family in self.families:
            _require(
                family.matrix.shape[1] == n_columns,
                f"rows of rule '{family.rule}' do not have {n_columns} columns",
            )
        _require(
            all(family.soft is None for family in self.families)
            or any(isinstance(tier, Shortfall) for tier in self.tiers),
            "soft rules need a Shortfall tier, else they would be given up in silence",
        )
        require_unique((tier.name for tier in self.tiers), "tier")
        for tier in self.tiers:
            for array in _arrays(tier):
                _require(
                    array.shape == (n_columns,) and bool(np.isfinite(array).all()),
                    f"tier '{tier.name}' does not have one finite value a column",
                )


@dataclass(frozen=True)
class TierValue:
    """What a tier reached: money for shortfall and deviation, a ratio for coverage, costs else.

    `value` is the optimum; `reached` is the value of the amounts that were returned, which later
    tiers and the nearest-point choice may worsen by no more than `tolerance`.
    """

    name: str
    value: float
    reached: float
    tolerance: float


@dataclass(frozen=True)
class Missed:
    """A row of a soft rule that was not met, and by how much money."""

    rule: str
    row: str
    amount: float


@dataclass(frozen=True, eq=False)
class Multipliers:
    """What proves a tier, or nearness, where a search would find no multipliers.

    `rows` holds those of each family's rows (n_rows,), in money for money; `tiers` how often each
    earlier tier counts, in order (none for nearness).
    """

    rows: tuple[Floats, ...]
    tiers: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Solution:
    """The answer: one amount a column and what every tier reached.

    `amounts` (n,) money. `missed` lists the soft rows that could not be met, in order of the rows.
    `violation` is the largest amount by which a hard row or bound is exceeded (rounding noise).
    `prices` holds for each tier, in order, d value / d right-hand side of each family's rows
    (n_rows,) at the vertex the solver found; a price at a kink is one of several true ones.
    `multipliers` are those of tiers, by number, and `nearness` those of the nearest point, where
    they were needed to prove the amounts (see multipliers.py).
    """

    amounts: Floats
    tiers: tuple[TierValue, ...]
    missed: tuple[Missed, ...]
    violation: float
    prices: tuple[tuple[Floats, ...], ...]
    multipliers: Mapping[int, Multipliers] = field(default_factory=dict)
    nearness: Multipliers | None = None


def exact(value: Fraction | float) -> Fraction:
    """A fraction as it is, a float as the decimal it prints as: 0.3 becomes 3/10."""
    # float() first: a numpy scalar prints with its type.
    return value if isinstance(value, Fraction) else Fraction(repr(float(value)))


def exact_rows(family: RowFamily) -> list[ExactRow]:
    """The rows of a family in exact numbers, for rounding."""
    data = [exact(value) for value in family.matrix.data.tolist()]
    columns, starts = family.matrix.indices.tolist(), family.matrix.indptr.tolist()
    lower, upper = (
        [exact(value) if math.isfinite(value) else None for value in side.tolist()]
        for side in (family.lower, family.upper)
    )
    spans = zip(family.names, starts[:-1], starts[1:], lower, upper, strict=True)
    return [
        ExactRow(family.rule, name, tuple(columns[i:j]), tuple(data[i:j]), low, high)
        for name, i, j, low, high in spans
    ]


def activity(matrix: SparseRows, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """The least and the greatest value of each row (n_rows,) for lower <= x <= upper."""
    return Entries.of(matrix).activity(lower, upper)


def require_unique(names: Iterable[str], kind: str) -> None:
    """Raise ValueError naming those of `names` that occur more than once."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    _require(not twice, f"{kind} names used more than once: {', '.join(twice[:5])}")


def _arrays(tier: Tier) -> tuple[Floats | Mask, ...]:
    match tier:
        case Deviation():
            return tier.targets, tier.columns
        case Coverage():
            return tier.needs, tier.columns
        case Linear():
            return (tier.costs,)
        case _:
            return ()


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)
