"""What `reliefperf explain` shows beside the points: changed cells, claims, consequences, decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reliefperf.evaluation.scoring.base import plain
from reliefperf.reports.console import lang, say, table
from reliefperf.reports.words import code_word
from reliefperf.scenarios.run_folder import RunFolder

Rows = Sequence[dict[str, str]]
Of = Callable[[Rows], list[dict[str, str]]]
SHOWN_DECIMALS = 4


def say_case(run: RunFolder, of: Of, titles: Mapping[str, str]) -> None:
    """The tables of one region that the run has; `of` picks its rows."""
    _say_cells(of(run.treatments), titles, run.treatment_titles(lang()))
    _say_claims(of(run.claims), titles)
    _say_consequences(of(run.consequences), titles)
    _say_decisions(of(run.decisions), titles)


def short(text: str) -> str:
    """A number of a table with few decimals; a text, or a number of few decimals, as it is."""
    if len(text.partition(".")[2]) <= SHOWN_DECIMALS:
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    return plain(value, SHOWN_DECIMALS) if abs(value) >= 0.1 else f"{value:.4g}"


def _say_cells(rows: Rows, titles: Mapping[str, str], steps: Mapping[str, tuple[str, str]]) -> None:
    if not rows:
        return
    words = {row["step"]: code_word(row["step"], lang()) for row in rows}
    words |= {step: steps[step][0] for step in words if step in steps and steps[step][0]}
    say("changed before scoring:", "计分前改动的数据：", style="bold")
    table(
        "",
        (
            ("indicator or column", "指标或列", False),
            ("step", "步骤", False),
            ("before", "原值", True),
            ("after", "新值", True),
            ("how", "说明", False),
        ),
        [
            [
                titles.get(row["indicator"], row["indicator"]),
                words[row["step"]],
                short(row["before"]),
                short(row["after"]),
                row["how"],
            ]
            for row in rows
        ],
    )
    for step, word in words.items():
        basis = steps.get(step, ("", ""))[1]
        if basis:
            say(f"  basis of {word}: {basis}", f"  {word}的依据：{basis}")


def _say_claims(rows: Rows, titles: Mapping[str, str]) -> None:
    if not rows:
        return
    say("reported and verified:", "自报（自评）与核实：", style="bold")
    table(
        "",
        (
            ("item", "项目", False),
            ("of", "口径", False),
            ("self-reported", "自报（自评）", True),
            ("verified", "核实", True),
            ("final", "最终", True),
            ("difference", "差额", True),
        ),
        [
            [
                _titled(row["item"], titles),
                code_word(row["of"], lang()),
                *(short(row[name]) for name in ("self", "verified", "final", "difference")),
            ]
            for row in rows
        ],
    )


def _say_consequences(rows: Rows, titles: Mapping[str, str]) -> None:
    if not rows:
        return
    zh = lang() == "zh"
    say("consequences:", "问责：", style="bold")
    for row in rows:
        effect = code_word(row["effect"], lang())
        detail = ("、" if zh else ", ").join(
            titles.get(part, part) for part in row["detail"].split(", ") if part
        )
        if row["effect"] == "deduct":
            detail = f"{detail} 分" if zh else detail
        kind = f"{effect} {detail}".strip()
        said = f"{row['title']}（{kind}）" if zh else f"{row['title']} ({kind})"
        say(
            f"  - {row['title'] if kind == row['title'] else said}; basis: {row['basis'] or '—'}; "
            f"responsible: {row['responsible'] or '—'}",
            f"  - {row['title'] if kind == row['title'] else said}；依据：{row['basis'] or '—'}；"
            f"责任单位：{row['responsible'] or '—'}",
        )
        for case in row.get("cases", "").split("；" if "；" in row.get("cases", "") else "; "):
            if case:
                say(f"      {case}", f"      {case}")


def _say_decisions(rows: Rows, titles: Mapping[str, str]) -> None:
    if not rows:
        return
    say("decisions by hand:", "人工调整：", style="bold")
    for row in rows:
        target = _titled(row["target"], titles)
        moved = f"{short(row['before']) or '—'} → {short(row['after']) or '—'}"
        say(
            f"  - {target}: {moved}; {row['reason']} ({row['decided_by']}, {row['date']})",
            f"  - {target}：{moved}；{row['reason']}（{row['decided_by']}，{row['date']}）",
        )


def _titled(name: str, titles: Mapping[str, str]) -> str:
    return code_word("score", lang()) if name == "score" else titles.get(name, name)
