from __future__ import annotations

from pathlib import Path

from reliefperf.model.spec_data import Variable

from .helpers import (
    changed,
    places,
    refused,
)


def test_all_mistakes_come_at_once_in_the_order_of_rows(tmp_path: Path) -> None:
    rows = changed(4, "persons", "x")
    rows[1][3] = "y"
    rows[2][0] = ""
    assert places(refused(tmp_path, rows)) == [(2, "rate"), (3, "region"), (4, "persons")]


def test_only_fifty_mistakes_are_printed_but_all_are_kept(tmp_path: Path) -> None:
    rows = [["region", "n"], *([str(at), "x"] for at in range(120))]
    error = refused(tmp_path, rows, variables={"n": Variable()})
    assert len(error.mistakes) == 120
    assert str(error).count("expected a number") == 50
    assert "and 70 more" in str(error)
    assert "还有 70 处" in error.text("zh")
