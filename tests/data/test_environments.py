"""A period as columns: region columns, dated parameters, the period before."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest

from reliefperf.errors import InputError
from reliefperf.model.building import build_model
from reliefperf.model.document import parse_document
from reliefperf.scenarios.running import Run, read_data, run_model

TEXT = """
model: m
language: en
data: {region: code, period: year}
variables: {x: {}}
parameters: {rate: {2022: 2, 2023-05: 3, 2024-12-23: 4}}
derived: {paid: rate * x, change: x - previous(x), before: previous(paid)}
"""


def run(frame: pd.DataFrame, text: str = TEXT) -> Run:
    model = build_model(parse_document(dedent(text), "m.yaml"), Path())
    return run_model(model, read_data(model, frame))


def panel(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["code", "year", "x"])


def test_a_dated_parameter_holds_from_its_date_on():
    result = run(panel(*(("a", period, 1.0) for period in ("2023-04", "2023-05", "2025-01"))))
    paid = {period: part.env.columns["paid"].tolist() for period, part in result.periods.items()}
    assert paid == {"2023-04": [2.0], "2023-05": [3.0], "2025-01": [4.0]}


def test_a_change_within_a_year_takes_the_first_day_and_is_noted():
    result = run(panel(("a", "2023", 1.0)))
    assert result.last.env.columns["paid"].tolist() == [2.0]
    assert [note.kind for note in result.notes if note.place == "parameters.rate"] == [
        "dated-parameter"
    ]


def test_a_date_before_the_first_value_is_an_error_with_its_place():
    with pytest.raises(InputError, match=r"m\.yaml:6:.*rate"):
        run(panel(("a", "2021", 1.0)))


def test_the_models_date_overrules_the_period():
    result = run(panel(("a", "2021", 1.0)), TEXT + "date: 2024-12-23\n")
    assert result.last.env.columns["paid"].tolist() == [4.0]


def test_previous_looks_one_period_back_region_by_region():
    result = run(
        panel(("a", "2022", 1.0), ("b", "2022", 5.0), ("b", "2023", 7.0), ("c", "2023", 9.0))
    )
    env = result.periods["2023"].env
    assert env.codes == ("b", "c")
    assert env.columns["change"].tolist()[0] == 2.0
    assert env.columns["before"].tolist()[0] == 10.0
    assert pd.isna(env.columns["change"][1])
    kinds = [note.kind for note in result.notes if "previous(x)" in note.en]
    assert kinds
    assert set(kinds) == {"no-previous-period"}


def test_previous_refuses_periods_whose_order_is_not_sure():
    months = panel(("a", "Jan-23", 1.0), ("a", "Feb-23", 2.0))
    with pytest.raises(InputError, match=r"previous\(\) needs periods.*Feb-23, Jan-23"):
        run(months, TEXT + "date: 2024\n")
    quiet = "model: m\ndata: {region: code, period: year}\nvariables: {x: {}}\n"
    assert "period-order" in {note.kind for note in run(months, quiet).notes}
