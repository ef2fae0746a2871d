"""Statistics of a run's indicators: what they look like, how they hang together, what matters.

Values are looked at in stages: `raw` (as computed from the data), `treated` (after the steps of
data treatment) and `points` (parts of full marks). Before correlations, alpha and components an
indicator whose points fall as its value rises is turned around, so that a correlation above zero
always means that two things are good in the same regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reliefperf.errors import InputError, Lang, Mistake, Note, suggestion
from reliefperf.evaluation.analysis import METHODS, Method
from reliefperf.evaluation.evaluate import ROOT, Evaluation
from reliefperf.model.spec_data import in_language
from reliefperf.scenarios.analysis.examining import Examination
from reliefperf.scenarios.analysis.rows import (
    SCORE,
    STAGES,
    IndicatorRow,
    Limits,
    Matter,
    NodeRow,
    Pair,
    Stage,
)
from reliefperf.scenarios.running import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Analysis:
    """Everything that `analyse` found; tables are data frames, made when asked for."""

    run: Run = field(repr=False)
    period: str
    top: str
    stages: tuple[Stage, ...]
    methods: tuple[Method, ...]
    limits: Limits
    indicators: tuple[IndicatorRow, ...] = field(repr=False)
    pairs: tuple[Pair, ...] = field(repr=False)
    nodes: tuple[NodeRow, ...] = field(repr=False)
    matters: tuple[Matter, ...] = field(repr=False)
    notes: tuple[Note, ...] = field(repr=False)

    @property
    def shown(self) -> Stage:
        """The stage that figure and summary show: the last."""
        return self.stages[-1]

    @property
    def order(self) -> tuple[str, ...]:
        """The indicators of the stage shown, in the order of the tree."""
        return tuple(row.indicator for row in self.indicators if row.stage == self.shown)

    @property
    def parents(self) -> Mapping[str, str]:
        """The node that each indicator of the stage shown stands in."""
        return {row.indicator: row.node for row in self.indicators if row.stage == self.shown}

    @property
    def flagged(self) -> tuple[Pair, ...]:
        """The pairs with a flag at the stage shown, by Pearson's correlation, the worst first."""
        found = [
            p for p in self.pairs if p.flag and p.stage == self.shown and p.method == "pearson"
        ]
        kinds = ("collinear", "negative", "weak")
        return tuple(sorted(found, key=lambda p: (kinds.index(p.flag), -abs(p.r), p.first)))

    def titles(self, lang: Lang) -> dict[str, str]:
        """The titles of all nodes by id; the top of the tree is the score."""
        spec = self.run.model.spec.evaluation
        assert spec is not None
        named = {node.id: in_language(node.title, lang, node.id) for node in spec.nodes()}
        return {SCORE: "得分" if lang == "zh" else "score"} | named

    def frame(self, name: str) -> pd.DataFrame:
        """A table by name: indicators, correlations, alpha, nodes, pca or importance."""
        from reliefperf.scenarios.analysis.tables import frame

        return frame(self, name)

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """One row an indicator and stage."""
        return self.frame("indicators")

    @cached_property
    def correlations(self) -> pd.DataFrame:
        """One row a pair, stage and method."""
        return self.frame("correlations")

    @cached_property
    def alpha(self) -> pd.DataFrame:
        """Cronbach's alpha: one row a node, and one an item left out."""
        return self.frame("alpha")

    @cached_property
    def pca(self) -> pd.DataFrame:
        """Principal components: one row a node, component and item."""
        return self.frame("pca")

    @cached_property
    def importance(self) -> pd.DataFrame:
        """What matters: one row an indicator."""
        return self.frame("importance")

    def figure(self, lang: Lang | None = None) -> Figure:
        """The heat map of correlations, with what is flagged."""
        from reliefperf.reports.analysis_figure import heat_map

        return heat_map(self, lang)

    def write(self, folder: str | Path) -> Path:
        """Write all tables and the figure into a new folder; see `reliefperf analyse`."""
        from reliefperf.reports.analysis import write_analysis

        return write_analysis(self, Path(folder))

    def __repr__(self) -> str:
        label = ", SYNTHETIC DATA" if self.run.is_synthetic else ""
        period = f" in {self.period}" if self.period else ""
        return (
            f"<Analysis of {self.run.model.name}{period}: {len(self.order)} indicators, "
            f"{'/'.join(self.stages)}, flagged pairs: {len(self.flagged)}{label}>"
        )

    def _repr_html_(self) -> str:
        import html

        head = f"<p><b>{html.escape(repr(self))}</b></p>"
        return head + self.frame("indicators").to_html(index=False, float_format="{:.4g}".format)


def analyse(
    run: Run,
    *,
    period: str | None = None,
    node: str | None = None,
    stages: Iterable[Stage] | None = None,
    methods: Iterable[Method] = ("pearson", "spearman"),
    limits: Limits | None = None,
) -> Analysis:
    """Look at the indicators of a run: the last period, the whole tree and all stages by default.

    `node` restricts it to what stands below a node, which then takes the place of the score.
    Raises InputError for a run without scores, for unknown names, and where fewer than three
    regions have every value of any node.
    """
    periods = run.periods
    chosen = list(periods)[-1] if period is None else period
    if chosen not in periods:
        raise _unknown("period", "期别", chosen, periods)
    evaluation = periods[chosen].evaluation
    if evaluation is None:
        raise InputError(
            Mistake.at(
                "there are no scores to analyse: the model has no section `evaluation`",
                "没有得分可供分析：模型没有 evaluation 部分",
            )
        )
    top = SCORE if node is None else node
    if top != SCORE and top not in evaluation.nodes:
        raise _unknown("node", "节点", top, [*(set(evaluation.nodes) - {ROOT}), SCORE])
    known = _stages_of(evaluation)
    wanted = known if stages is None else tuple(dict.fromkeys(stages))
    for stage in wanted:
        if stage not in known:
            raise _unknown("stage", "阶段", stage, known)
    asked = tuple(dict.fromkeys(methods))
    for method in asked:
        if method not in METHODS:
            raise _unknown("method", "相关系数", method, METHODS)
    looked = tuple(stage for stage in STAGES if stage in wanted)
    used = tuple(method for method in METHODS if method in asked)
    drawn = limits or Limits()
    found = Examination(evaluation, top, drawn).look(looked, used)
    return Analysis(
        run,
        chosen,
        top,
        looked,
        used,
        drawn,
        found.indicators,
        found.pairs,
        found.nodes,
        found.matters,
        found.notes,
    )


def _unknown(en: str, zh: str, name: str, known: Iterable[str]) -> InputError:
    near, near_zh = suggestion(name, known)
    return InputError(Mistake.at(f"no {en} '{name}'{near}", f"没有{zh}“{name}”{near_zh}"))


def _stages_of(evaluation: Evaluation) -> tuple[Stage, ...]:
    return STAGES if evaluation.treated is not None else ("raw", "points")
