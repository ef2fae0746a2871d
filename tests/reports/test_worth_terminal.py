"""Points in money, said: in both languages, what is written, how it ends."""

from __future__ import annotations

from decimal import Decimal

from tests.reports.conftest import TIED, rows

ROUNDED = """
model: m
language: en
data: {file: data.csv, region: code}
variables: {n: {missing: error}, x: {missing: error}}
evaluation: {full_marks: 100, tree: [{id: a, points: 100, value: x, score: as_is}]}
allocation:
  unit: yuan
  pools: {base: {amount: 700, weight: n * score}, award: {amount: 1100, weight: score}}
"""


def test_a_point_is_worth_whole_money_to_one_region(money_folder, cli):
    result = cli("--lang", "zh", "explain", money_folder(), "030", "--point")
    assert result.exit_code == 0, result.output
    assert "得分提高 1 分（8 到 9）" in result.output or "得分提高 1 分" in result.output


def test_worth_lists_every_region_and_pool(money_folder, cli, tmp_path):
    result = cli("--lang", "en", "worth", money_folder(), "-o", tmp_path / "worth.csv")
    assert result.exit_code == 0, result.output
    written = rows(tmp_path / "worth.csv")
    assert len(written) == 9
    for row in written:
        assert Decimal(row["other"]) - Decimal(row["amount"]) == Decimal(row["gain"])


def test_the_rows_of_pools_add_up_to_the_total(cli, tmp_path):
    # two pools whose amounts with 2 more decimals both end in a half of the last one
    (tmp_path / "data.csv").write_text("code,n,x\na,1,50\nb,2,60\nc,3,70\nd,2,80\n")
    (tmp_path / "model.yaml").write_text(ROUNDED)
    assert cli("run", tmp_path, "-o", tmp_path / "run").exit_code == 0
    result = cli("worth", tmp_path / "run", "-o", tmp_path / "worth.csv")
    assert result.exit_code == 0, result.output
    written = rows(tmp_path / "worth.csv")
    for code in "abcd":
        *pools, total = [row for row in written if row["region"] == code]
        assert total["pool"] == "total"
        for column in ("amount", "other", "gain"):
            assert sum(Decimal(row[column]) for row in pools) == Decimal(total[column])


def test_worth_of_tied_pools_is_refused_with_the_other_way(money_folder, cli):
    result = cli("--lang", "en", "worth", money_folder(TIED))
    assert result.exit_code == 2
    assert "--point" in result.output


def test_cliffs_are_shown_and_written(money_folder, cli, tmp_path):
    run = money_folder()
    result = cli("--lang", "en", "cliffs", run, "--reach", "1", "-o", tmp_path / "cliffs.csv")
    assert result.exit_code == 0, result.output
    written = rows(tmp_path / "cliffs.csv")
    assert {row["cut_off"] for row in written} == {"8"}
    for row in written:
        assert row["how"] == "paid"
        assert (row["grade_below"], row["grade_at"]) == ("pass", "good")
        gap = Decimal(row["money_at"]) - Decimal(row["money_below"])
        assert gap == Decimal(row["difference"])


def test_tied_pools_name_the_cliffs_that_were_not_computed(money_folder, cli):
    result = cli("--lang", "en", "cliffs", money_folder(TIED), "--reach", "3", "--most", "0")
    assert result.exit_code == 0, result.output
    assert "without amounts" in result.output
