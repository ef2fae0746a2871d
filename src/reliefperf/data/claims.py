"""Self-reported, verified and final values of one variable: three columns, and which of them counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reliefperf.data.columns import Converted
from reliefperf.data.mistakes import Mistakes
from reliefperf.errors import Note
from reliefperf.model.spec_data import PARTS, Variable
from reliefperf.model.spec_rulebook import part_key

_WORDS = {
    "self": ("self-reported", "自报"),
    "verified": ("verified", "核实"),
    "final": ("final", "最终"),
}
SHOWN = 5
"""How many regions a note names before it says '...'."""


def reported_columns(variables: Mapping[str, Variable]) -> dict[str, Variable]:
    """The columns to be read: one a variable, or one for each part of a variable that has parts."""
    wanted: dict[str, Variable] = {}
    for name, variable in variables.items():
        if not variable.has_parts:
            wanted[name] = variable
            continue
        for part in PARTS:
            heading = getattr(variable, part)
            if heading is not None:
                wanted[part_key(part, name)] = variable.model_copy(
                    update={**dict.fromkeys(PARTS), "column": heading, "missing": "keep"}
                )
    return wanted


def final_values(
    variables: Mapping[str, Variable],
    read: Mapping[str, Converted],
    places: Sequence[tuple[str, str, int]],
    found: Mistakes,
) -> tuple[dict[str, Converted], list[Note]]:
    """The value that counts of each variable with parts, in the order of the rows.

    `places` gives code, period and row of each record. What stands in for a part that is empty, and
    every region without a verified value, is noted; a value that the model needs and that no part
    has is a mistake in `found`.
    """
    finals: dict[str, Converted] = {}
    notes: list[Note] = []
    for name, variable in variables.items():
        if variable.has_parts:
            finals[name], said = _final(name, variable, read, places, found)
            notes += said
    return finals, notes


def _final(
    name: str,
    variable: Variable,
    read: Mapping[str, Converted],
    places: Sequence[tuple[str, str, int]],
    found: Mistakes,
) -> tuple[Converted, list[Note]]:
    is_text = variable.type == "text"
    values = np.full(len(places), None, object) if is_text else np.full(len(places), np.nan)
    open_ = np.ones(len(places), dtype=bool)
    notes: list[Note] = []
    for place, part in enumerate(variable.chain):
        key = part_key(part, name)
        if key not in read:
            continue
        given = read[key].values
        takes = open_ & ~_missing(given)
        values[takes] = given[takes]
        open_ &= ~takes
        if place:
            first, counts = _WORDS[variable.chain[0]], _WORDS[part]
            notes += _note(
                "other-value",
                name,
                f"no {first[0]} value, so the {counts[0]} one counts",
                f"没有{first[1]}值，以{counts[1]}值为准",
                takes,
                places,
            )
    stated = variable.chain[0] == "verified" and len(variable.chain) > 1  # said above
    if variable.verified is not None and not stated:
        key = part_key("verified", name)
        lacks = _missing(read[key].values) if key in read else np.ones(len(places), dtype=bool)
        notes += _note("unverified", name, "not verified", "未经核实", lacks, places)
    if variable.missing == "error":
        heading = str(getattr(variable, variable.chain[0]))
        for at in np.flatnonzero(open_).tolist():
            found.add(
                f"no value of '{name}' counts here, but the model wants one for every region",
                f"“{name}”在此没有可用的值，模型要求必填",
                row=places[at][2],
                column=heading,
            )
    elif variable.missing == "zero" and not is_text:
        values[open_] = 0.0
        notes += _note(
            "zero-filled", name, "no value counts as 0", "无数据，按 0 计", open_, places
        )
    return Converted(values), notes


def _missing(values: np.ndarray[Any, Any]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    if values.dtype == object:
        return np.array([value is None for value in values], dtype=bool)
    return np.isnan(values)


def _note(
    kind: str,
    name: str,
    en: str,
    zh: str,
    where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    places: Sequence[tuple[str, str, int]],
) -> list[Note]:
    marked = [places[at] for at in np.flatnonzero(where).tolist()]
    if not marked:
        return []
    marked.sort()
    shown = [f"{period} {code}".strip() for code, period, _ in marked[:SHOWN]]
    listed = ", ".join(shown) + (", ..." if len(marked) > SHOWN else "")
    count = len(marked)
    return [
        Note(
            kind,
            f"{en} in {count} region(s): {listed}",
            f"{zh}，涉及 {count} 个地区：{listed}",
            count,
            name,
        )
    ]
