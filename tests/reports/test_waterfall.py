"""The waterfall of a region's money: its steps add up, and the picture has them all."""

from __future__ import annotations

from decimal import Decimal

from reliefperf.reports.waterfall import _in_lines, factor_steps, steps_of, waterfall
from reliefperf.scenarios.run_folder import read_run


def test_the_steps_of_the_waterfall_add_up_to_the_amount(money_folder):
    run = read_run(money_folder())
    for code in run.codes:
        total = sum(
            (bar.amount for _, bars in steps_of(run, code, "", "en") for bar in bars), Decimal(0)
        )
        paid = next(
            row["amount"]
            for row in run.allocation
            if (row["region"], row["pool"]) == (code, "total")
        )
        assert total == Decimal(paid)


def test_the_figure_has_every_step_with_its_amount(money_folder):
    run = read_run(money_folder())
    (axes,) = waterfall(run, "010", "", "en").axes
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert any(label.startswith("equal share") for label in labels)
    assert labels.count("= amount") == 2


def test_a_figure_is_written_and_a_wrong_name_refused(money_folder, cli, tmp_path):
    run = money_folder()
    good = cli("explain", run, "010", "--figure", tmp_path / "out.png")
    bad = cli("explain", run, "010", "--figure", tmp_path / "out.txt")
    assert good.exit_code == 0, good.output
    assert (tmp_path / "out.png").stat().st_size > 10_000
    assert bad.exit_code == 2


def test_a_factor_that_is_a_sum_stands_in_brackets():
    row = {"pool": "g", "factor": "0.5 * a + b", "value": "2", "usual": "1", "amount": "3"}
    assert factor_steps([row], "g", {}, "en")[0].label == "× (0.5 × a + b) (2, weighted mean 1)"
    row["factor"] = "a * (b + 1)"
    assert factor_steps([row], "g", {}, "zh")[0].label == "× a × (b + 1)（2，加权平均 1）"


def test_a_long_label_takes_two_lines():
    label = "× (0.5 × share(townships and subdistricts) + 0.5 × share(People helped))"
    assert _in_lines(label).count("\n") == 1
    assert _in_lines(label).replace("\n", " ") == label
    assert _in_lines("short label") == "short label"


def test_every_pool_shows_its_entitlement_and_the_pools_are_tied_together(money_folder):
    run = read_run(money_folder())
    (axes,) = waterfall(run, "010", "", "zh").axes
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert labels.count("测算额") == labels.count("＝ 分配额") == 2
    titles = [title for title, _ in steps_of(run, "010", "", "zh")]
    assert labels[-4:] == ["合计", *titles, "＝ 合计"]
    paid = {row["pool"]: row["amount"] for row in run.allocation if row["region"] == "010"}
    last = axes.patches[-3:]
    assert [bar.get_width() for bar in last] == [float(amount) for amount in paid.values()]
    assert last[1].get_x() == last[0].get_width()


def test_a_single_pool_has_no_total_of_its_own(cli, tmp_path):
    (tmp_path / "model.yaml").write_text(
        "model: one\nlanguage: en\ndata: {file: data.csv}\nvariables: {n: {missing: error}}\n"
        "allocation: {unit: yuan, budget: 10, pools: {aid: {share: 1, weight: n}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "data.csv").write_text("region,name,n\nA,East,1\nB,West,1\n", encoding="utf-8")
    assert cli("run", tmp_path, "-o", tmp_path / "out").exit_code == 0
    (axes,) = waterfall(read_run(tmp_path / "out"), "A", "", "en").axes
    assert "= total" not in [tick.get_text() for tick in axes.get_yticklabels()]
