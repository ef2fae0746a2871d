"""The way to one region's money as steps, for the terminal and as a waterfall figure."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from reliefperf.errors import InputError, Lang, Mistake
from reliefperf.model.expressions import Expr, ExpressionError
from reliefperf.reports.amounts import money, neat
from reliefperf.reports.fonts import FAMILY, chinese_style
from reliefperf.scenarios.results.money import NOT_ELIGIBLE, step_label
from reliefperf.scenarios.results.rules import EQUAL_SHARE
from reliefperf.scenarios.results.titling import titled
from reliefperf.scenarios.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE, GRID = "#22333b", "#6b7a83", "#e3e7e9"
START, UP, DOWN = "#33658a", "#0b6e6e", "#b4463c"


LONGEST_LABEL = 56
"""Characters of a label that stand in one line."""


@dataclass(frozen=True)
class Bar:
    """One step: what it adds to the amount.

    `starts`: it is where a pool begins; `sums`: it adds nothing and shows what the steps before it
    come to.
    """

    label: str
    amount: Decimal
    starts: bool = False
    sums: bool = False

    @property
    def shown(self) -> bool:
        """Whether it has a line of its own: a step that moves nothing has none."""
        return bool(self.amount) or self.starts or self.sums


def factor_steps(
    rows: Sequence[dict[str, str]], pool: str, titles: dict[str, str], lang: Lang
) -> list[Bar]:
    """A pool's entitlement by factor, from a region's rows of factors.csv; [] where not split."""
    found = []
    for row in rows:
        if row["pool"] != pool:
            continue
        factor = row["factor"]
        if factor == EQUAL_SHARE:
            label = "平均每地区" if lang == "zh" else "equal share"
            found.append(Bar(label, Decimal(row["amount"]), starts=True))
        else:
            name, value, usual = (
                _as_factor(factor, titled(factor, titles, lang)),
                _short(row["value"]),
                _short(row["usual"]),
            )
            label = (
                f"× {name}（{value}，加权平均 {usual}）"
                if lang == "zh"
                else f"× {name} ({value}, weighted mean {usual})"
            )
            found.append(Bar(label, Decimal(row["amount"])))
    return found


def _as_factor(factor: str, said: str) -> str:
    """A factor in words, in brackets where it is a sum."""
    try:
        tree = Expr(factor).tree
    except ExpressionError:
        return said
    is_sum = isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Sub)
    return f"({said})" if is_sum else said


def steps_of(run: RunFolder, code: str, period: str, lang: Lang) -> list[tuple[str, list[Bar]]]:
    """For each pool its title and the steps that lead to its amount; they add up to it exactly."""
    titles = run.titles(lang)
    bears = {pool: titled(bear, titles, lang) for pool, bear in run.bears().items()}
    mine = [r for r in run.explanation if r["region"] == code and r.get("period", "") == period]
    factors = [r for r in run.factors if r["region"] == code and r.get("period", "") == period]
    found = []
    for pool in dict.fromkeys(row["pool"] for row in mine):
        bars: list[Bar] = []
        for row in (row for row in mine if row["pool"] == pool):
            split = (
                factor_steps(factors, pool, titles, lang) if row["step"] == "entitlement" else []
            )
            label = step_label(row["step"], titles, bears.get(pool), lang)
            starts = row["step"] in ("entitlement", NOT_ELIGIBLE)
            bars += split or [Bar(label, Decimal(row["amount"]), starts=starts)]
            if split:
                bars.append(Bar(label, Decimal(0), sums=True))
        found.append((titles.get(pool, pool), bars))
    return found


def waterfall(run: RunFolder, code: str, period: str, lang: Lang) -> Figure:
    """A region's money as a waterfall, pool by pool. Raises InputError where it has none."""
    pools = steps_of(run, code, period, lang)
    if not pools:
        raise InputError(
            Mistake.at(
                f"the run has no money of region {code}",
                f"运行结果中没有地区 {code} 的资金",
                file=str(run.folder),
            )
        )
    with chinese_style():
        return _draw(run, code, pools, lang)


def save_waterfall(run: RunFolder, code: str, period: str, lang: Lang, path: Path) -> None:
    """Write the figure; raises InputError for a name that is no picture's, or cannot be written."""
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InputError(
            Mistake.at(
                f"'{path}' is no name of a figure; end it in .png, .svg or .pdf",
                f"“{path}”不是图片文件名；请以 .png、.svg 或 .pdf 结尾",
            )
        )
    figure = waterfall(run, code, period, lang)
    kept = {"Software": None} if path.suffix.lower() == ".png" else None
    with chinese_style():
        figure.savefig(path, metadata=kept)


def _draw(run: RunFolder, code: str, pools: list[tuple[str, list[Bar]]], lang: Lang) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    lines = sum(len([b for b in bars if b.shown]) + 2 for _, bars in pools)
    lines += len(pools) + 2 if len(pools) > 1 else 0
    figure = Figure(
        figsize=(10.5, 1.5 + 0.34 * lines),
        dpi=110,
        layout=ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1),
    )
    axes = figure.add_subplot()
    labels: list[tuple[float, str, bool]] = []
    line = 0.0
    total = Decimal(0)
    paid: list[tuple[str, Decimal]] = []
    for title, bars in pools:
        level = Decimal(0)
        labels.append((line, title, True))
        line += 1
        for bar in bars:
            if not bar.shown:
                continue
            if bar.sums:
                axes.barh(line, float(level), color=START, height=0.62)
                _write_beside(axes, line, level, f"{level:,.2f}", PALE)
                labels.append((line, bar.label, False))
                line += 1
                continue
            colour = START if bar.starts else UP if bar.amount > 0 else DOWN
            axes.barh(line, float(bar.amount), left=float(level), color=colour, height=0.62)
            level += bar.amount
            _say_amount(axes, line, bar, level)
            labels.append((line, bar.label, False))
            line += 1
        axes.barh(line, float(level), color=INK, height=0.62)
        _write_beside(axes, line, level, money(level), INK)
        labels.append((line, "＝ 分配额" if lang == "zh" else "= amount", False))
        total += level
        paid.append((title, level))
        line += 1.5
    if len(paid) > 1:
        _tie_together(axes, labels, line, paid, lang)
    _finish(axes, labels, run, code, total, lang)
    return figure


def _tie_together(
    axes: Axes,
    labels: list[tuple[float, str, bool]],
    line: float,
    paid: list[tuple[str, Decimal]],
    lang: Lang,
) -> None:
    """From the line `line` on each pool's amount after the one before, and what they come to."""
    labels.append((line, "合计" if lang == "zh" else "total", True))
    level = Decimal(0)
    for title, amount in paid:
        line += 1
        axes.barh(line, float(amount), left=float(level), color=START, height=0.62)
        _write_beside(axes, line, max(level, level + amount), money(amount), PALE)
        level += amount
        labels.append((line, title, False))
    line += 1
    axes.barh(line, float(level), color=INK, height=0.62)
    _write_beside(axes, line, max(level, Decimal(0)), money(level), INK)
    labels.append((line, "＝ 合计" if lang == "zh" else "= total", False))


def _say_amount(axes: Axes, line: float, bar: Bar, level: Decimal) -> None:
    end = max(level, level - bar.amount)
    text = f"{bar.amount:,.2f}" if bar.starts else f"{bar.amount:+,.2f}"
    if abs(bar.amount) < Decimal("0.005") and bar.amount:
        text = f"{bar.amount:+.1g}"
    _write_beside(axes, line, end, text, PALE)


def _write_beside(axes: Axes, line: float, end: Decimal, text: str, colour: str) -> None:
    axes.annotate(
        text,
        (float(end), line),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=colour,
    )


def _finish(
    axes: Axes,
    labels: list[tuple[float, str, bool]],
    run: RunFolder,
    code: str,
    total: Decimal,
    lang: Lang,
) -> None:
    zh = lang == "zh"
    unit = next((e.get("unit", "") for e in run.record.get("results", {}).values()), "")
    axes.set_yticks([place for place, _, _ in labels], [_in_lines(label) for _, label, _ in labels])
    for tick, (_, _, strong) in zip(axes.get_yticklabels(), labels, strict=True):
        tick.set_fontfamily(list(FAMILY))
        tick.set_color(START if strong else INK)
        tick.set_fontsize(11 if strong else 9.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", colors=PALE, labelsize=9)
    axes.axvline(0, color=PALE, linewidth=0.8)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    left, right = axes.get_xlim()
    axes.set_xlim(left, right + 0.1 * (right - left))
    axes.set_ylim(labels[-1][0] + 0.7, -0.7)
    from matplotlib.ticker import FuncFormatter

    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.set_xlabel(unit, color=INK, fontfamily=list(FAMILY))
    synthetic = bool(run.record.get("synthetic"))
    name = run.names.get(code, "") or code
    made_up = ("（合成数据）" if zh else " (synthetic data)") if synthetic else ""
    what = (
        f"{name}的 {neat(total):,f} {unit}从何而来"
        if zh
        else f"How {name} comes to {neat(total):,f} {unit}"
    )
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.suptitle(f"{what}{made_up}", x=0.012, ha="left", fontsize=14, color=INK)


def _in_lines(label: str) -> str:
    """A long label in two lines, so that it leaves room for the bars."""
    parts = label.split(" ")
    if cell_len(label) <= LONGEST_LABEL or len(parts) == 1:
        return label
    at = min(
        range(1, len(parts)), key=lambda k: abs(2 * cell_len(" ".join(parts[:k])) - cell_len(label))
    )
    return f"{' '.join(parts[:at])}\n{' '.join(parts[at:])}"


def _short(number: str) -> str:
    if not number:
        return "—"
    value = float(number)
    return f"{value:,.4g}" if abs(value) < 10000 else f"{value:,.0f}"
