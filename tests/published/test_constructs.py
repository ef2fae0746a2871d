"""Every construct of real grant systems, written in the language, with a case worked by hand.

Figures are those of the systems named in each test; where a source gives no amounts the case is
made up and says so by its round numbers. docs/rules.md lists the same constructs.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.running import Run, allocate
from tests.allocation import paying
from tests.allocation.paying import amounts, frame
from tests.building import model_of


def allocation(pools: str, *, unit: str = "1", budget: str = "", rules: str = "") -> str:
    variables = "{a: {}, b: {}, c: {}, g: {type: text}, last: {}}"
    return (
        f"variables: {variables}\n"
        "tables:\n"
        "  award: {lookup: {province: 4.0, city: 2.3, town: 1.8}}\n"
        "  cluster: {lookup: {top: 0.5, middle: 0.35, low: 0.15}}\n"
        "  rate: {lookup: {east: 200, middle: 300, west: 400}}\n"
        "  tier: {lookup: {t1: 0.8, t2: 0.6, t3: 0.5, t4: 0.3, t5: 0.1}}\n"
        "  reducer: {steps: {at_least: [[0.5, 0], [0.3, 0.5], [0.1, 0.8]]}, otherwise: 1}\n"
        "allocation:\n"
        f"  unit: money\n  smallest: '{unit}'\n"
        + (f"  budget: {budget}\n" if budget else "")
        + f"  pools: {{{pools}}}\n"
        + (f"  rules: [{rules}]\n" if rules else "")
    )


def pay(text: str, **columns: list[object]) -> Run:
    """Allocate; columns that a construct does not use are zeros."""
    n_regions = len(next(iter(columns.values())))
    unused = {name: [0] * n_regions for name in ("a", "b", "c", "last")} | {"g": ["-"] * n_regions}
    return allocate(paying.build(text), frame(**{**unused, **columns}))


def test_fixed_award_by_tier_sglg_2023():
    """Philippines SGLG 2023: 28 provinces x 4.0 m, 64 cities x 2.3 m, 401 towns x 1.8 m = 981.0 m."""
    kinds = ["province"] * 28 + ["city"] * 64 + ["town"] * 401
    paid = amounts(pay(allocation("prize: {each: award(g)}", unit="0.1"), g=kinds))
    assert sum(paid) == Decimal("981.0")


def test_fixed_award_by_rank_band_jiangsu():
    """Jiangsu: 5 x 1000 + 7 x 600 = 9200."""
    each = "prize: {eligible: 'rank(a) <= 12', each: 'where(rank(a) <= 5, 1000, 600)'}"
    paid = amounts(pay(allocation(each), a=list(range(100, 80, -1))))
    assert sum(paid) == 9200
    assert paid.count(Decimal(0)) == 8


def test_clusters_then_regions_did():
    """Indonesia DID: the pool goes 50 / 35 / 15 % to clusters, then to regions by weight."""
    pools = "grant: {amount: cluster(g) * 1000, by: g, weight: a}"
    paid = amounts(
        pay(allocation(pools), a=[1, 3, 2, 5, 5], g=["top", "top", "middle", "low", "low"])
    )
    assert paid == [125, 375, 350, 75, 75]


def test_the_greater_of_two_formulas_then_pro_rata_cdbg():
    """CDBG: each region the greater of two formula amounts, then all pro rata to the pool."""
    pools = "grant: {amount: 900, weight: 'max(900 * a / total(a), 900 * b / total(b))'}"
    # formulas 450 300 150 and 180 540 180: greater 450 540 180 = 1170, times 900 / 1170
    paid = amounts(pay(allocation(pools, unit="0.01"), a=[3, 2, 1], b=[1, 3, 1]))
    assert paid == [Decimal("346.15"), Decimal("415.39"), Decimal("138.46")]


def test_guarantees_first_then_points_dsu():
    """DSU vectors: 1450, prior 500 and 500, points 4 and 0.5 -> 900, 550; 450 alone -> 400, 50."""
    pools = "kept: {each: last}, rest: {amount: budget - total(kept), weight: a}"
    assert amounts(pay(allocation(pools, budget="1450"), last=[500, 500], a=[4, 0.5])) == [900, 550]
    assert amounts(pay(allocation(pools, budget="450"), last=[0, 0], a=[4, 0.5])) == [400, 50]


def test_half_of_last_year_to_those_who_left_dsu():
    """DSU: half of last year's amount to those who left, last year's to those still eligible."""
    pools = (
        "left: {eligible: b == 0, each: 0.5 * last}, kept: {eligible: b == 1, each: last}, "
        "rest: {eligible: b == 1, amount: budget - total(left) - total(kept), weight: a}"
    )
    run = pay(allocation(pools, budget="1000"), a=[4, 1, 9], b=[1, 1, 0], last=[200, 100, 300])
    assert amounts(run) == [640, 210, 150]


def test_a_tournament_gives_the_best_a_share_by_size():
    pools = "prize: {eligible: 'rank(a, by=g) <= 2', amount: 600, by: g, weight: b}"
    paid = amounts(
        pay(allocation(pools), a=[9, 8, 7, 5, 6, 4], b=[1, 2, 9, 3, 1, 8], g=["e"] * 3 + ["w"] * 3)
    )
    assert paid == [200, 400, 0, 450, 150, 0]


def test_a_step_reducer_by_unspent_balance():
    """Henan and Jiangxi 2018 deduct for unspent balances; the steps here are made up."""
    pools = "grant: {each: a * reducer(b)}"
    paid = amounts(pay(allocation(pools), a=[100] * 5, b=[0, 0.1, 0.29, 0.3, 0.5]))
    assert paid == [100, 80, 80, 50, 0]


def test_an_earmark_comes_off_the_top_and_goes_to_named_regions():
    pools = "pilot: {amount: 100, eligible: b == 1, weight: 1}, rest: {amount: budget - total(pilot), weight: a}"
    run = pay(allocation(pools, budget="1000"), a=[1, 2, 6], b=[1, 1, 0])
    assert amounts(run, "pilot") == [50, 50, 0]
    assert amounts(run) == [150, 250, 600]


def test_rates_per_unit_by_region_group():
    """Orphans: 200 / 300 / 400 yuan a month in the east, the middle and the west."""
    paid = amounts(
        pay(
            allocation("grant: {each: 12 * a * rate(g)}"),
            a=[10, 10, 10],
            g=["east", "middle", "west"],
        )
    )
    assert paid == [24000, 36000, 48000]


def test_tiers_of_matching_by_group_of_provinces():
    """The central share by group of provinces: 80 / 60 / 50 / 30 / 10 %."""
    paid = amounts(
        pay(
            allocation("grant: {each: a * tier(g)}"), a=[1000] * 5, g=["t1", "t2", "t3", "t4", "t5"]
        )
    )
    assert paid == [800, 600, 500, 300, 100]


def test_a_uniform_cap():
    """Grants 2, 100, 50, 120, 1000 and a budget of 190 have the cap 188 / 4 = 47."""
    text = allocation(
        "grant: {share: 1, weight: 1}", budget="190", rules="{id: asked, cap: a}", unit="0.01"
    )
    paid = amounts(pay(text, a=[2, 100, 50, 120, 1000]))
    assert paid == [2, 47, 47, 47, 47]


def test_hold_harmless_paid_from_outside_wales():
    """Wales 2024-25: a floor of +2.0 % paid from outside the formula."""
    pools = "grant: {amount: 1000, weight: a}, topup: {each: 'max(0, 1.02 * last - grant)'}"
    run = pay(allocation(pools, unit="0.1"), a=[1, 1, 2], last=[260, 200, 490])
    assert amounts(run, "topup") == [Decimal("15.2"), 0, 0]
    assert amounts(run, "grant") == [250, 250, 500]


def test_scaling_of_gains_england():
    """England: floors f, X above them: f + s (X - f) with s = (T - sum f) / sum max(X - f, 0)."""
    pools = "grant: {amount: 1000, scale_gains: {formula: a, floor: 1.1 * last}}"
    # floors 330, 220, 330; s = (1000 - 880) / (180 + 70) = 0.48
    paid = amounts(pay(allocation(pools, unit="0.1"), a=[300, 400, 400], last=[300, 200, 300]))
    assert paid == [330, Decimal("306.4"), Decimal("363.6")]


def test_additive_shares_guangdong():
    """Guangdong 2014: 30 % fiscal, 20 % expenditure, 20 % area, 30 % population; here two factors."""
    pools = "fis: {share: 0.3, weight: a}, exp: {share: 0.2, weight: b}, area: {share: 0.2, weight: c}, pop: {share: 0.3, weight: last}"
    run = pay(allocation(pools, budget="1000"), a=[1, 2], b=[1, 1], c=[3, 1], last=[1, 3])
    assert amounts(run) == [100 + 100 + 150 + 75, 200 + 100 + 50 + 225]


def test_a_product_of_factors_with_a_gate_and_an_improvement_that_overrides_it():
    """Gate at 0.6; an improvement of 0.1 opens it."""
    pools = "grant: {eligible: 'a >= 0.6 or a - b >= 0.1', each: '100 * min(a, 0.9) * c'}"
    paid = amounts(pay(allocation(pools), a=[0.95, 0.5, 0.5], b=[0.95, 0.45, 0.4], c=[2, 2, 2]))
    assert paid == [180, 0, 100]


def test_a_year_is_advanced_and_settled_and_what_was_paid_too_much_is_taken_back():
    """Advance: 70 % of last year. Settlement: the year's amount less the advance, may be negative."""
    pools = (
        "advance: {each: 0.7 * last, rounding: down}, "
        "settlement: {each: 1000 * a / total(a) - advance, negative: allow}"
    )
    run = pay(allocation(pools), a=[5, 4, 1], last=[500, 300, 200])
    assert amounts(run, "advance") == [350, 210, 140]
    assert amounts(run, "settlement") == [150, 190, -40]
    assert amounts(run) == [500, 400, 100]


def test_no_more_is_taken_back_than_was_advanced():
    pools = "settlement: {each: 'max(a - b, -last)', negative: allow}"
    paid = amounts(pay(allocation(pools), a=[10, 90], b=[100, 60], last=[50, 60]))
    assert paid == [-50, 30]


def test_money_taken_back_may_be_shared_with_the_others_in_the_same_run():
    pools = (
        "settlement: {each: a - b, negative: allow}, "
        "rest: {amount: budget - total(settlement), weight: c}"
    )
    run = pay(allocation(pools, budget="100"), a=[10, 50], b=[50, 50], c=[1, 3])
    assert amounts(run, "settlement") == [-40, 0]
    assert amounts(run, "rest") == [35, 105]
    assert sum(amounts(run)) == 100


def test_negative_amounts_stand_beside_rules_that_tie_pools():
    pools = "back: {each: a, negative: allow}, base: {amount: 100, weight: b}, prize: {amount: 50, weight: c}"
    rules = "{id: bound, ratio: 0.6, pool: prize, to: base}"
    run = pay(allocation(pools, rules=rules), a=[-30, 20], b=[1, 1], c=[1, 4])
    assert amounts(run, "back") == [-30, 20]
    assert sum(amounts(run, "prize")) == 50


def test_money_that_nobody_may_take_stays_igd_suas():
    """IGD-SUAS: index x ceiling with a minimum grant; what is not reached stays undistributed."""
    text = allocation("grant: {each: a * b}", rules="{id: least, minimum_grant: 50, pool: grant}")
    assert amounts(pay(text, a=[0.9, 0.2], b=[100, 100])) == [90, 0]


def test_held_two_years():
    """What was earned in one year is kept in the next."""
    model = model_of("""
        model: m
        language: en
        data: {region: code, period: year}
        variables: {x: {}}
        derived: {held: "max(x, if_missing(previous(x), 0))"}
        allocation: {unit: yuan, pools: {grant: {each: held}}}
    """)
    rows = {"code": ["a"] * 3, "year": ["2020", "2021", "2022"], "x": [100, 40, 30]}
    run = allocate(model, pd.DataFrame(rows))
    paid = [period.allocation.amounts("grant")[0] for period in run.periods.values()]
    assert paid == [100, 100, 40]


def test_guarantees_that_exceed_the_money_are_reduced_or_refused():
    kept = "kept: {each: a, limit: 90, over_limit: %s}"
    assert amounts(pay(allocation(kept % "scale"), a=[100, 50])) == [60, 30]
    with pytest.raises(InfeasibleError, match="60.00 more than its limit"):
        pay(allocation(kept % "error"), a=[100, 50])
