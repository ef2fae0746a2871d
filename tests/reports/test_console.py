"""Lines are printed as they are; colours only for terminals, and not where they are unwanted."""

import click
import pytest

from reliefperf.reports.console import show


def shown(monkeypatch: pytest.MonkeyPatch, line: str, style: str, *, wanted: bool = True) -> str:
    """What a terminal gets."""
    printed = []
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not wanted:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(
        click,
        "echo",
        lambda text, color=None: printed.append(click.unstyle(text) if color is False else text),
    )
    show(line, style)  # type: ignore[arg-type]
    return printed[0]


def test_styles_are_those_of_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, "核验通过", "green") == "\x1b[32m核验通过\x1b[0m"
    assert shown(monkeypatch, "a", "bold") == "\x1b[1ma\x1b[0m"
    assert shown(monkeypatch, "a", "bold red") == "\x1b[31m\x1b[1ma\x1b[0m"
    assert shown(monkeypatch, "[b] :smile:", "") == "[b] :smile:"


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, "a", "bold red", wanted=False) == "a"


def test_long_lines_are_not_wrapped_and_files_get_no_colours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show("word " * 100, "red")
    assert capsys.readouterr().out == "word " * 100 + "\n"
