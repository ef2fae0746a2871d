"""Two runs side by side: what changed in scores, grades and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from reliefperf.errors import InputError, Mistake
from reliefperf.scenarios.run_folder import RunFolder

Key = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One thing that differs: a pool's amount, the score or the grade of a region.

    `difference` is second less first, None where one of them is missing or they are not numbers.
    """

    period: str
    region: str
    name: str
    what: str
    first: str
    second: str
    difference: Decimal | None


@dataclass(frozen=True)
class PoolTotals:
    """A pool's totals in both runs, and how many regions gain and lose."""

    pool: str
    first: Decimal
    second: Decimal
    gaining: int
    losing: int


@dataclass(frozen=True)
class Comparison:
    """All differences between two runs; `changes` in order of region."""

    unit: str
    units_differ: bool
    synthetic: bool
    regions_first_only: tuple[str, ...]
    regions_second_only: tuple[str, ...]
    totals: tuple[PoolTotals, ...]
    changes: tuple[Change, ...]

    def of(self, what: str) -> list[Change]:
        """The changes of one kind, largest first."""
        found = [change for change in self.changes if change.what == what]
        return sorted(found, key=lambda c: (-abs(c.difference or Decimal(0)), c.region, c.period))


def compare_runs(first: RunFolder, second: RunFolder) -> Comparison:
    """Compare two runs region by region (and period by period)."""
    one, other = _values(first), _values(second)
    names = {**second.names, **first.names}
    changes: list[Change] = []
    for key in sorted({*one, *other}):
        here, there = one.get(key, {}), other.get(key, {})
        for what in dict.fromkeys([*here, *there]):
            a, b = here.get(what, ""), there.get(what, "")
            if a != b:
                difference = _difference(a, b)
                if difference == 0:
                    continue
                period, region = key
                changes.append(
                    Change(period, region, names.get(region, ""), what, a, b, difference)
                )
    units = (_unit(first), _unit(second))
    codes = (first.codes, second.codes)
    return Comparison(
        units[0] or units[1],
        bool(units[0] and units[1] and units[0] != units[1]),
        any(bool(run.record.get("synthetic")) for run in (first, second)),
        tuple(code for code in codes[0] if code not in set(codes[1])),
        tuple(code for code in codes[1] if code not in set(codes[0])),
        _totals(one, other),
        tuple(changes),
    )


def _values(run: RunFolder) -> dict[Key, dict[str, str]]:
    values: dict[Key, dict[str, str]] = {}
    for row in run.scores:
        entry = values.setdefault((row.get("period", ""), row["region"]), {})
        entry["score"] = row["score"]
        if row.get("grade"):
            entry["grade"] = row["grade"]
    passed_on = {row["parent"] for row in run.parents}  # a cascade's money counts where it ends
    for row in run.allocation:
        if row["region"] in passed_on:
            continue
        entry = values.setdefault((row.get("period", ""), row["region"]), {})
        entry[f"pool {row['pool']}"] = row["amount"]
    return values


def _difference(first: str, second: str) -> Decimal | None:
    try:
        return Decimal(second) - Decimal(first)
    except InvalidOperation:
        return None


def _amount(text: str | None) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        raise InputError(
            Mistake.at(f"'{text}' is not an amount", f"“{text}”不是金额", file="allocation.csv")
        ) from None


def _totals(
    one: dict[Key, dict[str, str]], other: dict[Key, dict[str, str]]
) -> tuple[PoolTotals, ...]:
    pools = dict.fromkeys(
        what
        for values in (*one.values(), *other.values())
        for what in values
        if what.startswith("pool ")
    )
    # `total` last, also where the second run has a pool that the first has not
    ordered = sorted(pools, key=lambda what: what == "pool total")
    totals = []
    for what in ordered:
        pairs = [
            (_amount(one.get(key, {}).get(what)), _amount(other.get(key, {}).get(what)))
            for key in {*one, *other}
        ]
        totals.append(
            PoolTotals(
                what.removeprefix("pool "),
                sum((a for a, _ in pairs), Decimal(0)),
                sum((b for _, b in pairs), Decimal(0)),
                sum(b > a for a, b in pairs),
                sum(b < a for a, b in pairs),
            )
        )
    return tuple(totals)


def _unit(run: RunFolder) -> str:
    results = run.record.get("results", {})
    for entry in results.values() if isinstance(results, dict) else ():
        if isinstance(entry, dict) and "unit" in entry:
            return str(entry["unit"])
    return ""
