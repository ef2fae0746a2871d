"""The workbook: what a planner opens in Excel."""

from __future__ import annotations

import openpyxl

from reliefperf.reports.cells import cells_of_workbook
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
        return {str(row[place]) for row in cells[sheet][1:] if row[place] != ""}

    assert column("自评与核实（合成数据）", 2) == {"入户抽查率", "错保率"}
    assert column("提示（合成数据）", 0) == {
        "缺失", "以其他值代替", "问题未查实", "条件缺失", "无上一期",
    }  # fmt: skip
    assert "取整" in column("扣分明细（合成数据）", 3)
    assert not {"rounding", "inflated"} & column("扣分明细（合成数据）", 3)
