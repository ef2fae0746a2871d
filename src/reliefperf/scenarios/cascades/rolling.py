"""Data of a level made from those of the level below: totals, means and counts by parent."""

from __future__ import annotations

from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.data.check import read_data as read_table
from reliefperf.data.dataset import Dataset, PeriodTable, period_order
from reliefperf.data.layout import long_records, wide_records
from reliefperf.data.mistakes import Mistakes
from reliefperf.data.reading import read_cells
from reliefperf.data.regions import Regions
from reliefperf.errors import InputError, Mistake
from reliefperf.model.spec_cascade import RollUp, WeightedMean
from reliefperf.scenarios.cascades.holding import SHOWN
from reliefperf.scenarios.cascades.loading import Level
from reliefperf.scenarios.running import regions_of

if TYPE_CHECKING:
    import pandas as pd


def roll_up(level: Level, below: Level, lower: Dataset) -> Dataset:
    """The data of a level, one row a region that stands above regions of the level below.

    A region below without a parent at this level stands at it itself, as counties right below a
    province do. Totals and means of a value that is missing below are missing. Sums are rounded
    once, so that the order of the rows does not matter.

    Raises InputError where nobody says who the parents are, the values are not what the level's
    model wants, or the model names a data file that has other regions.
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
    rolled = read_rolled(level, frame)
    _refuse_other_regions(level, below, lower, rolled)
    return rolled


def read_rolled(level: Level, source: pd.DataFrame | Path) -> Dataset:
    """Check rolled-up data; they may hold regions that stand at the level below as well."""
    spec = level.alone.spec.data.model_copy(update={"layout": "wide"})
    return read_table(source, level.alone.spec.variables, spec, regions=regions_of(level.alone))


def _refuse_other_regions(level: Level, below: Level, lower: Dataset, rolled: Dataset) -> None:
    """Raise InputError where the data file of the level's own model has other regions.

    Nothing else of that file is used here: it serves a trial of the model by itself.
    """
    file = _own_file(level)
    if file is None:
        return
    own, made = _codes_in(level, file), set(rolled.tables[rolled.periods[-1]].codes)
    if own == made:
        return
    table, regions = lower.tables[lower.periods[-1]], regions_of(below.alone)
    first: dict[str, str] = {}
    for place, code in enumerate(table.codes):
        first.setdefault(_parent(level, below, table, place, code, regions), code)
    alone = sorted(own - made)
    strange = [f"{code} ({first[code]})" if code in first else code for code in made - own]
    wrong: list[tuple[str, str]] = []
    if alone:
        wrong.append(
            (
                f"nobody at level '{below.id}' stands below {_listed(alone)}, which that file has",
                f"该文件中的 {_listed(alone)} 在“{below.id}”级没有下级",
            )
        )
    if strange:
        listed = _listed(sorted(strange))
        wrong.append(
            (
                f"that file does not have {listed}, which the data of level '{below.id}' name as "
                "parents (in brackets the first region below)",
                f"“{below.id}”级数据写为上级的 {listed} 不在该文件中（括号内为其第一个下级）",
            )
        )
    en, zh = "; ".join(en for en, _ in wrong), "；".join(zh for _, zh in wrong)
    raise InputError(
        Mistake.at(
            f"level '{level.id}' is rolled up from level '{below.id}', but its own data file "
            f"{file.name} has other regions: {en}. Correct the codes, or state `set: {{data.file: "
            "null}` if that file is not meant",
            f"“{level.id}”级由“{below.id}”级汇总，但其模型的数据文件 {file.name} 中的地区不同：{zh}。"
            "请更正代码；如不用该文件，请写 set: {data.file: null}",
            file=lower.source,
        )
    )


def _listed(codes: list[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (", ..." if len(codes) > SHOWN else "")


def _own_file(level: Level) -> Path | None:
    """The data file that the level's model or scenario names; None if it names none."""
    if level.data is not None:
        return Path(level.data)
    named, folder = level.alone.spec.data.file, level.alone.folder
    return None if named is None or folder is None else folder / named


def _codes_in(level: Level, file: Path) -> set[str]:
    """The regions of the last period of a data file, whatever else stands in it."""
    spec = level.alone.spec.data.model_copy(update={"ignore": "unknown"})
    raw = read_cells(file, sheet=spec.sheet, encoding=spec.encoding)
    found = Mistakes(raw.source)
    lay_out = wide_records if spec.layout == "wide" else long_records
    records = lay_out(raw, {}, spec, found, regions=regions_of(level.alone), level=None)
    found.raise_if_any()
    last = max(records.periods, key=period_order, default="")
    return {
        code for code, period in zip(records.codes, records.periods, strict=True) if period == last
    }


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
