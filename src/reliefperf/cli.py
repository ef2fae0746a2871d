"""The command line: one verb a job. Everything heavy is imported inside the verbs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from reliefperf.errors import Lang

LANG = click.Choice(["zh", "en"])


def _choose_language(context: click.Context, _: click.Parameter, lang: str | None) -> None:
    if lang is not None:
        context.find_root().params["lang"] = lang


class _Verb(click.Command):
    """A verb; `--lang` may stand behind it as well as before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["--lang"],
                type=LANG,
                expose_value=False,
                callback=_choose_language,
                is_eager=True,
                help="Language of messages. 提示语言。",
            )
        )


class _Verbs(click.Group):
    """Verbs in the order of the work, and a near name for a mistyped one."""

    command_class = _Verb

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from reliefperf.errors import suggestion

            en, zh = suggestion(args[0], self.commands)
            raise click.UsageError(f"no verb '{args[0]}'{en}\n没有命令“{args[0]}”{zh}", ctx)
        return super().resolve_command(ctx, args)


def _guarded(verb: Callable[..., None]) -> Callable[..., None]:
    """Turn what the package raises on purpose into a message and an exit status."""

    @wraps(verb)
    def run(*args: Any, **kwargs: Any) -> None:
        from reliefperf.errors import InfeasibleError, ReliefperfError, preferred_language

        context = click.get_current_context()
        lang = context.find_root().params.get("lang") or preferred_language()
        try:
            verb(*args, **kwargs)
        except ReliefperfError as error:
            click.echo(error.text(lang), err=True)
            if isinstance(error, InfeasibleError) and error.remedy:
                from reliefperf.reports.remedy import say_remedy

                say_remedy(error.remedy, lang)
            context.exit(error.exit_status)
        except BrokenPipeError:
            context.exit(1)
        except OSError as error:
            click.echo(f"{error.filename or ''}: {error.strerror or error}", err=True)
            context.exit(2)

    return run


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="reliefperf")
@click.option("--lang", type=LANG, help="Language of messages. 提示语言。")
def main(lang: str | None) -> None:
    """Score regions' public work and turn the scores into money.

    地区公共工作的绩效考评与资金分配：从上报数据到得分、等次，再到资金。
    """


def _data_options(verb: Callable[..., None]) -> Callable[..., None]:
    verb = click.option("--encoding", help="Encoding of a CSV file. CSV 文件编码。")(verb)
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        help="Data in place of the model's. 替换数据文件。",
    )(verb)


def _jobs_option(verb: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        default=1,
        show_default=True,
        help="Processes that share the parents of a cascade. 逐级分配的并行进程数。",
    )(verb)


def _relax_option(verb: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--relax",
        is_flag=True,
        help="Where rules cannot all hold, relax them at the least money. 规则冲突时作最小放宽。",
    )(verb)


def _output_option(verb: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        required=True,
        help="Folder for the results. 结果文件夹。",
    )(verb)


@main.command()
@click.argument("model")
@_guarded
def check(model: str) -> None:
    """Say whether MODEL (a folder, file or scenario) is sound, or list every mistake.

    检查模型或情景，逐条列出错误。
    """
    from reliefperf.reports.terminal import say_sound
    from reliefperf.scenarios.cascades import load_cascade, names_cascade
    from reliefperf.scenarios.loading import load
    from reliefperf.scenarios.studies.loading import load_study, names_study

    if names_cascade(model):
        for level in load_cascade(model).levels:
            say_sound(level.alone)
        return
    say_sound(load_study(model).model if names_study(model) else load(model))


@main.command()
@click.argument("model")
@_data_options
@_output_option
@_guarded
def score(model: str, data: Path | None, encoding: str | None, output: Path) -> None:
    """Score the regions of MODEL. 评分。"""
    _run(model, data, encoding, output, "score")


@main.command()
@click.argument("model")
@_data_options
@_output_option
@_jobs_option
@_relax_option
@_guarded
def allocate(
    model: str, data: Path | None, encoding: str | None, output: Path, jobs: int, relax: bool
) -> None:
    """Score, if there is an evaluation, and allocate the money of MODEL. 分配资金。"""
    _run(model, data, encoding, output, "allocate", jobs, relax=relax)


@main.command()
@click.argument("target", metavar="SCENARIO_OR_MODEL")
@_data_options
@_output_option
@_jobs_option
@_relax_option
@_guarded
def run(
    target: str, data: Path | None, encoding: str | None, output: Path, jobs: int, relax: bool
) -> None:
    """Score, allocate and write everything. 评分、分配并写出全部结果。"""
    _run(target, data, encoding, output, "run", jobs, relax=relax)


def _run(
    target: str,
    data: Path | None,
    encoding: str | None,
    output: Path,
    what: str,
    jobs: int = 1,
    *,
    relax: bool = False,
) -> None:
    from reliefperf.reports.folder import check_target
    from reliefperf.reports.terminal import progress, say_run
    from reliefperf.scenarios.cascades import names_cascade
    from reliefperf.scenarios.loading import Scenario, load
    from reliefperf.scenarios.running import need, run_target

    check_target(output)
    if names_cascade(target):
        from reliefperf.reports.cascade import run_and_say

        if relax:
            raise click.UsageError(
                "--relax is for one model; relax the level's own model\n"
                "--relax 只用于单个模型；请在该级模型上使用"
            )
        run_and_say(target, output, what, jobs, has_data=data is not None or encoding is not None)
        return
    with progress() as step:
        step("reading the model", "读取模型")
        loaded = load(target)
        if what != "run":
            need(loaded.model if isinstance(loaded, Scenario) else loaded, what)
        step("reading data, scoring, allocating", "读取数据、评分、分配")
        result = run_target(
            loaded,
            data,
            encoding=encoding,
            allocation=what != "score",
            relax="apply" if relax else "offer",
        )
        step("writing the results", "写出结果")
        result.write(output)
    say_run(result, output)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("region")
@click.option("--period", help="Period of a panel; the last by default. 期别，默认最后一期。")
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
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    help="Draw its money as a waterfall: .png, .svg, .pdf. 资金瀑布图。",
)
@_guarded
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
    from reliefperf.reports.terminal import say_explanation
    from reliefperf.scenarios.run_folder import read_run

    run = read_run(folder)
    say_explanation(run, region, period, against)
    if lift or since is not None:
        from reliefperf.reports.cascade import refuse_outlook
        from reliefperf.reports.outlook import say_outlook

        refuse_outlook(run)
        say_outlook(run, run.find(region), period, lift=lift, since=since)
    if point:
        from reliefperf.reports.money_terminal import say_point

        say_point(folder, run.find(region), period)
    if figure is not None:
        from reliefperf.reports.waterfall import save_waterfall

        code = run.find(region)
        at = period or (run.periods[-1] if run.periods else "")
        save_waterfall(run.at_level_of(code), code, at, language(), figure)


def _money_options(verb: Callable[..., None]) -> Callable[..., None]:
    verb = click.option(
        "--top", default=10, show_default=True, help="How many regions to show. 显示地区数。"
    )(verb)
    verb = click.option(
        "-o", "--output", type=click.Path(path_type=Path), help="Write all as CSV. 另存为 CSV。"
    )(verb)
    return click.option(
        "--period", help="Period of a panel; the last by default. 期别，默认最后一期。"
    )(verb)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--period", help="Period of a panel; the last by default. 期别，默认最后一期。")
@_guarded
def rules(folder: Path, period: str | None) -> None:
    """What each rule of run DIR says, whom it binds, what it moved. 各条资金规则及其作用。"""
    from reliefperf.reports.money_terminal import say_rules

    say_rules(folder, period)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("rule")
@_money_options
@_guarded
def without(folder: Path, rule: str, period: str | None, output: Path | None, top: int) -> None:
    """Who pays for RULE in run DIR: the money without it, winners and losers. 某条规则由谁承担。"""
    from reliefperf.reports.money_terminal import say_without

    say_without(folder, rule, period, output, top)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--points",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many points more. 提高多少分。",
)
@_money_options
@_guarded
def worth(folder: Path, points: float, period: str | None, output: Path | None, top: int) -> None:
    """What a point more would bring to each region of run DIR. 各地区提高一分可得多少资金。"""
    from reliefperf.reports.money_terminal import say_worths

    say_worths(folder, points, period, output, top)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
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
@_money_options
@_guarded
def cliffs(
    folder: Path, reach: float, most: int, period: str | None, output: Path | None, top: int
) -> None:
    """Regions of run DIR near a cut-off, and their money on both sides. 分数线附近的地区与资金落差。"""
    from reliefperf.reports.money_terminal import say_cliffs

    say_cliffs(folder, reach, period, output, top, most)


@main.command()
@click.argument("target", metavar="TARGET")
@_data_options
@click.option("--period", help="Period of a panel; the last by default. 期别，默认最后一期。")
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
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write all as CSV. 另存为 CSV。"
)
@_guarded
def fairness(
    target: str,
    data: Path | None,
    encoding: str | None,
    period: str | None,
    trials: int,
    split: str | None,
    output: Path | None,
) -> None:
    """Search for counter-examples to fairness in TARGET: a model, scenario or run.

    逐项检验分配的公平性质，给出反例。
    """
    from reliefperf.reports.fairness_terminal import say_fairness

    say_fairness(target, data, encoding, period, trials, split, output)


@main.command()
@click.argument("target", metavar="TARGET")
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
@click.option("--period", help="Period of a panel; the last by default. 期别，默认最后一期。")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the table as CSV. 另存为 CSV。"
)
@click.option(
    "--figure", type=click.Path(path_type=Path), help="Draw it: .png, .svg, .pdf. 另存为图。"
)
@_data_options
@_guarded
def budget(
    target: str,
    coverage: str | None,
    need: str | None,
    where: str | None,
    share: str,
    together: bool,
    most: int,
    period: str | None,
    output: Path | None,
    figure: Path | None,
    data: Path | None,
    encoding: str | None,
) -> None:
    """The least budget of TARGET (run, model, scenario) for a coverage, or where rules change.

    达到某一满足率的最低预算；不写 --coverage 则列出起作用的规则发生变化的预算。
    """
    from reliefperf.reports.inverse_terminal import opened, say_budget

    say_budget(
        opened(target, data, encoding, period),
        period,
        coverage=coverage,
        need=need,
        where=where,
        share=share,
        together=together,
        most=most,
        output=output,
        figure=figure,
    )


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("region")
@click.option("--amount", required=True, help="The money it is to get. 要得到的金额。")
@click.option("--period", help="Period of a panel; the last by default. 期别，默认最后一期。")
@_guarded
def reach(folder: Path, region: str, amount: str, period: str | None) -> None:
    """The least score, or budget, that brings REGION an amount. 某地区得到某一金额所需的最低得分或预算。"""
    from reliefperf.reports.inverse_terminal import opened, say_reach
    from reliefperf.scenarios.run_folder import read_run

    kept = read_run(folder)
    run = opened(str(folder), None, None, period)
    say_reach(run, kept.find(region), period, amount, kept.titles(language()))


@main.command()
@click.argument("first", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("second", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write all changes as CSV. 另存为 CSV。"
)
@click.option("--top", default=10, show_default=True, help="How many regions to show. 显示地区数。")
@_guarded
def compare(first: Path, second: Path, output: Path | None, top: int) -> None:
    """Compare the runs in two folders: totals, winners, losers, scores. 比较两次运行结果。"""
    from reliefperf.reports.folder import write_changes
    from reliefperf.reports.terminal import say_comparison
    from reliefperf.scenarios.comparing import compare_runs
    from reliefperf.scenarios.run_folder import read_run

    comparison = compare_runs(read_run(first), read_run(second))
    if output is not None:
        write_changes(comparison, output)
    say_comparison(comparison, str(first), str(second), top)


@main.command()
@click.argument("target", metavar="MODEL_OR_SCENARIO")
@_data_options
@_output_option
@click.option("--period", help="Period of a panel; the last by default. 期别，默认最后一期。")
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
@_guarded
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
    from reliefperf.reports.terminal import progress
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


@main.command()
@click.argument("target", metavar="STUDY")
@_output_option
@_guarded
def study(target: str, output: Path) -> None:
    """Run every variant of STUDY (a study file): how sure scores, ranks and grades are. 稳健性研究。"""
    from reliefperf.reports.study import check_study_target, say_study
    from reliefperf.reports.terminal import progress
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


@main.command()
@click.argument("names", metavar="[NAME ...]", nargs=-1)
@_guarded
def reproduce(names: tuple[str, ...]) -> None:
    """Run shipped models (all, or NAME ...) and compare with published figures.

    用内置模型复算并与公布数字核对；有一项不符则退出码为 1。
    """
    from reliefperf.reports.terminal import say_reproduction
    from reliefperf.scenarios.published import reproduce_all

    if not say_reproduction(reproduce_all(names)):
        click.get_current_context().exit(1)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_guarded
def verify(folder: Path) -> None:
    """Check everything in DIR, the folder of a run, without a solver. 不用求解器，逐项核验运行结果。

    If anything fails it is named, and the exit status is 1. 有一项不符则退出码为 1。
    """
    from reliefperf.reports.verifying import say_verified
    from reliefperf.scenarios.verifying import verify

    if not say_verified(verify(folder)):
        click.get_current_context().exit(1)


@main.command()
@_guarded
def models() -> None:
    """List the models and scenarios that travel with the package. 列出内置模型与情景。"""
    from reliefperf.reports.terminal import say_library

    say_library()


@main.command()
@click.argument(
    "what", type=click.Choice(["model", "scenario", "study", "cascade"]), default="model"
)
@_guarded
def schema(what: str) -> None:
    """Print the JSON Schema of model, scenario, study or cascade files, for editors. 输出 JSON Schema。"""
    import json

    import reliefperf.scenarios.loading
    import reliefperf.scenarios.studies  # noqa: F401  (the rules register themselves)
    from reliefperf.model.spec import json_schema

    click.echo(json.dumps(json_schema(what), ensure_ascii=False, indent=1))  # type: ignore[arg-type]


def language() -> Lang:
    """The language of what is shown: `--lang`, a Chinese locale, else English."""
    from reliefperf.errors import preferred_language

    context = click.get_current_context(silent=True)
    chosen = context.find_root().params.get("lang") if context is not None else None
    return chosen or preferred_language() or "en"


if __name__ == "__main__":
    sys.exit(main())
