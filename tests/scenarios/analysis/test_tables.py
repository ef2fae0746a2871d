"""Cells and frames of an analysis."""

from __future__ import annotations

import pytest

from reliefperf.scenarios.analysis.analysing import analyse
from reliefperf.scenarios.analysis.tables import cell, tables
from reliefperf.scenarios.running import run


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (12_345_678_901_234.0, "12345678900000"),
        (1 / 3, "0.3333333333"),
        (2.5e-12, "2.500000000e-12"),
        (7, "7"),
        ("weak", "weak"),
    ],
)
def test_a_cell_has_ten_digits_and_no_binary_noise(value, text) -> None:
    assert cell(value) == text


def test_frames_and_files_have_the_same_columns_and_rows() -> None:
    found = analyse(run("hdi-2021"))
    for name, (header, rows) in tables(found).items():
        frame = found.frame(name)
        assert frame.columns.tolist() == header
        assert len(frame) == len(list(rows)) > 0


def test_shares_of_components_add_up() -> None:
    pca = analyse(run("hdi-2021"), stages=["points"]).pca
    top = pca[(pca.node == "score") & (pca.of == "indicators")].drop_duplicates("component")
    assert top.share.sum() == pytest.approx(1)
    assert top.eigenvalue.sum() == pytest.approx(4)
    assert top.cumulative.iloc[-1] == pytest.approx(1)
