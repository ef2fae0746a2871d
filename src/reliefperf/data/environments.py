"""A period of the data as the environment that a model's expressions are computed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reliefperf.data.casebook import Casebook
from reliefperf.data.dataset import PeriodTable
from reliefperf.data.decisions import correct
from reliefperf.data.gaps import gap_note
from reliefperf.data.regions import Regions
from reliefperf.errors import InputError, Note
from reliefperf.model.environment import Environment, as_column, link, text_column
from reliefperf.model.model import Model
from reliefperf.model.parameters import Dated
from reliefperf.model.spec_data import PARTS
from reliefperf.model.spec_rulebook import part_key


def make_environment(
    model: Model,
    table: PeriodTable,
    period: str,
    previous: Environment | None,
    regions: Regions | None,
    casebook: Casebook | None = None,
) -> Environment:
    """Variables, parameters and the derived columns that need no more than these.

    With a casebook also the numbers of findings, and corrected values in place of reported ones.

    Raises InputError where a dated parameter has no value for the period.
    """
    columns = {name: table.columns[name] for name in model.spec.variables}
    for name, variable in model.spec.variables.items():
        if variable.has_parts:
            keys = (part_key(part, name) for part in PARTS)
            columns |= {key: table.columns[key] for key in keys if key in table.columns}
    env = Environment(table.codes, dict(columns), period)
    link(env, previous)
    if (gap := gap_note(model, env)) is not None:
        env.notes.append(gap)
    if casebook is not None and casebook.findings is not None:
        env.columns |= casebook.findings.columns(period, table.codes)
    if casebook is not None and casebook.decisions is not None:
        env.decided = casebook.decisions.of(period)
        correct(env)
    env.columns |= _region_columns(table, period, regions)
    for name, value in parameter_values(model, period, env.notes).items():
        env.columns[name] = as_column(value)
    compute_derived(model, env, 0)
    return env


def compute_derived(
    model: Model, env: Environment, stage: int | str, besides: Sequence[str] = ()
) -> None:
    """Add the derived columns that are known from a stage on, or once a pool is settled.

    Those of the stages `besides` stand there already.
    """
    exprs = model.spec.derived_exprs
    done = {name for other in besides for name in model.derived.get(other, ())}
    for name in (name for name in model.derived.get(stage, ()) if name not in done):
        env.columns[name] = model.compiled(exprs[name]).full(env)


def _region_columns(
    table: PeriodTable, period: str, regions: Regions | None
) -> Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.object_]]]:
    parents: list[str | None] = [None] * len(table.codes)
    levels: list[str | None] = [None] * len(table.codes)
    if regions is not None:
        known = set(regions.codes)
        for place, code in enumerate(table.codes):
            if code in known:
                region = regions[code]
                parents[place] = region.parent or None
                levels[place] = region.level or None
    return {
        "region": text_column(table.codes),
        "region_name": text_column(table.names),
        "parent": text_column(parents),
        "level": text_column(levels),
        "period": text_column([period] * len(table.codes)),
    }


def parameter_values(model: Model, period: str, notes: list[Note]) -> dict[str, float | str]:
    """Every parameter's value in a period: dated ones on its first day, or on the model's `date`."""
    stated = str(model.spec.date) if model.spec.date is not None else period
    values: dict[str, float | str] = {}
    mistakes = []
    for name, parameter in model.parameters.items():
        if not isinstance(parameter, Dated):
            values[name] = parameter
            continue
        start = parameter.start_of(stated) if stated else None
        found = parameter.at(start) if start is not None else None
        if found is None:
            why = _no_value(name, stated, parameter, known=start is not None)
            mistakes.append(model.document.mistake(("parameters", name), *why))
            continue
        values[name] = found
        _note_change_within(name, stated, parameter, notes)
    if mistakes:
        raise InputError(mistakes)
    return values


def _no_value(name: str, stated: str, parameter: Dated, *, known: bool) -> tuple[str, str]:
    """Why a dated parameter has no value in a period."""
    if known:
        return (
            f"no value of the dated parameter '{name}' holds on {stated}",
            f"带日期的参数“{name}”在 {stated} 没有生效的值",
        )
    if parameter.by_school_year:
        return (
            f"the values of '{name}' begin with school years, but "
            f"{f'the period {stated} is none' if stated else 'the data have no period'}: write "
            "dates such as 2023-09, or state `date: 2023/24` in the model or scenario",
            f"参数“{name}”按学年取值，而{f'期别 {stated} 不是学年' if stated else '数据没有期别'}："
            "请改写为 2023-09 这样的日期，或在模型或情景中写 date: 2023/24",
        )
    return (
        f"the parameter '{name}' is dated, but the data have no period that is a date: state "
        "`date: 2023-07` in the model or scenario; for periods that are school years, give the "
        "values by school year: 2023/24",
        f"参数“{name}”带日期，而数据没有可作日期的期别：请在模型或情景中写 date: 2023-07；期别为学年时请按学年写值：2023/24",
    )


def _note_change_within(name: str, period: str, parameter: Dated, notes: list[Note]) -> None:
    """Say so when a parameter changes within a period that is a whole year."""
    if not (len(period) == 4 and period.isdigit()):
        return
    year = int(period)
    if any(date[0] == year and date[1:] != (1, 1) for date in parameter.dates):
        notes.append(
            Note(
                "dated-parameter",
                f"'{name}' changes within {period}; the value of its first day is used",
                f"“{name}”在 {period} 年内有变动；采用年初生效的值",
                1,
                f"parameters.{name}",
            )
        )
