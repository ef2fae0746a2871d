"""Data of a level made from those of the level below: totals, means and counts by parent."""

from __future__ import annotations

from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.data.check import read_data as read_table
from reliefperf.data.dataset import Dataset, PeriodTable
from reliefperf.data.regions import Regions
from reliefperf.errors import InputError, Mistake
from reliefperf.model.spec_cascade import RollUp, WeightedMean
from reliefperf.scenarios.cascades.loading import Level
from reliefperf.scenarios.running import regions_of

if TYPE_CHECKING:
    import pandas as pd


def roll_up(level: Level, below: Level, lower: Dataset) -> Dataset:
    """The data of a level, one row a region that stands above regions of the level below.

    A region below without a parent at this level stands at it itself, as counties right below a
    province do. Totals and means of a value that is missing below are missing. Sums are rounded
    once, so that the order of the rows does not matter.

    Raises InputError where nobody says who the parents are, or the values are not what the level's
    model wants.
    """
    import pandas as pd

    assert level.spec.roll_up is not None
    regions = regions_of(below.alone)
    rows = [
        row
        for period in lower.periods
        for row in _rows_of(level, below, lower.tables[period], period, regions)
    ]
    frame: pd.DataFrame = pd.DataFrame(rows)
    return read_rolled(level, frame)


def read_rolled(level: Level, source: pd.DataFrame | Path) -> Dataset:
    """Check rolled-up data; they may hold regions that stand at the level below as well."""
    spec = level.alone.spec.data.model_copy(update={"layout": "wide"})
    return read_table(source, level.alone.spec.variables, spec, regions=regions_of(level.alone))


def _rows_of(
    level: Level, below: Level, table: PeriodTable, period: str, regions: Regions | None
) -> list[dict[str, object]]:
    own = level.alone.spec.data
    groups: dict[str, list[int]] = {}
    for place, code in enumerate(table.codes):
        groups.setdefault(_parent(level, below, table, place, code, regions), []).append(place)
    rows: list[dict[str, object]] = []
    for code, places in sorted(groups.items()):
        row: dict[str, object] = {own.region: code}
        if own.name and regions is not None and code in regions:
            row[own.name] = regions.name(code)
        elif own.name and code == table.codes[places[0]]:
            row[own.name] = table.names[places[0]]
        if own.period is not None:
            row[own.period] = period
        for name, how in (level.spec.roll_up or {}).items():
            row[level.alone.spec.variables[name].column or name] = _value(table, name, how, places)
        rows.append(row)
    return rows


def _parent(
    level: Level,
    below: Level,
    table: PeriodTable,
    place: int,
    code: str,
    regions: Regions | None,
) -> str:
    if below.spec.parent is not None:
        return str(table.columns[below.spec.parent][place] or code)
    wanted = level.alone.spec.regions.level if level.alone.spec.regions is not None else None
    if regions is None or code not in regions:
        raise InputError(
            Mistake.at(
                f"level '{level.id}' cannot be rolled up: nobody says what stands above {code}",
                f"“{level.id}”级无法汇总：没有写明 {code} 的上级",
            )
        )
    chain = regions.ancestors(code)
    if wanted is None:
        return chain[0] if chain else code
    return next((one for one in chain if regions[one].level == wanted), code)


def _value(table: PeriodTable, name: str, how: RollUp, places: list[int]) -> float:
    if how == "count":
        return float(len(places))
    values = np.asarray(table.columns[name], dtype=float)[places]
    if np.isnan(values).any():
        return float("nan")
    if how == "total":
        return fsum(values.tolist())
    if not isinstance(how, WeightedMean):
        return fsum(values.tolist()) / len(values)
    weights = np.asarray(table.columns[how.mean], dtype=float)[places]
    whole = fsum(weights.tolist())
    if not whole or np.isnan(weights).any():
        return float("nan")
    return fsum((values * weights).tolist()) / whole
