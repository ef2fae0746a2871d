"""Money as tables: rows of plain values for files, and data frames for Python.

Amounts are decimal, and the rows of a region's steps add up to its amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from reliefperf.allocation.paid import Allocation, PoolResult
from reliefperf.allocation.ratios import Ratios
from reliefperf.errors import Lang
from reliefperf.model.model import Model
from reliefperf.model.numbers import ANY_SIZE
from reliefperf.scenarios.results.cells import Row, by_period, frame_of, leading
from reliefperf.scenarios.running import Run

if TYPE_CHECKING:
    import pandas as pd

MONEY_EXTRA_PLACES = 6
"""Decimals of entitlements and steps beyond those of the smallest amount."""

NOT_ELIGIBLE = "not-eligible"
"""The step of a region that has no part in a pool."""

_MONEY_STEPS: dict[str, dict[Lang, str]] = {
    "entitlement": {"zh": "测算额", "en": "entitlement"},
    "limit": {"zh": "按限额压减", "en": "scaled to the limit"},
    "floor": {"zh": "保底", "en": "floor"},
    "scaling": {"zh": "增量缩放", "en": "scaling of gains"},
    "bear": {"zh": "补足或压减到总额", "en": "up or down to the total"},
    "objectives": {"zh": "分配目标", "en": "objectives"},
    "limits": {"zh": "预算与总额限制", "en": "budget and totals"},
    "rounding": {"zh": "取整", "en": "rounding"},
    NOT_ELIGIBLE: {"zh": "不具备资格", "en": "not eligible"},
}


def step_word(step: str, lang: Lang) -> str:
    """A step of the explanation in words; a rule's id stays as it is."""
    return _MONEY_STEPS[step][lang] if step in _MONEY_STEPS else step


def step_label(step: str, titles: Mapping[str, str], bear: str | None, lang: Lang) -> str:
    """A step with its title, and by what measure what it moves is carried where the pool says so."""
    label = titles.get(step, step_word(step, lang))
    if not bear or (step in _MONEY_STEPS and step != "bear"):
        return label
    return f"{label}（按 {bear} 分担）" if lang == "zh" else f"{label} (carried by {bear})"


def money_places(allocation: Allocation) -> int:
    """Decimals of the smallest amount."""
    return max(0, -int(allocation.smallest.normalize().as_tuple().exponent))


def whole_money(value: Fraction | int, places: int) -> int:
    """An amount in units of 10^-places, a half to the even one, as `round` does, without fractions."""
    return whole_column([Fraction(value)], places)[0]


def whole_column(values: Sequence[Fraction], places: int) -> list[int]:
    """The same of a column."""
    scale = 2 * 10**places
    found = []
    for top, bottom in Ratios.of(values).pairs():
        whole, rest = divmod(top * scale + bottom, 2 * bottom)
        found.append(whole if rest else whole - (whole & 1))
    return found


def exact_money(value: Fraction, places: int) -> Decimal:
    """An amount as a decimal of so many places."""
    return Decimal(whole_money(value, places)).scaleb(-places)


def trimmed(whole: int, places: int) -> Decimal:
    """So many units of 10^-places as a decimal without zeros at the end."""
    units, rest = divmod(whole, 10**places)
    if not rest:
        return Decimal(units)
    return Decimal(whole).scaleb(-places, ANY_SIZE).normalize(ANY_SIZE)


def allocation_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, pool, entitlement, amount; pool `total` last."""
    header = [*leading(run), "region", "pool", "entitlement", "amount"]
    rows: list[Row] = []
    for lead, result in by_period(run):
        assert result.allocation is not None
        rows += allocation_rows(result.allocation, lead)
    return header, rows


def allocation_rows(allocation: Allocation, lead: tuple[str, ...]) -> Iterator[Row]:
    """The rows of one allocation, region by region; `lead` stands before each."""
    paid_places = money_places(allocation)
    places = paid_places + MONEY_EXTRA_PLACES
    last = Decimal(1).scaleb(-paid_places)
    columns = [
        (
            pool,
            [trimmed(e, places) for e in whole_column(allocation.entitlements(pool), places)],
            [amount.quantize(last) for amount in allocation.amounts(pool)],
        )
        for pool in (*allocation.pools, "total")
    ]
    for i, code in enumerate(allocation.codes):
        for pool, entitlements, amounts in columns:
            yield (*lead, code, pool, entitlements[i], amounts[i])


def explanation_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, pool, step, amount; the steps of a pool add up to its amount."""
    return [*leading(run), "region", "pool", "step", "amount"], run.explanation_rows


def explanation_rows(run: Run) -> Iterator[Row]:
    """The rows of the explanation."""
    for lead, result in by_period(run):
        assert result.allocation is not None
        yield from explanation_of(result.allocation, lead)


def explanation_of(allocation: Allocation, lead: tuple[str, ...]) -> Iterator[Row]:
    """The rows of one allocation's explanation; `lead` stands before each."""
    yield from _steps_of(allocation, allocation.pools, lead)


def has_calculation(model: Model) -> bool:
    """Whether some pools are a step of the calculation, not paid."""
    spec = model.spec.allocation
    return spec is not None and len(spec.paid_pools) < len(spec.pools)


CALCULATION_HEADER = ("region", "pool", "step", "change", "amount")


def calculation_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, pool, step, change, amount after the step; pools that are not paid."""
    rows: list[Row] = []
    for lead, result in by_period(run):
        assert result.allocation is not None
        rows += calculation_of(result.allocation, lead)
    return [*leading(run), *CALCULATION_HEADER], rows


def calculation_of(allocation: Allocation, lead: tuple[str, ...]) -> Iterator[Row]:
    """The steps of one allocation's pools that are not paid; the last amount is the pool's."""
    places = money_places(allocation) + MONEY_EXTRA_PLACES
    rows = _steps_of(allocation, allocation.calculated, lead)
    for _, steps in groupby(rows, key=lambda row: row[-4:-2]):
        so_far = 0
        for row in steps:
            change = row[-1]
            assert isinstance(change, Decimal)
            so_far += int(change.scaleb(places))
            yield (*row, trimmed(so_far, places))


def _steps_of(
    allocation: Allocation, pools: Mapping[str, PoolResult], lead: tuple[str, ...]
) -> Iterator[Row]:
    """For each region and pool the entitlement, what each step changes, and rounding."""
    places = money_places(allocation) + MONEY_EXTRA_PLACES
    ready = []
    for pool_id, result in pools.items():
        names = ["entitlement", *(stage.step for stage in result.stages)]
        levels = [result.pool.entitlement, *(stage.amounts for stage in result.stages)]
        columns = [whole_column(level, places) for level in levels]
        paid = whole_column(Ratios.of(allocation.amounts(pool_id)), places)
        ready.append((pool_id, names, columns, paid, result.pool.eligible.tolist()))
    for i, code in enumerate(allocation.codes):
        for pool_id, names, columns, amounts, eligible in ready:
            if not eligible[i]:
                yield (*lead, code, pool_id, NOT_ELIGIBLE, Decimal(0))
                continue
            before = 0
            for name, column in zip(names, columns, strict=True):
                change = column[i] - before
                before = column[i]
                if change or name == "entitlement":
                    yield (*lead, code, pool_id, name, trimmed(change, places))
            if amounts[i] != before:
                yield (*lead, code, pool_id, "rounding", trimmed(amounts[i] - before, places))


def allocation_frame(run: Run) -> pd.DataFrame:
    """Entitlements and amounts as decimals."""
    header, rows = allocation_table(run)
    return frame_of(header, rows)


def explanation_frame(run: Run) -> pd.DataFrame:
    """The steps as decimals, which add up exactly."""
    header, rows = explanation_table(run)
    return frame_of(header, rows)
