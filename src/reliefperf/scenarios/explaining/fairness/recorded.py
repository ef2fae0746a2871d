"""Counter-examples where amounts are one program: found with a solver, checked without one.

A run records the answers of the trials that a counter-example stands on, beside those of the paid
amounts. Whoever checks the run makes these trials again from the answers, and proves the answers.
What no counter-example stands on is not recorded: where none is stated, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from reliefperf.allocation.answers import Answers
from reliefperf.allocation.certificate import NotRecorded, Recorded, not_recorded, record_of
from reliefperf.allocation.paid import Allocation
from reliefperf.allocation.warm import Warm
from reliefperf.scenarios.explaining.fairness.finding import Finding
from reliefperf.scenarios.explaining.fairness.monotone import (
    Tried,
    below_full_marks,
    better_score,
    better_scores,
    compared,
    more_money,
    totals,
    with_more,
)
from reliefperf.scenarios.explaining.fairness.trying import Trying
from reliefperf.scenarios.running import Run


@dataclass(frozen=True)
class Shown:
    """A counter-example to a promise, and the trial that it comes from."""

    promise: str
    tried: Tried

    @property
    def finding(self) -> Finding:
        """What is found of the promise: this counter-example alone."""
        assert self.tried.against is not None
        unit = self.tried.money[-1].unit
        return Finding(self.promise, 1, against=(self.tried.against,), unit=unit)


def look(run: Run, trials: int) -> tuple[Shown, ...]:
    """The first counter-example to each promise that rules make, else one that whole units make."""
    trying = _trying(run, trials)
    found = {"score": _first(trying, better_scores(trying))}
    found["budget"] = _first(trying, more_money(trying))
    return tuple(Shown(promise, tried) for promise, tried in found.items() if tried is not None)


def _trying(run: Run, trials: int, answers: list[Answers] | None = None) -> Trying:
    # starts of its own: those of the period are for what is asked of the run afterwards
    period = replace(run.last, warm=Warm())
    assert period.allocation is not None
    return Trying(run, period, period.allocation, trials, answers=answers)


def _first(trying: Trying, trials: Iterable[Tried | None]) -> Tried | None:
    by_units = None
    for tried in trials:
        if tried is None or tried.against is None or not _is_sure(trying.paid, tried):
            continue
        if not tried.against.by_rounding:
            return tried
        by_units = by_units or tried
    return by_units


def _is_sure(paid: Allocation, tried: Tried) -> bool:
    """Whether a counter-example is more than what the proofs of the amounts leave open."""
    example = tried.against
    if example is None:
        return False
    sides = (*tried.money, paid)[:2]
    if example.by_rounding:
        return not any(_is_mended(money) for money in sides)
    lost = example.first_before_units - example.second_before_units
    return lost > sum((_unsure(money) for money in sides), Fraction(0))


def _unsure(money: Allocation) -> Fraction:
    """How far the money of a region in all may be from what is proved of it."""
    from reliefperf.allocation.stationary import largest_move

    if money.program is None:
        return Fraction(0)
    return len(money.pools) * Fraction(largest_move(money.program.final().amounts))


def _is_mended(money: Allocation) -> bool:
    """Whether whole units may not be those of the largest remainder: no others are ruled out."""
    program = money.program
    if program is None or program.rounded is None:
        return False
    return program.relaxing or bool(program.rounded.repaired)


# ---------------------------------------------------------------- in the certificate


def records(shown: Sequence[Shown]) -> dict[str, Any]:
    """The trials of stated counter-examples, as a certificate holds them, by promise."""
    return {
        one.promise: {
            "of": one.tried.of,
            "raised": list(one.tried.raised),
            "money": [record_of(money) or {} for money in one.tried.money],
        }
        for one in shown
    }


def again(run: Run, recorded: Recorded) -> tuple[Shown, ...]:
    """The counter-examples whose trials are recorded, with the recorded answers.

    Raises NotRecorded, with the promise, where a trial is misshapen or breaks nothing.
    """
    return tuple(
        Shown(promise, _again(run, promise, stated)) for promise, stated in recorded.trials.items()
    )


def _again(run: Run, promise: str, stated: Mapping[str, Any]) -> Tried:
    try:
        answers: list[Answers] = [Recorded(money) for money in stated["money"]]
        trying = _trying(run, 1, answers)
        if trying.paid.relax == "never" and any(one.relaxed for one in answers):
            raise NotRecorded(
                "rules give way that did not for the paid amounts",
                "有规则放宽，而实拨金额中并未放宽",
            )
        tried = _ALIKE[promise](trying, stated)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        place = f"the trial of '{promise}'", f"“{promise}”的检验"
        raise not_recorded(error).within(*place) from None
    if answers or tried is None or not _is_sure(trying.paid, tried):
        raise NotRecorded(
            f"the trial of '{promise}' breaks nothing", f"“{promise}”的检验不构成反例"
        )
    return tried


def _score_again(trying: Trying, stated: Mapping[str, Any]) -> Tried | None:
    at = trying.env.codes.index(stated["of"])
    if stated["raised"] or at not in below_full_marks(trying):
        raise NotRecorded("no such trial", "没有这一检验")
    return better_score(trying, at)


def _budget_again(trying: Trying, stated: Mapping[str, Any]) -> Tried | None:
    what, (less, more) = stated["of"], stated["raised"]
    whole = type(less) is int and type(more) is int
    if what not in totals(trying) or not whole or not 0 <= less < more:
        raise NotRecorded("no such trial", "没有这一检验")
    first = with_more(trying, what, less) if less else trying.paid
    second = with_more(trying, what, more)
    if first is None or second is None:
        return None
    return compared(trying, what, (less, more), (first, second))


_ALIKE: dict[str, Callable[[Trying, Mapping[str, Any]], Tried | None]] = {
    "score": _score_again,
    "budget": _budget_again,
}


def trial_failures(shown: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    """What cannot be proved of the recorded answers of trials, in English and Chinese."""
    from reliefperf.allocation.proving import prove

    for one in shown:
        for money in one.tried.money:
            program = money.program
            if program is None or not isinstance(program.answers, Recorded):
                continue  # computed exactly, without answers
            proof = prove(program.model, program.env, money, program.answers)
            failures = list(proof.failures)
            if proof.mended and one.tried.against is not None and one.tried.against.by_rounding:
                failures.append(
                    (
                        "whole units that had to be mended are no counter-example",
                        "经调整的整数单位不能作为反例",
                    )
                )
            for en, zh in failures:
                yield f"trial of '{one.promise}': {en}", f"“{one.promise}”的检验：{zh}"
