"""ASEM connectivity, 51 countries x 49 indicators: every stage of COINr 1.1.14 to 1e-6.

Source: COINr 1.1.14 (W. Becker, CRAN, MIT licence), build_example_coin: the stages denominated,
imputed, treated and normalised stand in data/, aggregated and results in models/asem/.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.model.environment import Array
from reliefperf.scenarios.running import Run, run

MODEL = Path(__file__).resolve().parents[2] / "models" / "asem"
STAGES = Path(__file__).parent / "data"


@cache
def ran() -> Run:
    return run(MODEL)


def evaluation() -> Evaluation:
    found = ran().last.evaluation
    assert found is not None
    return found


def stage(file: Path) -> tuple[list[str], dict[str, dict[str, float]]]:
    """The columns, and the figures by country and column; NaN for NA."""
    with file.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    columns = [name for name in rows[0] if name != "uCode"]
    figures = {
        row["uCode"]: {
            name: float("nan") if row[name] in ("", "NA") else float(row[name]) for name in columns
        }
        for row in rows
    }
    return columns, figures


def assert_agree(file: Path, ids: tuple[str, ...], values: Array) -> None:
    """Every figure of a stage, to 1e-6 of the figure and of one, whichever is stricter."""
    columns, figures = stage(file)
    assert sorted(columns) == sorted(ids)
    assert sorted(figures) == sorted(evaluation().codes)
    wanted = np.array([[figures[code][name] for code in evaluation().codes] for name in ids])
    assert wanted.shape == (len(ids), 51)
    assert np.isnan(values).tolist() == np.isnan(wanted).tolist()
    gap = np.abs(values - wanted)
    assert np.nanmax(gap) <= 1e-6
    assert np.nanmax(gap / np.where(wanted == 0, 1, np.abs(wanted))) <= 1e-6


@pytest.mark.parametrize("name", ["denominated", "imputed", "treated"])
def test_every_step_of_treatment_agrees_in_51_x_49_cells(name: str) -> None:
    treated = evaluation().treated
    assert treated is not None
    assert len(treated.ids) == 49
    assert_agree(STAGES / f"asem_coinr_{name}.csv", treated.ids, treated.after(name))


def test_normalised_values_agree_in_51_x_49_cells() -> None:
    ids = tuple(evaluation().indicators)
    values = np.array([evaluation().values(name) for name in ids])
    assert_agree(STAGES / "asem_coinr_normalised.csv", ids, values)


def test_aggregated_values_agree_in_51_x_60_cells() -> None:
    nodes = [name for name in evaluation().nodes if name]
    ids = (*evaluation().indicators, *nodes)
    values = [evaluation().values(name) for name in ids]
    assert len(ids) == 59
    stacked = np.array([*values, evaluation().score])
    assert_agree(MODEL / "aggregated.csv", (*ids, "Index"), stacked)


def test_printed_results_agree_to_two_decimals_and_every_rank() -> None:
    columns, figures = stage(MODEL / "results.csv")
    place = {code: i for i, code in enumerate(evaluation().codes)}
    for code, row in figures.items():
        for name in columns:
            if name == "Rank":
                assert evaluation().rank[place[code]] == row[name]
                continue
            values = evaluation().score if name == "Index" else evaluation().values(name)
            assert abs(values[place[code]] - row[name]) <= 0.005 + 1e-9, (code, name)


def test_the_three_best_countries() -> None:
    score = dict(zip(evaluation().codes, evaluation().score.round(2).tolist(), strict=True))
    assert sorted(score, key=score.__getitem__)[:-4:-1] == ["CHE", "NLD", "DNK"]
    assert [score[code] for code in ("CHE", "NLD", "DNK")] == [68.38, 64.82, 64.80]


def test_15_indicators_were_winsorised_and_none_transformed() -> None:
    rows = ran().treatments
    told = rows[(rows["step"] == "treated") & (rows["region"] == "")]
    assert len(told) == 15
    assert not told["how"].str.contains("log_shifted|beyond").any()
    assert (rows["step"] == "imputed").sum() == 65


def test_no_country_was_screened_out() -> None:
    treated = evaluation().treated
    assert treated is not None
    assert not treated.regions_out.any()
    assert not treated.indicators_out
