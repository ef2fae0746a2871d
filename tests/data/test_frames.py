from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reliefperf.data import read_data
from reliefperf.errors import InputError

from .helpers import (
    COUNT,
    VARIABLES,
    WIDE,
    read,
)


def test_a_table_in_memory_passes_the_same_checks(tmp_path: Path) -> None:
    frame = pd.DataFrame(WIDE[1:], columns=WIDE[0])
    assert read_data(frame, VARIABLES).equals(read(tmp_path, WIDE))
    assert read_data(frame, VARIABLES).source == "<DataFrame>"
    assert read_data(frame.set_index("region"), VARIABLES).equals(read(tmp_path, WIDE))
    frame.loc[0, "persons"] = "x"
    with pytest.raises(InputError, match="row 2"):
        read_data(frame, VARIABLES)


def test_what_is_neither_path_nor_table_is_refused() -> None:
    with pytest.raises(InputError, match="DataFrame"):
        read_data([["region"]], COUNT)  # type: ignore[arg-type]
