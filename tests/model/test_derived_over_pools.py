"""Derived columns over pools: known to the pools that stand after those they look at."""

from decimal import Decimal

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.results.formulas import formulas_table
from reliefperf.scenarios.running import Run
from tests.building import mistakes_of, model_of, run_on

ROWS = {"region": ["a", "b", "c"], "n": [1.0, 50.0, 200.0]}
SETTLEMENT = """\
    model: m
    language: en
    variables: {n: {}}
    derived: {left: 300 - first}
    allocation:
      unit: yuan
      pools:
        first: {each: n}
        second: {each: left}
"""


def paid(run: Run, pool: str) -> list[Decimal]:
    assert run.last.allocation is not None
    return run.last.allocation.amounts(pool)


def test_a_later_pool_may_use_a_derived_column_over_an_earlier_one() -> None:
    run = run_on(model_of(SETTLEMENT), ROWS)
    assert paid(run, "second") == [299, 250, 100]
    _, rows = formulas_table(run)
    assert ("b", "second", "each", "left", "250") in rows
    assert ("b", "left", "value", "first", "50") in rows


def test_it_has_what_the_earlier_pool_paid_after_its_rules() -> None:
    text = SETTLEMENT + "      rules: [{id: top, cap: 60, pool: first}]\n"
    run = run_on(model_of(text), ROWS)
    assert paid(run, "first") == [1, 50, 60]
    assert paid(run, "second") == [299, 250, 240]


def test_a_chain_of_them_is_computed_in_its_order() -> None:
    text = """\
        model: m
        variables: {n: {}}
        parameters: {money: 600}
        derived:
          rest: half + third_part
          half: 100 - first
          third_part: where(half > 60, second, 0)
        allocation:
          unit: yuan
          budget: money
          pools:
            first: {each: n / 2}
            second: {each: "max(half, 0)"}
            last: {amount: budget - total(first + second), weight: rest}
    """
    run = run_on(model_of(text), ROWS)
    assert paid(run, "first") == [1, 25, 100]  # 0.5 half up
    assert paid(run, "second") == [99, 75, 0]
    env = run.last.env
    assert env.columns["half"].tolist() == [99, 75, 0]
    assert env.columns["rest"].tolist() == [198, 150, 0]
    assert sum(paid(run, "total")) == 600


def test_a_rule_on_a_later_pool_may_use_it() -> None:
    text = """\
        model: m
        variables: {n: {}}
        derived: {room: "max(0, 150 - first)"}
        allocation:
          unit: yuan
          pools:
            first: {each: n}
            second: {amount: 200, weight: n}
          rules: [{id: top, cap: room, pool: second}]
    """
    assert paid(run_on(model_of(text), ROWS), "second") == [100, 100, 0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("first: {each: n}", "first: {each: n + later}", "'later' is made of what pool 'second'"),
        ("each: left", "each: later", "'later' is made of what pool 'second' pays"),
        ("each: left", "each: sums", "'sums' is known only after the allocation, since it uses"),
        (
            "unit: yuan",
            "unit: yuan\n      budget: total(left)",
            "'left' is made of what pool 'first'",
        ),
        (
            "second: {each: left}",
            "second: {each: left}\n      rules: [{id: r, cap: left, pool: first}]",
            "'left' is made of what pool 'first' pays, which is not known here: pools that stand "
            "after 'first' in the file can use it, and rules on those pools alone",
        ),
    ],
)
def test_what_is_not_known_yet_is_refused_with_the_way_out(
    old: str, new: str, message: str
) -> None:
    text = SETTLEMENT.replace("left: 300 - first", "left: 300 - first, later: second, sums: amount")
    assert text.count(old) == 1
    (mistake,) = mistakes_of(text.replace(old, new))
    assert mistake.en.startswith(message)


def test_where_rules_tie_the_pools_a_limit_over_an_earlier_pool_is_refused() -> None:
    text = SETTLEMENT + (
        "      rules: [{id: top, cap: 500, pool: total}, {id: r, cap: left, pool: second}]\n"
    )
    with pytest.raises(InputError) as refused:
        run_on(model_of(text), ROWS)
    assert "rule 'r' limits by what pool 'first' pays" in refused.value.mistakes[0].en


def test_where_rules_move_the_earlier_pool_later_no_formula_shows_other_values() -> None:
    text = """\
        model: m
        variables: {n: {}}
        derived: {left: 300 - first}
        allocation:
          unit: yuan
          pools:
            first: {amount: 300, weight: n}
            second: {amount: 300, weight: left}
          rules: [{id: f, floor: 90, pool: first}, {id: r, cap: 280, pool: total}]
    """
    run = run_on(model_of(text), ROWS)
    _, rows = formulas_table(run)
    assert {row[1] for row in rows} == {"first"}
    columns = run.last.env.columns
    assert columns["left"].tolist() == [300 - value for value in columns["first"].tolist()]


def test_previous_of_a_derived_column_over_a_pool_works_in_a_derived_column() -> None:
    text = """\
        model: min1
        data: {period: year}
        variables: {n: {}}
        derived:
          won: prize > 0
          before: previous(won)
          twice: if_missing(before, 0) + if_missing(previous(before), 0)
        allocation: {unit: yuan, pools: {prize: {each: n, eligible: twice < 2}}}
    """
    rows = {"region": ["a"] * 4, "year": ["2021", "2022", "2023", "2024"], "n": [1.0, 2, 3, 4]}
    run = run_on(model_of(text), rows)
    got = [int(one.allocation.total()) for one in run.periods.values() if one.allocation]
    assert got == [1, 2, 0, 4]


def test_a_derived_column_of_the_evaluation_cannot_name_the_budget() -> None:
    text = """\
        model: m
        variables: {n: {}}
        derived: {x: score * budget}
        evaluation: {tree: [{id: work, points: 100, value: n, score: as_is}]}
        allocation: {unit: yuan, budget: 100, pools: {g: {share: 1, weight: x}}}
    """
    (mistake,) = mistakes_of(text)
    assert "'budget' is known in the section `allocation` only" in mistake.en
