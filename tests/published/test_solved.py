"""Published amounts whose formula holds a number that is solved for.

Source: the Cambridge Compromise for the European Parliament (Grimmett and others, 2011): each state
gets five seats and its population over a divisor rounded up, at most 96, the divisor being such that
751 seats result. Populations of 2010 with these seats: data set EU_apportionment of E. Garcia-Portugues
(column CamCom2011); populations of 2012: table 1 of "The European Parliament after Brexit", 2016
(doi 10.15405/epsbs.2016.11.02.14).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.allocation.paying import amounts, pay

DATA = Path(__file__).parent / "data"

CAMBRIDGE = """
variables: {population: {missing: error}}
allocation:
  unit: seat
  pools: {seats: {amount: 751, each: "min(96, 5 + ceil(%s))", solve: x}}
"""


@pytest.mark.parametrize("written", ["x * population", "population / x"])
@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("eu_cambridge_2011.csv", "seats"),
        ("eu_seats_2016.csv", "base_up"),
        ("eu_seats_2016.csv", "base_up_without_uk"),
    ],
)
def test_cambridge_compromise(written: str, file: str, column: str) -> None:
    states = pd.read_csv(DATA / file)
    states = states[states[column] > 0]
    run = pay(CAMBRIDGE % written, population=states["population"].tolist())
    assert [int(a) for a in amounts(run)] == states[column].tolist()
