"""What the command line says of the search for counter-examples to fairness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reliefperf.errors import InputError, Mistake
from reliefperf.reports.console import lang, progress, say, say_made_up, table
from reliefperf.reports.folder import write_table
from reliefperf.reports.opening import period_of
from reliefperf.scenarios.cascades import names_cascade
from reliefperf.scenarios.explaining.fairness import Finding, search
from reliefperf.scenarios.explaining.fairness.wording import TITLES, money_text, sentence
from reliefperf.scenarios.inputs import rerun
from reliefperf.scenarios.loading import Scenario, load
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.run_folder import read_run
from reliefperf.scenarios.running import Run, need, run_target

FAIRNESS_HEADER = [
    *("promise", "outcome", "trials", "impossible", "broken", "change", "region", "name", "pool"),
    *("first", "second", "first_before_units", "second_before_units", "why"),
]


def say_fairness(
    target: str,
    data: Path | None,
    encoding: str | None,
    period: str | None,
    trials: int,
    split: str | None,
    output: Path | None,
) -> None:
    """Search for counter-examples on a model, scenario or run folder; print what was found."""
    with progress() as step:
        step("reading data, scoring, allocating", "读取数据、评分、分配")
        run = _run(target, data, encoding)
        chosen = period_of(run, period, target)
        columns = [name.strip() for name in (split or "").split(",") if name.strip()]
        findings = search(
            run,
            chosen,
            trials=trials,
            split=columns,
            step=lambda promise: step(
                f"trying: {TITLES[promise][0]}", f"检验：{TITLES[promise][1]}"
            ),
        )
    if output is not None:
        write_table(output, FAIRNESS_HEADER, fairness_rows(findings))
    if run.is_synthetic:
        say_made_up()
    _say(findings)


def _run(target: str, data: Path | None, encoding: str | None) -> Run:
    folder = Path(target)
    if names_cascade(target) or ((folder / "run.json").is_file() and read_run(folder).is_cascade):
        raise InputError(
            Mistake.at(
                "this needs one model: try each level of the cascade by itself",
                "此命令需要单个模型：请逐级单独检验",
                file=target,
            )
        )
    if (folder / "run.json").is_file():
        return rerun(folder, read_run(folder).record, allocation=True, by_step=False)
    loaded = load(target)
    need(loaded.model if isinstance(loaded, Scenario) else loaded, "allocate")
    return run_target(loaded, data, encoding=encoding, by_step=False)


def _say(findings: Sequence[Finding]) -> None:
    zh = lang() == "zh"
    table(
        "",
        (("promise", "性质", False), ("outcome", "结果", False)),
        [[TITLES[f.promise][zh], _outcome(f, zh=zh)] for f in findings],
    )
    for found in findings:
        if found.against:
            say(*(sentence(found, zh=chinese) for chinese in (False, True)))


def _outcome(found: Finding, *, zh: bool) -> str:
    if not found.trials and not found.impossible:
        return f"未检验：{found.zh}" if zh else f"not tried: {found.en}"
    if not found.trials:
        en = f"not tried: {found.en}" if found.en else "not tried: the rules hold in no trial"
        return (
            (f"未检验：{found.zh}" if found.zh else "未检验：各次试验中规则均无法成立")
            if zh
            else en
        )
    some = ""
    if found.impossible:
        some = (
            f"；另有 {found.impossible} 次规则无法成立"
            if zh
            else f"; in {found.impossible} more the rules could not hold"
        )
    if found.holds:
        return (
            f"{found.trials} 次试验均成立" if zh else f"holds in all {found.trials} trials"
        ) + some
    broken = len(found.against)
    return (
        f"{found.trials} 次试验中有 {broken} 次不成立"
        if zh
        else f"broken in {broken} of {found.trials} trials"
    ) + some


def fairness_rows(findings: Sequence[Finding]) -> list[Row]:
    """One row a counter-example; a promise that holds, or was not tried, has one row without."""
    rows: list[Row] = []
    zh = lang() == "zh"
    for found in findings:
        outcome = "broken" if found.against else "holds" if found.holds else "not tried"
        counts = (found.trials, found.impossible, len(found.against))
        start = (found.promise, outcome, *map(str, counts))
        for example in found.against:
            rows.append(
                (
                    *start,
                    example.zh if zh else example.en,
                    example.region,
                    example.name,
                    example.pool,
                    money_text(example.first),
                    money_text(example.second),
                    money_text(example.first_before_units),
                    money_text(example.second_before_units),
                    "whole units" if example.by_rounding else "rules",
                )
            )
        if not found.against:
            rows.append((*start, *[""] * 8, found.zh if zh else found.en))
    return rows
