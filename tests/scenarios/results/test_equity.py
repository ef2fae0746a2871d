"""Tables of equity: what they leave out is noted, never a traceback."""

from reliefperf.reports.equity_figure import equity_curves
from reliefperf.scenarios.results.equity import equity_tables, has_curves
from tests.allocation.paying import pay

MODEL = """
variables: {people: {missing: error}, gap: {missing: error}}
allocation:
  unit: yuan
  pools:
    grant: {amount: GRANT, weight: people}
    back: {amount: -90, weight: "max(-gap, 0)", negative: allow}
  equity: {people: people}
"""


def test_pools_that_take_money_back_have_no_measure_and_are_noted() -> None:
    run = pay(MODEL.replace("GRANT", "100"), people=[1, 1], gap=[-1, 1])
    assert {row[0] for row in equity_tables(run)[0][1]} == {"grant"}
    assert not has_curves(run)
    said = [note.en for note in run.notes if note.kind == "left-out"]
    assert [words.split(" has ")[0] for words in said] == ["equity: back", "equity: total"]


def test_a_total_that_nobody_loses_by_is_measured() -> None:
    run = pay(MODEL.replace("GRANT", "200"), people=[1, 1], gap=[-1, 1])
    assert {row[0] for row in equity_tables(run)[0][1]} == {"grant", "total"}
    assert has_curves(run)
    assert equity_curves(run) is not None
