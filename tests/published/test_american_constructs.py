"""Forms of grant and incentive systems of the Americas, each with a small case worked by hand.

The figures are made up; each test names the form, and the systems that are commonly described so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from reliefperf.scenarios.running import Run
from tests.building import model_of, run_on


def pay(text: str, **columns: Sequence[object]) -> Run:
    first = next(iter(columns.values()))
    regions = columns.pop("region", [f"r{i + 1}" for i in range(len(first))])
    return run_on(model_of(text), {"region": regions, **columns})


def paid(run: Run, pool: str) -> list[Decimal]:
    assert run.last.allocation is not None
    return run.last.allocation.amounts(pool)


def test_gaps_to_a_standard_of_smoothed_capacity_cut_equally_per_head() -> None:
    """Fiscal equalization with weighted years, a lag, a ceiling (as Canada's is described)."""
    text = """\
        model: m
        data: {period: year}
        variables: {people: {}, capacity: {}}
        derived:
          heads: 0.5 * previous(people, 1) + 0.5 * previous(people, 2)
          smoothed: 0.5 * previous(capacity, 1) + 0.5 * previous(capacity, 2)
          gap: total(smoothed) / total(heads) - smoothed / heads
          due: if_missing(max(gap, 0) * heads, 0)
        allocation:
          unit: money
          pools: {p: {amount: 200, each: due, eligible: due > 0, bear: heads, leftover: return}}
    """
    run = pay(
        text,
        region=["a", "b", "c"] * 3,
        year=[2021] * 3 + [2022] * 3 + [2023] * 3,
        people=[100, 100, 100] * 3,
        capacity=[500, 300, 100, 700, 300, 100, 0, 0, 0],
    )
    # heads 100 each; capacity 600, 300, 100: standard 1000/300; gaps 100/3 and 700/3 for b and c;
    # 800/3 is cut to 200 by 100/3 each, which leaves b nothing
    assert paid(run, "p") == [0, 0, 200]


def test_an_exchange_function_whose_slope_gives_back_what_was_withheld() -> None:
    """Value-based purchasing (as of US hospitals is described): t x withheld x score / 100."""
    text = """\
        model: m
        variables: {base: {}, points: {}}
        derived: {withheld: 0.02 * base}
        allocation:
          unit: money
          smallest: '0.01'
          pools:
            back: {amount: "round(total(withheld), 2)", each: t * withheld * points / 100, solve: t}
            off: {each: -withheld, negative: allow}
    """
    run = pay(text, base=[1000, 3000, 1000], points=[50, 20, 90])
    # withheld 20, 60, 20; times the score 10, 12, 18: t = 100 / 40
    assert paid(run, "back") == [25, 30, 45]
    assert sum(paid(run, "back")) + sum(paid(run, "off")) == 0


def test_a_penalty_with_one_multiplier_and_a_cap_each() -> None:
    """Excess over the median of peers, capped at 3 % of payments, to a stated total (HRRP)."""
    text = """\
        model: m
        variables: {base: {}, ratio: {}, peers: {type: text}}
        derived: {excess: "max(ratio - median(ratio, by=peers), 0)"}
        allocation:
          unit: money
          pools:
            step: {amount: 50, each: "min(0.03, t * excess) * base", solve: t, paid: false}
            penalty: {each: -step, negative: allow}
    """
    run = pay(
        text,
        base=[1000, 1000, 1000, 1000],
        ratio=[1.0, 1.4, 0.9, 1.1],
        peers=["x", "x", "y", "y"],
    )
    # medians 1.2 and 1.0; excess 0, 0.2, 0, 0.1: the second is capped at 30, the fourth pays 20
    assert paid(run, "penalty") == [0, -30, 0, -20]


@pytest.mark.parametrize(("taken", "given"), [(40, [0, 10, 30]), (1000, [0, 30, 90])])
def test_gains_scaled_to_the_penalties_by_a_factor_of_at_most_three(
    taken: int, given: list[int]
) -> None:
    """Budget-neutral adjustments with a limit on the scaling factor (MIPS)."""
    text = """\
        model: m
        variables: {gain: {}, due: {}}
        allocation:
          unit: money
          pools:
            minus: {each: -due, negative: allow}
            plus:
              amount: -total(minus)
              each: t * gain
              solve: {name: t, between: [0, 3]}
              leftover: return
    """
    assert paid(pay(text, gain=[0, 10, 30], due=[taken, 0, 0]), "plus") == given


def test_the_best_and_then_the_most_improved_of_the_others() -> None:
    """Performance bonuses of two kinds, nobody twice (SNAP): shared by caseload, at least 20."""
    text = """\
        model: m
        data: {period: year}
        variables: {rate: {}, cases: {}}
        derived:
          best: rank(rate, order='ascending') <= 2
          change: rate - previous(rate)
          improved: "rank(where(best, missing, change), order='ascending') <= 1"
          wins: best or if_missing(improved, False)
        allocation:
          unit: money
          pools: {bonus: {amount: 200, eligible: wins, weight: cases}}
          rules: [{id: least, floor: 20, where: wins}]
    """
    run = pay(
        text,
        region=["a", "b", "c", "d"] * 2,
        year=[2022] * 4 + [2023] * 4,
        rate=[9, 3, 4, 20, 8, 2, 3, 12],
        cases=[50, 1, 49, 50] * 2,
    )
    # b and c are best, d improved by 8; b is lifted to 20, c and d share 180 as 49 to 50
    assert paid(run, "bonus") == [0, 20, 89, 91]


def test_what_falls_below_a_threshold_goes_to_the_state_it_lies_in() -> None:
    """Formula grants with a least size, below which the state takes the money (HOME)."""
    text = """\
        model: m
        variables: {state: {type: text}, is_state: {}, factor: {}}
        derived:
          raw: "where(is_state, 0, 600 * factor / total(where(is_state, 0, factor)))"
          stays: raw >= 100
          fallen: "total(where(stays, 0, raw), by=state)"
          own: "400 * factor / total(where(is_state, factor, 0)) + fallen"
        allocation:
          unit: money
          pools: {p: {each: "where(is_state, own, where(stays, raw, 0))"}}
    """
    run = pay(
        text,
        state=["A", "A", "A", "B", "B"],
        is_state=[1, 0, 0, 1, 0],
        factor=[3, 40, 10, 1, 10],
    )
    # 600 by 60: 400, 100, 100: all stay at exactly 100
    assert paid(run, "p") == [300, 400, 100, 100, 100]
    run = pay(
        text, state=["A", "A", "A", "B", "B"], is_state=[1, 0, 0, 1, 0], factor=[3, 41, 10, 1, 9]
    )
    # 410, 100 and 90: the last falls to its state B
    assert paid(run, "p") == [300, 410, 100, 190, 0]


def test_weighted_counts_by_brackets_of_number_and_of_share() -> None:
    """Counts whose weight rises by bracket, the greater of two ways (US targeted grants)."""
    text = """\
        model: m
        variables: {poor: {}, children: {}}
        derived:
          by_share: "min(poor, 0.2 * children) + 2 * max(poor - 0.2 * children, 0)"
          by_number: "min(poor, 100) + 1.5 * max(poor - 100, 0)"
        allocation:
          unit: money
          pools: {p: {amount: 1000, weight: "max(by_share, by_number)"}}
    """
    # shares: 20 + 2 x 30 = 80 against 50; numbers: 300 against 100 + 1.5 x 200 = 400; 20 against 20
    run = pay(text, poor=[50, 300, 20], children=[100, 2000, 100])
    assert paid(run, "p") == [160, 800, 40]


def test_stars_by_place_within_the_state_moved_by_other_stars() -> None:
    """Ratings by rank within a state, moved one up or down by two others (nursing homes)."""
    text = """\
        model: m
        variables: {state: {type: text}, defects: {}, staff: {}, quality: {}}
        derived:
          place: rank(defects, by=state, order='ascending')
          n: count(defects >= 0, by=state)
          first: where(place <= 0.2 * n, 5, where(place > 0.8 * n, 1, 3))
          second: "clip(first + (staff == 5) - (staff == 1), 1, 5)"
          moved: "second + (quality == 5) - (quality == 1)"
          stars: "clip(where(first == 1, min(moved, 2), moved), 1, 5)"
        evaluation:
          full_marks: 5
          tree: [{id: overall, points: 5, value: stars, score: as_is}]
    """
    run = pay(
        text,
        state=["A"] * 5,
        defects=[1, 2, 3, 4, 5],
        staff=[1, 5, 3, 1, 5],
        quality=[5, 5, 3, 1, 5],
    )
    assert run.last.evaluation is not None
    assert run.last.evaluation.score.tolist() == [5, 5, 3, 1, 2]


def water_filled(own: Mapping[str, tuple[int, int]], money: int) -> dict[str, Fraction]:
    """Everybody lifted to one amount a head, the level by trying every set of those lifted."""
    order = sorted(own, key=lambda name: Fraction(*own[name]))
    for n in range(len(order), 0, -1):
        lifted = order[:n]
        heads = sum(own[name][1] for name in lifted)
        level = Fraction(money + sum(own[name][0] for name in lifted), heads)
        if all(Fraction(*own[name]) <= level for name in lifted):
            return {
                name: max(Fraction(0), level * own[name][1] - own[name][0])
                if name in lifted
                else Fraction(0)
                for name in own
            }
    raise AssertionError


def test_two_fillings_up_the_second_on_top_of_the_first() -> None:
    """States filled up to one amount a pupil, then networks with all their revenue (FUNDEB)."""
    text = """\
        model: m
        variables: {uf: {type: text}, lead: {}, pupils: {}, fund: {}, other: {}}
        derived:
          heads: total(pupils, by=uf)
          first: pupils / heads * total(states, by=uf)
          before: fund + first + other
        allocation:
          unit: money
          smallest: '0.01'
          pools:
            states:
              {amount: 1500, eligible: lead, each: "-total(fund, by=uf)", bear: heads, paid: false}
            vaaf: {amount: "total(states, by=uf)", by: uf, weight: pupils}
            vaat: {amount: 700, each: -before, bear: pupils}
    """
    columns = {
        "uf": ["M", "M", "P", "S"],
        "lead": [1, 0, 1, 1],
        "pupils": [100, 200, 300, 400],
        "fund": [300, 600, 1200, 4000],
        "other": [500, 0, 100, 900],
    }
    run = pay(text, **columns)
    states = water_filled({"M": (900, 300), "P": (1200, 300), "S": (4000, 400)}, 1500)
    assert states == {"M": 900, "P": 600, "S": 0}
    assert paid(run, "vaaf") == [300, 600, 600, 0]
    own = {"1": (1100, 100), "2": (1200, 200), "3": (1900, 300), "4": (4900, 400)}
    assert water_filled(own, 700) == {"1": 0, "2": 320, "3": 380, "4": 0}
    assert paid(run, "vaat") == [0, 320, 380, 0]
