"""Verbs that put a question to the allocation: fairness, budget, reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reliefperf.cli.options import (
    data_options,
    figure_option,
    folder_argument,
    period_option,
    table_option,
    target_argument,
)
from reliefperf.cli.verb import verb


@verb
@target_argument("TARGET")
@data_options
@period_option
@click.option(
    "--trials",
    type=click.IntRange(1, 10_000),
    default=10,
    show_default=True,
    help="How many trials of each promise. 每项性质的试验次数。",
)
@click.option(
    "--split",
    metavar="COLUMN,...",
    help="Columns that the halves of a split region share out. 拆分地区时各半的列。",
)
@table_option()
def fairness(**asked: Any) -> None:
    """Search for counter-examples to fairness in TARGET: a model, scenario or run.

    逐项检验分配的公平性质，给出反例。
    """
    from reliefperf.reports.fairness_terminal import say_fairness

    say_fairness(**asked)


@verb
@target_argument("TARGET")
@click.option("--coverage", help="Amount / need to reach: 0.8 or 80%. 要达到的满足率。")
@click.option(
    "--need", help="The need, an expression; else the model's. 需求表达式，默认用模型的。"
)
@click.option("--where", help="Only these regions, a condition. 只看符合条件的地区。")
@click.option(
    "--share",
    default="1",
    show_default=True,
    help="The share of regions that must reach it. 须达到的地区比例。",
)
@click.option("--together", is_flag=True, help="All of them taken together. 合计达到即可。")
@click.option(
    "--most",
    type=click.IntRange(1, 1000),
    default=12,
    show_default=True,
    help="Break points on either side. 两侧各列多少个转折点。",
)
@period_option
@table_option("Write the table as CSV. 另存为 CSV。")
@figure_option("Draw it: .png, .svg, .pdf. 另存为图。")
@data_options
def budget(
    target: str, data: Path | None, encoding: str | None, period: str | None, **asked: Any
) -> None:
    """The least budget of TARGET (run, model, scenario) for a coverage, or where rules change.

    达到某一满足率的最低预算；不写 --coverage 则列出起作用的规则发生变化的预算。
    """
    from reliefperf.reports.budget_terminal import say_budget
    from reliefperf.reports.opening import opened

    say_budget(opened(target, data, encoding, period), period, **asked)


@verb
@folder_argument()
@click.argument("region")
@click.option("--amount", required=True, help="The money it is to get. 要得到的金额。")
@period_option
def reach(folder: Path, region: str, amount: str, period: str | None) -> None:
    """The least score, or budget, that brings REGION an amount. 某地区得到某一金额所需的最低得分或预算。"""
    from reliefperf.reports.console import lang
    from reliefperf.reports.opening import opened
    from reliefperf.reports.reach_terminal import say_reach
    from reliefperf.scenarios.run_folder import read_run

    kept = read_run(folder)
    run = opened(str(folder), None, None, period)
    say_reach(run, kept.find(region), period, amount, kept.titles(lang()))
