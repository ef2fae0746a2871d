"""Two runs side by side."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.comparing import compare_runs
from reliefperf.scenarios.run_folder import read_run
from reliefperf.scenarios.running import run
from tests.conftest import DATA, FIRST


@pytest.fixture
def two_runs(make_model, tmp_path):
    run(make_model(), output=tmp_path / "a")
    more = FIRST.replace("share: 0.8", "share: 0.6").replace("share: 0.2", "share: 0.4")
    other = make_model("second", model_yaml=more, data_csv=DATA.replace("300,1", "300,3"))
    run(other, output=tmp_path / "b")
    return read_run(tmp_path / "a"), read_run(tmp_path / "b")


def test_a_run_equals_itself(two_runs):
    assert compare_runs(two_runs[0], two_runs[0]).changes == ()


def test_differences_are_second_less_first_and_add_up(two_runs):
    comparison = compare_runs(*two_runs)
    totals = {total.pool: total for total in comparison.totals}
    assert list(totals)[-1] == "total"
    assert totals["base"].second - totals["base"].first == -200
    moved = comparison.of("pool total")
    assert sum((change.difference for change in moved), Decimal(0)) == 0
    assert abs(moved[0].difference) == max(abs(change.difference) for change in moved)


def test_scores_and_grades_are_compared(two_runs):
    comparison = compare_runs(*two_runs)
    assert [(c.region, c.first, c.second) for c in comparison.of("grade")] == [
        ("030", "good", "pass")
    ]
    assert [(c.region, c.difference) for c in comparison.of("score")] == [("030", Decimal(-2))]


def test_regions_of_one_run_only_are_named(make_model, tmp_path):
    run(make_model(), output=tmp_path / "a")
    fewer = make_model("fewer", data_csv="\n".join(DATA.splitlines()[:3]) + "\n")
    run(fewer, output=tmp_path / "b")
    comparison = compare_runs(read_run(tmp_path / "a"), read_run(tmp_path / "b"))
    assert comparison.regions_first_only == ("030",)
    assert comparison.regions_second_only == ()


@pytest.mark.parametrize("damage", ["not json", "[]", "{}"])
def test_a_damaged_run_is_a_message(make_model, tmp_path, damage):
    run(make_model(), output=tmp_path / "a")
    (tmp_path / "a" / "run.json").write_text(damage)
    if damage == "{}":
        assert read_run(tmp_path / "a").titles("en") == {}
    else:
        with pytest.raises(InputError):
            read_run(tmp_path / "a")
