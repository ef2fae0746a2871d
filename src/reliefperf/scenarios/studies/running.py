"""Running the variants of a study: each once, a failed one kept with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reliefperf.data.dataset import Dataset
from reliefperf.errors import InfeasibleError, InputError, Mistake, ReliefperfError, suggestion
from reliefperf.evaluation.changed import Changed
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.indicators import Indicator
from reliefperf.evaluation.sampling import Estimate, estimates
from reliefperf.model.building import build_model
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.model import Model
from reliefperf.scenarios.running import PeriodRun, read_data, run_model
from reliefperf.scenarios.studies.designs import DesignRows
from reliefperf.scenarios.studies.factors import PerturbedWeights, Redraw
from reliefperf.scenarios.studies.loading import Plan
from reliefperf.scenarios.studies.weighing import weigh_variants


@dataclass(frozen=True)
class Outcome:
    """What one variant came to, shape (n_regions,); `grade` is the place of the grade from the top.

    NaN where there is none; `amount` is None where no money was asked for.
    """

    score: Array
    rank: Array
    grade: Array
    amount: Array | None


@dataclass(frozen=True)
class Failure:
    """Why a variant has no result."""

    variant: int
    kind: str
    en: str
    zh: str


@dataclass(frozen=True)
class Results:
    """The results of all variants, shape (n_variants, n_regions); NaN where one failed.

    `shift` is the mean absolute distance of the ranks from those of the model as it stands.
    """

    score: Array
    rank: Array
    grade: Array
    amount: Array | None
    shift: Array
    failures: tuple[Failure, ...]

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Whether a variant failed, shape (n_variants,)."""
        return np.asarray(np.isnan(self.shift))


@dataclass
class _Made:
    """A model of a study with its data, and what was computed of it."""

    model: Model
    dataset: Dataset
    ready: dict[str, Mapping[str, Indicator]] = field(default_factory=dict)
    estimated: dict[str, tuple[Estimate, ...]] = field(default_factory=dict)


class Runner:
    """Runs variants of a study, keeping each model that it makes."""

    def __init__(self, plan: Plan, dataset: Dataset) -> None:
        self.plan = plan
        self.money = "amount" in plan.spec.outputs
        period = dataset.periods[-1] if plan.period is None else plan.period
        if period not in dataset.periods:
            en, zh = suggestion(period, dataset.periods)
            raise InputError(
                plan.document.mistake(
                    ("period",),
                    f"the data have no period '{period}'{en}",
                    f"数据中没有“{period}”这一期{zh}",
                )
            )
        self.period = period
        self.made: dict[tuple[int, ...], _Made | ReliefperfError] = {}
        self.listed = [
            name for name, levels in plan.levels.items() if any(level.changes for level in levels)
        ]
        self.base = _Made(plan.model, self.cut(dataset))
        self.nominal_run = self.run_period(self.base, {})
        self.nominal = self.outcome(self.base.model, self.nominal_run)

    def cut(self, dataset: Dataset) -> Dataset:
        """The data without later periods, unless they are part of what regions are compared with."""
        assert self.plan.model.spec.evaluation is not None
        kept = dataset.periods[: dataset.periods.index(self.period) + 1]
        if kept == dataset.periods or self.plan.model.spec.evaluation.panel.normalise != "each":
            return dataset
        return replace(dataset, periods=kept, tables={name: dataset.tables[name] for name in kept})

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation of the model as it stands."""
        assert self.nominal_run.evaluation is not None
        return self.nominal_run.evaluation

    def run(self, places: Mapping[str, int]) -> Outcome:
        """One variant; raises ReliefperfError where it has no result that can be compared."""
        chosen = tuple(places[name] for name in self.listed)
        made = self.made.get(chosen)
        if made is None:
            try:
                made = self.make({name: places[name] for name in self.listed})
            except ReliefperfError as error:
                made = error
            self.made[chosen] = made
        if isinstance(made, ReliefperfError):
            raise made
        run = self.run_period(made, places)
        assert run.evaluation is not None
        if run.evaluation.codes != self.evaluation.codes:
            raise InputError(
                Mistake.at(
                    "the regions are not those of the model as it stands",
                    "地区与原模型不一致",
                )
            )
        outcome = self.outcome(made.model, run)
        self.refuse_gaps(outcome)
        return outcome

    def make(self, places: Mapping[str, int]) -> _Made:
        """The model with the levels chosen, and its data."""
        if not any(self.plan.levels[name][place].changes for name, place in places.items()):
            return self.base
        document, _ = self.plan.changed(places)
        model = build_model(document, self.plan.model.folder, dict(self.plan.model.files))
        dataset = self.base.dataset
        if self.plan.reads_anew(places):
            dataset = self.cut(read_data(model, self.plan.data))
        return _Made(model, dataset)

    def run_period(self, made: _Made, places: Mapping[str, int]) -> PeriodRun:
        """The period looked at, with whatever comes before it."""
        without: frozenset[str] = frozenset()
        moved: list[tuple[PerturbedWeights, int]] = []
        redrawn: list[tuple[Redraw, int]] = []
        for name, place in places.items():
            item = self.plan.spec.factors[name]
            if isinstance(item, PerturbedWeights):
                moved.append((item, place))
            elif isinstance(item, Redraw):
                redrawn.append((item, place))
            else:
                without |= self.plan.levels[name][place].without

        def reweigh(node: str, weights: Array) -> Array:
            for item, draw in moved:
                weights = item.moved(draw, node, weights)
            return weights

        def vary(env: Environment) -> tuple[Mapping[str, Column], Changed]:
            values: dict[str, Column] = {}
            if redrawn and env.period == self.period:
                if env.period not in made.estimated:
                    made.estimated[env.period] = estimates(made.model, env)
                for item, draw in redrawn:
                    values |= item.drawn(draw, made.estimated[env.period])
            ready = {} if without or values else made.ready.get(env.period, {})
            return values, Changed(without, reweigh if moved else None, ready)

        run = run_model(made.model, made.dataset, allocation=self.money, vary=vary, by_step=False)
        if not (without or redrawn or made.ready) and made.model.spec.evaluation is not None:
            for period, done in run.periods.items():
                assert done.evaluation is not None
                made.ready[period] = done.evaluation.indicators
        return run.periods[self.period]

    def outcome(self, model: Model, run: PeriodRun) -> Outcome:
        """The results of a variant as numbers."""
        evaluation = run.evaluation
        assert evaluation is not None
        grade = np.full(len(evaluation.codes), np.nan)
        if evaluation.grade is not None:
            names = list(dict.fromkeys([*self.grades(), *_grades_of(model)]))
            places = {name: float(place) for place, name in enumerate(names)}
            for name, at in places.items():
                grade[evaluation.grade == name] = at
        amount = None
        if run.allocation is not None:
            amount = np.array([float(money) for money in run.allocation.amounts("total")])
        return Outcome(evaluation.score, evaluation.rank, grade, amount)

    def grades(self) -> list[str]:
        """The grades of the model as it stands, from the top."""
        return _grades_of(self.plan.model)

    def refuse_gaps(self, outcome: Outcome) -> None:
        """Raise InputError where a region lost the score or rank that it has as the model stands."""
        lost = np.isnan(outcome.rank) & ~np.isnan(self.nominal.rank)
        if lost.any():
            codes = [self.evaluation.codes[place] for place in np.flatnonzero(lost)]
            shown = ", ".join(codes[:10]) + (", ..." if len(codes) > 10 else "")
            raise _MissingScoresError(
                Mistake.at(
                    f"{len(codes)} region(s) have no score in this variant: {shown}",
                    f"该方案下 {len(codes)} 个地区没有得分：{shown}",
                )
            )


class _MissingScoresError(InputError):
    """A variant leaves regions without a score."""


def run_variants(runner: Runner, design: DesignRows) -> Results:
    """Run every variant of a design, all at once where they do no more than move linear weights."""
    found = weigh_variants(runner, design)
    if found is not None:
        return Results(*found, None, _shifts(runner, found[1]), ())
    return run_one_by_one(runner, design)


def run_one_by_one(runner: Runner, design: DesignRows) -> Results:
    """Run every variant of a design by itself."""
    n_variants, n_regions = len(design.levels), len(runner.evaluation.codes)
    shape = (n_variants, n_regions)
    score, rank, grade = (np.full(shape, np.nan) for _ in range(3))
    amount = np.full(shape, np.nan) if runner.money else None
    failures = []
    names = runner.plan.factors
    for place, levels in enumerate(design.levels.tolist()):
        try:
            outcome = runner.run(dict(zip(names, levels, strict=True)))
        except ReliefperfError as error:
            failures.append(_failure(place, error))
            continue
        score[place], rank[place], grade[place] = outcome.score, outcome.rank, outcome.grade
        if amount is not None and outcome.amount is not None:
            amount[place] = outcome.amount
    if len(failures) == n_variants:
        raise InputError(
            Mistake.at(
                f"all {n_variants} variants failed; the first: {failures[0].en}",
                f"全部 {n_variants} 个方案均失败；第一个的原因：{failures[0].zh}",
            )
        )
    shift = _shifts(runner, rank)
    shift[[failure.variant for failure in failures]] = np.nan
    return Results(score, rank, grade, amount, shift, tuple(failures))


def _shifts(runner: Runner, rank: Array) -> Array:
    """Each variant's mean absolute distance of the ranks from the nominal ones."""
    nominal = runner.nominal.rank
    ranked = ~np.isnan(nominal)
    shift = np.zeros(len(rank))
    for place, ranks in enumerate(rank):
        if ranked.any():
            shift[place] = np.abs(ranks - nominal)[ranked].mean()
    return shift


def _failure(variant: int, error: ReliefperfError) -> Failure:
    kind = "input"
    if isinstance(error, _MissingScoresError):
        kind = "missing-scores"
    elif isinstance(error, InfeasibleError):
        kind = "infeasible"
    elif not isinstance(error, InputError):
        kind = "solver"
    return Failure(variant, kind, *reason_of(error))


def reason_of(error: ReliefperfError) -> tuple[str, str]:
    """The first of an error's mistakes in English and Chinese, without the machine's folders."""
    first, more = error.mistakes[0], len(error.mistakes) - 1
    first = replace(first, file=Path(first.file).name)
    return (
        first.text("en") + (f" (and {more} more)" if more else ""),
        first.text("zh") + (f"（另有 {more} 处）" if more else ""),
    )


def _grades_of(model: Model) -> list[str]:
    spec = model.spec.evaluation
    if spec is None or spec.grades is None:
        return []
    return list(dict.fromkeys(band.grade for band in spec.grades.bands))
