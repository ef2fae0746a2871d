"""Comparisons with published figures: what matches, differs, is missing, and what counts as equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.published import Checked, reproduce, reproduce_all
from reliefperf.scenarios.running import run_model
from tests.building import mistakes_of

MODEL = """\
model: m
data: {{file: data.csv, region: code, ignore: unknown}}
variables: {{x: {{}}}}
evaluation:
  combine: arithmetic
  tree: [{{id: a, value: x, score: as_is, missing: score_missing}}]
  grades: {{bands: [{{grade: A, at_least: 50}}, {{grade: B}}]}}
published:
  - {{id: c, {check}}}
"""
DATA = "code,x,shown,letter,paid\nr1,10.25,10.3,B,1\nr2,20,21,B,1\nr3,,,,1\nr4,60,,A,1\n"


def checked(folder: Path, check: str) -> Checked:
    (folder / "model.yaml").write_text(MODEL.format(check=check), encoding="utf-8")
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    (folder / "other.csv").write_text("id,figure\nr2,20\nr9,7\n", encoding="utf-8")
    (found,) = reproduce(folder)
    return found


def test_matches_differences_and_missing_figures_are_counted(tmp_path: Path) -> None:
    found = checked(tmp_path, "value: score, column: shown, decimals: 1")
    assert (found.match, found.differ, found.missing) == (1, 2, 1)
    assert [(d.region, d.computed, d.published) for d in found.differences] == [
        ("r2", 20, 21),
        ("r4", 60, None),
    ]
    assert found.largest == 1
    assert not found.ok


@pytest.mark.parametrize(
    ("check", "ok"),
    [
        ("expect: {match: 1, differ: 2, missing: 1}", True),
        ("expect: {differ: 2, missing: 1}", True),
        ("expect: {match: 2, differ: 1, missing: 1}", False),
        ("expect: {match: 1, differ: 2}", False),
        ("tolerance: 1, expect: {match: 2, differ: 1, missing: 1}", True),
        ("rounding: down, expect: {match: 0, differ: 3, missing: 1}", True),
    ],
)
def test_a_check_passes_only_as_expected(tmp_path: Path, check: str, ok: bool) -> None:
    assert checked(tmp_path, f"value: score, column: shown, decimals: 1, {check}").ok is ok


def test_texts_are_compared_as_they_are(tmp_path: Path) -> None:
    found = checked(tmp_path, "value: grade, column: letter, expect: {match: 3, missing: 1}")
    assert found.ok


def test_figures_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    found = checked(tmp_path, "value: score, file: other.csv, region: id, column: figure")
    assert (found.match, found.differ) == (1, 1)
    assert found.differences[0].region == "r9"
    assert found.differences[0].computed is None


def test_one_number_may_be_compared(tmp_path: Path) -> None:
    assert checked(tmp_path, "value: total(x), equals: 90.25, expect: {match: 1}").ok
    assert not checked(tmp_path, "value: total(x), equals: 90").ok


def test_nothing_at_all_is_no_match(tmp_path: Path) -> None:
    assert not checked(tmp_path, "value: missing, equals: 5").ok


def test_a_period_that_the_data_do_not_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the data have no period '2021'") as caught:
        checked(tmp_path, "value: score, column: shown, period: '2021'")
    assert caught.value.mistakes[0].line == 9


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="shwon"):
        checked(tmp_path, "value: score, column: shwon")


def test_ids_are_given_once() -> None:
    text = "model: m\npublished: [{id: a, value: 1, equals: 1}, {id: a, value: 1, equals: 1}]\n"
    assert [mistake.en for mistake in mistakes_of(text)] == ["the id 'a' stands twice"]


def test_every_model_file_of_a_folder_is_reproduced(tmp_path: Path) -> None:
    checked(tmp_path, "value: total(x), equals: 90.25")
    (tmp_path / "more.yaml").write_text("model: more\nnothing: 1\n", encoding="utf-8")
    found = list(reproduce_all([str(tmp_path)]))
    assert [label.rpartition("/")[2] for label, _ in found][1] == "more.yaml"
    assert isinstance(found[0][1], list)
    assert isinstance(found[1][1], InputError)


def test_a_run_without_comparisons_has_none(make_model) -> None:  # type: ignore[no-untyped-def]
    from reliefperf.scenarios.published import check_published

    assert check_published(run_model(load_model(make_model()))) == []
