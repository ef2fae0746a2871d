"""Variance-based sensitivity of the Technology Achievement Index over a design of 216 variants.

The figures in data/sobol_exact_tai*.csv were computed by full enumeration of the design (and with
SALib 1.6.0, n 4096, seed 7) from the data of the OECD/JRC Handbook on Constructing Composite
Indicators (2008): 3 normalisations x 4 sets of weights x 2 ways of combining x none or one of 8
indicators left out; the output is the mean absolute rank shift. They are not published figures.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from reliefperf.scenarios.studies import Study, study
from reliefperf.scenarios.studies.loading import load_study

DATA = Path(__file__).parent / "data"
STUDY = Path(__file__).resolve().parents[2] / "scenarios" / "tai-robustness.yaml"
NODES = {
    "patents": "patent_score",
    "royalties": "royalty_score",
    "internet": "internet_score",
    "tech_exports": "export_score",
    "telephones_log10": "telephone_score",
    "electricity_log10": "electricity_score",
    "schooling": "schooling_score",
    "university": "university_score",
    "none": "none",
}
FACTORS = ("normalisation", "weights", "aggregation", "excluded")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def enumerated() -> Study:
    return study(STUDY)


@cache
def sampled() -> Study:
    """The same study with a Sobol design; each of the 216 variants is still computed once."""
    plan = load_study(STUDY)
    design = plan.spec.design.model_copy(update={"method": "sobol", "n": 4096, "seed": 7})
    spec = plan.spec.model_copy(update={"design": design, "reversals": False})
    return study(type(plan)(spec, plan.document, plan.model, plan.levels, plan.data, plan.files))


def test_all_216_rank_shifts() -> None:
    made = enumerated()
    assert made.results.failures == ()
    table = made.variants.set_index(list(FACTORS))["mean_rank_shift"]
    expected = rows("sobol_exact_tai_runs.csv")
    assert len(table) == len(expected) == 216
    for row in expected:
        levels = (*(row[factor] for factor in FACTORS[:3]), NODES[row["excluded"]])
        assert table.loc[levels] == pytest.approx(float(row["mean_abs_rank_shift"]), abs=1e-9)


def test_exact_indices_to_the_last_printed_decimal() -> None:
    found = enumerated().summary_indices.indices
    assert found is not None
    for at, row in enumerate(rows("sobol_exact_tai.csv")):
        assert row["factor"] == FACTORS[at]
        assert found.first[at, 0] == pytest.approx(float(row["S_first_exact"]), abs=1e-8)
        assert found.total[at, 0] == pytest.approx(float(row["S_total_exact"]), abs=1e-8)


def test_a_sobol_sample_comes_within_two_hundredths() -> None:
    made = sampled()
    found = made.summary_indices.indices
    assert found is not None
    assert found.first_error is not None
    assert len(made.design.rows) == 4096 * 6
    for at, row in enumerate(rows("sobol_exact_tai.csv")):
        assert found.first[at, 0] == pytest.approx(float(row["S_first_exact"]), abs=0.02)
        assert found.total[at, 0] == pytest.approx(float(row["S_total_exact"]), abs=0.02)
        assert found.first[at, 0] == pytest.approx(float(row["S_first_salib_N4096"]), abs=1e-8)
        assert found.total[at, 0] == pytest.approx(float(row["S_total_salib_N4096"]), abs=1e-8)


def test_rank_statistics_of_23_countries() -> None:
    table = enumerated().regions.set_index("region")
    expected = rows("sobol_exact_tai_rankstats.csv")
    assert len(expected) == len(table) == 23
    for row in expected:
        found = table.loc[row["country"]]
        assert found["rank"] == float(row["nominal"])
        for part in ("mean", "median", "q05", "q95", "min", "max"):
            assert found[f"rank_{part}"] == pytest.approx(float(row[part]), abs=5e-7), part


def test_salib_gives_the_same_estimates() -> None:
    from SALib.analyze import sobol

    made = sampled()
    problem = {"num_vars": 4, "names": list(FACTORS), "bounds": [[0.0, 1.0]] * 4}
    y = made.results.shift[made.design.rows]
    theirs = sobol.analyze(problem, y, calc_second_order=False, num_resamples=2, seed=1)
    found = made.summary_indices.indices
    assert found is not None
    assert np.allclose(found.first[:, 0], theirs["S1"], atol=1e-12)
    assert np.allclose(found.total[:, 0], theirs["ST"], atol=1e-12)
