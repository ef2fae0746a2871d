"""Whether regions can be scored without each other, and trials that do not depend on the way."""

import numpy as np

from reliefperf.scenarios.explaining.trials import Trials, regions_stand_alone
from tests.building import model_of, run_on
from tests.scenarios.explaining.test_lifting import MODEL, ROWS


def test_regions_stand_alone_unless_something_compares_them() -> None:
    for text, alone in (
        (MODEL, True),
        (MODEL.replace("{goalposts: [0, 100]}", "{minmax: higher}"), False),
        (MODEL.replace("value: visits", "value: visits - mean(visits)"), False),
        (MODEL.replace("{grade: good, at_least: 80}", "{grade: good, quota: 1}"), False),
    ):
        model = model_of(text)
        assert model.spec.evaluation is not None
        assert regions_stand_alone(model, model.spec.evaluation) == alone


def test_trials_side_by_side_give_what_scoring_everybody_gives() -> None:
    run = run_on(model_of(MODEL), ROWS)
    trials = Trials(run.model, run.last, 0, 0)
    asked = [{"visited": 10.0}, {"visited": 98.0}, {"wrong": 0.0, "planned": "full"}]
    scores, reached = trials.outcomes(asked)
    trials.in_one_go = False
    one_by_one, reached_one_by_one = trials.outcomes(asked)
    assert np.array_equal(scores, one_by_one)
    assert reached.tolist() == reached_one_by_one.tolist() == [False, True, True]
