"""Periods left out are told where something looks back over them."""

import pytest

from reliefperf.data.gaps import left_out
from tests.building import model_of, run_on


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ("2021", "2023", ["2022"]),
        ("2021年", "2024年", ["2022年", "2023年"]),
        ("2021", "2022", []),
        ("2022/23", "2025/26", ["2023/24", "2024/25"]),
        ("1998-1999", "2000-2001", ["1999-2000"]),
        ("1998/99", "2000/01", ["1999/00"]),
        ("2022Q3", "2023Q1", ["2022Q4"]),
        ("2022-12", "2023-01", []),
        ("2022年11月", "2023年1月", ["2022-12"]),
        ("2023-01-31", "2023-03-31", []),
        ("1", "3", []),
        ("2021", "2022-05", []),
    ],
)
def test_the_periods_between_two_are_named(before: str, after: str, gone: list[str]) -> None:
    assert left_out(before, after) == gone


@pytest.mark.parametrize(("formula", "told"), [("previous(n)", True), ("n", False)])
def test_a_year_left_out_is_noted_where_the_model_looks_back(formula: str, told: bool) -> None:
    text = f"""\
        model: m
        data: {{period: year}}
        variables: {{n: {{}}}}
        derived: {{x: "{formula}"}}
    """
    rows = {"region": ["a", "a"], "year": ["2021", "2023"], "n": [1.0, 5.0]}
    run = run_on(model_of(text), rows)
    notes = [note.en for note in run.notes if note.kind == "period-left-out"]
    said = ["2023: 2022 is not in the data, so the period before is 2021"]
    assert notes == (said if told else [])
    assert run.last.env.columns["x"].tolist() == [1.0 if told else 5.0]
