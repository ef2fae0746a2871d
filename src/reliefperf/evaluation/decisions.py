"""Points changed by hand: rows beside the rules' own points, held within full marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.errors import InputError, Mistake
from reliefperf.evaluation.effects import Adjusted, Ruling
from reliefperf.model.decided import Decided
from reliefperf.model.environment import Array, Environment
from reliefperf.model.spec_rulebook import DecisionsSpec

if TYPE_CHECKING:
    from reliefperf.evaluation.evaluate import Node
    from reliefperf.evaluation.indicators import Indicator

SCORE = "score"


def decide_indicators(
    env: Environment,
    spec: DecisionsSpec | None,
    indicators: Mapping[str, Indicator],
    nodes: Mapping[str, Node],
    score: Array,
    without: frozenset[str] = frozenset(),
) -> list[Adjusted]:
    """The effect on the score of each decision on an indicator's points; none for those `without`.

    The indicators keep their points; what comes after the tree sees the decided ones in `env`, for
    the indicator and every group above it. Raises InputError where an indicator has no points in
    the region, or where its part of the score is no multiple of its points.
    """
    effects: list[Adjusted] = []
    besides = {*without, SCORE}
    asked = [row for row in env.decided if row.change is not None and row.target not in besides]
    if not asked or spec is None:
        return effects
    above = {child: node for node in nodes.values() for child in node.children}
    for place, row in _placed(env, asked):
        indicator = indicators[row.target]
        points = env.columns[row.target]
        own = float(indicator.points[place])
        _refuse_without_points(row, own, float(score[place]))
        low, high = min(0.0, own), max(indicator.full_marks, own)
        ruling = _rule(env, spec, row, float(points[place]), low, high)
        factor, name = 1.0, row.target
        _add(env, name, place, ruling.after - ruling.before)
        while name in above:
            node = above[name]
            factor *= _share(node, name, place, row, indicators, nodes)
            name = node.id
            if name:
                _add(env, name, place, factor * (ruling.after - ruling.before))
        change = factor * (ruling.after - ruling.before)
        _append(effects, row, place, change, ruling, env.n_regions)
    return effects


def decide_score(
    env: Environment, spec: DecisionsSpec | None, score: Array, full: float
) -> tuple[Array, list[Adjusted]]:
    """The score after the decisions on it, and the effect of each.

    Raises InputError where a region has no score.
    """
    effects: list[Adjusted] = []
    asked = [row for row in env.decided if row.change is not None and row.target == SCORE]
    if not asked or spec is None:
        return score, effects
    after = np.array(score)
    for place, row in _placed(env, asked):
        before = float(after[place])
        _refuse_without_points(row, before, before)
        own = float(score[place])
        ruling = _rule(env, spec, row, before, min(0.0, own), max(full, own))
        after[place] = ruling.after
        _append(effects, row, place, ruling.after - before, ruling, env.n_regions)
    return after, effects


def _placed(env: Environment, rows: list[Decided]) -> list[tuple[int, Decided]]:
    """Each decision with the places of its region; trials hold one region many times."""
    places: dict[str, list[int]] = {}
    for at, code in enumerate(env.codes):
        places.setdefault(code, []).append(at)
    return [(at, row) for row in rows for at in places.get(row.region, ())]


def _rule(
    env: Environment, spec: DecisionsSpec, row: Decided, before: float, low: float, high: float
) -> Ruling:
    assert row.change is not None
    after = before + row.change
    held = after
    if spec.beyond_full == "hold":
        held = min(max(after, low), high)
        where = np.array([code == row.region for code in env.codes])
        env.report(
            "decision-held",
            row.target,
            f"the decision in row {row.row} of {row.source} leads beyond {low:g} to {high:g}, so "
            "only a part of it counts",
            f"{row.source} 第 {row.row} 行的决定超出 {low:g} 至 {high:g}，只计其中一部分",
            where & (held != after),
        )
    return Ruling(row, before, held, held != after)


def _share(
    node: Node,
    child: str,
    place: int,
    row: Decided,
    indicators: Mapping[str, Indicator],
    nodes: Mapping[str, Node],
) -> float:
    """What one point of a child is worth in its parent, in one region."""
    full = indicators[child].full_marks if child in indicators else nodes[child].full_marks
    shares = np.broadcast_to(node.shares, (len(node.children), node.values.size))
    share = float(shares[node.children.index(child), place])
    if not node.is_linear or not share > 0:
        about = f"'{node.id}'" if node.id else "the score"
        about_zh = f"“{node.id}”" if node.id else "总分"
        key = node.steps[0] if node.steps else getattr(node.how, "key", "")
        why = (
            (f"{about} combines its children by `{key}`", f"{about_zh}按 {key} 合成")
            if not node.is_linear
            else (f"'{child}' does not count in {row.region}", f"“{child}”在 {row.region} 不计")
        )
        raise _wrong(
            row,
            f"{why[0]}, so a change of the points of '{row.target}' is no change of the score; "
            "decide on `score`, or correct the variable",
            f"{why[1]}，“{row.target}”的分值变动不能折算为总分；请对 score 作出决定，或更正变量",
        )
    return share * node.full_marks / full


def _refuse_without_points(row: Decided, own: float, score: float) -> None:
    if own == own and score == score:
        return
    raise _wrong(
        row,
        f"'{row.target}' has no points in {row.region} that could be changed; correct the variable",
        f"“{row.target}”在 {row.region} 没有可变动的分值；请更正变量",
    )


def _wrong(row: Decided, en: str, zh: str) -> InputError:
    return InputError(Mistake.at(en, zh, file=row.source, line=row.row, column=row.target))


def _add(env: Environment, name: str, place: int, change: float) -> None:
    column = np.array(env.columns[name])
    column[place] += change
    env.columns[name] = column


def _append(
    effects: list[Adjusted],
    row: Decided,
    place: int,
    change: float,
    ruling: Ruling,
    n_regions: int,
) -> None:
    """Put a ruling into the first effect on its target that has none for the region yet."""
    base = f"decision:{row.target}"
    count = 1
    while True:
        name = base if count == 1 else f"{base}:{count}"
        effect = next((one for one in effects if one.id == name), None)
        if effect is None:
            empty = np.zeros(n_regions)
            effect = Adjusted(name, None, empty, np.zeros(n_regions, dtype=bool), {})
            effects.append(effect)
        if not effect.applies[place]:
            effect.points[place] = change
            effect.applies[place] = True
            effect.rulings[place] = ruling
            return
        count += 1
