"""The work of an analysis: a tree of series at every stage, and what is computed of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from reliefperf.errors import InputError, Mistake, Note
from reliefperf.evaluation.analysis import (
    FEWEST,
    Method,
    adequacy,
    agreement,
    complete,
    correlate,
    describe,
    importance,
    is_constant,
    principal_components,
    reliability,
)
from reliefperf.evaluation.evaluate import ROOT, Evaluation
from reliefperf.evaluation.treatment.moments import Shape
from reliefperf.model.environment import Array
from reliefperf.scenarios.analysis.rows import (
    SCORE,
    STAGE_WORDS,
    IndicatorRow,
    Limits,
    Matter,
    NodeRow,
    Pair,
    Stage,
)

CLEAR = 0.5
"""An indicator has a direction where gamma of its values and points is at least this."""


@dataclass(frozen=True)
class Findings:
    """What came out of an examination."""

    indicators: tuple[IndicatorRow, ...]
    pairs: tuple[Pair, ...]
    nodes: tuple[NodeRow, ...]
    matters: tuple[Matter, ...]
    notes: tuple[Note, ...]


class Examination:
    """The work of one analysis: a tree of series, and what is computed of them."""

    def __init__(self, evaluation: Evaluation, top: str, limits: Limits) -> None:
        self.evaluation, self.top, self.limits = evaluation, top, limits
        self.children: dict[str, tuple[str, ...]] = {}
        self.parent: dict[str, str] = {}
        self._plant(ROOT if top == SCORE else top, top)
        self.indicators = tuple(self._below(top))
        self.notes: list[Note] = []
        self.fewest_known: dict[str, int] = {}

    def _plant(self, node: str, called: str) -> None:
        self.children[called] = self.evaluation.nodes[node].children
        for child in self.children[called]:
            self.parent[child] = called
            if child in self.evaluation.nodes:
                self._plant(child, child)

    def _below(self, node: str) -> Iterator[str]:
        for child in self.children[node]:
            if child in self.children:
                yield from self._below(child)
            else:
                yield child

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # undefined is NaN
    def look(self, stages: tuple[Stage, ...], methods: tuple[Method, ...]) -> Findings:
        """Look at every stage; raises InputError where there is nothing to see."""
        rows: list[IndicatorRow] = []
        pairs: list[Pair] = []
        nodes: list[NodeRow] = []
        series: dict[str, Array] = {}
        for stage in stages:
            values = self._values(stage)
            directions = {name: self._direction(stage, name, x) for name, x in values.items()}
            self._note_directions(stage, directions)
            rows += [self._row(stage, name, x, directions[name]) for name, x in values.items()]
            series = {
                name: -x if directions[name] < 0 else x for name, x in values.items()
            } | self._groups()
            self._note_constants(stage, series)
            pairs += self._pairs(stage, methods, series)
            nodes += self._nodes(stage, series)
        if not nodes and len(self.indicators) > 1:
            self._refuse(stages)
        return Findings(
            tuple(rows),
            tuple(pairs),
            tuple(nodes),
            self._matters(series),
            tuple(dict.fromkeys(self.notes)),
        )

    # ------------------------------------------------------------ series

    def _points(self, name: str) -> Array:
        """A node's part of full marks; NaN where it was skipped."""
        if name == SCORE:
            return self.evaluation.score
        parts = self.evaluation.values(name) / self.evaluation.full_marks(name)
        present = self.evaluation.present(name)
        return parts if present is None else np.where(present, parts, np.nan)

    def _groups(self) -> dict[str, Array]:
        return {name: self._points(name) for name in self.children}

    def _values(self, stage: Stage) -> dict[str, Array]:
        """The indicators at a stage; texts, which have no statistics, are left out and noted."""
        if stage == "points":
            return {name: self._points(name) for name in self.indicators}
        found: dict[str, Array] = {}
        texts: list[str] = []
        treated = self.evaluation.treated
        for name in self.indicators:
            value = self.evaluation.indicators[name].value
            if stage == "raw" and treated is not None:
                before = treated.raw_of(name)
                value = value if before is None else before
            if value.dtype == object:
                texts.append(name)
            else:
                found[name] = np.asarray(value, dtype=float)
        self._note(
            "text",
            texts,
            f"not analysed at stage '{stage}': the values are texts",
            f"“{STAGE_WORDS[stage]}”阶段不作分析：指标值为文字",
        )
        return found

    def _direction(self, stage: Stage, name: str, values: Array) -> int:
        if stage == "points":
            return 1
        gamma = agreement(values, self._points(name))
        return 0 if not abs(gamma) >= CLEAR else 1 if gamma > 0 else -1

    def _row(self, stage: Stage, name: str, values: Array, direction: int) -> IndicatorRow:
        found, limits = describe(values), self.limits
        flags = []
        if found.constant:
            flags.append("constant")
        if found.n < limits.available * (found.n + found.missing):
            flags.append("missing")
        if not found.constant and found.zeros > limits.zeros:
            flags.append("zeros")
        elif not found.constant and found.same > limits.same:
            flags.append("same")
        heavy = Shape(found.skewness, found.kurtosis).has_outliers(limits.skewness, limits.kurtosis)
        if heavy and found.distinct > 2 and stage != "points":
            flags.append("outliers")
        return IndicatorRow(stage, name, self.parent[name], direction, found, tuple(flags))

    # ------------------------------------------------------------ pairs

    def _pairs(
        self, stage: Stage, methods: Sequence[Method], series: Mapping[str, Array]
    ) -> Iterator[Pair]:
        listed = [*self._related(series)]
        for method in methods:
            for first, second, relation in listed:
                found = correlate(series[first], series[second], method)
                flag = self._flag(relation, found.r)
                yield Pair(stage, method, first, second, relation, found.r, found.n, found.p, flag)

    def _related(self, series: Mapping[str, Array]) -> Iterator[tuple[str, str, str]]:
        there = [name for name in self.indicators if name in series]
        for first, second in combinations(there, 2):
            same = self.parent[first] == self.parent[second]
            yield first, second, "siblings" if same else "across"
        for members in self.children.values():
            for first, second in combinations([m for m in members if m in series], 2):
                if first in self.children or second in self.children:
                    yield first, second, "siblings"
        for name in self.parent:
            above, relation = self.parent[name], "parent"
            while name in series and above:
                yield name, above, relation
                above, relation = self.parent.get(above, ""), "ancestor"

    def _flag(self, relation: str, r: float) -> str:
        if relation == "parent":
            return "weak" if r < self.limits.weak else ""
        if relation != "ancestor" and abs(r) >= self.limits.collinear:
            return "collinear"
        return "negative" if relation == "siblings" and r <= self.limits.negative else ""

    # ------------------------------------------------------------ nodes

    def _nodes(self, stage: Stage, series: Mapping[str, Array]) -> Iterator[NodeRow]:
        for node, children in self.children.items():
            below = tuple(self._below(node))
            row = self._node(stage, node, "children", children, series)
            if row is not None:
                yield row
            if below != children:
                row = self._node(stage, node, "indicators", below, series)
                if row is not None:
                    yield row

    def _node(
        self, stage: Stage, node: str, of: str, items: Sequence[str], series: Mapping[str, Array]
    ) -> NodeRow | None:
        names = [
            name
            for name in items
            if name in series and not np.isnan(series[name]).all() and not is_constant(series[name])
        ]
        if len(names) < 2:
            return None
        known = complete(np.array([series[name] for name in names]))
        n_regions = known.shape[1]
        self.fewest_known[node] = max(n_regions, self.fewest_known.get(node, 0))
        if n_regions < FEWEST:
            self._note(
                "too-few",
                [node],
                f"no alpha and no components of the {of} at stage '{stage}': only {n_regions} "
                f"region(s) have them all, at least {FEWEST} are needed",
                f"“{STAGE_WORDS[stage]}”阶段不计算 alpha 与主成分：只有 {n_regions} 个地区各项俱全，至少需要 {FEWEST} 个",
            )
            return None
        varies = [not is_constant(row) for row in known]
        lost = [name for name, kept in zip(names, varies, strict=True) if not kept]
        self._note(
            "constant",
            lost,
            f"constant in the {n_regions} regions with every value of '{node}', so left out of its "
            f"alpha and components at stage '{stage}'",
            f"在“{node}”各项俱全的 {n_regions} 个地区中为常数，“{STAGE_WORDS[stage]}”阶段的 alpha 与主成分不含该指标",
        )
        names = [name for name, kept in zip(names, varies, strict=True) if kept]
        if len(names) < 2:
            return None
        known = known[varies]
        scaled = known - known.mean(axis=1, keepdims=True)
        scaled = scaled / scaled.std(axis=1, keepdims=True)
        correlation = np.clip(scaled @ scaled.T / n_regions, -1, 1)
        np.fill_diagonal(correlation, 1.0)
        return NodeRow(
            stage,
            node,
            of,
            tuple(names),
            n_regions,
            reliability(np.cov(known)),
            reliability(correlation),
            principal_components(correlation),
            adequacy(correlation, n_regions),
        )

    def _refuse(self, stages: tuple[Stage, ...]) -> None:
        """Stop where no node could be looked at because too few regions are complete."""
        best = max(self.fewest_known.values(), default=0)
        if best >= FEWEST:
            return
        last = {name: describe(self._points(name)) for name in self.indicators}
        worst = sorted(last, key=lambda name: (last[name].n, self.indicators.index(name)))[:5]
        listed = ", ".join(f"{name} ({last[name].n})" for name in worst)
        total = self.evaluation.score.size
        raise InputError(
            Mistake.at(
                f"nothing to analyse below '{self.top}' ({', '.join(stages)}): no node has {FEWEST} "
                f"regions with all its values that differ; {total} region(s) in all, known points: "
                f"{listed}. Take more regions, or another `--node`",
                f"“{self.top}”之下无法分析（{'、'.join(STAGE_WORDS[stage] for stage in stages)}）：没有一个节点有 {FEWEST} 个各项俱全且取值不同的地区；"
                f"共 {total} 个地区，有得分的地区数：{listed}。请增加地区，或换一个 --node",
            )
        )

    # ------------------------------------------------------------ what matters

    def _matters(self, series: Mapping[str, Array]) -> tuple[Matter, ...]:
        target = series[self.top]
        there = [name for name in self.indicators if name in series]
        found = {name: importance(series[name], target) for name in there}
        total = sum(value for value in found.values() if value == value)
        return tuple(
            Matter(
                name,
                self._weight(name),
                correlate(series[name], target).r ** 2,
                found[name],
                found[name] / total if total else float("nan"),
            )
            for name in there
        )

    def _weight(self, name: str) -> float:
        """The product of the weights above an indicator, the mean where regions differ."""
        shares = 1.0
        while name != self.top:
            above = self.parent[name]
            node = self.evaluation.nodes[ROOT if above == SCORE else above]
            own = node.shares[node.children.index(name)]
            shares = shares * np.nan_to_num(own)
            name = above
        return float(np.mean(shares))

    # ------------------------------------------------------------ notes

    def _note(self, kind: str, names: Sequence[str], en: str, zh: str) -> None:
        if names:
            self.notes.append(Note(kind, en, zh, len(names), ", ".join(names)))

    def _note_constants(self, stage: Stage, series: Mapping[str, Array]) -> None:
        self._note(
            "constant",
            [name for name, values in series.items() if is_constant(values)],
            f"constant at stage '{stage}', so without correlations",
            f"“{STAGE_WORDS[stage]}”阶段为常数，没有相关系数",
        )
        self._note(
            "no-values",
            [name for name, values in series.items() if np.isnan(values).all()],
            f"without any value at stage '{stage}'",
            f"“{STAGE_WORDS[stage]}”阶段没有任何值",
        )

    def _note_directions(self, stage: Stage, directions: Mapping[str, int]) -> None:
        self._note(
            "turned",
            [name for name, direction in directions.items() if direction < 0],
            f"turned around at stage '{stage}', since points fall as the value rises",
            f"“{STAGE_WORDS[stage]}”阶段反向处理，因为指标值越大得分越低",
        )
        self._note(
            "direction",
            [name for name, direction in directions.items() if direction == 0],
            f"without a clear direction at stage '{stage}' (points neither rise nor fall with the "
            "value), so not turned around",
            f"“{STAGE_WORDS[stage]}”阶段方向不明（得分与指标值没有一致的升降关系），未作反向处理",
        )
