"""Verbs that read a model and compute: check, score, allocate, run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from reliefperf.cli.options import (
    data_options,
    jobs_option,
    relax_option,
    results_option,
    target_argument,
)
from reliefperf.cli.verb import verb


@verb
@click.argument("model")
def check(model: str) -> None:
    """Say whether MODEL (a folder, file or scenario) is sound, or list every mistake.

    检查模型或情景，逐条列出错误。
    """
    from reliefperf.reports.terminal import say_sound
    from reliefperf.scenarios.cascades import load_cascade, names_cascade
    from reliefperf.scenarios.loading import Scenario, load
    from reliefperf.scenarios.published_columns import refuse_absent_columns
    from reliefperf.scenarios.studies.loading import load_study, names_study

    if names_cascade(model):
        for level in load_cascade(model).levels:
            say_sound(level.alone)
        return
    found = load_study(model).model if names_study(model) else load(model)
    refuse_absent_columns(found.model if isinstance(found, Scenario) else found)
    say_sound(found)


@verb
@click.argument("model")
@data_options
@results_option
def score(model: str, data: Path | None, encoding: str | None, output: Path) -> None:
    """Score the regions of MODEL. 评分。"""
    _run(model, data, encoding, output, "score")


@verb
@click.argument("model")
@data_options
@results_option
@jobs_option
@relax_option
def allocate(
    model: str, data: Path | None, encoding: str | None, output: Path, jobs: int, relax: bool
) -> None:
    """Score, if there is an evaluation, and allocate the money of MODEL. 分配资金。"""
    _run(model, data, encoding, output, "allocate", jobs, relax=relax)


@verb
@target_argument("SCENARIO_OR_MODEL")
@data_options
@results_option
@jobs_option
@relax_option
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
    from reliefperf.reports.console import progress
    from reliefperf.reports.folder import check_target
    from reliefperf.reports.terminal import say_run
    from reliefperf.scenarios.cascades import names_cascade
    from reliefperf.scenarios.loading import Scenario, load
    from reliefperf.scenarios.running import need, run_target

    check_target(output)
    how: Literal["apply", "offer"] = "apply" if relax else "offer"
    if names_cascade(target):
        from reliefperf.reports.cascade import run_and_say

        has_data = data is not None or encoding is not None
        run_and_say(target, output, what, jobs, has_data=has_data, relax=how)
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
            relax=how,
        )
        step("writing the results", "写出结果")
        result.write(output)
    say_run(result, output)
