"""Limits that cannot be meant are refused when the model is read."""

import pytest

from tests.building import mistakes_of

MODEL = """\
    model: m
    variables: {n: {}, last: {}}
    parameters: {low: -10}
    allocation:
      unit: yuan
      budget: 100
      pools:
        grant: {share: 1, weight: n}
        back: {each: n, negative: allow}
      rules: [%s]
"""


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{id: x, floor: -10, pool: grant}", "no pool here pays less than 0, so a floor of -10"),
        ("{id: x, floor: low, pool: [grant]}", "no pool here pays less than 0, so a floor of -10"),
        (
            "{id: x, hold_harmless: 95, previous: last}",
            "95 times last year's amount; is 0.95 meant",
        ),
        (
            "{id: x, growth_limit: 130, previous: last}",
            "130 times last year's amount; is 1.3 meant",
        ),
        (
            "{id: x, hold_harmless: -0.95, previous: last, pool: grant}",
            "-0.95 times last year's amount is less than nothing",
        ),
        (
            "{id: x, growth_limit: low, previous: last, pool: grant}",
            "-10 times last year's amount is less than nothing",
        ),
        (
            "{id: x, matching: -1, own: last, pool: grant}",
            "-1 times a region's own money is less than nothing",
        ),
    ],
)
def test_a_limit_that_cannot_be_meant_is_refused(rule: str, said: str) -> None:
    (mistake,) = mistakes_of(MODEL % rule)
    assert said in mistake.en
    assert mistake.line == 10


@pytest.mark.parametrize(
    "rule",
    [
        "{id: x, floor: -10, pool: back}",
        "{id: x, floor: -10}",
        "{id: x, floor: 0, pool: grant}",
        "{id: x, hold_harmless: -0.5, previous: last, pool: back}",
        "{id: x, growth_limit: 0, previous: last, pool: grant}",
        "{id: x, hold_harmless: 1.5, previous: last}",
        "{id: x, growth_limit: 20, previous: last}",
    ],
)
def test_limits_that_can_be_meant_stand(rule: str) -> None:
    assert mistakes_of(MODEL % rule) == []


def test_a_negative_part_of_last_year_is_shown_where_it_stands() -> None:
    (mistake,) = mistakes_of(MODEL % "{id: x, hold_harmless: -0.95, previous: last, pool: grant}")
    line = (MODEL % "{id: x, hold_harmless: -0.95").splitlines()[9]
    assert (mistake.line, mistake.column) == (10, line[4:].index("-0.95") + 1)
    assert "上年金额的 -0.95 倍为负" in mistake.zh
