"""Rounding each amount by itself: never more than the pool has without the model's word."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.running import Run, read_data, run_model
from reliefperf.scenarios.verifying import verify
from tests.allocation.paying import amounts, build, frame, pay

POOL = """
variables: {w: {missing: error}, zone: {type: text}}
allocation:
  unit: seat
  %s
  pools: {seats: {%s, weight: w, rounding: %s%s}}
"""


def run(
    rounding: str, w: list[object], *, budget: str = "", amount: str = "amount: 100", more: str = ""
) -> Run:
    zone = ["a"] * (len(w) // 2) + ["b"] * (len(w) - len(w) // 2)
    return pay(POOL % (budget, amount, rounding, more), w=w, zone=zone)


@pytest.mark.parametrize(("rounding", "w"), [("up", [1, 1, 1]), ("half_up", [1, 1, 1, 1, 1, 1])])
def test_more_than_the_total_is_refused_naming_the_rounding(rounding: str, w: list[object]) -> None:
    with pytest.raises(
        InfeasibleError, match=f"2 more than its total 100: `rounding: {rounding}`"
    ) as e:
        run(rounding, w)
    assert "over_total: pay" in e.value.text("en")
    assert f"rounding: {rounding}" in e.value.text("zh")
    assert e.value.exit_status == 3


def test_the_model_may_say_that_the_difference_is_paid_on_top() -> None:
    done = run("up", [1, 1, 1], more=", over_total: pay")
    assert amounts(done) == [34, 34, 34]
    (note,) = [note for note in done.notes if note.kind == "rounding-difference"]
    assert "2 seat more than its amounts add up to" in note.en
    assert "up" in note.zh


def test_the_budget_stays_a_limit_and_the_message_names_the_rounding() -> None:
    with pytest.raises(InfeasibleError, match=r"2 more than the budget 100.*'seats' \(up\): 2"):
        run("up", [1, 1, 1], budget="budget: 100", more=", over_total: pay")


def test_a_budget_exceeded_by_rounding_is_no_matter_of_relaxing() -> None:
    model = build(
        POOL % ("budget: 100", "share: 1", "up", "") + "  rules: [{id: least, floor: 1}]\n"
    )
    data = read_data(model, frame(w=[1, 1, 1], zone=["a", "a", "b"]))
    with pytest.raises(InfeasibleError, match="rounding: up") as caught:
        run_model(model, data, relax="offer")
    assert "--relax" not in caught.value.text()


def test_one_group_cannot_hide_behind_another() -> None:
    # six of group a get 2 of 1.67, seven of group b 1 of 1.43
    with pytest.raises(InfeasibleError, match=r"\(group a\) pays 12"):
        run("half_up", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], amount="amount: 10, by: zone")


def test_less_than_the_total_is_a_difference_of_rounding_and_no_money_left() -> None:
    done = run("half_up", [1, 1, 1])
    assert sum(amounts(done)) == 99
    said = [(note.kind, note.en) for note in done.notes]
    assert [kind for kind, _ in said] == ["rounding-difference"]
    assert "1 seat less" in said[0][1]
    assert "could not be distributed" not in said[0][1]


def test_money_left_and_rounding_are_told_apart() -> None:
    text = """
variables: {w: {missing: error}}
allocation:
  unit: seat
  leftover: return
  pools: {seats: {amount: 100, weight: w, rounding: down}}
  rules: [{id: most, cap: 40}]
"""
    done = pay(text, w=[20, 25, 55])
    assert amounts(done) == [20, 25, 40]
    kinds = {note.kind: note.en for note in done.notes}
    assert "15 seat could not be distributed" in kinds["leftover"]
    assert "rounding-difference" not in kinds
    done = pay(text, w=[10, 12, 59])
    kinds = {note.kind: note.en for note in done.notes}
    # 12.35 and 14.81 are rounded down, 32.84 are above the cap of 40
    assert amounts(done) == [12, 14, 40]
    assert "32.839506 seat could not be distributed" in kinds["leftover"]
    assert "1.160494 seat less" in kinds["rounding-difference"]


def test_over_total_needs_a_total() -> None:
    with pytest.raises(InputError, match="over_total"):
        pay(
            "variables: {w: {}}\n"
            "allocation: {unit: seat, pools: {a: {each: w, over_total: pay}}}\n",
            w=[1],
        )


FORMULA = """
variables: {n: {missing: error}}
allocation:
  unit: dollar
  pools: {grant: {each: %s, limit: %s, over_limit: scale%s}}
  rules: [{id: top, cap: %s}]
"""


@pytest.mark.parametrize("cap", [50, 60, 99, 1000])
def test_a_scaled_pool_comes_to_its_sum_rounded_whether_or_not_a_cap_binds(cap: int) -> None:
    # 7.142857, 64.285714 and 28.571429: a cap takes from the second alone
    paid = amounts(pay(FORMULA % ("10 * n", 100, "", cap), n=[1, 9, 4]))
    assert paid == [7, min(cap, 64), 29]


def test_a_limit_is_kept_in_whole_units() -> None:
    # 10.5 each would be 11 each
    paid = amounts(pay(FORMULA % ("n", 42, "", 100), n=[10.5] * 4))
    assert paid == [11, 11, 10, 10]
    with pytest.raises(InfeasibleError, match=r"2 more than its limit 42: `rounding: half_up`"):
        pay(FORMULA % ("n", 42, ", rounding: half_up", 100), n=[10.5] * 4)


def test_a_limit_that_is_not_reached_leaves_each_amount_alone() -> None:
    done = pay(FORMULA % ("n", 50, "", 100), n=[10.5] * 4)
    assert amounts(done) == [11] * 4
    assert not done.notes


def test_a_rule_does_not_lift_a_formula_pool_above_its_limit() -> None:
    text = """
variables: {n: {missing: error}}
allocation:
  unit: dollar
  pools: {grant: {each: n, limit: 100}}
  rules: [{id: least, floor: 30}]
"""
    assert amounts(pay(text, n=[10, 20, 60])) == [30, 30, 40]
    with pytest.raises(InfeasibleError, match="'least'"):
        pay(text, n=[10, 20, 30, 30])


ZERO_SUM = """
variables: {n: {missing: error}}
allocation:
  unit: dollar
  pools: {balance: {each: n - mean(n), negative: allow, rounding: %s}%s}
  %s
"""


def test_a_zero_sum_pool_stays_one() -> None:
    values = [0, 1, 1, 0, 1, 1]
    paid = amounts(pay(ZERO_SUM % ("largest_remainder", "", ""), n=values))
    assert sum(paid) == 0
    assert sum(amounts(pay(ZERO_SUM % ("half_up", "", ""), n=values))) != 0


def test_a_zero_sum_pool_stays_one_beside_pools_in_a_program() -> None:
    more = ", a: {amount: 30, weight: n}, b: {amount: 30, weight: n}"
    rules = "rules: [{id: r, pool: a, ratio: 2, to: b}]"
    values = [0, 1, 1, 0, 1, 1]
    run = pay(ZERO_SUM % ("largest_remainder", more, rules), n=values)
    alone = pay(ZERO_SUM % ("largest_remainder", "", ""), n=values)
    assert amounts(run, "balance") == amounts(alone)


def test_a_divisor_does_not_divide_what_may_be_negative() -> None:
    with pytest.raises(InputError, match="divisor method"):
        pay(ZERO_SUM % ("dhondt", "", ""), n=[1, 2])


HALF_UP = """
variables: {{n: {{missing: error}}, top: {{missing: error}}}}
allocation:
  unit: yuan
  pools:
    g: {{amount: {total}, weight: n, rounding: {rounding}, difference: largest}}
    h: {{amount: 50, weight: n}}
  rules: [{rules}]
"""


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("rounding", ["half_up", "half_even", "up", "down"])
def test_the_largest_takes_the_difference(rounding: str, *, tied: bool, tmp_path: Path) -> None:
    rules = "{id: r, ratio: 3, pool: h, to: g}" if tied else ""
    done = pay(
        HALF_UP.format(total=100, rounding=rounding, rules=rules), n=[1, 1, 4, 4.5, 0], top=[0] * 5
    )
    units = done.last.allocation.units("g")
    assert sum(units) == 100
    alone = {"up": [10, 10, 39, 43, 0], "down": [9, 9, 38, 42, 0]}.get(
        rounding, [10, 10, 38, 43, 0]
    )
    alone[3] += 100 - sum(alone)
    assert units == alone
    done.write(tmp_path / "out")
    assert verify(tmp_path / "out").holds


def test_the_difference_passes_over_who_is_at_a_limit() -> None:
    rules = "{id: top, cap: top, pool: g}"
    text = HALF_UP.format(total=100, rounding="half_up", rules=rules)
    done = pay(text, n=[1, 1, 4], top=[90, 90, 66.9])
    assert done.last.allocation.units("g") == [17, 17, 66]
    done = pay(text, n=[1, 1, 1], top=[33, 90, 33.5])
    assert done.last.allocation.units("g") == [33, 34, 33]
    with pytest.raises(InfeasibleError, match="leave no room"):
        pay(text, n=[1, 1, 1], top=[33.3, 33.4, 33.3])


@pytest.mark.parametrize(
    "pool",
    [
        "{each: n, rounding: half_up, difference: largest}",
        "{amount: 9, weight: n, difference: largest}",
        "{amount: 9, weight: n, rounding: up, over_total: pay, difference: largest}",
        "{amount: 9, weight: n, rounding: largest_remainder, difference: largest}",
    ],
)
def test_a_difference_needs_a_total_and_amounts_rounded_by_themselves(pool: str) -> None:
    with pytest.raises(InputError, match="`difference` belongs to"):
        pay(f"variables: {{n: {{}}}}\nallocation: {{unit: yuan, pools: {{g: {pool}}}}}\n", n=[1, 2])


def test_who_takes_a_difference_takes_whole_units_of_the_smallest_amount():
    """A total of 1005 in tens cannot be paid, whoever takes the difference."""
    text = """
    variables: {n: {missing: error}}
    allocation:
      unit: yuan
      smallest: 10
      pools: {g: {amount: %s, weight: n, rounding: half_up, difference: largest}}
    """
    with pytest.raises(InputError, match=r"1,005, not a whole number.*10 \* floor\(1005 / 10\)"):
        pay(text % "1005", n=[15, 30, 55])
    assert amounts(pay(text % "10 * floor(1005 / 10)", n=[15, 30, 55])) == [150, 300, 550]
