"""What regions are compared with where a panel's periods are not each by itself.

A first pass over all periods gathers the values of the indicators whose rules compare regions. With
`pooled` all periods stand together, with `base` those of one period; every period is then measured
by them. Data treatment of pooled periods treats them as one table as well, so that one shape of the
values decides and one limit holds for all periods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reliefperf.errors import InputError, Note, suggestion
from reliefperf.evaluation.indicators import fill_value, full_marks_of
from reliefperf.evaluation.scoring.others import Reference, labels_of, make_reference
from reliefperf.evaluation.scoring.relative import Relative
from reliefperf.evaluation.source import Source
from reliefperf.evaluation.treatment.treating import Treated, treat
from reliefperf.model.environment import Array, Column, Environment, text_column
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import EvaluationSpec, NodeSpec


@dataclass(frozen=True)
class References:
    """What each indicator is compared with, by id.

    Where pooled periods were treated as one table, also the period's treated values, and what was
    noted on the way to them.
    """

    of: Mapping[str, Reference]
    treated: Treated | None = None
    notes: tuple[Note, ...] = ()


def gather(model: Model, envs: Sequence[Environment]) -> list[References] | None:
    """The references of every period; None where each period is by itself.

    `envs` are the periods before any is scored; what is noted in them does not reach the results
    (but for `notes`), since it comes again when each is scored. Raises InputError for a base period
    that is not there.
    """
    spec = model.spec.evaluation
    if spec is None or spec.panel.normalise == "each":
        return None
    if spec.panel.normalise == "base":
        base = _base(model, envs, str(spec.panel.base))
        treated = treat(model, base, spec, Source(model, base, {}))
        found = _references(model, spec, [base], [treated])
        return [References(found)] * len(envs)
    said = [len(env.notes) for env in envs]
    whole = _treated_together(model, spec, envs)
    notes = [tuple(env.notes[count:]) for env, count in zip(envs, said, strict=True)]
    found = _references(model, spec, envs, whole)
    return [
        References(found, treated, after if treated is not None else ())
        for treated, after in zip(whole, notes, strict=True)
    ]


def _base(model: Model, envs: Sequence[Environment], base: str) -> Environment:
    for env in envs:
        if env.period == base:
            return env
    en, zh = suggestion(base, [env.period for env in envs])
    raise InputError(
        model.document.mistake(
            ("evaluation", "panel", "base"),
            f"the data have no period '{base}'{en}",
            f"数据中没有“{base}”这一期{zh}",
        )
    )


def _references(
    model: Model,
    spec: EvaluationSpec,
    envs: Sequence[Environment],
    treated: Sequence[Treated | None],
) -> dict[str, Reference]:
    return {
        node.id: _reference(model, spec, node, node.score, envs, treated)
        for node in spec.nodes()
        if isinstance(node.score, Relative)
    }


def _reference(
    model: Model,
    spec: EvaluationSpec,
    node: NodeSpec,
    rule: Relative,
    envs: Sequence[Environment],
    treated: Sequence[Treated | None],
) -> Reference:
    """The values of one indicator in some periods, by group."""
    values: list[Array] = []
    names: list[str | None] = []
    for env, after in zip(envs, treated, strict=True):
        out = None if after is None else after.regions_out
        value = Source(model, env, {}, after).value_of(node)
        x = env.full(np.asarray(fill_value(model, env, node, value, out)[0], dtype=float))
        values.append(x)
        if rule.by is not None:
            scale = full_marks_of(model, env, spec.scale, 1.0)
            env.columns["value"] = x
            env.columns["full_marks"] = np.asarray(full_marks_of(model, env, node.points, scale))
            names += labels_of(model.compiled(rule.by).full(env))
            del env.columns["value"], env.columns["full_marks"]
    whole = np.concatenate(values)
    regions: dict[str, float] = {}
    if len(envs) == 1:
        regions = dict(zip(envs[0].codes, whole.tolist(), strict=True))
    if rule.by is None:
        return make_reference(whole, np.zeros(whole.shape, dtype=np.int64), None, regions)
    labels = tuple(sorted({name for name in names if name is not None}))
    place = {label: number for number, label in enumerate(labels)}
    groups = np.array([-1 if name is None else place[name] for name in names], dtype=np.int64)
    return make_reference(whole, groups, labels, regions)


@dataclass(frozen=True)
class _Together:
    """The values of the indicators of all periods, one period after the other."""

    model: Model
    envs: Sequence[Environment]

    def value_of(self, node: NodeSpec) -> Column:
        """Shape (n_rows,), a row for each region and period."""
        return np.concatenate([Source(self.model, env, {}).value_of(node) for env in self.envs])

    def is_out(self, indicator: str) -> bool:
        """No indicator is left out."""
        return False


def _treated_together(
    model: Model, spec: EvaluationSpec, envs: Sequence[Environment]
) -> Sequence[Treated | None]:
    together = _one_table(envs)
    treated = treat(model, together, spec, _Together(model, envs))
    if treated is None:
        return [None] * len(envs)
    starts = np.cumsum([0, *(env.n_regions for env in envs)])
    return [treated.of_regions(np.arange(start, end)) for start, end in pairwise(starts.tolist())]


def _one_table(envs: Sequence[Environment]) -> Environment:
    """All periods as one, its rows named `code (period)`; what is noted of it stands in the first."""
    codes = tuple(f"{code} ({env.period})" for env in envs for code in env.codes)
    columns: dict[str, Column] = {}
    for name in envs[0].columns:
        columns[name] = _joined([env.columns[name] for env in envs], envs)
    return Environment(codes, columns, notes=envs[0].notes)


def _joined(parts: Sequence[Column], envs: Sequence[Environment]) -> Column:
    first = parts[0]
    if first.ndim == 0 and all(part.ndim == 0 and part[()] == first[()] for part in parts):
        return first
    whole = [env.full(part) for part, env in zip(parts, envs, strict=True)]
    if first.dtype == object:
        return text_column([cell for part in whole for cell in part])
    return np.concatenate(whole)
