from __future__ import annotations

from pathlib import Path

from reliefperf.model.spec_data import Variable

from .helpers import (
    WIDE,
    kinds,
    read,
)


def test_every_changed_cell_is_recorded_with_its_place(tmp_path: Path) -> None:
    data = read(tmp_path, WIDE)
    assert [(c.row, c.column, c.region, c.before, c.after) for c in data.cells] == [
        (2, "rate", "110102", "85%", "85"),
        (3, "persons", "110101", "1,234", "1234"),
        (3, "rate", "110101", "—", ""),
        (4, "rate", "110105", "90.5%", "90.5"),
    ]
    assert data.cells[1].en == "thousands separators taken off"
    assert data.cells[1].zh == "去掉千分位分隔符"


def test_notes_sum_up_what_was_changed_and_what_is_missing(tmp_path: Path) -> None:
    data = read(tmp_path, WIDE)
    assert kinds(data.notes) == ["cleaned", "missing", "cleaned", "cleaned", "missing", "missing"]
    assert data.notes[0].text("en") == (
        "persons: thousands separators taken off in 1 cell, e.g. row 3: '1,234' -> 1234"
    )


def test_a_clean_file_has_no_notes(tmp_path: Path) -> None:
    data = read(tmp_path, [["region", "n"], ["1", "2"]], variables={"n": Variable()})
    assert (data.notes, data.cells) == ((), ())
