"""An analysis of a run: what can be asked for, what is refused, what it holds."""

from __future__ import annotations

import pytest

import reliefperf
from reliefperf.errors import InputError
from reliefperf.scenarios.analysis.analysing import Analysis, analyse
from reliefperf.scenarios.running import Run
from tests.building import model_of, run_on

MODEL = """\
model: small
language: en
data: {region: code, period: year}
variables: {a: {}, b: {}, c: {}}
evaluation:
  combine: arithmetic
  scale: 10
  tree:
    - id: work
      title: {zh: 工作, en: Work}
      combine: arithmetic
      children:
        - {id: first, value: a, score: {formula: a}}
        - {id: second, value: b, score: {formula: 10 - b}}
    - {id: third, value: c, score: {formula: c}}
"""
ROWS = {
    "code": ["r1", "r2", "r3", "r4", "r5"] * 2,
    "year": ["2020"] * 5 + ["2021"] * 5,
    "a": [1, 2, 3, 4, 5, 5, 6, 7, 8, 9],
    "b": [9, 7, 8, 3, 2, 1, 1, 3, 0, 2],
    "c": [5, 1, 4, 2, 3, 2, 9, 4, 4, 1],
}


@pytest.fixture(scope="module")
def small() -> Run:
    return run_on(model_of(MODEL), ROWS)


def english(error: pytest.ExceptionInfo[InputError]) -> str:
    for mistake in error.value.mistakes:
        assert mistake.zh
        assert mistake.zh != mistake.en
    return error.value.text("en")


def test_the_last_period_and_all_stages_are_looked_at_by_default(small: Run) -> None:
    found = analyse(small)
    assert found.period == "2021"
    assert found.stages == ("raw", "points")
    assert found.order == ("first", "second", "third")
    assert analyse(small, period="2020").period == "2020"


def test_it_is_there_from_the_package(small: Run) -> None:
    assert isinstance(reliefperf.analyse(small), reliefperf.Analysis)


def test_tables_are_frames(small: Run) -> None:
    found = analyse(small)
    assert set(found.statistics.indicator) == {"first", "second", "third"}
    assert found.correlations.method.unique().tolist() == ["pearson", "spearman"]
    assert set(found.alpha.node) == {"score", "work"}
    assert found.pca.loading.abs().max() <= 1 + 1e-12
    assert found.importance.weight.tolist() == pytest.approx([0.25, 0.25, 0.5])


def test_kendall_is_there_when_asked_for(small: Run) -> None:
    found = analyse(small, methods=["kendall"])
    assert found.correlations.method.unique().tolist() == ["kendall"]


def test_a_node_takes_the_place_of_the_score(small: Run) -> None:
    found = analyse(small, node="work")
    assert found.order == ("first", "second")
    assert {pair.second for pair in found.pairs} == {"second", "work"}
    assert [row.weight for row in found.matters] == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"period": "2012"}, "no period '2012'; did you mean"),
        ({"node": "worc"}, "no node 'worc'; did you mean 'work'"),
        ({"node": "first"}, "no node 'first'"),
        ({"stages": ["treated"]}, "no stage 'treated'; known: points, raw"),
        ({"methods": ["pearsons"]}, "no method 'pearsons'; did you mean 'pearson'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_near_one(small: Run, asked, said) -> None:
    with pytest.raises(InputError) as error:
        analyse(small, **asked)
    assert said in english(error)


def test_a_run_without_scores_is_refused() -> None:
    model = model_of(
        "model: x\ndata: {region: code}\nvariables: {a: {}}\n"
        "allocation:\n  unit: yuan\n  budget: 10\n  pools: {base: {share: 1, weight: a}}\n"
    )
    run = run_on(model, {"code": ["r1", "r2"], "a": [1, 2]})
    with pytest.raises(InputError) as error:
        analyse(run)
    assert "no section `evaluation`" in english(error)


def test_two_regions_are_too_few_and_the_error_names_indicators() -> None:
    rows = {name: values[5:7] for name, values in ROWS.items()}
    with pytest.raises(InputError) as error:
        analyse(run_on(model_of(MODEL), rows))
    said = english(error)
    assert "no node has 3 regions" in said
    assert "first (2)" in said


def test_it_shows_itself_in_a_notebook_and_says_synthetic(small: Run) -> None:
    found = analyse(small)
    assert repr(found) == (
        "<Analysis of small in 2021: 3 indicators, raw/points, flagged pairs: "
        f"{len(found.flagged)}>"
    )
    assert "<table" in found._repr_html_()
    made_up = model_of(MODEL.replace("period: year", "period: year, synthetic: made up"))
    assert "SYNTHETIC DATA" in repr(analyse(run_on(made_up, ROWS)))


def test_titles_are_in_the_language_asked_for(small: Run) -> None:
    found = analyse(small)
    assert found.titles("zh")["work"] == "工作"
    assert found.titles("en")["score"] == "score"


def test_shuffled_rows_give_the_same_analysis(small: Run) -> None:
    order = [8, 2, 5, 0, 9, 1, 7, 3, 6, 4]
    rows = {name: [values[place] for place in order] for name, values in ROWS.items()}
    from reliefperf.scenarios.analysis.tables import cell, tables

    def written(analysis: Analysis) -> dict[str, list[list[str]]]:
        return {
            name: [[cell(value) for value in row] for row in rows]
            for name, (_, rows) in tables(analysis).items()
        }

    assert written(analyse(run_on(model_of(MODEL), rows))) == written(analyse(small))
