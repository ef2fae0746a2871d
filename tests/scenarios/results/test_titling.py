"""Sentences name pools, rules and columns by their titles."""

from __future__ import annotations

from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.results.titling import Titling, heading_titles, titled
from tests.building import model_of


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


def test_a_title_that_a_message_names_beside_the_id_stands_once():
    model = load_model("relief-2013")
    note = "规则“award-ratio”（奖补不超过基本补助的一定比例）已放宽"
    assert Titling(model, "zh").quoted(note) == "规则“奖补不超过基本补助的一定比例”已放宽"
    note = "rule 'award-ratio' (Award bounded by base) gave way; pool 'base' (new)"
    assert Titling(model, "en").quoted(note) == (
        "rule 'Award bounded by base' gave way; pool 'Base subsidy' (new)"
    )


def test_a_list_of_texts_stands_as_people_write_it():
    assert titled("grade in ['优秀', '良好']", {}, "zh") == "等次 属于 (优秀、良好)"
    assert titled("kind in ['a b', 'c'] and n > 1", {}, "en") == "kind in (a b, c) and n > 1"


def test_a_heading_of_the_file_is_called_as_its_variable():
    model = model_of(
        "model: m\nvariables: {n: {title: People, column: N (persons)}, k: {column: K}}\n"
    )
    titles = heading_titles(model, {"n": "People"})
    assert titles == {"n": "People", "N (persons)": "People"}
