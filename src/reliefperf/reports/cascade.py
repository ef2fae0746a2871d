"""What a cascade leaves behind: one run folder for all levels, and a summary on the terminal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from reliefperf.allocation.relaxing import Relax
from reliefperf.errors import InputError, Mistake
from reliefperf.model.spec_data import in_language
from reliefperf.reports import console
from reliefperf.reports.amounts import money as money_text
from reliefperf.reports.cascade_words import (
    effect_words,
    level_title,
    pools_words,
    titled_notes,
)
from reliefperf.reports.cascade_workbook import write_cascade_workbook
from reliefperf.reports.folder import (
    LANGUAGES,
    VERSIONS,
    finish_folder,
    plain_document,
    write_csv,
    write_folder,
    write_json,
)
from reliefperf.reports.terminal import say_scores
from reliefperf.reports.waterfall import factor_steps
from reliefperf.reports.workbook import titles_of
from reliefperf.scenarios.cascades.binding import RuleSum, binding_by_level, rule_sums
from reliefperf.scenarios.cascades.inputs import cascade_inputs
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun, run_cascade
from reliefperf.scenarios.cascades.tables import certificate_of, tables_of
from reliefperf.scenarios.inputs import data_file
from reliefperf.scenarios.own_files import CERTIFICATE, WORKBOOK
from reliefperf.scenarios.results.money import step_label
from reliefperf.scenarios.results.relaxations import relaxed_record, relaxed_words
from reliefperf.scenarios.results.rules import POOL
from reliefperf.scenarios.results.titling import titled
from reliefperf.scenarios.run_folder import RunFolder

MOST_NOTES = 8


def write_cascade(run: CascadeRun, folder: Path) -> Path:
    """Write a cascade into `folder`; an older run there is replaced, anything else is refused.

    Raises InputError if the folder holds something that is not a run or cannot be written.
    """
    return write_folder(folder, lambda partial: _fill(run, partial))


def _fill(run: CascadeRun, folder: Path) -> None:
    write_cascade_tables(run, folder)
    write_cascade_workbook(run, folder / WORKBOOK)
    write_json(folder / CERTIFICATE, certificate_of(run))
    finish_folder(folder, cascade_inputs(run), cascade_record(run))


def write_cascade_tables(run: CascadeRun, folder: Path) -> None:
    """Write the tables of all levels, and the label of synthetic data."""
    for name, (header, rows) in tables_of(run).items():
        write_csv(folder / f"{name}.csv", header, rows)
    if run.is_synthetic:
        (folder / "SYNTHETIC.txt").write_text(_synthetic(run), encoding="utf-8", newline="\n")


def _synthetic(run: CascadeRun) -> str:
    lines = ["合成数据 / SYNTHETIC DATA"]
    for level in run.levels:
        label = level.run.model.spec.data.synthetic
        if label is not None:
            lines += [f"{level.id}: {in_language(label, lang)}" for lang in LANGUAGES]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def cascade_record(run: CascadeRun) -> dict[str, Any]:
    """What run.json says of a cascade: definitions, inputs' hashes, versions, totals, notes."""
    cascade = run.cascade
    return {
        "format": 1,
        "cascade": cascade.name,
        "title": cascade.spec.title,
        "synthetic": run.is_synthetic,
        "levels": [_level_record(level) for level in run.levels],
        "results": {"": {"unit": run.unit}},
        "inputs": {"cascade": dict(cascade.files)},
        "versions": {name: version(name) for name in VERSIONS},
        "notes": [
            {"kind": n.kind, "place": n.place, "count": n.count, "en": n.en, "zh": n.zh}
            for n in run.notes
        ],
        "definition": plain_document(cascade.document.data),
    }


def _level_record(level: LevelRun) -> dict[str, Any]:
    dataset, model = level.run.dataset, level.level.alone
    money = model.spec.allocation
    assert money is not None
    relaxed = relaxed_record(level.gave_way)
    return {
        "id": level.id,
        "title": level.level.spec.title,
        "model": model.name,
        "inputs": {
            "model": dict(sorted(model.files.items())),
            # rolled-up data are made in memory: the hash is that of the file that is kept
            "data": {Path(dataset.source).name: hashlib.sha256(dataset.content).hexdigest()},
            "data_file": data_file(level.run),
            "encoding": dataset.encoding,
        },
        "regions": len(level.run.last.env.codes),
        "parents": len(level.parents),
        "unit": money.unit,
        "paid": {pool: _exact(level, pool) for pool in (*money.pools, "total")},
        **({} if relaxed is None else {"relaxed": relaxed}),
        "definition": plain_document(model.document.data),
    }


def _exact(level: LevelRun, pool: str) -> str:
    totals = [part.allocation.total(pool) for part in level.parents.values()]
    return format(sum(totals[1:], totals[0]), "f")


def say_cascade(run: CascadeRun, folder: Path) -> None:
    """Sum a cascade up, level by level, and say where its results are."""
    lang = console.lang()
    console.show(f"{run.cascade.title(lang)} ({run.cascade.name})", "bold")
    if run.is_synthetic:
        console.say("SYNTHETIC DATA", "合成数据", style="bold red")
    binding = binding_by_level(run)
    for level in run.levels:
        _say_level(level, run.unit, binding[level.id])
    if run.notes:
        console.say(f"  notes: {len(run.notes)}", f"  提示：{len(run.notes)} 条")
    joint = "：" if lang == "zh" else ": "
    for _, place, text in islice(titled_notes(run, lang), MOST_NOTES):
        console.show(f"  - {place}{joint if place else ''}{text}")
    if len(run.notes) > MOST_NOTES:
        rest = len(run.notes) - MOST_NOTES
        console.say(f"  - ... and {rest} more in run.json", f"  - ……其余 {rest} 条见 run.json")
    console.say(f"results: {folder}", f"结果：{folder}", style="bold")


def _say_level(level: LevelRun, unit: str, binding: Sequence[RuleSum]) -> None:
    """What a level was paid, from which pools, its scores, and the rules that bind."""
    lang = console.lang()
    title, titles = level_title(level, lang), titles_of(level.run, lang)
    left = sum(part.left for part in level.parents.values())
    paid = f"{money_text(level.total())} {unit}"
    n_paid = sum(len(part.allocation.codes) for part in level.parents.values())
    more_en = f", {money_text(left)} left with the level above" if left else ""
    more_zh = f"，上级留存 {money_text(left)}" if left else ""
    console.say(
        f"  {title}: {paid} to {n_paid} regions of {len(level.parents)} parent(s){more_en}",
        f"  {title}：{len(level.parents)} 个上级向 {n_paid} 个地区分配 {paid}{more_zh}",
    )
    if pools := pools_words(level, titles, lang):
        console.say(f"    pools: {pools}", f"    资金池：{pools}")
    if (relaxed := relaxed_words(level.gave_way, unit, lang, titles)) is not None:
        console.show(f"    {relaxed}", "bold red")
    if level.run.last.evaluation is not None:
        say_scores(level.run.last.evaluation, level.run.model, "    ")
    if binding:
        console.say("    rules that bind:", "    起作用的规则：")
    for one in binding:
        words = effect_words(one, titles[one.rule], unit, lang)
        console.show(f"    - {words}")


def run_and_say(
    target: str, output: Path, what: str, jobs: int, *, has_data: bool, relax: Relax = "offer"
) -> None:
    """Run a cascade file, write the folder and sum it up."""
    from reliefperf.reports.console import progress

    if what == "score":
        raise InputError(
            Mistake.at(
                "a cascade hands money down: score each level's model, or use `reliefperf run`",
                "逐级分配用于下达资金：请对各级模型分别评分，或用 reliefperf run",
            )
        )
    if has_data:
        raise InputError(
            Mistake.at(
                "a cascade has data for each of its levels: state `data` of a level in its file",
                "逐级分配的每一级各有数据：请在文件中为各级写 data",
            )
        )
    with progress() as step:
        step("reading data, scoring, allocating level by level", "读取数据、评分、逐级分配")
        result = run_cascade(target, jobs=jobs, relax=relax)
        step("writing the results", "写出结果")
        result.write(output)
    say_cascade(result, output)


def say_chain(run: RunFolder, code: str) -> None:
    """Show how the money came down to a region: of each region above, the steps to its amounts.

    The steps of a pool add up to its amount exactly; what a region got is what those below share.
    The last line is the heading of the region's own steps, which are told as those of any run.
    """
    lang = console.lang()
    zh = lang == "zh"
    unit = next((e.get("unit", "") for e in run.record.get("results", {}).values()), "")
    chain: list[list[str]] = []
    *above, _ = _way_down(run, code) or [code]
    for at in above:
        here = run.at_level_of(at)
        titles = here.titles(lang)
        bears = {pool: titled(bear, titles, lang) for pool, bear in here.bears().items()}
        own = [row for row in here.allocation if row["region"] == at]
        level = titles.get(own[0]["level"], own[0]["level"])
        name = f"{at} {run.names.get(at, '')}".strip()
        steps = [row for row in here.explanation if row["region"] == at]
        for row in own:
            pool = titles.get(row["pool"], row["pool"])
            if row["pool"] == "total":
                chain.append([level, name, "合计" if zh else "total", "", row["amount"]])
                continue
            for step in steps:
                if step["pool"] == row["pool"]:
                    if step["step"] == "entitlement":
                        own_factors = [one for one in here.factors if one["region"] == at]
                        chain += [
                            [level, name, "", f"    {one.label}", str(one.amount)]
                            for one in factor_steps(own_factors, row["pool"], titles, lang)
                        ]
                    said = step_label(step["step"], titles, bears.get(row["pool"]), lang)
                    chain.append([level, name, pool, said, step["amount"]])
            chain.append([level, name, pool, "＝ 分配额" if zh else "= amount", row["amount"]])
        held = [row for row in run.parents if row["parent"] == at and row["pool"] == "total"]
        for row in held:
            word = "其中下达给下级" if zh else "of it handed down"
            chain.append([level, name, "", word, row["paid"]])
            if Decimal(row["left"]):
                chain.append([level, name, "", "留存本级" if zh else "kept here", row["left"]])
    if chain:
        _say_steps(chain, unit)
    level = run.level_of(code)
    title = run.at_level(level).titles(lang).get(level, level)
    console.show(f"{title} {code} {run.names.get(code, '')}".strip(), "bold")


def _say_steps(chain: Sequence[Sequence[str]], unit: str) -> None:
    console.table(
        "",
        (
            ("level", "级别", False),
            ("region", "地区", False),
            ("pool", "资金池", False),
            ("step", "步骤", False),
            (f"amount ({unit})", f"金额（{unit}）", True),
        ),
        [[*row[:-1], f"{Decimal(row[-1]):,f}"] for row in chain],
    )


def _way_down(run: RunFolder, code: str) -> list[str]:
    """The regions that the money passed on its way to a region, from the top down."""
    above = {row["region"]: row["parent"] for row in run.allocation}
    way: list[str] = []
    while code in above and code not in way:
        way.insert(0, code)
        code = above[code]
    return way


def say_rules_of(run: RunFolder) -> None:
    """Sum the rules of every level up over its parents: where they bind, what they move."""
    lang = console.lang()
    titles = run.titles(lang)
    of_level = {level: run.at_level(level).titles(lang) for level in run.levels}
    for row in run.rules:
        if row["rule"].startswith(POOL) and not int(row["rows"] or 0):
            level = titles.get(row["level"], row["level"])
            console.say(
                f"{level}, pool {row['title']}: {row['says']}",
                f"{level}，资金池“{row['title']}”：{row['says']}",
            )
            if row["basis"]:
                console.say(f"  basis: {row['basis']}", f"  依据：{row['basis']}")
    sums = rule_sums(run.rules)
    missed = any(one.missed for one in sums)
    rows: list[list[str]] = []
    for one in sums:
        title = of_level[one.level].get(one.rule) or one.title
        lost = [str(one.missed)] if missed else []
        rows.append(
            [
                *(titles.get(one.level, one.level), title),
                *(f"{one.binds_at} / {one.parents}", f"{one.binding} / {one.rows}", *lost),
                money_text(Decimal(one.moved), cents=True),
                f"{one.gaining} / {one.losing}",
            ]
        )
    console.table(
        "",
        (
            ("level", "级别", False),
            ("rule", "规则", False),
            ("at parents", "起作用上级", True),
            ("binding", "起作用限额", True),
            *((("missed", "未满足", True),) if missed else ()),
            ("moved", "调整金额", True),
            ("gain / lose", "增加 / 减少", True),
        ),
        rows,
    )
    console.say(
        "at parents: at how many of all parents the rule binds; binding: how many of all limits; "
        "gain / lose: regions. Each parent by itself: rules.csv, with shadow prices and who is bound",
        "起作用上级：起作用的上级数 / 全部上级数；起作用限额：起作用处数 / 限额数；增加 / 减少：地区数。"
        "各上级的明细（影子价格、受限地区）见 rules.csv",
    )
