"""Figures: every Chinese character renders, nothing global changes, synthetic data say so."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from reliefperf.data.regions import Regions
from reliefperf.errors import InputError
from reliefperf.reports.figures import grade_counts, money_by_group, scores_against_money
from reliefperf.reports.fonts import FAMILY, chinese_style, register_chinese
from reliefperf.scenarios.running import Run, run

DRAWN: dict[str, Callable[[Run], Figure]] = {
    "scores": lambda r: scores_against_money(r, per="assisted", heads="救助人数"),
    "award": lambda r: scores_against_money(r, per="resident_population", pool="award"),
    "money": lambda r: scores_against_money(r, lang="en"),
    "all": grade_counts,
    "zones": lambda r: grade_counts(r, by="zone"),
    "by grade": lambda r: money_by_group(r, by="grade", per="assisted"),
    "by zone": lambda r: money_by_group(r, by="zone", per="assisted", lang="en"),
}


@pytest.fixture(scope="module")
def provinces() -> Run:
    return run("relief-2013-provinces")


def glyphs() -> set[str]:
    """The characters of the two faces together."""
    files = [register_chinese(), font_manager.findfont(FAMILY[0])]
    return {chr(code) for file in files for code in FT2Font(file).get_charmap()}


def test_the_font_has_every_character_of_every_region_name() -> None:
    regions = Regions.gb2260(2024)
    used = {character for code in regions.codes for character in regions[code].name}
    assert set("埇沚浉瀍猇硚鄠") <= used
    assert used <= glyphs()


@pytest.mark.parametrize("name", list(DRAWN))
def test_every_character_of_a_figure_renders(name: str, provinces: Run, tmp_path: Path) -> None:
    figure = DRAWN[name](provinces)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        figure.savefig(tmp_path / "figure.png")  # outside the style, as a notebook does
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    texts = [text.get_text() for text in figure.findobj(Text)]  # type: ignore[attr-defined]
    assert {character for text in texts for character in text if character != "\n"} <= glyphs()


@pytest.mark.parametrize("name", list(DRAWN))
def test_the_title_says_that_data_are_synthetic(name: str, provinces: Run) -> None:
    title = DRAWN[name](provinces).axes[0].get_title(loc="left")
    assert "合成数据" in title or "synthetic data" in title


def test_a_figure_of_real_data_is_not_called_synthetic() -> None:
    title = scores_against_money_of_hdi().axes[0].get_title(loc="left")
    assert "synthetic" not in title


def scores_against_money_of_hdi() -> Figure:
    return grade_counts(run("hdi-2021"))


def test_settings_of_matplotlib_are_the_same_afterwards(provinces: Run) -> None:
    before = dict(matplotlib.rcParams)
    for draw in DRAWN.values():
        draw(provinces)
    assert dict(matplotlib.rcParams) == before
    with pytest.raises(ZeroDivisionError), chinese_style():
        assert matplotlib.rcParams["font.family"] == list(FAMILY)
        1 / 0  # noqa: B018
    assert dict(matplotlib.rcParams) == before


def test_no_pyplot_figure_stays_open(provinces: Run) -> None:
    from matplotlib import pyplot

    grade_counts(provinces)
    assert pyplot.get_fignums() == []


def test_the_same_run_gives_the_same_bytes(provinces: Run, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        DRAWN["scores"](provinces).savefig(tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_counts_in_the_bars_are_those_of_the_run(provinces: Run) -> None:
    figure = grade_counts(provinces)
    shown = {text.get_text() for text in figure.axes[0].texts}
    counts = provinces.scores["grade"].value_counts()
    assert {str(count) for count in counts.tolist() if count / 31 >= 0.04} <= shown


def test_unknown_names_are_refused_with_a_suggestion(provinces: Run) -> None:
    with pytest.raises(InputError, match="did you mean 'zone'"):
        grade_counts(provinces, by="zones")
    with pytest.raises(InputError, match="no pool 'awards'; did you mean 'award'"):
        scores_against_money(provinces, pool="awards")
    with pytest.raises(InputError, match="'zone' is not a number"):
        scores_against_money(provinces, per="zone")


def test_a_run_without_money_or_scores_is_refused() -> None:
    with pytest.raises(InputError, match="no money"):
        scores_against_money(run("hdi-2021"))
    with pytest.raises(InputError, match="no scores"):
        scores_against_money(run("india-fc15-rural"))
