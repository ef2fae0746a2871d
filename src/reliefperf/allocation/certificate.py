"""What a run keeps so that its amounts can be checked without a solver.

For each program that was solved: the amounts before rounding, what every tier reached, and the
prices of the rules' rows; for the paid amounts: the whole units and how they were found. `Recorded`
gives these answers back in place of the solver when the run is computed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from reliefperf.allocation.program import (
    ExactRow,
    Floats,
    Missed,
    Multipliers,
    Program,
    Solution,
    TierValue,
)
from reliefperf.allocation.relaxing import RELAXED
from reliefperf.allocation.rounding import Rounded, Total

if TYPE_CHECKING:
    from reliefperf.allocation.coupled import Coupled
    from reliefperf.allocation.paid import Allocation
    from reliefperf.model.spec_allocation import AllocationSpec


class NotRecorded(ValueError):
    """The certificate does not hold an answer that the run needs, or holds one that cannot be.

    `en` and `zh` say what is wrong.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en, zh)
        self.en, self.zh = en, zh

    def __str__(self) -> str:
        return self.en

    def within(self, en: str, zh: str) -> NotRecorded:
        """The same, with the place where it was found."""
        return NotRecorded(f"{en}: {self.en}", f"{zh}：{self.zh}")


def not_recorded(error: Exception) -> NotRecorded:
    """What reading a misshapen record raised, in words."""
    if isinstance(error, NotRecorded):
        return error
    if isinstance(error, StopIteration):
        return NotRecorded("not recorded", "没有记录")
    if isinstance(error, KeyError):
        key = error.args[0] if error.args else ""
        name = ", ".join(map(str, key)) if isinstance(key, tuple) else key
        return NotRecorded(f"there is no '{name}'", f"没有“{name}”")
    if isinstance(error, IndexError):
        return NotRecorded("there are fewer values than are needed", "值的个数不够")
    return NotRecorded("a value is not of the kind that is needed", "有的值不是所需的类型")


def record_of(allocation: Allocation) -> dict[str, Any] | None:
    """The certificate of one period; None where the pools were settled without a program."""
    coupled = allocation.program
    if coupled is None or coupled.rounded is None:
        return None
    choices = [_programs(one) for one in coupled.choices]
    return {
        **({"choices": choices} if choices else {}),
        "programs": _programs(coupled),
        "rounding": {
            "repaired": [[row.rule, row.name] for row in coupled.rounded.repaired],
            "unequal": [list(columns) for columns in coupled.rounded.unequal],
            "units": list(coupled.rounded.units),
            "stopped": coupled.rounded.stopped,
        },
    }


def _programs(coupled: Coupled) -> list[dict[str, Any]]:
    solved = sorted(coupled.solved.items())
    return [_solved(coupled, n_rules, solution) for n_rules, solution in solved]


def _solved(coupled: Coupled, n_rules: int, solution: Solution) -> dict[str, Any]:
    program = coupled.programs[n_rules]
    if coupled.answers is None:  # else it is a run that is checked
        from reliefperf.allocation.multipliers import proved

        solution = proved(program, solution)
    rules = [family.rule for family in program.families]
    tiers = []
    for k, (tier, prices) in enumerate(zip(solution.tiers, solution.prices, strict=True)):
        record = {
            "name": tier.name,
            "value": tier.value,
            "reached": tier.reached,
            "prices": _by_rule(rules, prices),
        }
        if (stated := solution.multipliers.get(k)) is not None:
            record["multipliers"] = _by_rule(rules, stated.rows)
            record["multiples"] = list(stated.tiers)
        tiers.append(record)
    record = {
        "rules": n_rules,
        "tiers": tiers,
        "missed": [[item.rule, item.row, item.amount] for item in solution.missed],
        "amounts": solution.amounts.tolist(),
    }
    if solution.nearness is not None:
        record["nearness"] = _by_rule(rules, solution.nearness.rows)
    return record


def _by_rule(rules: Sequence[str], values: Sequence[Floats]) -> dict[str, dict[str, float]]:
    """Values of rows by rule and place; those of 0 are left out."""
    return {
        rule: {str(i): float(own[i]) for i in np.flatnonzero(own).tolist()}
        for rule, own in zip(rules, values, strict=True)
        if own.any()
    }


def program_words(spec: AllocationSpec | None, n_rules: int) -> tuple[str, str]:
    """What a program of a period is called in English and Chinese; see Coupled.program."""
    from reliefperf.allocation.coupled_program import phase_of

    phase, n_rules = phase_of(n_rules)
    rules = f"with {n_rules} rule" if n_rules == 1 else f"with {n_rules} rules"
    rules_zh = f"含 {n_rules} 条规则"
    if n_rules == RELAXED:
        rules, rules_zh = "in which rules give way", "放宽规则"
    if not phase:
        return f"program {rules}", f"{rules_zh}的规划"
    loose = [one.name for one in (spec.objectives if spec is not None else ()) if one.within]
    name = loose[phase - 1] if phase <= len(loose) else str(phase)
    return (
        f"program up to objective '{name}', {rules}",
        f"到目标“{name}”为止、{rules_zh}的规划",
    )


class Recorded:
    """The recorded answers of one period; keeps what it was asked, to be checked afterwards."""

    def __init__(self, period: Mapping[str, Any]) -> None:
        self._period = period
        self.programs: list[tuple[int, Program, Solution]] = []
        self.rounding: (
            tuple[Sequence[Fraction], Sequence[ExactRow], Sequence[Total], Sequence[Any], Rounded]
            | None
        ) = None
        self.unkept: list[Sequence[ExactRow]] = []
        """The wishes that the whole units do not keep."""

    @property
    def relaxed(self) -> bool:
        """Whether rules gave way in the period."""
        try:
            return any(p["rules"] == RELAXED for p in self._period.get("programs", ()))
        except (AttributeError, KeyError, TypeError) as error:
            raise not_recorded(error).within("the programs", "规划") from None

    @property
    def n_choices(self) -> int:
        """How many programs were solved before, with another choice of who gets nothing."""
        choices = self._period.get("choices", [])
        if not isinstance(choices, list):
            raise NotRecorded("the choices are no list", "choices 不是列表")
        return len(choices)

    def choice(self, number: int) -> Recorded:
        """The answers of one of these programs, which are checked with those of this period."""
        found = Recorded({"programs": self._period["choices"][number]})
        found.programs = self.programs
        return found

    @property
    def trials(self) -> dict[str, Any]:
        """The recorded trials of stated counter-examples to fairness, by promise."""
        found = self._period.get("trials", {})
        if not isinstance(found, dict):
            raise NotRecorded("the trials are no table", "trials 不是按名称列出的表")
        return found

    def solution(self, coupled: Coupled, n_rules: int) -> Solution:
        """The recorded amounts of a program; raises NotRecorded if they are missing or misshapen."""
        try:
            found = next(p for p in self._period["programs"] if p["rules"] == n_rules)
            program = coupled.programs[n_rules] = coupled.program(n_rules)
            solution = _solution(found, program)
        except (StopIteration, KeyError, IndexError, TypeError, ValueError) as error:
            named, named_zh = program_words(coupled.spec, n_rules)
            raise not_recorded(error).within(f"the {named}", named_zh) from None
        self.programs.append((n_rules, program, solution))
        return solution

    def rounded(
        self,
        amounts: Sequence[Fraction],
        rows: Sequence[ExactRow],
        totals: Sequence[Total],
        tie_keys: Sequence[Any],
        wishes: Sequence[Sequence[ExactRow]],
        unit: Fraction,
    ) -> Rounded:
        """The recorded whole units; raises NotRecorded if they are missing or misshapen."""
        try:
            found = self._period["rounding"]
            units = tuple(int(one) for one in found["units"])
            rows, self.unkept = list(rows), []
            for wish in wishes:
                kept = len(units) == len(amounts) and all(row.holds(units, unit) for row in wish)
                if kept:
                    rows += wish
                else:
                    self.unkept.append(wish)
            named = {(row.rule, row.name): row for row in rows}
            repaired = tuple(named[rule, name] for rule, name in found["repaired"])
            unequal = tuple(tuple(int(c) for c in columns) for columns in found["unequal"])
            stopped = str(found["stopped"])
        except (KeyError, TypeError, ValueError) as error:
            raise not_recorded(error).within("the whole units", "整数单位") from None
        if len(units) != len(amounts):
            raise NotRecorded(
                f"{len(units)} whole units instead of {len(amounts)}",
                f"有 {len(units)} 个整数单位，应为 {len(amounts)} 个",
            )
        rounded = Rounded(units, repaired, (), unequal, stopped)
        self.rounding = amounts, rows, totals, tie_keys, rounded
        return rounded


def _solution(found: Mapping[str, Any], program: Program) -> Solution:
    amounts = np.array(found["amounts"], dtype=np.float64)
    if amounts.shape != (len(program.columns),):
        raise NotRecorded(
            f"{amounts.size} amounts instead of {len(program.columns)}",
            f"有 {amounts.size} 个金额，应为 {len(program.columns)} 个",
        )
    if not np.isfinite(amounts).all():
        raise NotRecorded("an amount is not a number", "有的金额不是数")
    multipliers = {
        k: Multipliers(
            _of_families(tier["multipliers"], program),
            tuple(float(multiple) for multiple in tier["multiples"]),
        )
        for k, tier in enumerate(found["tiers"])
        if "multipliers" in tier
    }
    if not np.isfinite([one for of_tier in multipliers.values() for one in of_tier.tiers]).all():
        raise NotRecorded("a multiple of a tier is not a number", "有的目标倍数不是数")
    nearness = found.get("nearness")
    return Solution(
        amounts=amounts,
        tiers=tuple(
            TierValue(str(t["name"]), float(t["value"]), float(t["reached"]), 0.0)
            for t in found["tiers"]
        ),
        missed=tuple(Missed(str(r), str(n), float(a)) for r, n, a in found["missed"]),
        violation=0.0,  # what is exceeded is computed from the amounts
        prices=tuple(_of_families(tier["prices"], program) for tier in found["tiers"]),
        multipliers=multipliers,
        nearness=None if nearness is None else Multipliers(_of_families(nearness, program)),
    )


def _of_families(stated: Mapping[str, Mapping[str, Any]], program: Program) -> tuple[Floats, ...]:
    """Values of the rows of every family, from those stated by rule and place."""
    found = []
    for family in program.families:
        values = np.zeros(len(family.names))
        for row, value in stated.get(family.rule, {}).items():
            values[int(row)] = float(value)
        if not np.isfinite(values).all():
            raise NotRecorded(
                f"a price of '{family.rule}' is not a number", f"“{family.rule}”有的价格不是数"
            )
        found.append(values)
    return tuple(found)
