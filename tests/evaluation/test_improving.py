"""Improvement beside the mark: what is measured, what is missing, grades and ranks of its own."""

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.results.points import scores_table
from reliefperf.scenarios.running import Run
from tests.building import Values, mistakes_of, model_of, note_kinds, plain_list, run_on

MODEL = """\
model: m
language: en
data: {{region: code, period: year}}
variables: {{x: {{}}, zone: {{type: text}}}}
derived: {{twice: 2 * improvement}}
evaluation:
  combine: arithmetic
  tree:
    - {{id: a, points: 50, value: x, score: as_is, missing: score_missing}}
  improvement: {improvement}
"""


def run(
    improvement: str, before: Values, now: Values, years: tuple[int, int] = (2020, 2021)
) -> Run:
    """Two years of regions A, B, ...; the zone is n for the first two and s for the others."""
    assert isinstance(before, list)
    assert isinstance(now, list)
    codes = "ABCDEFG"[: len(now)]
    rows = {
        "code": [*codes[: len(before)], *codes],
        "year": [years[0]] * len(before) + [years[1]] * len(now),
        "x": [*before, *now],
        "zone": ["nnsssss"[i] for i in (*range(len(before)), *range(len(now)))],
    }
    return run_on(model_of(MODEL.format(improvement=improvement)), rows)


def improved(improvement: str, before: Values, now: Values) -> list[float | None]:
    evaluation = run(improvement, before, now).last.evaluation
    assert evaluation is not None
    assert evaluation.improved is not None
    return plain_list(evaluation.improved.values)


def test_the_measures_by_hand() -> None:
    # the score is the part of 50 on a scale of 100: 40 -> 80, 60 -> 45
    assert improved("{}", [20, 30], [40, 22.5]) == [40, -15]
    assert improved("{measure: rate}", [20, 30], [40, 22.5]) == [1, -0.25]
    gaps = improved("{measure: gap_closed}", [20, 30], [40, 22.5])
    assert gaps == [pytest.approx(40 / 60), pytest.approx(-15 / 40)]


def test_a_node_or_an_expression_can_be_compared() -> None:
    assert improved("{of: a}", [20], [40]) == [20]
    assert improved("{of: a, measure: gap_closed}", [20], [35]) == [0.5]
    assert improved("{of: 10 * x, measure: gap_closed, full_marks: 400}", [20], [35]) == [0.75]
    assert improved("{of: x / total(x)}", [20, 20], [30, 10]) == [0.25, -0.25]


def test_decimals_round_the_improvement_before_it_is_ranked() -> None:
    found = run("{decimals: 0}", [20, 20], [20.6, 20.7])  # 1.2 and 1.4
    evaluation = found.last.evaluation
    assert evaluation is not None
    assert evaluation.improved is not None
    assert plain_list(evaluation.improved.values) == [1, 1]
    assert plain_list(evaluation.improved.rank) == [1, 1]


def test_the_first_period_has_none_and_says_so() -> None:
    found = run("{}", [20, 30], [40, 30])
    first = found.periods["2020"]
    assert first.evaluation is not None
    assert first.evaluation.improved is not None
    assert plain_list(first.evaluation.improved.values) == [None, None]
    assert plain_list(first.evaluation.improved.rank) == [None, None]
    assert note_kinds(first.env.notes) == ["no-previous-period"]


def test_what_cannot_be_measured_is_missing_and_noted_never_zero() -> None:
    # B's figure was missing, C is new
    found = run("{}", [20, None], [40, 30, 10])
    evaluation = found.last.evaluation
    assert evaluation is not None
    assert evaluation.improved is not None
    assert plain_list(evaluation.improved.values) == [40, None, None]
    notes = {note.kind: note.en for note in found.last.env.notes}
    assert "1 region(s): B" in notes["no-improvement"]
    assert "1 region(s): C" in notes["no-previous-period"]


def test_no_gap_and_no_base_are_missing_and_noted() -> None:
    for measure, before, why in (
        ("gap_closed", 50, "at the full marks of 100 before"),
        ("rate", 0, "not above zero before"),
    ):
        found = run(f"{{measure: {measure}}}", [before, 20], [50, 20])
        evaluation = found.last.evaluation
        assert evaluation is not None
        assert evaluation.improved is not None
        assert plain_list(evaluation.improved.values) == [None, 0]
        assert any(why in note.en and note.en.endswith(": A") for note in found.last.env.notes)


def test_grades_and_ranks_of_its_own_stand_beside_those_of_the_score() -> None:
    grades = "{by: zone, bands: [{grade: up, above: 0, quota: 1}, {grade: still}]}"
    found = run(f"{{grades: {grades}, rank: {{by: zone}}}}", [20, 10, 30], [30, 30, 20])
    header, rows = scores_table(found)
    assert header[:9] == [
        *("period", "region", "name", "score", "grade", "rank"),
        *("improvement", "improvement_grade", "improvement_rank"),
    ]
    shown = [row[3:9] for row in rows]
    assert shown[:3] == [
        ("40", None, "2", "", None, ""),
        ("20", None, "3", "", None, ""),
        ("60", None, "1", "", None, ""),
    ]
    assert shown[3:] == [
        ("60", None, "1", "20", "still", "2"),
        ("60", None, "1", "40", "up", "1"),
        ("40", None, "3", "-20", "still", "1"),
    ]


def test_what_comes_after_can_use_it() -> None:
    found = run("{}", [20], [40])
    assert plain_list(found.last.env.columns["twice"]) == [80]


def test_money_can_follow_improvement() -> None:
    text = MODEL.format(improvement="{grades: {bands: [{grade: up, above: 0}, {grade: still}]}}")
    text += """\
allocation:
  unit: yuan
  budget: 10
  pools:
    award: {share: 1, eligible: "period == '1' or improvement_grade == 'up'", weight: share_of}
"""
    text = text.replace("derived: {", "derived: {share_of: 'if_missing(improvement, 1)', ")
    rows = {
        "code": ["A", "B", "C"] * 2,
        "year": [1] * 3 + [2] * 3,
        "x": [1, 2, 3, 2, 5, 1],  # + 2, + 6, - 4 on the scale of 100
        "zone": ["n"] * 6,
    }
    allocation = run_on(model_of(text), rows).last.allocation
    assert allocation is not None
    assert [float(amount) for amount in allocation.entitlements("award")] == [2.5, 7.5, 0]


@pytest.mark.parametrize(
    ("improvement", "said"),
    [
        ("{measure: gap_closed, of: x}", "state `full_marks`"),
        ("{measure: gap_closed, full_marks: 100}", "has full marks of its own"),
        ("{full_marks: 100}", "belongs to `measure: gap_closed`"),
        ("{measure: gap_closed, of: x, full_marks: 0}", "must be above zero"),
        ("{of: improvement}", "known only after the evaluation"),
        ("{of: twice}", "known only after the evaluation"),
        ("{of: zone}", "expected a number"),
        (
            "{grades: {bands: [{grade: a, at_least: 5}, {grade: b, at_least: 9}, {grade: c}]}}",
            "'b'",
        ),
    ],
)
def test_a_mistake_is_found_when_the_model_is_loaded(improvement: str, said: str) -> None:
    (mistake,) = mistakes_of(MODEL.format(improvement=improvement))
    assert said in mistake.en


@pytest.mark.parametrize(
    "section", ["adjustments: [{id: x1, bonus: improvement}]", "min_score: improvement"]
)
def test_what_comes_before_cannot_use_it(section: str) -> None:
    text = MODEL.format(improvement="{}") + f"  {section}\n"
    (mistake,) = mistakes_of(text)
    assert "'improvement' is known only after the evaluation" in mistake.en


def test_data_without_periods_are_refused() -> None:
    text = MODEL.format(improvement="{}").replace(", period: year", "")
    assert "state `data.period`" in mistakes_of(text)[0].en


def test_its_names_are_reserved() -> None:
    for name in ("improvement", "improvement_rank", "improvement_grade"):
        assert "word of the language" in mistakes_of(f"model: m\nvariables: {{{name}: {{}}}}")[0].en


def test_periods_whose_order_is_not_sure_are_refused() -> None:
    rows = {"code": ["A", "A"], "year": ["spring", "autumn"], "x": [1, 2], "zone": ["n", "n"]}
    with pytest.raises(InputError, match="periods whose order is sure"):
        run_on(model_of(MODEL.format(improvement="{}")), rows)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = {
        "code": list("ABCABC"),
        "year": [1, 1, 1, 2, 2, 2],
        "x": [5, 7, 9, 10, 9, 9],
        "zone": ["n"] * 6,
    }
    model = model_of(MODEL.format(improvement="{measure: gap_closed}"))
    plain = sorted(scores_table(run_on(model, rows))[1])
    turned = {name: values[::-1] for name, values in rows.items()}
    assert sorted(scores_table(run_on(model, turned))[1]) == plain
