"""The table of findings: what is counted, in which period, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.model.spec_rulebook import findings_key
from tests.building import mistakes_of, note_kinds
from tests.data.helpers import write_xlsx
from tests.rulebook import FINDINGS, beside, refused, run_beside

MODEL = """\
model: m
language: en
data: {{region: code, period: {period}}}
variables: {{x: {{}}}}
findings: {{file: findings.csv, kinds: [falsified, late]{more}}}
"""
YEARS = {"code": ["A", "B", "A", "B"], "year": ["2022", "2022", "2023", "2023"], "x": [1, 2, 3, 4]}
ONE = {"code": ["A", "B"], "x": [1, 2]}
PANEL = MODEL.format(period="year", more="")
SINGLE = MODEL.format(period="null", more="")


def count(run, period: str, kind: str = "", status: str = "substantiated") -> list[float]:  # type: ignore[no-untyped-def]
    return list(run.periods[period].env.columns[findings_key(kind, status)].tolist())


def findings(folder: Path, *rows: tuple[str, ...]) -> None:
    beside(folder, "findings.csv", FINDINGS, *rows)


def test_a_year_counts_the_findings_dated_in_it(tmp_path: Path) -> None:
    findings(
        tmp_path,
        ("A", "late", "2022-12-31", "yes", "audit"),
        ("A", "late", "2023-01-01", "yes", "audit"),
        ("A", "falsified", "2023-06", "是", "audit"),
        ("B", "late", "2023", "1", "audit"),
        ("B", "late", "2021-05-01", "yes", "audit"),
    )
    run = run_beside(tmp_path, PANEL, YEARS)
    assert count(run, "2022", "late") == [1, 0]
    assert count(run, "2023", "late") == [1, 1]
    assert count(run, "2023") == [2, 1]
    (note,) = [note for note in run.notes if note.kind == "finding-outside"]
    assert (note.count, note.place) == (1, "findings.csv")
    assert "rows 6" in note.en


def test_only_substantiated_findings_count_unless_something_else_is_said(tmp_path: Path) -> None:
    rows = [
        ("A", "late", "2023-05-01", held, f"source {i}")
        for i, held in enumerate(["yes", "no", "", "yes"])
    ]
    findings(tmp_path, *rows)
    run = run_beside(tmp_path, PANEL, YEARS)
    found = {
        status: count(run, "2023", "late", status)[0]
        for status in ("substantiated", "unsubstantiated", "pending", "all")
    }
    assert found == {"substantiated": 2, "unsubstantiated": 1, "pending": 1, "all": 4}
    assert "finding-pending" in note_kinds(run.notes)


def test_data_without_periods_take_every_finding(tmp_path: Path) -> None:
    rows = [("A", "late", year, "yes", "audit") for year in ("1999-01-01", "2023-05-01")]
    findings(tmp_path, *rows)
    assert count(run_beside(tmp_path, SINGLE, ONE), "", "late") == [2, 0]


def test_a_date_that_may_fall_in_two_periods_is_refused(tmp_path: Path) -> None:
    data = {"code": ["A", "A"], "year": ["2023Q1", "2023Q2"], "x": [1, 2]}
    rows = [("A", "late", date, "yes", "audit") for date in ("2023", "2023-03", "2023-04-02")]
    findings(tmp_path, *rows)
    (found,) = refused(tmp_path, PANEL, data)
    assert found[:2] == (2, "date")
    assert "not exact enough" in found[2]


def test_periods_that_are_no_time_need_a_column_of_their_own(tmp_path: Path) -> None:
    data = {"code": ["A", "A"], "year": ["2022/23", "2023/24"], "x": [1, 2]}
    findings(tmp_path, ("A", "late", "2023-05-01", "yes", "audit"))
    (found,) = refused(tmp_path, PANEL, data)
    assert "name with findings.period the column" in found[2]
    headings = (*FINDINGS, "school_year")
    row = ("A", "late", "2023-05-01", "yes", "audit")
    beside(tmp_path, "findings.csv", headings, (*row, "2022/23"))
    text = MODEL.format(period="year", more=", period: school_year")
    run = run_beside(tmp_path, text, data)
    assert [count(run, period, "late") for period in run.periods] == [[1], [0]]
    beside(tmp_path, "findings.csv", headings, (*row, "2022/24"))
    (found,) = refused(tmp_path, text, data)
    assert "the data have no period '2022/24'; did you mean '2022/23'?" in found[2]


def test_every_mistake_is_told_with_its_row(tmp_path: Path) -> None:
    findings(
        tmp_path,
        ("AA", "late", "2023-05-01", "yes", "audit"),
        ("A", "latte", "2023-05-01", "yes", "audit"),
        ("A", "late", "2023-02-30", "yes", "audit"),
        ("A", "late", "", "yes", "audit"),
        ("A", "late", "2023-05-01", "perhaps", "audit"),
        ("A", "late", "2023-05-01", "yes", ""),
        ("", "late", "2023-05-01", "yes", "audit"),
    )
    found = refused(tmp_path, PANEL, YEARS)
    assert [(row, heading) for row, heading, _ in found] == [
        (2, "region"),
        (3, "kind"),
        (4, "date"),
        (5, "date"),
        (6, "substantiated"),
        (7, "source"),
        (8, "region"),
    ]
    assert "did you mean 'late'?" in found[1][2]


def test_a_name_in_place_of_a_code_is_answered_with_the_code(tmp_path: Path) -> None:
    findings(tmp_path, ("North", "late", "2023-05-01", "yes", "audit"))
    data = {"code": ["A", "B"], "name": ["North", "South"], "x": [1, 2]}
    (found,) = refused(tmp_path, SINGLE, data)
    assert "write the code: A" in found[2]


def test_columns_that_are_not_used_are_refused_unless_ignored(tmp_path: Path) -> None:
    row = ("A", "late", "2023-05-01", "yes", "audit", "x")
    beside(tmp_path, "findings.csv", (*FINDINGS, "extra"), row)
    (found,) = refused(tmp_path, SINGLE, ONE)
    assert "name it in findings.ignore" in found[2]
    run = run_beside(tmp_path, MODEL.format(period="null", more=", ignore: [extra]"), ONE)
    assert "ignored-column" in note_kinds(run.notes)


def test_a_heading_that_is_not_there_is_refused(tmp_path: Path) -> None:
    beside(tmp_path, "findings.csv", FINDINGS[:-1], ("A", "late", "2023-05-01", "yes"))
    (found,) = refused(tmp_path, SINGLE, ONE)
    assert "there is no column 'source'" in found[2]


def test_rows_that_agree_in_every_cell_are_noted(tmp_path: Path) -> None:
    row = ("A", "late", "2023-05-01", "yes", "audit")
    findings(tmp_path, row, row)
    run = run_beside(tmp_path, SINGLE, ONE)
    assert count(run, "", "late") == [2, 0]
    assert "finding-twice" in note_kinds(run.notes)


def test_gb18030_and_workbooks_are_read_as_data_are(tmp_path: Path) -> None:
    text = "region,kind,date,substantiated,source\nA,虚报,2023年5月1日,是,审计报告\n"
    (tmp_path / "findings.csv").write_bytes(text.encode("gb18030"))
    model = SINGLE.replace("[falsified, late]", "[虚报]")
    run = run_beside(tmp_path, model, ONE)
    assert count(run, "", "虚报") == [1, 0]
    assert any(note.kind == "encoding" and note.place == "findings.csv" for note in run.notes)
    rows = [line.split(",") for line in text.splitlines()]
    write_xlsx(tmp_path / "findings.xlsx", rows)
    run = run_beside(tmp_path, model.replace("findings.csv", "findings.xlsx"), ONE)
    assert count(run, "", "虚报") == [1, 0]


def test_a_file_that_is_not_there_is_told_when_the_model_is_loaded(tmp_path: Path) -> None:
    (mistake,) = mistakes_of(SINGLE, tmp_path)
    assert "there is no file 'findings.csv' beside the model" in mistake.en
    assert mistake.line == 5


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("findings('lat')", "'lat' is not a kind of findings; did you mean 'late'?"),
        ("findings('late', 'al')", "does not say which findings count"),
        ("findings(late)", "words in quotes"),
        ("findings('late', substantiated)", "words in quotes"),
        ("findings", "is a function: write findings(...)"),
    ],
)
def test_kinds_and_forms_are_checked_when_the_model_is_loaded(
    tmp_path: Path, expression: str, said: str
) -> None:
    findings(tmp_path)
    (mistake,) = mistakes_of(SINGLE + f'derived: {{d: "{expression}"}}\n', tmp_path)
    assert said in mistake.en


def test_without_the_section_there_are_no_findings() -> None:
    (mistake,) = mistakes_of("model: m\nderived: {d: \"findings('late')\"}\n")
    assert "no section `findings`" in mistake.en


def test_hashes_stand_with_the_model(tmp_path: Path) -> None:
    from hashlib import sha256

    findings(tmp_path, ("A", "late", "2023-05-01", "yes", "audit"))
    run = run_beside(tmp_path, SINGLE, ONE)
    content = (tmp_path / "findings.csv").read_bytes()
    assert run.model.files["findings.csv"] == sha256(content).hexdigest()


def test_a_table_without_rows_is_a_table_without_findings(tmp_path: Path) -> None:
    findings(tmp_path)
    assert count(run_beside(tmp_path, SINGLE, ONE), "") == [0, 0]


def test_a_case_may_be_marked_in_the_words_of_an_inspection(tmp_path: Path) -> None:
    findings(
        tmp_path,
        ("A", "late", "2023-01-01", "属实", "audit"),
        ("B", "late", "2023-01-01", "不属实", "audit"),
    )
    run = run_beside(tmp_path, PANEL, YEARS)
    assert count(run, "2023", "late") == [1, 0]
    assert count(run, "2023", "late", "unsubstantiated") == [0, 1]
