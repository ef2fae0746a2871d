"""A mistyped command is told in the reader's language, or in both, and ends with status 2."""

from __future__ import annotations

import pytest

MISTYPED = [
    (("cliffs", "run", "--reach", "-1"), "--reach 的值无效：-1.0 不在允许的范围内（x>=0）"),
    (("cliffs", "run", "--reach", "abc"), "--reach 的值无效：“abc”不是数"),
    (("cliffs", "run", "--most", "1.5"), "--most 的值无效：“1.5”不是整数"),
    (("cliffs",), "缺少参数 DIR"),
    (("reach", "run", "a"), "缺少选项 --amount"),
    (("reach", "run", "a", "--amount"), "选项 --amount 后面须给出值"),
    (("cliffs", "run", "--rech", "1"), "没有选项 --rech；是否想写 --reach？"),
    (("rules", "run", "more"), "多余的参数：more"),
    (("run", "m", "-o", "x", "--relax=3"), "选项 --relax 不能带值"),
    (("--lang", "fr", "rules", "run"), "--lang 的值无效：“fr”不在可选值之内；可选：zh、en"),
    (("riles",), "没有命令“riles”；是否想写“rules”？"),
]


@pytest.mark.parametrize(("words", "zh"), MISTYPED, ids=str)
def test_what_is_mistyped_is_said_in_both_languages(words, zh, cli, monkeypatch):
    for name in ("RELIEFPERF_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    both = cli(*words)
    assert both.exit_code == 2
    assert "Error: " in both.output
    assert zh in both.output
    monkeypatch.setenv("RELIEFPERF_LANG", "zh")
    chinese = cli(*words)
    assert chinese.exit_code == 2
    assert f"错误：{zh}" in chinese.output
    assert "Error" not in chinese.output


def test_the_language_asked_for_holds_for_mistyped_words_too(cli, monkeypatch):
    monkeypatch.setenv("RELIEFPERF_LANG", "zh")
    for words in (("--lang", "en", "rules"), ("rules", "--lang", "en")):
        said = cli(*words).output
        assert "Error: Missing argument 'DIR'." in said
        assert "缺少" not in said
