"""What would lift a region to the next grade: one indicator alone, or the least change of several.

Changes are measured in standard deviations of the indicator among the regions, so that percent and
cases can be compared; a step to another state counts as one. Everything else is held as it is:
the other regions, the rules and the weights. Each answer is checked by scoring the region anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.model.environment import Array
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import NodeSpec
from reliefperf.scenarios.explaining.trials import Trials, Value
from reliefperf.scenarios.running import PeriodRun

GRID = 160
"""How many values of an indicator are tried at once where regions do not depend on each other."""
COARSE_GRID = 12
"""How many are tried where every trial scores all regions anew."""
NARROWING = 3
"""How often the interval between a value that fails and one that lifts is divided anew."""
MOST_OPTIONS = 40
"""Values of one indicator that the least change of several chooses from."""


@dataclass(frozen=True)
class Step:
    """One indicator's change; `cost` in standard deviations, `gain` in points of the score."""

    indicator: str
    before: Value | None
    after: Value
    cost: float
    gain: float


@dataclass(frozen=True)
class Lift:
    """The ways to the next grade, the cheapest first; `obstacles` are why there is none."""

    grade: str | None
    target: str | None
    score: float
    singles: tuple[Step, ...] = ()
    together: tuple[Step, ...] = ()
    obstacles: tuple[tuple[str, str], ...] = ()


def lift(model: Model, period: PeriodRun, code: str) -> Lift:
    """The ways of one region to the next grade."""
    evaluation, spec = period.evaluation, model.spec.evaluation
    assert evaluation is not None
    assert spec is not None
    at = evaluation.codes.index(code)
    score = float(evaluation.score[at])
    grade = None if evaluation.grade is None else evaluation.grade[at]
    grades = [band.grade for band in spec.grades.bands] if spec.grades is not None else []
    if grade is None:
        said = ("the region has no grade", "该地区没有等次")
        return Lift(None, None, score, obstacles=(said,))
    place = grades.index(grade)
    if place == 0:
        said = ("the region has the best grade", "该地区已是最高等次")
        return Lift(grade, None, score, obstacles=(said,))
    target = grades[place - 1]
    held = tuple(_holding_back(evaluation, at, grades, place - 1))
    if held:
        return Lift(grade, target, score, obstacles=held)
    singles, together = _ways(_Search(model, period, at, place - 1))
    obstacles: tuple[tuple[str, str], ...] = ()
    if not singles and not together:
        obstacles = (
            (
                "no values like those of other regions lift it: the grade depends on more than the "
                "indicators, or the way is too far",
                "在各地区已有取值的范围内无法升等：等次还取决于其他条件，或差距过大",
            ),
        )
    return Lift(grade, target, score, singles, together, obstacles)


def lift_to_score(model: Model, period: PeriodRun, code: str, least: float) -> Lift:
    """The ways of one region to a score, without regard to grades; no ways where none was found."""
    evaluation = period.evaluation
    assert evaluation is not None
    at = evaluation.codes.index(code)
    singles, together = _ways(_Search(model, period, at, 0, least))
    return Lift(None, None, float(evaluation.score[at]), singles, together)


def _ways(search: _Search) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Single indicators that are enough, the cheapest first, and the least change of several."""
    singles = sorted(filter(None, map(search.alone, search.changeable)), key=_order)
    together = search.together()
    if singles and sum(step.cost for step in together) >= singles[0].cost:
        together = (singles[0],)
    return tuple(singles), together


def _order(step: Step) -> tuple[float, str]:
    return (step.cost, step.indicator)


def _holding_back(
    evaluation: Evaluation, at: int, grades: Sequence[str], target: int
) -> list[tuple[str, str]]:
    """The vetoes and caps that keep a region below the target whatever its score."""
    found = []
    for effect in evaluation.effects:
        item = effect.spec
        if item is None or not effect.applies[at] or not (item.veto or item.cap_grade):
            continue
        place = len(grades) - 1 if item.cap_grade is None else grades.index(item.cap_grade)
        if place > target:
            found.append(
                (
                    f"'{effect.id}' holds the grade down whatever the score",
                    f"“{effect.id}”限定了等次，与得分无关",
                )
            )
    return found


class _Search:
    """Trials of other values for one region."""

    def __init__(
        self, model: Model, period: PeriodRun, at: int, target: int, least: float | None = None
    ) -> None:
        self.trials = Trials(model, period, at, target, least)
        self.model = model
        self.evaluation = self.trials.evaluation
        self.at = at
        self.changeable = [
            name
            for name, indicator in self.evaluation.indicators.items()
            if indicator.present is None or indicator.present[at]
        ]
        self.tried: dict[str, list[tuple[Value, float]]] = {}

    # ------------------------------------------------------------ one indicator alone

    def alone(self, name: str) -> Step | None:
        """The least change of one indicator that lifts the region, if there is one."""
        candidates = self._candidates(name)
        if not candidates:
            return None
        scores, reached = self.trials.outcomes([{name: value} for value in candidates])
        self.tried[name] = list(zip(candidates, scores.tolist(), strict=True))
        if not reached.any():
            return None
        before = self._before(name)
        good = [value for value, good in zip(candidates, reached, strict=True) if good]
        best = min(good, key=lambda value: self._cost(name, value))
        if isinstance(best, float) and isinstance(before, float) and not self._is_whole(name):
            best = self._narrowed(name, before, best)
        score, _ = self.trials.outcomes([{name: best}])
        return Step(name, before, best, self._cost(name, best), float(score[0]) - self.start)

    @property
    def start(self) -> float:
        """The score before adjustments as it is."""
        return float(self.evaluation.tree_score[self.at])

    def _narrowed(self, name: str, before: float, after: float) -> float:
        """A short number close to the least change that still lifts the region."""
        failing, lifting = before, after
        for _ in range(NARROWING if self.trials.in_one_go else 2 * NARROWING):
            n_steps = GRID if self.trials.in_one_go else COARSE_GRID
            steps = np.linspace(failing, lifting, n_steps + 1)[1:].tolist()
            _, reached = self.trials.outcomes([{name: value} for value in steps])
            if not reached.any():
                return lifting
            first = int(np.argmax(reached))
            failing, lifting = (steps[first - 1] if first else failing), steps[first]
        upward = lifting > before
        for decimals in range(8):
            scale = 10.0**decimals
            short = (np.ceil if upward else np.floor)(lifting * scale - (1e-9 if upward else -1e-9))
            candidate = float(short / scale)
            if abs(candidate - lifting) <= 0.02 * max(abs(lifting - before), 1e-12):
                _, reached = self.trials.outcomes([{name: candidate}])
                if reached[0]:
                    return candidate
        return lifting

    def _before(self, name: str) -> Value | None:
        value = self.trials.raw(name)[self.at]
        if value is None or isinstance(value, str):
            return value
        return None if np.isnan(value) else float(value)

    def _spread(self, name: str) -> float:
        column = self.trials.raw(name)
        known = column[~np.isnan(column)]
        spread = float(np.std(known)) if known.size > 1 else 0.0
        return spread if spread > 0 else 1.0  # tiny differences may have none that can be held

    def _cost(self, name: str, value: Value) -> float:
        before = self._before(name)
        if isinstance(value, str) or before is None or isinstance(before, str):
            return 0.0 if value == before else 1.0
        return abs(value - before) / self._spread(name)

    def _is_whole(self, name: str) -> bool:
        column = self.trials.raw(name)
        known = column[~np.isnan(column)]
        return bool(known.size) and bool((known == np.round(known)).all())

    def _candidates(self, name: str) -> list[Value]:
        """Values within reach of those that regions have, on both sides of the region's own."""
        column = self.trials.raw(name)
        node = self.evaluation.indicators[name].node
        if column.dtype == object:
            texts = {value for value in column if value is not None}
            texts |= {key for key in getattr(node.score, "states", {}) if isinstance(key, str)}
            return sorted(texts - {column[self.at]})
        known = column[~np.isnan(column)]
        if not known.size:
            return []
        low, high = self._range(node, known)
        n_steps = GRID if self.trials.in_one_go else COARSE_GRID
        steps = np.linspace(low, high, n_steps)
        if self._is_whole(name):
            steps = np.unique(np.round(steps))
        seen = np.unique(known)
        if self.trials.in_one_go:
            steps = np.union1d(steps, seen[np.linspace(0, len(seen) - 1, n_steps).astype(int)])
        return [float(value) for value in steps if value != column[self.at]]

    def _range(self, node: NodeSpec, known: Array) -> tuple[float, float]:
        """As far again as the values of the regions go, within what the value can be."""
        low, high = float(known.min()), float(known.max())
        width = (high - low) or max(abs(high), 1.0)
        lowest, highest = -np.inf, np.inf
        variable = self._variable(node.value)
        if variable is not None and variable in self.model.spec.variables:
            spec = self.model.spec.variables[variable]
            lowest = spec.min if spec.min is not None else lowest
            highest = spec.max if spec.max is not None else highest
            if spec.type == "boolean":
                lowest, highest = 0.0, 1.0
        if low >= 0:
            lowest = max(lowest, 0.0)
        if node.unit == "%" and high <= 100:
            highest = min(highest, 100.0)
        return max(low - width, lowest), min(high + width, highest)

    @staticmethod
    def _variable(value: Expr | None) -> str | None:
        return value.text if value is not None and value.text in value.names else None

    # ------------------------------------------------------------ several at once

    def together(self) -> tuple[Step, ...]:
        """The least total change that lifts the region; () if none was found.

        Chooses among the values tried for each indicator, at least total cost for the points
        needed; where the points do not simply add up, more is asked for until the trial succeeds.
        """
        need = self._need()
        if need is None:
            return ()
        spec = self.model.spec.evaluation
        assert spec is not None
        options = {name: self._worth_it(name, tried) for name, tried in self.tried.items()}
        options = {name: found for name, found in options.items() if found}
        unit = 10.0**-spec.decimals if spec.decimals is not None else 0.0
        # a score that is rounded may be lifted by less than it lacks
        asked = [need - unit, need - unit / 2] if unit else []
        for points in (*asked, *(need * factor for factor in (1.0, 1.02, 1.1, 1.3, 1.7))):
            chosen = _cheapest(options, points)
            if chosen is None:
                return ()
            _, reached = self.trials.outcomes([{name: step[0] for name, step in chosen.items()}])
            if reached[0]:
                steps = [
                    Step(name, self._before(name), value, self._cost(name, value), gain)
                    for name, (value, _, gain) in self._shortened(chosen).items()
                ]
                return tuple(sorted(steps, key=_order))
        return ()

    def _shortened(
        self, chosen: dict[str, tuple[Value, float, float]]
    ) -> dict[str, tuple[Value, float, float]]:
        """The last change made no greater than it must be, where it is a number without steps."""
        values: dict[str, Value] = {name: option[0] for name, option in chosen.items()}
        for name in sorted(chosen, key=lambda name: -chosen[name][1]):
            before, after = self._before(name), values[name]
            if isinstance(before, str) or before is None or isinstance(after, str):
                continue
            if self._is_whole(name):
                continue
            steps = np.linspace(before, after, COARSE_GRID + 1)[1:].tolist()
            for _ in range(2 * NARROWING):
                _, reached = self.trials.outcomes([{**values, name: value} for value in steps])
                first = int(np.argmax(reached))
                below = steps[first - 1] if first else before
                after = steps[first]
                steps = np.linspace(below, after, COARSE_GRID + 1)[1:].tolist()
            score, _ = self.trials.outcomes([{name: after}])
            gain = float(score[0]) - self.start
            return {**chosen, name: (after, self._cost(name, after), gain)}
        return chosen

    def _need(self) -> float | None:
        """The points by which the region misses the target, judged by those who have it."""
        if self.trials.least is not None:
            return self.trials.least - float(self.evaluation.score[self.at])
        spec = self.model.spec.evaluation
        assert spec is not None
        assert spec.grades is not None
        band = spec.grades.bands[self.trials.target]
        limits = [
            float(self.trials.env.full(self.model.compiled(expr)(self.trials.env))[self.at])
            for expr in (band.at_least, band.above)
            if expr is not None
        ]
        if limits:
            return max(limits) - float(self.evaluation.score[self.at])
        assert self.evaluation.grade is not None
        have = [
            float(score)
            for score, grade in zip(self.evaluation.score, self.evaluation.grade, strict=True)
            if grade is not None and self.trials.places[grade] <= self.trials.target
        ]
        return min(have) - float(self.evaluation.score[self.at]) if have else None

    def _worth_it(
        self, name: str, tried: list[tuple[Value, float]]
    ) -> list[tuple[Value, float, float]]:
        """The values that give more than every cheaper one: (value, cost, gain)."""
        options = sorted(
            (self._cost(name, value), -(score - self.start), str(value), value)
            for value, score in tried
            if score > self.start
        )
        kept: list[tuple[Value, float, float]] = []
        for cost, loss, _, value in options:
            if not kept or -loss > kept[-1][2] + 1e-12:
                kept.append((value, cost, -loss))
        if len(kept) > MOST_OPTIONS:
            places = np.linspace(0, len(kept) - 1, MOST_OPTIONS).astype(int)
            kept = [kept[place] for place in places]
        return kept


def _cheapest(
    options: Mapping[str, list[tuple[Value, float, float]]], need: float
) -> dict[str, tuple[Value, float, float]] | None:
    """At most one option an indicator, gains that reach `need`, at the least total cost."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    listed = [(name, option) for name, found in sorted(options.items()) for option in found]
    if not listed:
        return None
    names = sorted(options)
    costs = np.array([option[1] for _, option in listed])
    gains = np.array([option[2] for _, option in listed])
    one_each = np.zeros((len(names), len(listed)))
    for column, (name, _) in enumerate(listed):
        one_each[names.index(name), column] = 1.0
    found = milp(
        costs,
        integrality=np.ones(len(listed), dtype=int),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(one_each, -np.inf, 1),
            LinearConstraint(gains[None, :], need, np.inf),
        ],
    )
    if found.x is None:
        return None
    return {
        name: option for (name, option), taken in zip(listed, found.x, strict=True) if taken > 0.5
    }
