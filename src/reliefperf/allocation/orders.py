"""Orders of amounts in whole units: who must get no less than whom.

The rows of an order stand between neighbours, and whole units may pass each by one. So a region of
a better score could end below one of a worse score: by that unit, or past a neighbour of an equal
score. These rows leave no room for either.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reliefperf.allocation.naming import pair_of
from reliefperf.allocation.program import ExactRow

MOST_PAIRS = 400
"""Where two neighbouring scores have more pairs of regions, only next ones are compared."""


def pairs_of(rows: Sequence[ExactRow]) -> list[ExactRow]:
    """Each region of a score against each of the next one, with no room for whole units.

    `rows` are those of an order as they are stated, neighbour after neighbour; those of equal
    scores have two sides.
    """
    found = []
    for place, row in enumerate(rows):
        if row.upper is None:
            before, after = place, place
            while before > 0 and _is_tie(rows[before - 1]) and _follows(rows, before):
                before -= 1
            while after + 1 < len(rows) and _is_tie(rows[after + 1]) and _follows(rows, after + 1):
                after += 1
            if (place - before + 1) * (after - place + 1) > MOST_PAIRS:
                before, after = place, place
            found += [
                _joined(rows[first : last + 1])
                for first in range(before, place + 1)
                for last in range(place, after + 1)
            ]
    return found


def is_of_equals(row: ExactRow) -> bool:
    """Whether a row compares amounts one to one."""
    return len({abs(c) for c in row.coefficients}) == 1


def _is_tie(row: ExactRow) -> bool:
    return row.upper is not None


def _follows(rows: Sequence[ExactRow], place: int) -> bool:
    """Whether a row begins with the region with which the row before it ends."""
    return _side(rows[place - 1], -1).keys() == _side(rows[place], 1).keys()


def _side(row: ExactRow, sign: int) -> dict[int, Fraction]:
    """The columns of the better (1) or the worse (-1) region, with their coefficients."""
    pairs = zip(row.columns, row.coefficients, strict=True)
    return {column: c for column, c in pairs if c * sign > 0}


def _joined(rows: Sequence[ExactRow]) -> ExactRow:
    """The first region of the first row against the last of the last: what the rows add up to."""
    first, last = rows[0], rows[-1]
    better, worse, least = _side(first, 1), _side(first, -1), first.lower or Fraction(0)
    for row in rows[1:]:
        # so often that the region between the two rows drops out
        mine = -next(iter(worse.values()))
        theirs = next(iter(_side(row, 1).values()))
        better = {column: c * theirs for column, c in better.items()}
        worse = {column: c * mine for column, c in _side(row, -1).items()}
        least = least * theirs + (row.lower or Fraction(0)) * mine
    size = max(map(abs, (*better.values(), *worse.values())))
    terms = {column: c / size for column, c in (*better.items(), *worse.items())}
    ends = pair_of(first.name), pair_of(last.name)
    assert ends[0] is not None and ends[1] is not None
    return ExactRow(
        first.rule,
        f"{ends[0][0]} >= {ends[1][2]}",
        tuple(terms),
        tuple(terms.values()),
        least / size,
        None,
    )
