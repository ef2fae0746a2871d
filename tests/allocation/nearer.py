"""What nearer means, in so many words: the measure that tests hold whole units against."""

from __future__ import annotations

from collections.abc import Sequence

from reliefperf.allocation.nearness import GRID, Nearness


def distance(near: Nearness, units: Sequence[int]) -> tuple[int, int]:
    """The sums of distances in 1 / GRID of a unit and of squares in 1 / GRID of its square, less
    what is the same for all units."""
    first = second = 0
    for unit, quota in zip(units, near.quotas.tolist(), strict=True):
        first += abs(unit * GRID - quota)
        second += unit * (unit * GRID - 2 * quota)
    return first, second


def is_nearer(near: Nearness, units: Sequence[int], than: Sequence[int]) -> bool:
    """Whether units are nearer than others, places among equals included."""
    one, two = distance(near, units), distance(near, than)
    if one != two:
        return one < two
    both = enumerate(zip(units, than, strict=True))
    return near.comes_first([(j, a - b) for j, (a, b) in both if a != b])
