"""Verbs that set results side by side: compare, analyse, study."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from reliefperf.cli.options import (
    data_options,
    folder_argument,
    period_option,
    results_option,
    table_option,
    target_argument,
    top_option,
)
from reliefperf.cli.verb import verb


@verb
@folder_argument("first")
@folder_argument("second")
@table_option("Write all changes as CSV. 另存为 CSV。")
@top_option
def compare(first: Path, second: Path, output: Path | None, top: int) -> None:
    """Compare the runs in two folders: totals, winners, losers, scores. 比较两次运行结果。"""
    from reliefperf.reports.comparing_terminal import changes_said, say_comparison
    from reliefperf.reports.console import lang
    from reliefperf.reports.folder import write_changes
    from reliefperf.scenarios.comparing import compare_runs
    from reliefperf.scenarios.run_folder import read_run

    one, other = read_run(first), read_run(second)
    comparison = compare_runs(one, other)
    titles = other.titles(lang()) | one.titles(lang())
    if output is not None:
        write_changes(changes_said(comparison, titles, lang()), output)
    say_comparison(comparison, one, other, top, titles)


@verb
@target_argument("MODEL_OR_SCENARIO")
@data_options
@results_option
@period_option
@click.option("--node", help="Only what stands below this node. 只分析该节点以下。")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(["raw", "treated", "points"]),
    help="Raw values, treated values, points; all by default. 阶段：原值、处理后、得分，默认全部。",
)
@click.option("--kendall", is_flag=True, help="Kendall's tau as well. 另计 Kendall 相关。")
@click.option(
    "--collinear", default=0.92, show_default=True, help="Flag pairs from |r|. 共线标记界限。"
)
@click.option(
    "--negative", default=-0.4, show_default=True, help="Flag siblings to r. 负相关标记界限。"
)
@click.option(
    "--weak", default=0.3, show_default=True, help="Flag below r with the node. 弱相关标记界限。"
)
def analyse(
    target: str,
    data: Path | None,
    encoding: str | None,
    output: Path,
    period: str | None,
    node: str | None,
    stages: tuple[Literal["raw", "treated", "points"], ...],
    kendall: bool,
    collinear: float,
    negative: float,
    weak: float,
) -> None:
    """Statistics of the indicators: correlations, alpha, components, what matters. 指标统计分析。"""
    from reliefperf.evaluation.analysis import METHODS
    from reliefperf.reports.analysis import check_analysis_target
    from reliefperf.reports.analysis_terminal import say_analysis
    from reliefperf.reports.console import progress
    from reliefperf.scenarios.analysis.analysing import analyse
    from reliefperf.scenarios.analysis.rows import Limits
    from reliefperf.scenarios.loading import Scenario, load
    from reliefperf.scenarios.running import need, run_target

    check_analysis_target(output)
    limits = Limits(collinear, negative, weak)
    with progress() as step:
        step("reading the model", "读取模型")
        loaded = load(target)
        need(loaded.model if isinstance(loaded, Scenario) else loaded, "score")
        step("reading data, scoring", "读取数据、评分")
        result = run_target(loaded, data, encoding=encoding, allocation=False)
        step("analysing", "统计分析")
        analysis = analyse(
            result,
            period=period,
            node=node,
            stages=stages or None,
            methods=METHODS if kendall else METHODS[:2],
            limits=limits,
        )
        step("writing the results", "写出结果")
        analysis.write(output)
    say_analysis(analysis, output)


@verb
@target_argument("STUDY")
@results_option
def study(target: str, output: Path) -> None:
    """Run every variant of STUDY (a study file): how sure scores, ranks and grades are. 稳健性研究。"""
    from reliefperf.reports.console import progress
    from reliefperf.reports.study import check_study_target, say_study
    from reliefperf.scenarios.studies import study as run_study
    from reliefperf.scenarios.studies.loading import load_study

    check_study_target(output)
    with progress() as step:
        step("reading the study", "读取研究文件")
        plan = load_study(target)
        step("running the variants", "逐一计算各方案")
        result = run_study(plan)
        step("writing the results", "写出结果")
        result.write(output)
    say_study(result, output)
