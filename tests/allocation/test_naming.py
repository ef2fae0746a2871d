"""What messages call rules, pools and regions: ids with titles, codes with names, in two languages."""

from __future__ import annotations

from reliefperf.allocation.naming import MOST_NAMED, UNNAMED, Naming

NAMING = Naming(
    {"low": ("Minimum", "保底"), "base": ("base", "基本")},
    {"01": "Hill", "02": "02"} | {f"1{i}": f"1{i}" for i in range(9)},
)


def test_a_title_stands_beside_the_id_where_there_is_one() -> None:
    assert NAMING.rule("low") == ("'low' (Minimum)", "“low”（保底）")
    assert NAMING.rule("base") == ("'base'", "“base”（基本）")
    assert NAMING.rules(["low", "base", "low"]) == (
        "'base', 'low' (Minimum)",
        "“base”（基本）、“low”（保底）",
    )
    assert UNNAMED.rule("low") == ("'low'", "“low”")


def test_what_no_rule_states_is_called_what_it_is() -> None:
    assert NAMING.stated("low") == ("rule 'low' (Minimum)", "规则“low”（保底）")
    assert NAMING.stated("budget") == ("the budget", "预算")
    assert NAMING.stated("pool base") == ("the total of pool 'base'", "资金池“base”（基本）的总额")
    assert NAMING.stated("objective coverage") == (
        "objective 'coverage'",
        "目标“最低需求满足率”",
    )


def test_rows_name_regions_by_code_and_name() -> None:
    assert NAMING.row("01") == ("01 (Hill)", "01（Hill）")
    assert NAMING.row("01 >= 02") == ("01 (Hill) >= 02", "01（Hill）不低于 02")
    assert NAMING.row("west at_least") == ("group 'west' from below", "“west”组下限")
    assert NAMING.amount("base:01") == (
        "01 (Hill), pool 'base'",
        "01（Hill），资金池“base”（基本）",
    )


def test_long_lists_say_how_many_more_there_are() -> None:
    codes = [f"1{i}" for i in range(MOST_NAMED + 2)]
    en, zh = NAMING.regions(codes)
    assert en.endswith("14 and 2 more")
    assert zh.endswith(f"14 等 {MOST_NAMED + 2} 个地区")
    assert "more" not in NAMING.regions(codes[:MOST_NAMED])[0]
