"""Grades: ends of bands, conditions, quotas within groups, ties."""

import pytest

from tests.building import Values, evaluated, mistakes_of, model_of, note_kinds

MODEL = """\
model: m
variables: {{x: {{}}, y: {{}}, zone: {{type: text}}}}
evaluation:
  scale: 100
  combine: arithmetic
  tree: [{{id: a, value: x, score: as_is, missing: score_missing}}]
  grades: {grades}
"""


def graded(grades: str, x: Values, **columns: Values) -> tuple[str, list[str]]:
    """The first letters of the grades (- for none), and kinds of notes other than of missing x."""
    n_regions = len(x) if isinstance(x, list) else 1
    rest: dict[str, Values] = {"y": [0] * n_regions, "zone": ["n"] * n_regions}
    evaluation, env = evaluated(model_of(MODEL.format(grades=grades)), {"x": x, **rest, **columns})
    assert evaluation.grade is not None
    kinds = [kind for kind in note_kinds(env.notes) if kind != "score-missing"]
    return "".join(grade or "-" for grade in evaluation.grade), kinds


def test_at_least_includes_its_end_and_above_does_not() -> None:
    bands = "{bands: [{grade: A, at_least: 90}, {grade: B, above: 80}, {grade: C}]}"
    assert graded(bands, [90, 89.99, 80.01, 80, None])[0] == "ABBC-"
    assert graded(bands, [89.9 + 0.1, 80 + 1e-13])[0] == "AC"


def test_every_condition_of_a_band_must_hold() -> None:
    bands = (
        "{bands: [{grade: A, at_least: 90, when: y == 0}, {grade: B, at_least: 80}, {grade: C}]}"
    )
    assert graded(bands, [95, 95, 85, 70], y=[0, 1, 0, 0])[0] == "ABBC"


def test_a_missing_condition_or_limit_is_noted_and_does_not_give_the_grade() -> None:
    for band in ("at_least: 90, when: y == 0", "at_least: 90 + y"):
        bands = f"{{bands: [{{grade: A, {band}}}, {{grade: B}}]}}"
        assert graded(bands, [95, 95], y=[0, None]) == ("AB", ["condition-unknown"])


def quota(number: float, **options: str) -> str:
    more = "".join(f", {key}: {value}" for key, value in options.items())
    return f"{{bands: [{{grade: A, quota: {number}}}, {{grade: B}}]{more}}}"


@pytest.mark.parametrize(
    ("number", "options", "expected"),
    [
        (2, {}, "AABBB"),
        (0.5, {}, "AABBB"),
        (0.5, {"quota_rounding": "up"}, "AAABB"),
        (0.5, {"quota_rounding": "half_up"}, "AAABB"),
        (0.4, {"quota_rounding": "up"}, "AABBB"),  # 2.0000000000000004 is two
        (0, {}, "BBBBB"),
        (0.99, {}, "AAAAB"),
        (1, {}, "ABBBB"),
        (99, {}, "AAAAA"),
    ],
)
def test_quotas_are_shares_below_one_and_numbers_from_one_on(
    number: float, options: dict[str, str], expected: str
) -> None:
    assert graded(quota(number, **options), [90, 80, 70, 60, 50])[0] == expected


def test_tied_regions_all_get_the_grade_or_none_does() -> None:
    values: Values = [90, 80, 80, 60]
    assert graded(quota(2), values)[0] == "AAAB"
    assert graded(quota(2, quota_ties="out"), values)[0] == "ABBB"


def test_quotas_hold_within_groups_of_regions_that_have_a_score() -> None:
    x: Values = [90, 80, 70, None, 60, 50]
    zones: Values = ["n", "n", "n", "n", "s", "s"]
    assert graded(quota(0.5, by="zone"), x, zone=zones)[0] == "ABB-AB"


def test_a_missing_group_is_noted() -> None:
    assert graded(quota(1, by="zone"), [90, 80], zone=["n", None]) == ("AB", ["no-group"])


def test_a_quota_counts_only_those_that_meet_the_other_conditions() -> None:
    bands = "{bands: [{grade: A, at_least: 75, quota: 2}, {grade: B, quota: 1}, {grade: C}]}"
    assert graded(bands, [74, 90, 60, 50])[0] == "BACC"


def test_the_last_band_takes_what_is_left() -> None:
    (mistake,) = mistakes_of(MODEL.format(grades="{bands: [{grade: A}, {grade: B, at_least: 3}]}"))
    assert "must have no condition" in mistake.en


def test_a_quota_without_a_value_is_refused() -> None:
    assert "has no value" in mistakes_of(MODEL.format(grades=quota("0 / 0")))[0].en  # type: ignore[arg-type]


def test_a_vetoed_or_capped_region_takes_no_place_of_a_quota_above() -> None:
    grades = "{bands: [{grade: A, quota: 1}, {grade: B, quota: 2}, {grade: C}]}"
    for effect, expected in (("veto: true", "CABB"), ("cap_grade: B", "BABC")):
        text = MODEL.format(grades=grades)
        text += f"  adjustments: [{{id: found, when: y == 1, {effect}}}]\n"
        columns: dict[str, Values] = {
            "x": [90, 80, 70, 60],
            "y": [1, 0, 0, 0],
            "zone": ["n"] * 4,
        }
        evaluation, _ = evaluated(model_of(text), columns)
        assert evaluation.grade is not None
        assert "".join(evaluation.grade) == expected
