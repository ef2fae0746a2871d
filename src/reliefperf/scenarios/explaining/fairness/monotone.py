"""Promises of growth: a better score, and more money, take nothing from anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from reliefperf.allocation.paid import Allocation
from reliefperf.errors import InfeasibleError, InputError, SolverError
from reliefperf.model.compiling import Compiled
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.numbers import exact
from reliefperf.scenarios.explaining.fairness.finding import Count, CounterExample, Finding
from reliefperf.scenarios.explaining.fairness.trying import Trying
from reliefperf.scenarios.explaining.fairness.wording import grouped
from reliefperf.scenarios.explaining.rescoring import full_marks, money_at
from reliefperf.scenarios.explaining.without import copy_of

ADDED = (1, 10, 100, 1000, 10_000)
"""A total is raised by so many times the least rise: the first that leaves whole totals."""


@dataclass(frozen=True)
class Tried:
    """One trial: what was raised, the money with it, and what that breaks, if anything.

    `of` is the code of a region whose score is a point higher, or the total that is raised, by the
    whole units `raised`: first less, then more. `money` leaves out the paid amounts, which are those
    with nothing raised.
    """

    of: str
    raised: tuple[int, ...]
    money: tuple[Allocation, ...]
    against: CounterExample | None


def score(trying: Trying) -> Finding:
    """One region with a point more: it gets no less."""
    if trying.period.evaluation is None:
        return Finding("score", en="the model scores nothing", zh="模型没有评分")
    if _lesser_is_better(trying):
        return Finding("score", en="the lesser score is the better", zh="得分以低者为优")
    count = _counted(better_scores(trying))
    if not count.trials and not count.impossible:
        return Finding("score", en="every region has full marks", zh="各地区均为满分")
    return count.finding("score", trying.paid.unit)


def budget(trying: Trying) -> Finding:
    """A little more money, several times: nobody gets less than with less money."""
    count = _counted(more_money(trying))
    if not count.trials:
        return Finding(
            "budget",
            impossible=count.impossible,
            en="no total of money is stated, or none can be raised in whole units",
            zh="模型没有写明总额，或总额无法按整数单位增加",
        )
    return count.finding("budget", trying.paid.unit)


def _counted(trials: Iterator[Tried | None]) -> Count:
    count = Count()
    for tried in trials:
        if tried is None:
            count.impossible += 1
        else:
            count.add(tried.against)
    return count


# ---------------------------------------------------------------- a better score


def better_scores(trying: Trying) -> Iterator[Tried | None]:
    """Trials of `score`, for regions drawn by chance; None where the rules cannot hold."""
    for at in sorted(trying.chance.permutation(below_full_marks(trying))[: trying.trials].tolist()):
        yield better_score(trying, at)


def below_full_marks(trying: Trying) -> list[int]:
    """The places of regions that a point more would leave better off in score."""
    if trying.period.evaluation is None or _lesser_is_better(trying):
        return []
    places = np.flatnonzero(trying.period.evaluation.score < full_marks(trying.period))
    return [int(at) for at in places]


def better_score(trying: Trying, at: int) -> Tried | None:
    """The region at a place with a point more, never above full marks."""
    assert trying.period.evaluation is not None
    own = float(trying.period.evaluation.score[at])
    raised = min(own + 1.0, full_marks(trying.period))
    try:
        other = money_at(trying.model, trying.period, at, raised, trying.next_answers())
    except (InfeasibleError, InputError, SolverError):
        return None
    code = trying.env.codes[at]
    en = f"score of {code} from {own:g} to {raised:g}"
    zh = f"地区 {code} 得分由 {own:g} 提高到 {raised:g}"
    against = trying.worst(en, zh, trying.paid, other, lambda a, b: a - b, (at,))
    return Tried(code, (), (other,), against)


def _lesser_is_better(trying: Trying) -> bool:
    evaluation = trying.model.spec.evaluation
    return evaluation is not None and evaluation.rank.order == "ascending"


# ---------------------------------------------------------------- more money


def more_money(trying: Trying) -> Iterator[Tried | None]:
    """Trials of `budget`, each total raised step by step; None where the rules cannot hold."""
    for what in totals(trying):
        least = _least_rise(trying, what)
        rises = ((least * k, with_more(trying, what, least * k)) for k in ADDED)
        added, after = next((rise for rise in rises if rise[1] is not None), (0, None))
        if after is None:
            yield None
            continue
        before: Allocation | None = trying.paid
        for number in range(1, trying.trials + 1):
            if number > 1:
                after = with_more(trying, what, number * added)
            if after is None:
                yield None
            elif before is not None:
                units = (number - 1) * added, number * added
                yield compared(trying, what, units, (before, after))
            before = after


def totals(trying: Trying) -> Iterator[str]:
    """The totals that can be raised: `budget`, and pools that state one of their own."""
    spec = trying.model.spec.allocation
    assert spec is not None
    if spec.budget is not None:
        yield "budget"
    for pool_id, pool in spec.paid_pools.items():
        # who pays in more of a contribution has less by its very purpose
        paid_in = any(total is not None and total < 0 for total in trying.totals_of(pool_id))
        if pool.amount is not None and "budget" not in pool.amount.names and not paid_in:
            yield pool_id


def _least_rise(trying: Trying, what: str) -> int:
    """The least rise of a total in whole units: one, of a program about a thousandth.

    The amounts of a program are known but for a millionth of the largest.
    """
    if trying.paid.program is None:
        return 1
    if what == "budget":
        total = trying.paid.budget or 0
    else:
        total = sum(total for total in trying.totals_of(what) if total is not None)
    return int(10 ** max(0, len(str(int(total / trying.step))) - 4))


def compared(
    trying: Trying, what: str, units: tuple[int, int], money: tuple[Allocation, Allocation]
) -> Tried:
    """The money with less and with more units of a total, and who gets less with more."""
    first, second = (unit * trying.step for unit in units)
    total_zh = "预算" if what == "budget" else f"资金池“{what}”的总额"
    en = f"{what} raised by {grouped(second)}, from {grouped(first)} more"
    zh = f"{total_zh}增加 {grouped(second)}（此前增加 {grouped(first)}）"
    against = trying.worst(en, zh, *money, lambda a, b: a - b)
    return Tried(what, units, money if units[0] else money[1:], against)


def with_more(trying: Trying, what: str, units: int) -> Allocation | None:
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
        own = spec.pools[what].amount
        assert own is not None
        raised = _raised(trying, own, added)
        changed[id(raised.expr)] = raised
        pool = spec.pools[what].model_copy(update={"amount": raised.expr})
        update["pools"] = {**spec.pools, what: pool}
    model = trying.allocating_by(spec.model_copy(update=update))
    model = replace(model, _compiled={**model._compiled, **changed}, _kept={})
    return trying.shared_out(model, copy_of(trying.env), None)


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
