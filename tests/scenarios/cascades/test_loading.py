"""Cascade files that are wrong say so, all at once, before any data are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.cascades import load_cascade, names_cascade
from reliefperf.scenarios.loading import load
from tests.cascading import cascade_file, cascade_in, mistakes_of_cascade, model_text

ALLOCATION = "allocation:"


def said(folder: Path, county: str, keys: str = "parent: up", top: str = "") -> str:
    """What is said of a cascade whose county level is as given."""
    file = cascade_file(
        folder,
        {"province": model_text("p"), "county": county},
        {"county": keys, "province": top},
    )
    found = mistakes_of_cascade(lambda: load_cascade(file))
    return "\n".join(mistake.en for mistake in found)


def test_a_sound_cascade_loads_and_its_models_stay_as_they_are(tmp_path: Path) -> None:
    cascade = cascade_in(tmp_path, {"province": model_text("p"), "county": model_text("c")})
    assert repr(cascade) == "<Cascade test: province -> county>"
    county = cascade.levels[1]
    assert county.alone.document.data["allocation"]["budget"] == 1000
    assert county.model.document.data["allocation"]["budget"] == "received"
    assert names_cascade(tmp_path / "cascade.yaml")
    assert not names_cascade(tmp_path / "county.yaml")


@pytest.mark.parametrize(
    ("replaced", "keys", "words"),
    [
        ({"unit: yuan": "unit: fen"}, "parent: up", "counts in fen, the level above in yuan"),
        (
            {"unit: yuan": "unit: yuan\n  smallest: 3"},
            "parent: up",
            "not a whole number of that of",
        ),
        (
            {"award:": "prize:"},
            "parent: up",
            "its pools are base, prize and those above base, award",
        ),
        ({"weight: 1}": "weight: 1, by: up}"}, "parent: up", "cannot have `by`"),
        ({"weight: 1}": "weight: 1, between: [0, 9]}"}, "parent: up", "cannot have `between`"),
        ({}, "parent: upp", "no text variable 'upp'; did you mean 'up'?"),
        ({}, "parent: need", "no text variable 'need'"),
        ({}, "", "does not say which region stands above which"),
        ({}, "parent: up, roll_up: {need: total}", "is the last: there is nothing below"),
        ({}, "parent: up, data: x.csv, roll_up: {need: total}", "either `data` of its own or"),
        ({}, "parent: up, receives: all", "expected one of pools, total"),
        ({}, "parent: up, set: {allocation.pools.prize.share: 1}", "the model has no 'prize'"),
    ],
)
def test_what_does_not_fit_the_level_above_is_named(
    tmp_path: Path, replaced: dict[str, str], keys: str, words: str
) -> None:
    assert words in said(tmp_path, model_text("c", **replaced), keys)


def test_the_first_level_has_nobody_above_it(tmp_path: Path) -> None:
    found = said(tmp_path, model_text("c"), top="parent: up, without_children: keep")
    assert "so `parent` says nothing" in found
    assert "so `without_children` says nothing" in found


def test_a_roll_up_names_what_it_lacks(tmp_path: Path) -> None:
    found = said(tmp_path, model_text("c"), top="roll_up: {need: {mean: people}, neet: total}")
    assert "no variable 'neet'; did you mean 'need'?" in found
    assert "the level below has no variable 'people'" in found
    assert "does not say what 'up' is" in found


def test_what_was_received_is_not_known_before_the_allocation(tmp_path: Path) -> None:
    county = model_text(
        "c", **{ALLOCATION: "parameters: {received: 1}\nderived: {x: received * 2}\nallocation:"}
    )
    assert "known only in the section `allocation`" in said(tmp_path, county)


def test_a_cascade_needs_two_levels_of_different_names(tmp_path: Path) -> None:
    file = cascade_file(tmp_path, {"province": model_text("p")})
    assert mistakes_of_cascade(lambda: load_cascade(file))
    text = file.read_text()
    file.write_text(text + text.splitlines()[-1] + "\n")
    found = mistakes_of_cascade(lambda: load_cascade(file))
    assert any("the level 'province' stands twice" in mistake.en for mistake in found)


def test_a_level_needs_a_model_with_money(tmp_path: Path) -> None:
    assert "no section `allocation`" in said(tmp_path, "model: c\nvariables: {up: {type: text}}\n")


def test_a_cascade_is_no_model_and_a_model_no_cascade(tmp_path: Path) -> None:
    file = cascade_file(tmp_path, {"province": model_text("p"), "county": model_text("c")})
    with pytest.raises(InputError, match="this is a cascade"):
        load(file)
    with pytest.raises(InputError, match="this is not a cascade"):
        load_cascade(tmp_path / "county.yaml")


def test_the_cascade_that_travels_is_sound() -> None:
    cascade = load_cascade("relief-2013-cascade")
    assert [level.id for level in cascade.levels] == ["province", "prefecture", "county"]
    assert all(level.alone.spec.data.synthetic is not None for level in cascade.levels)
