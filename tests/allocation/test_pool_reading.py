"""What is said of expressions of a pool that are missing, or differ where one number is wanted."""

from __future__ import annotations

import pandas as pd
import pytest

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.model.building import build_model
from reliefperf.model.document import parse_document
from reliefperf.scenarios.running import allocate
from tests.allocation.paying import pay
from tests.building import mistakes_of

MODEL = """
model: m
language: en
data: {region: code, period: year}
variables: {n: {}, m: {}}
derived: {last_n: previous(n)}
allocation:
  unit: yuan
  budget: 100
  pools:
    g: {%s}
"""


def said(pool: str, m: tuple[object, ...] = (1, 2, 3, 4)) -> tuple[str, str]:
    """The message of a panel of two regions and two years, in English and Chinese."""
    rows = {"code": ["a", "b"] * 2, "year": [2021, 2021, 2022, 2022], "n": [1, 2, 3, 4], "m": m}
    model = build_model(parse_document(MODEL % pool, "model.yaml"), None)
    with pytest.raises(InputError) as error:
        allocate(model, pd.DataFrame(rows))
    (mistake,) = error.value.mistakes
    return mistake.en, mistake.zh


@pytest.mark.parametrize(
    ("pool", "expr"),
    [("amount: 10, weight: previous(n)", "weight"), ("share: 1, weight: last_n", "weight")],
)
def test_what_looks_back_is_missing_in_the_first_period(pool: str, expr: str) -> None:
    en, zh = said(pool)
    assert en.startswith(f"2021: {expr} of pool 'g' is missing in 2 region(s): a, b ")
    assert "(2021 is the first period, in which previous(...) is missing)" in en
    assert zh.startswith("2021：")
    assert "2021 是首期" in zh


def test_a_pools_own_amounts_of_the_first_period_are_missing() -> None:
    en, _ = said("share: 1, weight: previous(g)")
    assert "2021 is the first period" in en


def test_a_gap_in_a_later_period_names_that_period() -> None:
    en, zh = said("amount: 10, weight: m", (1, 2, None, 4))
    assert en.startswith("2022: weight of pool 'g' is missing in 1 region(s): a. Complete")
    assert zh.startswith("2022：")


def test_what_is_negative_is_shown_and_not_called_missing() -> None:
    en, zh = said("amount: 10, weight: m", (1, 2, -0.3, 4))
    assert en.startswith("2022: weight of pool 'g' is negative in 1 region(s): a: -0.3. Correct")
    assert "max(x, 0)" in en
    assert "missing" not in en
    assert "为负：a为 -0.3。请更正" in zh
    missing = said("amount: 10, weight: m", (1, 2, None, 4))[0]
    assert "max(x, 0)" not in missing


def test_a_total_that_is_missing_says_where() -> None:
    en, _ = said("amount: m, weight: n", (1, 1, 5, None))
    assert en == "2022: amount of pool 'g' must be one number; it is missing in 1 region(s): b"
    en, zh = said("amount: previous(budget), weight: n")
    assert "must be one number; it is missing in 2 region(s): a, b (2021 is the first" in en
    assert "缺失" in zh


def test_a_total_that_differs_says_by_how_much() -> None:
    en, zh = said("amount: m, weight: n", (7, 7, 5, 6))
    assert en.startswith("2022: amount of pool 'g' must be one number; it differs by region: 5 in ")
    assert "a" in en
    assert "6 in b" in en
    assert "missing" not in en
    assert "因地区而异" in zh


@pytest.mark.parametrize(
    "money",
    [
        "pools: {g: {amount: 100, weight: n}}\n  rules: [{id: x, floor: 0.1 * total(g)}]",
        "pools: {g: {amount: 100, weight: n + g}}",
        "pools: {f: {each: n}, g: {each: total(f + g)}}",
        "pools: {f: {each: n}, g: {amount: 5, weight: n}}\n  rules: [{id: x, cap: g, pool: g}]",
    ],
)
def test_a_pool_that_names_itself_is_told_so(money: str) -> None:
    text = "model: m\nlanguage: en\ndata: {region: code}\nvariables: {n: {}}\n"
    (mistake,) = mistakes_of(f"{text}allocation:\n  unit: yuan\n  {money}\n")
    assert "a pool cannot use its own amounts" in mistake.en
    assert "later" not in mistake.en


@pytest.mark.parametrize(("total", "words"), [(100, "the floors of pool 'g'"), (900, "pool 'g'")])
def test_scaled_gains_that_money_does_not_fit_name_the_pool(total: int, words: str) -> None:
    text = """
    variables: {formula: {}, least: {}}
    allocation:
      unit: yuan
      pools: {g: {amount: %d, scale_gains: {formula: formula, floor: least}}}
    """
    with pytest.raises((InfeasibleError, InputError)) as error:
        pay(text % total, formula=[60, 70], least=[80, 90])
    (mistake,) = error.value.mistakes
    assert words in mistake.en
    assert "资金池“g”" in mistake.zh


def test_a_third_of_the_budget_is_a_whole_number_of_units_where_a_third_of_it_is() -> None:
    text = """
variables: {n: {missing: error}}
allocation:
  unit: yuan
  budget: 300
  pools: {third: {share: 1/3, weight: n}, rest: {share: 2/3, weight: n}}
"""
    run = pay(text, n=[1, 4])
    paid = run.allocation.set_index(["region", "pool"])["amount"]
    assert [int(paid[code, "third"]) for code in ("001", "002")] == [20, 80]
