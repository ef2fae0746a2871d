"""The command line: one verb a job. Everything heavy is imported inside the verbs."""

from __future__ import annotations

import click

from reliefperf.cli import asking, checking, explaining, running, studying
from reliefperf.cli.verb import LANG, Verbs

VERBS = [
    *(running.check, running.score, running.allocate, running.run),
    *(explaining.explain, explaining.rules, explaining.without, explaining.worth),
    *(explaining.cliffs, asking.fairness, asking.budget, asking.reach),
    *(studying.compare, studying.analyse, studying.study),
    *(checking.reproduce, checking.verify, checking.models, checking.schema),
]


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="reliefperf")
@click.option("--lang", type=LANG, help="Language of messages. 提示语言。")
def main(lang: str | None) -> None:
    """Score regions' public work and turn the scores into money.

    地区公共工作的绩效考评与资金分配：从上报数据到得分、等次，再到资金。
    """


for one in VERBS:
    main.add_command(one)
