"""The workbook: what a planner opens in Excel."""

from __future__ import annotations

import openpyxl
import pytest

from reliefperf.reports.cells import cells_of_workbook
from reliefperf.reports.sheets import _widths, heading_lines, lines_of
from reliefperf.scenarios.library import find
from reliefperf.scenarios.running import run
from tests.conftest import DATA, FIRST


def test_the_workbook_has_the_results_and_totals_with_their_values(make_model, tmp_path):
    run(make_model(), output=tmp_path / "out")
    values = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx", data_only=True)
    assert values.sheetnames == [
        "Summary",
        "Scores",
        "Points",
        "Allocation",
        "Explanation",
        "Formulas",
        "Rules",
        "Notes",
    ]
    sheet = values["Allocation"]
    assert [cell.value for cell in sheet[2]][:4] == ["010", "North", 10, "good"]
    assert sheet.cell(sheet.max_row, sheet.max_column).value == 1000


def test_the_points_sheet_lists_what_lost_points(make_model, tmp_path):
    run(make_model(), output=tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")["Points"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["020", "030"]


def test_cleaned_and_treated_values_have_a_sheet_of_their_own(make_model, tmp_path):
    run(make_model(data_csv=DATA.replace("100", " 100", 1)), output=tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")["Treatments"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=6)]
    assert rows[0] == ["region", "name", "indicator", "step", "before", "after"]
    assert rows[1][:4] == ["010", "North", "recipients", "cleaning"]


def test_text_from_data_never_becomes_a_formula_or_link(make_model, tmp_path):
    hostile = DATA.replace("North", "=HYPERLINK(A1)").replace("South", "https://example.org")
    run(make_model(data_csv=hostile), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    own = book["Allocation"].max_row
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                assert cell.data_type != "f" or (sheet.title == "Allocation" and cell.row == own)


def test_region_codes_keep_their_leading_zeros(make_model, tmp_path):
    run(make_model(), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    firsts = {name: book[name]["A2"].value for name in ("Scores", "Points", "Explanation")}
    assert firsts == {"Scores": "010", "Points": "020", "Explanation": "010"}


def test_synthetic_data_are_labelled_on_every_sheet_and_beside_the_tables(make_model, tmp_path):
    label = "data: {file: data.csv, region: code, name: name, synthetic: drawn for a test}"
    model = FIRST.replace("data: {file: data.csv, region: code, name: name}", label)
    run(make_model(model_yaml=model), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    assert all("synthetic" in name for name in book.sheetnames)
    assert "drawn for a test" in (tmp_path / "out" / "SYNTHETIC.txt").read_text(encoding="utf-8")


def test_a_chinese_model_has_a_chinese_workbook(make_model, tmp_path):
    run(
        make_model(model_yaml=FIRST.replace("language: en", "language: zh")),
        output=tmp_path / "out",
    )
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    assert book.sheetnames[:2] == ["说明", "得分"]
    assert book["扣分明细"]["A1"].value == "地区代码"


def test_sheets_of_a_chinese_model_have_titles_and_words_in_place_of_ids(make_model, tmp_path):
    model = """\
    model: chinese
    data: {file: data.csv, region: code, name: name}
    variables: {recipients: {}, wrongful: {}}
    evaluation:
      combine: arithmetic
      weights: {ahp: {accuracy: {reach: 3}}}
      tree:
        - {id: accuracy, title: 认定准确, value: wrongful, score: {goalposts: [3, 0]}, claimed: recipients}
        - {id: reach, title: 覆盖, value: recipients, score: {goalposts: [0, 300]}, claimed: recipients}
      consequences:
        - {id: told, title: 提醒谈话, when: wrongful > 1, effect: summons, basis: 建模者选择}
    """
    run(make_model(model_yaml=model), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    claims = [cell.value for cell in book["自评与核实"][2]]
    assert claims[1:3] == ["认定准确", "得分"]
    assert "约谈" in [cell.value for cell in book["问责结果"][2]]
    weights = [[cell.value for cell in row] for row in book["权重"].iter_rows()]
    assert weights[0][:4] == ["上级", "下级", "赋权方法", "权重"]
    assert weights[1][:3] == ["总分", "认定准确", "层次分析法"]
    assert weights[1][3] == 0.75
    assert "一致性指标 CI" in [row[7] for row in weights]


def test_ids_and_kinds_are_words_in_the_workbook() -> None:
    cells = cells_of_workbook(run(find("county-rulebook-example")))

    def column(sheet: str, place: int) -> set[str]:
        return {str(row[place]) for row in cells[sheet].rows[1:] if row[place] != ""}

    assert column("自评与核实（合成数据）", 2) == {"入户抽查率", "错保率"}
    assert column("提示（合成数据）", 0) == {
        "缺失", "以其他值代替", "问题未查实", "条件缺失", "无上一期",
    }  # fmt: skip
    assert "取整" in column("扣分明细（合成数据）", 3)
    assert not {"rounding", "inflated"} & column("扣分明细（合成数据）", 3)


LEAST_FIRST = """\
model: least-first
language: zh
data: {file: data.csv, region: code, name: name}
variables:
  recipients: {title: 救助人数, column: 人数（人）}
  wrongful: {title: 错保}
evaluation:
  rank: {order: ascending}
  tree:
    - {id: cases, title: 案件, points: 10, value: wrongful, score: {per_unit: 1}}
    - {id: reach, title: 覆盖, points: 10, value: recipients, score: {per_unit: 0.01}, missing: zero}
"""
LEAST_DATA = "code,name,人数（人）,wrongful\n010,North,,0\n020,South,200,3\n"


def test_where_fewer_points_are_better_nothing_is_called_lost(make_model, tmp_path, cli):
    run(make_model(model_yaml=LEAST_FIRST, data_csv=LEAST_DATA), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    assert "扣分明细" not in book.sheetnames
    rows = [[cell.value for cell in row] for row in book["计分明细"].iter_rows()]
    assert [(row[0], row[2], row[4]) for row in rows[1:]] == [
        ("020", "案件", 3),
        ("020", "覆盖", 2),
    ]
    assert "分数越低越好" in str([row[1].value for row in book["说明"].iter_rows()])
    shown = cli("--lang", "zh", "explain", tmp_path / "out", "020").output
    assert "扣分" not in shown.split("理由")[0]


def test_notes_call_a_heading_by_the_title_of_its_variable(make_model, tmp_path):
    run(make_model(model_yaml=LEAST_FIRST, data_csv=LEAST_DATA), output=tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")["提示"]
    places = {row[1].value for row in sheet.iter_rows(min_row=2)}
    assert "救助人数" in places
    assert "人数（人）" not in places


def test_a_wide_sheet_is_printed_on_several_pages_with_its_first_columns_on_each(
    make_model, tmp_path
):
    leaves = ", ".join(
        f"{{id: i{k}, title: indicator number {k}, points: 1, value: recipients, score: {{per_unit: 1}}}}"
        for k in range(40)
    )
    model = (
        "model: wide\nlanguage: en\ndata: {file: data.csv, region: code, name: name}\n"
        "variables: {recipients: {}, wrongful: {}}\n"
        f"derived: {{more: wrongful}}\nevaluation: {{tree: [{leaves}]}}\n"
    )
    run(make_model(model_yaml=model), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    scores, notes = book["Scores"], book["Notes"]
    assert scores.page_setup.orientation == "landscape"
    assert scores.page_setup.fitToWidth > 1
    assert scores.print_title_rows == "$1:$1"
    assert scores.print_title_cols == "$A:$B"
    assert scores.freeze_panes == "C2"
    assert notes.page_setup.fitToWidth in (None, 1)
    assert scores.row_dimensions[1].height >= 30


def test_columns_are_as_wide_as_their_texts_and_long_ones_are_wrapped():
    content = [["a", "x" * 30, "y" * 90], ["bb", "short", "y"]]
    header = ["region", "pool", "period"]
    assert _widths(header, content, [True, True, True], 12) == [9, 32, 40]


def test_rows_are_high_enough_for_chinese_and_headings_break_between_words():
    assert lines_of("分" * 40, 40) == 3
    assert lines_of("short", 40) == 1
    assert heading_lines("Base subsidy\nentitlement (yuan)", 16) == 3
    assert heading_lines("基本补助\n测算额（万元）", 18) == 2


def test_a_text_takes_as_many_lines_as_it_needs_and_no_more():
    reason = "95.37%，低于100%，差 4.63 个百分点，每 0.5 个百分点扣 2 分，扣 18.52 分"
    assert lines_of(reason, 72) == 1
    assert lines_of("word " * 20, 51) == 2
    assert lines_of("one\ntwo", 40) == 2
    assert lines_of("x" * 100, 40) == 3


UNITS = """\
model: units
language: en
data: {file: data.csv, region: code, name: name}
variables: {recipients: {unit: people}, wrongful: {}}
derived: {twice: {value: 2 * wrongful, unit: cases}}
evaluation:
  tree:
    - {id: a, points: 10, value: recipients, score: {goalposts: [0, 1000]}}
    - {id: b, points: 10, value: wrongful, unit: pp, score: {goalposts: [9, -1]}}
    - {id: c, points: 10, value: twice, score: {goalposts: [9, -1]}}
    - {id: d, points: 10, value: wrongful / 2, score: {goalposts: [9, -1]}}
"""


def test_an_indicators_value_stands_with_its_unit(make_model, tmp_path):
    run(make_model(model_yaml=UNITS), output=tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")["Points"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=5)]
    assert rows[0][2:] == ["indicator", "value", "unit"]
    units = {row[2]: row[4] for row in rows[1:]}
    assert units == {"a": "people", "b": "pp", "c": "cases", "d": None}


def test_headings_stand_as_their_columns_do(make_model, tmp_path):
    run(make_model(), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    for name in ("Scores", "Points", "Allocation", "Explanation", "Rules"):
        for heading, below in zip(book[name][1], book[name][2], strict=True):
            assert heading.alignment.vertical == "center"
            if isinstance(below.value, int | float):
                assert heading.alignment.horizontal == "right", (name, heading.value)


def test_the_price_says_in_its_heading_what_it_is(make_model, tmp_path):
    found = run(make_model(), output=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    headings = [cell.value for cell in book["Rules"][1]]
    (price,) = [text for text in headings if text.startswith("shadow price")]
    assert f"for 1 {found.last.allocation.unit} of each limit; signed for pools" in price


def test_the_steps_of_a_pool_end_with_its_amount(make_model, tmp_path):
    rules = "  rules: [{id: keep, floor: 150, pool: base}, {id: top, cap: 600, pool: base}]\n"
    found = run(make_model(model_yaml=FIRST + rules), output=tmp_path / "out")
    money = found.last.allocation
    sheet = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")["Explanation"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    ends = {(row[0], row[2]): row[4] for row in lines if row[3] == "= amount"}
    titles = {"base": "base", "award": "award"}
    assert ends
    for (code, pool), amount in ends.items():
        (key,) = [one for one in titles if one.casefold() in pool.casefold()]
        assert amount == float(money.amounts(key)[money.codes.index(code)])
        own = [row[4] for row in lines if (row[0], row[2]) == (code, pool) and row[3] != "= amount"]
        assert len(own) > 1
        assert sum(own) == pytest.approx(amount)
