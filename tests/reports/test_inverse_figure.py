"""The figure of coverage against the budget: who is in colour, and what the lines say."""

from __future__ import annotations

from fractions import Fraction

from reliefperf.reports.inverse_figure import BREAK_HEIGHT, _least_covered, budgets_figure
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import coverage_goal
from reliefperf.scenarios.inverse.least_budget import least_budget
from reliefperf.scenarios.inverse.ranges import range_of
from tests.building import model_of, run_on

MODEL = """
model: covered
language: en
data: {region: code}
variables: {n: {missing: error}, need: {missing: error}, high: {missing: error}}
allocation:
  unit: yuan
  budget: 400
  need: need
  pools: {grant: {share: 1, weight: n}}
  rules: [{id: high, cap: high}]
"""
NEEDS = [50, 60, 70, 80, 90, 100, 110, 120]


def drawn(lang):
    codes = [f"r{i}" for i in range(8)]
    data = {"code": codes, "n": [1] * 8, "need": NEEDS, "high": [40] + [1000] * 7}
    run = run_on(model_of(MODEL), data)
    budgets = Budgets(run.model, run.last)
    asked = coverage_goal(run.model, run.last, Fraction(4, 5))
    answer = least_budget(budgets, asked.goal)
    figure = budgets_figure(run, budgets, range_of(budgets, 10), asked, answer.budget, lang)
    return figure.axes[0], answer.budget


def test_the_regions_covered_least_now_and_at_the_answer_are_in_colour():
    axes, _ = drawn("en")
    legend = axes.get_legend()
    assert legend.get_title().get_text() == "regions covered least"
    # the first is held by its cap, and last but one when the others have four fifths
    assert [text.get_text() for text in legend.get_texts()] == ["r7", "r6", "r5", "r0"]


def test_as_many_are_chosen_of_each_budget_and_those_without_a_need_left_out():
    known = [
        (10.0, [Fraction(i) for i in range(1, 9)]),
        (20.0, [Fraction(9 - i) for i in range(8)]),
    ]
    needs = [None, *[Fraction(10)] * 7]
    assert _least_covered(needs, known, Fraction(10), Fraction(20)) == [1, 2, 3, 7, 6, 5]
    assert _least_covered(needs, known, Fraction(10), None) == [1, 2, 3, 4, 5, 6]


def test_the_lines_are_named_beside_them_and_break_points_are_short_marks():
    for lang, words in (
        ("en", ("present budget 400 yuan", "budget needed {} yuan", "asked for: 80%")),
        ("zh", ("现有预算 400 yuan", "所需预算 {} yuan", "目标 80%")),
    ):
        axes, answer = drawn(lang)
        said = [text.get_text() for text in axes.texts]
        assert said[:3] == [word.format(answer) for word in words]
    marks = [line for line in axes.lines if list(line.get_ydata()) == [0, BREAK_HEIGHT]]
    assert marks
    assert not [line for line in axes.lines if line.get_linestyle() not in ("-", "None")]
