"""Running: verbs, data from a file or a table, notes, money of the period before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.running import Run, allocate, run, score
from tests.building import model_of, note_kinds, plain_list, run_on

Make = Callable[..., Path]


def test_scoring_computes_no_money(make_model: Make) -> None:
    model = load_model(make_model())
    assert score(model).last.allocation is None
    assert allocate(model).last.allocation is not None


def test_a_verb_needs_its_section() -> None:
    for verb, section in ((score, "evaluation"), (allocate, "allocation")):
        with pytest.raises(InputError, match=f"the model has no section `{section}`"):
            verb(model_of("model: m\n"))


def test_a_model_without_a_file_needs_data() -> None:
    with pytest.raises(InputError, match="the model names no data file"):
        score(model_of("model: m\nevaluation: {tree: [{id: a, value: 1, score: as_is}]}\n"))


def test_a_table_in_memory_serves_as_data(make_model: Make) -> None:
    folder = make_model()
    frame = pd.read_csv(folder / "data.csv", dtype={"code": str})
    one, other = run(folder), run(folder, frame)
    assert one.scores.equals(other.scores)
    assert one.allocation.equals(other.allocation)


def test_a_scenario_brings_its_own_data(make_model: Make) -> None:
    folder = make_model()
    (folder / "other.csv").write_text(
        "code,name,recipients,wrongful\n010,North,7,0\n", encoding="utf-8"
    )
    (folder.parent / "s.yaml").write_text(
        "scenario: s\nmodel: first\ndata: other.csv\n", encoding="utf-8"
    )
    result = run(folder.parent / "s.yaml")
    assert result.scores["region"].tolist() == ["010"]
    assert result.scenario is not None


def test_a_run_tells_what_it_is(make_model: Make) -> None:
    result = run(make_model())
    assert repr(result) == "<Run of first: 3 regions, 1,000 yuan paid>"
    assert "<table" in result._repr_html_()
    assert not result.is_synthetic


SHORT = "{id: high, floor: 400, pool: base}, {id: low, cap: 300, pool: base}"


@pytest.mark.parametrize("verb", ["run", "allocate"])
def test_rules_give_way_where_that_is_asked_for(make_model: Make, cli: Any, verb: str) -> None:
    folder = make_model()
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    (folder / "model.yaml").write_text(f"{text}  rules: [{SHORT}]\n", encoding="utf-8")

    def made(**how: bool) -> Run:
        return run(folder, **how) if verb == "run" else allocate(load_model(folder), **how)

    with pytest.raises(InfeasibleError, match="'high'"):
        made()
    relaxed = made(relax=True)
    assert "relaxed" in note_kinds(relaxed.notes)
    relaxed.write(folder.parent / "one")
    assert cli("run", folder, "-o", folder.parent / "other", "--relax").exit_code == 0
    for name in ("allocation.csv", "relaxations.csv"):
        one, other = ((folder.parent / at / name).read_bytes() for at in ("one", "other"))
        assert one == other


def test_made_up_data_are_called_so(make_model: Make) -> None:
    folder = make_model()
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    text = text.replace("file: data.csv", "file: data.csv, synthetic: made up")
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    assert "SYNTHETIC" in repr(run(folder))


HELD = """\
    model: m
    data: {region: code, period: year}
    variables: {w: {missing: error}}
    derived: {before: previous(amount)}
    allocation:
      unit: yuan
      budget: 100
      pools: {grant: {share: 1, weight: w}}
      rules: [{id: keep, hold_harmless: 0.9, previous: "if_missing(before, 0)"}]
"""
PANEL: dict[str, list[Any]] = {
    "code": ["A", "B", "A", "B", "C"],
    "year": ["2021", "2021", "2022", "2022", "2022"],
    "w": [3, 1, 1, 1, 2],
}


def test_the_money_of_the_period_before_can_be_held() -> None:
    result = run_on(model_of(HELD), PANEL)
    columns = {year: part.env.columns for year, part in result.periods.items()}
    assert plain_list(columns["2021"]["amount"]) == [75, 25]
    assert plain_list(columns["2022"]["before"]) == [75, 25, None]
    held = plain_list(columns["2022"]["amount"])
    assert held[0] == 68  # 67.5 at least, in whole yuan
    assert sum(held) == 100
    assert "no-previous-period" in note_kinds(result.notes)


def test_a_score_can_look_at_the_money_before_only_where_money_was_computed() -> None:
    text = (
        HELD + '    evaluation: {tree: [{id: a, value: "if_missing(before, 1)", score: as_is}]}\n'
    )
    model = model_of(text)
    scored = run_on(model, PANEL, allocation=False)
    notes = [note.en for note in scored.notes]
    assert any("was not computed so far" in note for note in notes)


def test_notes_of_a_run_stand_once_each() -> None:
    notes = run_on(model_of(HELD), PANEL).notes
    assert len(set(notes)) == len(notes)
