"""The whole evaluation: exact sums, equal treatment, order of rows, panels. Promises of the design."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.running import Run
from tests.building import Values, evaluated, model_of, note_kinds, plain_list, run_on

# ---------------------------------------------------------------- random models

MEANS = [
    "sum",
    "arithmetic",
    "{geometric: true, zeros: zero}",
    "{harmonic: true, zeros: zero}",
    "product",
    "minimum",
    "maximum",
    "{power: 2}",
]
RULES = [
    "{goalposts: [0, 10]}",
    "{deduct: 1, per: 3, above: 2}",
    "{steps: {at_least: [[8, 100], [4, 70]]}, otherwise: 30, unit: percent}",
    "{per_unit: 0.3}",
    "{ratio: 7}",
    "{target: {at_least: 3, below: 9}}",
    "{as_is: true, clip: true}",
    "{minmax: higher, by: zone, constant: missing}",
    "{rank: lower, constant: full}",
    "{formula: full_marks * value / (value + 3)}",
]
POLICIES = ["zero", "skip", "score_missing", "group_mean, group: zone"]
COLUMNS = ["x0", "x1", "x2"]


class Tree:
    """A random tree as YAML lines; every node gets points under a sum, weights under a mean."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.count = 0

    def pick(self, options: list[str]) -> str:
        return str(self.draw(st.sampled_from(options)))

    def group(self, indent: str, depth: int, key: str) -> list[str]:
        how = self.pick(MEANS)
        lines = [f"{indent}combine: {how}", f"{indent}normalise_weights: true", f"{indent}{key}:"]
        for _ in range(self.draw(st.integers(1, 3))):
            lines += self.node(indent + "  ", depth + 1, how)
        return lines

    def node(self, indent: str, depth: int, how: str) -> list[str]:
        self.count += 1
        lines = [f"{indent}- id: n{self.count}"]
        inner = indent + "  "
        leaf = depth >= 3 or self.draw(st.booleans())
        if how == "sum" and leaf:
            lines.append(f"{inner}points: {self.draw(st.integers(1, 7))}")
        if how not in ("sum", "product"):
            lines.append(f"{inner}weight: {self.draw(st.integers(1, 5))}")
        if not leaf:
            return lines + self.group(inner, depth, "children")
        return [
            *lines,
            f"{inner}value: {self.pick(COLUMNS)}",
            f"{inner}score: {self.pick(RULES)}",
            *(f"{inner}{part}" for part in f"missing: {self.pick(POLICIES)}".split(", ")),
        ]


@st.composite
def models(draw: Any) -> str:
    """Models with random trees, adjustments, limits, rounding and grades."""
    lines = ["model: random", "language: en", "data: {region: code}"]
    lines += ["variables:", "  zone: {type: text}", *(f"  {name}: {{}}" for name in COLUMNS)]
    lines += ["evaluation:", "  scale: 10", *Tree(draw).group("  ", 0, "tree")]
    lines += [
        "  adjustments:",
        "    - {id: extra, when: x0 > 5, bonus: 0.37 * x1}",
        "    - {id: more, bonus: 0.1}",
        "    - {id: late, when: x2 > 6, deduct: x0 / 3}",
        "    - {id: nil, when: x1 == 9, set_score: 1}",
        "    - {id: veto, when: x2 == 9, veto: true}",
        "  bonus_limit: 1.5",
        "  min_score: 0",
    ]
    if draw(st.booleans()):
        lines.append(f"  decimals: {draw(st.integers(0, 4))}")
    lines.append("  grades: {by: zone, bands: [{grade: A, quota: 0.4}, {grade: B}]}")
    return "\n".join(lines)


CELLS = st.one_of(st.none(), st.integers(0, 10).map(float), st.sampled_from([0.1, 3.3, 7.7]))
TABLES = st.lists(
    st.tuples(st.sampled_from(["n", "s"]), CELLS, CELLS, CELLS), min_size=1, max_size=7
)


def rows_of(table: list[tuple[Any, ...]], codes: list[str] | None = None) -> dict[str, list[Any]]:
    named = codes or [f"c{i}" for i in range(len(table))]
    return {
        "code": named,
        "zone": [row[0] for row in table],
        **{name: [row[i + 1] for row in table] for i, name in enumerate(COLUMNS)},
    }


def everything(run: Run) -> str:
    """The tables of a run as the text that would be written, and its notes."""
    text = io.StringIO()
    for header, rows in (scores_table(run), points_table(run)):
        csv.writer(text).writerows([header, *rows])
    text.write("\n".join(note.text() for note in run.notes))
    return text.getvalue()


@settings(max_examples=25, deadline=None)
@given(models(), TABLES)
def test_the_points_of_a_region_add_up_to_its_score_exactly(
    text: str, table: list[tuple[Any, ...]]
) -> None:
    run = run_on(model_of(text), rows_of(table))
    _, points = points_table(run)
    _, scores = scores_table(run)
    for score_row in scores:
        if score_row[2] == "":
            continue
        parts = [row[3] for row in points if row[0] == score_row[0]]
        assert all(isinstance(part, Decimal) or part is None for part in parts)
        total = sum((part for part in parts if isinstance(part, Decimal)), Decimal(0))
        assert total == Decimal(str(score_row[2]))


@settings(max_examples=25, deadline=None)
@given(models(), TABLES, st.randoms(use_true_random=False))
def test_shuffling_rows_changes_no_byte(
    text: str, table: list[tuple[Any, ...]], random: Any
) -> None:
    codes = [f"c{i}" for i in range(len(table))]
    order = list(range(len(table)))
    random.shuffle(order)
    straight = run_on(model_of(text), rows_of(table, codes))
    shuffled = run_on(model_of(text), rows_of([table[i] for i in order], [codes[i] for i in order]))
    assert everything(straight) == everything(shuffled)


@settings(max_examples=25, deadline=None)
@given(models(), TABLES, st.integers(0, 6))
def test_identical_regions_get_identical_scores(
    text: str, table: list[tuple[Any, ...]], which: int
) -> None:
    twin = table[which % len(table)]
    run = run_on(model_of(text), rows_of([*table, twin]))
    _, scores = scores_table(run)
    first, second = scores[which % len(table)], scores[-1]
    assert first[2:] == second[2:]


@settings(max_examples=10, deadline=None)
@given(models(), TABLES)
def test_a_run_is_the_same_every_time(text: str, table: list[tuple[Any, ...]]) -> None:
    assert everything(run_on(model_of(text), rows_of(table))) == everything(
        run_on(model_of(text), rows_of(table))
    )


@settings(max_examples=25, deadline=None)
@given(models(), TABLES)
def test_every_missing_cell_that_matters_leaves_a_note(
    text: str, table: list[tuple[Any, ...]]
) -> None:
    run = run_on(model_of(text), rows_of(table))
    evaluation = run.last.evaluation
    assert evaluation is not None
    noted = {note.place for note in run.last.env.notes}
    for node_id, indicator in evaluation.indicators.items():
        if np.isnan(indicator.value).any():
            assert node_id in noted


# ---------------------------------------------------------------- by hand


def test_points_of_a_group_are_the_sum_of_those_below() -> None:
    model = model_of("""\
        model: m
        variables: {x: {}, y: {}}
        evaluation:
          full_marks: 10
          tree:
            - id: g
              points: 6
              children:
                - {id: a, points: 4, value: x, score: {per_unit: 1}}
                - {id: b, points: 2, value: y, score: {per_unit: 1}}
            - {id: c, points: 4, value: x, score: {per_unit: 2}}
    """)
    evaluation, env = evaluated(model, {"x": [1, 9], "y": [2, 1]})
    assert plain_list(evaluation.values("g")) == [3, 5]
    assert plain_list(evaluation.score) == [5, 9]
    assert plain_list(env.columns["g"]) == [3, 5]
    assert evaluation.full_marks("g") == 6


def test_points_that_a_parameter_gives_are_checked_when_it_is_known() -> None:
    model = model_of("""\
        model: m
        parameters: {p: 2}
        variables: {x: {}}
        evaluation:
          combine: sum
          tree:
            - id: g
              points: 5 + p
              combine: sum
              children: [{id: a, points: 4 + p, value: x, score: as_is}]
    """)
    with pytest.raises(InputError) as caught:
        evaluated(model, {"x": [1]})
    (mistake,) = caught.value.mistakes
    assert mistake.en == "'g' has 7 points, but those below it add up to 6"
    assert mistake.line == 8


@pytest.mark.parametrize(
    ("child", "said"),
    [
        ("points: p - 2, value: x, score: as_is", "full marks must be above zero"),
        ("weight: p - 3, value: x, score: as_is", "has a weight below zero"),
        ("weight: p - 2, value: x, score: as_is", "all weights are zero"),
    ],
)
def test_marks_and_weights_of_parameters_are_checked_when_they_are_known(
    child: str, said: str
) -> None:
    model = model_of(f"""\
        model: m
        parameters: {{p: 2}}
        variables: {{x: {{}}}}
        evaluation:
          combine: arithmetic
          normalise_weights: true
          tree: [{{id: a, {child}}}]
    """)
    with pytest.raises(InputError, match=said):
        evaluated(model, {"x": [1]})


RANKED = """\
model: m
variables: {{x: {{}}, zone: {{type: text}}}}
evaluation:
  combine: arithmetic
  tree: [{{id: a, value: x, score: as_is, missing: score_missing}}]
  rank: {rank}
"""


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        ("{}", [1, 3, 3, None, 2]),
        ("{ties: max}", [1, 4, 4, None, 2]),
        ("{order: ascending}", [4, 1, 1, None, 3]),
        ("{by: zone}", [1, 3, 1, None, 2]),
    ],
)
def test_ranks_by_score(rank: str, expected: list[float | None]) -> None:
    columns: dict[str, Values] = {
        "x": [90, 70, 70, None, 80],
        "zone": ["n", "n", "s", "s", "n"],
    }
    evaluation, _ = evaluated(model_of(RANKED.format(rank=rank)), columns)
    assert plain_list(evaluation.rank) == expected


def test_a_rank_without_a_group_is_noted() -> None:
    columns: dict[str, Values] = {"x": [90, 70], "zone": ["n", None]}
    evaluation, env = evaluated(model_of(RANKED.format(rank="{by: zone}")), columns)
    assert plain_list(evaluation.rank) == [1, None]
    assert note_kinds(env.notes) == ["no-group"]


# ---------------------------------------------------------------- panels

PANEL = """\
    model: panel
    language: en
    data: {region: code, period: year}
    parameters: {limit: {2021: 10, 2023: 20}}
    variables: {x: {missing: error}}
    derived:
      grown: x - previous(x)
      twice: grown + previous(grown)
      state: "where(score >= limit, 'high', where(previous(state) == 'high', 'fallen', 'low'))"
    evaluation:
      combine: arithmetic
      tree: [{id: a, value: "if_missing(previous(score), 0) + x", score: as_is}]
      grades: {bands: [{grade: A, at_least: limit}, {grade: B}]}
"""
ROWS: dict[str, list[Any]] = {
    "code": ["A", "B", "A", "C", "A", "B", "C"],
    "year": ["2021", "2021", "2022", "2022", "2023", "2023", "2023"],
    "x": [5, 12, 6, 1, 4, 3, 30],
}


def test_a_panel_is_scored_period_by_period_with_regions_entering_and_leaving() -> None:
    run = run_on(model_of(PANEL), ROWS)
    _, scores = scores_table(run)
    assert [row[:2] + row[3:5] for row in scores] == [
        ("2021", "A", "5", "B"),
        ("2021", "B", "12", "A"),
        ("2022", "A", "11", "A"),
        ("2022", "C", "1", "B"),
        ("2023", "A", "15", "B"),  # the limit is 20 from 2023 on
        ("2023", "B", "3", "B"),  # B was not there in 2022
        ("2023", "C", "31", "A"),
    ]
    columns = {year: result.env.columns for year, result in run.periods.items()}
    assert plain_list(columns["2022"]["grown"]) == [1, None]
    assert plain_list(columns["2023"]["twice"]) == [-1, None, None]
    assert plain_list(columns["2023"]["state"]) == ["fallen", None, "high"]


def test_what_is_missing_of_the_period_before_is_noted() -> None:
    run = run_on(model_of(PANEL), ROWS)
    texts = [note.en for note in run.notes if note.kind == "no-previous-period"]
    assert any("2021: there is no period before, so previous(x)" in text for text in texts)
    assert any(
        "2022: the region is not in the period before" in text and "C" in text for text in texts
    )
    assert any(
        "2023: the region is not in the period before" in text and "B" in text for text in texts
    )


def test_the_order_of_rows_does_not_matter_in_a_panel_either() -> None:
    order = [4, 2, 6, 0, 5, 1, 3]
    shuffled = {name: [cells[i] for i in order] for name, cells in ROWS.items()}
    model = model_of(PANEL)
    assert everything(run_on(model, ROWS)) == everything(run_on(model, shuffled))


def test_a_period_before_the_first_value_of_a_parameter_is_an_error() -> None:
    rows = {**ROWS, "year": ["2019", "2019", "2022", "2022", "2023", "2023", "2023"]}
    with pytest.raises(InputError) as caught:
        run_on(model_of(PANEL), rows)
    (mistake,) = caught.value.mistakes
    assert "no value of the dated parameter 'limit' holds on 2019" in mistake.en
    assert mistake.line == 4


def test_the_date_of_the_model_overrules_the_period() -> None:
    run = run_on(model_of(PANEL.replace("data:", "date: 2021-06\n    data:")), ROWS)
    assert [row[4] for row in scores_table(run)[1]] == ["B", "A", "A", "B", "A", "B", "A"]


def test_a_parameter_that_changes_within_a_year_is_noted() -> None:
    text = PANEL.replace("{2021: 10, 2023: 20}", "{2021: 10, 2022-07: 20}")
    kinds = note_kinds(run_on(model_of(text), ROWS).notes)
    assert kinds.count("dated-parameter") == 1


def test_a_dated_parameter_needs_a_date() -> None:
    text = PANEL.replace(", period: year", ", ignore: [year]")
    rows = {name: cells[:2] for name, cells in ROWS.items()}
    with pytest.raises(InputError, match="the data have no period that is a date"):
        run_on(model_of(text), rows)


def test_under_a_mean_the_full_marks_of_the_score_are_those_stated() -> None:
    text = """\
        model: m
        variables: {x: {}}
        evaluation:
          full_marks: 10
          combine: arithmetic
          tree:
            - {id: a, points: 4, value: x, score: as_is}
            - {id: b, value: x, score: {goalposts: [0, 4]}}
    """
    assert plain_list(evaluated(model_of(text), {"x": [4, 2]})[0].score) == [10, 5]


def test_weights_that_are_known_only_when_computed_must_add_up_as_well() -> None:
    text = """\
    model: m
    variables: {x: {}, y: {}}
    parameters: {w: 0.5}
    evaluation:
      combine: arithmetic
      tree:
        - {id: a, weight: 0.6 * w, value: x, score: as_is}
        - {id: b, weight: w, value: y, score: as_is}
    """
    with pytest.raises(InputError, match="the weights add up to 0.8, not to 1 or 100"):
        evaluated(model_of(text), {"x": [1], "y": [2]})
    more = text.replace("combine:", "normalise_weights: true\n      combine:")
    evaluation, _ = evaluated(model_of(more), {"x": [1], "y": [2]})
    assert evaluation.score[0] == pytest.approx((0.3 + 1) / 0.8)
