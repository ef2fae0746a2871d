"""Notes of one kind share a line; what is said of one alone is said in full."""

from __future__ import annotations

from reliefperf.errors import Note
from reliefperf.reports.notes_terminal import say_notes
from tests.building import model_of

MODEL = model_of("""\
    model: m
    variables:
      a: {title: {zh: 低保人数, en: Recipients}, column: persons}
      b: {title: {zh: 支出, en: Spending}}
""")
TITLES = {"en": {"a": "Recipients", "b": "Spending"}, "zh": {"a": "低保人数", "b": "支出"}}


def gaps(*places: str) -> list[Note]:
    return [
        Note("missing", f"{k} of 9 cells have no data", f"9 格中有 {k} 格无数据", k, place)
        for k, place in enumerate(places, start=1)
    ]


def said(notes: list[Note], lang: str, monkeypatch, capsys) -> list[str]:
    monkeypatch.setenv("RELIEFPERF_LANG", lang)
    say_notes(notes, MODEL, TITLES[lang])
    return capsys.readouterr().out.splitlines()


def test_notes_of_one_kind_share_a_line_with_the_largest_first(monkeypatch, capsys) -> None:
    notes = [*gaps("persons", "b"), Note("sheet", "sheet 1 read", "读取工作表 1")]
    assert said(notes, "en", monkeypatch, capsys) == [
        "  notes: 3; each in full in results.xlsx and run.json",
        "  - no data (2 notes, 3 places): Spending 2, Recipients 1",
        "  - sheet 1 read",
    ]
    assert said(notes, "zh", monkeypatch, capsys)[1:] == [
        "  - 缺失（2 条，共 3 处）：支出 2、低保人数 1",
        "  - 读取工作表 1",
    ]


def test_one_note_of_a_kind_is_told_in_full_with_title_and_name(monkeypatch, capsys) -> None:
    (line,) = said(gaps("persons"), "en", monkeypatch, capsys)[1:]
    assert line == "  - Recipients (persons): 1 of 9 cells have no data"


def test_the_places_beyond_the_first_are_counted(monkeypatch, capsys) -> None:
    (line,) = said(gaps(*"cdefgh"), "zh", monkeypatch, capsys)[1:]
    assert line == "  - 缺失（6 条，共 21 处）：h 6、g 5、f 4、e 3 等 6 项"


def test_notes_without_places_show_the_first_of_them(monkeypatch, capsys) -> None:
    notes = [Note("fairness", f"example {k}", f"例 {k}") for k in range(3)]
    (line,) = said(notes, "en", monkeypatch, capsys)[1:]
    assert line == "  - example 0 (and 2 more of this kind)"


def test_a_run_without_notes_says_nothing_of_them(monkeypatch, capsys) -> None:
    assert said([], "en", monkeypatch, capsys) == []
