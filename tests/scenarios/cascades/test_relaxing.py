"""Rules that cannot all hold for a parent: the least relaxation, offered or applied and recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.cascades import Cascade, run_cascade
from reliefperf.scenarios.cascades.tables import relaxations_of_parents
from reliefperf.scenarios.cascades.without import without_in_cascade
from reliefperf.scenarios.verifying import verify
from tests.cascading import TREE, amounts, cascade_in, model_text, tables_of


@pytest.fixture
def floors(tmp_path: Path) -> Cascade:
    """P received 343 for two floors of 200; Q's 457 are enough."""
    rule = "{id: least, floor: 200, pool: base}"
    return cascade_in(tmp_path, {"province": model_text("p"), "county": model_text("c", rule)})


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_least_relaxation_is_applied_at_the_parents_that_need_it(
    floors: Cascade, jobs: int, tmp_path: Path
) -> None:
    run = run_cascade(floors, tables_of(TREE), jobs=jobs, relax="apply")
    paid = amounts(run)
    assert paid["a", "base"] + paid["b", "base"] == 343
    assert (paid["c", "base"], paid["d", "base"]) == (257, 200)
    _, rows = relaxations_of_parents(run)
    assert {row[:3] for row in rows} == {("county", "P", "least")}
    assert sum(item.by for item in run.levels[1].gave_way) == 57
    out = run.write(tmp_path / "out")
    assert (out / "relaxations.csv").read_text().startswith("level,parent,rule,row,side,limit,")
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["levels"][1]["relaxed"] == {"least": {"rows": 2, "by": "57"}}
    assert "relaxed" not in record["levels"][0]
    assert verify(out).holds
    # without the floor a and b share by need, and nothing has to give way
    found = without_in_cascade(run, "least")
    assert [int(amount) for amount in found.without] == [197, 246, 477, 80]


def test_a_relaxation_is_offered_with_level_and_parent(floors: Cascade) -> None:
    with pytest.raises(InfeasibleError) as caught:
        run_cascade(floors, tables_of(TREE), relax="offer")
    header, *rows = caught.value.remedy
    assert header[:5] == ("level", "parent", "rule", "row", "side")
    assert {row[:3] for row in rows} == {("county", "P", "least")}
    with pytest.raises(InfeasibleError) as caught:
        run_cascade(floors, tables_of(TREE))
    assert not caught.value.remedy


def test_a_changed_cell_of_a_relaxation_is_named(floors: Cascade, tmp_path: Path) -> None:
    out = run_cascade(floors, tables_of(TREE), relax="apply").write(tmp_path / "out")
    file = out / "relaxations.csv"
    text = file.read_text()
    file.write_text(text.replace(",200,", ",201,", 1))
    found = verify(out)
    assert not found.holds
    assert any("relaxations.csv" in failure.file for failure in found.failures)
