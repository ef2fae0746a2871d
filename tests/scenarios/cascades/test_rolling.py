"""Data rolled up from the level below: totals, means, counts; a gap below is a gap above."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.cascades import Cascade, run_cascade
from tests.cascading import cascade_in, mistakes_of_cascade, model_text

TOP = {
    "need: {missing: error}": "need: {missing: error}\n  rate: {}\n  heads: {}\n  n: {missing: error}"
}
BELOW = {"need: {missing: error}": "need: {missing: error}\n  rate: {}\n  heads: {}"}
ROLL = "roll_up: {need: total, rate: {mean: heads}, heads: mean, n: count}"
DATA = pd.DataFrame(
    {
        "code": ["a", "b", "c"],
        "up": ["P", "P", "Q"],
        "need": [0.1, 0.2, 5.0],
        "rate": [10.0, 40.0, None],
        "heads": [1.0, 2.0, 3.0],
    }
)


def rolled(folder: Path) -> Cascade:
    top = model_text("p", **{"  up: {type: text}\n": "", **TOP})
    return cascade_in(
        folder,
        {"province": top, "county": model_text("c", **BELOW)},
        {"province": ROLL, "county": "parent: up"},
    )


def test_totals_means_and_counts_of_the_level_below(tmp_path: Path) -> None:
    run = run_cascade(rolled(tmp_path), {"county": DATA})
    table = run.levels[0].run.dataset.table()
    assert table.codes == ("P", "Q")
    assert table["need"].tolist() == [0.30000000000000004, 5.0]
    assert table["rate"][0] == (10 * 1 + 40 * 2) / 3
    assert np.isnan(table["rate"][1])
    assert table["heads"].tolist() == [1.5, 3.0]
    assert table["n"].tolist() == [2.0, 1.0]


def test_the_order_of_the_rows_below_changes_nothing(tmp_path: Path) -> None:
    cascade = rolled(tmp_path)
    one = run_cascade(cascade, {"county": DATA})
    other = run_cascade(cascade, {"county": DATA.iloc[::-1]})
    assert one.levels[0].run.dataset.content == other.levels[0].run.dataset.content


def test_a_gap_below_is_a_gap_above_and_refused_where_a_value_is_wanted(tmp_path: Path) -> None:
    top = model_text("p", **{"  up: {type: text}\n": "", **TOP})
    strict = top.replace("heads: {}", "heads: {missing: error}")
    cascade = cascade_in(
        tmp_path,
        {"province": strict, "county": model_text("c", **BELOW)},
        {"province": ROLL, "county": "parent: up"},
    )
    assert run_cascade(cascade, {"county": DATA}).levels[0].run.dataset.table()["heads"][0] == 1.5
    with pytest.raises(InputError, match="heads"):
        run_cascade(cascade, {"county": DATA.assign(heads=[1.0, None, 3.0])})


def with_own_file(folder: Path, content: str, more: str = "") -> Cascade:
    """A roll-up whose model names a data file of its own."""
    (folder / "own.csv").write_text(content, encoding="utf-8")
    top = model_text(
        "p", **{"  up: {type: text}\n": "", **TOP, "{region:": "{file: own.csv, region:"}
    )
    return cascade_in(
        folder,
        {"province": top, "county": model_text("c", **BELOW)},
        {"province": ROLL + more, "county": "parent: up"},
    )


def test_a_parent_that_the_own_data_file_does_not_have_is_named_with_the_one_left_alone(
    tmp_path: Path,
) -> None:
    cascade = with_own_file(tmp_path, "code\nP\nR\n")
    (said,) = mistakes_of_cascade(lambda: run_cascade(cascade, {"county": DATA}))
    assert "nobody at level 'county' stands below R, which that file has" in said.en
    assert "does not have Q (c), which the data of level 'county' name as parents" in said.en
    assert "R 在“county”级没有下级" in said.zh
    assert "写为上级的 Q (c) 不在该文件中" in said.zh


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ("code,need,other\nQ,1,\nP,,x\n", ""),
        ("code\nP\nR\n", ", set: {data.file: null}"),
    ],
)
def test_only_the_regions_of_the_own_data_file_are_looked_at(
    tmp_path: Path, content: str, more: str
) -> None:
    run = run_cascade(with_own_file(tmp_path, content, more), {"county": DATA})
    assert run.levels[0].run.dataset.table()["need"].tolist() == [0.30000000000000004, 5.0]
