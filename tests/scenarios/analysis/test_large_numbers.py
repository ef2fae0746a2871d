"""Statistics of numbers near the end of what a float can hold are undefined, never infinite."""

import math
import warnings

from reliefperf.scenarios.analysis.analysing import analyse
from reliefperf.scenarios.analysis.tables import tables
from tests.building import model_of, run_on


def test_statistics_that_overflow_are_undefined_and_nothing_is_warned_of() -> None:
    model = model_of("""\
        model: m
        data: {region: code}
        variables: {x: {}, y: {}}
        evaluation:
          combine: arithmetic
          tree:
            - {id: a, value: x, score: {goalposts: [0, 10]}}
            - {id: b, value: y, score: {goalposts: [0, 10]}}
    """)
    rows = {"code": list("pqrs"), "x": [1e308, 1.5e308, 2, 1], "y": [1, 2, 3, 5]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tables(analyse(run_on(model, rows)))
    cells = [cell for _, lines in found.values() for line in lines for cell in line]
    assert not [cell for cell in cells if isinstance(cell, float) and math.isinf(cell)]
