"""What a model must agree on with itself: sums of points, weights, and names of its own parts."""

from __future__ import annotations

from collections.abc import Mapping

from reliefperf.errors import Mistake
from reliefperf.model.checker import Checker
from reliefperf.model.consistency_allocation import AllocationChecker
from reliefperf.model.consistency_evaluation import STEPS, EvaluationChecker
from reliefperf.model.consistency_rulebook import rulebook_mistakes
from reliefperf.model.document import Document, Path_
from reliefperf.model.panel import panel_mistakes
from reliefperf.model.parameters import Dated, period_start, school_year
from reliefperf.model.spec import ModelSpec


def consistency_mistakes(
    spec: ModelSpec,
    document: Document,
    cut: frozenset[Path_],
    parameters: Mapping[str, float | str | Dated],
) -> list[Mistake]:
    """Every disagreement; sums are not judged where a part was cut out for another mistake."""
    found: list[Mistake] = []
    checker = Checker(document, cut, parameters, found)
    stated = str(spec.date)
    if spec.date is not None and period_start(stated) is None and school_year(stated) is None:
        checker.wrong(
            ("date",),
            f"'{spec.date}' is not a date: write 2015, 2011-11 or 2024-12-23",
            f"“{spec.date}”不是日期：请写 2015、2011-11 或 2024-12-23",
        )
    for path, en, zh in rulebook_mistakes(spec, STEPS, checker.whole):
        checker.wrong(path, en, zh)
    if spec.evaluation is not None:
        EvaluationChecker(document, cut, parameters, found).check(spec.evaluation)
        no_periods = spec.data.period is None and checker.whole(("data",))
        if spec.evaluation.improvement is not None and no_periods:
            checker.wrong(
                ("evaluation", "improvement"),
                "improvement compares periods, but the data have none: state `data.period`",
                "improvement 跨期比较，而数据没有期别：请写 data.period",
            )
        for path, en, zh in panel_mistakes(spec) if not cut else ():
            checker.wrong(path, en, zh)
    if spec.allocation is not None:
        AllocationChecker(document, cut, parameters, found).check(spec.allocation)
    checker.unique("published", [check.id for check in spec.published])
    for place, check in enumerate(spec.published):
        whole = checker.whole(("published", place))
        if whole and (check.column is None) == (check.equals is None):
            checker.wrong(
                ("published", place),
                f"check '{check.id}' needs either `column` or `equals`",
                f"核对项“{check.id}”须写 column 或 equals 之一",
            )
    return found
