"""Who gets nothing under a soft minimum grant, chosen until the choice and the amounts agree.

The first choice follows from the entitlements. Where rules that come first give a region that was
to get nothing at least its minimum all the same, nothing is missed: it keeps its grant and the
program is solved anew. The amounts before stay possible and the soft rule is missed by less, so that
each round is better than the last; regions only join, so that the rounds end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from reliefperf.allocation.certificate import NotRecorded
from reliefperf.allocation.rules.minimum_grant import MinimumGrant

if TYPE_CHECKING:
    from reliefperf.allocation.answers import Answers
    from reliefperf.allocation.coupled import Coupled
    from reliefperf.model.environment import Environment

type Granted = Mapping[str, frozenset[str]]
"""By rule the regions that keep a grant although their entitlement is below the minimum."""


def chosen(
    make: Callable[[Answers | None, Granted], Coupled], env: Environment, answers: Answers | None
) -> Coupled:
    """The program of the last round, with those of the rounds before it as its `choices`.

    `make` makes a program from the answers of its round. Raises what solving raises, and NotRecorded
    where recorded rounds do not follow from one another.
    """
    notes = list(env.notes)
    granted: dict[str, frozenset[str]] = {}
    rounds: list[Coupled] = []
    while True:
        n_more = 0 if answers is None else answers.n_choices - len(rounds)
        of_round = answers.choice(len(rounds)) if answers is not None and n_more else answers
        program = make(of_round, granted)
        more = dict(_reached(program))
        if answers is not None and bool(more) != bool(n_more):
            raise NotRecorded(
                "the choice of who gets nothing does not follow from the amounts",
                "不拨付地区的选择与金额不符",
            )
        if not more:
            program.choices = tuple(rounds)
            return program
        rounds.append(program)
        env.notes[:] = notes
        for rule, codes in more.items():
            granted[rule] = granted.get(rule, frozenset()) | codes


def _reached(program: Coupled) -> Iterator[tuple[str, frozenset[str]]]:
    """By soft rule the regions that were to get nothing and are paid at least their minimum."""
    if program.relaxing:
        return
    for rule, rows in program.rules:
        if isinstance(rule, MinimumGrant) and rule.soft is not None:
            amounts = program.final().amounts
            codes = rule.granted_all_the_same(program.ground, rows, amounts, program.step)
            if codes:
                yield rule.id, codes
