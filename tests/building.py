"""Small models and environments built in memory, for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np

import reliefperf.scenarios.loading  # noqa: F401  (the rules register themselves)
from reliefperf.errors import InputError, Mistake, Note
from reliefperf.evaluation.combining import Aggregator, shares_of
from reliefperf.evaluation.evaluate import Evaluation, evaluate
from reliefperf.evaluation.siblings import Siblings
from reliefperf.model.building import build_model
from reliefperf.model.compiling import Compiled, Scope, compile_expression
from reliefperf.model.document import parse_document
from reliefperf.model.environment import Environment, as_column, link, text_column
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import AGGREGATORS
from reliefperf.scenarios.running import Run, run_model

Values = Sequence[float | str | None] | float | str


def column(values: Values) -> Any:
    """A column as data reading makes it: NaN or None where a value is missing."""
    if isinstance(values, float | int | str):
        return as_column(values)
    if any(isinstance(value, str) for value in values):
        return text_column(values)  # type: ignore[arg-type]
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def environment(
    columns: Mapping[str, Values],
    *,
    period: str = "",
    previous: Environment | None = None,
    codes: Sequence[str] | None = None,
) -> Environment:
    """An environment with regions r1, r2, ... unless codes are given."""
    made = {name: column(values) for name, values in columns.items()}
    n_regions = max((len(values) for values in made.values() if values.ndim), default=1)
    env = Environment(tuple(codes or (f"r{i + 1}" for i in range(n_regions))), made, period)
    link(env, previous)
    return env


def scope_of(env: Environment, **tables: Any) -> Scope:
    """Names of an environment as expressions see them; single values are parameters."""
    kinds: dict[str, Any] = {
        name: "text" if values.dtype == object else "number" for name, values in env.columns.items()
    }
    single = frozenset(name for name, values in env.columns.items() if values.ndim == 0)
    return Scope(kinds, tables, single)


def compiled(text: str, env: Environment, **tables: Any) -> Compiled:
    """An expression compiled over an environment; fails the test if it is wrong."""
    made, errors = compile_expression(Expr(text), scope_of(env, **tables))
    assert not errors, [error.en for error in errors]
    assert made is not None
    return made


def values_of(text: str, env: Environment, **tables: Any) -> list[Any]:
    """What an expression gives in each region; None where it is missing."""
    return plain_list(compiled(text, env, **tables).full(env))


def plain_list(values: Any) -> list[Any]:
    """Values as Python has them, None where missing."""
    return [
        None if value is None or value != value else value for value in np.asarray(values).tolist()
    ]


def compile_errors(text: str, env: Environment, **tables: Any) -> list[str]:
    """What is said of an expression that parses but means nothing here; both languages checked."""
    made, errors = compile_expression(Expr(text), scope_of(env, **tables))
    assert made is None
    assert errors
    for error in errors:
        assert error.zh
        assert 0 <= error.offset <= len(text)
    return [error.en for error in errors]


def model_of(text: str, folder: Path | None = None) -> Model:
    """A model from YAML text."""
    return build_model(parse_document(dedent(text), "model.yaml"), folder)


def mistakes_of(text: str, folder: Path | None = None) -> list[Mistake]:
    """The mistakes of a model that is wrong; each must be said in both languages."""
    try:
        model_of(text, folder)
    except InputError as error:
        for mistake in error.mistakes:
            assert mistake.en
            assert mistake.zh
            assert mistake.en != mistake.zh
        return list(error.mistakes)
    return []


def places_of(mistakes: Sequence[Mistake]) -> list[tuple[int, int | str]]:
    """Line and column of each mistake."""
    return [(mistake.line, mistake.column) for mistake in mistakes]


def evaluated(model: Model, columns: Mapping[str, Values]) -> tuple[Evaluation, Environment]:
    """Score columns held in memory."""
    env = environment(columns)
    for name, value in model.parameters.items():
        assert isinstance(value, float | int | str)
        env.columns[name] = as_column(value)
    for name in model.derived.get(0, ()):
        env.columns[name] = model.compiled(model.spec.derived_exprs[name]).full(env)
    return evaluate(model, env, ("",) * env.n_regions), env


def siblings_of(parts: Any, present: Any = None, *, ids: Sequence[str] = ()) -> Siblings:
    """Children c1, c2, ... of a node in regions r1, r2, ...; `parts` is (n_children, n_regions)."""
    matrix = np.asarray(parts, dtype=float)
    names = tuple(ids) or tuple(f"c{i + 1}" for i in range(len(matrix)))
    codes = tuple(f"r{i + 1}" for i in range(matrix.shape[1]))
    model = model_of("model: siblings")
    return Siblings("node", names, matrix, present, model, Environment(codes, {}), ("model",))


def combined_parts(siblings: Siblings, how: Any, weights: Sequence[float] | None = None) -> Any:
    """What a way of combining, as it stands in a model, makes of siblings."""
    rule = AGGREGATORS.pick(how)
    assert isinstance(rule, Aggregator)
    given = np.ones(len(siblings.ids)) if weights is None else np.array(weights, dtype=float)
    return rule.combine(siblings, shares_of(given, siblings.present))


def run_on(model: Model, rows: Mapping[str, Sequence[object]], **options: Any) -> Run:
    """Run a model on a table held in memory, `rows` giving each column's cells."""
    import pandas as pd

    from reliefperf.scenarios.running import read_data

    return run_model(model, read_data(model, pd.DataFrame(dict(rows))), **options)


def note_kinds(notes: Sequence[Note]) -> list[str]:
    """The kinds of notes, in order."""
    return [note.kind for note in notes]
