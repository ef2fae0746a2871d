"""Who pays for a rule of a level of a cascade: every parent's money shared out without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from reliefperf.allocation.cascade import Holder, part_of, tell_received
from reliefperf.allocation.relaxing import Relax
from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun, Received, holders_of
from reliefperf.scenarios.explaining.without import GroupChange, Without, without_rule
from reliefperf.scenarios.running import PeriodRun


def without_in_cascade(run: CascadeRun, named: str) -> Without:
    """What a rule, `RULE` or `LEVEL/RULE`, is worth to each region of its level.

    What the level received stays as it is. The groups are the parents where money moves, the one
    where most does first.

    Raises InputError where no level, or more than one, has the rule; SolverError where the money
    cannot be shared without it.
    """
    level, rule = _found(run, named)
    holders: dict[str, Holder] = {}
    for upper in run.levels[: run.levels.index(level)]:
        for part in upper.parents.values():
            holders |= holders_of(part.allocation)
    env = level.run.last.env
    place = {code: i for i, code in enumerate(env.codes)}
    parts: list[tuple[Received, Without]] = []
    for code, received in level.parents.items():
        own = part_of(env, [place[region] for region in received.allocation.codes])
        if code:
            tell_received(own, holders[code])
        period = PeriodRun(own, None, received.allocation)
        relax: Relax = "apply" if received.kept.gave_way else "never"
        parts.append((received, without_rule(level.level.model, period, rule, relax=relax)))
    return _together(parts)


def _found(run: CascadeRun, named: str) -> tuple[LevelRun, str]:
    """The level and the id of a rule."""
    stated = {
        f"{level.id}/{rule.id}": (level, rule.id)
        for level in run.levels
        if level.level.model.spec.allocation is not None
        for rule in level.level.model.spec.allocation.rules
    }
    found = [key for key, (_, rule) in stated.items() if named in (key, rule)]
    if len(found) == 1:
        return stated[found[0]]
    if found:
        listed = ", ".join(found)
        raise InputError(
            Mistake.at(
                f"several levels have a rule '{named}': say which with {listed}",
                f"有几级都有规则“{named}”：请写明 {listed}",
            )
        )
    en, zh = suggestion(named, stated)
    raise InputError(
        Mistake.at(
            f"no level of the cascade has a rule '{named}' on amounts{en}",
            f"各级都没有资金规则“{named}”{zh}",
        )
    )


def _together(parts: Iterable[tuple[Received, Without]]) -> Without:
    """The parents of a level as one, in order of the regions' codes."""
    parts = list(parts)
    placed = sorted(
        (c, k, i) for k, (_, part) in enumerate(parts) for i, c in enumerate(part.codes)
    )
    first = parts[0][1]

    def joined(values: list[tuple[Decimal, ...]]) -> tuple[Decimal, ...]:
        return tuple(values[k][i] for _, k, i in placed)

    groups = [
        GroupChange(
            f"{received.parent} {received.name}".strip(),
            sum(part.with_rule, Decimal(0)),
            sum(part.without, Decimal(0)),
            sum(gain > 0 for gain in part.gains),
            sum(gain < 0 for gain in part.gains),
        )
        for received, part in sorted(parts, key=lambda one: (-one[1].moved, one[0].parent))
        if received.parent and any(part.gains)
    ]
    return replace(
        first,
        codes=tuple(code for code, _, _ in placed),
        names=tuple(parts[k][1].names[i] for _, k, i in placed),
        with_rule=joined([part.with_rule for _, part in parts]),
        without=joined([part.without for _, part in parts]),
        by_pool={pool: joined([part.by_pool[pool] for _, part in parts]) for pool in first.by_pool},
        grouping="parent" if groups else "",
        groups=tuple(groups),
    )
