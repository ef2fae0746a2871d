"""The table of decisions by hand: what each row must say, and what a correction does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.building import note_kinds, plain_list
from tests.rulebook import DECISIONS, beside, refused, run_beside

MODEL = """\
model: m
language: en
data: {{region: code{period}}}
variables:
  x: {{min: 0, max: 10}}
  state: {{type: text, values: [full, partial]}}
  z: {{type: integer}}
evaluation:
  tree:
    - id: group
      children:
        - {{id: a, points: 10, value: x, score: as_is}}
        - {{id: b, points: 10, value: z, score: as_is, missing: zero}}
  decisions: {{file: decisions.csv{more}}}
"""
PLAIN = MODEL.format(period="", more="")
PANEL = MODEL.format(period=", period: year", more="")
DATA = {
    "code": ["A", "B"],
    "x": [5, 6],
    "state": ["full", "partial"],
    "z": [1, 2],
}
YEARS = {
    "code": ["A", "B", "A"],
    "year": ["2022", "2022", "2023"],
    "x": [5, 6, 7],
    "state": ["full", "partial", "full"],
    "z": [1, 2, 3],
}
SAID = ("appeal upheld", "review panel", "2024-03-05")


def test_every_mistake_is_told_with_its_row(tmp_path: Path) -> None:
    beside(
        tmp_path,
        "decisions.csv",
        DECISIONS,
        ("C", "", "a", 1, "", *SAID),
        ("A", "2022", "a", 1, "", *SAID),
        ("A", "", "aa", 1, "", *SAID),
        ("A", "", "group", 1, "", *SAID),
        ("A", "", "a", "", 3, *SAID),
        ("A", "", "x", 1, "", *SAID),
        ("A", "", "x", "", 11, *SAID),
        ("A", "", "state", "", "all", *SAID),
        ("A", "", "z", "", 1.5, *SAID),
        ("A", "", "score", "two", "", *SAID),
        ("A", "", "a", 1, "", "", "panel", "2024-03-05"),
        ("A", "", "a", 1, "", "why", "", "2024-03-05"),
        ("A", "", "a", 1, "", "why", "panel", "soon"),
    )
    found = refused(tmp_path, PLAIN, DATA)
    assert sorted({(row, heading) for row, heading, _ in found}) == [
        (2, "region"),
        (3, "period"),
        (4, "target"),
        (5, "target"),
        (6, "change"),
        (7, "value"),
        (8, "value"),
        (9, "value"),
        (10, "value"),
        (11, "change"),
        (12, "reason"),
        (13, "decided_by"),
        (14, "date"),
    ]
    text = {row: en for row, _, en in found}
    assert "'aa' is no indicator, variable or 'score'; did you mean 'a'?" in text[4]
    assert "is a group: decide on one of its indicators" in text[5]


def test_a_period_must_be_one_of_the_data_and_have_the_region(tmp_path: Path) -> None:
    beside(
        tmp_path,
        "decisions.csv",
        DECISIONS,
        ("A", "2024", "a", 1, "", *SAID),
        ("A", "", "a", 1, "", *SAID),
        ("B", "2023", "a", 1, "", *SAID),
    )
    found = refused(tmp_path, PANEL, YEARS)
    assert [(row, heading) for row, heading, _ in found] == [
        (2, "period"),
        (3, "period"),
        (4, "period"),
    ]
    assert "no period '2024'; did you mean" in found[0][2]
    assert "B has no row in 2023" in found[2][2]


def test_a_value_is_corrected_once_and_only_in_its_period(tmp_path: Path) -> None:
    row = ("A", "2022", "x", "", 4, *SAID)
    beside(tmp_path, "decisions.csv", DECISIONS, row)
    run = run_beside(tmp_path, PANEL, YEARS)
    assert [plain_list(part.env.columns["x"]) for part in run.periods.values()] == [[4, 6], [7]]
    assert plain_list(run.dataset.tables["2022"]["x"]) == [5, 6]  # what was reported stays
    beside(tmp_path, "decisions.csv", DECISIONS, row, row)
    (found,) = refused(tmp_path, PANEL, YEARS)
    assert found[:2] == (3, "target")
    assert "row 2 corrects 'x' of A already" in found[2]


def test_a_correction_fills_a_gap_and_is_cleaned_as_data_are(tmp_path: Path) -> None:
    beside(
        tmp_path, "decisions.csv", DECISIONS, ("A", "", "z", "", "１,２".replace(",", ""), *SAID)
    )
    run = run_beside(tmp_path, PLAIN, {**DATA, "z": [None, 2]})
    assert plain_list(run.last.env.columns["z"]) == [12, 2]
    assert "zero" not in note_kinds(run.notes)
    assert any(note.place == "decisions.csv" for note in run.notes)


@pytest.mark.parametrize("heading", ["target", "reason", "decided_by", "date"])
def test_no_heading_can_be_left_out(tmp_path: Path, heading: str) -> None:
    rest = [name for name in DECISIONS if name != heading]
    row = dict(zip(DECISIONS, ("A", "", "a", 1, "", *SAID), strict=True))
    beside(tmp_path, "decisions.csv", rest, [row[name] for name in rest])
    found = refused(tmp_path, PLAIN, DATA)
    assert f"there is no column '{heading}'" in found[0][2]


def test_headings_are_those_that_the_model_names(tmp_path: Path) -> None:
    headings = ("地区", "对象", "增减", "值", "理由", "单位", "日期")
    beside(tmp_path, "decisions.csv", headings, ("A", "a", "1", "", *SAID))
    more = ", region: 地区, target: 对象, change: 增减, value: 值, reason: 理由, decided_by: 单位, date: 日期"
    run = run_beside(tmp_path, MODEL.format(period="", more=more), DATA)
    assert run.scores["score"].tolist() == [35, 40]  # 7 and 8 of 20
