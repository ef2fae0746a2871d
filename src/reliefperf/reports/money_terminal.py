"""What the command line says of rules on money: which are in effect, and who pays for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from reliefperf.model.spec_data import in_language
from reliefperf.reports.amounts import money
from reliefperf.reports.console import lang, say, say_made_up, table
from reliefperf.reports.folder import cell_text, write_table
from reliefperf.reports.opening import run_again
from reliefperf.reports.words import with_names
from reliefperf.scenarios.cascades.inputs import rerun_cascade
from reliefperf.scenarios.cascades.without import without_in_cascade
from reliefperf.scenarios.explaining.without import Without, looks_back_at_money, without_rule
from reliefperf.scenarios.results.rules import POOL, RULES_HEADER, rules_rows
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
        return
    result = run.record.get("results", {}).get(chosen, {})
    unit = f" {result['unit']}" if "unit" in result else ""
    stated = [row for row in rows if row["strength"] and not is_total(row)]
    if stated:
        _sum_up(stated, unit)
    else:
        say("the run has no rules on money", "运行结果中没有资金规则")
    for row in (*stated, *filter(is_total, rows)):
        if is_total(row):
            say_pool(row)
        else:
            say(f"{row['title']}: {row['says']}", f"{row['title']}：{row['says']}", style="bold")
            moved = f"{money(Decimal(row['moved']), cents=True)}{unit}"
            bound = with_names(row["bound"], run.names, lang())
            say(
                f"  {row['strength']}; binds {row['binding']} of {row['rows']} limits"
                + (f" ({bound})" if bound else "")
                + f"; moved {moved}; {row['gaining']} gain, {row['losing']} lose",
                f"  {row['strength']}；{row['rows']} 处限额中 {row['binding']} 处起作用"
                + (f"（{bound}）" if bound else "")
                + f"；调整金额 {moved}；{row['gaining']} 个地区增加，{row['losing']} 个减少",
            )
            say_basis(row)
        if row["meaning"]:
            say(f"  {row['meaning']}", f"  {row['meaning']}")


def say_pool(row: Mapping[str, str]) -> None:
    """What a pool does and what it rests on; of the budget its name alone."""
    if row["title"] == row["says"]:
        say(row["says"], row["says"], style="bold")
    else:
        say(
            f"pool {row['title']}: {row['says']}",
            f"资金池“{row['title']}”：{row['says']}",
            style="bold",
        )
    say_basis(row)


def say_basis(row: Mapping[str, str]) -> None:
    """The law or decision that a rule or pool rests on, where it states one."""
    if row["basis"]:
        say(f"  basis: {row['basis']}", f"  依据：{row['basis']}")


def is_total(row: Mapping[str, str]) -> bool:
    """Whether a row is of a pool or the budget, which no rule of the file states."""
    return row["rule"] == "budget" or row["rule"].startswith(POOL)


def _sum_up(rows: Sequence[Mapping[str, str]], unit: str) -> None:
    """How many rules bind, how many are missed, and which one moves most."""
    binding = [row for row in rows if int(row["binding"])]
    missed = [row["title"] for row in rows if int(row["missed"])]
    en = f"{len(rows)} rule(s), {len(binding)} bind"
    zh = f"共 {len(rows)} 条规则，{len(binding)} 条起作用"
    if missed:
        en += f"; missed: {', '.join(missed)}"
        zh += f"；未全部满足：{'、'.join(missed)}"
    most = max(rows, key=lambda row: Decimal(row["moved"]), default=None)
    if most is not None and Decimal(most["moved"]):
        moved = f"{money(Decimal(most['moved']), cents=True)}{unit}"
        en += f"; '{most['title']}' moves most: {moved}"
        zh += f"；调整金额最多的是“{most['title']}”：{moved}"
    say(en, zh, style="bold")


def say_without(folder: Path, rule: str, period: str | None, output: Path | None, top: int) -> None:
    """Share the money out again without a rule; print who gains and who pays."""
    kept = read_run(folder)
    if kept.is_cascade:
        cascade = rerun_cascade(folder, kept.record)
        found = without_in_cascade(cascade, rule)
        synthetic, by = cascade.is_synthetic, "上级" if lang() == "zh" else "parent"
        shown = replace(found, groups=found.groups[:top])
        at_en, at_zh, one_period = "The", "", None
    else:
        _, again, chosen = run_again(folder, period)
        found = shown = without_rule(again.model, chosen, rule)
        synthetic, by = again.is_synthetic, _title_of(found.grouping, again)
        at_en, at_zh, one_period = "The", "", _one_period(again, chosen.env.period)
        if one_period is not None:
            at_en, at_zh = f"In {chosen.env.period} the", f"{chosen.env.period} 期，"
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
            f"{at_en} rule '{title}' moves no money: without it every region gets the same.",
            f"{at_zh}规则“{title}”不改变任何地区的金额：没有它，结果相同。",
        )
        if one_period is not None:
            say(*one_period)
        return
    in_all_en, in_all_zh = _in_all(found)
    say(
        f"Because of the rule '{title}', {winners} region(s) get {money(found.moved)} {found.unit} "
        f"more and {losers} region(s) {money(found.moved - found.net)} {found.unit} less. "
        f"{in_all_en}",
        f"由于规则“{title}”，{winners} 个地区共多得 {money(found.moved)} {found.unit}，"
        f"{losers} 个地区共少得 {money(found.moved - found.net)} {found.unit}。{in_all_zh}",
        style="bold",
    )
    if one_period is not None:
        say(*one_period)
    _say_groups(shown, by)
    for en, zh, positive in (("winners", "多得的地区", True), ("losers", "少得的地区", False)):
        side = [i for i in found.ordered() if gains[i] and (gains[i] > 0) == positive]
        places, rest = side[:top], side[top:]
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
        if places and rest:
            left = money(sum((gains[i] for i in rest), Decimal(0)), sign=True)
            say(
                f"the other {len(rest)}: {left} in all",
                f"其余 {len(rest)} 个，共 {left}",
            )


def _one_period(run: Run, period: str) -> tuple[str, str] | None:
    """That the rule is left out in one period alone, where others look back at its money."""
    if len(run.periods) < 2 or not looks_back_at_money(run.model):
        return None
    periods = list(run.periods)
    first, last = period == periods[0], period == periods[-1]
    en = [f"Only {period} is shared out again without the rule"]
    zh = [f"只在 {period} 期去掉该规则重新分配"]
    if not first:
        en.append("what it looks back at in earlier periods stays as it was paid with the rule")
        zh.append("所引用的以前各期金额仍为有该规则时的实付金额")
    if not last:
        en.append("what later periods would then get is not worked out")
        zh.append("其后各期因此的变化未计算")
    return (
        "; ".join(en)
        + ". For all periods without the rule, take it out of the model and run that.",
        "；".join(zh) + "。如要看各期都没有该规则的结果，请从模型中删去该规则后另行运行。",
    )


def _in_all(found: Without) -> tuple[str, str]:
    """What the rule does to the sum of all amounts."""
    total = sum(found.with_rule, Decimal(0))
    paid = f"{money(total)} {found.unit}"
    if not found.net:
        return (
            f"The sum of all amounts is the same with and without it: {paid}.",
            f"有无此规则，支付总额都是 {paid}。",
        )
    size, more = f"{money(abs(found.net))} {found.unit}", found.net > 0
    return (
        f"In all {paid} are paid, {size} {'more' if more else 'less'} than without it.",
        f"支付总额 {paid}，比没有此规则时{'多' if more else '少'} {size}。",
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
