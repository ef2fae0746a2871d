"""Steps, lines and look-ups of a model, inline and from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.model.tables import piecewise_line, step_index
from tests.building import Values, environment, mistakes_of, model_of, plain_list

STEPS = """\
model: m
tables:
  t: {table}
variables: {{x: {{}}, z: {{type: text}}, k: {{type: text}}}}
derived: {{d: {call}}}
"""


def called(table: str, x: Values, call: str = "t(x)", folder: Path | None = None) -> list[Any]:
    model = model_of(STEPS.format(table=table, call=f'"{call}"'), folder)
    column: Values = x
    env = environment({"x": column, "z": column, "k": column})
    return plain_list(model.compiled(model.spec.derived_exprs["d"]).full(env))


def wrong(table: str, folder: Path | None = None) -> str:
    (mistake,) = mistakes_of(STEPS.format(table=table, call="5"), folder)
    assert mistake.line == 3
    return mistake.en


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ("at_least", [-1, 5, 5, 8, 8, None]),
        ("above", [-1, -1, 5, 5, 8, None]),
        ("at_most", [5, 5, 8, 8, -1, None]),
        ("below", [5, 8, 8, -1, -1, None]),
    ],
)
def test_the_key_says_which_end_belongs_to_an_interval(
    ends: str, expected: list[float | None]
) -> None:
    table = f"{{steps: {{{ends}: [[20, 8], [10, 5]]}}, otherwise: -1}}"
    assert called(table, [9, 10, 15, 20, 21, None]) == expected


def test_below_every_step_is_missing_unless_said_otherwise() -> None:
    assert called("{steps: {at_least: [[10, 5]]}}", [9, 10]) == [None, 5]


def test_noise_at_a_limit_is_taken_to_be_the_limit() -> None:
    for ends, expected in (("at_least", [1, 1]), ("above", [0, 0])):
        table = f"{{steps: {{{ends}: [[0.3, 1]]}}, otherwise: 0}}"
        assert called(table, [0.1 + 0.2, 0.3 - 1e-17]) == expected


LIMITS = st.lists(st.integers(-9, 9), min_size=1, max_size=5, unique=True).map(sorted)


@given(LIMITS, st.lists(st.integers(-10, 10), min_size=1, max_size=9))
def test_step_places_agree_with_plain_python(limits: list[int], values: list[int]) -> None:
    tests = {
        "at_least": lambda v: max((i for i, m in enumerate(limits) if v >= m), default=-1),
        "above": lambda v: max((i for i, m in enumerate(limits) if v > m), default=-1),
        "at_most": lambda v: min((i for i, m in enumerate(limits) if v <= m), default=-1),
        "below": lambda v: min((i for i, m in enumerate(limits) if v < m), default=-1),
    }
    for ends, expected in tests.items():
        found = step_index(np.array(values, float), np.array(limits, float), ends)  # type: ignore[arg-type]
        assert found.tolist() == [expected(value) for value in values]


def test_steps_may_give_texts() -> None:
    table = "{steps: {at_least: [[80, 优秀], [60, 合格]]}, otherwise: 不合格}"
    assert called(table, [90, 60, 5, None]) == ["优秀", "合格", "不合格", None]


@pytest.mark.parametrize(
    ("outside", "expected"),
    [
        ("clamp", [0, 5, 10, None]),
        ("extend", [-5, 5, 15, None]),
        ("missing", [None, 5, None, None]),
    ],
)
def test_lines_and_what_holds_outside_them(outside: str, expected: list[float | None]) -> None:
    table = f"{{piecewise: [[10, 10], [0, 0]], outside: {outside}}}"
    assert called(table, [-5, 5, 15, None]) == expected


def test_a_line_bends_at_its_points() -> None:
    xs, ys = np.array([0.0, 1.0, 3.0]), np.array([0.0, 4.0, 0.0])
    assert piecewise_line(np.array([0.5, 1, 2]), xs, ys, "clamp").tolist() == [2, 4, 2]


def test_look_ups_by_text_and_by_number() -> None:
    assert called("{lookup: {东部: 200, 西部: 400}}", ["西部", "中部", None], "t(z)") == [
        400,
        None,
        None,
    ]
    assert called("{lookup: {a: x, b: y}, otherwise: n}", ["b", "c", None], "t(z)") == [
        "y",
        "n",
        None,
    ]
    table = "{lookup: {1: 10, 2.5: 25, 0.3: 3}, otherwise: 0}"
    assert called(table, [1, 2.5, 0.1 + 0.2, 7, None]) == [10, 25, 3, 0, None]


def test_a_table_is_called_with_its_own_kinds(tmp_path: Path) -> None:
    for table, call, said in (
        ("{lookup: {a: 1}}", "t(x)", "keyed by a text, this is a number"),
        ("{lookup: {1: 1}}", "t(z)", "keyed by a number, this is a text"),
        ("{lookup: {a: 1}}", "t(z, z)", "takes 1 argument"),
        ("{lookup: {a: 1}}", "t", "is a function: write t(...)"),
        ("{lookup: {a: 1}}", "t(z, by=z)", "takes 1 argument"),
        ("{lookup: {a: b}}", "t(z) + 1", "expected a number, this is a text"),
    ):
        messages = [m.en for m in mistakes_of(STEPS.format(table=table, call=f'"{call}"'))]
        assert any(said in message for message in messages), messages


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("{steps: {at_least: [[1, 2], [1, 3]]}}", "the limit 1 stands twice"),
        ("{steps: {at_least: [[1, 2], [2, b]]}}", "all numbers or all texts"),
        ("{steps: {at_least: [[1, 2]]}, otherwise: none}", "all numbers or all texts"),
        ("{steps: {at_least: [[1, 2]], below: [[3, 4]]}}", "exactly one of at_least"),
        ("{steps: {}}", "exactly one of at_least"),
        ("{piecewise: [[1, 2]]}", "at least two points"),
        ("{piecewise: [[1, 2], [1, 3]]}", "the limit 1 stands twice"),
        ("{piecewise: [[1, a], [2, b]]}", "expected a number"),
        ("{lookup: {}}", "the look-up is empty"),
        ("{lookup: {a: 1, 2: 3}}", "all texts or all numbers"),
        ("{lookup: {a: 1}, steps: {at_least: [[1, 2]]}}", "exactly one of steps"),
        ("{otherwise: 5}", "exactly one of steps"),
    ],
)
def test_what_is_no_table_is_refused(table: str, said: str) -> None:
    found = mistakes_of(STEPS.format(table=table, call="5"))
    assert any(said in mistake.en for mistake in found), found


# ---------------------------------------------------------------- files

RATES = "zone,class,rate,word\n东部,a,1.5,x\n东部,b,2,y\n西部,a,3,z\n"
ORDERS = 'measure,limit,percent\norders,80,100\n"orders",50,60\nother,1,1\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8-sig")
    (tmp_path / "steps.csv").write_text(ORDERS, encoding="utf-8")
    return tmp_path


def test_a_look_up_by_several_keys_from_a_file(folder: Path) -> None:
    text = STEPS.format(
        table="{lookup: {file: rates.csv, keys: [zone, class], gives: rate}}", call='"t(z, k)"'
    )
    model = model_of(text, folder)
    env = environment({"z": ["东部", "西部", "西部", None], "k": ["b", "a", "b", "a"]})
    assert plain_list(model.compiled(model.spec.derived_exprs["d"]).full(env)) == [2, 3, None, None]
    assert list(model.files) == ["rates.csv"]


def test_steps_from_chosen_rows_of_a_file(folder: Path) -> None:
    table = (
        "{steps: {at_least: {file: steps.csv, limit: limit, gives: percent, "
        "where: {measure: orders}}}, otherwise: 0}"
    )
    assert called(table, [80, 79, 49], folder=folder) == [100, 60, 0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("file: nowhere.csv, keys: [zone], gives: rate", "cannot be read"),
        ("file: rates.csv, keys: [zonne], gives: rate", "no column 'zonne'; did you mean 'zone'?"),
        ("file: rates.csv, keys: [zone, class], gives: rat", "did you mean 'rate'?"),
        (
            "file: rates.csv, keys: [zone], gives: rate",
            "rates.csv row 3: the keys ('东部',) stand twice",
        ),
        ("file: rates.csv, gives: rate", "needs `keys`"),
        ("file: /etc/passwd, keys: [zone], gives: rate", "relative to the model's folder"),
        ("file: rates.csv, keys: [zone], gives: rate, where: {class: nothing}", "empty"),
        ("file: gb.csv, keys: [zone], gives: rate", "cannot be read as UTF-8"),
        ("file: wide.csv, keys: [zone], gives: rate", "wide.csv row 3 has not as many cells"),
        ("file: narrow.csv, keys: [zone], gives: rate", "narrow.csv row 2 has not as many cells"),
        ("file: twice.csv, keys: [zone], gives: rate", "has two columns 'rate'"),
        ("file: mixed.csv, keys: [zone], gives: rate", "all numbers or all texts"),
        ("file: words.csv, keys: [zone], text_keys: false, gives: rate", "'a' is not a number"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(folder: Path, source: str, said: str) -> None:
    files = {
        "gb.csv": "zone,rate\n东部,1\n".encode("gb18030"),
        "wide.csv": b"zone,rate\na,1\nb,2,3\n",
        "narrow.csv": b"zone,rate\na\n",
        "twice.csv": b"zone,rate,rate\na,1,2\n",
        "mixed.csv": b"zone,rate\na,1\nb,nan\n",
        "words.csv": b"zone,rate\na,1\n",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert said in wrong(f"{{lookup: {{{source}}}}}", folder)


def test_rows_are_numbered_as_in_the_file(folder: Path) -> None:
    (folder / "t.csv").write_text('limit,gives\n1,"a\nb"\n\nx,c\n', encoding="utf-8")
    said = wrong("{steps: {at_least: {file: t.csv, limit: limit, gives: gives}}}", folder)
    assert said == "t.csv row 5, column 'limit': 'x' is not a number"


def test_fractions_are_numbers_in_the_model_and_in_files(folder: Path) -> None:
    (folder / "t.csv").write_text("limit,gives\n1/4,1/3\n1／2, 2 / 3\n", encoding="utf-8")
    of_file = "{steps: {at_least: {file: t.csv, limit: limit, gives: gives}}, otherwise: 1/7}"
    inline = "{steps: {at_least: [[1/4, 1/3], [1/2, 2/3]]}, otherwise: 1/7}"
    for table in (of_file, inline):
        assert called(table, [0, 0.25, 0.5], folder=folder) == [1 / 7, 1 / 3, 2 / 3]
    assert called("{piecewise: [[1/3, 1/3], [2/3, 1]]}", [0.5]) == [pytest.approx(2 / 3)]
    assert called("{lookup: {a: 1/3, b: 2}}", ["a", "b"], "t(z)") == [1 / 3, 2]
    (folder / "keys.csv").write_text("k,g\n1/3,5\n2,6\n", encoding="utf-8")
    by_number = "{lookup: {file: keys.csv, keys: [k], gives: g, text_keys: false}}"
    assert called(by_number, [1 / 3, 2], folder=folder) == [5, 6]


def test_texts_that_only_look_like_fractions_beside_texts_stay_texts(folder: Path) -> None:
    (folder / "t.csv").write_text("k,g\na,1/2\nb,none\n", encoding="utf-8")
    table = "{lookup: {file: t.csv, keys: [k], gives: g}}"
    assert called(table, ["a", "b"], "t(z)", folder) == ["1/2", "none"]
    assert called("{lookup: {a: 2023/24, b: 2024/25}}", ["a"], "t(z)") == ["2023/24"]


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("{steps: {at_least: [[1, 2], [2, 1/0]]}}", 38, "'1/0' is a text: the results"),
        ("{steps: {at_least: [[1, 2], [a/3, 1]]}}", 35, "a fraction such as 1/3, found 'a/3'"),
        ("{lookup: {a: 1, b: 1/3, c: third}}", 33, "'third' is a text: the results"),
        ("{lookup: {a: 1}, otherwise: a third}", 34, "'a third' is a text: the results"),
    ],
)
def test_a_cell_that_is_no_number_is_named_at_its_place(table: str, column: int, said: str) -> None:
    (mistake,) = mistakes_of(STEPS.format(table=table, call="5"))
    assert said in mistake.en
    assert (mistake.line, mistake.column) == (3, column), mistake


def test_a_cell_of_a_file_that_is_no_number_is_named(folder: Path) -> None:
    (folder / "t.csv").write_text("k,g\na,1/3\nb,1\nc,1/0\n", encoding="utf-8")
    said = wrong("{lookup: {file: t.csv, keys: [k], gives: g}}", folder)
    assert said.startswith("t.csv row 4, column 'g': '1/0' is a text: the results of a table")


def test_a_table_from_a_file_needs_a_folder() -> None:
    said = wrong("{lookup: {file: rates.csv, keys: [zone], gives: rate}}")
    assert "relative to the model's folder" in said
