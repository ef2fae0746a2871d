"""The rules of a cascade summed up over the parents of each level: where they bind, what they move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reliefperf.scenarios.cascades.running import CascadeRun
from reliefperf.scenarios.cascades.tables import rules_of
from reliefperf.scenarios.results.cells import Cell
from reliefperf.scenarios.results.rules import POOL


@dataclass
class RuleSum:
    """A rule at all parents of its level; `moved` is in money, `parents` counts those that have it.

    `binds_at` parents have a limit that binds. `rows`, `binding`, `missed` count limits, `gaining`
    and `losing` regions.
    """

    level: str
    rule: str
    title: str
    parents: int = 0
    binds_at: int = 0
    rows: int = 0
    binding: int = 0
    missed: int = 0
    moved: Decimal = Decimal(0)
    gaining: int = 0
    losing: int = 0


def rule_sums(rows: Iterable[Mapping[str, Cell]]) -> list[RuleSum]:
    """The rows of rules.csv, by column, summed up by level and rule in the order of the file.

    Rows that only say what a pool does are left out.
    """
    found: dict[tuple[str, str], RuleSum] = {}
    for row in rows:
        level, rule = str(row["level"]), str(row["rule"])
        if rule.startswith(POOL) and not int(row["rows"] or 0):
            continue
        one = found.setdefault((level, rule), RuleSum(level, rule, str(row["title"])))
        one.parents += 1
        one.binds_at += bool(int(row["binding"] or 0))
        one.rows += int(row["rows"] or 0)
        one.binding += int(row["binding"] or 0)
        one.missed += int(row["missed"] or 0)
        one.moved += Decimal(str(row["moved"] or 0))
        one.gaining += int(row["gaining"] or 0)
        one.losing += int(row["losing"] or 0)
    return list(found.values())


def binding_by_level(run: CascadeRun) -> dict[str, list[RuleSum]]:
    """By level the rules of its model that bind at any parent."""
    header, rows = rules_of(run)
    sums = rule_sums(dict(zip(header, row, strict=True)) for row in rows)
    found: dict[str, list[RuleSum]] = {}
    for level in run.levels:
        money = level.level.model.spec.allocation
        stated = {rule.id for rule in money.rules} if money is not None else set()
        found[level.id] = [
            one for one in sums if one.level == level.id and one.binding and one.rule in stated
        ]
    return found
