"""What a verification finds: what was checked, and each thing that is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reliefperf.errors import InfeasibleError, InputError
from reliefperf.scenarios.own_files import INPUTS
from reliefperf.scenarios.same import Difference

if TYPE_CHECKING:
    from reliefperf.allocation.proving import Proof
    from reliefperf.reports.grids import Workbook

MOST_NAMED = 20
"""Cells of one file that are named; more are counted."""


@dataclass(frozen=True)
class Failure:
    """One thing that is not as it should be: in which file, where, and what was expected."""

    file: str
    en: str
    zh: str


@dataclass(frozen=True)
class Stated:
    """What a run folder says: the `record` of run.json, the workbook, and which files to trust.

    Files that are `intact` have their hash, and the record has its digest if it `holds`. `workbook`
    waits until it is parsed; None if it cannot be.
    """

    record: dict[str, Any]
    holds: bool
    intact: set[str]
    workbook: Callable[[], Workbook | None]


@dataclass
class Verified:
    """What was checked, and everything that failed."""

    folder: Path
    failures: list[Failure] = field(default_factory=list)
    remarks: list[Failure] = field(default_factory=list)
    n_files: int = 0
    n_cells: int = 0
    n_sums: int = 0
    """Sums over the levels of a cascade, made from the files alone."""
    proofs: dict[str, Proof] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    """Tables that the run makes; others do not belong to it."""
    sheets: set[str] = field(default_factory=set)
    """Sheets that the run makes."""

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def fail(self, file: str, en: str, zh: str) -> None:
        """Note a failure."""
        self.failures.append(Failure(file, en, zh))

    def prove(self, period: str, proof: Proof) -> None:
        """Add what was proved of a period."""
        if period in self.proofs:
            self.proofs[period].take(proof)
        else:
            self.proofs[period] = proof

    def take(self, part: Verified) -> None:
        """Add what was found of some of the files."""
        self.failures += [failure for failure in part.failures if failure not in self.failures]
        self.n_cells += part.n_cells
        for period, proof in part.proofs.items():
            self.prove(period, proof)
        self.tables |= part.tables
        self.sheets |= part.sheets


def name_cells(found: Verified, name: str, cells: Iterator[Difference]) -> None:
    """Note the first cells of a file that differ, and how many more do."""
    rest = 0
    for number, cell in enumerate(cells):
        if number >= MOST_NAMED:
            rest += 1
            continue
        row = f"{cell.row}, " if cell.row else ""
        found.fail(
            name,
            f"{row}column {cell.column}: found {cell.found!r}, computed {cell.expected!r}",
            f"{row}列“{cell.column}”：现为 {cell.found!r}，重新计算为 {cell.expected!r}",
        )
    if rest:
        found.fail(name, f"and {rest} more cells", f"另有 {rest} 个单元格")


def not_again(found: Verified, error: InputError | InfeasibleError) -> None:
    """Note why a run cannot be computed again."""
    found.fail(
        INPUTS,
        f"the run cannot be computed again: {error.text('en')}",
        f"无法重新计算：{error.text('zh')}",
    )
