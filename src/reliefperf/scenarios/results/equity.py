"""The equity of an allocation as tables: measures for the whole, and a line for each group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reliefperf.allocation.equity import Curve, concentration, lorenz, theil
from reliefperf.allocation.program import Floats, Ints, Mask
from reliefperf.errors import Note
from reliefperf.model.model import Model
from reliefperf.model.numbers import equal
from reliefperf.model.spec_allocation import EquitySpec
from reliefperf.scenarios.results.cells import Row, number_text
from reliefperf.scenarios.running import PeriodRun, Run

HEADER = ["pool", "measure", "value", "region"]
GROUP_HEADER = ["pool", "group", "regions", "people", "amount", "per_head", "need", "coverage"]


@dataclass(frozen=True, eq=False)
class Ground:
    """What the measures are made from: the regions that count, in the order of the results."""

    codes: tuple[str, ...]
    people: Floats
    need: Floats | None
    capacity: Floats | None
    groups: Ints | None
    group_names: tuple[str, ...]
    counted: Mask


def has_equity(model: Model) -> bool:
    """Whether the model asks for measures of equity."""
    return model.spec.allocation is not None and model.spec.allocation.equity is not None


def equity_tables(
    run: Run,
) -> tuple[tuple[list[str], list[Row]], tuple[list[str], list[Row]]]:
    """The measures and the groups, each with header and rows; the pool `total` last."""
    panel = tuple(run.periods) != ("",)
    measures: list[Row] = []
    groups: list[Row] = []
    for period, result in run.periods.items():
        lead = (period,) if panel else ()
        ground = ground_of(run.model, result)
        if ground is None:
            continue
        for pool in pools_of(result):
            amounts = amounts_of(result, pool)[ground.counted]
            if not can_be_measured(amounts):
                continue
            measures += [(*lead, pool, *row) for row in _measures(ground, amounts)]
            groups += [(*lead, pool, *row) for row in _groups(ground, amounts)]
    first = ["period"] if panel else []
    return ([*first, *HEADER], measures), ([*first, *GROUP_HEADER], groups)


def can_be_measured(amounts: Floats) -> bool:
    """Whether some money is paid and none is taken back, which every measure of equity needs."""
    return bool(amounts.sum() > 0 and not (amounts < 0).any())


def has_curves(run: Run) -> bool:
    """Whether the last period's money, all pools together, can be drawn."""
    ground = ground_of(run.model, run.last)
    if ground is None:
        return False
    return can_be_measured(amounts_of(run.last, pools_of(run.last)[-1])[ground.counted])


def pools_of(result: PeriodRun) -> list[str]:
    """The pools of an allocation; where there is only one, the total says no more."""
    assert result.allocation is not None
    pools = list(result.allocation.pools)
    return [*pools, "total"] if len(pools) > 1 else pools


def amounts_of(result: PeriodRun, pool: str) -> Floats:
    """What a pool pays as floats, shape (n_regions,)."""
    assert result.allocation is not None
    return np.array([float(amount) for amount in result.allocation.amounts(pool)])


def ground_of(model: Model, result: PeriodRun) -> Ground | None:
    """The columns that measures need; regions that lack one are left out, which is noted."""
    spec = model.spec.allocation.equity if model.spec.allocation is not None else None
    if spec is None or result.allocation is None:
        return None
    people = _column(model, result, spec, "people")
    assert people is not None
    need = _column(model, result, spec, "need")
    capacity = _column(model, result, spec, "capacity")
    known = people > 0
    for column in (need, capacity):
        if column is not None:
            known &= ~np.isnan(column)
    groups: Ints | None = None
    names: tuple[str, ...] = ()
    if spec.by is not None:
        labels = result.env.full(model.compiled(spec.by).full(result.env))
        numbers, _ = result.env.groups(labels)
        known &= numbers >= 0
        texts = [str(label) for label in labels[numbers >= 0]]
        names = tuple(sorted(set(texts)))
        places = {name: place for place, name in enumerate(names)}
        groups = np.array([places.get(str(label), -1) for label in labels], dtype=np.int64)[known]
    codes = tuple(code for code, there in zip(result.env.codes, known, strict=True) if there)
    return Ground(
        codes,
        people[known],
        None if need is None else need[known],
        None if capacity is None else capacity[known],
        groups,
        names,
        known,
    )


def equity_notes(model: Model, result: PeriodRun) -> list[Note]:
    """Say which regions and pools the measures leave out."""
    ground = ground_of(model, result)
    if ground is None:
        return []
    back = [p for p in pools_of(result) if (amounts_of(result, p)[ground.counted] < 0).any()]
    notes = [
        Note(
            "left-out",
            f"equity: {pool} has amounts below zero, of which no measure of equity speaks",
            f"公平性指标：{pool} 有负数金额，不计算公平性指标",
            1,
            "allocation.equity",
        )
        for pool in back
    ]
    if ground.counted.all():
        return notes
    out = [c for c, there in zip(result.env.codes, ground.counted, strict=True) if not there]
    listed = ", ".join(out[:10]) + (", ..." if len(out) > 10 else "")
    return [
        *notes,
        Note(
            "left-out",
            f"equity: people, need, capacity or group is missing in {len(out)} region(s), which "
            f"the measures leave out: {listed}",
            f"公平性指标：{len(out)} 个地区缺少人口、需求、财力或分组，未计入：{listed}",
            len(out),
            "allocation.equity",
        ),
    ]


def _column(model: Model, result: PeriodRun, spec: EquitySpec, key: str) -> Floats | None:
    expr = getattr(spec, key)
    if expr is None:
        return None
    return np.asarray(model.compiled(expr).full(result.env), dtype=float)


def curves_of(ground: Ground, amounts: Floats) -> dict[str, Curve]:
    """The curves by name: lorenz, and concentration against need and capacity per head."""
    curves = {"lorenz": lorenz(amounts, ground.people)}
    for name, column in (("need", ground.need), ("capacity", ground.capacity)):
        if column is not None:
            by = column / ground.people if name == "need" else column
            curves[name] = concentration(amounts, ground.people, by)
    return curves


def _measures(ground: Ground, amounts: Floats) -> Iterator[Row]:
    curves = curves_of(ground, amounts)
    yield ("gini", number_text(curves["lorenz"].index), None)
    parts = theil(amounts, ground.people, ground.groups)
    yield ("theil", number_text(parts.total), None)
    if ground.groups is not None:
        yield ("theil_within", number_text(parts.within), None)
        yield ("theil_between", number_text(parts.between), None)
    for name in ("need", "capacity"):
        if name in curves:
            yield (f"concentration_{name}", number_text(curves[name].index), None)
    per_head = amounts / ground.people
    yield from _extremes("per_head", per_head, ground.codes)
    if ground.need is not None:
        asked = ground.need > 0
        if asked.any():
            codes = tuple(c for c, there in zip(ground.codes, asked, strict=True) if there)
            yield from _extremes("coverage", amounts[asked] / ground.need[asked], codes)


def _extremes(name: str, values: Floats, codes: tuple[str, ...]) -> Iterator[Row]:
    # the first by code of those that agree to 12 digits
    low, high = (
        int(equal(values, np.full_like(values, end)).argmax())
        for end in (values.min(), values.max())
    )
    yield (f"{name}_least", number_text(values[low]), codes[low])
    yield (f"{name}_greatest", number_text(values[high]), codes[high])


def _groups(ground: Ground, amounts: Floats) -> Iterator[Row]:
    everyone = np.ones(len(amounts), dtype=bool)
    chosen = [("", everyone)]
    if ground.groups is not None:
        named = [(name, ground.groups == place) for place, name in enumerate(ground.group_names)]
        chosen = [*((name, here) for name, here in named if here.any()), *chosen]
    for name, here in chosen:
        people, money = float(ground.people[here].sum()), float(amounts[here].sum())
        need = None if ground.need is None else float(ground.need[here].sum())
        yield (
            name,
            number_text(int(here.sum())),
            number_text(people),
            number_text(money),
            number_text(money / people),
            number_text(need),
            number_text(money / need) if need else "",
        )
