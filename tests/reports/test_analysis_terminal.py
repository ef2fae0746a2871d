"""What `reliefperf analyse` says, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.reports.analysis_terminal import FLAG_WORDS, say_analysis
from reliefperf.scenarios.analysis.analysing import Analysis, analyse
from reliefperf.scenarios.running import run


@pytest.fixture(scope="module")
def provinces() -> Analysis:
    return analyse(run("relief-2013-provinces"))


def shown(analysis: Analysis, lang: str, monkeypatch, capsys) -> str:
    monkeypatch.setenv("RELIEFPERF_LANG", lang)
    monkeypatch.setenv("COLUMNS", "200")
    say_analysis(analysis, Path("out"))
    return capsys.readouterr().out


def test_the_worst_flags_are_named_in_both_languages(provinces, monkeypatch, capsys) -> None:
    english = shown(provinces, "en", monkeypatch, capsys)
    chinese = shown(provinces, "zh", monkeypatch, capsys)
    worst = provinces.flagged[0]
    for text, lang in ((english, "en"), (chinese, "zh")):
        titles = provinces.titles(lang)
        assert titles[worst.first] in text
        assert FLAG_WORDS[worst.flag][lang] in text
        assert FLAG_WORDS["constant"][lang] in text
    assert "SYNTHETIC DATA" in english
    assert "合成数据" in chinese
    assert "turned around" in english
    assert "“原值”阶段反向处理" in chinese
    assert "raw" not in chinese


def test_nothing_flagged_is_said_so(monkeypatch, capsys) -> None:
    text = shown(analyse(run("hdi-2021"), stages=["points"]), "en", monkeypatch, capsys)
    assert "indicators with a flag: none" in text
    assert "pairs with a flag: none" in text
    assert "furthest from their weight" in text


def test_every_flag_has_words(provinces: Analysis) -> None:
    used = {flag for row in provinces.indicators for flag in row.flags}
    used |= {pair.flag for pair in provinces.flagged}
    assert used <= set(FLAG_WORDS)
