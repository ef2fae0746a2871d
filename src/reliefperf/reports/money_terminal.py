"""What the command line says of rules on money: which are in effect, and who pays for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from reliefperf.model.spec_data import in_language
from reliefperf.reports.amounts import money
from reliefperf.reports.console import lang, say, say_made_up, table
from reliefperf.reports.folder import cell_text, write_table
from reliefperf.reports.opening import run_again
from reliefperf.scenarios.cascades.inputs import rerun_cascade
from reliefperf.scenarios.cascades.without import without_in_cascade
from reliefperf.scenarios.explaining.without import Without, without_rule
from reliefperf.scenarios.results.rules import RULES_HEADER, rules_rows
from reliefperf.scenarios.run_folder import read_run
from reliefperf.scenarios.running import Run

WITHOUT_HEADER = ["region", "name", "with", "without", "difference"]


def say_rules(folder: Path, period: str | None) -> None:
    """The rules of a run: what each says, whom it binds, what it moved, what it means.

    The run is computed again where its words are not in the reader's language.
    """
    run = read_run(folder)
    if run.is_cascade:
        from reliefperf.reports.cascade import say_rules_of

        say_rules_of(run)
        return
    chosen = period or (run.periods[-1] if run.periods else "")
    rows = [row for row in run.rules if row.get("period", "") == chosen]
    if rows and run.record.get("definition", {}).get("language") != lang():
        _, again, result = run_again(folder, period, by_step=True)
        written = rules_rows(again.model, result, lang())
        rows = [dict(zip(RULES_HEADER, map(cell_text, row), strict=True)) for row in written]
    if not rows:
        say("the run has no rules on money", "运行结果中没有资金规则")
    result = run.record.get("results", {}).get(chosen, {})
    unit = f" {result['unit']}" if "unit" in result else ""
    for row in rows:
        if row["title"] == row["says"]:
            say(row["says"], row["says"], style="bold")
        else:
            say(f"{row['title']}: {row['says']}", f"{row['title']}：{row['says']}", style="bold")
            moved = f"{money(Decimal(row['moved']), cents=True)}{unit}"
            bound = _with_names(row["bound"], run.names)
            say(
                f"  {row['strength']}; binds {row['binding']} of {row['rows']} limits"
                + (f" ({bound})" if bound else "")
                + f"; moved {moved}; {row['gaining']} gain, {row['losing']} lose",
                f"  {row['strength']}；{row['rows']} 处限额中 {row['binding']} 处起作用"
                + (f"（{bound}）" if bound else "")
                + f"；移动资金 {moved}；{row['gaining']} 个地区增加，{row['losing']} 个减少",
            )
        if row["meaning"]:
            say(f"  {row['meaning']}", f"  {row['meaning']}")


def _with_names(listed: str, names: Mapping[str, str]) -> str:
    """Regions with their names after their codes; groups as they are."""
    words = listed.split(" ")
    if not any(names.get(word) for word in words):
        return listed
    shown = [f"{word} {names[word]}" for word in words if word in names]
    rest = " ".join(word for word in words if word not in names)
    if lang() == "zh":
        return "、".join(shown) + rest
    return ", ".join(shown) + (f" {rest}" if rest else "")


def say_without(folder: Path, rule: str, period: str | None, output: Path | None, top: int) -> None:
    """Share the money out again without a rule; print who gains and who pays."""
    kept = read_run(folder)
    if kept.is_cascade:
        cascade = rerun_cascade(folder, kept.record)
        found = without_in_cascade(cascade, rule)
        synthetic, by = cascade.is_synthetic, "上级" if lang() == "zh" else "parent"
        shown = replace(found, groups=found.groups[:top])
    else:
        _, again, chosen = run_again(folder, period)
        found = shown = without_rule(again.model, chosen, rule)
        synthetic, by = again.is_synthetic, _title_of(found.grouping, again)
    if output is not None:
        rows = zip(found.codes, found.names, found.with_rule, found.without, strict=True)
        write_table(output, WITHOUT_HEADER, [(*row, row[2] - row[3]) for row in rows])
    if synthetic:
        say_made_up()
    gains, said = found.gains, lang()
    title = in_language(found.rule.title, said, found.rule.id)
    winners = sum(gain > 0 for gain in gains)
    losers = sum(gain < 0 for gain in gains)
    if not winners and not losers:
        say(
            f"The rule '{title}' moves no money: without it every region gets the same.",
            f"规则“{title}”不改变任何地区的金额：没有它，结果相同。",
        )
        return
    say(
        f"Because of the rule '{title}', {winners} region(s) get {money(found.moved)} {found.unit} "
        f"more; {losers} region(s) pay {money(found.moved - found.net)} {found.unit} for it. Paid "
        f"in all: {money(found.net, sign=True)} {found.unit}.",
        f"由于规则“{title}”，{winners} 个地区共多得 {money(found.moved)} {found.unit}；"
        f"{losers} 个地区共少得 {money(found.moved - found.net)} {found.unit}。"
        f"总支付变动 {money(found.net, sign=True)} {found.unit}。",
    )
    _say_groups(shown, by)
    for en, zh, positive in (("winners", "多得的地区", True), ("losers", "少得的地区", False)):
        places = [i for i in found.ordered() if (gains[i] > 0) == positive][:top]
        if places:
            table(
                zh if said == "zh" else en,
                (
                    ("region", "地区代码", False),
                    ("name", "地区", False),
                    ("with", "有此规则", True),
                    ("without", "无此规则", True),
                    ("difference", "差额", True),
                ),
                [
                    [
                        found.codes[i],
                        found.names[i],
                        money(found.with_rule[i]),
                        money(found.without[i]),
                        money(gains[i], sign=True),
                    ]
                    for i in places
                ],
            )


def _title_of(column: str, run: Run) -> str:
    """The title of a reported column, else its name."""
    spec = run.model.spec.variables.get(column)
    return column if spec is None else in_language(spec.title, lang(), column)


def _say_groups(found: Without, grouping: str) -> None:
    if not found.groups:
        return
    table(
        "",
        (
            (grouping, grouping, False),
            ("with", "有此规则", True),
            ("without", "无此规则", True),
            ("difference", "差额", True),
            ("winners", "多得地区", True),
            ("losers", "少得地区", True),
        ),
        [
            [
                group.group,
                money(group.with_rule),
                money(group.without),
                money(group.with_rule - group.without, sign=True),
                str(group.winning),
                str(group.losing),
            ]
            for group in found.groups
        ],
    )
