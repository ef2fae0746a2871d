"""What the command line says of one region: its points, its money, where it is strong or weak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import groupby

from reliefperf.errors import InputError
from reliefperf.reports.case_terminal import Of, say_case, short
from reliefperf.reports.console import lang, say, say_made_up, show, table
from reliefperf.reports.formula_words import shut_out_lines, stated_in
from reliefperf.reports.formulas_terminal import say_formulas
from reliefperf.reports.opening import known_period
from reliefperf.reports.standing_terminal import fewer_is_better, say_standing
from reliefperf.reports.waterfall import factor_steps
from reliefperf.reports.words import code_word
from reliefperf.scenarios.explaining.rewording import reworded
from reliefperf.scenarios.explaining.standing import Against
from reliefperf.scenarios.inputs import model_of
from reliefperf.scenarios.results.formulas import ELIGIBLE
from reliefperf.scenarios.results.money import NOT_ELIGIBLE, step_label
from reliefperf.scenarios.results.rules import POOL, said_of
from reliefperf.scenarios.results.titling import titled
from reliefperf.scenarios.run_folder import RunFolder


def say_explanation(
    run: RunFolder, region: str, period: str | None, against: Against | None = None
) -> None:
    """Show one region's points and money, row by row, and where it is strong or weak."""
    code = run.find(region)
    whole, run = run, run.at_level_of(code)
    chosen = _period(run, period)
    run = reworded(run, lang())
    zh = lang() == "zh"

    def of(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
        return [r for r in rows if r["region"] == code and r.get("period", "") == chosen]

    name = run.names.get(code, "")
    titles = run.titles(lang())
    show(" ".join(part for part in (code, name, chosen) if part), "bold")
    if run.record.get("synthetic"):
        say_made_up()
    scores = of(run.scores)
    if scores:
        row = scores[0]
        score, grade = row["score"] or "—", row.get("grade") or "—"
        say(
            f"score {score}, grade {grade}, rank {row.get('rank') or '—'}",
            f"得分 {score}，等次 {grade}，名次 {row.get('rank') or '—'}",
        )
        _say_points(of(run.points), titles, fewer=fewer_is_better(run))
        say_case(run, of, titles)
        say_standing(run, code, chosen, against, titles)
    if whole.is_cascade:
        from reliefperf.reports.cascade import say_chain

        say_chain(whole, code)
    steps = of(run.explanation)
    if steps:
        unit = next((e.get("unit", "") for e in run.record.get("results", {}).values()), "")
        bears = {pool: titled(bear, titles, lang()) for pool, bear in run.bears().items()}
        rows = []
        for pool in dict.fromkeys(r["pool"] for r in steps):
            label = titles.get(pool, pool)
            for r in steps:
                if r["pool"] == pool:
                    if r["step"] == "entitlement":
                        split = factor_steps(of(run.factors), pool, titles, lang())
                        rows += [[label, f"    {s.label}", _money(str(s.amount))] for s in split]
                    step = step_label(r["step"], titles, bears.get(pool), lang())
                    rows.append([label, step, _money(r["amount"])])
                    if r["step"] == NOT_ELIGIBLE:
                        rows += [
                            ["", f"    {line}", ""] for line in _shut_out(run, of, pool, titles)
                        ]
            paid = next(r["amount"] for r in of(run.allocation) if r["pool"] == pool)
            rows.append([label, "＝ 分配额" if zh else "= amount", _money(paid)])
        total = next((r["amount"] for r in of(run.allocation) if r["pool"] == "total"), "")
        rows.append(["合计" if zh else "total", "", _money(total)])
        table(
            "",
            (
                ("pool", "资金池", False),
                ("step", "步骤", False),
                (f"amount ({unit})", f"金额（{unit}）", True),
            ),
            rows,
        )
        _say_calculation(run, of, titles, bears, unit)
        _say_grounds(whole, run, [*steps, *of(run.calculation)])
        say_formulas(run, of(run.formulas), titles)
        if whole.is_cascade:
            say(
                "the formulas stand in each level's model, also in run.json; their parts by region in "
                "factors.csv",
                "各级算式见该级模型（run.json 中亦有），各地区的分项见 factors.csv",
            )


def _say_grounds(whole: RunFolder, run: RunFolder, steps: Sequence[Mapping[str, str]]) -> None:
    """What each pool and rule of the steps says, and the law or decision that it rests on."""
    found = {row["rule"]: (row["title"], row["says"], row["basis"]) for row in run.rules}
    if not whole.is_cascade:
        with suppress(InputError):  # without the model in the folder, in the language of the run
            found = said_of(model_of(run.folder), lang())
    wanted = [f"{POOL}{pool}" for pool in dict.fromkeys(row["pool"] for row in steps)]
    wanted += dict.fromkeys(row["step"] for row in steps)
    listed = [found[one] for one in wanted if one in found]
    if not listed:
        return
    say("what pools and rules say", "资金池与规则的内容及依据", style="bold")
    for title, says, basis in listed:
        say(
            f"  {title}: {says}" + (f" (basis: {basis})" if basis else ""),
            f"  {title}：{says}" + (f"（依据：{basis}）" if basis else ""),
        )


def _shut_out(run: RunFolder, of: Of, pool: str, titles: Mapping[str, str]) -> list[str]:
    """Why the region has no part in a pool; the condition alone where its values were not written."""
    definition = run.record.get("definition")
    rows = [row for row in of(run.formulas) if row["of"] == pool]
    if lines := shut_out_lines(definition, rows, titles, lang()):
        return lines
    stated = stated_in(definition, pool, ELIGIBLE)
    return [titled(stated, titles, lang())] if stated else []


def _say_calculation(
    run: RunFolder, of: Of, titles: Mapping[str, str], bears: Mapping[str, str], unit: str
) -> None:
    """The pools that are only a step of the calculation, apart from the money."""
    rows = of(run.calculation)
    if not rows:
        return
    say("calculation steps, not paid", "计算步骤，不发放", style="bold")
    cells = []
    for pool, own in groupby(rows, key=lambda row: row["pool"]):
        steps = list(own)
        label = titles.get(pool, pool)
        for row in steps:
            step = step_label(row["step"], titles, bears.get(pool), lang())
            cells.append([label, step, _money(row["change"])])
            if row["step"] == NOT_ELIGIBLE:
                cells += [["", f"    {line}", ""] for line in _shut_out(run, of, pool, titles)]
        cells.append(
            [label, "＝ 步骤金额" if lang() == "zh" else "= step", _money(steps[-1]["amount"])]
        )
    table(
        "",
        (
            ("pool, not paid", "资金池（不发放）", False),
            ("step", "步骤", False),
            (f"amount ({unit})", f"金额（{unit}）", True),
        ),
        cells,
    )


def _say_points(rows: Sequence[dict[str, str]], titles: Mapping[str, str], *, fewer: bool) -> None:
    """Each indicator with its value before treatment where there is one, points, lost points.

    Nothing is lost where fewer points are better.
    """
    treated = any("raw" in row for row in rows)
    columns = [
        ("indicator", "指标", False),
        *([("raw", "处理前", True)] if treated else []),
        ("value", "指标值", True),
        ("points", "得分", True),
        ("of", "满分", True),
        *([] if fewer else [("lost", "扣分", True)]),
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
                *([] if fewer else [short(lost)]),
                row["reason"],
            ]
        )
    table("", columns, cells)


def _part_title(name: str, titles: Mapping[str, str]) -> str:
    """The title of a row of points: a node, an adjustment, a decision, or a step of the score."""
    kind, _, target = name.partition(":")
    zh = lang() == "zh"
    if kind == "decision":
        target = target if target in titles or target == "score" else target.rpartition(":")[0]
        title = code_word("score", lang()) if target == "score" else titles.get(target, target)
        return f"人工调整：{title}" if zh else f"decision: {title}"
    if name == "rounding" and name not in titles:
        return "取整" if zh else "rounding"
    return titles.get(name, name)


def _period(run: RunFolder, period: str | None) -> str:
    if not run.periods:
        return ""
    known_period(period, run.periods, str(run.folder))
    return run.periods[-1] if period is None else period


def _money(text: str) -> str:
    return f"{Decimal(text):,f}" if text else ""
