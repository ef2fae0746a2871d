"""The Technology Achievement Index: what is beside its comparisons in models/tai."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from reliefperf.scenarios.loading import load_model
from reliefperf.scenarios.published import check_published, reproduce
from reliefperf.scenarios.running import read_data, run_model
from tests.building import model_of

FOLDER = Path(__file__).resolve().parents[2] / "models/tai"


def matches(file: str) -> dict[str, tuple[int, int]]:
    return {check.id: (check.match, check.differ) for check in reproduce(FOLDER / file)}


def test_ranks_by_weighting() -> None:
    assert matches("model.yaml")["ranks-EW"] == (23, 0)
    assert matches("budget.yaml") == {"ranks-BAP": (23, 0)}
    assert matches("factor-analysis.yaml") == {"ranks-FA": (19, 4)}
    assert matches("ahp.yaml") == {"ranks-AHP": (20, 3)}


def test_every_column_of_table_15_is_reproduced() -> None:
    found = matches("normalisations.yaml")
    with (FOLDER / "normalisations.csv").open(encoding="utf-8") as file:
        columns = next(csv.reader(file))
    assert len(found) == len(columns) - 2
    assert set(found.values()) == {(23, 0)}


@pytest.mark.parametrize(("rule", "match"), [("minmax", 11), ("zscore", 7)])
def test_other_normalisations_do_not_give_the_published_ranks(rule: str, match: int) -> None:
    text = (FOLDER / "model.yaml").read_text(encoding="utf-8")
    start, end = text.index("  tree:"), text.index("published:")
    lines = [line for line in text[start:end].splitlines() if "value:" in line or "score:" in line]
    assert sum(line.count("goalposts") for line in lines) == 8
    tree = "\n".join(text[start:end].split("\n"))
    for line in lines:
        before, found, after = line.partition("score: {goalposts: [")
        if found:
            closing = after.index("]}") + 2
            changed = f"{before}score: {{{rule}: higher}}{after[closing:]}"
            tree = tree.replace(line, changed)
    model = model_of(text[:start] + tree + text[end:], FOLDER)
    checks: dict[str, Any] = {c.id: c for c in check_published(run_model(model, read_data(model)))}
    assert checks["ranks-EW"].match == match


def test_the_sets_of_weights_are_the_same_in_every_file() -> None:
    sets = []
    for name in ("model.yaml", "budget.yaml", "factor-analysis.yaml", "ahp.yaml"):
        spec = load_model(FOLDER / name).spec.evaluation
        assert spec is not None
        sets.append({k: {n: w.text for n, w in of.items()} for k, of in spec.weight_sets.items()})
    assert all(one == sets[0] for one in sets)
