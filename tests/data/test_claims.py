"""Three columns for one variable: which of them counts, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.data import Dataset, read_data
from reliefperf.errors import InputError
from reliefperf.model.spec_data import Variable
from tests.building import mistakes_of, plain_list
from tests.data.helpers import kinds, write_csv

ROWS = [
    ["region", "s", "v", "f"],
    ["A", 10, 8, 7],
    ["B", 20, "", ""],
    ["C", "", "", ""],
    ["D", 40, 30, ""],
]


def read(folder: Path, variable: Variable, rows: list[list[object]] | None = None) -> Dataset:
    return read_data(write_csv(folder / "data.csv", rows or ROWS), {"x": variable})


@pytest.mark.parametrize(
    ("take", "expected"),
    [
        (None, [7, None, None, None]),
        ("final", [7, None, None, None]),
        ("final_else_verified", [7, None, None, 30]),
        ("final_else_self", [7, 20, None, 40]),
        ("final_else_verified_else_self", [7, 20, None, 30]),
        ("verified_else_self", [8, 20, None, 30]),
        ("verified", [8, None, None, 30]),
        ("self", [10, 20, None, 40]),
    ],
)
def test_the_value_that_counts_is_the_one_that_the_model_takes(
    tmp_path: Path, take: str | None, expected: list[float | None]
) -> None:
    variable = Variable.model_validate({"self": "s", "verified": "v", "final": "f", "take": take})
    table = read(tmp_path, variable).table()
    assert plain_list(table["x"]) == expected
    assert plain_list(table["self(x)"]) == [10, 20, None, 40]
    assert plain_list(table["verified(x)"]) == [8, None, None, 30]


def test_a_value_that_stands_in_and_one_that_is_not_verified_are_noted(tmp_path: Path) -> None:
    both = {"self": "s", "verified": "v", "take": "verified_else_self"}
    rows = [row[:3] for row in ROWS]
    dataset = read(tmp_path, Variable.model_validate(both), rows)
    (note,) = [note for note in dataset.notes if note.kind == "other-value"]
    assert (note.count, note.place) == (1, "x")
    assert "no verified value, so the self-reported one counts in 1 region(s): B" in note.en
    every = Variable.model_validate({"self": "s", "verified": "v", "final": "f"})
    (note,) = [n for n in read(tmp_path, every).notes if n.kind == "unverified"]
    assert note.en == "not verified in 2 region(s): B, C"


def test_a_needed_value_that_no_column_has_is_an_error_with_its_row(tmp_path: Path) -> None:
    given = {"self": "s", "verified": "v", "take": "verified_else_self", "missing": "error"}
    with pytest.raises(InputError) as caught:
        read(tmp_path, Variable.model_validate(given), [row[:3] for row in ROWS])
    assert [(m.line, m.column) for m in caught.value.mistakes] == [(4, "v")]


def test_a_value_that_counts_as_zero_is_noted(tmp_path: Path) -> None:
    given = {"self": "s", "verified": "v", "final": "f", "missing": "zero"}
    dataset = read(tmp_path, Variable.model_validate(given))
    assert plain_list(dataset.table()["x"]) == [7, 0, 0, 0]
    assert kinds(dataset.notes).count("zero-filled") == 1


def test_limits_hold_for_every_column(tmp_path: Path) -> None:
    given = {"self": "s", "verified": "v", "final": "f", "max": 35}
    with pytest.raises(InputError) as caught:
        read(tmp_path, Variable.model_validate(given))
    assert [(m.line, m.column) for m in caught.value.mistakes] == [(5, "s")]


def test_texts_have_parts_too(tmp_path: Path) -> None:
    rows: list[list[object]] = [["region", "s", "v"], ["A", "完善", "部分"], ["B", "部分", ""]]
    given = {"type": "text", "self": "s", "verified": "v", "take": "verified_else_self"}
    table = read(tmp_path, Variable.model_validate(given), rows).table()
    assert table["x"].tolist() == ["部分", "部分"]
    assert table["verified(x)"].tolist() == ["部分", None]


def test_a_column_of_a_part_that_the_file_does_not_have_is_an_error(tmp_path: Path) -> None:
    given = {"self": "s", "verified": "checked", "take": "verified"}
    with pytest.raises(InputError, match="no column 'checked'"):
        read(tmp_path, Variable.model_validate(given), [row[:2] for row in ROWS])


def test_the_long_layout_has_a_row_for_each_part(tmp_path: Path) -> None:
    from reliefperf.model.spec_data import DataSpec

    rows = [["region", "variable", "value"], ["A", "s", 5], ["A", "v", 4], ["B", "s", 3]]
    given = {"self": "s", "verified": "v", "take": "verified_else_self"}
    file = write_csv(tmp_path / "data.csv", rows)
    table = read_data(file, {"x": Variable.model_validate(given)}, DataSpec(layout="long")).table()
    assert plain_list(table["x"]) == [4, 3]


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("{self: s}", "alone is no comparison"),
        ("{self: s, verified: v}", "say with `take` which value counts"),
        ("{self: s, verified: v, take: final}", "needs a column `final`"),
        ("{self: s, verified: v, take: self, column: x}", "do not go together"),
        ("{take: self}", "name them"),
    ],
)
def test_parts_that_do_not_agree_are_refused_when_the_model_is_loaded(
    variable: str, said: str
) -> None:
    (mistake,) = mistakes_of(f"model: m\nvariables:\n  x: {variable}\n")
    assert said in mistake.en
    assert mistake.line == 3


def test_expressions_see_the_parts_and_only_those_that_there_are() -> None:
    text = """\
    model: m
    variables:
      x: {self: s, final: f}
      y: {}
    derived:
      a: self(x) - x
      b: verified(x)
      c: self(y)
      d: self(z)
      e: self('x')
      f: previous(self(x)) + self(x, y)
    """
    said = {mistake.key: mistake.en for mistake in mistakes_of(text)}
    assert set(said) == {f"derived.{name}" for name in "bcdef"}
    assert "'x' is no variable with a column `verified`" in said["derived.b"]
    assert "'y' is no variable with a column `self`" in said["derived.c"]
    assert "did you mean" in said["derived.d"] or "known: x" in said["derived.d"]
    assert "takes a name, without quotes: self(visited)" in said["derived.e"]
