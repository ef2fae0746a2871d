"""Promises of growth: a better score, and more money, take nothing from anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from reliefperf.allocation.allocate import Allocation
from reliefperf.errors import InfeasibleError, InputError, SolverError
from reliefperf.model.compiling import Compiled
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.numbers import exact
from reliefperf.scenarios.explaining.fairness.finding import Count, Finding
from reliefperf.scenarios.explaining.fairness.trying import Trying
from reliefperf.scenarios.explaining.rescoring import full_marks, money_at
from reliefperf.scenarios.explaining.without import copy_of

ADDED = (1, 10, 100, 1000, 10_000)
"""Smallest amounts by which a budget is raised: the first that leaves whole totals."""


def score(trying: Trying) -> Finding:
    """One region with a point more: it gets no less."""
    if trying.period.evaluation is None:
        return Finding("score", en="the model scores nothing", zh="模型没有评分")
    evaluation = trying.model.spec.evaluation
    if evaluation is not None and evaluation.rank.order == "ascending":
        return Finding("score", en="the lesser score is the better", zh="得分以低者为优")
    scores, most = trying.period.evaluation.score, full_marks(trying.period)
    able = np.flatnonzero(scores < most)
    count = Count()
    for at in sorted(trying.chance.permutation(able)[: trying.trials].tolist()):
        raised = min(float(scores[at]) + 1.0, most)
        try:
            other = money_at(trying.model, trying.period, at, raised)
        except (InfeasibleError, InputError, SolverError):
            count.impossible += 1
            continue
        code = trying.env.codes[at]
        en = f"score of {code} from {scores[at]:g} to {raised:g}"
        zh = f"地区 {code} 得分由 {scores[at]:g} 提高到 {raised:g}"
        count.add(trying.worst(en, zh, trying.paid, other, lambda a, b: a - b, (at,)))
    if not count.trials and not count.impossible:
        return Finding("score", en="every region has full marks", zh="各地区均为满分")
    return count.finding("score", trying.paid.unit)


def budget(trying: Trying) -> Finding:
    """A little more money, several times: nobody gets less than with less money."""
    count = Count()
    for what, expr in _totals(trying):
        added = next((k for k in ADDED if _more(trying, what, expr, k, None) is not None), None)
        if added is None:
            count.impossible += 1
            continue
        before: Allocation | None = trying.paid
        for number in range(1, trying.trials + 1):
            after = _more(trying, what, expr, number * added, count)
            if before is not None and after is not None:
                more = float(number * added * trying.step)
                en = f"{what} raised by {more:g}, from {more - float(added * trying.step):g} more"
                zh = f"{what} 增加 {more:g}（此前增加 {more - float(added * trying.step):g}）"
                count.add(trying.worst(en, zh, before, after, lambda a, b: a - b))
            before = after
    if not count.trials:
        return Finding(
            "budget",
            impossible=count.impossible,
            en="no total of money is stated, or none can be raised in whole units",
            zh="模型没有写明总额，或总额无法按整数单位增加",
        )
    return count.finding("budget", trying.paid.unit)


def _totals(trying: Trying) -> Iterator[tuple[str, Expr]]:
    spec = trying.model.spec.allocation
    assert spec is not None
    if spec.budget is not None:
        yield "budget", spec.budget
    for pool_id, pool in spec.paid_pools.items():
        # who pays in more of a contribution has less by its very purpose
        paid_in = any(total is not None and total < 0 for total in trying.totals_of(pool_id))
        if pool.amount is not None and "budget" not in pool.amount.names and not paid_in:
            yield pool_id, pool.amount


def _more(
    trying: Trying, what: str, expr: Expr, units: int, count: Count | None
) -> Allocation | None:
    """The money with a total raised; a pool's total takes the budget along."""
    spec = trying.model.spec.allocation
    assert spec is not None
    added = float(units * trying.step)
    changed: dict[int, Compiled] = {}
    update: dict[str, object] = {}
    if spec.budget is not None:
        raised = _raised(trying, spec.budget, added)
        changed[id(raised.expr)] = raised
        update["budget"] = raised.expr
    if what != "budget":
        raised = _raised(trying, expr, added)
        changed[id(raised.expr)] = raised
        pool = spec.pools[what].model_copy(update={"amount": raised.expr})
        update["pools"] = {**spec.pools, what: pool}
    model = trying.allocating_by(spec.model_copy(update=update))
    model = replace(model, _compiled={**model._compiled, **changed}, _kept={})
    return trying.shared_out(model, copy_of(trying.env), count)


def _raised(trying: Trying, expr: Expr, added: float) -> Compiled:
    plain = trying.model.compiled(expr)
    more = exact(added)

    def run(env: Environment) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        values = np.asarray(plain(env), dtype=np.float64)
        sums = [
            value if value != value else float(exact(value) + more)
            for value in values.ravel().tolist()
        ]
        return np.array(sums, dtype=np.float64).reshape(values.shape)

    return Compiled(Expr(expr.text), plain.kind, run)
