"""Indicators of one rule scored together: their values as rows of one matrix.

Scoring 60 indicators one by one costs 60 times the price of a call. Those that share a rule of
plain arithmetic, and need nothing else (no override, no rounding, no filled gaps), are scored as
one matrix of shape (n_indicators, n_regions) with the same code. Whatever misses a value anywhere
goes the ordinary way, indicator by indicator, where it is noted.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from reliefperf.evaluation.indicators import Begun, Indicator, above_full, full_marks_of
from reliefperf.evaluation.scoring.base import Given, ScoringRule, compute_fields
from reliefperf.evaluation.source import Source
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import EvaluationSpec, NodeSpec

SMALLEST = 2
"""A block of fewer indicators is not worth its matrix."""
LARGEST_CELLS = 32_000
"""A matrix of more cells leaves the processor's cache, and malloc asks the system for each."""


@dataclass(frozen=True)
class _Member:
    """An indicator of a block; `full_marks` and `given` are None unless they never change."""

    node: NodeSpec
    full_marks: float | None
    given: Given | None


@dataclass(frozen=True)
class _Block:
    rule: ScoringRule
    members: tuple[_Member, ...]
    given: Given | None


class _Quiet(Environment):
    """Says nothing: what is worth a note comes again, indicator by indicator."""

    def report(self, kind: str, label: str, en: str, zh: str, where: NDArray[np.bool_]) -> None:
        """Pass over it."""


def score_blocks(
    model: Model,
    env: Environment,
    spec: EvaluationSpec,
    scale: float,
    source: Source,
) -> tuple[dict[str, Indicator], dict[str, Begun]]:
    """The indicators that could be scored together, and what is computed of the others."""
    size = max(SMALLEST, LARGEST_CELLS // max(env.n_regions, 1))
    blocks: list[_Block] = model.keep(f"blocks-{size}", lambda: _plan(model, spec, size))
    done: dict[str, Indicator] = {}
    begun: dict[str, Begun] = {}
    for block in blocks:
        _score(model, env, block, scale, source, done, begun)
    return done, begun


def _score(
    model: Model,
    env: Environment,
    block: _Block,
    scale: float,
    source: Source,
    done: dict[str, Indicator],
    begun: dict[str, Begun],
) -> None:
    n_regions, n_members = env.n_regions, len(block.members)
    rows: list[Array] = []
    fulls: list[float] = []
    givens: list[Given] = []
    for member in block.members:
        node = member.node
        assert node.value is not None
        rows.append(source.value_of(node))
        full = member.full_marks
        if full is None:
            full = full_marks_of(model, env, node.points, scale)
        fulls.append(full)
        givens.append(member.given or compute_fields(node.score, model, env))  # type: ignore[arg-type]
    matrix = np.concatenate(rows).reshape(n_members, n_regions)
    given = block.given if block.given is not None else _stacked(givens)
    quiet = _Quiet(env.codes, {}, env.period)
    given = block.rule.against_rows(matrix, given)
    points = block.rule.points(matrix, np.array(fulls)[:, None], given, quiet)  # type: ignore[arg-type]
    most = points.max(axis=1)  # a gap anywhere makes it NaN
    complete = np.isfinite(most) & np.isfinite(points.min(axis=1))
    if not block.rule.may_exceed:
        complete &= ~above_full(most, np.array(fulls))
    for place, member in enumerate(block.members):
        begun[member.node.id] = Begun(rows[place], givens[place])
        if complete[place] and not source.is_out(member.node.id):
            done[member.node.id] = Indicator(
                member.node,
                fulls[place],
                rows[place],
                points[place],
                None,
                _with_measures(givens[place], given, place),
                None,
                None,
            )


def _with_measures(own: Given, given: Given, place: int) -> Given:
    """An indicator's fields with its row of the measures that its rule compares with."""
    if "against" not in given:
        return own
    rows = {key: row[place] for key, row in given["against"].items()}
    return {**own, "against": {key: row if row.size > 1 else row[0] for key, row in rows.items()}}


def _plan(model: Model, spec: EvaluationSpec, size: int) -> list[_Block]:
    """Which indicators stand in which block of at most `size`."""
    by_shape: dict[Any, list[NodeSpec]] = {}
    in_period = spec.panel.normalise == "each"
    for node in spec.nodes():
        rule = node.score
        if isinstance(rule, ScoringRule) and rule.compares and not in_period:
            continue
        if isinstance(rule, ScoringRule) and rule.takes_rows and _is_plain(model, node):
            by_shape.setdefault((type(rule), _shape(rule)), []).append(node)
    blocks = []
    for nodes in (part for alike in by_shape.values() for part in batched(alike, size)):
        if len(nodes) < SMALLEST:
            continue
        members = tuple(_member(model, node) for node in nodes)
        rule = nodes[0].score
        assert isinstance(rule, ScoringRule)
        givens = [member.given for member in members if member.given is not None]
        given = _stacked(givens) if len(givens) == len(members) else None
        blocks.append(_Block(rule, members, given))
    return blocks


def _is_plain(model: Model, node: NodeSpec) -> bool:
    """Whether value and rule are all that there is to the indicator."""
    assert node.value is not None
    of_region = {"value", "full_marks"}
    return (
        not node.override
        and node.decimals is None
        and node.missing != "group_mean"
        and model.compiled(node.value).kind != "text"
        and not any(of_region & expr.names for expr in _expressions(node.score))
    )


def _member(model: Model, node: NodeSpec) -> _Member:
    nothing = Environment((), {})
    full = None
    if node.points is not None and _is_literal(node.points):
        full = full_marks_of(model, nothing, node.points, 1.0)
    given = None
    if all(map(_is_literal, _expressions(node.score))):
        given = compute_fields(node.score, model, nothing)  # type: ignore[arg-type]
    return _Member(node, full, given)


def _is_literal(expr: Expr) -> bool:
    tree = expr.tree.operand if isinstance(expr.tree, ast.UnaryOp) else expr.tree
    return isinstance(tree, ast.Constant)


def _expressions(part: Any) -> list[Expr]:
    if isinstance(part, Expr):
        return [part]
    if isinstance(part, BaseModel):
        part = [getattr(part, name) for name in type(part).model_fields]
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list | tuple):
        return [expr for item in part for expr in _expressions(item)]
    return []


def _shape(part: Any) -> Any:
    """What two rules must share to stand in one block: everything but their expressions."""
    if isinstance(part, Expr):
        return Expr
    if isinstance(part, BaseModel):
        return tuple(_shape(getattr(part, name)) for name in type(part).model_fields)
    if isinstance(part, list | tuple):
        return tuple(_shape(item) for item in part)
    return part


def _stacked(parts: Sequence[Any]) -> Any:
    """The computed fields of several rules as one: arrays of shape (n_rules, 1 or n_regions)."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        if all(part.ndim == 0 for part in parts):
            return np.array(parts, dtype=float)[:, None]
        widest = max(part.size for part in parts)
        return np.array([np.broadcast_to(part, widest) for part in parts], dtype=float)
    if isinstance(first, dict):
        return {key: _stacked([part[key] for part in parts]) for key in first}
    if isinstance(first, list):
        return [_stacked(items) for items in zip(*parts, strict=True)]
    return first
