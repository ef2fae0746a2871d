"""What the command line says of whole models and runs: sound or not, summed up, reproduced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from reliefperf.errors import ReliefperfError
from reliefperf.evaluation.evaluate import Evaluation
from reliefperf.evaluation.scoring.base import plain
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language
from reliefperf.reports.amounts import money as money_text
from reliefperf.reports.console import lang, say, say_synthetic, show, table
from reliefperf.reports.notes_terminal import say_notes
from reliefperf.reports.words import code_word
from reliefperf.reports.workbook import binding_rules, titles_of
from reliefperf.scenarios.checking import Compared, comparisons, read_beside
from reliefperf.scenarios.library import library_folder, model_names, scenario_names
from reliefperf.scenarios.loading import Scenario
from reliefperf.scenarios.published import Checked
from reliefperf.scenarios.results.relaxations import relaxations_of, relaxed_words
from reliefperf.scenarios.running import Run


def say_sound(loaded: Model | Scenario) -> None:
    """Say that a model or scenario, and the tables beside its data, have no mistakes."""
    model = loaded.model if isinstance(loaded, Scenario) else loaded
    beside = read_beside(loaded)
    say(f"sound: {model!r}", f"没有错误：{model.name}（{_counted(model)}）")
    for one in comparisons(model):
        _say_compared(one, model)
    if beside is not None and beside.findings is not None:
        count = len(beside.findings.rows)
        say(f"  findings: {count} rows", f"  问题台账：{count} 行")
    if beside is not None and beside.decisions is not None:
        count = len(beside.decisions.rows)
        say(f"  decisions: {count} rows", f"  人工调整：{count} 行")
    for note in () if beside is None else beside.notes:
        show(f"  - {note.text(lang())}")


def _counted(model: Model) -> str:
    """What a model consists of, in Chinese."""
    spec = model.spec
    parts = [f"变量 {len(spec.variables)} 个"]
    if spec.evaluation is not None:
        parts.append(f"指标 {sum(node.value is not None for node in spec.evaluation.nodes())} 项")
    if spec.allocation is not None:
        pools, rules = len(spec.allocation.pools), len(spec.allocation.rules)
        parts.append(f"资金池 {pools} 个，规则 {rules} 条")
    return "，".join(parts)


def _say_compared(one: Compared, model: Model) -> None:
    said = lang()
    spec = model.spec.evaluation
    nodes = () if spec is None else spec.nodes()
    title = next((in_language(n.title, said, n.id) for n in nodes if n.id == one.node), "")
    title = title or code_word(one.node, said)
    if one.found.ratio is None:
        say(
            f"  {title}: AHP, CI {plain(one.found.index, 4)}; the table {one.table} has no random "
            "index for so many items",
            f"  {title}：层次分析法，CI {plain(one.found.index, 4)}；随机指标表 {one.table} 没有该阶数",
        )
        return
    ratio, limit = plain(one.found.ratio, 4), plain(one.limit)
    above = one.found.ratio > one.limit
    say(
        f"  {title}: AHP, consistency ratio {ratio}, "
        + (f"above the limit of {limit}, accepted by the model" if above else f"limit {limit}"),
        f"  {title}：层次分析法，一致性比率 {ratio}，"
        + (f"超过上限 {limit}，模型已声明接受" if above else f"上限 {limit}"),
    )


def say_run(run: Run, folder: Path) -> None:
    """Sum a run up and say where its results are."""
    said = lang()
    titles = titles_of(run, said)
    scenario = "" if run.scenario is None else f" · {run.scenario.spec.scenario}"
    show(f"{run.model.title(said)} ({run.model.name}{scenario})", "bold")
    if run.is_synthetic:
        say_synthetic(in_language(run.model.spec.data.synthetic, said))
    for period, result in run.periods.items():
        if period:
            show(f"[{period}]")
        evaluation, money = result.evaluation, result.allocation
        if evaluation is not None:
            say_scores(evaluation, run.model, "  ")
        if money is not None:
            if relaxed := relaxed_words(relaxations_of(money), money.unit, said, titles):
                show(relaxed, "bold red")
            for pool in (*money.pools, "total"):
                word = ("合计" if said == "zh" else pool) if pool == "total" else titles[pool]
                paid = f"{money.total(pool):,f} {money.unit}"
                say(f"  {word}: {paid}", f"  {word}：{paid}")
            for pool in money.calculated:
                said_of = "计算步骤，不发放" if said == "zh" else "calculation step, not paid"
                say(f"  {titles[pool]}: {said_of}", f"  {titles[pool]}：{said_of}")
    _say_rules(run, titles)
    say_notes(run.notes, run.model, titles)
    say(f"results: {folder}", f"结果：{folder}", style="bold")


def say_scores(evaluation: Evaluation, model: Model, indent: str) -> None:
    """How many regions have a score, from where to where, and how many have each grade."""
    known = evaluation.score[evaluation.score == evaluation.score]
    spread = f"{known.min():g} … {known.max():g}" if known.size else "—"
    say(
        f"{indent}scores: {known.size} of {len(evaluation.codes)} regions, {spread}",
        f"{indent}得分：{len(evaluation.codes)} 个地区中 {known.size} 个，{spread}",
    )
    if evaluation.grade is not None and model.spec.evaluation is not None:
        counts = Counter(evaluation.grade.tolist())
        spec = model.spec.evaluation.grades
        bands = list(dict.fromkeys(b.grade for b in spec.bands)) if spec is not None else []
        say(
            f"{indent}grades: " + ", ".join(f"{band} {counts[band]}" for band in bands),
            f"{indent}等次：" + "，".join(f"{band} {counts[band]}" for band in bands),
        )


def _say_rules(run: Run, titles: Mapping[str, str]) -> None:
    """Name the rules that bind in the last period, with the money each one moves."""
    binding = binding_rules(run)
    if run.last.allocation is None or not binding:
        return
    unit = run.last.allocation.unit
    say("  rules that bind:", "  起作用的规则：")
    for row in binding:
        moved = f"{money_text(Decimal(str(row['moved'])), cents=True)} {unit}"
        title = titles[str(row["rule"])]
        say(
            f"  - {title}: {row['binding']} of {row['rows']} limits, moves {moved}; "
            f"{row['gaining']} gain, {row['losing']} lose",
            f"  - {title}：{row['rows']} 处限额中 {row['binding']} 处，调整金额 {moved}；"
            f"{row['gaining']} 个地区增加，{row['losing']} 个减少",
        )


def say_reproduction(results: Iterator[tuple[str, list[Checked] | ReliefperfError]]) -> bool:
    """Print the table of comparisons; whether all are as they should be.

    A model that cannot be run is named with its error, and the others go on.
    """
    zh = lang() == "zh"
    rows: list[list[str]] = []
    problems: list[str] = []
    fine = True
    for name, checks in results:
        if isinstance(checks, ReliefperfError):
            fine = False
            problems.append(f"{name}: {checks.text(lang())}")
            rows.append([name, "", "", "", "", "", "出错" if zh else "ERROR"])
            continue
        for check in checks:
            fine = fine and check.ok
            verdict = ("符合" if zh else "ok") if check.ok else ("不符" if zh else "OFF")
            counts = [str(check.match), str(check.differ), str(check.missing)]
            rows.append([check.model, check.title, *counts, f"{check.largest:.6g}", verdict])
            if not check.ok:
                problems += [
                    f"{check.model} / {check.id} / {d.region}: {d.computed} != {d.published}"
                    for d in check.differences[:10]
                ]
    table(
        "",
        (
            ("model", "模型", False),
            ("compared", "核对项", False),
            ("match", "相符", True),
            ("differ", "不同", True),
            ("missing", "缺失", True),
            ("largest gap", "最大差", True),
            ("", "", False),
        ),
        rows,
    )
    for line in problems:
        show(line)
    if not rows:
        say("nothing to compare", "没有可核对的项目")
    return fine and bool(rows)


def say_library() -> None:
    """List shipped models and scenarios with their titles."""
    from reliefperf.scenarios.cascades import load_cascade, names_cascade
    from reliefperf.scenarios.loading import load, load_model
    from reliefperf.scenarios.studies.loading import load_study, names_study

    said = lang()
    rows = []
    for name in model_names():
        model = load_model(name)
        label = "合成数据" if said == "zh" else "synthetic data"
        rows.append(
            [name, model.title(said), label if model.spec.data.synthetic is not None else ""]
        )
    table("", (("model", "模型", False), ("title", "标题", False), ("data", "数据", False)), rows)
    rows, studies = [], []
    for name in scenario_names():
        file = library_folder("scenarios") / f"{name}.yaml"
        if names_cascade(file):
            cascade = load_cascade(file)
            levels = ", ".join(level.alone.name for level in cascade.levels)
            rows.append([name, cascade.title(said), levels])
            continue
        if names_study(file):
            plan = load_study(file)
            studies.append([name, in_language(plan.spec.title, said, name), plan.model.name])
            continue
        scenario = load(file)
        assert isinstance(scenario, Scenario)
        rows.append([name, in_language(scenario.spec.title, said, name), scenario.model.name])
    table("", (("scenario", "情景", False), ("title", "标题", False), ("of", "模型", False)), rows)
    table("", (("study", "研究", False), ("title", "标题", False), ("of", "模型", False)), studies)
