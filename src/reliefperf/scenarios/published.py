"""Results against published figures: what matches, what differs, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reliefperf.data.check import read_data as read_table
from reliefperf.errors import InputError, ReliefperfError, suggestion
from reliefperf.model.environment import Environment
from reliefperf.model.numbers import round_column
from reliefperf.model.spec import PublishedCheck
from reliefperf.model.spec_data import DataSpec, Variable, in_language
from reliefperf.scenarios.library import find, model_names
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.running import Run, read_data


@dataclass(frozen=True)
class Difference:
    """One region whose result is not the published figure."""

    region: str
    computed: float | str | None
    published: float | str | None


@dataclass(frozen=True)
class Checked:
    """What one check found; `ok` says whether it is what the model expects."""

    model: str
    id: str
    title: str
    match: int
    differ: int
    missing: int
    largest: float
    ok: bool
    differences: tuple[Difference, ...]


def check_published(run: Run) -> list[Checked]:
    """Make every comparison that the model lists."""
    return [_check(run, check) for check in run.model.spec.published]


def _check(run: Run, check: PublishedCheck) -> Checked:
    if check.period is not None and check.period not in run.periods:
        en, zh = suggestion(check.period, run.periods)
        raise InputError(
            run.model.document.mistake(
                ("published", run.model.spec.published.index(check), "period"),
                f"the data have no period '{check.period}'{en}",
                f"数据中没有“{check.period}”这一期{zh}",
            )
        )
    period = run.periods[check.period] if check.period is not None else run.last
    env = period.env
    computed = run.model.compiled(check.value).full(env)
    if check.column is None:
        codes, published = [""], [check.equals]
        values = [_plain(computed[0])]
    else:
        codes, published = _published(run, check, env)
        place = {code: i for i, code in enumerate(env.codes)}
        values = [_plain(computed[place[code]]) if code in place else None for code in codes]
    return _compare(run, check, codes, values, published)


def _plain(value: object) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    return None if number != number else number


def _published(
    run: Run, check: PublishedCheck, env: Environment
) -> tuple[list[str], list[float | str | None]]:
    """The published figures by region, from the check's own file or the data file."""
    model = run.model
    assert check.column is not None
    assert model.folder is not None
    is_text = model.compiled(check.value).kind == "text"
    variable = {"published": Variable(column=check.column, type="text" if is_text else "number")}
    data = model.spec.data
    if check.file is None:
        if data.file is None:
            raise InputError(
                model.document.mistake(
                    ("published",), "the check names no file", "该核对项没有写文件"
                )
            )
        spec = data.model_copy(update={"ignore": "unknown", "layout": "wide"})
        source = model.folder / data.file
    else:
        spec = DataSpec(
            region=check.region or data.region, name=None, ignore="unknown", encoding="utf-8"
        )
        source = model.folder / check.file
    dataset = read_table(source, variable, spec)
    period = env.period if env.period in dataset.periods else dataset.periods[-1]
    table = dataset.tables[period]
    return list(table.codes), [_plain(value) for value in table.columns["published"].tolist()]


def _compare(
    run: Run,
    check: PublishedCheck,
    codes: Sequence[str],
    values: Sequence[float | str | None],
    published: Sequence[float | str | None],
) -> Checked:
    match = missing = 0
    largest = 0.0
    differences: list[Difference] = []
    for code, value, wanted in zip(codes, values, published, strict=True):
        if value is None and wanted is None:
            missing += 1
            continue
        if isinstance(value, float) and isinstance(wanted, float | int):
            rounded = value
            if check.decimals is not None:
                rounded = float(round_column(np.asarray(value), check.decimals, check.rounding))
            gap = abs(rounded - wanted)
            largest = max(largest, gap)
            same = gap <= check.tolerance + 1e-9 * max(1.0, abs(wanted))
        else:
            same = value == wanted
        if same:
            match += 1
        else:
            differences.append(Difference(code, value, wanted))
    expect = check.expect
    ok = len(differences) == expect.differ and missing == expect.missing
    ok = ok and (expect.match is None or match == expect.match)
    title = in_language(check.title, run.model.language, check.id)
    return Checked(
        run.model.name,
        check.id,
        title,
        match,
        len(differences),
        missing,
        largest,
        ok and (match > 0 or expect.match == 0),
        tuple(differences),
    )


def reproduce(folder_or_name: str | Path) -> list[Checked]:
    """Run a model on its own data and make its comparisons."""
    from reliefperf.scenarios.running import run_model

    model = load_model(folder_or_name)
    return check_published(run_model(model, read_data(model)))


def reproduce_all(
    names: Sequence[str],
) -> Iterator[tuple[str, list[Checked] | ReliefperfError]]:
    """Every model named, or all that travel with the package, with its comparisons or its error.

    A shipped model may have more model files beside model.yaml; those with comparisons count too.
    Raises InputError at once for a name that means nothing.
    """
    targets = [(name, find(name)) for name in names or model_names()]
    for name, target in targets:
        main = target / "model.yaml"
        more = sorted(set(target.glob("*.yaml")) - {main}) if target.is_dir() else []
        for file in [main if target.is_dir() else target, *more]:
            is_main = file in (main, target)
            label = name if is_main else f"{name}/{file.name}"
            try:
                if is_main or load_model(file).spec.published:
                    yield label, reproduce(file)
            except ReliefperfError as error:
                yield label, error
