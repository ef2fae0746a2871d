"""A rule for a group that nobody is in is an error before anything is shared out."""

from __future__ import annotations

import pandas as pd
import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.running import read_data, run_model
from tests.building import model_of, note_kinds

TEXT = """
model: m
data: {region: id, period: year}
variables:
  w: {missing: error}
  zone: {type: text%s}
allocation:
  unit: yuan
  budget: 100
  pools: {grant: {share: 1, weight: w}}
  rules: [{id: least, floor: 10, where: "%s"}]
"""
DATA = pd.DataFrame(
    {
        "id": ["a", "b", "a", "b", "c"],
        "year": ["2023", "2023", "2024", "2024", "2024"],
        "w": [1, 2, 1, 2, 3],
        "zone": ["east", None, "east", "west", "hill"],
    }
)


def read(where: str, values: str = "") -> list[str]:
    """Rule notes of a run; raises InputError for a text that nobody has."""
    model = model_of(TEXT % (values, where))
    return note_kinds(run_model(model, read_data(model, DATA)).notes)


@pytest.mark.parametrize(
    "where",
    [
        "zone == 'wset'",
        "'wset' == zone",
        "zone in ['wset', 'est']",
        "w > 1 and zone == 'wset'",
        "zone == 'wset' or zone == 'est'",
        "(w > 1 or zone == 'est') and zone == 'wset'",
    ],
)
def test_a_text_that_no_region_has_is_an_error_that_names_rule_text_and_what_is_near(where):
    with pytest.raises(InputError) as caught:
        read(where)
    mistake = caught.value.mistakes[0]
    assert "rule 'least': no region has zone 'wset'" in mistake.en
    assert "did you mean 'west'?" in mistake.en
    assert "没有地区的zone为 'wset'" in mistake.zh
    assert mistake.line is not None


def test_a_code_that_no_region_has_is_an_error():
    with pytest.raises(InputError, match="no region has the code 'd'; known: a, b, c. Mend it"):
        read("region == 'd'")


@pytest.mark.parametrize(
    "where",
    [
        "zone == 'hill'",  # in the second period only
        "region == 'c'",
        "zone in ['plain', 'west']",
        "zone != 'plain'",
        "not (zone == 'plain')",
        "not (zone in ['plain', 'lake'])",
        "(zone == 'plain') == (w > 9)",
        "zone == 'east' or zone == 'plain'",
        "w > 1 or zone == 'plain'",
        "count(zone == 'plain') == 0",
        "w == 7",
    ],
)
def test_what_some_region_has_in_some_period_and_what_one_of_several_has_is_no_error(where):
    read(where)


def test_a_text_that_the_variable_lists_may_be_absent():
    assert "rule-not-applied" in read("zone == 'plain'", ", values: [east, west, hill, plain]")
