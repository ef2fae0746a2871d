"""Measures of equity against textbook and hand-checked cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.allocation.equity import concentration, lorenz, steps, theil

ONE = np.ones(5)


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_the_gini_coefficient_of_one_to_five_is_four_fifteenths() -> None:
    assert lorenz(array(1, 2, 3, 4, 5), ONE).index == pytest.approx(4 / 15)


def test_all_money_in_one_of_five_gives_four_fifths() -> None:
    assert lorenz(array(0, 0, 0, 0, 7), ONE).index == pytest.approx(0.8)


def test_theil_as_in_published_documentation() -> None:
    # Julia package Inequality.jl, documentation of theil()
    money = array(8, 5, 1, 3, 5, 6, 7, 6, 3)
    assert theil(money, np.ones(9)).total == pytest.approx(0.10494562214323544)


def test_theil_with_weights_as_in_published_documentation() -> None:
    # Julia package Inequality.jl, documentation of theil(v, w)
    per_head, people = array(8, 5, 1, 3, 5, 6, 7, 6, 3), np.arange(1, 10) / 10
    assert theil(per_head * people, people).total == pytest.approx(0.08120013911680612)


def test_theil_of_two_equal_groups_lies_all_between_them() -> None:
    # shares of money 1/8 1/8 3/8 3/8, of people 1/4 each
    found = theil(array(1, 1, 3, 3), np.ones(4), np.array([0, 0, 1, 1]))
    assert found.within == pytest.approx(0)
    assert found.between == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(1.5))


def test_money_for_the_poor_gives_a_negative_concentration() -> None:
    # by hand: the poorer half gets 3/4, so that the area under the curve is 0.625
    found = concentration(array(3, 1), array(10, 10), array(100, 200))
    assert found.index == pytest.approx(1 - 2 * 0.625)
    assert found.people.tolist() == [0, 0.5, 1]
    assert found.money.tolist() == [0, 0.75, 1]


def test_regions_that_tie_in_the_order_count_as_one_step() -> None:
    capacity = array(1, 1, 2)
    one = concentration(array(5, 1, 4), array(1, 2, 3), capacity)
    other = concentration(array(1, 5, 4), array(2, 1, 3), capacity)
    assert one.index == other.index
    assert len(one.people) == 3


def test_the_same_need_per_head_everywhere_is_one_step_whatever_the_binary_noise() -> None:
    people = array(41, 43, 48, 50, 53)
    need_per_head = 0.1 * people / people
    assert len(set(need_per_head.tolist())) > 1  # else the case says nothing
    found = concentration(array(61, 9, 2, 70, 15), people, need_per_head)
    assert found.index == pytest.approx(0, abs=1e-15)
    assert found.people.tolist() == [0, 1]


def test_steps_are_in_ascending_order_and_only_noise_ties() -> None:
    by = array(0.3, 1e-9, 0.1 + 0.2, 0.3 * (1 + 1e-10), 0, -5, 0)
    assert steps(by).tolist() == [3, 2, 3, 4, 1, 0, 1]


@pytest.mark.parametrize(
    ("amounts", "people"), [([0, 0], [1, 1]), ([1, -1], [1, 1]), ([1, 1], [1, 0]), ([], [])]
)
def test_what_has_no_meaning_is_refused(amounts: list[float], people: list[float]) -> None:
    with pytest.raises(ValueError, match=r"people|amounts"):
        lorenz(array(*amounts), array(*people))


REGIONS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 90), st.integers(0, 2)), min_size=1, max_size=12
).filter(lambda regions: any(amount for amount, _, _ in regions))


@given(REGIONS)
def test_the_parts_of_theil_add_up_and_no_measure_leaves_its_range(
    regions: list[tuple[int, int, int]],
) -> None:
    amounts, people, groups = (np.array(column) for column in zip(*regions, strict=True))
    money, heads = amounts.astype(float), people.astype(float)
    found = theil(money, heads, groups)
    assert found.total == pytest.approx(found.within + found.between, abs=1e-12)
    assert found.total >= -1e-12
    assert found.within >= -1e-12
    gini = lorenz(money, heads).index
    assert -1e-12 <= gini < 1
    assert abs(concentration(money, heads, heads).index) <= gini + 1e-12


@given(REGIONS, st.integers(1, 7))
def test_a_region_split_into_halves_changes_nothing(
    regions: list[tuple[int, int, int]], times: int
) -> None:
    money = np.array([float(amount) for amount, _, _ in regions])
    heads = np.array([float(people) for _, people, _ in regions])
    halved = np.concatenate([money[:1] / 2, money[:1] / 2, money[1:]]) * times
    halved_heads = np.concatenate([heads[:1] / 2, heads[:1] / 2, heads[1:]]) * times
    assert lorenz(halved, halved_heads).index == pytest.approx(
        lorenz(money, heads).index, abs=1e-12
    )
    assert theil(halved, halved_heads).total == pytest.approx(theil(money, heads).total, abs=1e-12)
