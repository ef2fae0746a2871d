"""The heat map of an analysis: every correlation, indicators by node, what is flagged marked.

Below the diagonal stands the first method (Pearson), above it the second (Spearman); beside it each
indicator's correlation with its node and with the top. Positions are in cells, sizes in inches.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from reliefperf.errors import Lang
from reliefperf.evaluation.analysis import Method
from reliefperf.model.spec_data import in_language
from reliefperf.reports.figures import INK, PALE
from reliefperf.reports.fonts import chinese_style
from reliefperf.scenarios.analysis.analysing import Analysis
from reliefperf.scenarios.analysis.rows import Pair, Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

NUMBERS_UP_TO = 14
"""How many indicators leave room for a number in each cell."""
LONGEST_LABEL = 44
"""How many Latin letters, or half as many Chinese characters, a label may have."""
EMPTY = "#d5d9db"
ALIKE = "#f2b01e"
"""The frame of collinear pairs: seen on the darkest blue and red."""
HEADING = "#0b6e6e"
_GAP, _STRIP_GAP, _HEAD = 0.35, 0.7, 1.05

_STAGE_WORDS: dict[Stage, dict[Lang, str]] = {
    "raw": {"zh": "指标原值", "en": "raw values"},
    "treated": {"zh": "处理后的指标值", "en": "treated values"},
    "points": {"zh": "得分占满分的比例", "en": "points as parts of full marks"},
}
_METHOD_WORDS: dict[Method, str] = {
    "pearson": "Pearson",
    "spearman": "Spearman",
    "kendall": "Kendall",
}


@dataclass(frozen=True)
class _Grid:
    """Where each indicator's row and column begin, and the headings of nodes between the rows."""

    columns: Mapping[str, float]
    rows: Mapping[str, float]
    heads: tuple[tuple[str, float], ...]
    width: float
    height: float


def heat_map(analysis: Analysis, lang: Lang | None = None) -> Figure:
    """Draw the correlations of the stage shown, in the model's language unless another is given."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    said = lang or analysis.run.model.language
    grid = _grid(analysis)
    size = _cell_size(len(analysis.order))
    labels = _labels(analysis, said)
    strips = _strips(analysis, said)
    wide = grid.width + _STRIP_GAP + len(strips)
    font = min(9.0, 32 * size)
    left = 0.35 + max((_letters(text) for text in labels.values()), default=10) * font * 0.0076
    body_width, body_height = wide * size, grid.height * size
    title, below = _title(analysis, said)
    width = max(left + body_width + 2.9, 8.2)
    lines = [line for text in below for line in _wrapped(text, (width - 0.5) / 0.072)]
    label = analysis.run.model.spec.data.synthetic
    foot = _wrapped(in_language(label, said), (width - 0.5) / 0.064) if label is not None else []
    strip_room = 0.2 + max(_letters(text) for text in strips.values()) * 0.062
    head = 0.62 + 0.19 * len(lines) + max(0.1, strip_room - min(grid.rows.values()) * size)
    height = max(head + body_height + 0.3 + 0.16 * len(foot), head + 3.3)
    with chinese_style():
        figure = Figure(figsize=(width, height), dpi=120)
        axes = figure.add_axes(
            (
                left / width,
                1 - (head + body_height) / height,
                body_width / width,
                body_height / height,
            )
        )
        axes.set_xlim(0, wide)
        axes.set_ylim(grid.height, 0)
        axes.set_axis_off()
        colours = colormaps["RdBu"]
        _draw_cells(analysis, axes, grid, colours, size)
        _draw_strips(analysis, axes, grid, strips, colours, font, size)
        _draw_labels(axes, grid, labels, font)
        _draw_key(
            analysis, figure, said, colours, (left + body_width + 0.35, head), (width, height)
        )
        figure.text(0.25 / width, 1 - 0.3 / height, title, fontsize=15, color=INK, va="center")
        for number, line in enumerate(lines):
            place = 1 - (0.62 + 0.19 * number) / height
            figure.text(0.25 / width, place, line, fontsize=9, color=PALE, va="center")
        for number, line in enumerate(reversed(foot)):
            figure.text(0.25 / width, (0.12 + 0.16 * number) / height, line, fontsize=8, color=PALE)
    return figure


# ---------------------------------------------------------------- layout


def _cell_size(n_indicators: int) -> float:
    if n_indicators <= NUMBERS_UP_TO:
        return 0.48
    return max(0.2, min(0.3, 12 / n_indicators))


def _grid(analysis: Analysis) -> _Grid:
    parents = analysis.parents
    blocks = [(node, list(names)) for node, names in groupby(analysis.order, parents.__getitem__)]
    several = len(blocks) > 1
    columns: dict[str, float] = {}
    rows: dict[str, float] = {}
    heads: list[tuple[str, float]] = []
    x = y = 0.0
    for number, (node, names) in enumerate(blocks):
        x += _GAP if number else 0.0
        if several:
            heads.append((node, y))
            y += _HEAD
        for name in names:
            columns[name], rows[name] = x, y
            x, y = x + 1, y + 1
    return _Grid(columns, rows, tuple(heads), x, y)


def _labels(analysis: Analysis, lang: Lang) -> dict[str, str]:
    """The labels of rows by indicator, numbered, and of headings by node."""
    titles = analysis.titles(lang)
    found = {
        name: f"{_short(titles.get(name, name))}  {number}"
        for number, name in enumerate(analysis.order, 1)
    }
    return {node: _short(titles.get(node, node)) for node in analysis.parents.values()} | found


def _strips(analysis: Analysis, lang: Lang) -> dict[str, str]:
    """The columns beside the matrix: correlations with the node, if there are any, and the top."""
    titles = analysis.titles(lang)
    found = {"top": _short(titles.get(analysis.top, analysis.top), 16)}
    if any(node != analysis.top for node in analysis.parents.values()):
        return {"node": "所在节点" if lang == "zh" else "own node"} | found
    return found


def _letters(text: str) -> int:
    """The width of a text in Latin letters; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _short(text: str, longest: int = LONGEST_LABEL) -> str:
    if _letters(text) <= longest:
        return text
    while _letters(text) > longest - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _wrapped(text: str, letters: float) -> list[str]:
    """Lines of at most so many letters; Chinese text may break anywhere."""
    most = max(20, int(letters))
    if any(unicodedata.east_asian_width(letter) in "WF" for letter in text):
        return textwrap.wrap(text, most // 2 + most // 8)
    return textwrap.wrap(text, most)


def _title(analysis: Analysis, lang: Lang) -> tuple[str, list[str]]:
    """The title, which says that data are synthetic, and the lines below it."""
    run, zh = analysis.run, lang == "zh"
    title = "指标之间的相关系数" if zh else "Correlations of the indicators"
    if run.is_synthetic:
        title += "（合成数据）" if zh else " (synthetic data)"
    joint = "；" if zh else "; "
    name = in_language(run.model.spec.title, lang, run.model.name)
    parts = [name, analysis.period, _STAGE_WORDS[analysis.shown][lang]]
    counts = [pair.n for pair in _shown(analysis, analysis.methods[0])]
    if counts:
        spread = (
            f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,}–{max(counts):,}"
        )
        parts.append(f"{spread} 个地区" if zh else f"{spread} regions")
    first, second = _METHOD_WORDS[analysis.methods[0]], _METHOD_WORDS[_above(analysis)]
    beside = ("、" if zh else " and ").join(_strips(analysis, lang).values())
    if zh:
        matrix = f"左下为 {first}，右上为 {second}" if first != second else first
        how = f"{matrix}；右侧为与{beside}的 {first} 相关"
    else:
        matrix = f"{first} below the diagonal, {second} above" if first != second else first
        how = f"{matrix}; at the right {first} with {beside}"
    return title, [joint.join(part for part in parts if part), how]


# ---------------------------------------------------------------- drawing


def _above(analysis: Analysis) -> Method:
    return analysis.methods[min(1, len(analysis.methods) - 1)]


def _shown(analysis: Analysis, method: Method) -> list[Pair]:
    return [p for p in analysis.pairs if p.stage == analysis.shown and p.method == method]


def _draw_cells(
    analysis: Analysis, axes: Axes, grid: _Grid, colours: Colormap, size: float
) -> None:
    order = {name: place for place, name in enumerate(analysis.order)}
    numbered = len(order) <= NUMBERS_UP_TO
    for method, below in ((analysis.methods[0], True), (_above(analysis), False)):
        for pair in _shown(analysis, method):
            if pair.first not in order or pair.second not in order:
                continue
            first, second = sorted((pair.first, pair.second), key=order.__getitem__)
            column, row = (first, second) if below else (second, first)
            _cell(axes, grid.columns[column], grid.rows[row], pair, colours, size, numbered)
    for name, place in order.items():
        x, y = grid.columns[name] + 0.5, grid.rows[name] + 0.5
        axes.text(
            x, y, str(place + 1), ha="center", va="center", fontsize=min(9, 26 * size), color=PALE
        )


def _cell(
    axes: Axes, x: float, y: float, pair: Pair, colours: Colormap, size: float, numbered: bool
) -> None:
    """One correlation: its colour, its number where there is room, and the mark of its flag."""
    from matplotlib.patches import Rectangle

    if pair.r != pair.r:
        axes.add_patch(
            Rectangle((x, y), 1, 1, facecolor=EMPTY, edgecolor="white", hatch="////", linewidth=0.5)
        )
        return
    axes.add_patch(
        Rectangle(
            (x, y), 1, 1, facecolor=colours((pair.r + 1) / 2), edgecolor="white", linewidth=0.5
        )
    )
    ink = "white" if abs(pair.r) > 0.55 else INK
    if numbered:
        text = f"{pair.r:z.2f}".replace("-", "−")
        drop = 0.18 if pair.flag in ("negative", "weak") else 0.0
        axes.text(x + 0.5, y + 0.5 - drop, text, ha="center", va="center", fontsize=8.5, color=ink)
    _mark(axes, x, y, pair.flag, ink, size, low=numbered)


def _mark(
    axes: Axes, x: float, y: float, flag: str, ink: str, size: float, *, low: bool = False
) -> None:
    from matplotlib.patches import Rectangle

    middle = y + (0.78 if low else 0.5)
    reach = (11 if low else 20) * size
    if flag == "collinear":
        axes.add_patch(
            Rectangle((x + 0.08, y + 0.08), 0.84, 0.84, fill=False, edgecolor=ALIKE, linewidth=1.8)
        )
    elif flag == "negative":
        axes.plot([x + 0.5], [middle], "x", color=ink, markersize=reach, markeredgewidth=1.4)
    elif flag == "weak":
        axes.plot(
            [x + 0.5], [middle], "o", color=ink, markersize=reach, fillstyle="none",
            markeredgewidth=1.2,
        )  # fmt: skip


def _draw_strips(
    analysis: Analysis,
    axes: Axes,
    grid: _Grid,
    strips: Mapping[str, str],
    colours: Colormap,
    font: float,
    size: float,
) -> None:
    parents = analysis.parents
    above = {
        (pair.first, pair.second): pair
        for pair in _shown(analysis, analysis.methods[0])
        if pair.relation in ("parent", "ancestor")
    }
    numbered = len(parents) <= NUMBERS_UP_TO
    for number, (strip, title) in enumerate(strips.items()):
        x = grid.width + _STRIP_GAP + number
        for name, node in parents.items():
            pair = above.get((name, node if strip == "node" else analysis.top))
            if pair is not None:
                _cell(axes, x, grid.rows[name], pair, colours, size, numbered)
        axes.text(
            x + 0.5, min(grid.rows.values()) - 0.2, title, rotation=90, ha="center", va="bottom",
            fontsize=min(font, 8.0), color=INK,
        )  # fmt: skip


def _draw_labels(axes: Axes, grid: _Grid, labels: Mapping[str, str], font: float) -> None:
    for name, y in grid.rows.items():
        axes.text(-0.3, y + 0.5, labels[name], ha="right", va="center", fontsize=font, color=INK)
    for node, y in grid.heads:
        axes.text(
            -0.3, y + 0.62, labels[node], ha="right", va="center", fontsize=font, color=HEADING,
        )  # fmt: skip


def _draw_key(
    analysis: Analysis,
    figure: Figure,
    lang: Lang,
    colours: Colormap,
    corner: tuple[float, float],
    size: tuple[float, float],
) -> None:
    """The scale of colours and what the marks mean; `corner` is its top left, in inches."""
    from matplotlib.patches import Rectangle

    zh = lang == "zh"
    key_width, key_height = 2.4, 3.0
    axes = figure.add_axes(
        (
            corner[0] / size[0],
            1 - (corner[1] + key_height) / size[1],
            key_width / size[0],
            key_height / size[1],
        )
    )
    axes.set_xlim(0, key_width)
    axes.set_ylim(key_height, 0)
    axes.set_axis_off()
    for step in range(64):
        axes.add_patch(
            Rectangle(
                (0.0, 0.1 + step * 1.28 / 64), 0.2, 1.28 / 64 + 0.002,
                facecolor=colours(1 - (step + 0.5) / 64), linewidth=0,
            )
        )  # fmt: skip
    for value in (1.0, 0.5, 0.0, -0.5, -1.0):
        axes.text(
            0.28, 0.1 + (1 - value) / 2 * 1.28, f"{value:g}".replace("-", "−"), fontsize=8.5,
            va="center", color=INK,
        )  # fmt: skip
    for number, (flag, words) in enumerate(_key_words(analysis, zh)):
        y = 1.65 + 0.34 * number
        if flag == "none":
            axes.add_patch(
                Rectangle((0, y - 0.1), 0.2, 0.2, facecolor=EMPTY, edgecolor="white", hatch="////")
            )
        elif flag == "collinear":
            axes.add_patch(
                Rectangle((0.01, y - 0.09), 0.18, 0.18, fill=False, edgecolor=ALIKE, linewidth=1.8)
            )
        else:
            style = "x" if flag == "negative" else "o"
            axes.plot([0.1], [y], style, color=INK, markersize=6, fillstyle="none")
        axes.text(0.28, y, words, fontsize=8.5, va="center", color=INK)


def _key_words(analysis: Analysis, zh: bool) -> Iterable[tuple[str, str]]:
    limits = analysis.limits
    drawn = {*analysis.order}
    pairs = [p for p in _shown(analysis, analysis.methods[0]) if p.first in drawn]
    count = {flag: sum(p.flag == flag for p in pairs) for flag in ("collinear", "negative", "weak")}
    high, low, weak = (
        f"{x:g}".replace("-", "−") for x in (limits.collinear, limits.negative, limits.weak)
    )
    if zh:
        yield "collinear", f"共线 |r| ≥ {high}：{count['collinear']} 对"
        yield "negative", f"同节点负相关 r ≤ {low}：{count['negative']} 对"
        yield "weak", f"与所在节点弱相关 r < {weak}：{count['weak']} 个"
    else:
        yield "collinear", f"collinear, |r| ≥ {high}: {count['collinear']}"
        yield "negative", f"negative in a node, r ≤ {low}: {count['negative']}"
        yield "weak", f"weak with its node, r < {weak}: {count['weak']}"
    if any(pair.r != pair.r for pair in pairs):
        yield "none", "无相关系数（常数或缺失）" if zh else "none (constant or missing)"
