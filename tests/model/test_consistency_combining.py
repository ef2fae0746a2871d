"""Models whose scoring rules and ways of combining cannot go together are refused when loaded."""

import pytest

from tests.building import mistakes_of

MODEL = """\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  combine: {how}
{more}  tree:
    - {{id: a, value: x, score: {score}}}
    - {{id: b, value: y, score: {{goalposts: [1, 5]}}}}
"""
ZERO, NEGATIVE = "a zero", "a negative value"


def said(score: str, how: str, more: str = "") -> list[str]:
    return [found.en for found in mistakes_of(MODEL.format(score=score, how=how, more=more))]


@pytest.mark.parametrize(
    ("score", "how", "what"),
    [
        ("{zscore: higher}", "geometric", NEGATIVE),
        ("{zscore: lower, mean: -1}", "{power: 2}", NEGATIVE),
        ("{zscore: higher}", "{geometric: true, zeros: zero}", NEGATIVE),
        ("{zscore: higher}", "mazziotta_pareto", NEGATIVE),
        ("{minmax: higher}", "geometric", ZERO),
        ("{minmax: lower}", "harmonic", ZERO),
        ("{minmax: higher}", "{power: -2}", ZERO),
        ("{rank: higher}", "geometric", ZERO),
    ],
)
def test_what_is_certain_to_fail_is_refused_with_both_keys_and_the_way_out(
    score: str, how: str, what: str
) -> None:
    (found,) = said(score, how)
    rule = score[1:].split(":", maxsplit=1)[0]
    key = how.strip("{").split(":")[0]
    assert f"`{rule}` of indicator 'a' is certain to give {what}" in found
    assert f"`{key}` of 'evaluation' cannot take" in found
    assert "combine in another way (arithmetic)" in found
    assert ("zeros: zero" in found) == (what == ZERO)


@pytest.mark.parametrize(
    ("score", "how"),
    [
        ("{zscore: higher, mean: 100, sd: 10}", "geometric"),
        ("{zscore: higher}", "arithmetic"),
        ("{zscore: higher}", "copeland"),
        ("{minmax: higher}", "{geometric: true, zeros: zero}"),
        ("{minmax: higher, range: [1, 100]}", "geometric"),
        ("{minmax: higher}", "{power: 2}"),
        ("{minmax: higher}", "mazziotta_pareto"),
        ("{rank: higher, last: 1}", "geometric"),
        ("met", "geometric"),  # may give zero, need not: judged when it is computed
        ("{target: {at_least: 3}}", "geometric"),
        ("as_is", "harmonic"),
    ],
)
def test_what_may_go_well_is_left_to_the_data(score: str, how: str) -> None:
    assert said(score, how) == []


def test_the_rule_is_told_how_to_give_more_than_zero() -> None:
    assert "`range` says it" in said("{minmax: higher}", "geometric")[0]
    assert "`last` says it" in said("{rank: higher}", "geometric")[0]
    assert "`mean` says it" in said("{zscore: higher}", "geometric")[0]


def test_a_child_without_weight_or_with_an_exception_is_not_judged() -> None:
    text = MODEL.format(score="{minmax: higher}", how="geometric", more="")
    weights = text.replace("id: a,", "id: a, weight: 0,").replace("id: b,", "id: b, weight: 1,")
    assert mistakes_of(weights) == []
    more = text.replace(
        "{minmax: higher}}", "{minmax: higher}, override: [{when: x < 1, points: 1}]}"
    )
    assert mistakes_of(more) == []


def test_the_weights_that_count_are_those_of_the_set_in_use() -> None:
    sets = "  weight_sets: {only_b: {a: 0, b: 1}}\n  use_weights: only_b\n"
    assert said("{minmax: higher}", "geometric", sets) == []


def test_with_other_periods_to_compare_nothing_is_certain() -> None:
    text = MODEL.format(
        score="{minmax: higher}", how="geometric", more="  panel: {normalise: base, base: 2020}\n"
    )
    assert mistakes_of(text.replace("variables", "data: {period: year}\nvariables")) == []


NESTED = """\
model: m
variables: {{x: {{}}, y: {{}}}}
evaluation:
  combine: geometric
  tree:
    - id: g
      combine: {how}
      children: {children}
    - {{id: c, value: y, score: {{goalposts: [1, 5]}}}}
"""
A, B = "{id: a, value: x, score: {minmax: higher}}", "{id: b, value: y, score: as_is}"


@pytest.mark.parametrize(
    ("how", "children", "refused"),
    [
        ("product", f"[{A}, {B}]", True),
        ("{geometric: true, zeros: zero}", f"[{A}, {B}]", True),
        ("arithmetic", f"[{A}]", True),
        ("arithmetic", f"[{A}, {B}]", False),
        ("maximum", f"[{A}, {B}]", False),
    ],
)
def test_a_zero_is_followed_through_the_groups_that_pass_it_on(
    how: str, children: str, refused: bool
) -> None:
    mistakes = mistakes_of(NESTED.format(how=how, children=children))
    assert len(mistakes) == refused
    if refused:
        assert "'a'" in mistakes[0].en
        assert mistakes[0].line == 6


@pytest.mark.parametrize(
    ("score", "how", "what"),
    [
        ("{steps: {at_least: [[8, 0], [4, 0]]}, otherwise: 0}", "geometric", ZERO),
        ("{steps: {at_least: [[8, -1]]}, otherwise: -2}", "mazziotta_pareto", NEGATIVE),
        ("{states: {1: 0, 2: 0}}", "harmonic", ZERO),
        ("{piecewise: [[0, -1], [10, -5]]}", "{power: 2}", NEGATIVE),
        ("{formula: '0'}", "geometric", ZERO),
        ("{formula: '-1'}", "geometric", ZERO),
        ("{formula: '-1', clip: false}", "{geometric: true, zeros: zero}", NEGATIVE),
    ],
)
def test_a_rule_whose_every_outcome_cannot_be_combined_is_refused(
    score: str, how: str, what: str
) -> None:
    (found,) = said(score, how)
    assert what in found
    assert "indicator 'a'" in found


@pytest.mark.parametrize(
    "score",
    [
        "{steps: {at_least: [[8, 0]]}, otherwise: 5}",
        "{steps: {at_least: [[8, x]]}, otherwise: 0}",
        "{states: {1: 0, 2: 1}}",
        "{piecewise: [[0, 0], [10, 5]]}",
        "{piecewise: [[0, 0], [10, -5]], outside: extend}",
        "{formula: value}",
    ],
)
def test_a_rule_that_may_give_more_than_zero_is_judged_when_it_is_computed(score: str) -> None:
    assert said(score, "geometric") == []


def test_a_certain_zero_is_followed_through_the_least_of_a_group() -> None:
    text = """\
    model: m
    variables: {x: {}, y: {}}
    evaluation:
      combine: geometric
      tree:
        - {id: a, value: y, score: {goalposts: [1, 5]}}
        - id: g
          combine: minimum
          children:
            - {id: b, value: x, score: {minmax: higher}}
            - {id: c, value: y, score: {goalposts: [1, 5]}}
    """
    (mistake,) = mistakes_of(text)
    assert "indicator 'b'" in mistake.en
    assert mistake.line == 7
    assert mistakes_of(text.replace("minimum", "maximum")) == []
