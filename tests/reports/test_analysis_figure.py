"""The heat map: readable for few and many indicators, honest about constants and synthetic data."""

from __future__ import annotations

import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from reliefperf.reports.analysis_figure import ALIKE, EMPTY, heat_map
from reliefperf.scenarios.analysis.analysing import Analysis, analyse
from reliefperf.scenarios.running import run
from tests.building import model_of, run_on
from tests.reports.test_figures import glyphs


def large(n_groups: int, n_each: int) -> Analysis:
    """Long titles in both languages; in each group the first two are twins."""
    random = np.random.default_rng(1)
    rows: dict[str, list[object]] = {"code": [f"{i:03d}" for i in range(40)]}
    tree = ""
    for group in range(n_groups):
        common = random.normal(size=40)
        tree += f"    - id: g{group}\n      title: {{zh: 第{group}部分, en: Part {group}}}\n"
        tree += "      combine: sum\n      children:\n"
        for place in range(n_each):
            name = f"x{group}_{place}"
            noise = random.normal(size=40) * (0.02 if place < 2 else 2)
            rows[name] = (50 + 5 * (common + noise)).tolist()
            tree += (
                f"        - {{id: {name}_i, points: 100, value: {name}, score: {{formula: {name}}},"
                f" title: {{zh: 第{name}项指标按年度目标计算的完成情况百分比, "
                f"en: Share of target {name} that was met within the year}}}}\n"
            )
    variables = "".join(f"  {name}: {{}}\n" for name in rows if name != "code")
    model = model_of(
        "model: large\ntitle: {zh: 指标很多的模型, en: A model of many indicators}\n"
        f"data: {{region: code}}\nvariables:\n{variables}"
        f"evaluation:\n  combine: arithmetic\n  tree:\n{tree}"
    )
    return analyse(run_on(model, rows), stages=["points"])


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]  # type: ignore[attr-defined]


def cells(figure: Figure) -> list[Rectangle]:
    return [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]


@pytest.fixture(scope="module")
def provinces() -> Analysis:
    return analyse(run("relief-2013-provinces"), stages=["points"])


@pytest.mark.parametrize(("n_groups", "n_each"), [(1, 3), (2, 4), (10, 6)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_labels_neither_overlap_nor_leave_the_figure(n_groups, n_each, lang) -> None:
    figure = heat_map(large(n_groups, n_each), lang)
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [
        text.get_window_extent(renderer)
        for text in figure.findobj(Text)  # type: ignore[attr-defined]
        if text.get_text()
    ]
    width, height = figure.bbox.width, figure.bbox.height
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height
    hits = [
        (one, other)
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 1
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 1
    ]
    assert hits == []


def test_every_character_renders_outside_the_style(provinces: Analysis, tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    for lang in ("zh", "en"):
        figure = heat_map(provinces, lang)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a missing glyph is a warning
            figure.savefig(tmp_path / f"{lang}.png")
        assert {character for text in texts(figure) for character in text} <= glyphs()
    assert dict(matplotlib.rcParams) == before


def test_synthetic_data_say_so_in_the_figure(provinces: Analysis) -> None:
    assert any("合成数据" in text for text in texts(heat_map(provinces, "zh")))
    assert "Correlations of the indicators (synthetic data)" in texts(heat_map(provinces, "en"))


def test_every_pair_is_drawn_twice_and_what_is_flagged_marked() -> None:
    found = large(2, 4)
    figure = heat_map(found, "en")
    framed = [cell for cell in cells(figure) if not cell.get_fill()]
    filled = [cell for cell in cells(figure) if cell.get_fill()]
    n_indicators = len(found.order)
    assert len(filled) == n_indicators * (n_indicators - 1) + 2 * n_indicators
    twins = [p for p in found.pairs if p.flag == "collinear"]
    assert len(framed) == len(twins) == 4  # each pair by Pearson and by Spearman
    assert all(matplotlib.colors.to_hex(cell.get_edgecolor()) == ALIKE for cell in framed)
    assert "collinear, |r| ≥ 0.92: 2" in texts(figure)


def test_a_constant_is_hatched_and_explained(provinces: Analysis) -> None:
    figure = heat_map(provinces, "en")
    grey = [
        cell for cell in cells(figure) if matplotlib.colors.to_hex(cell.get_facecolor()) == EMPTY
    ]
    assert grey
    assert all(cell.get_hatch() for cell in grey)
    assert "none (constant or missing)" in texts(figure)


def test_one_method_fills_both_triangles() -> None:
    found = analyse(run("hdi-2021"), methods=["kendall"])
    assert any("Kendall" in text for text in texts(found.figure("en")))
