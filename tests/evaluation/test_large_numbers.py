"""Numbers near the end of what a float can hold: noted, refused or exact, never a traceback."""

from decimal import Decimal

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.running import Run
from tests.building import Values, mistakes_of, model_of, plain_list, run_on

MODEL = """\
model: m
language: en
data: {{region: code}}
variables: {{x: {{}}, y: {{}}, zone: {{type: text}}}}
evaluation:
  combine: {how}
  tree:
    - {{id: a, value: x, missing: {missing}, score: {score}}}
    - {{id: b, value: y, missing: {missing}, score: {score}}}
"""


def scored(
    score: str, x: list[float], *, how: str = "arithmetic", missing: str = "score_missing"
) -> Run:
    rows: dict[str, Values] = {
        "code": ["r1", "r2", "r3"],
        "x": x,
        "y": [1e9, 2, 3],
        "zone": ["n"] * 3,
    }
    text = MODEL.format(score=score, how=how, missing=missing)
    return run_on(model_of(text), rows)  # type: ignore[arg-type]


HUGE = [1e308, 1.5e308, 1.7e308]


@pytest.mark.parametrize(
    ("score", "x"),
    [
        ("{goalposts: [0, 1e-310], clip: none}", [1.0, 2, 3]),
        ("{zscore: higher}", HUGE),
        ("{zscore: higher, by: zone}", HUGE),
        ("{compared: higher, to: mean}", HUGE),
        ("{compared: higher, to: mean, by: zone}", HUGE),
        ("{minmax: higher}", [-1.7e308, 0, 1.7e308]),
    ],
)
def test_points_too_large_for_a_number_are_missing_and_said_so(score: str, x: list[float]) -> None:
    run = scored(score, x)
    assert run.last.evaluation is not None
    assert None in plain_list(run.last.evaluation.values("a"))
    assert "a" in {note.place for note in run.notes}
    with pytest.raises(InputError, match="'a' has no points in . region"):
        scored(score, x, missing="error")


def test_the_median_of_large_numbers_is_between_them() -> None:
    run = scored("{compared: higher, to: median, clip: none}", [1e308, 1.5e308, 1.7e308])
    assert run.last.evaluation is not None
    assert plain_list(run.last.evaluation.values("a"))[1] == 100


def test_a_node_too_large_for_a_number_is_missing_and_noted() -> None:
    run = scored("as_is", [1e308, 1, 1], how="product")
    assert run.last.evaluation is not None
    assert plain_list(run.last.evaluation.score)[0] is None
    (note,) = (note for note in run.notes if note.place == "evaluation")
    assert "r1" in note.en
    assert note.zh != note.en


@pytest.mark.parametrize("decimals", ["", "  decimals: 12\n"])
def test_points_of_any_size_add_up(decimals: str) -> None:
    text = MODEL.format(score="as_is", how="arithmetic", missing="error") + decimals
    rows = {"code": ["r1", "r2"], "x": [1e300, 3e25], "y": [0.123456, 7.7], "zone": ["n", "n"]}
    run = run_on(model_of(text), rows)
    _, points = points_table(run)
    for row in scores_table(run)[1]:
        parts = [part[3] for part in points if part[0] == row[0]]
        wide = sum(int(part.scaleb(12)) for part in parts if isinstance(part, Decimal))
        assert wide == int(Decimal(str(row[2])).scaleb(12))


@pytest.mark.parametrize("ratio", ["1e-320", "5e-324", "1e300"])
def test_a_comparison_of_any_size_is_refused_and_not_a_crash(ratio: str) -> None:
    text = MODEL.format(score="as_is", how="arithmetic", missing="error")
    found = mistakes_of(text + f"  weights: {{ahp: [[1, {ratio}], [3, 1]]}}\n")
    assert found
    assert all(mistake.line == 10 for mistake in found)
