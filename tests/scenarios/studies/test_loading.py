"""Studies are checked whole before anything is run."""

from __future__ import annotations

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.library import library_folder, scenario_names
from reliefperf.scenarios.loading import load
from reliefperf.scenarios.studies.loading import load_study, names_study
from tests.scenarios.studies.building import MODEL, factors, folder_of, mistakes_of_study, plan_of


def test_every_mistake_is_said_at_once_where_it_stands(tmp_path) -> None:
    text = factors(
        """
        a: {choose: evaluation.combin.x, among: [arithmetic, geometric]}
        b: {leave_out: [none, frst]}
        c: {choices: {as_is: {}, other: {evaluation.tree.first.score: {zscor: higher}}}}
        d: {choose: evaluation.combine, among: [arithmetic]}
        """
    )
    found = {mistake.line: mistake.en for mistake in mistakes_of_study(tmp_path, text)}
    assert "did you mean 'combine'" in found[4]
    assert "did you mean 'first'" in found[5]
    assert "did you mean 'zscore'" in found[6]
    assert "two levels or more" in found[7]


def test_a_mistake_in_a_level_stands_in_the_study_file(tmp_path) -> None:
    text = factors("c: {choices: {as_is: {}, other: {evaluation.tree.*.points: many}}}")
    for mistake in mistakes_of_study(tmp_path, text):
        assert mistake.file.endswith(("study.yaml", "model.yaml"))
        assert mistake.file.endswith("study.yaml")


@pytest.mark.parametrize(
    ("path", "changed"),
    [("evaluation.tree.*.weight", {"first", "group"}), ("evaluation.tree.**.weight", None)],
)
def test_a_star_is_one_level_and_two_stars_are_every_indicator(tmp_path, path, changed) -> None:
    text = factors(f"c: {{choices: {{as_is: {{}}, other: {{{path}: 7}}}}}}")
    plan = plan_of(tmp_path, text)
    document, mistakes = plan.changed({"c": 1})
    assert mistakes == []
    tree = document.data["evaluation"]["tree"]
    nodes = [*tree, *tree[1]["children"]]
    sevens = {node["id"] for node in nodes if node["weight"] == 7}
    assert sevens == (changed or {"first", "second", "third"})


def test_one_rule_for_all_does_not_turn_a_direction_round(tmp_path) -> None:
    level = "evaluation.tree.**.score: {zscore: higher}"
    (mistake,) = mistakes_of_study(
        tmp_path, factors(f"c: {{choices: {{a: {{}}, b: {{{level}}}}}}}")
    )
    assert "turns the direction of 'third' round" in mistake.en
    own = "evaluation.tree.group.children.third.score: {zscore: lower}"
    text = factors(f"c: {{choices: {{a: {{}}, b: {{{level}, {own}}}}}}}")
    assert mistakes_of_study(tmp_path, text) == []


def test_probabilities_belong_to_levels_and_add_up_to_one(tmp_path) -> None:
    text = factors(
        """
        a: {leave_out: [none, first], probabilities: [0.5, 0.4]}
        b: {leave_out: [none, second], probabilities: [1.0]}
        """
    )
    first, second = mistakes_of_study(tmp_path, text)
    assert "add up to 0.9" in first.en
    assert "1 probabilities for 2 levels" in second.en


def test_outputs_that_the_model_does_not_have_are_refused(tmp_path) -> None:
    bare = MODEL.partition("  grades:")[0]
    text = factors("b: {leave_out: each}", outputs="[grade, amount]")
    said = [mistake.en for mistake in mistakes_of_study(tmp_path, text, bare)]
    assert said == ["the model has no grades", "the model allocates no money"]


def test_a_model_without_evaluation_cannot_be_studied(tmp_path) -> None:
    text = "study: s\nmodel: india-fc15-rural\nfactors: {b: {leave_out: each}}\n"
    (mistake,) = mistakes_of_study(tmp_path, text)
    assert "has no evaluation" in mistake.en


def test_a_study_of_a_scenario_starts_from_its_values(tmp_path) -> None:
    folder_of(tmp_path)
    (tmp_path / "other.yaml").write_text(
        "scenario: other\nmodel: .\nset: {evaluation.tree.first.weight: 10, "
        "evaluation.tree.group.weight: 90}\n",
        encoding="utf-8",
    )
    path = tmp_path / "study.yaml"
    path.write_text(
        "study: s\nmodel: other.yaml\nset: {evaluation.decimals: 2}\n"
        "factors: {b: {leave_out: each}}\n",
        encoding="utf-8",
    )
    spec = load_study(path).model.spec.evaluation
    assert spec is not None
    assert (spec.tree[0].weight.text, spec.decimals) == ("10", 2)


def test_the_shipped_studies_are_sound() -> None:
    files = [library_folder("scenarios") / f"{name}.yaml" for name in scenario_names()]
    found = [file.stem for file in files if names_study(file)]
    assert set(found) >= {"tai-robustness", "relief-2013-weights"}
    for name in found:
        assert load_study(name).spec.study == name


def test_a_study_is_not_taken_for_a_model_nor_a_model_for_a_study(tmp_path) -> None:
    path = folder_of(tmp_path)
    assert names_study(path)
    assert not names_study(tmp_path)
    with pytest.raises(InputError, match="reliefperf study"):
        load(path)
    with pytest.raises(InputError, match="begins with `study: NAME`"):
        load_study(tmp_path / "model.yaml")
