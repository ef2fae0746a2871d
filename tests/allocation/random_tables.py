"""Random small tables of amounts with rows and totals, whose whole units are no matter of course."""

from __future__ import annotations

import random
from fractions import Fraction

from reliefperf.allocation.rounding import ExactRow, Total

type Table = tuple[list[Fraction], list[ExactRow], list[Total]]

ONE = Fraction(1)


def table(seed: int) -> Table:
    """Amounts of 1 to 3 pools and 2 to 5 regions; rows that the amounts keep, ratios among them."""
    chance = random.Random(seed)
    n, n_pools = chance.randint(2, 5), chance.randint(1, 3)
    most = chance.choice([2, 3, 40])
    amounts: list[Fraction] = []
    totals = []
    for pool in range(n_pools):
        parts = [chance.randint(1, most) for _ in range(n)]
        total = chance.randint(1, chance.choice([12, 60]))
        amounts += [Fraction(part * total, sum(parts)) for part in parts]
        least = total if chance.random() < 0.8 else 0
        totals.append(Total(tuple(range(pool * n, pool * n + n)), least, total))
    rows: list[ExactRow] = []

    def add(columns: list[int], by: list[Fraction], room: Fraction, sides: str) -> None:
        value = sum((amounts[j] * c for j, c in zip(columns, by, strict=True)), Fraction(0))
        low = value - room if "low" in sides else None
        high = value + room if "high" in sides else None
        rows.append(ExactRow(f"r{len(rows)}", "row", tuple(columns), tuple(by), low, high))

    for _ in range(chance.randint(1, 4)):
        kind = chance.choice(["ratio", "region", "group", "cap", "any"])
        room = Fraction(chance.randint(0, 8), 5)
        side = chance.choice(["low", "high"])
        everyone = range(n * n_pools)
        if kind == "ratio" and n_pools > 1:
            one, other = chance.sample(range(n_pools), 2)
            by = [ONE, -Fraction(chance.randint(20, 300), 100)]
            for i in range(n):
                add([one * n + i, other * n + i], by, room / 2, "high")
        elif kind == "region":
            for i in range(n):
                add([p * n + i for p in range(n_pools)], [ONE] * n_pools, room, side)
        elif kind == "group":
            columns = sorted(chance.sample(everyone, chance.randint(1, len(everyone))))
            add(columns, [ONE] * len(columns), room / 2, side)
        elif kind == "cap":
            add([chance.choice(everyone)], [ONE], room / 2, "high")
        else:
            columns = sorted(chance.sample(everyone, 2))
            add(
                columns,
                [Fraction(chance.choice([-3, -2, 1, 2, 7])) for _ in columns],
                room,
                "lowhigh",
            )
    return amounts, rows, totals
