"""From model and data to whole units: the promises about money, on small models."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.running import read_data, run_model
from tests.allocation.paying import amounts, build, frame, pay

ONE_POOL = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  budget: 190
  pools: {grant: {share: 1, weight: w}}
"""


@pytest.mark.parametrize(("seats", "expected"), [(44, [24, 11, 5, 3, 1]), (43, [24, 10, 4, 4, 1])])
def test_hamilton_apportionment_and_the_alabama_paradox(seats, expected):
    """Source: the worked example of systems.md section 7."""
    text = ONE_POOL.replace("190", str(seats))
    assert amounts(pay(text, w=[21878, 9713, 4167, 3252, 1065])) == expected


def test_a_uniform_cap_shares_what_is_asked_up_to_a_level():
    """Grants 2, 100, 50, 120, 1000 with 190 to give: cap 47 (systems.md section 7)."""
    text = """
    variables: {asked: {missing: error}}
    allocation:
      unit: yuan
      budget: 190
      pools: {grant: {share: 1, weight: 1}}
      rules: [{id: asked, cap: asked}]
    """
    assert amounts(pay(text, asked=[2, 100, 50, 120, 1000])) == [2, 47, 47, 47, 47]


def test_floor_damping_scales_the_gains_of_each_class_alike():
    """G = f if X <= f else f + s (X - f), s = (T - sum f) / sum max(X - f, 0), in each class."""
    text = """
    variables: {x: {missing: error}, prior: {missing: error}, class: {type: text}}
    allocation:
      unit: GBP
      pools:
        grant: {scale_gains: {formula: x, floor: 1.02 * prior}, by: class}
    """
    run = pay(
        text.replace("class", "tier"),
        x=[90, 130, 180, 50, 150],
        prior=[100, 100, 100, 100, 50],
        tier=["a", "a", "a", "b", "b"],
    )
    # class a: T 400, floors 306, gains 28 + 78 = 106, s = 94 / 106
    s = Fraction(94, 106)
    expected = [Fraction(102), 102 + s * 28, 102 + s * 78]
    paid = amounts(run)
    assert [abs(Fraction(p) - e) < 1 for p, e in zip(paid[:3], expected, strict=True)] == [True] * 3
    assert sum(paid[:3]) == 400
    # class b: T 200, floors 153, gains only the second: s = 47 / 99, so it gets 51 + 47
    assert paid[3:] == [102, 98]


def test_scaling_of_gains_is_refused_where_floors_exceed_the_total():
    text = """
    variables: {x: {missing: error}}
    allocation:
      unit: GBP
      budget: 100
      pools: {grant: {share: 1, scale_gains: {formula: x, floor: 60}}}
    """
    with pytest.raises(InfeasibleError, match="20"):
        pay(text, x=[10, 90])


def test_fixed_award_by_grade_through_a_table():
    text = """
    variables: {grade_given: {type: text, missing: error}}
    tables: {award: {lookup: {优秀: 1000, 良好: 600}, otherwise: 0}}
    allocation:
      unit: 万元
      pools: {award_pool: {each: award(grade_given)}}
    """
    assert amounts(pay(text, grade_given=["优秀", "良好", "合格"])) == [1000, 600, 0]


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("half_up", ["2.68", "0.15", "1.00"]),
        ("half_even", ["2.68", "0.14", "1.00"]),
        ("down", ["2.67", "0.14", "1.00"]),
        ("up", ["2.68", "0.15", "1.01"]),
    ],
)
def test_amounts_that_stand_alone_round_as_stated_and_never_by_binary_noise(rounding, expected):
    text = f"""
    variables: {{x: {{missing: error}}}}
    allocation:
      unit: yuan
      smallest: '0.01'
      rounding: {rounding}
      pools: {{grant: {{each: x}}}}
    """
    paid = amounts(pay(text, x=[2.675, 0.145, 1.001]))
    assert [f"{amount:.2f}" for amount in paid] == expected


def test_a_formula_pool_beyond_its_limit_is_an_error_or_scaled_as_stated():
    text = """
    variables: {x: {missing: error}}
    allocation:
      unit: yuan
      pools: {grant: {each: x, limit: 90%s}}
    """
    with pytest.raises(InfeasibleError, match="30"):
        pay(text % "", x=[40, 80])
    assert amounts(pay(text % ", over_limit: scale", x=[40, 80])) == [30, 60]


@pytest.mark.parametrize(
    ("leftover", "expected"),
    [
        ("return", [25, 30]),
        ("reserve", [25, 30]),
        ("redistribute", [25, 75]),
        ("redistribute_then_return", [25, 75]),
    ],
)
def test_leftover_money_goes_where_the_model_says(leftover, expected):
    text = f"""
    variables: {{w: {{missing: error}}, limit: {{}}}}
    allocation:
      unit: yuan
      budget: 100
      leftover: {leftover}
      pools: {{grant: {{share: 1, weight: w}}}}
      rules: [{{id: limit-rule, cap: limit}}]
    """
    run = pay(text, w=[70, 30], limit=[25, 1000])
    assert amounts(run) == expected
    left = 100 - sum(expected)
    noted = [note for note in run.notes if note.kind == "leftover"]
    assert len(noted) == (1 if left else 0)
    if left:
        assert str(left) in noted[0].en


def test_caps_that_nobody_can_take_up_are_infeasible_when_all_must_be_given():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      budget: 100
      pools: {grant: {share: 1, weight: w}}
      rules: [{id: ceiling, cap: 30}]
    """
    with pytest.raises(InfeasibleError, match="ceiling.*40"):
        pay(text, w=[1, 2])


def test_later_pools_share_what_earlier_ones_really_paid():
    text = """
    variables: {prior: {missing: error}, w: {missing: error}}
    allocation:
      unit: yuan
      budget: 100
      pools:
        kept: {each: prior, rounding: half_up}
        rest: {amount: budget - total(kept), weight: w}
    """
    run = pay(text, prior=[10.5, 20.5, 30.5], w=[1, 1, 1])
    assert amounts(run, "kept") == [11, 21, 31]
    assert sum(amounts(run)) == 100


def test_a_budget_that_is_not_whole_units_is_refused():
    with pytest.raises(InputError, match="whole number"):
        pay(ONE_POOL.replace("190", "190.5"), w=[1, 2])


@pytest.mark.parametrize(("weights", "word"), [([1, -2], "negative"), ([1, None], "missing")])
def test_weights_that_cannot_be_are_named_with_their_region(weights, word):
    text = ONE_POOL.replace("missing: error", "missing: keep")
    with pytest.raises(InputError, match=f"{word}.*002"):
        pay(text, w=weights)


def test_a_pool_that_nobody_shares_is_refused_unless_money_may_stay():
    text = ONE_POOL.replace("weight: w", "weight: w, eligible: w > 10")
    with pytest.raises(InputError, match="nobody"):
        pay(text, w=[1, 2])
    run = pay(text.replace("weight: w,", "weight: w, leftover: return,"), w=[1, 2])
    assert amounts(run) == [0, 0]
    assert {"nobody", "leftover"} <= {note.kind for note in run.notes}


def test_contradictory_limits_of_one_region_name_both_rules_and_the_gap():
    text = ONE_POOL + "  rules: [{id: low-rule, floor: 90}, {id: high-rule, cap: 50}]\n"
    with pytest.raises(InfeasibleError, match="low-rule.*high-rule.*40"):
        pay(text, w=[1, 1])


TIES = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  budget: 5
  ties: %s
  pools: {grant: {share: 1, weight: w}}
"""


@pytest.mark.parametrize(
    ("ties", "expected"),
    [("code", [1, 1, 3]), ("larger_weight", [0, 2, 3]), ("smaller_weight", [1, 1, 3])],
)
def test_the_last_unit_goes_where_the_model_says(ties, expected):
    """Quotas 0.5, 1.5, 3: the first two remainders are equal."""
    assert amounts(pay(TIES % ties, w=[1, 3, 6])) == expected


COUPLED = """
variables: {w: {missing: error}, a: {missing: error}, prev: {missing: error}, zone: {type: text}}
allocation:
  unit: yuan
  budget: 10000
  pools:
    base: {share: 0.8, weight: w}
    award: {share: 0.2, weight: a}
  rules:
    - {id: keep, hold_harmless: 0.9, previous: prev}
    - {id: ratio, pool: award, ratio: 0.5, to: base}
    - {id: west, group_share: zone, where: zone == 'w', at_least: 0.3}
"""


def test_coupled_rules_hold_exactly_in_whole_units_and_steps_add_up():
    run = pay(
        COUPLED,
        w=[5, 4, 3, 2, 1],
        a=[1, 1, 4, 4, 1],
        prev=[3500, 2000, 1500, 500, 900],
        zone=["e", "e", "m", "w", "w"],
    )
    base, award, total = amounts(run, "base"), amounts(run, "award"), amounts(run)
    assert sum(base) == 8000
    assert sum(award) == 2000
    for paid, before in zip(total, [3500, 2000, 1500, 500, 900], strict=True):
        assert paid >= Decimal("0.9") * before
    assert all(x <= Decimal("0.5") * y for x, y in zip(award, base, strict=True))
    assert total[3] + total[4] >= 3000
    steps = run.explanation.groupby(["region", "pool"])["amount"].sum()
    paid = run.allocation[run.allocation["pool"] != "total"].set_index(["region", "pool"])["amount"]
    assert (steps.sort_index() == paid.sort_index()).all()


def test_coupled_rules_at_odds_are_named():
    text = COUPLED.replace("hold_harmless: 0.9", "hold_harmless: 2")
    with pytest.raises(InfeasibleError, match="keep"):
        pay(text, w=[1, 1], a=[1, 1], prev=[5000, 5000], zone=["e", "w"])


def test_a_soft_rule_gives_way_and_says_so():
    text = COUPLED.replace("hold_harmless: 0.9,", "hold_harmless: 2, soft: 1,")
    run = pay(text, w=[1, 1], a=[1, 1], prev=[5000, 5000], zone=["e", "w"])
    assert sum(amounts(run)) == 10000
    missed = [note for note in run.notes if note.kind == "rule-missed"]
    assert len(missed) == 1
    assert "keep" in missed[0].en


weights = st.lists(st.integers(0, 1000), min_size=2, max_size=9).filter(lambda w: sum(w) > 0)


@settings(max_examples=60, deadline=None)
@given(weights, st.integers(0, 100_000))
def test_amounts_add_up_to_the_pool_for_any_weights(w, budget):
    assert sum(amounts(pay(ONE_POOL.replace("190", str(budget)), w=w))) == budget


@settings(max_examples=40, deadline=None)
@given(weights, st.integers(1, 10_000))
def test_identical_regions_are_at_most_one_unit_apart(w, budget):
    paid = amounts(pay(ONE_POOL.replace("190", str(budget)), w=[*w, *w]))
    half = len(w)
    assert all(abs(paid[i] - paid[i + half]) <= 1 for i in range(half))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 60)), min_size=2, max_size=8))
def test_floors_and_caps_give_the_same_money_alone_and_in_the_program(rows):
    """Both ways to the amounts agree: water-filling, and the program with its nearest point."""
    w, prev = [a for a, _ in rows], [b for _, b in rows]
    text = """
    variables: {w: {missing: error}, prev: {missing: error}}
    allocation:
      unit: yuan
      budget: %d
      pools: {grant: {share: 1, weight: w%s}}
      rules: [{id: keep, hold_harmless: 0.9, previous: prev}]
    """
    budget = 100 * (sum(prev) + 10)
    alone = pay(text % (budget, ""), w=w, prev=prev)
    # a range of zero width changes nothing but sends the pool through the program
    program = pay(text % (budget, f", between: [{budget}, {budget}]"), w=w, prev=prev)
    pairs = zip(amounts(alone), amounts(program), strict=True)
    assert all(abs(one - other) <= 1 for one, other in pairs)
    assert sum(amounts(program)) == budget


def test_a_pool_between_limits_moves_only_as_far_as_rules_ask():
    text = """
    variables: {w: {missing: error}}
    allocation:
      unit: yuan
      pools: {grant: {amount: 100, weight: w, between: [50, 200]}}
      rules: [{id: minimum, floor: 40}]
    """
    assert amounts(pay(text, w=[9, 1])) == [90, 40]


def test_all_pools_together_may_not_exceed_the_budget():
    text = """
    variables: {x: {missing: error}}
    allocation:
      unit: yuan
      budget: 50
      pools: {grant: {each: x}}
    """
    with pytest.raises(InfeasibleError, match="10"):
        pay(text, x=[20, 40])


STEPS = """
variables: {need: {missing: error}, own: {missing: error}}
allocation:
  unit: yuan
  budget: 200
  pools:
    gap: {each: "need - own", paid: false, negative: allow}
    grant: {amount: 200, weight: "max(gap, 0)"}
  rules:
    - {id: gap-limit, cap: 300, pool: gap}
    - {id: least, floor: 0.1 * gap}
"""


def test_a_step_of_the_calculation_is_a_column_and_no_money():
    run = pay(STEPS, need=[500, 400, 300], own=[100, 200, 400])
    allocation = run.last.allocation
    assert list(allocation.pools) == ["grant"]
    assert list(allocation.calculated) == ["gap"]
    assert amounts(run, "gap") == [300, 200, -100]
    assert amounts(run) == amounts(run, "grant") == [120, 80, 0]
    assert allocation.total() == 200
    assert sum(allocation.entitlements("total")) == 200
    assert run.last.env.columns["amount"].tolist() == [120, 80, 0]
    assert not run.notes


def test_a_step_is_settled_before_one_program_of_the_pools_of_money():
    text = STEPS.replace("    grant:", "    base: {amount: 0, weight: 1}\n    grant:")
    run = pay(text, need=[500, 400, 300], own=[100, 200, 400])
    assert run.last.allocation.program is not None
    assert amounts(run, "gap") == [300, 200, -100]
    assert amounts(run, "grant") == [120, 80, 0]


def test_a_step_with_rules_at_odds_is_refused_and_never_relaxed():
    text = STEPS + "    - {id: gap-least, floor: 301, pool: gap}\n"
    with pytest.raises(InfeasibleError, match="'gap-least' needs at least 301"):
        pay(text, need=[500, 400], own=[100, 200])


CUT_FIRST = """
variables: {last: {missing: error}, merit: {missing: error}}
allocation:
  unit: dollar
  budget: 1200
  pools:
    base: {amount: 1000, weight: last}
    award: {amount: 200, weight: merit}
  rules:
    - {id: top, cap: "max(0, 1.2 * last - base)", pool: award}
"""


def test_a_cap_on_the_total_may_cut_the_later_pool_first():
    run = pay(CUT_FIRST, last=[300, 300, 400], merit=[300, 100, 600])
    assert amounts(run, "base") == [300, 300, 400]
    assert amounts(run, "award") == [60, 60, 80]


@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=1, max_size=6),
    st.integers(0, 400),
)
@example([(3, 1), (3, 1)], 1)
@settings(max_examples=60, deadline=None)
def test_pools_give_way_in_the_order_that_limits_by_earlier_pools_say(rows, award):
    """A cap of 1.2 last on the total: award gives way first, base is cut by itself alone."""
    head = CUT_FIRST[: CUT_FIRST.index("  budget")]
    base = "base: {amount: 1000, weight: last}"
    own = '{id: own, cap: "1.2 * last", pool: base}'
    top = '{id: top, cap: "max(0, 1.2 * last - base)", pool: award}'
    both = f"{base}, award: {{amount: {award}, weight: merit}}"
    more = "  leftover: return\n"
    columns = {"last": [last for last, _ in rows], "merit": [merit for _, merit in rows]}
    alone = pay(f"{head}  pools: {{{base}}}\n  rules: [{own}]\n{more}", **columns)
    run = pay(f"{head}  pools: {{{both}}}\n  rules: [{own}, {top}]\n{more}", **columns)
    assert amounts(run, "base") == amounts(alone, "base")
    for (last, _), paid in zip(rows, amounts(run), strict=True):
        assert paid <= Fraction(12, 10) * last


@pytest.mark.parametrize(
    "tie",
    ["rules: [{id: all, cap: 1000},", "objectives: [change]\n  previous_amount: last\n  rules: ["],
)
def test_a_limit_by_an_earlier_pool_is_refused_where_pools_are_one_program(tie):
    rule = '{id: top, cap: "max(0, 1.2 * last - base)", pool: award}]'
    text = CUT_FIRST[: CUT_FIRST.index("rules:")] + f"{tie} {rule}\n"
    with pytest.raises(InputError) as refused:
        pay(text, last=[300, 300], merit=[1, 1])
    said = refused.value.text("en")
    assert "rule 'top' limits by what pool 'base' pays" in said
    assert ("'all' ties the pools" in said) or ("'change' ties the pools" in said)
    assert "须先算定该池" in refused.value.text("zh")


def test_rules_that_look_at_an_earlier_pool_are_not_relaxed_as_one_program():
    model = build(CUT_FIRST + "    - {id: much, floor: 150, pool: award}\n")
    with pytest.raises(InfeasibleError) as refused:
        run_model(model, read_data(model, frame(last=[300, 300], merit=[1, 1])), relax="offer")
    assert "'top' takes up what another pool pays" in refused.value.text("en")


def test_a_formula_pool_without_a_stated_total_leaves_nothing_to_note():
    text = """
    variables: {x: {missing: error}}
    allocation:
      unit: yuan
      pools: {grant: {each: x}}
    """
    run = pay(text, x=[700.7, 388.5])
    assert amounts(run) == [701, 389]
    assert not run.notes


@pytest.mark.parametrize("tied", [False, True])
def test_a_pool_made_of_pools_that_are_settled_with_it_says_so(tied):
    text = f"""
    variables: {{n: {{missing: error}}, last: {{missing: error}}}}
    allocation:
      unit: yuan
      budget: 1000
      pools:
        base: {{share: 0.8, weight: n}}
        award: {{share: 0.2, weight: n}}
        cut: {{each: -0.1 * (base + award), negative: allow}}
      rules: [{{id: top, growth_limit: 1.1, previous: last, pool: {"[base, award]" if tied else "base"}}}]
    """
    run = pay(text, n=[10, 10, 20], last=[200, 400, 900])
    notes = [note for note in run.notes if note.kind == "before-rules"]
    assert len(notes) == tied
    assert all("entitlements of base, award" in note.en and "测算额" in note.zh for note in notes)
    (says,) = [row[2] for row in run.rules_table[1] if row[0] == "pool cut"]
    assert ("from the entitlements of" in says) == tied
