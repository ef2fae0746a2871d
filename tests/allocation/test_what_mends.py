"""What is said to mend rules at odds mends them, the budget among what must hold."""

from __future__ import annotations

import pytest

from reliefperf.allocation.relaxing import Relax
from reliefperf.errors import InfeasibleError
from reliefperf.scenarios.running import read_data, run_model
from tests.allocation.paying import build, frame

SHARES = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  budget: 1000
  pools: {base: {share: %s, weight: w}, award: {share: %s, weight: 1}}
  rules:
    - {id: rat, ratio: %s, pool: award, to: base}
"""


def refused(text: str, relax: Relax = "never") -> InfeasibleError:
    model = build(text)
    with pytest.raises(InfeasibleError) as caught:
        run_model(model, read_data(model, frame(w=[1, 3, 2])), relax=relax)
    return caught.value


def test_a_larger_total_that_the_budget_cannot_pay_is_no_remedy() -> None:
    said = refused(SHARES % (0.6, 0.4, 0.5)).text("en")
    assert (
        "must give way by 100 yuan in all; one rule alone would do: the total of pool 'award' by 100 "
        "yuan, rule 'rat' by 100 yuan. "
    ) in said


def test_a_larger_total_is_a_remedy_where_the_budget_has_room_for_it() -> None:
    text = (SHARES % (0.6, 0.4, 0.5)).replace("budget: 1000", "budget: 1500")
    text = text.replace("share: 0.6", "amount: 600").replace("share: 0.4", "amount: 400")
    assert "the total of pool 'base' by 200 yuan" in refused(text).text("en")


def test_what_all_must_give_way_by_counts_the_budget() -> None:
    # 200 more for `base` would do, of which the budget has none: 150 move from one to the other
    assert "must give way by 300 yuan in all" in refused(SHARES % (0.1, 0.9, 3)).text("en")


OVER = """
variables: {w: {missing: error}}
allocation:
  unit: yuan
  budget: 900
  pools: {base: {amount: 600, weight: w}, award: {amount: 400, weight: 1}}
  rules:
    - {id: lo, floor: 100, pool: base}
    - {id: hi, cap: 40, pool: base, where: w == 1}
    %s
"""


@pytest.mark.parametrize("tied", ["", "- {id: all, cap: 900}"])
@pytest.mark.parametrize("relax", ["offer", "apply"])
def test_single_amounts_are_named_where_no_relaxation_mends_the_totals(
    tied: str, relax: Relax
) -> None:
    error = refused(OVER % tied, relax)
    single, totals = error.mistakes
    assert single.en == (
        "region 001, pool 'base': rule 'lo' needs at least 100, rule 'hi' allows at most 40; they "
        "miss by 60"
    )
    assert "相差 60" in single.zh
    # what `lo` and `hi` miss each other by is not in it
    assert (
        "Rules that may be relaxed aside, the others must give way by 100 yuan in all; one of these "
        "alone would do: the total of pool 'base' by 100 yuan, "
    ) in totals.en
    assert "可放宽的规则之外，其余合计至少须让出 100 yuan；其中只放宽一项时：" in totals.zh
    assert totals.en.endswith("totals of pools and the budget never give way.")


def test_what_contradicts_itself_among_rules_that_must_hold_is_named_once() -> None:
    text = OVER.replace("budget: 900", "budget: 1000") % "- {id: most, cap: 95, pool: base}"
    error = refused(text + "  relax: [hi]\n", "offer")
    hi, rest = error.mistakes
    assert "region 001" in hi.en
    assert "rule 'hi' allows at most 40" in hi.en
    assert "region 002" not in hi.en
    assert rest.en.count("rule 'most' allows at most 95; they miss by 5") == 3
    assert "No relaxation mends it" in rest.en


def test_the_total_of_a_pool_that_a_ratio_counts_in_part_is_told_whole() -> None:
    error = refused(SHARES % (0.6, 0.4, 0.5))
    assert "pool 'base' allows at most 600 yuan (counted 0.5 times: 300), together with" in (
        error.text("en")
    )
    assert "资金池“base”的总额至多允许 600 yuan（按 0.5 倍计为 300）" in error.text("zh")
