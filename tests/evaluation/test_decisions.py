"""Points changed by hand stand beside the rules' points, and everything still adds up."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.scenarios.running import Run
from tests.building import note_kinds, plain_list
from tests.rulebook import DECISIONS, beside, refused, run_beside

MODEL = """\
model: m
language: en
data: {{region: code}}
variables: {{x: {{}}, y: {{}}}}
evaluation:
  scale: 100
  {how}
  {more}
  decisions: {{file: decisions.csv{options}}}
"""
SUM = """\
tree:
    - {id: a, points: 60, value: x, score: as_is}
    - {id: b, points: 40, value: y, score: as_is}"""
MEAN = """\
combine: arithmetic
  tree:
    - id: g
      weight: 0.5
      combine: arithmetic
      children:
        - {id: a, weight: 0.2, value: x, score: as_is}
        - {id: c, weight: 0.8, value: y, score: as_is}
    - {id: b, weight: 0.5, value: y, score: as_is}"""
SAID = ("appeal upheld", "review panel", "2024-03-05")
DATA = {"code": ["A", "B"], "x": [50, 40], "y": [30, 20]}


def decided(
    folder: Path,
    *rows: tuple[object, ...],
    how: str = SUM,
    more: str = "",
    options: str = "",
    data: object = None,
) -> Run:
    beside(folder, "decisions.csv", DECISIONS, *rows)
    text = MODEL.format(how=how, more=more, options=options)
    return run_beside(folder, text, data or DATA)  # type: ignore[arg-type]


def rows_of(run: Run, region: str) -> dict[str, object]:
    return {str(row[1]): row[3] for row in run.points_rows if row[0] == region}


def test_the_original_points_stand_and_a_row_is_added(tmp_path: Path) -> None:
    run = decided(tmp_path, ("A", "", "a", 5, "", *SAID))
    assert rows_of(run, "A") == {"a": 50, "b": 30, "decision:a": 5}
    assert rows_of(run, "B") == {"a": 40, "b": 20}
    assert run.scores["score"].tolist() == [85, 60]
    assert run.scores["a"].tolist() == [50, 40]
    (row,) = [row for row in run.points_rows if row[1] == "decision:a"]
    assert row[-1] == "review panel, 2024-03-05: appeal upheld; +5 points, from 50 to 55"


def test_several_decisions_on_one_target_have_a_row_each(tmp_path: Path) -> None:
    run = decided(tmp_path, ("A", "", "a", 5, "", *SAID), ("A", "", "a", -2, "", *SAID))
    assert rows_of(run, "A") == {"a": 50, "b": 30, "decision:a": 5, "decision:a:2": -2}
    assert run.decisions[["before", "after"]].values.tolist() == [["50", "55"], ["55", "53"]]


@pytest.mark.parametrize(
    ("target", "change", "score", "counts"),
    [("a", 20, 90, 10), ("a", -70, 30, -50), ("score", 30, 100, 20), ("score", -90, 0, -80)],
)
def test_a_decision_does_not_lead_beyond_full_marks_or_zero(
    tmp_path: Path, target: str, change: float, score: float, counts: float
) -> None:
    run = decided(tmp_path, ("A", "", target, change, "", *SAID))
    assert run.scores["score"].tolist()[0] == score
    assert rows_of(run, "A")[f"decision:{target}"] == counts
    assert "decision-held" in note_kinds(run.notes)
    free = decided(tmp_path, ("A", "", target, change, "", *SAID), options=", beyond_full: allow")
    assert free.scores["score"].tolist()[0] == 80 + change
    assert "decision-held" not in note_kinds(free.notes)


def test_points_above_full_marks_by_rule_are_not_cut_by_a_decision(tmp_path: Path) -> None:
    run = decided(tmp_path, ("A", "", "a", -3, "", *SAID), data={**DATA, "x": [70, 40]})
    assert run.scores["score"].tolist()[0] == 97


def test_under_weights_a_point_is_worth_its_weight(tmp_path: Path) -> None:
    run = decided(tmp_path, ("A", "", "a", 10, "", *SAID), how=MEAN)
    assert rows_of(run, "A")["decision:a"] == 1  # 10 x 0.2 x 0.5
    assert run.scores["score"].tolist()[0] == 33
    assert plain_list(run.last.env.columns["a"]) == [60, 40]  # what comes after sees the decision
    assert plain_list(run.last.env.columns["g"]) == pytest.approx([36, 24])


def test_what_comes_after_the_tree_sees_the_decisions(tmp_path: Path) -> None:
    more = """\
adjustments:
    - {id: weak, when: a < 52, deduct: 3}
    - {id: high, when: score > 82, bonus: 1}"""
    run = decided(tmp_path, ("A", "", "a", 5, "", *SAID), more=more)
    assert rows_of(run, "A") == {"a": 50, "b": 30, "decision:a": 5, "high": 1}
    assert rows_of(run, "B") == {"a": 40, "b": 20, "weak": -3}


def test_a_decision_on_the_score_comes_after_set_scores_and_before_limits(tmp_path: Path) -> None:
    more = "adjustments: [{id: closed, when: x == 50, set_score: 0}]\n  max_score: 65"
    rows = (("A", "", "score", 10, "", *SAID), ("B", "", "score", 10, "", *SAID))
    run = decided(tmp_path, *rows, more=more)
    assert run.scores["score"].tolist() == [10, 65]


@pytest.mark.parametrize("how", ["geometric", "harmonic", "minimum"])
def test_below_another_way_of_combining_a_change_of_points_is_refused(
    tmp_path: Path, how: str
) -> None:
    beside(tmp_path, "decisions.csv", DECISIONS, ("A", "", "a", 10, "", *SAID))
    tree = MEAN.replace("combine: arithmetic\n      children", f"combine: {how}\n      children")
    if how == "minimum":
        tree = tree.replace("weight: 0.2, ", "").replace("weight: 0.8, ", "")
    text = MODEL.format(how=tree, more="", options="")
    (found,) = refused(tmp_path, text, DATA)
    assert found[0] == 2
    assert f"'g' combines its children by `{how}`" in found[2]
    assert "decide on `score`" in found[2]


def test_an_indicator_without_points_cannot_be_decided_on(tmp_path: Path) -> None:
    beside(tmp_path, "decisions.csv", DECISIONS, ("A", "", "a", 10, "", *SAID))
    for policy in ("skip", "score_missing"):
        tree = SUM.replace("{id: a,", f"{{id: a, missing: {policy},")
        text = MODEL.format(how=tree, more="", options="")
        (found,) = refused(tmp_path, text, {**DATA, "x": [None, 40]})
        assert "'a' has no points in A that could be changed" in found[2]


def test_a_corrected_value_is_used_and_the_reported_one_stands_beside_it(tmp_path: Path) -> None:
    run = decided(tmp_path, ("B", "", "x", "", 45, *SAID))
    assert run.scores["score"].tolist() == [80, 65]
    assert run.decisions.values.tolist() == [["B", "x", "40", "45", *SAID]]
    assert rows_of(run, "B") == {"a": 45, "b": 20}


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["a", "c", "b", "score"]),
        st.decimals(-120, 120, places=3),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(
    changes=CHANGES,
    values=st.lists(st.floats(0, 100), min_size=12, max_size=12),
    decimals=st.sampled_from(["", "decimals: 2"]),
    shuffle=st.integers(0, 1000),
)
def test_with_decisions_the_rows_still_add_up_and_order_does_not_matter(
    changes: list[tuple[int, str, Decimal]], values: list[float], decimals: str, shuffle: int
) -> None:
    codes = [f"c{i}" for i in range(6)]
    rows = [(codes[i], "", target, change, "", *SAID) for i, target, change in changes]
    more = f"adjustments: [{{id: more, bonus: 0.1 * y}}]\n  max_score: 95\n  {decimals}"
    with TemporaryDirectory() as name:
        folder = Path(name)
        data = {"code": codes, "x": values[:6], "y": values[6:]}
        run = decided(folder, *rows, how=MEAN, more=more, data=data)
        scores = dict(zip(run.scores["region"], run.scores["score"], strict=True))
        for code in codes:
            found = [row[3] for row in run.points_rows if row[0] == code]
            total = sum(
                (Decimal(str(points)) for points in found if points is not None), Decimal(0)
            )
            assert float(total) == pytest.approx(scores[code], abs=0.5e-11 if not decimals else 0)
        order = list(range(6))
        random.Random(shuffle).shuffle(order)
        mixed = {key: [column[i] for i in order] for key, column in data.items()}
        again = decided(folder, *rows, how=MEAN, more=more, data=mixed)
        assert again.points_rows == run.points_rows
        assert again.decisions.equals(run.decisions)


def test_the_way_to_the_next_grade_counts_from_the_decided_score(tmp_path: Path) -> None:
    from reliefperf.scenarios.explaining.lifting import lift

    more = "grades: {bands: [{grade: good, at_least: 86}, {grade: poor}]}"
    for target in ("a", "score"):
        run = decided(tmp_path, ("A", "", target, 5, "", *SAID), more=more)
        found = lift(run.model, run.last, "A")
        assert min(step.gain for step in found.singles) == pytest.approx(1, abs=1e-6)


def test_a_decision_on_what_a_variant_drops_has_no_effect_there(tmp_path: Path) -> None:
    from reliefperf.evaluation.changed import Changed
    from reliefperf.evaluation.evaluate import evaluate

    run = decided(tmp_path, ("A", "", "a", 5, "", *SAID), how=MEAN)
    env = run.last.env
    result = evaluate(run.model, env, ("", ""), None, Changed(without=frozenset({"a"})))
    assert plain_list(result.score) == [30, 20]
