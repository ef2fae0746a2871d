"""The change of a score between two years, split exactly: values, rules and weights by indicator.

An indicator's part of the score is what is at stake (its full marks in the score, which follow from
the weights) times the part of it that was earned (which follows from the values and the rules). The
change of a product is split evenly between its factors, and what was earned is split between values
and rules by scoring each year's values under the other year's rules as well: twice the Shapley value
of two causes, the second within the first (not that of three causes at once, which differs where
values and rules act on each other). The parts add up to the change exactly.

Source: Shapley (1953); Shorrocks (2013), "Decomposition procedures for distributional analysis: a
unified framework based on the Shapley value", Journal of Economic Inequality 11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.data.environments import compute_derived
from reliefperf.errors import InputError, Mistake
from reliefperf.evaluation.evaluate import Evaluation, evaluate
from reliefperf.evaluation.reference import References
from reliefperf.model.building import REGION_COLUMNS
from reliefperf.model.environment import Array, Column, Environment
from reliefperf.model.model import Model
from reliefperf.model.numbers import ANY_SIZE, snap, to_places
from reliefperf.scenarios.results.contributions import Part, contributions
from reliefperf.scenarios.running import PeriodRun

if TYPE_CHECKING:
    import pandas as pd

PLACES = 6
CAUSES = ("values", "rules", "weights", "structure")
HEADER = ["region", "item", *CAUSES, "change"]


@dataclass(frozen=True)
class ItemChange:
    """One row of a region: what an indicator or adjustment added to the change of the score.

    `structure` is the whole part of an indicator or adjustment that only one of the two years has,
    and the change of adjustments, limits, ways of combining and rounding.
    """

    item: str
    values: Decimal
    rules: Decimal
    weights: Decimal
    structure: Decimal

    @property
    def change(self) -> Decimal:
        """The sum of the causes."""
        return self.values + self.rules + self.weights + self.structure


@dataclass(frozen=True)
class ScoreChange:
    """The change of one region's score; the rows add up to `after` - `before`."""

    region: str
    before: Decimal
    after: Decimal
    rows: tuple[ItemChange, ...]


@dataclass(frozen=True)
class Decomposition:
    """The changes of all regions that both years score.

    `separable` is False where one year's values could not be scored under the other's rules, so
    that both causes stand under `values`; `why` says what was lacking (English, Chinese).
    """

    regions: tuple[ScoreChange, ...]
    separable: bool
    why: tuple[str, str] | None = None

    def of(self, region: str) -> ScoreChange:
        """The change of one region; raises InputError if one of the years has no score for it."""
        for found in self.regions:
            if found.region == region:
                return found
        raise InputError(
            Mistake.at(
                f"region '{region}' has no score in one of the two years",
                f"地区“{region}”在两年之一没有得分",
            )
        )

    def rows(self) -> Iterator[tuple[str | Decimal, ...]]:
        """Rows of plain cells under HEADER."""
        for found in self.regions:
            for row in found.rows:
                causes = (row.values, row.rules, row.weights, row.structure)
                yield (found.region, row.item, *causes, row.change)

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a data frame of decimals."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=HEADER)


def decompose(first: tuple[Model, PeriodRun], second: tuple[Model, PeriodRun]) -> Decomposition:
    """Split the change of every region's score from the first year to the second."""
    before, after = _Side(*first), _Side(*second)
    crossed, why = _crossed(before, after)
    codes = [code for code in before.evaluation.codes if code in set(after.evaluation.codes)]
    at_before = _places(before.evaluation, codes)
    at_after = _places(after.evaluation, codes)
    columns = _columns(before, after, crossed, at_before, at_after)
    regions = []
    for i, code in enumerate(codes):
        start = float(before.evaluation.score[at_before[i]])
        end = float(after.evaluation.score[at_after[i]])
        if start == start and end == end:
            regions.append(_region(code, snap(start), snap(end), columns, i))
    return Decomposition(tuple(regions), crossed is not None, why)


class _Side:
    """One year: its model, its results and the rows that make up its scores."""

    def __init__(self, model: Model, period: PeriodRun) -> None:
        assert period.evaluation is not None
        self.model = model
        self.env = period.env
        self.evaluation: Evaluation = period.evaluation
        self.parts: dict[str, Part] = {part.id: part for part in contributions(self.evaluation)}


def _places(evaluation: Evaluation, codes: list[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    places = {code: place for place, code in enumerate(evaluation.codes)}
    return np.array([places[code] for code in codes], dtype=np.int64)


Crossed = tuple[Evaluation, Evaluation]
"""The first year's values under the second's rules, and the other way round."""


def _crossed(before: _Side, after: _Side) -> tuple[Crossed | None, tuple[str, str] | None]:
    if _same_rules(before, after):
        return (before.evaluation, after.evaluation), None
    try:
        return (_scored(after, before), _scored(before, after)), None
    except _LackingError as error:
        return None, (error.en, error.zh)
    except InputError as error:
        mistake = error.mistakes[0]
        return None, (mistake.en, mistake.zh)


def _same_rules(before: _Side, after: _Side) -> bool:
    if before.model.document.data != after.model.document.data:
        return False
    return all(
        bool(np.array_equal(before.env.columns[name], after.env.columns[name]))
        for name in before.model.spec.parameters
    )


class _LackingError(Exception):
    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


def _scored(rules: _Side, values: _Side) -> Evaluation:
    """One side's values under the other side's rules."""
    columns: dict[str, Column] = {name: values.env.columns[name] for name in REGION_COLUMNS}
    for name in rules.model.spec.variables:
        if name not in values.model.spec.variables:
            raise _LackingError(
                f"the variable '{name}' is not in the data of both years",
                f"变量“{name}”并非两年数据都有",
            )
        columns[name] = values.env.columns[name]
    # findings, and self-reported and verified values, under the names of `model.spec_rulebook`
    reported = ("findings(", "self(", "verified(")
    columns |= {k: v for k, v in values.env.columns.items() if k.startswith(reported)}
    for name in rules.env.columns:
        if name.startswith(reported) and name not in columns:
            raise _LackingError(
                f"'{name}' is not in the data of both years", f"“{name}”并非两年数据都有"
            )
    for name in rules.model.spec.parameters:
        columns[name] = rules.env.columns[name]
    env = Environment(values.env.codes, columns, values.env.period)
    env.previous, env.order = values.env.previous, values.env.order
    env.references = _references(rules)
    compute_derived(rules.model, env, 0)
    return evaluate(rules.model, env, values.evaluation.names)


def _references(rules: _Side) -> References | None:
    """What the rules compare regions with: the base or pooled periods of their own panel."""
    found: References | None = rules.env.references
    if found is not None and found.treated is not None:
        raise _LackingError(
            "the periods are pooled and treated as one table, so that another year's values "
            "cannot be put in; what the rules changed stands under values",
            "各期数据合并后一并处理，无法代入另一年的数值；规则变化的影响计入“数值”一栏",
        )
    return found


@dataclass(frozen=True)
class _Column:
    item: str
    causes: Mapping[str, Array]


def _columns(
    before: _Side,
    after: _Side,
    crossed: Crossed | None,
    at_before: np.ndarray[tuple[int], np.dtype[np.int64]],
    at_after: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> list[_Column]:
    """Each item's causes for all regions, shape (n_regions,)."""
    nothing = np.zeros(len(at_before))
    found = []
    for item in dict.fromkeys([*before.parts, *after.parts]):
        old, new = before.parts.get(item), after.parts.get(item)
        was = nothing if old is None else np.nan_to_num(old.points[at_before])
        now = nothing if new is None else np.nan_to_num(new.points[at_after])
        shared = old is not None and new is not None and old.kind == new.kind == "indicator"
        if not shared:
            found.append(_Column(item, {"structure": now - was}))
            continue
        assert old is not None
        assert new is not None
        stake_was, earned_was = _factors(old, at_before)
        stake_now, earned_now = _factors(new, at_after)
        weights = (stake_now - stake_was) * (earned_was + earned_now) / 2
        stake = (stake_was + stake_now) / 2
        rules = nothing
        if crossed is not None:
            old_values = _earned(crossed[0], item, at_before, earned_was)
            new_values = _earned(crossed[1], item, at_after, earned_now)
            rules = stake * ((old_values - earned_was) + (earned_now - new_values)) / 2
        values = (now - was) - weights - rules
        found.append(_Column(item, {"values": values, "rules": rules, "weights": weights}))
    return found


def _factors(part: Part, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[Array, Array]:
    """What is at stake, and the part of it that was earned."""
    stake = np.nan_to_num(part.full_marks[places])
    points = np.nan_to_num(part.points[places])
    earned = np.divide(points, stake, out=np.zeros(stake.shape), where=stake > 0)
    return stake, earned


def _earned(
    evaluation: Evaluation,
    item: str,
    places: np.ndarray[tuple[int], np.dtype[np.int64]],
    otherwise: Array,
) -> Array:
    """The part of an indicator's full marks that was earned; `otherwise` where it is missing."""
    indicator = evaluation.indicators[item]
    earned = indicator.points[places] / indicator.full_marks
    return np.where(np.isnan(earned), otherwise, earned)


def _region(
    code: str, before: Decimal, after: Decimal, columns: list[_Column], at: int
) -> ScoreChange:
    rows: list[ItemChange] = []
    total = Decimal(0)
    for column in columns:
        causes = {
            name: ANY_SIZE.plus(to_places(values[at], PLACES))
            for name, values in column.causes.items()
        }
        if not any(causes.values()):
            continue
        row = ItemChange(column.item, *(causes.get(name, Decimal(0)) for name in CAUSES))
        total += row.change
        rows.append(row)
    rest = (after - before) - total
    if rest:
        rows.append(ItemChange("rounding", Decimal(0), Decimal(0), Decimal(0), rest))
    return ScoreChange(code, before, after, tuple(rows))
