"""Verbs that explain the run in a folder: explain, rules, without, worth, cliffs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from reliefperf.cli.options import figure_option, folder_argument, money_options, period_option
from reliefperf.cli.verb import verb


@verb
@folder_argument()
@click.argument("region")
@period_option
@click.option("--lift", is_flag=True, help="What would lift it to the next grade. 怎样才能升等。")
@click.option(
    "--since",
    metavar="DIR_OR_PERIOD",
    help="Why the score changed since another run or period. 与另一次运行或另一期相比，得分为何变化。",
)
@click.option(
    "--against",
    type=click.Choice(["top", "parent", "grade", "all"]),
    help="Strengths and weaknesses against which regions. 与哪些地区比较长短。",
)
@click.option(
    "--point", is_flag=True, help="What one more point would bring. 提高一分可得多少资金。"
)
@figure_option("Draw its money as a waterfall: .png, .svg, .pdf. 资金瀑布图。")
def explain(
    folder: Path,
    region: str,
    period: str | None,
    lift: bool,
    since: str | None,
    against: Literal["top", "parent", "grade", "all"] | None,
    point: bool,
    figure: Path | None,
) -> None:
    """Show how REGION (a code or unique name) came to its score and money in run DIR.

    逐项说明某地区的得分与资金。
    """
    from reliefperf.reports.explaining_terminal import say_explanation
    from reliefperf.scenarios.run_folder import read_run

    run = read_run(folder)
    say_explanation(run, region, period, against)
    if lift or since is not None:
        from reliefperf.reports.outlook import say_outlook

        say_outlook(run, run.find(region), period, lift=lift, since=since)
    if point:
        from reliefperf.reports.worth_terminal import say_point

        say_point(folder, run.find(region), period)
    if figure is not None:
        from reliefperf.reports.console import lang
        from reliefperf.reports.waterfall import save_waterfall

        code = run.find(region)
        at = period or (run.periods[-1] if run.periods else "")
        save_waterfall(run.at_level_of(code), code, at, lang(), figure)


@verb
@folder_argument()
@period_option
def rules(folder: Path, period: str | None) -> None:
    """What each rule of run DIR says, whom it binds, what it moved. 各条资金规则及其作用。"""
    from reliefperf.reports.money_terminal import say_rules

    say_rules(folder, period)


@verb
@folder_argument()
@click.argument("rule")
@money_options
def without(folder: Path, rule: str, period: str | None, output: Path | None, top: int) -> None:
    """Who pays for RULE in run DIR: the money without it, winners and losers. 某条规则由谁承担。"""
    from reliefperf.reports.money_terminal import say_without

    say_without(folder, rule, period, output, top)


@verb
@folder_argument()
@click.option(
    "--points",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many points more. 提高多少分。",
)
@money_options
def worth(folder: Path, points: float, period: str | None, output: Path | None, top: int) -> None:
    """What a point more would bring to each region of run DIR. 各地区提高一分可得多少资金。"""
    from reliefperf.reports.worth_terminal import say_worths

    say_worths(folder, points, period, output, top)


@verb
@folder_argument()
@click.option(
    "--reach",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="How near to a cut-off, in points. 距分数线多少分以内。",
)
@click.option(
    "--most",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many to compute exactly, the nearest first. 精确计算最近的多少处。",
)
@money_options
def cliffs(
    folder: Path, reach: float, most: int, period: str | None, output: Path | None, top: int
) -> None:
    """Regions of run DIR near a cut-off, and their money on both sides. 分数线附近的地区与资金落差。"""
    from reliefperf.reports.worth_terminal import say_cliffs

    say_cliffs(folder, reach, period, output, top, most)
