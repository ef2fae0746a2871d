"""Promises on the regions: equals get equal amounts, and two halves what the whole got."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from reliefperf.data.environments import compute_derived
from reliefperf.errors import InputError
from reliefperf.model.environment import Environment
from reliefperf.scenarios.explaining.fairness.finding import Count, CounterExample, Finding
from reliefperf.scenarios.explaining.fairness.trying import NOISE, Trying
from reliefperf.scenarios.explaining.without import copy_of


def equals(trying: Trying) -> Finding:
    """A region given the data of another: at most one unit between them in each pool."""
    n_regions = trying.env.n_regions
    if n_regions < 2:
        return Finding("equals", en="there is only one region", zh="只有一个地区")
    count = Count()
    for one, other in _pairs(trying):
        env = _twin(trying, one, other)
        money = trying.shared_out(trying.model, env, count)
        if money is None:
            continue
        codes = trying.env.codes
        en = f"region {codes[other]} with the data of {codes[one]}"
        zh = f"地区 {codes[other]} 采用 {codes[one]} 的数据"
        worst: CounterExample | None = None
        for pool in money.pools:
            units = money.pools[pool].units
            if abs(units[one] - units[other]) > 1:
                before = money.before_units(pool)
                worst = trying.example(
                    (en, zh, other, pool),
                    (units[one] * trying.step, units[other] * trying.step),
                    (before[one], before[other]),
                )
        count.add(worst)
    return count.finding("equals", trying.paid.unit)


def _pairs(trying: Trying) -> Iterator[tuple[int, int]]:
    paid = [i for i, amount in enumerate(trying.paid.amounts("total")) if amount]
    places = paid if len(paid) > 1 else list(range(trying.env.n_regions))
    for _ in range(trying.trials):
        one, other = trying.chance.choice(len(places), 2, replace=False).tolist()
        yield places[one], places[other]


def _twin(trying: Trying, one: int, other: int) -> Environment:
    env = copy_of(trying.env)
    for key, column in env.columns.items():
        if column.ndim and key not in ("region", "region_name"):
            changed = column.copy()
            changed[other] = column[one]
            env.columns[key] = changed
    if env.order is not None:
        env.order = env.order.copy()
        env.order[other] = env.order[one]
    trying.derive(env)
    return env


def split(trying: Trying) -> Finding:
    """A region in two halves: together they get what it got, before whole units."""
    if not trying.split_columns:
        return Finding(
            "split",
            en="name the columns that two halves of a region share out (--split population,...)",
            zh="请指明拆分地区时各半的列（--split 人口列,...）",
        )
    for name in trying.split_columns:
        column = trying.env.columns.get(name)
        if column is None or not column.ndim or column.dtype == object:
            raise InputError(
                trying.model.document.mistake(
                    ("variables",),
                    f"'{name}' is no column of numbers that can be split",
                    f"“{name}”不是可拆分的数值列",
                )
            )
    paid = [i for i, amount in enumerate(trying.paid.amounts("total")) if amount]
    count = Count()
    places = sorted(trying.chance.permutation(paid)[: trying.trials].tolist())
    for at in places:
        money = trying.shared_out(trying.model, _halved(trying, at), count)
        if money is None:
            continue
        code = trying.env.codes[at]
        en, zh = f"region {code} split in two halves", f"地区 {code} 拆成两半"
        worst: CounterExample | None = None
        for pool in money.pools:
            old, new = trying.paid.before_units(pool), money.before_units(pool)
            if abs(old[at] - new[at] - new[at + 1]) > trying.step * NOISE:
                units = money.pools[pool].units
                both = (units[at] + units[at + 1]) * trying.step
                worst = trying.example(
                    (en, zh, at, pool),
                    (trying.paid.pools[pool].units[at] * trying.step, both),
                    (old[at], new[at] + new[at + 1]),
                )
        count.add(worst)
    return count.finding("split", trying.paid.unit)


def _halved(trying: Trying, at: int) -> Environment:
    """The region at a place twice, one after the other, each with half of what is shared out."""
    env = _in_halves(trying, trying.env, at, trying.split_columns)
    trying.derive(env)
    return env


def _in_halves(trying: Trying, env: Environment, at: int, halved: Collection[str]) -> Environment:
    """A period with the region twice, and the periods before it; derived columns are to follow.

    Earlier money of the region is halved as well: what `previous(...)` gives of a pool is then half
    of what the whole was paid, as its score is the score of the whole.
    """
    twice = np.insert(np.arange(env.n_regions), at, at)
    columns = {key: column[twice] if column.ndim else column for key, column in env.columns.items()}
    for name in halved:
        columns[name][[at, at + 1]] /= 2
    codes = list(env.codes)
    codes[at : at + 1] = [f"{codes[at]}/1", f"{codes[at]}/2"]
    columns["region"] = np.array(codes, dtype=object)
    split = Environment(tuple(codes), columns, env.period, env.previous)
    split.decided, split.references = env.decided, env.references
    if env.previous is None or env.order is None:
        return split
    before = int(env.order[at])
    split.order = env.order[twice]
    if before < 0:
        return split
    money = ("amount", "entitlement", *trying.paid.pools, *trying.paid.calculated)
    also = {*trying.split_columns, *(key for key in money if key in env.previous.columns)}
    split.previous = _in_halves(trying, env.previous, before, also)
    for stage in (0, 1, 2):
        compute_derived(trying.model, split.previous, stage)
    split.order = split.order + (split.order > before)
    split.order[at + 1] = before + 1
    return split
