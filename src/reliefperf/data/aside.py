"""A text computed on an environment from outside the model, without a trace in it."""

from __future__ import annotations

from reliefperf.model.compiling import Scope, compile_expression
from reliefperf.model.environment import Column, Environment
from reliefperf.model.expressions import Expr, ExpressionError
from reliefperf.model.model import Model


def computed_aside(model: Model, env: Environment, text: str) -> Column | None:
    """The values of an expression, one a region; None where it means nothing here.

    Every column of the environment can be named. Nothing is noted.
    """
    if (column := env.columns.get(text)) is not None:
        return env.full(column)
    scope = Scope(
        {n: "text" if c.dtype == object else "number" for n, c in env.columns.items()},
        model.tables,
        frozenset(name for name, c in env.columns.items() if c.ndim == 0),
    )
    try:
        made, errors = compile_expression(Expr(text), scope)
    except ExpressionError:
        return None
    if made is None or errors:
        return None
    aside = Environment(env.codes, dict(env.columns), env.period, env.previous, env.order)
    return made.full(aside)
