"""rules.csv and factors.csv: a row a rule in words, in both languages."""

from __future__ import annotations

from decimal import Decimal

from reliefperf.scenarios.results.rules import RULES_HEADER, factors_table, rules_rows, rules_table
from tests.allocation.paying import pay
from tests.allocation.test_effects import COUPLED, SEPARATE

COLUMNS = {"n": [10, 20, 30, 40, 100], "last": [200, 50, 100, 100, 100]}


def rows_of(run, lang="en"):
    return {
        row[0]: dict(zip(RULES_HEADER, row, strict=True))
        for row in rules_rows(run.model, run.last, lang)
    }


def test_each_rule_has_a_row_with_its_sentence_and_whom_it_binds():
    found = rows_of(pay(SEPARATE, **COLUMNS))
    assert list(found) == ["pool g", "keep", "top", "idle"]
    assert found["keep"]["says"] == "the total of all pools: at least 0.9 of last year (last)"
    assert found["keep"]["bound"] == "001"
    assert (found["keep"]["rows"], found["keep"]["binding"]) == (5, 1)
    assert found["idle"]["meaning"] == (
        "without effect: nobody stands at its limit, and moving it a little changes no amount"
    )


def test_a_limit_of_a_pool_alone_says_who_bears_a_unit_of_it():
    meaning = rows_of(pay(SEPARATE, **COLUMNS))["keep"]["meaning"]
    assert meaning == (
        "in pool 'g' 1 stands at the lower limit: for every yuan by which it is raised, it gets "
        "1 yuan more, paid by the 3 at no limit in proportion to their entitlements (44.4% of it "
        "by 004); the other way round, the reverse; until another region comes to a limit"
    )


def test_a_price_is_said_as_a_bound_on_both_sides():
    run = pay(COUPLED, n=[10, 20, 30, 40], m=[40, 13, 20, 25], last=[200, 50, 60, 70])
    row = rows_of(run)["keep"]
    assert row["tier"] == "entitlement"
    price = f"{float(str(row['price'])):.6g}"
    assert row["meaning"] == (
        "if the lower limit of 001 is raised by 1 yuan, the region gets more, the others less, and "
        "the gap to the formula's amounts (too much and too little, all added up) grows by at least "
        f"{price} yuan; if it is lowered by 1 yuan, the region gets less, the others more, and it "
        f"shrinks by at most {price} yuan (bounds for a change of any size)"
    )


def test_money_is_moved_between_amounts_and_regions_count_over_all_pools():
    text = """
        variables: {w: {missing: error}, m: {missing: error}}
        allocation:
          unit: yuan
          pools: {base: {amount: 400, weight: w}, award: {amount: 400, weight: m}}
          rules: [{id: r, ratio: 1, pool: award, to: base}]
        """
    run = pay(text, w=[3, 1], m=[1, 3])
    row = rows_of(run)["r"]
    assert row["moved"] == Decimal(200)  # 100 to 001 in the award, 100 to 002 in the base
    assert (row["gaining"], row["losing"]) == (0, 0)


def test_every_word_is_also_said_in_chinese():
    run = pay(COUPLED, n=[10, 20, 30, 40], m=[40, 13, 20, 25], last=[200, 50, 60, 70])
    english, chinese = rows_of(run), rows_of(run, "zh")
    for rule, row in english.items():
        for key in ("says", "strength", "meaning"):
            if row[key]:
                assert chinese[rule][key] != row[key]
                assert any("一" <= char <= "鿿" for char in str(chinese[rule][key]))


def test_many_regions_are_counted_and_few_named():
    columns = {"n": [1] * 12, "last": [1000 / 12 / 0.9] * 12}
    text = SEPARATE.replace("cap: 420", "cap: 50").replace("budget: 1000", "budget: 600")
    found = rows_of(pay(text.replace("hold_harmless: 0.9", "hold_harmless: 0"), **columns))
    assert found["top"]["binding"] == 12
    assert found["top"]["bound"] == "001 002 003 004 005 006 007 008 and 4 more"


def test_a_soft_rule_says_its_priority_and_what_it_misses():
    text = SEPARATE.replace("{id: idle, floor: 1}", "{id: wish, floor: 5000, soft: 2}")
    row = rows_of(pay(text, **COLUMNS))["wish"]
    assert row["strength"] == "soft, priority 2"
    assert row["missed"] == 5


def test_without_rules_only_the_pools_have_rows():
    run = pay(SEPARATE.split("  rules:")[0], **COLUMNS)
    header, rows = rules_table(run)
    assert header == [*RULES_HEADER]
    assert [row[0] for row in rows] == ["pool g"]
    assert factors_table(run)[1] == []


def test_order_of_regions_changes_no_rule():
    turned = {name: values[::-1] for name, values in COLUMNS.items()}
    one, other = rows_of(pay(SEPARATE, **COLUMNS)), rows_of(pay(SEPARATE, **turned))
    for rule in one:
        assert one[rule]["moved"] == other[rule]["moved"]
        assert isinstance(one[rule]["moved"], Decimal)
        assert one[rule]["binding"] == other[rule]["binding"]
