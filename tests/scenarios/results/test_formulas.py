"""formulas.csv: what was put into the formulas of the pools, and never a value that was not."""

from __future__ import annotations

from reliefperf.model.expressions import Expr
from reliefperf.scenarios.results.formulas import formulas_table, items_of
from reliefperf.scenarios.results.titling import titled
from tests.building import model_of, run_on

MODEL = """\
    model: m
    language: en
    variables: {n: {}, kind: {type: text}}
    tables: {rate: {lookup: {x: 2, y: 3}}}
    parameters: {per: 10}
    derived: {paid: n * rate(kind), share_of: share(paid)}
    allocation:
      unit: yuan
      budget: 1000
      pools: {%s}
"""
DATA = {"region": ["A", "B"], "n": [10.0, 20.0], "kind": ["x", "y"]}


def rows(pools: str) -> dict[tuple[str, str, str, str], str]:
    header, found = formulas_table(run_on(model_of(MODEL % pools), DATA))
    assert header == ["region", "of", "part", "item", "value"]
    return {row[:4]: row[4] for row in found}  # type: ignore[misc]


def test_a_formula_pool_names_what_was_put_in_and_the_derived_columns_below_it() -> None:
    found = rows("a: {each: per * share_of}")
    of_b = {key[1:]: value for key, value in found.items() if key[0] == "B"}
    assert of_b == {
        ("a", "each", "="): "7.5",
        ("a", "each", "per"): "10",
        ("a", "each", "share_of"): "0.75",
        ("share_of", "value", "="): "0.75",
        ("share_of", "value", "share(paid)"): "0.75",
        ("share_of", "value", "paid"): "60",
        ("paid", "value", "="): "60",
        ("paid", "value", "n"): "20",
        ("paid", "value", "rate(kind)"): "3",
        ("paid", "value", "kind"): "y",
    }


def test_a_product_has_its_factors_elsewhere_and_its_derived_columns_here() -> None:
    found = rows("a: {share: 1, weight: n * share_of}")
    assert {key[1] for key in found} == {"share_of", "paid"}


def test_a_weight_that_is_a_sum_and_a_computed_amount_are_told() -> None:
    found = rows("a: {amount: budget - 100, weight: n + 5}")
    assert found["A", "a", "amount", "="] == "900"
    assert found["A", "a", "amount", "budget"] == "1000"
    assert found["A", "a", "weight", "="] == "15"


def test_a_region_that_is_not_eligible_has_the_condition_in_place_of_the_formula() -> None:
    found = rows("a: {each: per * n, eligible: kind == 'x'}")
    assert {key[0] for key in found if key[2] == "each"} == {"A"}
    of_b = {key[1:]: value for key, value in found.items() if key[0] == "B"}
    assert of_b == {("a", "eligible", "="): "0", ("a", "eligible", "kind"): "y"}


def test_of_a_joined_condition_each_part_is_judged() -> None:
    found = rows("a: {each: n, eligible: n > 5 and not (kind == 'y' or n > 15)}")
    of_b = {key[2:]: value for key, value in found.items() if key[0] == "B" and key[1] == "a"}
    assert of_b == {
        ("eligible", "="): "0",
        ("eligible", "n > 5"): "1",
        ("eligible", "kind == 'y'"): "1",
        ("eligible", "n > 15"): "1",
        ("eligible", "n"): "20",
        ("eligible", "kind"): "y",
    }


def test_a_derived_condition_is_told_with_what_was_put_into_it() -> None:
    text = (MODEL % "award: {amount: 400, eligible: wins and n > 0, weight: n}").replace(
        "{paid:",
        "{first: 'rank(n, by=kind) == 1', "
        "wins: 'first or rank(where(first, missing, n)) <= 4 - count(first)', paid:",
    )
    data = {"region": [*"abcdef"], "n": [90.0, 88, 87, 50, 40, 60], "kind": [*"NNNSSW"]}
    _, found = formulas_table(run_on(model_of(text), data))
    assert [row[2:] for row in found if row[:2] == ("e", "award")] == [
        ("eligible", "=", "0"),
        ("eligible", "wins", "0"),
        ("eligible", "n > 0", "1"),
        ("eligible", "n", "40"),
        ("eligible", "first", "0"),
        ("eligible", "rank(where(first, missing, n))", "3"),
        ("eligible", "count(first)", "3"),
    ]


def test_a_consequence_that_shuts_a_region_out_is_named() -> None:
    text = (
        (MODEL % "a: {each: n}").rstrip()
        + """
    evaluation:
      combine: arithmetic
      tree: [{id: reach, value: n, score: {goalposts: [0, 20]}}]
      consequences:
        - {id: caught, when: n > 15, effect: ineligible, pools: [a], basis: none, responsible: x}
"""
    )
    _, found = formulas_table(run_on(model_of(text), DATA))
    assert ("B", "a", "barred", "caught", "1") in found
    assert not any(row[0] == "A" and row[2] in ("barred", "eligible") for row in found)


def test_a_formula_that_names_a_pool_is_told_only_if_its_values_were_those_put_in() -> None:
    pools = "a: {each: n}, b: {each: 2 * a}"
    assert rows(pools)["B", "b", "each", "a"] == "20"
    text = (MODEL % pools).rstrip() + "\n      rules: [{id: top, cap: 15, pool: a}]\n"
    _, found = formulas_table(run_on(model_of(text), DATA))
    for row in found:
        if row[1:4] == ("b", "each", "="):
            a = next(r[4] for r in found if r[:4] == (row[0], "b", "each", "a"))
            assert row[4] == str(2 * int(str(a)))


def test_items_are_in_the_order_of_the_formula() -> None:
    text = "where(state == 'n', previous(b), a) * t(c) + total(d, by=e)"
    found = items_of(Expr(text), frozenset({"t"}))
    assert found == ["state", "previous(b)", "a", "t(c)", "c", "total(d, by=e)", "d"]


def test_a_formula_is_told_with_titles_and_chinese_words() -> None:
    titles = {"n": "人数", "rate": "标准", "x": "不该换"}
    text = "n * rate(kind) ** 2 + share(n) * where(kind == 'x', 1, 0)"
    assert titled(text, titles, "zh") == "人数 × 标准(kind) ^ 2 + 占比(人数) × 若(kind = 'x', 1, 0)"
    assert titled("n * share(n)", {"n": "People"}, "en") == "People × share(People)"
