"""How many pairs of regions change places when another region leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reliefperf.data.dataset import Dataset, PeriodTable
from reliefperf.errors import InputError, ReliefperfError, suggestion
from reliefperf.model.environment import Array
from reliefperf.scenarios.running import run_model
from reliefperf.scenarios.studies.running import Runner, reason_of

BLOCK = 512


@dataclass(frozen=True)
class Leaving:
    """What came of leaving a region out.

    `reversed` counts the pairs of others that stand in the opposite order, of `pairs` that stood in
    an order before. `example` names one such pair. `failed` says why nothing could be computed.
    """

    region: str
    name: str
    pairs: int | None
    reversed: int | None
    example: tuple[str, str] | None
    failed: tuple[str, str] | None = None


def leave_each_out(runner: Runner, regions: Sequence[str] | None) -> tuple[Leaving, ...]:
    """Score again without each region in turn; raises InputError for codes that are not there."""
    codes = list(runner.evaluation.codes)
    for place, code in enumerate(regions or []):
        if code not in codes:
            en, zh = suggestion(code, codes)
            raise InputError(
                runner.plan.document.mistake(
                    ("reversals", "regions", place),
                    f"the data have no region '{code}'{en}",
                    f"数据中没有地区“{code}”{zh}",
                )
            )
    return tuple(_leave(runner, codes.index(code)) for code in (regions or codes))


def _leave(runner: Runner, place: int) -> Leaving:
    evaluation, model = runner.evaluation, runner.plan.model
    code, name = evaluation.codes[place], evaluation.names[place]
    try:
        run = run_model(model, without(runner.base.dataset, code), allocation=False)
    except ReliefperfError as error:
        return Leaving(code, name, None, None, None, reason_of(error))
    after = run.periods[runner.period].evaluation
    assert after is not None
    kept = np.delete(np.arange(len(evaluation.codes)), place)
    pairs, turned, example = turned_pairs(evaluation.rank[kept], after.rank)
    named = (after.codes[example[0]], after.codes[example[1]]) if example is not None else None
    return Leaving(code, name, pairs, turned, named)


def without(dataset: Dataset, code: str) -> Dataset:
    """The data without one region."""
    return replace(
        dataset, tables={period: _cut(table, code) for period, table in dataset.tables.items()}
    )


def _cut(table: PeriodTable, code: str) -> PeriodTable:
    if code not in table.codes:
        return table
    kept = np.array([known != code for known in table.codes])
    return PeriodTable(
        tuple(known for known in table.codes if known != code),
        tuple(name for name, stays in zip(table.names, kept, strict=True) if stays),
        {name: column[kept] for name, column in table.columns.items()},
        table.rows[kept],
    )


def turned_pairs(before: Array, after: Array) -> tuple[int, int, tuple[int, int] | None]:
    """Pairs in an order before, those in the opposite order after, and the first such pair.

    Ranks have shape (n_regions,), NaN where there is none; a tie is no order.

    >>> turned_pairs(np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 3.0]))
    (3, 1, (0, 1))
    """
    pairs = turned = 0
    example = None
    for start in range(0, len(before), BLOCK):
        block = slice(start, start + BLOCK)
        ahead = before[block, None] < before[None, :]
        behind = ahead & (after[block, None] > after[None, :])
        pairs += int(np.count_nonzero(ahead))
        turned += int(np.count_nonzero(behind))
        if example is None and behind.any():
            first, second = np.argwhere(behind)[0].tolist()
            example = (start + first, second)
    return pairs, turned, example
