"""What the command line shows: short tables that fit a terminal, in one language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from reliefperf.errors import ReliefperfError
from reliefperf.evaluation.scoring.base import plain
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language
from reliefperf.reports.case_terminal import say_case, short
from reliefperf.reports.console import lang as _lang
from reliefperf.reports.console import out as _out
from reliefperf.reports.console import say as _say
from reliefperf.reports.console import say_synthetic
from reliefperf.reports.console import table as _table
from reliefperf.reports.standing_terminal import say_standing
from reliefperf.reports.waterfall import factor_steps
from reliefperf.reports.words import code_word
from reliefperf.scenarios.checking import Compared, comparisons, read_beside
from reliefperf.scenarios.comparing import Change, Comparison
from reliefperf.scenarios.explaining.rewording import reworded
from reliefperf.scenarios.explaining.standing import Against
from reliefperf.scenarios.library import library_folder, model_names, scenario_names
from reliefperf.scenarios.loading import Scenario
from reliefperf.scenarios.published import Checked
from reliefperf.scenarios.results.relaxations import relaxed_words
from reliefperf.scenarios.results.tables import step_word
from reliefperf.scenarios.run_folder import RunFolder
from reliefperf.scenarios.running import Run

MOST_NOTES = 8


@contextmanager
def progress() -> Iterator[Callable[[str, str], None]]:
    """A line on stderr that says what is being done; nothing where stderr is not a terminal."""
    console = Console(stderr=True)
    zh = _lang() == "zh"
    if not console.is_terminal:
        yield lambda en, chinese: None
        return
    with console.status("...") as status:
        yield lambda en, chinese: status.update(chinese if zh else en)


def say_sound(loaded: Model | Scenario) -> None:
    """Say that a model or scenario, and the tables beside its data, have no mistakes."""
    model = loaded.model if isinstance(loaded, Scenario) else loaded
    beside = read_beside(loaded)
    _say(f"sound: {model!r}", f"没有错误：{model.name}（{_counted(model)}）")
    for one in comparisons(model):
        _say_compared(one, model)
    if beside is not None and beside.findings is not None:
        count = len(beside.findings.rows)
        _say(f"  findings: {count} rows", f"  问题台账：{count} 行")
    if beside is not None and beside.decisions is not None:
        count = len(beside.decisions.rows)
        _say(f"  decisions: {count} rows", f"  人工调整：{count} 行")
    for note in () if beside is None else beside.notes:
        _out().print(f"  - {note.text(_lang())}", markup=False)


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
    lang = _lang()
    spec = model.spec.evaluation
    nodes = () if spec is None else spec.nodes()
    title = next((in_language(n.title, lang, n.id) for n in nodes if n.id == one.node), "")
    title = title or code_word(one.node, lang)
    if one.found.ratio is None:
        _say(
            f"  {title}: AHP, CI {plain(one.found.index, 4)}; the table {one.table} has no random "
            "index for so many items",
            f"  {title}：层次分析法，CI {plain(one.found.index, 4)}；随机指标表 {one.table} 没有该阶数",
        )
        return
    ratio, limit = plain(one.found.ratio, 4), plain(one.limit)
    above = one.found.ratio > one.limit
    _say(
        f"  {title}: AHP, consistency ratio {ratio}, "
        + (f"above the limit of {limit}, accepted by the model" if above else f"limit {limit}"),
        f"  {title}：层次分析法，一致性比率 {ratio}，"
        + (f"超过上限 {limit}，模型已声明接受" if above else f"上限 {limit}"),
    )


def say_run(run: Run, folder: Path) -> None:
    """Sum a run up and say where its results are."""
    lang = _lang()
    scenario = "" if run.scenario is None else f" · {run.scenario.spec.scenario}"
    _out().print(
        f"{run.model.title(lang)} ({run.model.name}{scenario})", style="bold", markup=False
    )
    if run.is_synthetic:
        say_synthetic(in_language(run.model.spec.data.synthetic, lang))
    for period, result in run.periods.items():
        if period:
            _out().print(f"[{period}]", markup=False)
        evaluation, money = result.evaluation, result.allocation
        if evaluation is not None:
            known = evaluation.score[evaluation.score == evaluation.score]
            spread = f"{known.min():g} … {known.max():g}" if known.size else "—"
            _say(
                f"  scores: {known.size} of {len(evaluation.codes)} regions, {spread}",
                f"  得分：{len(evaluation.codes)} 个地区中 {known.size} 个，{spread}",
            )
            if evaluation.grade is not None and run.model.spec.evaluation is not None:
                counts = Counter(evaluation.grade.tolist())
                spec = run.model.spec.evaluation.grades
                bands = list(dict.fromkeys(b.grade for b in spec.bands)) if spec is not None else []
                _say(
                    "  grades: " + ", ".join(f"{band} {counts[band]}" for band in bands),
                    "  等次：" + "，".join(f"{band} {counts[band]}" for band in bands),
                )
        if money is not None:
            if (relaxed := relaxed_words(money, lang)) is not None:
                _out().print(relaxed, style="bold red", markup=False)
            for pool in (*money.pools, "total"):
                word = "合计" if pool == "total" and lang == "zh" else pool
                _out().print(f"  {word}: {money.total(pool):,f} {money.unit}", markup=False)
    _say_notes(run)
    _say(f"results: {folder}", f"结果：{folder}", style="bold")


def _say_notes(run: Run) -> None:
    notes = run.notes
    if not notes:
        return
    lang = _lang()
    _say(f"  notes: {len(notes)}", f"  提示：{len(notes)} 条")
    for note in notes[:MOST_NOTES]:
        _out().print(f"  - {note.text(lang)}", markup=False)
    if len(notes) > MOST_NOTES:
        rest = len(notes) - MOST_NOTES
        _say(f"  - ... and {rest} more in run.json", f"  - ……其余 {rest} 条见 run.json")


def say_explanation(
    run: RunFolder, region: str, period: str | None, against: Against | None = None
) -> None:
    """Show one region's points and money, row by row, and where it is strong or weak."""
    code = run.find(region)
    whole, run = run, run.at_level_of(code)
    chosen = _period(run, period)
    run = reworded(run, _lang())
    zh = _lang() == "zh"

    def of(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
        return [r for r in rows if r["region"] == code and r.get("period", "") == chosen]

    name = run.names.get(code, "")
    titles = run.titles(_lang())
    _out().print(
        " ".join(part for part in (code, name, chosen) if part), style="bold", markup=False
    )
    if run.record.get("synthetic"):
        _say("SYNTHETIC DATA", "合成数据", style="bold red")
    scores = of(run.scores)
    if scores:
        row = scores[0]
        score, grade = row["score"] or "—", row.get("grade") or "—"
        _say(
            f"score {score}, grade {grade}, rank {row.get('rank') or '—'}",
            f"得分 {score}，等次 {grade}，名次 {row.get('rank') or '—'}",
        )
        _say_points(of(run.points), titles)
        say_case(run, of, titles)
        say_standing(run, code, chosen, against, titles)
    if whole.is_cascade:
        from reliefperf.reports.cascade import say_chain

        say_chain(whole, code)
    steps = of(run.explanation)
    if steps:
        unit = next((e.get("unit", "") for e in run.record.get("results", {}).values()), "")
        rows = []
        for pool in dict.fromkeys(r["pool"] for r in steps):
            label = titles.get(pool, pool)
            for r in steps:
                if r["pool"] == pool:
                    if r["step"] == "entitlement":
                        split = factor_steps(of(run.factors), pool, titles, _lang())
                        rows += [["", f"    {s.label}", _money(str(s.amount))] for s in split]
                    step = titles.get(r["step"], step_word(r["step"], _lang()))
                    rows.append([label, step, _money(r["amount"])])
            paid = next(r["amount"] for r in of(run.allocation) if r["pool"] == pool)
            rows.append([label, "＝ 分配额" if zh else "= amount", _money(paid)])
        total = next((r["amount"] for r in of(run.allocation) if r["pool"] == "total"), "")
        rows.append(["合计" if zh else "total", "", _money(total)])
        _table(
            "",
            (
                ("pool", "资金池", False),
                ("step", "步骤", False),
                (f"amount ({unit})", f"金额（{unit}）", True),
            ),
            rows,
        )


def _say_points(rows: Sequence[dict[str, str]], titles: Mapping[str, str]) -> None:
    """Each indicator with its value before treatment where there is one, points, lost points."""
    treated = any("raw" in row for row in rows)
    columns = [
        ("indicator", "指标", False),
        *([("raw", "处理前", True)] if treated else []),
        ("value", "指标值", True),
        ("points", "得分", True),
        ("of", "满分", True),
        ("lost", "扣分", True),
        ("reason", "理由", False),
    ]
    cells = []
    for row in rows:
        lost = ""
        if row["points"] and row["full_marks"]:
            gap = Decimal(row["full_marks"]) - Decimal(row["points"])
            lost = f"{gap:f}" if gap else ""
        cells.append(
            [
                _part_title(row["indicator"], titles),
                *([short(row["raw"])] if treated else []),
                *(short(row[part]) for part in ("value", "points", "full_marks")),
                *(short(lost), row["reason"]),
            ]
        )
    _table("", columns, cells)


def _part_title(name: str, titles: Mapping[str, str]) -> str:
    """The title of a row of points: a node, an adjustment, a decision, or a step of the score."""
    kind, _, target = name.partition(":")
    zh = _lang() == "zh"
    if kind == "decision":
        target = target if target in titles or target == "score" else target.rpartition(":")[0]
        title = code_word("score", _lang()) if target == "score" else titles.get(target, target)
        return f"人工调整：{title}" if zh else f"decision: {title}"
    if name == "rounding" and name not in titles:
        return "取整" if zh else "rounding"
    return titles.get(name, name)


def _period(run: RunFolder, period: str | None) -> str:
    periods = run.periods
    if not periods:
        return ""
    if period is None:
        return periods[-1]
    if period not in periods:
        from reliefperf.errors import InputError, Mistake, suggestion

        en, zh = suggestion(period, periods)
        raise InputError(
            Mistake.at(
                f"no period '{period}'{en}", f"没有“{period}”这一期{zh}", file=str(run.folder)
            )
        )
    return period


def _money(text: str) -> str:
    return f"{Decimal(text):,f}" if text else ""


def say_comparison(comparison: Comparison, first: str, second: str, top: int) -> None:
    """Show totals, and the regions whose money, score or grade changed most."""
    _out().print(f"A {first}\nB {second}", markup=False)
    if comparison.synthetic:
        _say("SYNTHETIC DATA", "合成数据", style="bold red")
    if comparison.units_differ:
        _say("the units of money differ", "两次运行的金额单位不同", style="bold red")
    for codes, side in (
        (comparison.regions_first_only, "A"),
        (comparison.regions_second_only, "B"),
    ):
        if codes:
            listed = ", ".join(codes[:10])
            _say(
                f"only in {side}: {len(codes)} regions: {listed}",
                f"仅 {side} 有 {len(codes)} 个地区：{listed}",
            )
    if comparison.totals:
        _table(
            "",
            (
                ("pool", "资金池", False),
                ("A", "A", True),
                ("B", "B", True),
                ("B - A", "B − A", True),
                ("gain", "增加地区", True),
                ("lose", "减少地区", True),
            ),
            [
                [
                    t.pool,
                    f"{t.first:,f}",
                    f"{t.second:,f}",
                    f"{t.second - t.first:+,f}",
                    str(t.gaining),
                    str(t.losing),
                ]
                for t in comparison.totals
            ],
        )
    shown = [
        ("pool total", f"money ({comparison.unit})", f"金额（{comparison.unit}）"),
        ("score", "score", "得分"),
        ("grade", "grade", "等次"),
    ]
    for what, en, zh in shown:
        changes = comparison.of(what)
        if changes:
            _say(f"{en}: {len(changes)} regions differ", f"{zh}：{len(changes)} 个地区不同")
            _changes(changes[:top])
    if not comparison.changes:
        _say("no differences", "没有差异")


def _changes(changes: Sequence[Change]) -> None:
    rows = [
        [
            c.period,
            c.region,
            c.name,
            c.first,
            c.second,
            "" if c.difference is None else f"{c.difference:+f}",
        ]
        for c in changes
    ]
    panel = any(c.period for c in changes)
    columns = [
        ("period", "期别", False),
        ("region", "地区代码", False),
        ("name", "地区", False),
        ("A", "A", True),
        ("B", "B", True),
        ("B - A", "B − A", True),
    ]
    _table("", columns if panel else columns[1:], rows if panel else [row[1:] for row in rows])


def say_reproduction(results: Iterator[tuple[str, list[Checked] | ReliefperfError]]) -> bool:
    """Print the table of comparisons; whether all are as they should be.

    A model that cannot be run is named with its error, and the others go on.
    """
    zh = _lang() == "zh"
    rows: list[list[str]] = []
    problems: list[str] = []
    fine = True
    for name, checks in results:
        if isinstance(checks, ReliefperfError):
            fine = False
            problems.append(f"{name}: {checks.text(_lang())}")
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
    _table(
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
        _out().print(line, markup=False)
    if not rows:
        _say("nothing to compare", "没有可核对的项目")
    return fine and bool(rows)


def say_library() -> None:
    """List shipped models and scenarios with their titles."""
    from reliefperf.scenarios.cascades import load_cascade, names_cascade
    from reliefperf.scenarios.loading import load, load_model
    from reliefperf.scenarios.studies.loading import load_study, names_study

    lang = _lang()
    rows = []
    for name in model_names():
        model = load_model(name)
        label = "合成数据" if lang == "zh" else "synthetic data"
        rows.append(
            [name, model.title(lang), label if model.spec.data.synthetic is not None else ""]
        )
    _table("", (("model", "模型", False), ("title", "标题", False), ("data", "数据", False)), rows)
    rows, studies = [], []
    for name in scenario_names():
        file = library_folder("scenarios") / f"{name}.yaml"
        if names_cascade(file):
            cascade = load_cascade(file)
            levels = ", ".join(level.alone.name for level in cascade.levels)
            rows.append([name, cascade.title(lang), levels])
            continue
        if names_study(file):
            plan = load_study(file)
            studies.append([name, in_language(plan.spec.title, lang, name), plan.model.name])
            continue
        scenario = load(file)
        assert isinstance(scenario, Scenario)
        rows.append([name, in_language(scenario.spec.title, lang, name), scenario.model.name])
    _table("", (("scenario", "情景", False), ("title", "标题", False), ("of", "模型", False)), rows)
    _table("", (("study", "研究", False), ("title", "标题", False), ("of", "模型", False)), studies)
