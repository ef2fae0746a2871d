"""What follows from findings: where, with which effect, and in which order it becomes known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from reliefperf.scenarios.running import Run
from tests.building import mistakes_of, note_kinds, plain_list
from tests.rulebook import FINDINGS, beside, run_beside

MODEL = """\
model: m
language: en
data: {{region: code, period: {period}}}
variables: {{x: {{}}, w: {{}}}}
findings: {{file: findings.csv, kinds: [falsified, late]}}
evaluation:
  tree: [{{id: a, points: 100, value: x, score: as_is}}]
  consequences:
    {consequences}
  grades: {{bands: [{{grade: good, at_least: 80{band}}}, {{grade: fair, at_least: 60}}, {{grade: poor}}]}}
allocation:
  unit: yuan
  budget: 100
  pools:
    award: {{share: 0.5, weight: 1}}
    base: {{share: 0.5, weight: 1{pool}}}
"""
DATA = {"code": ["A", "B", "C"], "x": [90, 85, 70], "w": [1, 1, None]}
PANEL = {
    "code": ["A", "B", "A", "B", "A", "B"],
    "year": ["2022", "2022", "2023", "2023", "2024", "2024"],
    "x": [90, 85, 90, 85, 90, 85],
    "w": [1] * 6,
}
CASES = [
    ("A", "falsified", "2023-03-01", "yes", "audit"),
    ("A", "falsified", "2023-04-01", "yes", "inspection"),
    ("A", "falsified", "2023-05-01", "no", "letter"),
    ("B", "late", "2023-03-01", "yes", "hotline"),
    ("C", "late", "2023-03-01", "", "hotline"),
]


def accountable(
    folder: Path,
    *consequences: str,
    data: Mapping[str, Sequence[object]] = DATA,
    cases: Sequence[Sequence[object]] = CASES,
    band: str = "",
    pool: str = "",
) -> Run:
    beside(folder, "findings.csv", FINDINGS, *cases)
    listed = "\n    ".join(f"- {{{one}}}" for one in consequences)
    period = "year" if "year" in data else "null"
    text = MODEL.format(consequences=listed, period=period, band=band, pool=pool)
    return run_beside(folder, text, data)


def where(run: Run, name: str) -> list[str]:
    """The regions that a consequence applies to, in the order of the table."""
    found = run.consequences
    return list(found[found["consequence"] == name]["region"])


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("findings('falsified') >= 2", ["A"]),
        ("findings('falsified') >= 3", []),
        ("findings('falsified', 'all') >= 3", ["A"]),
        ("findings() > 0", ["A", "B"]),
        ("findings('late', 'pending') > 0", ["C"]),
        ("x < 80 or findings('late') > 0", ["B", "C"]),
    ],
)
def test_a_consequence_applies_where_its_condition_holds(
    tmp_path: Path, when: str, expected: list[str]
) -> None:
    run = accountable(tmp_path, f'id: s, when: "{when}", effect: summons')
    assert where(run, "s") == expected
    assert run.scores["score"].tolist() == [90, 85, 70]  # a summons is recorded, no more


def test_a_deduction_is_a_row_and_the_rows_add_up(tmp_path: Path) -> None:
    run = accountable(
        tmp_path, "id: d, when: findings() > 0, effect: deduct, points: 1.5 * findings()"
    )
    assert run.scores["score"].tolist() == [87, 83.5, 70]
    rows = {(row[0], row[1]): row[3] for row in run.points_rows}
    assert rows["A", "d"] == -3
    assert ("C", "d") not in rows
    assert run.consequences["detail"].tolist() == ["3", "1.5"]


def test_a_cap_and_a_veto_leave_the_score_and_lower_the_grade(tmp_path: Path) -> None:
    cap = "id: c, when: findings('late') > 0, effect: cap_grade, grade: fair"
    veto = "id: v, when: findings('falsified') > 0, effect: veto"
    run = accountable(tmp_path, cap, veto)
    assert run.scores["score"].tolist() == [90, 85, 70]
    assert run.scores["grade"].tolist() == ["poor", "fair", "fair"]
    reasons = [row[-1] for row in run.points_rows if row[1] in ("c", "v")]
    assert reasons == ["v: veto, the lowest grade", "c: grade not above fair"]


def test_an_ineligible_region_has_no_part_in_the_pools_named(tmp_path: Path) -> None:
    run = accountable(
        tmp_path, "id: out, when: findings('falsified') > 0, effect: ineligible, pools: [award]"
    )
    money = run.last.allocation
    assert money is not None
    assert [float(amount) for amount in money.amounts("award")] == [0, 25, 25]
    assert float(money.amounts("base")[0]) > 0
    assert "ineligible" in note_kinds(run.notes)
    steps = run.explanation
    assert steps[(steps.region == "A") & (steps.pool == "award")]["step"].tolist() == [
        "not-eligible"
    ]


def test_pools_can_ask_for_any_consequence(tmp_path: Path) -> None:
    run = accountable(
        tmp_path,
        "id: s, when: findings('late') > 0, effect: summons",
        pool=", eligible: not consequence('s')",
    )
    money = run.last.allocation
    assert money is not None
    assert [float(amount) for amount in money.amounts("base")] == [25, 0, 25]


def test_recorded_consequences_see_grades_and_grades_see_those_that_move(tmp_path: Path) -> None:
    run = accountable(
        tmp_path,
        "id: early, when: grade == 'good' and rank == 1, effect: criticism",
        "id: moved, when: findings('late') > 0, effect: deduct, points: 1",
        "id: both, when: consequence('early') or consequence('moved'), effect: summons",
        band=", when: not consequence('moved')",
    )
    assert run.scores["grade"].tolist() == ["good", "fair", "fair"]
    assert (where(run, "early"), where(run, "both")) == (["A"], ["A", "B"])


def test_repeated_cases_are_counted_over_periods(tmp_path: Path) -> None:
    cases = [
        ("A", "late", "2022-03-01", "yes", "one"),
        ("A", "late", "2023-03-01", "yes", "two"),
        ("B", "late", "2022-03-01", "yes", "three"),
        ("A", "late", "2024-03-01", "yes", "four"),
    ]
    first = "id: told, when: findings('late') > 0, effect: criticism"
    again = (
        "id: again, when: consequence('told') and previous(consequence('told')), effect: summons"
    )
    run = accountable(tmp_path, first, again, data=PANEL, cases=cases)
    found = run.consequences[run.consequences["consequence"] == "again"]
    assert found[["period", "region", "findings"]].values.tolist() == [
        ["2023", "A", "2"],
        ["2024", "A", "2"],
    ]
    assert (
        found["cases"].tolist()[0] == "row 2, 2022-03-01, late, one; row 3, 2023-03-01, late, two"
    )


def test_a_condition_that_is_missing_does_not_hold_and_is_noted(tmp_path: Path) -> None:
    run = accountable(tmp_path, "id: s, when: w > 0, effect: criticism")
    assert where(run, "s") == ["A", "B"]
    (note,) = [note for note in run.notes if note.kind == "condition-unknown"]
    assert note.en.endswith("in 1 region(s): C")
    assert run.consequences["findings"].tolist() == [None, None]  # it counts none


def test_a_consequence_without_basis_is_labelled_the_modellers_choice(tmp_path: Path) -> None:
    run = accountable(tmp_path, "id: s, when: findings('late') > 0, effect: criticism")
    assert run.consequences[["basis", "responsible"]].values.tolist() == [["modeller's choice", ""]]
    assert {"no-basis", "no-responsible"} <= set(note_kinds(run.notes))
    full = "id: s, when: True, effect: criticism, basis: 民发〔2013〕161号, responsible: province"
    run = accountable(tmp_path, full)
    assert run.consequences["basis"].tolist() == ["民发〔2013〕161号"] * 3
    assert not {"no-basis", "no-responsible"} & set(note_kinds(run.notes))


def test_shuffling_findings_and_regions_changes_no_result(tmp_path: Path) -> None:
    rules = (
        "id: d, when: findings() > 0, effect: deduct, points: 1.5 * findings()",
        "id: s, when: findings('late') > 0, effect: summons",
    )
    run = accountable(tmp_path, *rules)
    mixed = {key: [column[i] for i in (2, 0, 1)] for key, column in DATA.items()}
    again = accountable(tmp_path, *rules, data=mixed, cases=CASES[::-1])
    assert again.points_rows == run.points_rows
    columns = ["region", "consequence", "findings"]
    assert again.consequences[columns].equals(run.consequences[columns])


CLAIMS = """\
model: m
language: en
data: {region: code}
variables: {x: {}, y: {}, c: {}, d: {}}
evaluation:
  tree:
    - id: g
      points: 20
      children:
        - {id: a, points: 10, value: x, score: as_is, claimed: c}
        - {id: b, points: 10, value: y, score: as_is, claimed: d}
    - {id: e, points: 5, value: y, score: as_is%s}
  adjustments: [{id: inflated, when: claimed(g) > 1.1 * g, deduct: 1}]
"""
CLAIMED = {"code": ["A", "B"], "x": [5, 5], "y": [4, 4], "c": [10, 5], "d": [4, 4]}


def test_claims_add_up_where_the_tree_is_a_sum_of_claims(tmp_path: Path) -> None:
    run = run_beside(tmp_path, CLAIMS % "", CLAIMED)
    assert plain_list(run.last.env.columns["claimed(g)"]) == [14, 9]
    assert "claimed(score)" not in run.last.env.columns
    assert run.scores["score"].tolist() == [12, 13]
    run = run_beside(tmp_path, CLAIMS % ", claimed: c / 2", CLAIMED)
    assert plain_list(run.last.env.columns["claimed(score)"]) == [19, 11.5]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("derived: {k: claimed(e)}", "'e' has no claimed points: state `claimed`"),
        ("derived: {k: claimed(ab)}", "'ab' has no claimed points"),
        ("derived: {k: consequence('x')}", "no consequence 'x'"),
    ],
)
def test_what_is_not_there_is_told_when_the_model_is_loaded(more: str, said: str) -> None:
    (mistake,) = mistakes_of(CLAIMS % "" + more)
    assert said in mistake.en


BAD = """\
model: m
variables: {x: {}}
evaluation:
  tree: [{id: a, points: 100, value: x, score: as_is}]
  adjustments: [{id: late, when: x > 3, deduct: 1}]
  %s
  consequences:
    - {id: c, when: x > 5, effect: criticism}
    - %s
"""
GRADES = "grades: {bands: [{grade: good, at_least: 80}, {grade: poor}]}"


@pytest.mark.parametrize(
    ("consequence", "said"),
    [
        ("{id: c, when: x > 5, effect: summons}", "the id 'c' stands twice"),
        ("{id: late, when: x > 5, effect: summons}", "already names rows of points.csv"),
        ("{id: a, when: x > 5, effect: summons}", "already names rows of points.csv"),
        ("{id: d, when: x > 5, effect: cap_grade, grade: god}", "did you mean 'good'?"),
        ("{id: d, when: x > 5, effect: cap_grade}", "`effect: cap_grade` and `grade` go together"),
        ("{id: d, when: x > 5, effect: summons, points: 3}", "`effect: deduct` and `points`"),
        ("{id: d, when: x > 5, effect: summons, pools: [award]}", "belong to `effect: ineligible`"),
        ("{id: d, when: x > 5, effect: ineligible, pools: [award]}", "'award' is not a pool"),
        ("{id: d, when: consequence('e') > 0, effect: summons}", "no consequence 'e'"),
        ("{id: d, when: consequence('d') > 0, effect: summons}", "is known only later"),
        ("{id: d, when: consequence('c'), effect: veto}", "is known only later"),
        ("{id: d, when: grade == 'good', effect: veto}", "known only after the adjustments"),
        ("{id: d, when: x > 5, effect: summon}", "summon"),
    ],
)
def test_what_does_not_fit_is_refused_when_the_model_is_loaded(consequence: str, said: str) -> None:
    (mistake,) = mistakes_of(BAD % (GRADES, consequence))
    assert said in mistake.en
    assert mistake.line == 9


def test_a_veto_needs_grades() -> None:
    (mistake,) = mistakes_of(BAD % ("decimals: 1", "{id: d, when: x > 5, effect: veto}"))
    assert "a veto needs `grades`" in mistake.en


@pytest.mark.parametrize(
    ("place", "expression"),
    [
        ("adjustments: [{id: k, when: %s, bonus: 1}]", "grade == 'A'"),
        ("adjustments: [{id: k, when: %s, bonus: 1}]", "rank == 1"),
        ("max_score: 5 * %s", "rank"),
        ("rank: {by: %s}", "rank"),
    ],
)
def test_grade_and_rank_cannot_be_asked_for_before_they_are_known(
    place: str, expression: str
) -> None:
    text = f"""\
    model: m
    variables: {{x: {{}}}}
    evaluation:
      tree: [{{id: a, points: 10, value: x, score: as_is}}]
      grades: {{bands: [{{grade: A, at_least: 5}}, {{grade: B}}]}}
      {place % expression}
    """
    (mistake,) = mistakes_of(text)
    assert "is known only after the" in mistake.en
