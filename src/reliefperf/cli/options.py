"""The arguments and options that several verbs share, each said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_A_PATH = click.Path(path_type=Path)

type Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def folder_argument(name: str = "folder") -> Decorator:
    """DIR, the folder of a run."""
    return click.argument(name, metavar="DIR", type=_A_PATH)


def target_argument(metavar: str) -> Decorator:
    """A model, a scenario, a study or a run, named by `metavar`."""
    return click.argument("target", metavar=metavar)


def data_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """`--data` and `--encoding`."""
    verb = click.option("--encoding", help="Encoding of a CSV file. CSV 文件编码。")(verb)
    return click.option(
        "--data", type=_A_PATH, help="Data in place of the model's. 替换数据文件。"
    )(verb)


jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes that share the parents of a cascade. 逐级分配的并行进程数。",
)

relax_option = click.option(
    "--relax",
    is_flag=True,
    help="Where rules cannot all hold, relax them at the least money. 规则冲突时作最小放宽。",
)

results_option = click.option(
    "-o",
    "--output",
    type=_A_PATH,
    required=True,
    help="Folder for the results. 结果文件夹。",
)

period_option = click.option(
    "--period", help="Period of a panel; the last by default. 期别，默认最后一期。"
)

top_option = click.option(
    "--top", default=10, show_default=True, help="How many regions to show. 显示地区数。"
)


def table_option(help_text: str = "Write all as CSV. 另存为 CSV。") -> Decorator:
    """`-o`, a file for the whole table."""
    return click.option("-o", "--output", type=_A_PATH, help=help_text)


def figure_option(help_text: str) -> Decorator:
    """`--figure`, a file for a picture."""
    return click.option("--figure", type=_A_PATH, help=help_text)


def money_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """`--period`, `-o` and `--top` of what is told of a run's money."""
    return period_option(table_option()(top_option(verb)))
