"""Counter-examples to fairness: the money shared out again with one thing changed, many times.

Each promise is tried on the model at hand: nothing is assumed of its rules. Trials are the same in
every run. Score and everything before the money is computed again only for the order of rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from reliefperf.allocation.allocate import Allocation, allocate_period
from reliefperf.data.environments import compute_derived
from reliefperf.data.reading import read_cells
from reliefperf.errors import InfeasibleError, InputError, SolverError
from reliefperf.model.compiling import Compiled
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.numbers import exact
from reliefperf.scenarios.explaining.rescoring import full_marks, money_at
from reliefperf.scenarios.explaining.without import copy_of
from reliefperf.scenarios.running import PeriodRun, Run, read_data, run_model

PROMISES = ("rows", "rules", "equals", "score", "budget", "split")
"""The promises in the order in which they are tried."""

ADDED = (1, 10, 100, 1000, 10_000)
"""Smallest amounts by which a budget is raised: the first that leaves whole totals."""

_NOISE = Fraction(1, 10**4)
"""A move below this part of the smallest amount, before whole units, is the solver's noise."""

_SEED = 20130


@dataclass(frozen=True)
class CounterExample:
    """What was changed, and a region whose amounts then break the promise, as paid and before
    whole units; `first` and `second` are what is compared."""

    en: str
    zh: str
    region: str
    name: str
    pool: str
    first: Fraction
    second: Fraction
    first_before_units: Fraction
    second_before_units: Fraction
    by_rounding: bool


@dataclass(frozen=True)
class Finding:
    """How one promise fared: in how many trials it was tried, in how many the rules could not hold
    at all, and each trial's worst counter-example. Without trials `en` and `zh` say why."""

    promise: str
    trials: int = 0
    impossible: int = 0
    against: tuple[CounterExample, ...] = ()
    en: str = ""
    zh: str = ""
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether it was tried and no trial broke it."""
        return self.trials > 0 and not self.against


@dataclass
class _Count:
    trials: int = 0
    impossible: int = 0
    against: list[CounterExample] = field(default_factory=list)

    def add(self, found: CounterExample | None) -> None:
        self.trials += 1
        if found is not None:
            self.against.append(found)

    def finding(self, promise: str, unit: str) -> Finding:
        return Finding(promise, self.trials, self.impossible, tuple(self.against), unit=unit)


def search(
    run: Run,
    period: PeriodRun,
    *,
    trials: int = 10,
    split: Sequence[str] = (),
    promises: Sequence[str] = PROMISES,
    step: Callable[[str], None] = lambda promise: None,
) -> list[Finding]:
    """Look for counter-examples to each promise, at most `trials` times each.

    `split` names the columns that are shared out where a region is split in two. `step` is told
    which promise is being tried. Raises InputError without an allocation or for an unknown column.
    """
    if period.allocation is None:
        raise InputError(
            run.model.document.mistake(
                (), "the model has no section `allocation`", "模型没有 allocation 部分"
            )
        )
    made = _Search(run, period, period.allocation, trials, tuple(split))
    tried = []
    for promise in promises:
        step(promise)
        tried.append(getattr(made, promise)())
    return tried


class _Search:
    def __init__(
        self, run: Run, period: PeriodRun, paid: Allocation, trials: int, split: tuple[str, ...]
    ) -> None:
        self.run, self.model, self.period, self.paid = run, run.model, period, paid
        self.trials, self.split_columns = trials, split
        self.env = period.env
        self.step = Fraction(paid.smallest)
        self.chance = np.random.default_rng(_SEED)

    # ------------------------------------------------------------ order

    def rows(self) -> Finding:
        """Rows of the data in another order: the same amounts to the unit."""
        source = Path(self.run.dataset.source)
        if self.run.dataset.source.startswith("<"):
            source = Path("data.csv")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"data{source.suffix}"
            file.write_bytes(self.run.dataset.content)
            spec = self.model.spec.data
            encoding = self.run.dataset.encoding or spec.encoding
            raw = read_cells(file, sheet=spec.sheet, encoding=encoding)
        import pandas as pd

        count = _Count()
        for number in range(min(self.trials, 3)):
            order = self.chance.permutation(len(raw.rows)).tolist()
            frame = pd.DataFrame(
                [raw.rows[i] for i in order], columns=list(raw.headings), dtype=object
            )
            again = run_model(self.model, read_data(self.model, frame))
            other = again.periods[self.env.period].allocation
            assert other is not None
            en, zh = f"rows in another order ({number + 1})", f"数据行另排次序（{number + 1}）"
            count.add(self._differs(en, zh, self.paid, other))
        return count.finding("rows", self.paid.unit)

    def rules(self) -> Finding:
        """Rules in another order: the same amounts to the unit."""
        spec = self.model.spec.allocation
        assert spec is not None
        if len(spec.rules) < 2:
            return Finding(
                "rules", en="the model has fewer than two rules", zh="模型的资金规则不足两条"
            )
        count = _Count()
        seen = [tuple(range(len(spec.rules)))]
        orders = [seen[0][::-1]]
        orders += [tuple(self.chance.permutation(len(spec.rules)).tolist()) for _ in range(20)]
        for order in orders:
            if order in seen or count.trials + count.impossible >= self.trials:
                continue
            seen.append(order)
            changed = spec.model_copy(update={"rules": [spec.rules[i] for i in order]})
            other = self._shared_out(self._with(changed), copy_of(self.env), count)
            named = ", ".join(spec.rules[i].id for i in order)
            if other is not None:
                count.add(self._differs(f"rules: {named}", f"规则次序：{named}", self.paid, other))
        return count.finding("rules", self.paid.unit)

    def _differs(
        self, en: str, zh: str, first: Allocation, second: Allocation
    ) -> CounterExample | None:
        return self._worst(en, zh, first, second, lambda a, b: abs(a - b))

    # ------------------------------------------------------------ equals

    def equals(self) -> Finding:
        """A region given the data of another: at most one unit between them in each pool."""
        n_regions = self.env.n_regions
        if n_regions < 2:
            return Finding("equals", en="there is only one region", zh="只有一个地区")
        count = _Count()
        for one, other in self._pairs():
            env = self._twin(one, other)
            money = self._shared_out(self.model, env, count)
            if money is None:
                continue
            codes = self.env.codes
            en = f"region {codes[other]} with the data of {codes[one]}"
            zh = f"地区 {codes[other]} 采用 {codes[one]} 的数据"
            worst: CounterExample | None = None
            for pool in money.pools:
                units = money.pools[pool].units
                if abs(units[one] - units[other]) > 1:
                    before = _before_units(money, pool)
                    worst = self._example(
                        (en, zh, other, pool),
                        (units[one] * self.step, units[other] * self.step),
                        (before[one], before[other]),
                    )
            count.add(worst)
        return count.finding("equals", self.paid.unit)

    def _pairs(self) -> Iterator[tuple[int, int]]:
        paid = [i for i, amount in enumerate(self.paid.amounts("total")) if amount]
        places = paid if len(paid) > 1 else list(range(self.env.n_regions))
        for _ in range(self.trials):
            one, other = self.chance.choice(len(places), 2, replace=False).tolist()
            yield places[one], places[other]

    def _twin(self, one: int, other: int) -> Environment:
        env = copy_of(self.env)
        for key, column in env.columns.items():
            if column.ndim and key not in ("region", "region_name"):
                changed = column.copy()
                changed[other] = column[one]
                env.columns[key] = changed
        if env.order is not None:
            env.order = env.order.copy()
            env.order[other] = env.order[one]
        self._derive(env)
        return env

    def _derive(self, env: Environment) -> None:
        """Columns that follow from the data, computed again; scores stay as they are."""
        compute_derived(self.model, env, 0)
        compute_derived(self.model, env, 1)

    # ------------------------------------------------------------ monotone

    def score(self) -> Finding:
        """One region with a point more: it gets no less."""
        if self.period.evaluation is None:
            return Finding("score", en="the model scores nothing", zh="模型没有评分")
        scores, most = self.period.evaluation.score, full_marks(self.period)
        able = np.flatnonzero(scores < most)
        count = _Count()
        for at in sorted(self.chance.permutation(able)[: self.trials].tolist()):
            raised = min(float(scores[at]) + 1.0, most)
            try:
                other = money_at(self.model, self.period, at, raised)
            except (InfeasibleError, InputError, SolverError):
                count.impossible += 1
                continue
            code = self.env.codes[at]
            en = f"score of {code} from {scores[at]:g} to {raised:g}"
            zh = f"地区 {code} 得分由 {scores[at]:g} 提高到 {raised:g}"
            count.add(self._worst(en, zh, self.paid, other, lambda a, b: a - b, (at,)))
        if not count.trials and not count.impossible:
            return Finding("score", en="every region has full marks", zh="各地区均为满分")
        return count.finding("score", self.paid.unit)

    def budget(self) -> Finding:
        """A little more money, several times: nobody gets less than with less money."""
        count = _Count()
        for what, expr in self._totals():
            added = next((k for k in ADDED if self._more(what, expr, k, None) is not None), None)
            if added is None:
                count.impossible += 1
                continue
            before: Allocation | None = self.paid
            for number in range(1, self.trials + 1):
                after = self._more(what, expr, number * added, count)
                if before is not None and after is not None:
                    more = float(number * added * self.step)
                    en = f"{what} raised by {more:g}, from {more - float(added * self.step):g} more"
                    zh = f"{what} 增加 {more:g}（此前增加 {more - float(added * self.step):g}）"
                    count.add(self._worst(en, zh, before, after, lambda a, b: a - b))
                before = after
        if not count.trials:
            return Finding(
                "budget",
                impossible=count.impossible,
                en="no total of money is stated, or none can be raised in whole units",
                zh="模型没有写明总额，或总额无法按整数单位增加",
            )
        return count.finding("budget", self.paid.unit)

    def _totals(self) -> Iterator[tuple[str, Expr]]:
        spec = self.model.spec.allocation
        assert spec is not None
        if spec.budget is not None:
            yield "budget", spec.budget
        for pool_id, pool in spec.pools.items():
            if pool.amount is not None and "budget" not in pool.amount.names:
                yield pool_id, pool.amount

    def _more(self, what: str, expr: Expr, units: int, count: _Count | None) -> Allocation | None:
        """The money with a total raised; a pool's total takes the budget along."""
        spec = self.model.spec.allocation
        assert spec is not None
        added = float(units * self.step)
        changed: dict[int, Compiled] = {}
        update: dict[str, object] = {}
        if spec.budget is not None:
            raised = self._raised(spec.budget, added)
            changed[id(raised.expr)] = raised
            update["budget"] = raised.expr
        if what != "budget":
            raised = self._raised(expr, added)
            changed[id(raised.expr)] = raised
            pool = spec.pools[what].model_copy(update={"amount": raised.expr})
            update["pools"] = {**spec.pools, what: pool}
        model = self._with(spec.model_copy(update=update))
        model = replace(model, _compiled={**model._compiled, **changed}, _kept={})
        return self._shared_out(model, copy_of(self.env), count)

    def _raised(self, expr: Expr, added: float) -> Compiled:
        plain = self.model.compiled(expr)
        more = exact(added)

        def run(env: Environment) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
            values = np.asarray(plain(env), dtype=np.float64)
            sums = [
                value if value != value else float(exact(value) + more)
                for value in values.ravel().tolist()
            ]
            return np.array(sums, dtype=np.float64).reshape(values.shape)

        return Compiled(Expr(expr.text), plain.kind, run)

    # ------------------------------------------------------------ a region split in two

    def split(self) -> Finding:
        """A region in two halves: together they get what it got, before whole units."""
        if not self.split_columns:
            return Finding(
                "split",
                en="name the columns that two halves of a region share out (--split population,...)",
                zh="请指明拆分地区时各半的列（--split 人口列,...）",
            )
        for name in self.split_columns:
            column = self.env.columns.get(name)
            if column is None or not column.ndim or column.dtype == object:
                raise InputError(
                    self.model.document.mistake(
                        ("variables",),
                        f"'{name}' is no column of numbers that can be split",
                        f"“{name}”不是可拆分的数值列",
                    )
                )
        paid = [i for i, amount in enumerate(self.paid.amounts("total")) if amount]
        count = _Count()
        places = sorted(self.chance.permutation(paid)[: self.trials].tolist())
        for at in places:
            money = self._shared_out(self.model, self._halved(at), count)
            if money is None:
                continue
            code = self.env.codes[at]
            en, zh = f"region {code} split in two halves", f"地区 {code} 拆成两半"
            worst: CounterExample | None = None
            for pool in money.pools:
                old, new = _before_units(self.paid, pool), _before_units(money, pool)
                if abs(old[at] - new[at] - new[at + 1]) > self.step * _NOISE:
                    units = money.pools[pool].units
                    both = (units[at] + units[at + 1]) * self.step
                    worst = self._example(
                        (en, zh, at, pool),
                        (self.paid.pools[pool].units[at] * self.step, both),
                        (old[at], new[at] + new[at + 1]),
                    )
            count.add(worst)
        return count.finding("split", self.paid.unit)

    def _halved(self, at: int) -> Environment:
        """The region at a place twice, one after the other, each with half of what is shared out."""
        twice = np.insert(np.arange(self.env.n_regions), at, at)
        halves = (at, at + 1)
        columns = {
            key: column[twice] if column.ndim else column
            for key, column in self.env.columns.items()
        }
        for name in self.split_columns:
            columns[name][[*halves]] /= 2
        codes = list(self.env.codes)
        codes[at : at + 1] = [f"{codes[at]}/1", f"{codes[at]}/2"]
        columns["region"] = np.array(codes, dtype=object)
        env = Environment(tuple(codes), columns, self.env.period, self.env.previous)
        env.order = None if self.env.order is None else self.env.order[twice]
        env.decided, env.references = self.env.decided, self.env.references
        self._derive(env)
        return env

    # ------------------------------------------------------------ common

    def _with(self, allocation: object) -> Model:
        spec = self.model.spec.model_copy(update={"allocation": allocation})
        return replace(self.model, spec=spec, _kept={})

    def _shared_out(
        self, model: Model, env: Environment, count: _Count | None
    ) -> Allocation | None:
        """The money, or None (and counted) where the rules cannot hold with the change."""
        names = self.paid.names
        if env.n_regions != len(names):
            names = ("",) * env.n_regions
        try:
            return allocate_period(model, env, names, by_step=False)
        except (InfeasibleError, InputError, SolverError):
            if count is not None:
                count.impossible += 1
            return None

    def _worst(
        self,
        en: str,
        zh: str,
        first: Allocation,
        second: Allocation,
        breach: Callable[[Fraction, Fraction], Fraction],
        places: Sequence[int] | None = None,
    ) -> CounterExample | None:
        """The region and pool, or total, in which the second amount breaks the promise most."""
        found: list[tuple[bool, Fraction, int, str]] = []
        own = first.pools if len(first.pools) == 1 else ("total",)
        for pool in own:
            one, other = _units(first, pool), _units(second, pool)
            before, after = _before_units(first, pool), _before_units(second, pool)
            for i in range(len(one)) if places is None else places:
                size = breach(Fraction(one[i]), Fraction(other[i]))
                if size > 0:
                    real = breach(before[i], after[i]) > self.step * _NOISE
                    found.append((real, size, i, pool))
        if not found:
            return None
        _, _, at, pool = max(found, key=lambda item: (item[0], item[1], -item[2]))
        return self._example(
            (en, zh, at, pool),
            (_units(first, pool)[at] * self.step, _units(second, pool)[at] * self.step),
            (_before_units(first, pool)[at], _before_units(second, pool)[at]),
            breach,
        )

    def _example(
        self,
        what: tuple[str, str, int, str],
        paid: tuple[Fraction, Fraction],
        before: tuple[Fraction, Fraction],
        breach: Callable[[Fraction, Fraction], Fraction] = lambda a, b: abs(a - b),
    ) -> CounterExample:
        en, zh, at, pool = what
        by_rounding = breach(*before) <= self.step * _NOISE
        code, name = self.env.codes[at], self.paid.names[at]
        return CounterExample(en, zh, code, name, pool, *paid, *before, by_rounding)


def _units(money: Allocation, pool: str) -> Sequence[int]:
    if pool != "total":
        return money.pools[pool].units
    return [sum(units) for units in zip(*(p.units for p in money.pools.values()), strict=True)]


def _before_units(money: Allocation, pool: str) -> Sequence[Fraction]:
    """Amounts after the rules, before whole units."""
    if pool == "total":
        columns = [_before_units(money, pool) for pool in money.pools]
        return [sum(row, Fraction(0)) for row in zip(*columns, strict=True)]
    result = money.pools[pool]
    return result.stages[-1].amounts if result.stages else result.pool.start
