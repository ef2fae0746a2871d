"""Which cells differ, and which differences are another machine's last digit."""

from hypothesis import given
from hypothesis import strategies as st

from reliefperf.scenarios.same import CLOSE, different_cells, different_json, nearly

TABLE = "region,pool,value,amount\nr1,a,0.123456789012,10\nr2,a,5,12345678.91\n"


def found(content: str, *, close: bool, exact: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    cells = different_cells(content.encode(), TABLE.encode(), close=close, exact=exact)
    return [(cell.row, cell.column) for cell in cells]


def test_a_changed_cell_is_named_by_the_keys_of_its_row() -> None:
    assert found(TABLE, close=True) == []
    assert found(TABLE.replace(",10", ",11"), close=True) == [("row 2 (r1, a)", "amount")]
    assert found(TABLE.replace("r2,a", "r2,b"), close=True) == [("row 3 (r2, a)", "pool")]


def test_the_last_digit_may_differ_only_where_that_is_asked_for() -> None:
    other = TABLE.replace("9012", "9013")
    assert found(other, close=True) == []
    assert found(other, close=False) == [("row 2 (r1, a)", "value")]


def test_an_exact_column_has_no_last_digit_to_spare() -> None:
    other = TABLE.replace("678.91", "678.92")
    assert found(other, close=True) == []
    assert found(other, close=True, exact=("amount",)) == [("row 3 (r2, a)", "amount")]


def test_missing_and_further_cells_and_rows_differ() -> None:
    assert found(TABLE + "r3,a,1,1\n", close=True) == [
        ("row 4", name) for name in ("region", "pool", "value", "amount")
    ]
    assert found(TABLE.replace(",10\n", "\n"), close=True) == [("row 2 (r1, a)", "amount")]


def test_other_line_ends_are_named_by_their_line() -> None:
    other = TABLE.replace(",10\n", ",10\r\n")
    assert found(other, close=True) == []
    assert found(other, close=False) == [("row 2", "")]


def test_what_is_no_text_cannot_be_read() -> None:
    [cell] = different_cells(b"\xff\xfe", TABLE.encode(), close=True)
    assert cell.found == "cannot be read"


@given(st.integers(-(10**15), 10**15), st.integers(-3, 3))
def test_whole_numbers_are_nearly_the_same_only_if_equal(whole: int, more: int) -> None:
    assert nearly(float(whole), float(whole + more), CLOSE) == (more == 0)


@given(st.floats(0.1, 1e6).filter(lambda x: not x.is_integer()))
def test_a_number_is_nearly_itself_and_not_one_a_millionth_off(value: float) -> None:
    assert nearly(value * (1 + 1e-12), value, CLOSE)
    assert not nearly(value + 1e-6 * max(1.0, value), value, CLOSE)


def test_documents_differ_by_path_and_by_kind() -> None:
    cells = list(different_json({"a": [1, 2], "b": 1}, {"a": [1, 3], "c": 1.0}))
    assert [(cell.column, cell.found, cell.expected) for cell in cells] == [
        ("a/1", "2", "3"),
        ("b", "1", "nothing"),
        ("c", "nothing", "1.0"),
    ]
    assert list(different_json({"a": 1}, {"a": 1.0})) != []
