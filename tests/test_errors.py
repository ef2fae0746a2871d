"""What is said when something is wrong: place, both languages, near names that are only shown."""

import pytest

from reliefperf.errors import (
    InfeasibleError,
    InputError,
    Mistake,
    Note,
    ReliefperfError,
    SolverError,
    did_you_mean,
    preferred_language,
    suggestion,
)


@pytest.mark.parametrize(
    ("mistake", "en", "zh"),
    [
        (Mistake("m.yaml", 12, 5, "wrong", "错"), "m.yaml:12:5", "m.yaml:12:5"),
        (Mistake("m.yaml", 12, 0, "wrong", "错"), "m.yaml:12", "m.yaml:12"),
        (
            Mistake("d.csv", 7, "人数", "wrong", "错"),
            'd.csv: row 7, column "人数"',
            "d.csv：第 7 行，列“人数”",
        ),
        (Mistake("d.csv", 7, "", "wrong", "错"), "d.csv: row 7", "d.csv：第 7 行"),
        (Mistake.at("wrong", "错", file="m.yaml"), "m.yaml", "m.yaml"),
        (Mistake.at("wrong", "错"), "", ""),
    ],
)
def test_places_read_as_people_write_them(mistake: Mistake, en: str, zh: str) -> None:
    assert mistake.place("en") == en
    assert mistake.place("zh") == zh
    assert mistake.text("en") == (f"{en}: wrong" if en else "wrong")
    assert mistake.text("zh") == (f"{zh}：错" if zh else "错")
    assert mistake.text() == (f"{en}: wrong\n    错" if en else "wrong\n    错")


def test_an_error_carries_every_mistake_and_says_them_all() -> None:
    mistakes = [Mistake("m.yaml", line, 1, f"wrong {line}", f"错 {line}") for line in (1, 2)]
    error = InputError(mistakes)
    assert error.mistakes == tuple(mistakes)
    assert str(error) == error.text() == "\n".join(mistake.text() for mistake in mistakes)
    assert error.text("zh") == "m.yaml:1:1：错 1\nm.yaml:2:1：错 2"
    assert InputError(mistakes[0]).mistakes == (mistakes[0],)


def test_exit_statuses_tell_the_kinds_apart() -> None:
    assert [kind.exit_status for kind in (InputError, SolverError, InfeasibleError)] == [2, 2, 3]
    assert issubclass(InfeasibleError, ReliefperfError)


@pytest.mark.parametrize("columns", [(1, 2), ("人数", "户数"), (3, 1)])
def test_mistakes_stand_in_the_order_of_their_places(columns: tuple[int | str, int | str]) -> None:
    mistakes = [Mistake("m.yaml", 2, column, "wrong", "错") for column in columns]
    first = Mistake("m.yaml", 1, columns[0], "wrong", "错")
    assert sorted([*mistakes, first])[0] == first


def test_a_near_name_is_shown_and_a_far_one_is_not() -> None:
    assert did_you_mean("recipient", ["recipients", "households"]) == "recipients"
    assert did_you_mean("Recipients", ["recipients"]) == "recipients"
    assert did_you_mean("低保人数", ["低保户数", "支出"]) == "低保户数"
    assert did_you_mean("zzz", ["recipients"]) is None
    assert did_you_mean("a", []) is None


def test_the_tail_of_a_message_lists_what_is_known_if_nothing_is_near() -> None:
    assert suggestion("unti", ["unit"]) == ("; did you mean 'unit'?", "；是否想写“unit”？")
    assert suggestion("zzz", ["b", "a"]) == ("; known: a, b", "；可用的有：a、b")
    assert suggestion("zzz", []) == ("", "")
    assert suggestion("zzz", [f"n{i:02}" for i in range(30)])[0].endswith("n11, ...")


@pytest.mark.parametrize(
    ("env", "lang"),
    [
        ({}, None),
        ({"RELIEFPERF_LANG": "zh"}, "zh"),
        ({"RELIEFPERF_LANG": "EN", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"RELIEFPERF_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, None),
    ],
)
def test_the_language_follows_the_environment(
    env: dict[str, str], lang: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RELIEFPERF_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert preferred_language() == lang


def test_a_note_says_where_and_in_which_language() -> None:
    note = Note("kind", "english", "中文", 3, "here")
    assert note.text("en") == "here: english"
    assert note.text("zh") == "here: 中文"
    assert note.text() == "here: english / 中文"
    assert Note("kind", "english", "中文").text() == "english / 中文"
