"""What `explain` and `check` show of a region's case: cells, claims, consequences, decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from reliefperf.reports.case_terminal import short
from reliefperf.scenarios.running import run

MODEL = """\
model: case
data: {file: data.csv, region: code, name: name}
variables:
  visited: {unit: "%", self: said, verified: seen, take: verified_else_self}
  served: {}
findings: {file: findings.csv, kinds: {late: {zh: 救助不及时, en: help that came late}}}
evaluation:
  combine: arithmetic
  weights: {ahp: {visits: {reach: 3}}}
  treatment: [{id: top, winsorise: 1, title: 缩尾处理, basis: 考评办法第三条, indicators: [reach]}]
  tree:
    - id: visits
      title: {zh: 入户抽查率, en: share of visits}
      value: visited
      unit: "%"
      score: {goalposts: [0, 100]}
    - {id: reach, title: 覆盖, value: served, score: {goalposts: [0, 100]}}
  decisions: {file: rulings.csv}
  consequences:
    - id: summoned
      title: {zh: 约谈负责人, en: the head is summoned}
      when: findings('late') > 0
      effect: summons
      basis: 考评办法第九条
      responsible: 市民政局
"""
DATA = "code,name,said,seen,served\n" + "".join(
    f'"0{i}",R{i},{40 + i},{40 if i == 1 else 40 + i},{900 if i == 1 else i}\n' for i in range(1, 9)
)
FINDINGS = 'region,kind,date,substantiated,source\n"01",late,2024-01-15,yes,hotline\n'
RULINGS = (
    "region,target,change,value,reason,decided_by,date\n"
    '"01",score,2,,appeal upheld,review panel,2024-03-05\n'
)


def folder(make_model: Callable[..., Path], **changes: str) -> Path:
    files = {"findings_csv": FINDINGS, "rulings_csv": RULINGS} | changes
    return make_model(model_yaml=MODEL, data_csv=DATA, **files)


def test_explain_shows_the_whole_case_of_a_region(
    make_model: Callable[..., Path], cli: Callable[..., Result], tmp_path: Path
) -> None:
    run(folder(make_model), output=tmp_path / "out")
    shown = cli("--lang", "zh", "explain", tmp_path / "out", "01").output
    assert "处理前" in shown
    assert "扣分" in shown
    assert "缩尾处理的依据：考评办法第三条" in shown
    assert "约谈负责人（约谈）；依据：考评办法第九条；责任单位：市民政局" in shown
    assert "第 2 行，2024-01-15，救助不及时，hotline" in shown
    assert "appeal upheld（review panel，2024-03-05）" in shown
    claims = next(line for line in shown.splitlines() if line.startswith("visited"))
    assert claims.split() == ["visited", "数值", "41", "40", "40", "-1"]


def test_explain_speaks_the_language_of_the_reader_not_of_the_model(
    make_model: Callable[..., Path], cli: Callable[..., Result], tmp_path: Path
) -> None:
    run(folder(make_model), output=tmp_path / "out")
    shown = cli("--lang", "en", "explain", tmp_path / "out", "01").output
    assert "the head is summoned (summons); basis: 考评办法第九条" in shown
    assert "row 2, 2024-01-15, help that came late, hotline" in shown
    assert "按" not in shown


def test_explain_shows_nothing_of_the_cases_of_other_regions(
    make_model: Callable[..., Path], cli: Callable[..., Result], tmp_path: Path
) -> None:
    run(folder(make_model), output=tmp_path / "out")
    shown = cli("--lang", "en", "explain", tmp_path / "out", "02").output
    assert "hotline" not in shown
    assert "appeal" not in shown


def test_a_run_that_cannot_be_computed_again_is_explained_in_the_model_language(
    make_model: Callable[..., Path], cli: Callable[..., Result], tmp_path: Path
) -> None:
    run(folder(make_model), output=tmp_path / "out")
    (tmp_path / "out" / "inputs" / "model.yaml").unlink()
    result = cli("--lang", "en", "explain", tmp_path / "out", "01")
    assert result.exit_code == 0
    assert "第 2 行" in result.output


def test_check_reads_the_tables_and_tells_the_consistency_ratios(
    make_model: Callable[..., Path], cli: Callable[..., Result]
) -> None:
    shown = cli("--lang", "en", "check", folder(make_model)).output
    assert "evaluation: AHP, consistency ratio 0, limit 0.1" in shown
    assert "findings: 1 rows" in shown
    assert "decisions: 1 rows" in shown


def test_check_refuses_a_mistake_in_a_table_beside_the_data(
    make_model: Callable[..., Path], cli: Callable[..., Result]
) -> None:
    wrong = folder(make_model, findings_csv=FINDINGS.replace("late", "latte"))
    result = cli("--lang", "en", "check", wrong)
    assert result.exit_code == 2
    assert "findings.csv" in result.output


def test_numbers_are_shown_with_few_decimals_and_texts_as_they_are() -> None:
    assert [
        short(text) for text in ("28.0942184154", "0.000012345", "6.10", "无.误一二三四五", "")
    ] == [
        "28.0942",
        "1.234e-05",
        "6.10",
        "无.误一二三四五",
        "",
    ]
