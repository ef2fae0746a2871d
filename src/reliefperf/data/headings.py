"""Which heading is which variable. Headings match exactly after NFKC; near ones are only shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from reliefperf.data.mistakes import Mistakes, shown
from reliefperf.data.reading import RawTable, normal
from reliefperf.errors import Note, did_you_mean, suggestion
from reliefperf.model.spec_data import Variable

_BRACKETED = re.compile(r"(.+?)\s*[(\[【〔]([^()\[\]【】〔〕]+)[)\]】〕]")


def expected_heading(key: str, variable: Variable) -> str:
    """The heading under which the file should have a variable."""
    return normal(variable.column or key)


class Headings:
    """The headings of one table, and which of them have been claimed."""

    def __init__(self, raw: RawTable, found: Mistakes) -> None:
        self.line, self.found = raw.header_line, found
        self.as_written = raw.headings
        self.at = {normal(heading): index for index, heading in enumerate(raw.headings)}
        self.claimed: set[str] = set()
        self.wanting: list[tuple[str, str, str]] = []
        self.notes: list[Note] = []

    def claim(
        self, wanted: str, *, needed: bool = True, key: str = "", unit: str = ""
    ) -> int | None:
        """The position of a column; for a needed one that is not there `settle` complains."""
        name = normal(wanted)
        if name in self.at:
            self.claimed.add(name)
            written = self.as_written[self.at[name]]
            if written != wanted:
                self.notes.append(
                    Note(
                        "heading",
                        f"heading {shown(written)} taken for '{wanted}'",
                        f"表头 {shown(written)} 视为“{wanted}”",
                    )
                )
            return self.at[name]
        if needed:
            self.wanting.append((wanted, key, unit))
        return None

    def unclaimed(self) -> list[str]:
        """The headings that nothing has asked for, in the order of the file."""
        return [name for name in self.at if name not in self.claimed]

    def settle(
        self,
        ignore: Sequence[str] | Literal["unknown"],
        known: Iterable[str],
        key: str = "data.ignore",
    ) -> None:
        """Refuse what is wanting and what nothing has asked for; note what the model ignores.

        `key` is where the model says what to ignore.
        """
        for wanted, place, unit in self.wanting:
            en, zh = self._hint(normal(wanted), unit)
            self.found.add(
                f"there is no column '{wanted}'{en}",
                f"没有“{wanted}”列{zh}",
                row=self.line,
                key=place,
            )
        ignored = set() if ignore == "unknown" else {normal(name) for name in ignore}
        left_out = []
        for name in self.unclaimed():
            if ignore == "unknown" or name in ignored:
                left_out.append(name)
                continue
            near = did_you_mean(name, known) if self.found.worth_suggesting else None
            self.found.add(
                "the model does not use this column"
                + (f"; did you mean '{near}'? Else name" if near else "; name")
                + f" it in {key} to leave it out",
                "模型没有用到这一列"
                + (f"；是否想写“{near}”？" if near else "；")
                + f"如要略去，请写入 {key}",
                row=self.line,
                column=name,
            )
        if left_out:
            listed = ", ".join(left_out)
            self.notes.append(
                Note(
                    "ignored-column",
                    f"columns that the model does not use: {listed}",
                    f"模型未使用的列：{listed}",
                    len(left_out),
                )
            )

    def _hint(self, wanted: str, unit: str) -> tuple[str, str]:
        for name in self.unclaimed():
            bracketed = _BRACKETED.fullmatch(name)
            if bracketed is None or bracketed[1] != _base(wanted):
                continue
            given = bracketed[2].strip()
            if unit and given != normal(unit):
                return (
                    f"; '{name}' is in {given}, but the model expects {unit}: convert the column, or "
                    "set the variable's unit and column",
                    f"；“{name}”的单位是{given}，模型要求{unit}：请换算，或在模型中改 unit 和 column",
                )
            return (
                f"; if '{name}' is meant, set the variable's column to that heading",
                f"；如指“{name}”，请在模型中把该变量的 column 写成这个表头",
            )
        if not self.found.worth_suggesting:
            return "", ""
        return suggestion(wanted, self.unclaimed())


def _base(heading: str) -> str:
    bracketed = _BRACKETED.fullmatch(heading)
    return bracketed[1] if bracketed else heading
