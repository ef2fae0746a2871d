"""A family's environment is a cut of the level's: same values, same periods before."""

from __future__ import annotations

from fractions import Fraction

from reliefperf.allocation.cascade import Family, Holder, part_of, share_out
from tests.building import environment, model_of

MODEL = """
model: family
language: en
parameters: {received: 0, received_pot: 0}
variables: {need: {missing: error}}
allocation:
  unit: yuan
  budget: received
  pools: {pot: {amount: received_pot, weight: need}}
  rules: [{id: least, floor: 3}]
"""


def family(code: str, amount: int, needs: list[float]) -> Family:
    env = environment({"need": needs}, codes=[f"{code}{i}" for i in range(len(needs))])
    holder = Holder(code, "", Fraction(amount), {"pot": Fraction(amount)})
    return Family(holder, env, ("",) * len(needs))


def test_a_cut_keeps_the_values_and_those_of_the_period_before():
    before = environment({"x": [1, 2, 3]}, period="1", codes=["a", "c", "d"])
    now = environment({"x": [5, 6, 7], "p": 9}, period="2", codes=["a", "b", "d"], previous=before)
    part = part_of(now, [1, 2])
    assert part.codes == ("b", "d")
    assert part.columns["x"].tolist() == [6, 7]
    assert part.columns["p"] == 9
    assert part.previous is not None and part.order is not None
    assert part.previous.codes == ("d",)
    assert part.order.tolist() == [-1, 0]


def test_what_a_parent_received_is_shared_out_whole():
    shared = share_out(model_of(MODEL), "county", family("P", 10, [1, 1, 2]), by_pool=True)
    assert shared.allocation is not None
    # 10 x 1/4 is held at 3 for two of them
    assert shared.allocation.amounts("pot") == [3, 3, 4]


def test_floors_beyond_the_parents_amount_are_said_with_level_and_parent():
    shared = share_out(model_of(MODEL), "county", family("P", 8, [1, 1, 2]), by_pool=True)
    assert shared.allocation is None
    assert shared.infeasible
    assert shared.mistakes[0].en.startswith("level 'county', parent P: ")
    assert "least" in shared.mistakes[0].en
    assert "“county”级，上级 P：" in shared.mistakes[0].zh


def test_a_pool_that_pays_more_than_it_received_is_refused():
    text = MODEL.replace("{amount: received_pot, weight: need}", "{each: need}").replace(
        "floor: 3", "floor: 0"
    )
    shared = share_out(model_of(text), "county", family("P", 2, [1, 2]), by_pool=True)
    assert shared.infeasible
    assert "1 more than" in shared.mistakes[0].en
