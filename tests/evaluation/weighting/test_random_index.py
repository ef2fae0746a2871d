"""Tables of random indices."""

from itertools import pairwise

from reliefperf.evaluation.weighting.random_index import RANDOM_INDICES, random_index


def test_every_table_grows_with_the_number_of_items() -> None:
    for listed in RANDOM_INDICES.values():
        assert all(a < b for a, b in pairwise(listed))


def test_one_or_two_items_are_always_consistent_and_tables_end() -> None:
    for table in RANDOM_INDICES:
        assert random_index(table, 1) == random_index(table, 2) == 0
        assert random_index(table, 3) is not None
        assert random_index(table, 100) is None
    assert random_index("saaty_1980", 10) == 1.49
    assert random_index("saaty_1980", 11) is None
