"""What planners are promised of the money: order, equal treatment, more is never less, halves.

Random models through the language: pools of all kinds, every rule, soft rules and objectives.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.explaining.fairness import search
from reliefperf.scenarios.running import allocate, read_data, run_model
from tests.allocation.paying import amounts, build, frame, pay

VARIABLES = """
variables:
  people: {}
  cost: {}
  last: {}
  own: {}
  zone: {type: text}
"""

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tables(draw: st.DrawFn, *, least: int = 2) -> dict[str, list[Any]]:
    """Regions with some that are alike."""
    size = draw(st.integers(least, 7))
    region = st.tuples(
        st.integers(0, 400),
        st.integers(1, 60),
        st.integers(0, 300),
        st.integers(0, 2000),
        st.sampled_from(["east", "west"]),
    )
    made = [list(draw(region)) for _ in range(size)]
    for at in range(1, size):
        if draw(st.integers(0, 3)) == 0:
            made[at] = list(made[draw(st.integers(0, at - 1))])
    made[0][0] = max(made[0][0], 1)
    return {
        name: [row[k] for row in made]
        for k, name in enumerate(("people", "cost", "last", "own", "zone"))
    }


POOLS = (
    "{share: SHARE, weight: people}",
    "{share: SHARE, weight: cost}",
    "{share: SHARE, weight: people * cost + 1}",
    "{each: cost * 1.37}",
    "{amount: floor(budget * SHARE), scale_gains: {formula: people + cost, floor: cost * 0.5}}",
    "{share: SHARE, weight: cost, between: [budget * SHARE * 0.6, budget * SHARE * 1.2]}",
    "{share: SHARE, weight: people + 1, bear: cost}",
    "{share: SHARE, each: own - last, bear: people + cost}",
)

RULES = (
    "floor: 3, pool: POOL",
    "floor: cost * 0.1",
    "cap: budget * 0.45, pool: POOL",
    "cap: budget * 0.6",
    "hold_harmless: 0.5, previous: last, pool: POOL",
    "growth_limit: 3, previous: last, where: last > 0",
    "matching: 2, own: own, pool: POOL",
    "group_share: zone, at_least: 0.2",
    "group_share: zone, at_most: 0.8, where: zone == 'west'",
    "order: last, per: cost, pool: POOL",
    "order: last, per: cost, by: zone, where: own > 500",
    "minimum_grant: 60, pool: POOL",
    "minimum_grant: 40, pool: POOL, drop: smallest",
    "minimum_grant: cost, where: last > 20",
    "ratio: 0.5, pool: a, to: b, side: at_most",
)

OBJECTIVES = ("", "objectives: [shortfall, change, entitlement]", "objectives: [coverage]")


@st.composite
def sections(draw: st.DrawFn) -> str:
    """The allocation of a model."""
    two = draw(st.booleans())
    chosen = [draw(st.sampled_from(POOLS[:3]))] + ([draw(st.sampled_from(POOLS))] if two else [])
    shares = ("0.75", "0.25") if two else ("1",)
    lines = ["unit: u", "budget: 1000", "previous_amount: last", "need: cost", "pools:"]
    for name, pool, share in zip("ab", chosen, shares, strict=False):
        lines.append(f"  {name}: {pool.replace('SHARE', share)}")
    rules = draw(st.lists(st.sampled_from(RULES[: None if two else -1]), max_size=4, unique=True))
    if rules:
        lines.append("rules:")
    for number, rule in enumerate(rules):
        pool = draw(st.sampled_from("ab" if two else "a"))
        soft = draw(st.sampled_from(["", "", ", soft: 1", ", soft: 2"]))
        lines.append(f"  - {{id: r{number}, {rule.replace('POOL', pool)}{soft}}}")
    objective = draw(st.sampled_from(OBJECTIVES))
    lines += [objective] if objective else []
    lines.append(f"leftover: {draw(st.sampled_from(['redistribute', 'redistribute_then_return']))}")
    return "allocation:\n" + "\n".join(f"  {line}" for line in lines) + "\n"


def paid(section: str, data: dict[str, list[Any]], codes: list[str] | None = None) -> Any:
    """The run, or None where the rules cannot hold."""
    table = frame(**data)
    if codes is not None:
        table["code"] = codes
    try:
        return allocate(build(VARIABLES + section), table)
    except (InfeasibleError, InputError):
        return None


@few
@given(sections(), tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(section: str, data: dict[str, Any], chance: Any) -> None:
    first = paid(section, data)
    order = list(range(len(data["people"])))
    chance.shuffle(order)
    codes = [f"{i + 1:03d}" for i in order]
    second = paid(section, {k: [v[i] for i in order] for k, v in data.items()}, codes)
    assert (first is None) == (second is None)
    assume(first is not None)
    for pool in (*first.last.allocation.pools, "total"):
        assert amounts(first, pool) == amounts(second, pool)


@few
@given(sections(), tables())
def test_the_order_of_rules_changes_nothing(section: str, data: dict[str, Any]) -> None:
    lines = section.splitlines()
    rules = [line for line in lines if line.startswith("    - {id")]
    assume(len(rules) > 1)
    at = lines.index(rules[0])
    turned = [*lines[:at], *rules[::-1], *lines[at + len(rules) :]]
    first, second = paid(section, data), paid("\n".join(turned), data)
    assert (first is None) == (second is None)
    assume(first is not None)
    for pool in first.last.allocation.pools:
        assert amounts(first, pool) == amounts(second, pool)


@few
@given(sections(), tables())
def test_regions_with_the_same_data_end_one_unit_apart_at_most(
    section: str, data: dict[str, Any]
) -> None:
    run = paid(section, data)
    assume(run is not None)
    rows = list(zip(*data.values(), strict=True))
    forced = any(note.kind == "unequal" for note in run.notes)
    for pool in run.last.allocation.pools:
        units = amounts(run, pool)
        for i, row in enumerate(rows):
            for j in range(i):
                if rows[j] == row and not forced:
                    assert abs(units[i] - units[j]) <= 1


def before_units(run: Any, pool: str) -> list[Any]:
    result = run.last.allocation.pools[pool]
    return list(result.stages[-1].amounts if result.stages else result.pool.start)


@few
@given(sections(), tables())
def test_the_money_is_the_same_without_the_steps_that_explain_it(
    section: str, data: dict[str, Any]
) -> None:
    run = paid(section, data)
    assume(run is not None)
    model = build(VARIABLES + section)
    short = run_model(model, read_data(model, frame(**data)), by_step=False)
    for pool in run.last.allocation.pools:
        assert amounts(short, pool) == amounts(run, pool)


LINEAR = """
allocation:
  unit: u
  smallest: "0.01"
  budget: BUDGET
  pools:
    base: {share: 1, weight: people}
  rules:
    - {id: floor, floor: last * 0.5, pool: base}
    - {id: cap, cap: people * 5 + last, pool: base}
"""


@few
@given(tables(), st.integers(300, 1500), st.integers(0, 6))
def test_two_halves_of_a_region_get_what_it_got_where_rules_are_linear(
    data: dict[str, Any], budget: int, at: int
) -> None:
    section = LINEAR.replace("BUDGET", str(budget))
    whole = paid(section, data)
    assume(whole is not None)
    at %= len(data["people"])
    halved = {
        key: [*values, values[at]] if key in ("cost", "zone") else [*values, values[at] / 2]
        for key, values in data.items()
    }
    for key in ("people", "last", "own"):
        halved[key][at] /= 2
    halves = paid(section, halved)
    assert halves is not None
    one, both = before_units(whole, "base"), before_units(halves, "base")
    assert both[at] + both[-1] == one[at]
    assert [x for i, x in enumerate(both[:-1]) if i != at] == [
        x for i, x in enumerate(one) if i != at
    ]


@few
@given(tables(), st.integers(300, 1500), st.integers(1, 300))
def test_before_whole_units_more_budget_gives_nobody_less(
    data: dict[str, Any], budget: int, more: int
) -> None:
    first = paid(LINEAR.replace("BUDGET", str(budget)), data)
    second = paid(LINEAR.replace("BUDGET", str(budget + more)), data)
    assume(first is not None and second is not None)
    pairs = zip(before_units(first, "base"), before_units(second, "base"), strict=True)
    assert all(old <= new for old, new in pairs)


@few
@given(tables(), st.integers(300, 1500), st.integers(1, 300), st.integers(0, 6))
def test_before_whole_units_more_weight_gives_its_region_no_less(
    data: dict[str, Any], budget: int, more: int, at: int
) -> None:
    section = LINEAR.replace("BUDGET", str(budget))
    at %= len(data["people"])
    raised = {**data, "people": [*data["people"]]}
    raised["people"][at] += more
    first, second = paid(section, data), paid(section, raised)
    assume(first is not None and second is not None)
    assert before_units(first, "base")[at] <= before_units(second, "base")[at]


def test_whole_units_alone_may_take_a_unit_as_the_budget_grows() -> None:
    # Hamilton's method with 6, 6 and 2 people: the least gets 2 of 10 and 1 of 11 seats.
    seats = "allocation: {unit: u, budget: N, pools: {p: {share: 1, weight: people}}}"
    text = "variables: {people: {}}\n" + seats
    got = [amounts(pay(text.replace("N", n), people=[6, 6, 2]), "p") for n in ("10", "11")]
    assert got == [[Decimal(4), Decimal(4), Decimal(2)], [Decimal(5), Decimal(5), Decimal(1)]]


SCORED = """
variables:
  people: {}
  cost: {}
  last: {}
  own: {}
  zone: {type: text}
  work: {}
evaluation:
  full_marks: 100
  tree: [{id: all, points: 100, value: work, score: {goalposts: [0, 100]}}]
allocation:
  unit: u
  smallest: "0.01"
  budget: BUDGET
  pools:
    award: {share: 1, weight: people * (score + 1)}
  rules:
    - {id: floor, floor: last * 0.5, pool: award}
    - {id: cap, cap: own * 0.5 + 100, pool: award}
"""


def scored(data: dict[str, Any], work: list[int], budget: int) -> Any:
    """The run of SCORED, or None where the limits leave no room."""
    try:
        return allocate(build(SCORED.replace("BUDGET", str(budget))), frame(**data, work=work))
    except (InfeasibleError, InputError):
        return None


@few
@given(
    tables(),
    st.lists(st.integers(0, 100), min_size=7, max_size=7),
    st.integers(300, 1500),
    st.integers(0, 6),
    st.integers(1, 100),
)
def test_a_better_own_score_gives_its_region_no_less_and_no_other_more(
    data: dict[str, Any], work: list[int], budget: int, at: int, more: int
) -> None:
    n_regions = len(data["people"])
    at %= n_regions
    work = work[:n_regions]
    better = [min(100, w + more) if i == at else w for i, w in enumerate(work)]
    first, second = scored(data, work, budget), scored(data, better, budget)
    # floors and caps do not hang on the score: there is room in both runs or in neither
    assert (first is None) == (second is None)
    assume(first is not None)
    old, new = before_units(first, "award"), before_units(second, "award")
    assert old[at] <= new[at]
    assert all(new[i] <= old[i] for i in range(n_regions) if i != at)
    cent = Decimal("0.01")
    units = zip(amounts(first, "award"), amounts(second, "award"), strict=True)
    moved = [now - then for then, now in units]
    assert moved[at] >= -cent
    assert all(moved[i] <= cent for i in range(n_regions) if i != at)


@few
@given(
    tables(),
    st.lists(st.integers(0, 100), min_size=7, max_size=7),
    st.integers(300, 1500),
    st.integers(1, 300),
)
def test_more_budget_gives_nobody_less_but_for_the_last_unit(
    data: dict[str, Any], work: list[int], budget: int, more: int
) -> None:
    work = work[: len(data["people"])]
    first, second = scored(data, work, budget), scored(data, work, budget + more)
    assume(first is not None and second is not None)
    pairs = zip(before_units(first, "award"), before_units(second, "award"), strict=True)
    assert all(old <= new for old, new in pairs)
    units = zip(amounts(first, "award"), amounts(second, "award"), strict=True)
    assert all(new >= old - Decimal("0.01") for old, new in units)


QUOTAS = """
variables: {work: {}}
evaluation:
  full_marks: 10
  tree: [{id: all, points: 10, value: work, score: {goalposts: [0, 10]}}]
  grades: {bands: [{grade: good, quota: 2}, {grade: fair}]}
allocation:
  unit: u
  pools:
    best: {amount: 100, eligible: grade == 'good', weight: 1}
    rest: {amount: 100, eligible: grade == 'fair', weight: 1}
"""


def test_a_purse_for_each_grade_breaks_more_for_a_better_score() -> None:
    # The third region alone in its grade gets 100; half a point later it is second and shares.
    run = pay(QUOTAS, work=[9, 8, 7.5])
    assert amounts(run) == [50, 50, 100]
    (finding,) = search(run, run.last, promises=["score"])
    example = next(e for e in finding.against if e.region == "003")
    assert (example.first, example.second) == (100, 50)
    assert not example.by_rounding


RATIO = """
variables: {one: {}, two: {}}
allocation:
  unit: u
  smallest: "0.01"
  budget: 100
  pools:
    a: {amount: 30, weight: one}
    b: {amount: budget - 30, weight: two}
  rules: [{id: part, ratio: 0.5, pool: a, to: b, side: at_most}]
"""


def test_a_ratio_between_pools_breaks_more_for_a_larger_budget() -> None:
    # With more in b the first region may take more of a, which is no larger: the second loses more
    # there than it gains in b.
    run = pay(RATIO, one=[9, 1], two=[3, 1])
    (finding,) = search(run, run.last, promises=["budget"])
    example = finding.against[0]
    assert (example.region, example.pool) == ("002", "total")
    assert example.second_before_units < example.first_before_units
    assert not example.by_rounding
    assert search(run, run.last, promises=["rows", "equals"])[0].holds
