"""What the command line says of a region beyond its points: the way up, and the way from last year."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.evaluation.scoring.base import plain
from reliefperf.model.model import Model
from reliefperf.reports.console import lang, say, table
from reliefperf.reports.opening import period_of
from reliefperf.scenarios.cascades.inputs import rerun_level
from reliefperf.scenarios.explaining.decomposing import Decomposition, ScoreChange, decompose
from reliefperf.scenarios.explaining.lifting import Lift, Step
from reliefperf.scenarios.explaining.lifting import lift as find_lift
from reliefperf.scenarios.explaining.trials import Value
from reliefperf.scenarios.inputs import rerun
from reliefperf.scenarios.run_folder import RunFolder, read_run
from reliefperf.scenarios.running import PeriodRun, Run, need

MOST_SINGLES = 8


def say_outlook(
    run: RunFolder, code: str, period: str | None, *, lift: bool, since: str | None
) -> None:
    """Compute the run, or the region's level of a cascade, again from its folder; say what is asked."""
    again = _scored_again(run, code)
    need(again.model, "score")
    titles = run.at_level_of(code).titles(lang())
    chosen = period_of(again, period, str(run.folder))
    if since is not None:
        first = _earlier(again, since, run.folder, code)
        found = decompose(first, (again.model, chosen))
        say_change(found.of(code), found, titles)
    if lift:
        say_lift(find_lift(again.model, chosen, code), titles)


def _scored_again(run: RunFolder, code: str) -> Run:
    if not run.is_cascade:
        return rerun(run.folder, run.record)
    return rerun_level(run.folder, run.record, run.level_of(code))


def _earlier(run: Run, since: str, folder: Path, code: str) -> tuple[Model, PeriodRun]:
    """Another period of the same run, or the last period of another run."""
    if since in run.periods:
        return run.model, run.periods[since]
    other = Path(since)
    if not other.is_dir():
        en, zh = suggestion(since, run.periods)
        raise InputError(
            Mistake.at(
                f"'{since}' is neither a period of this run nor the folder of another{en}",
                f"“{since}”既不是本次运行的期别，也不是另一次运行的文件夹{zh}",
                file=str(folder),
            )
        )
    kept = read_run(other)
    earlier = _scored_again(kept, kept.find(code))
    need(earlier.model, "score")
    return earlier.model, earlier.last


def say_lift(lift: Lift, titles: Mapping[str, str]) -> None:
    """The cheapest single indicators, then the least total change."""
    if lift.target is None:
        for en, zh in lift.obstacles:
            say(f"\nnext grade: none; {en}", f"\n升等：无；{zh}")
        return
    say(
        f"\nfrom {lift.grade} to {lift.target}, all else unchanged "
        "(cost in standard deviations among the regions):",
        f"\n由{lift.grade}升至{lift.target}（其他不变；代价以各地区间的标准差计）：",
        style="bold",
    )
    for en, zh in lift.obstacles:
        say(f"  {en}", f"  {zh}")
    say_ways(lift, titles)


def say_ways(lift: Lift, titles: Mapping[str, str]) -> None:
    """Single indicators that are enough, and the least change of several."""
    if lift.singles:
        say("one indicator alone:", "仅改善一项指标：")
        _steps(lift.singles[:MOST_SINGLES], titles)
        if len(lift.singles) > MOST_SINGLES:
            more = len(lift.singles) - MOST_SINGLES
            say(f"  ... and {more} more", f"  ……另有 {more} 项")
    elif not lift.obstacles:
        say("no single indicator is enough", "任何单项指标都不足够")
    if lift.together and lift.together != lift.singles[:1]:
        say("the least total change:", "总改动最小的组合：")
        _steps(lift.together, titles)


def _steps(steps: tuple[Step, ...], titles: Mapping[str, str]) -> None:
    table(
        "",
        (
            ("indicator", "指标", False),
            ("from", "现值", True),
            ("to", "需达到", True),
            ("points gained", "增加分数", True),
            ("cost", "代价", True),
        ),
        [
            [
                titles.get(step.indicator, step.indicator),
                _shown(step.before),
                _shown(step.after),
                plain(step.gain, 3),
                plain(step.cost, 2),
            ]
            for step in steps
        ],
    )


def _shown(value: Value | None) -> str:
    return value if isinstance(value, str) else plain(value, 4)


def say_change(change: ScoreChange, found: Decomposition, titles: Mapping[str, str]) -> None:
    """Where the change of a score comes from, row by row, with the sums of the causes."""
    say(
        f"\nchange of the score: {change.before:f} to {change.after:f} "
        f"({change.after - change.before:+f})",
        f"\n得分变化：{change.before:f} → {change.after:f}（{change.after - change.before:+f}）",
        style="bold",
    )
    if found.why is not None:
        say(
            f"values and rules cannot be told apart: {found.why[0]}",
            f"无法区分数值与规则的影响：{found.why[1]}",
        )
    rows = [
        [
            _title(row.item, titles),
            *(_points(cause) for cause in (row.values, row.rules, row.weights, row.structure)),
            _points(row.change),
        ]
        for row in change.rows
    ]
    sums = [
        sum((getattr(row, cause) for row in change.rows), Decimal(0))
        for cause in ("values", "rules", "weights", "structure", "change")
    ]
    rows.append(["合计" if lang() == "zh" else "total", *map(_points, sums)])
    table(
        "",
        (
            ("item", "项目", False),
            ("values", "数值", True),
            ("rules", "规则", True),
            ("weights", "权重", True),
            ("structure", "结构与调整", True),
            ("change", "合计", True),
        ),
        rows,
    )


def _points(value: Decimal) -> str:
    return plain(float(value), 4) if value else ""


def _title(item: str, titles: Mapping[str, str]) -> str:
    words = {
        "rounding": ("rounding", "取整"),
        "bonus_limit": ("limit of bonuses", "加分上限"),
        "min_score": ("lower limit", "得分下限"),
        "max_score": ("upper limit", "得分上限"),
    }
    if item in words:
        return words[item][lang() == "zh"]
    if item == "combine" or item.startswith("combine:"):
        node = item.partition(":")[2]
        word = "合成方式" if lang() == "zh" else "way of combining"
        return f"{word} {titles.get(node, node)}".strip()
    return titles.get(item, item)
