"""Verbs that check, and what travels with the package: reproduce, verify, models, schema."""

from __future__ import annotations

from pathlib import Path

import click

from reliefperf.cli.options import folder_argument
from reliefperf.cli.verb import verb


@verb
@click.argument("names", metavar="[NAME ...]", nargs=-1)
def reproduce(names: tuple[str, ...]) -> None:
    """Run shipped models (all, or NAME ...) and compare with published figures.

    用内置模型复算并与公布数字核对；有一项不符则退出码为 1。
    """
    from reliefperf.reports.terminal import say_reproduction
    from reliefperf.scenarios.published import reproduce_all

    if not say_reproduction(reproduce_all(names)):
        click.get_current_context().exit(1)


@verb
@folder_argument()
def verify(folder: Path) -> None:
    """Check everything in DIR, the folder of a run, without a solver. 不用求解器，逐项核验运行结果。

    If anything fails it is named, and the exit status is 1. 有一项不符则退出码为 1。
    """
    from reliefperf.reports.verifying import say_verified
    from reliefperf.scenarios.verifying import verify

    if not say_verified(verify(folder)):
        click.get_current_context().exit(1)


@verb
def models() -> None:
    """List the models and scenarios that travel with the package. 列出内置模型与情景。"""
    from reliefperf.reports.terminal import say_library

    say_library()


@verb
@click.argument(
    "what", type=click.Choice(["model", "scenario", "study", "cascade"]), default="model"
)
def schema(what: str) -> None:
    """Print the JSON Schema of model, scenario, study or cascade files, for editors. 输出 JSON Schema。"""
    import json

    import reliefperf.scenarios.loading
    import reliefperf.scenarios.studies  # noqa: F401  (the rules register themselves)
    from reliefperf.model.spec import json_schema

    click.echo(json.dumps(json_schema(what), ensure_ascii=False, indent=1))  # type: ignore[arg-type]
