from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from reliefperf.data.dataset import Dataset, PeriodTable, period_order
from reliefperf.errors import InputError, Note


def table(*values: float, codes: tuple[str, ...] = ("1", "2")) -> PeriodTable:
    columns = {
        "n": np.array(values),
        "t": np.array(["甲", None], dtype=object)[: len(values)],
    }
    return PeriodTable(codes, ("东<", "西")[: len(codes)], columns, np.arange(len(codes)) + 2)


@pytest.fixture
def data() -> Dataset:
    notes = (Note("missing", "n: <1>", "n：<1>"),)
    tables = {"2022": table(1, np.nan), "2023": table(3, 4)}
    return Dataset("data.csv", "0" * 64, ("2022", "2023"), tables, notes)


@pytest.mark.parametrize(
    "periods",
    [
        ["2", "10", "2023"],
        ["2022-12", "2023-01", "2023-2", "2023-10"],
        ["2023-01-31", "2023-02-01"],
        ["2022Q4", "2023Q1"],
        ["2022年", "2023年"],
        ["2023年9月", "2023年10月"],
        ["base", "end"],
    ],
)
def test_periods_sort_as_a_person_would(periods: list[str]) -> None:
    backwards = periods[::-1]
    assert sorted(backwards, key=period_order) == periods


def test_the_arrays_cannot_be_written_to(data: Dataset) -> None:
    with pytest.raises(ValueError, match="read-only"):
        data.table()["n"][0] = 5


def test_an_unknown_period_or_variable_names_the_known_ones(data: Dataset) -> None:
    with pytest.raises(InputError, match="did you mean '2023'"):
        data.table("2033")
    with pytest.raises(InputError, match="known: n, t"):
        data.table()["persons"]


def test_equality_is_of_values_and_not_of_files(data: Dataset) -> None:
    other = Dataset("other.csv", "1" * 64, data.periods, data.tables)
    assert data.equals(other)
    assert not data.equals(Dataset("", "", ("2022",), {"2022": table(1, np.nan)}))
    assert not table(1, 2).equals(table(1, 3))
    assert not table(1, 2).equals(table(1, 2, codes=("1", "3")))


def test_a_frame_has_codes_names_and_all_variables(data: Dataset) -> None:
    frame = data.frame("2022")
    assert frame.index.tolist() == ["1", "2"]
    assert frame.columns.tolist() == ["name", "n", "t"]
    assert frame["t"].tolist()[0] == "甲"
    frame.loc["1", "n"] = 9.0
    assert data.table("2022")["n"][0] == 1


def test_a_dataset_says_what_it_is(data: Dataset) -> None:
    assert repr(data) == (
        "Dataset('data.csv': 2 regions, 2 periods, 2 variables, 0 cells changed, 1 notes)"
    )
    html = data._repr_html_()
    assert "&lt;1&gt;" in html
    assert "<1>" not in html


def test_a_dataset_can_be_sent_to_another_process(data: Dataset) -> None:
    assert pickle.loads(pickle.dumps(data)).equals(data)


def test_pandas_is_not_imported_until_it_is_asked_for() -> None:
    code = "import sys, reliefperf.data; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
