"""What a model cannot say when regions are compared with those of other periods."""

import pytest

from tests.building import mistakes_of, model_of

TEXT = """\
model: panel
language: en
data: {{region: code, period: year}}
variables: {{x: {{}}, y: {{}}, zone: {{type: text}}}}
derived: {{late: previous(score) + x, again: late * 2}}
evaluation:
  scale: 10
  combine: arithmetic
  panel: {panel}
  treatment: {treatment}
  tree:
    - {{id: i, value: "{value}", score: {score}, treat: {treat}}}
    - {{id: j, value: y, score: {{minmax: lower}}}}
"""
POOLED, BASE = "{normalise: pooled}", "{normalise: base, base: 2019}"


def text_of(
    panel: str = POOLED,
    value: str = "x",
    score: str = "{minmax: higher}",
    treatment: str = "[]",
    treat: str = "[]",
) -> str:
    return TEXT.format(panel=panel, value=value, score=score, treatment=treatment, treat=treat)


@pytest.mark.parametrize("panel", [POOLED, BASE])
def test_a_model_that_keeps_to_the_contract_is_sound(panel: str) -> None:
    value = "where(zone == 'n', x / total(x), previous(y))"
    model_of(text_of(panel, value, "{minmax: higher, by: zone}"))


@pytest.mark.parametrize("panel", [POOLED, BASE])
@pytest.mark.parametrize(
    ("value", "name"),
    [("previous(score)", "score"), ("previous(j) + x", "j"), ("again", "score")],
)
def test_values_cannot_depend_on_earlier_scores(panel: str, value: str, name: str) -> None:
    (mistake,) = mistakes_of(text_of(panel, value))
    assert mistake.en.endswith(f"so they cannot depend on {name}")
    assert mistake.line == 12
    assert mistakes_of(text_of("{normalise: each}", value)) == []


@pytest.mark.parametrize("score", ["{formula: 10 * minmax(value)}", "{goalposts: [0, highest(x)]}"])
def test_rules_cannot_look_at_one_period_by_themselves(score: str) -> None:
    (mistake,) = mistakes_of(text_of(score=score))
    assert "looks at the regions of one period" in mistake.en
    assert mistakes_of(text_of("{normalise: each}", score=score)) == []


def test_periods_are_needed() -> None:
    (mistake,) = mistakes_of(text_of().replace(", period: year", ""))
    assert mistake.en.endswith("the data have none: state `data.period`")


def test_a_region_has_no_single_value_in_pooled_periods() -> None:
    (mistake,) = mistakes_of(text_of(score="{minmax: higher, region: a}"))
    assert mistake.en.startswith("a region has one value a period")
    assert mistakes_of(text_of(BASE, score="{minmax: higher, region: a}")) == []


@pytest.mark.parametrize(
    "step",
    [
        "{outliers: winsorise}",
        "{winsorise: 1}",
        "{transform: log_shifted}",
        "{impute: mean}",
        "{cap: [1, 99], of: percentiles}",
        "{screen: indicators, at_least: 0.5}",
    ],
)
def test_steps_that_look_at_a_whole_period_do_not_go_with_a_base_period(step: str) -> None:
    (mistake,) = mistakes_of(text_of(BASE, treatment=f"[{step}]"))
    assert "use `normalise: pooled`" in mistake.en
    assert mistakes_of(text_of(POOLED, treatment=f"[{step}]")) == []


@pytest.mark.parametrize(
    "step",
    ["{denominate: y}", "{cap: [0, 9]}", "{transform: log}", "{impute: constant, value: 0}"],
)
def test_steps_of_one_region_go_with_every_panel(step: str) -> None:
    for panel in (BASE, POOLED):
        assert mistakes_of(text_of(panel, treatment=f"[{step}]")) == []


def test_one_indicator_s_own_steps_keep_to_the_contract_too() -> None:
    (mistake,) = mistakes_of(text_of(BASE, treat="[{winsorise: 1}]"))
    assert mistake.line == 12
    assert "`winsorise`" in mistake.en


def test_pooled_periods_have_no_period_before() -> None:
    (mistake,) = mistakes_of(text_of(treatment="[{impute: previous}]"))
    assert mistake.en.startswith("pooled periods are treated as one table")
    assert mistakes_of(text_of(BASE, treatment="[{impute: previous}]")) == []
