"""Grades: ends of bands, conditions, quotas within groups, ties."""

import pytest

from reliefperf.errors import InputError
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


def quota(number: float | str, **options: str) -> str:
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


def test_a_quota_that_is_neither_a_share_nor_a_whole_number_is_refused() -> None:
    for number in (2.5, -1):
        (mistake,) = mistakes_of(MODEL.format(grades=quota(number)))
        assert "a share below 1 or a whole number" in mistake.en
    for text in ("0 / 0", "5 / 2", "y"):
        with pytest.raises(InputError, match="one whole number of regions, in each group"):
            graded(quota(text), [90, 80], y=[1, 2])


def test_a_quota_may_differ_from_group_to_group() -> None:
    x: Values = [90, 80, 70, 60, 90, 80, 70, 60]
    zones: Values = ["e"] * 4 + ["w"] * 4
    by_zone = "\"where(zone == 'e', 0.25, 0.5)\""
    assert graded(quota(by_zone, by="zone"), x, zone=zones)[0] == "ABBBAABB"
    with pytest.raises(InputError, match="in that of region r1 it is 0.25, 0.5"):
        graded(quota(by_zone), x, zone=zones)


EAST_MIDDLE_WEST = ["east"] * 10 + ["middle"] * 7 + ["west"] * 3


@pytest.mark.parametrize(
    ("rounding", "places"),
    [
        ("down", {"east": 3, "middle": 2, "west": 0}),
        ("half_up", {"east": 3, "middle": 2, "west": 1}),
        ("up", {"east": 3, "middle": 3, "west": 1}),
    ],
)
def test_each_of_east_middle_and_west_has_its_own_thirty_per_cent(
    rounding: str, places: dict[str, int]
) -> None:
    # 0.3 of 10, 7 and 3 regions: 3, 2.1 and 0.9
    x: Values = [float(100 - i) for i in range(20)]
    grades, notes = graded(quota(0.3, by="zone", quota_rounding=rounding), x, zone=EAST_MIDDLE_WEST)
    found = {
        zone: sum(g == "A" for g, z in zip(grades, EAST_MIDDLE_WEST, strict=True) if z == zone)
        for zone in places
    }
    assert found == places
    assert notes == []


def test_a_tie_at_the_end_of_one_groups_quota_moves_no_other_group() -> None:
    zones: Values = ["e", "e", "e", "w", "w", "w"]
    x: Values = [90, 80, 80, 70, 60, 50]
    assert graded(quota(2, by="zone"), x, zone=zones)[0] == "AAAAAB"
    assert graded(quota(2, by="zone", quota_ties="out"), x, zone=zones)[0] == "ABBAAB"


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


def test_a_quota_where_no_region_has_a_group_gives_the_last_grade() -> None:
    text = """\
        model: m
        variables: {x: {}, zone: {type: text}}
        evaluation:
          combine: arithmetic
          tree: [{id: a, value: x, score: as_is}]
          grades: {by: zone, bands: [{grade: A, quota: 0.4}, {grade: B}]}
    """
    evaluation, env = evaluated(model_of(text), {"x": [90, 70], "zone": [None, None]})
    assert evaluation.grade is not None
    assert evaluation.grade.tolist() == ["B", "B"]
    assert "no-group" in {note.kind for note in env.notes}


TIED = """\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  scale: 100
  combine: arithmetic
  tree: [{{id: a, value: x, score: as_is}}]
  grades: {{bands: [{{grade: A, quota: 2}}, {{grade: B}}], quota_ties: out{grades}}}
  rank: {{ties: {ties}, order: {order}, tie_break: y}}
"""


@pytest.mark.parametrize(
    ("ties", "order", "expected"),
    [
        ("min", "descending", [4, 3, 1, 1, 5, 6]),
        ("max", "descending", [4, 3, 2, 2, 5, 6]),
        ("dense", "descending", [3, 2, 1, 1, 4, 5]),
        ("average", "descending", [4, 3, 1.5, 1.5, 5, 6]),
        ("min", "ascending", [5, 4, 2, 2, 6, 1]),
    ],
)
def test_tie_break_orders_equal_scores_and_what_is_equal_in_both_ties(
    ties: str, order: str, expected: list[float]
) -> None:
    text = TIED.format(ties=ties, order=order, grades="")
    columns: dict[str, Values] = {"x": [80, 80, 80, 80, 80, 70], "y": [2, 3, 5, 5, None, 9]}
    evaluation, env = evaluated(model_of(text), columns)
    assert evaluation.rank.tolist() == expected
    assert "tie-break-missing" in note_kinds(env.notes)


def test_tie_break_of_grades_decides_who_takes_the_last_place_of_a_quota() -> None:
    columns: dict[str, Values] = {"x": [90, 80, 80, 80], "y": [0, 1, 3, 2]}
    text = TIED.format(ties="min", order="descending", grades="")
    without, _ = evaluated(model_of(text), columns)
    assert without.grade is not None
    assert "".join(without.grade) == "ABBB"
    text = TIED.format(ties="min", order="descending", grades=", tie_break: y")
    found, _ = evaluated(model_of(text), columns)
    assert found.grade is not None
    assert "".join(found.grade) == "ABAB"
