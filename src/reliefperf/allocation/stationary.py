"""Equal treatment checked: nothing on the optimal face is nearer to the entitlements.

The recorded amounts are nearest if multipliers exist for the rows that bind with which the slope of
the distance vanishes at every amount that may move both ways, and points outwards at the others.
The multipliers are found by least squares; what remains is said in money: how far an amount would
still have to move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from reliefperf.allocation.checking import ExactProgram
from reliefperf.allocation.program import Floats, Solution

ZERO_WEIGHT = 1e-4
"""The weight of a target of zero, as a part of the mean positive target (as the choice takes it)."""

PRICE = 1e-7
"""Prices and slopes up to this size count as 0, as when the face was made."""

CLEAR = 1e-6
"""Moves up to this much money are noise; for larger ones multipliers are sought with more care."""

MOST_BOUNDED = 3000
"""Rows and amounts together for which that is done."""

type Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Stationary:
    """`moves` is how far, in money, the worst amount `column` is from where it should stand."""

    moves: float
    column: str


def stationary(problem: ExactProgram, solution: Solution) -> Stationary:
    """How far the recorded amounts are from the point of the face nearest to the targets."""
    amounts, targets = solution.amounts, problem.program.targets
    stated = problem.program.weights
    weights = _weights(targets) if stated is None else stated
    up, down, equal = _face(problem, solution)
    low, high = _binding(problem, amounts)
    slope = 2.0 * (amounts - targets) / weights
    used = np.flatnonzero(equal | low | high)
    rows = problem.float.matrix[used]
    # signs: a row at its low side may only push up, one at its high side only down
    least = np.where(equal[used] | high[used], -np.inf, 0.0)
    most = np.where(equal[used] | low[used], np.inf, 0.0)
    prices = _multipliers(rows, slope, weights, up & down, least, most)

    def moves(prices: Floats) -> Floats:
        left = (slope - rows.T @ prices) * weights / 2.0
        too_low, too_high = np.maximum(-left, 0.0), np.maximum(left, 0.0)
        return np.asarray(np.where(up, too_low, 0.0) + np.where(down, too_high, 0.0))

    wrong = moves(prices)
    if wrong.max(initial=0.0) > CLEAR:
        wrong = moves(_one_way(rows, slope, prices, up, down, least, most))
    if wrong.max(initial=0.0) > CLEAR and sum(rows.shape) <= MOST_BOUNDED:
        other = moves(_bounded(rows, slope, weights, up, down, least, most))
        wrong = min(wrong, other, key=lambda found: float(found.max(initial=0.0)))
    worst = int(np.argmax(wrong)) if wrong.size else 0
    return Stationary(
        float(wrong[worst]) if wrong.size else 0.0,
        problem.program.columns[worst] if wrong.size else "",
    )


def _weights(targets: Floats) -> Floats:
    size = np.abs(targets)
    mean = float(size[size > 0].mean()) if size.any() else 1.0
    return np.where(size > 1e-9 * mean, size, ZERO_WEIGHT * mean)


def _face(problem: ExactProgram, solution: Solution) -> tuple[Mask, Mask, Mask]:
    """Whether amounts (n,) may go up and down on the face, and rows that stay where they are."""
    amounts = solution.amounts
    size = 1e-9 * np.maximum(1.0, np.abs(amounts))
    up = amounts < problem.float.upper - size
    down = amounts > problem.float.lower + size
    equal = problem.float.low == problem.float.high
    for k, objective in enumerate(problem.objectives):
        scale = -float(sum(objective.needs)) if objective.needs is not None else 1.0
        prices = scale * problem.prices(solution.prices[k])
        equal = equal | (np.abs(prices) > PRICE)
        slopes = -(problem.float.transposed @ prices)
        right, left = slopes.copy(), slopes.copy()
        if k in problem.float.costs:
            scaled = problem.float.costs[k]
            right, left = right + scaled, left + scaled
        if k in problem.float.targets:
            used = np.array(objective.columns, dtype=np.int64)
            gap = amounts[used] - problem.float.targets[k]
            near = np.abs(gap) <= np.maximum(size[used], 1e-7)
            right[used] += np.where(near | (gap > 0), 1.0, -1.0)
            left[used] += np.where(near | (gap < 0), -1.0, 1.0)
        if objective.needs is not None:
            needs = np.array([float(need) for need in objective.needs])
            used = np.array(objective.columns, dtype=np.int64)
            ratio = amounts[used] / needs
            # an amount at the least coverage cannot go down; one that has a share in its price
            # stays where it is
            least = used[ratio <= ratio.min(initial=np.inf) * (1 + 1e-9) + 1e-12]
            down[least] = False
            up[least[slopes[least] > PRICE]] = False
            left[least] = right[least] = 0.0
        up &= right <= PRICE
        down &= left >= -PRICE
    return up, down, equal


def _binding(problem: ExactProgram, amounts: Floats) -> tuple[Mask, Mask]:
    values = problem.float.matrix @ amounts
    size = np.asarray(abs(problem.float.matrix) @ np.abs(amounts))
    noise = 1e-9 * np.maximum(1.0, size)
    low = np.abs(values - problem.float.low) <= noise
    high = np.abs(values - problem.float.high) <= noise
    return low, high


def _bounded(
    rows: sparse.csr_array[np.float64, tuple[int, int]],
    slope: Floats,
    weights: Floats,
    up: Mask,
    down: Mask,
    least: Floats,
    most: Floats,
) -> Floats:
    """Multipliers (m,) by bounded least squares: slower, and right where many rows bind at once.

    An amount that may move one way only may be left with a slope of one sign, a column of its own.
    """
    from scipy.optimize import lsq_linear

    moving = np.flatnonzero(up | down)
    if not rows.shape[0] or not moving.size:
        return np.zeros(rows.shape[0])
    size = np.sqrt(weights[moving])
    one_way = np.flatnonzero((up != down)[moving])
    matrix = np.hstack(
        [
            rows[:, moving].toarray().T * size[:, None],
            np.eye(moving.size)[:, one_way],
        ]
    )
    only_up = up[moving][one_way]
    low = np.concatenate([least, np.where(only_up, 0.0, -np.inf)])
    high = np.concatenate([most, np.where(only_up, np.inf, 0.0)])
    found = lsq_linear(matrix, slope[moving] * size, (low, high), method="bvls", tol=1e-14)
    return np.asarray(found.x[: rows.shape[0]])


def _one_way(
    rows: sparse.csr_array[np.float64, tuple[int, int]],
    slope: Floats,
    prices: Floats,
    up: Mask,
    down: Mask,
    least: Floats,
    most: Floats,
) -> Floats:
    """The multipliers (m,) with those of rows in which no amount may move both ways set as well.

    Least squares say nothing of such a row; a total at whose amounts another vertex of the prices
    stands is one. Its multiplier is the one nearest to 0 that leaves the slope of every amount
    that may go one way only pointing outwards, row after row, as long as anything changes.
    """
    prices = prices.copy()
    one = np.flatnonzero(up != down)
    sign = np.where(up[one], 1.0, -1.0)
    part = sparse.csr_array(rows[:, one])
    without_free = np.diff(sparse.csr_array(rows[:, np.flatnonzero(up & down)]).indptr) == 0
    left = (slope - rows.T @ prices)[one]
    for _ in range(20):
        changed = False
        for i in np.flatnonzero(without_free & (np.diff(part.indptr) > 0)).tolist():
            here = slice(part.indptr[i], part.indptr[i + 1])
            columns, own = part.indices[here], part.data[here]
            ends = left[columns] / own
            above = sign[columns] * own > 0
            high = min(most[i] - prices[i], ends[above].min(initial=np.inf))
            low = max(least[i] - prices[i], ends[~above].max(initial=-np.inf))
            step = min(max(0.0, low), high) if low <= high else (low + high) / 2.0
            if step:
                prices[i] += step
                left[columns] -= own * step
                changed = True
        if not changed:
            break
    return prices


def _multipliers(
    rows: sparse.csr_array[np.float64, tuple[int, int]],
    slope: Floats,
    weights: Floats,
    free: Mask,
    least: Floats,
    most: Floats,
) -> Floats:
    """Multipliers (m,) between least and most that leave the least slope at the free amounts."""
    prices = np.zeros(rows.shape[0])
    open_rows = np.ones(prices.size, dtype=bool)
    columns = np.flatnonzero(free)
    here = sparse.csc_array(rows[:, columns]) @ sparse.diags_array(np.sqrt(weights[columns]))
    here = sparse.csr_array(here)
    wanted = slope[columns] * np.sqrt(weights[columns])
    open_rows &= np.diff(here.indptr) > 0
    for _ in range(30):
        chosen = np.flatnonzero(open_rows)
        prices[:] = 0.0
        if not chosen.size:
            break
        part = sparse.csr_array(here[chosen])
        square = sparse.csc_array(part @ part.T)
        size = float(square.diagonal().max())
        ridge = sparse.eye_array(chosen.size, format="csc") * (1e-12 * size)
        factor = splu(sparse.csc_array(square + ridge))
        found = np.zeros(chosen.size)
        for _ in range(3):
            found = found + factor.solve(np.asarray(part @ (wanted - part.T @ found)))
        prices[chosen] = found
        slack = 1e-9 * max(1.0, float(np.abs(found).max()))
        wrong = (prices < least - slack) | (prices > most + slack)
        if not wrong.any():
            break
        open_rows &= ~wrong
    return prices
