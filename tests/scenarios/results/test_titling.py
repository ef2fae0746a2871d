"""Sentences name pools, rules and columns by their titles."""

from __future__ import annotations

from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.titling import Titling


def test_names_in_quotation_marks_become_titles():
    titling = Titling(load_model("relief-2013"), "zh")
    assert titling.quoted("资金池“base、award”") == "资金池“基本补助、以奖代补”"
    assert titling.quoted("规则“award-ratio”") == "规则“奖补不超过基本补助的一定比例”"
    assert titling.quoted("“nobody” 20 * counties") == "“nobody” 20 * counties"


def test_bare_columns_become_titles_in_chinese_alone():
    model = load_model("relief-2013")
    text = "“expense_grant” 20 * counties"
    assert Titling(model, "zh").sentence(text) == "“工作经费补助” 20 * 县级单位数"
    assert Titling(model, "en").sentence("20 * counties") == "20 * counties"


def test_an_apostrophe_is_no_quotation_mark():
    titling = Titling(load_model("relief-2013"), "en")
    assert titling.quoted("last year's base, this year's") == "last year's base, this year's"
    assert titling.quoted("pool 'base' of others' money") == "pool 'Base subsidy' of others' money"


def test_derived_columns_and_parameters_are_called_by_their_titles():
    titling = Titling(load_model("relief-2013"), "zh")
    assert titling.sentence("0.8 * previous_total") == "0.8 * 上年合计"
    assert titling.columns["effort"] == "地方财政努力程度"
    assert titling.columns["weight_of_people"] == "救助人数在工作量中的比重"
