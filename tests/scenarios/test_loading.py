"""Scenarios: overrides by path, checked as strictly as the model, mistakes shown where they stand."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from reliefperf.errors import InputError, Mistake
from reliefperf.model.model import Model
from reliefperf.scenarios.loading import Scenario, load, load_model
from tests.conftest import DATA, FIRST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "model.yaml").write_text(FIRST, encoding="utf-8")
    (tmp_path / "first" / "data.csv").write_text(DATA, encoding="utf-8")
    return tmp_path


def scenario(folder: Path, *changes: str, head: str = "model: first") -> Scenario:
    lines = ["scenario: s", head, "set:", *(f"  {change}" for change in changes)]
    (folder / "s.yaml").write_text("\n".join(lines), encoding="utf-8")
    loaded = load(folder / "s.yaml")
    assert isinstance(loaded, Scenario)
    return loaded


def mistakes(folder: Path, *changes: str, head: str = "model: first") -> list[Mistake]:
    with pytest.raises(InputError) as caught:
        scenario(folder, *changes, head=head)
    for mistake in caught.value.mistakes:
        assert mistake.zh
    return list(caught.value.mistakes)


def test_values_are_put_at_their_paths(folder: Path) -> None:
    model = scenario(
        folder,
        "allocation.budget: 2000",
        "allocation.pools.award.share: 0.1",
        "evaluation.tree.accuracy.score.deduct: 2",
        "evaluation.tree.0.missing: zero",
        "evaluation.grades.bands.0.at_least: 9",
    ).model
    assert model.spec.allocation is not None
    assert model.spec.evaluation is not None
    assert model.spec.evaluation.grades is not None
    assert model.spec.allocation.budget is not None
    assert model.spec.allocation.budget.text == "2000"
    assert str(model.spec.allocation.pools["award"].share) == "0.1"
    assert model.spec.evaluation.tree[0].missing == "zero"
    assert str(model.spec.evaluation.grades.bands[0].at_least) == "9"


def test_a_new_key_and_a_whole_part_may_be_put_too(folder: Path) -> None:
    model = scenario(
        folder,
        "date: 2024-06",
        "evaluation.decimals: 1",
        "allocation.pools.award: {share: 0.2, weight: score}",
        "allocation.rules: [{id: c, cap: 700}]",
        "allocation.rules.c.cap: 600",
    ).model
    assert model.spec.date == "2024-06"
    assert model.spec.allocation is not None
    assert model.spec.allocation.pools["award"].eligible is None
    assert str(model.spec.allocation.rules[0].cap) == "600"  # type: ignore[attr-defined]


def test_the_model_itself_is_not_changed(folder: Path) -> None:
    scenario(folder, "allocation.budget: 2000")
    spec = load_model(folder / "first").spec
    assert spec.allocation is not None
    assert str(spec.allocation.budget) == "1000"


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        (
            "allocation.pols.base.share: 1",
            3,
            "no 'pols' in allocation.pols.base.share; did you mean 'pools'?",
        ),
        ("allocation.pools.bas.share: 1", 3, "no 'bas'"),
        ("evaluation.tree.acuracy.points: 1", 3, "no 'acuracy'"),
        ("evaluation.tree.7.points: 1", 3, "no '7'"),
        ("allocation.budget.x: 1", 3, "no 'x'"),
        ("allocation.budgett: 5", 3, "unknown key 'budgett'; did you mean 'budget'?"),
        ("allocation.budget: [5]", 22, "expected a number or an expression"),
        ("allocation.budget: 5 + nothing", 26, "unknown name 'nothing'"),
        ("allocation.pools.base.share: 1.5", 32, "a share lies between 0 and 1"),
        ("evaluation.tree.accuracy.points: 8", 36, None),
        ("evaluation.tree.accuracy.score: {ratio: 1, caps: 2}", 46, "did you mean 'cap'?"),
        ("evaluation.grades.bands.0.at_lest: 9", 3, "did you mean 'at_least'?"),
    ],
)
def test_a_wrong_override_is_told_in_the_scenario(
    folder: Path, change: str, column: int, said: str | None
) -> None:
    found = mistakes(folder, change)
    in_scenario = [mistake for mistake in found if mistake.file.endswith("s.yaml")]
    if said is None:  # the sum is told where the total stands, in the model
        assert "the points of the tree add up to 8, not 10" in found[0].en
        return
    assert said in in_scenario[0].en
    assert (in_scenario[0].line, in_scenario[0].column) == (4, column)


def test_every_wrong_override_is_told_at_once(folder: Path) -> None:
    found = mistakes(folder, "allocation.pols: 1", "evaluation.decimals: x", "datte: 5", "a.b: 1")
    assert [mistake.line for mistake in found] == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scenario: s\n", "'model' is missing"),
        ("scenario: s\nmodel: first\nsett: {}\n", "did you mean 'set'?"),
        ("scenario: s\nmodel: first\nset: [1]\n", "expected keys and values"),
        ("scenario: a b\nmodel: first\n", "a name of letters"),
        ("scenario: s\nmodel: firstt\n", "no such file, folder or shipped model: 'firstt'"),
    ],
)
def test_what_is_no_scenario_is_refused(folder: Path, text: str, said: str) -> None:
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(folder / "s.yaml")
    assert said in caught.value.text("en")


def test_a_file_and_a_folder_and_a_shipped_name_load(folder: Path) -> None:
    for target in (folder / "first", folder / "first" / "model.yaml", "hdi-2021"):
        assert isinstance(load(target), Model)
    assert load_model("hdi-2021").name == "hdi-2021"


def test_messages_name_the_file_as_the_person_wrote_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "first" / "model.yaml").write_text("model: m\nnothing: 1\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    with pytest.raises(InputError) as caught:
        load_model("first")
    assert caught.value.mistakes[0].file == "first/model.yaml"
    (folder / "s.yaml").write_text("scenario: s\nmodel: first\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load("s.yaml")
    assert str(folder) not in str(caught.value)


def test_texts_over_several_lines_keep_their_place(folder: Path) -> None:
    (folder / "s.yaml").write_text(
        dedent("""\
            scenario: s
            model: first
            set:
              allocation.budget: >
                100 +
                nothing
        """),
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        load(folder / "s.yaml")
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == (4, 22)
