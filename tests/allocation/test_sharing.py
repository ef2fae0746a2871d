"""Parents are settled here or elsewhere with the same results, and every failure is told."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reliefperf.allocation.answers import Answers
from reliefperf.allocation.cascade import Holder, LevelModel, Shared
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.sharing import LEAST_PROGRAMS, LEAST_REGIONS, Kin, Sharing, sharing
from reliefperf.errors import InfeasibleError
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
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


def level(amounts: dict[str, int], n_children: int = 2) -> tuple[Environment, list[str], list[Kin]]:
    """Parents, each with children whose needs are 1, 2, ..."""
    n_regions = len(amounts) * n_children
    needs = [float(1 + i % n_children) for i in range(n_regions)]
    codes = [f"{code}{i}" for code in amounts for i in range(n_children)]
    kin = []
    for number, (code, amount) in enumerate(amounts.items()):
        money = Fraction(amount)
        places = tuple(range(number * n_children, (number + 1) * n_children))
        kin.append(Kin(Holder(code, "", money, {"pot": money}), places))
    return environment({"need": needs}, codes=codes), [f"n{i}" for i in range(n_regions)], kin


def budget_kept(
    model: Model, env: Environment, allocation: Allocation, answers: Answers | None
) -> tuple[str, Fraction | None]:
    return model.name, allocation.budget


def settled(jobs: int, *, text: str = MODEL) -> list[Shared[tuple[str, Fraction | None]]]:
    model = model_of(text)
    source = LevelModel("county", model.document, None, {})
    env, names, kin = level({f"P{i:02d}": 10 + 7 * i for i in range(30)})
    with sharing([model], [source], jobs, budget_kept, always=True) as shares:
        return shares.level(0, env, names, kin[::-1], by_pool=True)


@pytest.mark.parametrize(
    "text",
    [
        MODEL,
        MODEL.replace("rules: [", "rules: [{id: most, group_share: need, at_most: 0.6}, "),
        MODEL.replace("pools: {", "pools: {old: {share: 1, weight: 1, paid: false}, "),
    ],
)
def test_other_processes_give_the_same_results(text: str) -> None:
    here, there = settled(1, text=text), settled(3, text=text)
    assert [shared.parent for shared in here] == sorted(shared.parent for shared in here)
    assert here[3].details == ("family", 31)
    assert [repr(shared) for shared in here] == [repr(shared) for shared in there]
    for one, other in zip(here, there, strict=True):
        assert one.allocation is not None and other.allocation is not None
        assert one.allocation.names == other.allocation.names
        assert one.allocation.pools["pot"].units == other.allocation.pools["pot"].units
        assert one.allocation.pools["pot"].stages == other.allocation.pools["pot"].stages
        assert one.allocation.entitlements("pot") == other.allocation.entitlements("pot")
        assert other.allocation.pools["pot"].pool.spec.kind == "shared"
        assert one.details == other.details
        assert one.notes == other.notes


def test_all_parents_that_fail_are_told_in_the_order_of_their_codes() -> None:
    model = model_of(MODEL)
    source = LevelModel("county", model.document, None, {})
    env, names, kin = level({"R": 5, "P": 9, "Q": 4})
    shares: Sharing[None]
    with sharing([model], [source], 1) as shares, pytest.raises(InfeasibleError) as caught:
        shares.level(0, env, names, kin, by_pool=True)
    assert [m.en.split(":")[0][-1] for m in caught.value.mistakes] == ["Q", "R"]


def test_small_levels_are_settled_here() -> None:
    alone, program = (
        model_of(MODEL),
        model_of(MODEL.replace("least, floor: 3", "r, group_share: need, at_most: 1")),
    )
    shares: Sharing[None] = Sharing([alone, program], [], 2)
    few, many = (
        level(dict.fromkeys(map(str, range(3)), 9))[2],
        level(dict.fromkeys(map(str, range(LEAST_PROGRAMS)), 9))[2],
    )
    assert not shares.pays(0, few)
    assert not shares.pays(0, many)
    assert shares.pays(0, [Kin(one.parent, (0,) * LEAST_REGIONS) for one in many])
    assert not shares.pays(1, few)
    assert shares.pays(1, many)
    assert not Sharing[None]([alone, program], [], 1).pays(1, many)
