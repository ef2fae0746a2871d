"""Claims on an estate that is too small: rules of the literature, written in the language.

Sources: Mishna, Ketubot 93a (estates 100, 200, 300) and Baba Metzia 2a (the contested garment);
Aumann and Maschler, Game theoretic analysis of a bankruptcy problem from the Talmud, Journal of
Economic Theory 36 (1985), whose rule gives the other estates; Thomson, Axiomatic and game-theoretic
analysis of bankruptcy and taxation problems, Mathematical Social Sciences 45 (2003), for the
constrained equal awards and losses.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.allocation.paying import pay

CLAIMS = (100, 200, 300)
AWARDS = ("weight: 1", "cap: claim")
LOSSES = ("each: claim, bear: 1", "floor: 0")
HALF_AWARDS = ("weight: 1", "cap: claim / 2")
HALF_LOSSES = ("each: claim, bear: 1", "floor: claim / 2")


def shared(
    estate: object, rule: tuple[str, str], claims: tuple[int, ...] = CLAIMS
) -> list[Fraction]:
    """What each gets before whole units."""
    pool, limit = rule
    text = (
        "variables: {claim: {}}\nallocation:\n  unit: zuz\n  smallest: '0.01'\n"
        f"  pools: {{estate: {{amount: {estate}, {pool}}}}}\n"
        f"  rules: [{{id: limit, {limit}}}]\n"
    )
    run = pay(text, claim=list(claims))
    assert run.last.allocation is not None
    return list(run.last.allocation.pools["estate"].stages[-1].amounts)


def talmud(estate: int, claims: tuple[int, ...] = CLAIMS) -> list[Fraction]:
    """Equal awards of half claims up to half of all claims, equal losses of half claims beyond."""
    return shared(estate, HALF_AWARDS if 2 * estate <= sum(claims) else HALF_LOSSES, claims)


@pytest.mark.parametrize(
    ("estate", "wanted"),
    [
        (100, [Fraction(100, 3)] * 3),
        (200, [50, 75, 75]),
        (300, [50, 100, 150]),
        (400, [50, 125, 225]),
        (500, [Fraction(200, 3), Fraction(500, 3), Fraction(800, 3)]),
    ],
)
def test_the_estates_of_the_talmud(estate: int, wanted: list[Fraction]) -> None:
    assert talmud(estate) == wanted


def test_the_contested_garment() -> None:
    """One claims the whole, one half of it: three quarters and a quarter."""
    assert talmud(100, (100, 50)) == [75, 25]


@pytest.mark.parametrize(
    ("estate", "awards", "losses"),
    [
        (100, [Fraction(100, 3)] * 3, [0, 0, 100]),
        (200, [Fraction(200, 3)] * 3, [0, 50, 150]),
        (300, [100, 100, 100], [0, 100, 200]),
        (400, [100, 150, 150], [Fraction(100, 3), Fraction(400, 3), Fraction(700, 3)]),
    ],
)
def test_constrained_equal_awards_and_losses(
    estate: int, awards: list[Fraction], losses: list[Fraction]
) -> None:
    assert shared(estate, AWARDS) == awards
    assert shared(estate, LOSSES) == losses


@given(st.lists(st.integers(1, 400), min_size=2, max_size=6), st.integers(0, 100))
def test_awards_and_losses_are_each_others_dual(claims: list[int], part: int) -> None:
    """Sharing what there is by equal awards is sharing what is missing by equal losses."""
    estate = sum(claims) * part // 100
    stated = tuple(claims)
    awards = shared(estate, AWARDS, stated)
    losses = shared(sum(claims) - estate, LOSSES, stated)
    assert [claim - award for claim, award in zip(claims, awards, strict=True)] == losses
