"""A study: its plan, every variant's result, and the tables made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.data.dataset import Dataset
from reliefperf.errors import Note
from reliefperf.evaluation.sampling import IntervalRow, interval_rows
from reliefperf.model.environment import Array
from reliefperf.model.spec_study import Output, Reversals
from reliefperf.scenarios.results.cells import frame_of
from reliefperf.scenarios.running import read_data
from reliefperf.scenarios.studies.designs import DesignRows, make_design
from reliefperf.scenarios.studies.loading import Plan, load_study
from reliefperf.scenarios.studies.reversals import Leaving, leave_each_out
from reliefperf.scenarios.studies.running import Outcome, Results, Runner, run_variants
from reliefperf.scenarios.studies.summary import (
    BLOCK,
    Computed,
    Range,
    grade_shares,
    ranges,
    sensitivity,
)

if TYPE_CHECKING:
    import pandas as pd

REGIONAL: tuple[Output, ...] = ("score", "rank", "grade", "amount")
"""Outputs that every region has."""


@dataclass(frozen=True)
class Study:
    """The results of a study. Tables are pandas data frames, made when asked for."""

    plan: Plan
    dataset: Dataset = field(repr=False)
    codes: tuple[str, ...] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    period: str
    grades: tuple[str, ...]
    nominal: Outcome = field(repr=False)
    design: DesignRows = field(repr=False)
    results: Results = field(repr=False)
    intervals_rows: tuple[IntervalRow, ...] = field(repr=False)
    leavings: tuple[Leaving, ...] = field(repr=False)
    notes: tuple[Note, ...] = field(repr=False)

    @property
    def is_synthetic(self) -> bool:
        """Whether the data are made up."""
        return self.plan.model.spec.data.synthetic is not None

    @property
    def failed_share(self) -> float:
        """The share of the design's rows whose variant failed."""
        if self.design.method == "exact":
            return float(self.design.weights[self.results.failed].sum())
        return float(self.results.failed[self.design.rows].mean())

    def range_of(self, output: Output) -> Range:
        """The range of an output by region."""
        values, nominal = self._values(output)
        return ranges(values, nominal, self.design, self.results.failed)

    @cached_property
    def shares(self) -> Array:
        """The share of variants in each grade, shape (n_grades, n_regions)."""
        failed = self.results.failed
        return grade_shares(self.results.grade, len(self.grades), self.design, failed)

    @cached_property
    def same_grade(self) -> Array:
        """The share of variants in which a region has its grade, shape (n_regions,)."""
        place = self.nominal.grade
        known = ~np.isnan(place)
        found = np.full(len(self.codes), np.nan)
        if len(self.grades):
            at = np.where(known, place, 0).astype(int)
            found = np.where(known, self.shares[at, np.arange(len(self.codes))], np.nan)
        return found

    @property
    def within_reach(self) -> tuple[str, ...]:
        """The codes of regions whose grade holds in less than the stated share of variants."""
        with np.errstate(invalid="ignore"):
            near = self.same_grade < self.plan.spec.sure - 1e-12
        return tuple(self.codes[place] for place in np.flatnonzero(near))

    @cached_property
    def summary_indices(self) -> Computed:
        """Indices of the mean absolute rank shift."""
        seed = self.plan.spec.design.seed
        return self._sensitivity(self.results.shift[:, None], seed)

    @cached_property
    def regional_indices(self) -> Mapping[Output, Computed]:
        """Indices of each output by region, for those that the study asks for."""
        made: dict[Output, Computed] = {}
        for output in REGIONAL:
            if output in self.plan.spec.outputs:
                values, _ = self._values(output)
                parts = [
                    self._sensitivity(values[:, start : start + BLOCK], None)
                    for start in range(0, values.shape[1], BLOCK)
                ]
                made[output] = _joined(parts)
        return made

    def _sensitivity(self, values: Array, seed: int | None) -> Computed:
        policy = self.plan.spec.design.failures
        return sensitivity(values, self.design, self.results, policy, seed)

    def _values(self, output: Output) -> tuple[Array, Array]:
        values, nominal = getattr(self.results, output), getattr(self.nominal, output)
        assert values is not None
        assert nominal is not None
        return values, nominal

    @cached_property
    def variants(self) -> pd.DataFrame:
        """One row a variant: its levels, its part of the design, the mean rank shift."""
        from reliefperf.scenarios.studies.tables import variants_table

        return frame_of(*variants_table(self))

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row a region: ranges of rank, score and money, shares of grades."""
        from reliefperf.scenarios.studies.tables import regions_table

        return frame_of(*regions_table(self))

    @cached_property
    def indices(self) -> pd.DataFrame:
        """One row an output, region and factor: first-order and total index."""
        from reliefperf.scenarios.studies.tables import indices_table

        return frame_of(*indices_table(self))

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row a failed variant, with its levels and the reason."""
        from reliefperf.scenarios.studies.tables import failures_table

        return frame_of(*failures_table(self))

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """One row an indicator with a sample and region: value and interval."""
        from reliefperf.scenarios.studies.tables import intervals_table

        return frame_of(*intervals_table(self.intervals_rows))

    @cached_property
    def reversals(self) -> pd.DataFrame:
        """One row a region left out: pairs of others that change places."""
        from reliefperf.scenarios.studies.tables import reversals_table

        return frame_of(*reversals_table(self))

    def write(self, folder: str | Path) -> Path:
        """Write everything into a new folder; see `reliefperf study`."""
        from reliefperf.reports.study import write_study

        return write_study(self, Path(folder))

    def __repr__(self) -> str:
        failed = len(self.results.failures)
        label = ", SYNTHETIC DATA" if self.is_synthetic else ""
        return (
            f"<Study {self.plan.spec.study} of {self.plan.model.name}: {len(self.codes)} regions, "
            f"{len(self.design.levels)} variants, {failed} failed{label}>"
        )

    def _repr_html_(self) -> str:
        import html

        table = self.regions.head(10).to_html(index=False)
        return f"<p><b>{html.escape(repr(self))}</b></p>{table}"


def study(target: str | Path | Plan, *, output: str | Path | None = None) -> Study:
    """Run a study given by name, path or plan; with `output` also write the folder.

    Raises InputError where the study, its model or its data are wrong, or every variant fails.
    """
    plan = target if isinstance(target, Plan) else load_study(target)
    runner = Runner(plan, read_data(plan.model, plan.data))
    evaluation = runner.evaluation
    design = make_design(plan, len(evaluation.codes))
    results = run_variants(runner, design)
    wanted = plan.spec.reversals
    leavings: tuple[Leaving, ...] = ()
    if wanted:
        regions = wanted.regions if isinstance(wanted, Reversals) else None
        leavings = leave_each_out(runner, regions)
    made = Study(
        plan,
        runner.base.dataset,
        evaluation.codes,
        evaluation.names,
        runner.period,
        tuple(runner.grades()),
        runner.nominal,
        design,
        results,
        tuple(interval_rows(plan.model, runner.nominal_run.env)),
        leavings,
        (*runner.base.dataset.notes, *runner.nominal_run.env.notes),
    )
    if output is not None:
        made.write(output)
    return made


def _joined(parts: list[Computed]) -> Computed:
    """Indices of blocks of outputs as one."""
    from reliefperf.scenarios.studies.indices import Indices

    found = [part.indices for part in parts if part.indices is not None]
    if len(found) < len(parts) or not found:
        return parts[0]
    joined = Indices(
        np.concatenate([part.variance for part in found]),
        np.concatenate([part.first for part in found], axis=1),
        np.concatenate([part.total for part in found], axis=1),
    )
    return Computed(joined, parts[0].basis)
