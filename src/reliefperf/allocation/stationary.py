"""Equal treatment checked: nothing on the optimal face is nearer to the entitlements.

The recorded amounts are nearest if multipliers exist for the rows that bind with which the slope of
the distance vanishes at every amount that may move both ways, and points outwards at the others.
The multipliers are found by least squares, or stored by the run where these find none (see
multipliers.py); what remains is said in money: how far an amount would still have to move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reliefperf.allocation.entries import Entries
from reliefperf.allocation.equations import products
from reliefperf.allocation.exact_program import ExactProgram
from reliefperf.allocation.program import Floats, Ints, Mask, Solution, target_weights
from reliefperf.allocation.scaling import grid

PRICE = 1e-7
"""Prices and slopes up to this size count as 0, as when the face was made."""

CLEAR = 1e-6
"""Moves up to this much money are noise; for larger ones multipliers are sought with more care."""

MOVE = 1e-6
"""An amount may be off the nearest point by this part of the largest amount (at least 1e-6)."""


@dataclass(frozen=True)
class Stationary:
    """No amount is further than `moves`, in money, from the nearest point; `column` is the worst.

    With `left` (n,) the money by which amounts would move if nothing else did, and `weights` w, an
    amount j is at most sqrt(w_j sum left_i^2 / w_i) away, as the squared distance is strongly convex.
    """

    moves: float
    column: str


@dataclass(frozen=True, eq=False)
class Conditions:
    """What multipliers of the rows that bind must do to prove nearness.

    `rows` (m, n) are the rows of the program at places `used` (m,), whose multipliers lie between
    `least` and `most` (m,), over the amounts at places `columns` (n,). `slope` (n,) is that of the
    squared distance, divided by `weights`; `up` and `down` (n,) say which way an amount may move on
    the face. Columns that are sums of others are replaced by these; places from `n_rows` on are the
    rows that hold such sums within their bounds.
    """

    used: Ints
    columns: Ints
    rows: Entries
    least: Floats
    most: Floats
    slope: Floats
    weights: Floats
    up: Mask
    down: Mask

    def left(self, multipliers: Floats) -> Floats:
        """The money (n,) by which amounts would fall (above 0) or rise if nothing else moved."""
        return np.asarray((self.slope - self.rows.across(multipliers)) * self.weights / 2.0)

    def moves(self, multipliers: Floats) -> Floats:
        """How far (n,) amounts would move on the face, given multipliers (m,), clipped to signs."""
        left = self.left(np.clip(multipliers, self.least, self.most))
        too_low, too_high = np.maximum(-left, 0.0), np.maximum(left, 0.0)
        return np.asarray(np.where(self.up, too_low, 0.0) + np.where(self.down, too_high, 0.0))


def stationary(problem: ExactProgram, solution: Solution) -> Stationary:
    """How far the recorded amounts are from the point of the face nearest to the targets.

    By the multipliers that the solution holds, else by those that are found.
    """
    if solution.nearness is None:
        needed = conditions(problem, solution)
        multipliers = found_multipliers(needed)
    else:
        needed = conditions(problem, solution, loose=True)
        multipliers = _stated(problem, solution.nearness.rows)[needed.used]
    wrong = needed.moves(multipliers)
    if not wrong.size:
        return Stationary(0.0, "")
    spread = float(np.sqrt((wrong**2 / needed.weights).sum() * needed.weights.max()))
    return Stationary(spread, problem.program.columns[needed.columns[int(np.argmax(wrong))]])


def largest_move(amounts: Floats) -> float:
    """How far from the nearest point an amount may be, in money."""
    return max(1e-6, MOVE * float(np.abs(amounts).max(initial=0.0)))


def conditions(problem: ExactProgram, solution: Solution, *, loose: bool = False) -> Conditions:
    """What proves that the amounts of a solution are the nearest ones.

    A limit binds where it is reached but for noise or, if `loose`, but for a tenth of what an
    amount may be off.
    """
    amounts, targets = solution.amounts, problem.program.targets
    weights = problem.program.weights
    weights = target_weights(targets) if weights is None else weights
    noise = grid(amounts)
    if loose:
        noise = max(noise, 0.1 * largest_move(amounts))
    up, down, sides = _face(problem, solution, noise)
    parts = problem.program.parts
    sums = np.array(list(parts), dtype=np.int64)
    counts = np.ones(amounts.size, dtype=bool)
    counts[sums] = False
    # a sum that may go neither way stays; one that may only rise is at its low side
    equal = np.concatenate([sides.equal, ~up[sums] & ~down[sums]])
    low = np.concatenate([sides.low, up[sums] & ~down[sums]])
    high = np.concatenate([sides.high, down[sums] & ~up[sums]])
    rows = problem.float.entries.with_parts(parts).of_columns(counts)
    binding = (equal | low | high) & (rows.counts > 0)
    equal, low, high = equal[binding], low[binding], high[binding]
    return Conditions(
        np.flatnonzero(binding),
        np.flatnonzero(counts),
        rows.of_rows(binding),
        # a row at its low side may only push up, one at its high side only down
        np.where(equal | high, -np.inf, 0.0),
        np.where(equal | low, np.inf, 0.0),
        (2.0 * (amounts - targets) / weights)[counts],
        weights[counts],
        up[counts],
        down[counts],
    )


def _stated(problem: ExactProgram, stated: Sequence[Floats]) -> Floats:
    """Multipliers of all rows, and of the bounds of the columns that are sums."""
    prices = problem.prices(stated)
    sums = list(problem.program.parts)
    return np.concatenate([prices, -problem.float.entries.across(prices)[sums]])


def found_multipliers(needed: Conditions) -> Floats:
    """Multipliers (m,) by least squares, with those of rows that these say nothing of."""
    multipliers = _multipliers(needed)
    if needed.moves(multipliers).max(initial=0.0) > CLEAR:
        return _one_way(needed, multipliers)
    return multipliers


@dataclass(frozen=True, eq=False)
class _Sides:
    """Rows (n_rows,) that stay where they are on the face, that are at their low or high side."""

    equal: Mask
    low: Mask
    high: Mask


def _face(problem: ExactProgram, solution: Solution, noise: float) -> tuple[Mask, Mask, _Sides]:
    """Whether amounts (n,) may go up and down on the face, and where its rows stand."""
    amounts = solution.amounts
    size = np.maximum(1e-9 * np.maximum(1.0, np.abs(amounts)), noise)
    up = amounts < problem.float.upper - size
    down = amounts > problem.float.lower + size
    at_low, at_high = _binding(problem, amounts, noise)
    held = problem.float.soft == 0
    missed_low, missed_high = np.zeros_like(held), np.zeros_like(held)
    equal = problem.float.low == problem.float.high
    later = [-1 if one.priority is None else one.priority for one in problem.objectives]
    for k in range(len(problem.objectives)):
        prices, counted = _proof_of(problem, solution, k)
        prices[np.isin(problem.float.soft, later[k + 1 :])] = 0.0
        priced = np.abs(prices) > PRICE
        right = -problem.float.entries.across(prices)
        left = right.copy()
        for i, weight in counted.items():
            objective = problem.objectives[i]
            if objective.priority is not None:
                # a soft row of full price is missed, more or less: it may not pass its side. One
                # of a lower price is not missed
                own = problem.float.soft == objective.priority
                full = own & (np.abs(prices) > weight - PRICE)
                held |= own & ~full
                missed_low |= full & (prices > 0)
                missed_high |= full & (prices < 0)
                priced &= ~full
            if i in problem.float.costs:
                scaled = weight * problem.float.costs[i]
                right, left = right + scaled, left + scaled
            if i in problem.float.targets:
                used = np.array(objective.columns, dtype=np.int64)
                gap = amounts[used] - problem.float.targets[i]
                near = np.abs(gap) <= np.maximum(size[used], 1e-7)
                right[used] += weight * np.where(near | (gap > 0), 1.0, -1.0)
                left[used] += weight * np.where(near | (gap < 0), -1.0, 1.0)
        for i in counted:
            objective = problem.objectives[i]
            if objective.needs is not None:
                needs = np.array([float(need) for need in objective.needs])
                used = np.array(objective.columns, dtype=np.int64)
                ratio = amounts[used] / needs
                # an amount at the least coverage cannot go down; one that has a share in its price
                # stays where it is
                least = used[ratio <= ratio.min(initial=np.inf) * (1 + 1e-9) + 1e-12]
                down[least] = False
                up[least[left[least] > PRICE]] = False
                left[least] = right[least] = 0.0
        equal = equal | priced
        up &= right <= PRICE
        down &= left >= -PRICE
    low = (at_low & held) | (at_high & missed_high)
    high = (at_high & held) | (at_low & missed_low)
    return up, down, _Sides(equal, low, high)


def _proof_of(problem: ExactProgram, solution: Solution, k: int) -> tuple[Floats, dict[int, float]]:
    """The multipliers (n_rows,) that prove a tier, and how often each tier counts in them.

    Where the solution stores multipliers these are what is proved, and its prices are not.
    """
    objective = problem.objectives[k]
    stated = solution.multipliers.get(k)
    if stated is None:
        scale = -float(sum(objective.needs)) if objective.needs is not None else 1.0
        prices = scale * problem.prices(solution.prices[k])
        counted = {k: 1.0}
    else:
        prices = problem.prices(stated.rows)
        counted = dict(enumerate([*stated.tiers, 1.0]))
    # a price of a soft row above the cost of missing it stands for the bounds of its amounts
    for i, weight in counted.items():
        own = problem.float.soft == (problem.objectives[i].priority or -1)
        prices[own] = np.clip(prices[own], -weight, weight)
    return prices, {i: weight for i, weight in counted.items() if weight}


def _binding(problem: ExactProgram, amounts: Floats, noise: float) -> tuple[Mask, Mask]:
    entries = problem.float.entries
    values, spread = entries.times(amounts), np.abs(entries.data)
    size = entries.sizes(np.abs(amounts))
    # each amount is off by its own noise
    slack = np.maximum(1e-9 * np.maximum(1.0, size), noise * entries.by_row(spread))
    low = np.abs(values - problem.float.low) <= slack
    high = np.abs(values - problem.float.high) <= slack
    return low, high


def _one_way(needed: Conditions, multipliers: Floats) -> Floats:
    """The multipliers (m,) with those of rows in which no amount may move both ways set as well.

    Least squares say nothing of such a row; a total at whose amounts another vertex of the prices
    stands is one. Its multiplier is the one nearest to 0 that leaves the slope of every amount
    that may go one way only pointing outwards, row after row, as long as anything changes.
    """
    prices = multipliers.copy()
    rows, up, down, least, most = needed.rows, needed.up, needed.down, needed.least, needed.most
    one = np.flatnonzero(up != down)
    sign = np.where(up[one], 1.0, -1.0)
    part = rows.of_columns(up != down)
    ends_of = np.concatenate([[0], np.cumsum(part.counts)])
    without_free = rows.of_columns(up & down).counts == 0
    left = (needed.slope - rows.across(prices))[one]
    for _ in range(20):
        changed = False
        for i in np.flatnonzero(without_free & (part.counts > 0)).tolist():
            here = slice(ends_of[i], ends_of[i + 1])
            columns, own = part.columns[here], part.data[here]
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


def _multipliers(needed: Conditions) -> Floats:
    """Multipliers (m,) between least and most that leave the least slope at the free amounts."""
    slope, least, most = needed.slope, needed.least, needed.most
    prices = np.zeros(least.size)
    free = needed.up & needed.down
    root = np.sqrt(needed.weights)
    here = needed.rows.scaled(lambda one: one.data * root[one.columns]).of_columns(free)
    wanted = (slope * root)[free]
    open_rows = here.counts > 0
    for _ in range(30):
        chosen = np.flatnonzero(open_rows)
        prices[:] = 0.0
        if not chosen.size:
            break
        part = here.of_rows(open_rows)
        _, solve = products(part, 1e-12)
        found = np.zeros(chosen.size)
        for _ in range(3):
            found = found + solve(part.times(wanted - part.across(found)))
        prices[chosen] = found
        slack = 1e-9 * max(1.0, float(np.abs(found).max()))
        wrong = (prices < least - slack) | (prices > most + slack)
        if not wrong.any():
            break
        open_rows &= ~wrong
    return prices
