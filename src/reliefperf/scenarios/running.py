"""Running a model on data: read, score, allocate, period by period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reliefperf.allocation.allocate import allocate_period
from reliefperf.allocation.answers import Answers
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.relaxing import Relax
from reliefperf.allocation.warm import Warm
from reliefperf.data.casebook import Casebook, read_casebook
from reliefperf.data.check import read_data as read_table
from reliefperf.data.dataset import Dataset, in_known_order
from reliefperf.data.environments import make_environment
from reliefperf.data.regions import Regions
from reliefperf.data.unknown_texts import refuse_unknown_texts
from reliefperf.errors import InputError, Note
from reliefperf.evaluation.changed import Changed
from reliefperf.evaluation.evaluate import Evaluation, evaluate
from reliefperf.evaluation.reference import References, gather
from reliefperf.model.environment import Column, Environment
from reliefperf.model.model import Model, expressions_in
from reliefperf.scenarios.loading import Scenario, load
from reliefperf.scenarios.published_columns import refuse_absent_columns

if TYPE_CHECKING:
    import pandas as pd

    from reliefperf.scenarios.explaining.fairness.recorded import Shown
    from reliefperf.scenarios.results.cells import Row


Vary = Callable[[Environment], tuple[Mapping[str, Column], Changed]]
"""Values in place of those of indicators, and what else is otherwise, in a period."""


@dataclass(frozen=True)
class PeriodRun:
    """What one period came to."""

    env: Environment = field(repr=False)
    evaluation: Evaluation | None
    allocation: Allocation | None
    warm: Warm = field(default_factory=Warm, repr=False, compare=False)
    """Starts for the solver where the money is shared out again with something changed."""


@dataclass(frozen=True)
class Run:
    """The results of a model on data. Tables are pandas data frames, made when asked for."""

    model: Model
    dataset: Dataset = field(repr=False)
    periods: Mapping[str, PeriodRun] = field(repr=False)
    scenario: Scenario | None = None
    casebook: Casebook = field(default_factory=Casebook, repr=False)
    counter_examples: tuple[Shown, ...] = field(default=(), repr=False)
    """The counter-examples to fairness that notes state, with their trials, where amounts are one program."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """Everything that was done to the data, a region or a rule without being asked."""
        found = [*self.dataset.notes, *self.casebook.notes]
        for period in self.periods.values():
            found.extend(period.env.notes)
        return tuple(dict.fromkeys(found))

    @property
    def last(self) -> PeriodRun:
        """The last period."""
        return list(self.periods.values())[-1]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a region: score, grade, rank and every node."""
        from reliefperf.scenarios.results.points import scores_frame

        return scores_frame(self)

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row a region and indicator, with the reason; rows add up to the score."""
        from reliefperf.scenarios.results.points import points_frame

        return points_frame(self)

    @cached_property
    def treatments(self) -> pd.DataFrame:
        """One row a value that was cleaned, treated, filled, dropped or held, with how."""
        from reliefperf.scenarios.results.treatments import treatments_frame

        return treatments_frame(self)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """One row a region and variable, indicator or score: reported, verified, final."""
        from reliefperf.scenarios.results.rulebook import claims_frame

        return claims_frame(self)

    @cached_property
    def consequences(self) -> pd.DataFrame:
        """One row a region and consequence that applies to it."""
        from reliefperf.scenarios.results.rulebook import consequences_frame

        return consequences_frame(self)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """One row a decision by hand, with what it changed."""
        from reliefperf.scenarios.results.rulebook import decisions_frame

        return decisions_frame(self)

    @cached_property
    def points_rows(self) -> list[Row]:
        """The rows of `points` in the model's language, as they stand in points.csv."""
        from reliefperf.scenarios.results.points import points_rows

        return list(points_rows(self, self.model.language))

    @cached_property
    def rules_table(self) -> tuple[list[str], list[Row]]:
        """Header and rows of rules.csv."""
        from reliefperf.scenarios.results.rules import rules_table

        return rules_table(self)

    @cached_property
    def formulas_table(self) -> tuple[list[str], list[Row]]:
        """Header and rows of formulas.csv."""
        from reliefperf.scenarios.results.formulas import formulas_table

        return formulas_table(self)

    @cached_property
    def explanation_rows(self) -> list[Row]:
        """The rows of `explanation`, as they stand in explanation.csv."""
        from reliefperf.scenarios.results.money import explanation_rows

        return list(explanation_rows(self))

    @cached_property
    def allocation(self) -> pd.DataFrame:
        """One row a region and pool: entitlement and amount (Decimal)."""
        from reliefperf.scenarios.results.money import allocation_frame

        return allocation_frame(self)

    @cached_property
    def explanation(self) -> pd.DataFrame:
        """One row a region, pool and step; rows add up to the amount."""
        from reliefperf.scenarios.results.money import explanation_frame

        return explanation_frame(self)

    def write(self, folder: str | Path) -> Path:
        """Write everything into a new folder; see `reliefperf run`."""
        from reliefperf.reports.folder import write_run

        return write_run(self, Path(folder))

    @property
    def is_synthetic(self) -> bool:
        """Whether the data are made up."""
        return self.model.spec.data.synthetic is not None

    def __repr__(self) -> str:
        parts = [f"{len(self.last.env.codes)} regions"]
        if len(self.periods) > 1:
            parts.append(f"{len(self.periods)} periods")
        allocation = self.last.allocation
        if allocation is not None:
            parts.append(f"{allocation.total():,} {allocation.unit} paid")
        if self.notes:
            parts.append(f"notes: {len(self.notes)}")
        label = ", SYNTHETIC DATA" if self.is_synthetic else ""
        return f"<Run of {self.model.name}: {', '.join(parts)}{label}>"

    def _repr_html_(self) -> str:
        import html

        first = self.scores if self.last.evaluation is not None else self.allocation
        table = first.head(10).to_html(index=False)
        return f"<p><b>{html.escape(repr(self))}</b></p>{table}"


def regions_of(model: Model) -> Regions | None:
    """The table of regions that a model names."""
    spec = model.spec.regions
    if spec is None:
        return None
    return Regions.from_spec(spec, model.folder or Path())


def read_data(
    model: Model, source: str | Path | pd.DataFrame | None = None, *, encoding: str | None = None
) -> Dataset:
    """Read and check the data of a model: `source`, else the file that the model names.

    Raises InputError with every mistake found.
    """
    spec = model.spec.data
    if source is None:
        if spec.file is None or model.folder is None:
            raise InputError(
                model.document.mistake(
                    ("data",),
                    "the model names no data file; give one with --data FILE",
                    "模型没有写数据文件；请用 --data 文件 给出",
                )
            )
        source = model.folder / spec.file
    own = [c.column for c in model.spec.published if c.column is not None and c.file is None]
    if own and spec.ignore != "unknown":
        used = {variable.column or name for name, variable in model.spec.variables.items()}
        extra = [name for name in own if name not in used]
        spec = spec.model_copy(update={"ignore": [*spec.ignore, *extra]})
    dataset = read_table(
        source,
        model.spec.variables,
        spec,
        regions=regions_of(model),
        level=model.spec.regions.level if model.spec.regions is not None else None,
        encoding=encoding,
    )
    refuse_unknown_texts(model, dataset)
    return dataset


def run_model(
    model: Model,
    dataset: Dataset | None = None,
    *,
    scenario: Scenario | None = None,
    allocation: bool = True,
    vary: Vary | None = None,
    answers: Mapping[str, Answers] | None = None,
    relax: Relax = "never",
    by_step: bool = True,
) -> Run:
    """Score, then allocate (unless `allocation` is off), period by period.

    `vary` says of each period what is scored otherwise than the model and its data say; `answers`
    stand in for the solver, period by period. `relax` says what is done where the rules cannot all
    hold: nothing, the cheapest relaxation named in the error, or applied. Without `by_step` the
    amounts after each single rule are left out.

    Raises InputError for bad data, InfeasibleError where the rules cannot all hold.
    """
    dataset = read_data(model) if dataset is None else dataset
    _refuse_unsure_order(model, dataset)
    regions = regions_of(model)
    casebook = read_casebook(model, dataset, regions)
    references = _references(model, dataset, regions, casebook)
    previous: Environment | None = None
    periods: dict[str, PeriodRun] = {}
    for period in dataset.periods:
        table = dataset.tables[period]
        env = make_environment(model, table, period, previous, regions, casebook)
        if period in references:
            env.references = references[period]
            env.notes.extend(references[period].notes)
        evaluation = (
            evaluate(model, env, table.names, *(vary(env) if vary is not None else ()))
            if model.spec.evaluation is not None
            else None
        )
        money = None
        if allocation and model.spec.allocation is not None:
            if evaluation is None:
                from reliefperf.data.environments import compute_derived

                compute_derived(model, env, 1)
            money = allocate_period(
                model, env, table.names, (answers or {}).get(period), relax, by_step=by_step
            )
        periods[period] = PeriodRun(env, evaluation, money)
        if money is not None:
            from reliefperf.scenarios.results.equity import equity_notes

            env.notes.extend(equity_notes(model, periods[period]))
        previous = env
    run = Run(model, dataset, periods, scenario, casebook)
    if by_step and periods and run.last.allocation is not None:
        from reliefperf.scenarios.explaining.fairness.noting import with_fairness

        run = with_fairness(run, (answers or {}).get(dataset.periods[-1]))
    return run


def _references(
    model: Model, dataset: Dataset, regions: Regions | None, casebook: Casebook
) -> Mapping[str, References]:
    """What the regions of each period are compared with, where that is not the period itself."""
    spec = model.spec.evaluation
    if spec is None or spec.panel.normalise == "each":
        return {}
    envs: list[Environment] = []
    for period in dataset.periods:
        previous = envs[-1] if envs else None
        table = dataset.tables[period]
        envs.append(make_environment(model, table, period, previous, regions, casebook))
    found = gather(model, envs)
    return {} if found is None else dict(zip(dataset.periods, found, strict=True))


def _refuse_unsure_order(model: Model, dataset: Dataset) -> None:
    """Refuse `previous(...)` where the order of the periods is only that of their letters."""
    if len(dataset.periods) < 2 or in_known_order(dataset.periods):
        return
    improvement = getattr(model.spec.evaluation, "improvement", None)
    of = () if improvement is None else ("evaluation", "improvement", "of")
    for path, expr, _ in expressions_in(model.spec):
        if "previous" in expr.calls or path == of:
            listed = ", ".join(dataset.periods[:6])
            raise InputError(
                model.document.mistake(
                    path,
                    f"previous() needs periods whose order is sure, such as 2023, 2023Q1 or 2023-01; "
                    f"these are {listed}",
                    f"previous() 要求期别有明确的先后，例如 2023、2023Q1、2023-01；这里是 {listed}",
                )
            )


def need(model: Model, what: str) -> None:
    """Refuse to score without an evaluation, or to allocate without an allocation."""
    section = "evaluation" if what == "score" else "allocation"
    if getattr(model.spec, section) is None:
        raise InputError(
            model.document.mistake(
                (), f"the model has no section `{section}`", f"模型没有 {section} 部分"
            )
        )


def score(model: Model, data: Dataset | str | Path | pd.DataFrame | None = None) -> Run:
    """Score a model's regions; raises InputError if the model has no evaluation."""
    need(model, "score")
    return run_model(model, _dataset(model, data), allocation=False)


def allocate(
    model: Model,
    data: Dataset | str | Path | pd.DataFrame | None = None,
    *,
    relax: bool = False,
) -> Run:
    """Score (where there is an evaluation) and allocate; raises InputError without allocation.

    Where the rules cannot all hold, InfeasibleError names those at odds; with `relax` they are
    relaxed at the least money instead, as by `reliefperf allocate --relax`.
    """
    need(model, "allocate")
    return run_model(model, _dataset(model, data), relax=_how(relax))


def _how(relax: bool) -> Relax:
    return "apply" if relax else "never"


def _dataset(model: Model, data: Dataset | str | Path | pd.DataFrame | None) -> Dataset:
    return data if isinstance(data, Dataset) else read_data(model, data)


def run(
    target: str | Path | Model | Scenario,
    data: str | Path | pd.DataFrame | None = None,
    *,
    output: str | Path | None = None,
    encoding: str | None = None,
    relax: bool = False,
) -> Run:
    """Run a scenario or model given by name, path or object; with `output` also write the folder.

    `relax` as for allocate.
    """
    loaded = load(target) if isinstance(target, str | Path) else target
    result = run_target(loaded, data, encoding=encoding, relax=_how(relax))
    if output is not None:
        result.write(output)
    return result


def run_target(
    loaded: Model | Scenario,
    data: str | Path | pd.DataFrame | None = None,
    *,
    encoding: str | None = None,
    allocation: bool = True,
    relax: Relax = "never",
    by_step: bool = True,
) -> Run:
    """Run what was loaded, on other data if given; `by_step` as for run_model."""
    scenario = loaded if isinstance(loaded, Scenario) else None
    model = loaded.model if isinstance(loaded, Scenario) else loaded
    source = data
    if source is None and scenario is not None and scenario.spec.data is not None:
        source = scenario.data_file()
    dataset = read_data(model, source, encoding=encoding)
    refuse_absent_columns(model)
    return run_model(
        model, dataset, scenario=scenario, allocation=allocation, relax=relax, by_step=by_step
    )
