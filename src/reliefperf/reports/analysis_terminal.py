"""What `reliefperf analyse` shows: the worst flags, the nodes, and what matters in the score."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from reliefperf.errors import Lang
from reliefperf.model.spec_data import in_language
from reliefperf.reports.console import lang, say, say_synthetic, show, table
from reliefperf.scenarios.analysis.analysing import Analysis
from reliefperf.scenarios.analysis.rows import STAGE_WORDS, IndicatorRow

MOST = 10
"""How many rows of each kind are shown; all are in the files."""

FLAG_WORDS: dict[str, dict[Lang, str]] = {
    "collinear": {"zh": "共线", "en": "collinear"},
    "negative": {"zh": "同节点负相关", "en": "negative in one node"},
    "weak": {"zh": "与所在节点弱相关", "en": "weak with its node"},
    "constant": {"zh": "常数", "en": "constant"},
    "missing": {"zh": "缺失多", "en": "many missing"},
    "zeros": {"zh": "零值多", "en": "many zeros"},
    "same": {"zh": "多数地区取值相同", "en": "one value in most regions"},
    "outliers": {"zh": "疑有异常值", "en": "outliers"},
}
_OF: dict[str, str] = {"children": "直接下级", "indicators": "全部指标"}


def say_analysis(analysis: Analysis, folder: Path) -> None:
    """Sum an analysis up and say where its tables are."""
    said = lang()
    run = analysis.run
    titles = analysis.titles(said)
    parts = [f"{run.model.title(said)} ({run.model.name})"]
    parts += [part for part in (analysis.period, titles.get(analysis.top, analysis.top)) if part]
    show(" · ".join(parts), "bold")
    if run.is_synthetic:
        say_synthetic(in_language(run.model.spec.data.synthetic, said))
    _indicators(analysis, titles, said)
    _pairs(analysis, titles, said)
    _nodes(analysis, titles, said)
    _matters(analysis, titles)
    for note in analysis.notes:
        show(f"  - {note.text(said)}")
    say(f"results: {folder}", f"结果：{folder}", style="bold")


def _indicators(analysis: Analysis, titles: dict[str, str], said: Lang) -> None:
    found = [row for row in analysis.indicators if row.flags]
    if not found:
        say("indicators with a flag: none", "有标记的指标：无")
        return
    found.sort(key=lambda row: (-_weight(row), row.stage))
    _head("indicators with a flag", "有标记的指标", len(found))
    table(
        "",
        (
            ("indicator", "指标", False),
            ("stage", "阶段", False),
            ("missing", "缺失", True),
            ("zeros", "零值", True),
            ("skewness", "偏度", True),
            ("kurtosis", "峰度", True),
            ("flags", "标记", False),
        ),
        [
            [
                titles.get(row.indicator, row.indicator),
                STAGE_WORDS[row.stage] if said == "zh" else row.stage,
                str(row.statistics.missing),
                _percent(row.statistics.zeros),
                _number(row.statistics.skewness),
                _number(row.statistics.kurtosis),
                ("、" if said == "zh" else ", ").join(FLAG_WORDS[f][said] for f in row.flags),
            ]
            for row in found[:MOST]
        ],
    )


def _weight(row: IndicatorRow) -> int:
    """How grave the flags of an indicator are."""
    graveness = {"constant": 16, "missing": 8, "outliers": 4, "zeros": 2, "same": 1}
    return sum(graveness[flag] for flag in row.flags)


def _pairs(analysis: Analysis, titles: dict[str, str], said: Lang) -> None:
    flagged = analysis.flagged
    counts = Counter(pair.flag for pair in flagged)
    listed = ("，" if said == "zh" else ", ").join(
        f"{FLAG_WORDS[flag][said]} {count}" for flag, count in counts.items()
    )
    if not flagged:
        say("pairs with a flag: none", "有标记的相关：无")
        return
    _head("pairs with a flag", "有标记的相关", len(flagged), listed)
    table(
        "",
        (
            ("first", "其一", False),
            ("second", "其二", False),
            ("r", "r", True),
            ("n", "n", True),
            ("flag", "标记", False),
        ),
        [
            [
                titles.get(pair.first, pair.first),
                titles.get(pair.second, pair.second),
                _number(pair.r),
                f"{pair.n:,}",
                FLAG_WORDS[pair.flag][said],
            ]
            for pair in flagged[:MOST]
        ],
    )


def _nodes(analysis: Analysis, titles: dict[str, str], said: Lang) -> None:
    rows = [
        [
            titles.get(node.node, node.node),
            _OF[node.of] if said == "zh" else node.of,
            str(len(node.items)),
            f"{node.n:,}",
            _number(node.raw.alpha),
            _number(node.standardised.alpha),
            str(node.components.above_one),
            _percent(float(node.components.shares[0])),
            _number(node.adequacy.kmo),
        ]
        for node in analysis.nodes
        if node.stage == analysis.shown
    ]
    if rows:
        table(
            "",
            (
                ("node", "节点", False),
                ("items", "对象", False),
                ("k", "个数", True),
                ("n", "n", True),
                ("alpha", "alpha", True),
                ("of z-scores", "标准化", True),
                ("eigen > 1", "特征值>1", True),
                ("first", "第一主成分", True),
                ("KMO", "KMO", True),
            ),
            rows[: 2 * MOST],
        )


def _matters(analysis: Analysis, titles: dict[str, str]) -> None:
    """Where weight and importance are furthest apart."""
    known = [row for row in analysis.matters if row.share == row.share]
    apart = sorted(known, key=lambda row: -abs(row.share - row.weight))[: MOST // 2]
    if not apart:
        return
    say(
        "furthest from their weight (share of the variance accounted for, each indicator alone):",
        "与权重差距最大的指标（各指标单独解释的方差份额）：",
    )
    table(
        "",
        (("indicator", "指标", False), ("weight", "权重", True), ("importance", "作用份额", True)),
        [
            [titles.get(row.indicator, row.indicator), _percent(row.weight), _percent(row.share)]
            for row in apart
        ],
    )


def _head(en: str, zh: str, count: int, listed: str = "") -> None:
    more = f" ({listed})" if listed else ""
    more_zh = f"（{listed}）" if listed else ""
    shown = f", the worst {MOST} shown" if count > MOST else ""
    shown_zh = f"，列出最突出的 {MOST} 项" if count > MOST else ""
    say(f"{en}: {count}{more}{shown}", f"{zh}：{count} 项{more_zh}{shown_zh}")


def _number(value: float) -> str:
    return "—" if value != value else f"{value:z.2f}".replace("-", "−")


def _percent(share: float) -> str:
    return "—" if share != share else f"{100 * share:.1f}%"
