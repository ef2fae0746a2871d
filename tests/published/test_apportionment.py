"""Seats of parliaments by divisor methods, against what was published.

Sources: 2020 US census, apportionment tables A (populations) and 1 (seats), Census Bureau, April
2021; with 89 persons more New York would have kept its 27th seat (table B2). European Parliament:
table 1 of "The European Parliament after Brexit", European Proceedings 2016
(doi 10.15405/epsbs.2016.11.02.14), populations of 2012 with the Cambridge Compromise (Grimmett and
others, 2011: five seats each, the rest in proportion, rounded up) and proportional seats rounded
down with at least 6, both with at most 96 and with or without the United Kingdom. Six states and 36
seats: the example of Huntington by which Balinski and Young, Fair Representation (1982), tell five
methods apart.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.allocation.paying import amounts, pay

DATA = Path(__file__).parent / "data"

HOUSE = """
variables: {population: {missing: error}}
allocation:
  unit: seat
  pools: {seats: {amount: 435, weight: population, rounding: huntington_hill}}
  rules: [{id: one, floor: 1, pool: seats}]
"""

EUROPE = """
variables: {population: {missing: error}}
allocation:
  unit: seat
  pools:
    base: {each: 5}
    rest: {amount: "751 - total(base)", weight: population, rounding: adams}
  rules: [{id: most, cap: 91, pool: rest}]
"""

LEAST_SIX = """
variables: {population: {missing: error}}
allocation:
  unit: seat
  pools: {seats: {amount: 751, weight: population, rounding: dhondt}}
  rules: [{id: least, floor: 6}, {id: most, cap: 96}]
"""

SIX = """
variables: {population: {missing: error}}
allocation:
  unit: seat
  pools: {seats: {amount: 36, weight: population, rounding: %s}}
"""


@pytest.fixture(scope="module")
def house() -> pd.DataFrame:
    return pd.read_csv(DATA / "us_house_2020.csv")


def test_us_house_2020(house: pd.DataFrame) -> None:
    assert house["population"].sum() == 331_108_434
    run = pay(HOUSE, population=house["population"].tolist())
    assert [int(a) for a in amounts(run)] == house["seats"].tolist()


def test_new_york_lost_its_seat_by_89_persons(house: pd.DataFrame) -> None:
    place = house["state"].tolist().index("New York")
    for more, seats in ((88, 26), (89, 27)):
        population = house["population"].tolist()
        population[place] += more
        assert amounts(pay(HOUSE, population=population))[place] == seats


@pytest.mark.parametrize(
    ("text", "column"), [(EUROPE, "base_up"), (LEAST_SIX, "least_six")], ids=["adams", "dhondt"]
)
@pytest.mark.parametrize("without", ["", "_without_uk"])
def test_european_parliament(text: str, column: str, without: str) -> None:
    states = pd.read_csv(DATA / "eu_seats_2016.csv")
    states = states[states[column + without] > 0]
    run = pay(text, population=states["population"].tolist())
    assert [int(a) for a in amounts(run)] == states[column + without].tolist()


@pytest.mark.parametrize(
    ("rounding", "seats"),
    [
        ("adams", [10, 9, 7, 5, 3, 2]),
        ("{divisor: 2 * n * (n + 1) / (2 * n + 1)}", [10, 9, 7, 5, 4, 1]),
        ("huntington_hill", [10, 9, 7, 6, 3, 1]),
        ("sainte_lague", [10, 9, 8, 5, 3, 1]),
        ("dhondt", [11, 9, 7, 5, 3, 1]),
    ],
)
def test_five_methods_give_five_results(rounding: str, seats: list[int]) -> None:
    population = [27744, 25178, 19947, 14614, 9225, 3292]
    assert amounts(pay(SIX % rounding, population=population)) == seats
