"""Weights drawn at random for every group of a tree, and what they make each indicator count.

Each group has a generator of its own (PCG64, seeded with the seed and the group's place), and what
a draw takes from it does not depend on how many are asked for at once: blocks of any size hold the
same draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.environment import Array

BLOCK = 512
PROPOSED = 1024
"""How many weights are proposed at once where some are rejected."""
FRUITLESS = 1000
"""After so many proposals in a row without one to keep, give up: bounds leave too little room."""
NOISE = 1e-12

Draw = Callable[[int], Array]
"""The next draws of one group, shape (n_draws, n_children): each row adds up to one."""


@dataclass(frozen=True, eq=False)
class SiblingGroup:
    """The children of a node with their weights (n_children,), parts of one."""

    node: str
    children: tuple[str, ...]
    weights: Array


@dataclass(frozen=True)
class Dirichlet:
    """Weights around those of the model: Dirichlet with `concentration` times them (1 or more).

    Their mean is the model's weight w, their variance w (1 - w) / (concentration + 1).
    """

    concentration: float


@dataclass(frozen=True)
class UniformWithin:
    """Every set of weights within bounds that adds up to one is as likely as any other.

    `spread` 0.25 bounds each weight by its own 75 % and 125 %; `bounds` states lowest and highest
    weight among the siblings by child, in place of the spread. A child with neither keeps 0 to 1.
    """

    spread: float | None = None
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class RankOrder:
    """Every set of weights that keeps an order of importance is as likely as any other.

    `orders` states by node its children from the most to the least important, each place one child
    or several between which nothing is said. Other nodes keep the order of the model's weights,
    where equal weights say nothing of each other.
    """

    orders: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)


Kind = Dirichlet | UniformWithin | RankOrder


def leaves(groups: Sequence[SiblingGroup]) -> tuple[str, ...]:
    """The indicators below the first group, in the order of the tree."""
    by_node = {group.node: group for group in groups}

    def below(group: SiblingGroup) -> Iterator[str]:
        for child in group.children:
            if child in by_node:
                yield from below(by_node[child])
            else:
                yield child

    return tuple(below(groups[0]))


def effective_weights(groups: Sequence[SiblingGroup]) -> Array:
    """What each leaf counts under the groups' own weights, shape (n_indicators,)."""
    return np.asarray(down_the_tree(groups, [group.weights[None] for group in groups])[0])


def sample_weights(
    groups: Sequence[SiblingGroup], kind: Kind, n_draws: int, seed: int, block: int = BLOCK
) -> Iterator[Array]:
    """Blocks (at most `block`, n_indicators) of effective weights, `n_draws` rows in all.

    The columns are `leaves(groups)`; an indicator counts with the product of the weights from the
    root (the first group) down to it, so that each row adds up to one. Raises ValueError where
    bounds or orders are impossible, naming node and child.
    """
    sources = [
        _source(group, kind, np.random.SeedSequence([seed, place]))
        for place, group in enumerate(groups)
    ]
    for start in range(0, n_draws, block):
        count = min(block, n_draws - start)
        yield down_the_tree(groups, [source(count) for source in sources])


def draw_once(group: SiblingGroup, kind: Kind, seed: NDArray[np.uint32]) -> Array:
    """One draw of a group's weights, (n_children,), from a generator of its own."""
    return np.asarray(_source(group, kind, np.random.SeedSequence(seed))(1)[0])


def down_the_tree(groups: Sequence[SiblingGroup], drawn: Sequence[Array]) -> Array:
    """Products of the groups' weights (n_draws, n_children) down to the leaves."""
    by_node = {group.node: place for place, group in enumerate(groups)}
    columns: list[Array] = []

    def descend(place: int, factor: Array) -> None:
        for child, weights in zip(groups[place].children, drawn[place].T, strict=True):
            if child in by_node:
                descend(by_node[child], factor * weights)
            else:
                columns.append(factor * weights)

    descend(0, np.ones(len(drawn[0])))
    return np.stack(columns, axis=1)


def _source(group: SiblingGroup, kind: Kind, seed: np.random.SeedSequence) -> Draw:
    if isinstance(kind, Dirichlet):
        return _dirichlet(group, kind, seed)
    if isinstance(kind, RankOrder):
        return _ordered(group, kind, seed)
    return _within(group, kind, seed)


def _dirichlet(group: SiblingGroup, kind: Dirichlet, seed: np.random.SeedSequence) -> Draw:
    if not kind.concentration >= 1:
        raise ValueError(f"the concentration must be at least 1, this is {kind.concentration:g}")
    generator = np.random.Generator(np.random.PCG64(seed))
    shape = kind.concentration * group.weights

    def draw(count: int) -> Array:
        sizes = generator.standard_gamma(shape, (count, shape.size))
        return np.asarray(sizes / sizes.sum(axis=1, keepdims=True))

    return draw


def _ordered(group: SiblingGroup, kind: RankOrder, seed: np.random.SeedSequence) -> Draw:
    """Uniform spacings in falling order, dealt to the children in theirs.

    By symmetry each order of the spacings is as likely as any other, so that sorting gives the
    uniform distribution on the part of the simplex that keeps the order.
    Source: Devroye (1986), Non-Uniform Random Variate Generation, chapter V.
    """
    spacings, turns = (np.random.Generator(np.random.PCG64(one)) for one in seed.spawn(2))
    place = _places(group, kind)

    def draw(count: int) -> Array:
        sizes = spacings.standard_exponential((count, place.size))
        sizes /= sizes.sum(axis=1, keepdims=True)
        falling = -np.sort(-sizes, axis=1)
        order = np.argsort(place + turns.random((count, place.size)), axis=1)
        weights = np.empty_like(falling)
        np.put_along_axis(weights, order, falling, axis=1)
        return weights

    return draw


def _places(group: SiblingGroup, kind: RankOrder) -> Array:
    """Each child's place from the most important, shape (n_children,); equal where none is said."""
    stated = kind.orders.get(group.node)
    if stated is None:
        _, place = np.unique(-group.weights, return_inverse=True)
        return np.asarray(place, dtype=float)
    named = [child for together in stated for child in together]
    if sorted(named) != sorted(group.children):
        raise ValueError(
            f"the order of '{group.node}' must name each of its children once: "
            f"{', '.join(group.children)}"
        )
    at = {child: float(place) for place, together in enumerate(stated) for child in together}
    return np.array([at[child] for child in group.children])


def _within(group: SiblingGroup, kind: UniformWithin, seed: np.random.SeedSequence) -> Draw:
    """Proposals from the smallest of three simple bodies that hold all weights within bounds.

    A proposal outside the bounds is rejected, which leaves the rest uniform. The bodies: the box of
    all children but the one with the widest bounds, which takes what is left; the simplex above all
    lower bounds; the simplex below all upper bounds.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    low, high = _bounds(group, kind)
    moving = np.flatnonzero(high - low > NOISE)
    if moving.size < 2:
        return lambda count: np.tile(low, (count, 1))
    free = 1 - low.sum() + low[moving].sum()
    bottom, top = low[moving], high[moving]
    last = int((top - bottom).argmax())
    others = np.delete(np.arange(moving.size), last)
    spare, over = free - bottom.sum(), top.sum() - free
    sizes = [
        float(np.log((top - bottom)[others]).sum()),
        others.size * math.log(spare) - math.lgamma(others.size + 1),
        others.size * math.log(over) - math.lgamma(others.size + 1),
    ]
    body = int(np.argmin(sizes))

    def propose() -> Array:
        if body == 0:
            made = np.empty((PROPOSED, moving.size))
            made[:, others] = generator.uniform(
                bottom[others], top[others], (PROPOSED, others.size)
            )
            made[:, last] = free - made[:, others].sum(axis=1)
        else:
            made = generator.standard_exponential((PROPOSED, moving.size))
            made /= made.sum(axis=1, keepdims=True)
            made = bottom + spare * made if body == 1 else top - over * made
        return made[((made >= bottom) & (made <= top)).all(axis=1)]

    kept = np.zeros((0, moving.size))

    def draw(count: int) -> Array:
        nonlocal kept
        fruitless = 0
        while len(kept) < count:
            new = propose()
            fruitless = 0 if len(new) else fruitless + 1
            if fruitless == FRUITLESS:
                raise ValueError(
                    f"the bounds on the children of '{group.node}' leave too little room to draw from"
                )
            kept = np.concatenate([kept, new])
        weights = np.tile(low, (count, 1))
        weights[:, moving], kept = kept[:count], kept[count:]
        return weights

    return draw


def _bounds(group: SiblingGroup, kind: UniformWithin) -> tuple[Array, Array]:
    """Lowest and highest weights, (n_children,), no wider than their sum of one allows."""
    spread = kind.spread
    low = np.zeros(group.weights.size) if spread is None else group.weights * (1 - spread)
    high = np.ones(group.weights.size) if spread is None else group.weights * (1 + spread)
    low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    for place, child in enumerate(group.children):
        if child in kind.bounds:
            low[place], high[place] = kind.bounds[child]
        if not 0 <= low[place] <= high[place] <= 1:
            raise ValueError(
                f"the bounds of '{child}' must lie between 0 and 1, the lower one first: "
                f"{low[place]:g}, {high[place]:g}"
            )
    if low.sum() > 1 + NOISE or high.sum() < 1 - NOISE:
        raise ValueError(
            f"no weights of the children of '{group.node}' within their bounds add up to 1 "
            f"(lowest {low.sum():g}, highest {high.sum():g})"
        )
    least, most = low.copy(), high.copy()
    high = np.minimum(most, 1 - (least.sum() - least))
    low = np.maximum(least, 1 - (most.sum() - most))
    return low, np.maximum(low, high)
