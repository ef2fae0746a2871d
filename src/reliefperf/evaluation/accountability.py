"""What follows from findings: which consequence applies where, and what the regions claimed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import Note
from reliefperf.evaluation.siblings import Mask
from reliefperf.model.claimed import claimed_nodes
from reliefperf.model.environment import Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.looking_up import Asked, asked_for
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import Adjustment, EvaluationSpec
from reliefperf.model.spec_rulebook import Consequence, Status, consequence_key, part_key


@dataclass(frozen=True)
class Imposed:
    """One consequence and where it applies, shape (n_regions,)."""

    spec: Consequence
    applies: NDArray[np.bool_]


@dataclass(frozen=True)
class Counted:
    """Findings that a condition counts: of a kind ('' for any) and status, so many periods back.

    With `consequence` it is that consequence that the condition looks at instead.
    """

    kind: str
    status: Status
    back: int
    consequence: str = ""


def as_adjustments(spec: EvaluationSpec) -> list[Adjustment]:
    """The consequences that move the score or the grade, as adjustments under their own id."""
    return [
        Adjustment(
            id=item.id,
            title=item.title,
            basis=item.basis,
            note=item.note,
            when=item.when,
            deduct=item.points,
            veto=item.effect == "veto",
            cap_grade=item.grade,
        )
        for item in spec.consequences
        if item.moves
    ]


def impose(model: Model, env: Environment, spec: EvaluationSpec, *, moving: bool) -> list[Imposed]:
    """Where each consequence applies, in the order of the file; later ones may look at earlier ones.

    `moving` takes those on which the score or the grade depends, else the others. A condition that
    is missing does not hold, which is noted.
    """
    found: list[Imposed] = []
    for item in spec.consequences:
        if item.moves != moving:
            continue
        condition = model.compiled(item.when).full(env)
        env.report(
            "condition-unknown",
            item.id,
            "the condition is missing, so the consequence does not apply",
            "条件缺失，不予问责",
            np.isnan(condition),
        )
        applies = np.asarray(condition == 1)
        env.columns[consequence_key(item.id)] = applies.astype(float)
        _note_unfounded(env, item)
        found.append(Imposed(item, applies))
    return found


def _note_unfounded(env: Environment, item: Consequence) -> None:
    """Say that a consequence names no legal basis or no unit that carries it out."""
    for kind, stated, en, zh in (
        (
            "no-basis",
            item.basis,
            "no legal basis is stated: the modeller's choice",
            "没有写依据：属建模者选择",
        ),
        ("no-responsible", item.responsible, "no responsible unit is stated", "没有写责任单位"),
    ):
        note = Note(kind, en, zh, 1, item.id)
        if stated is None and note not in env.notes:
            env.notes.append(note)


def claim(model: Model, env: Environment, spec: EvaluationSpec) -> None:
    """Add the points that regions claim, by indicator, group and score, to the columns."""
    for name, leaves in model.keep("claimed", lambda: claimed_nodes(spec)).items():
        parts = [model.compiled(leaf.claimed).full(env) for leaf in leaves if leaf.claimed]
        env.columns[part_key("claimed", name)] = np.sum(parts, axis=0, dtype=float)


def barred(model: Model, env: Environment, pool_id: str) -> Mask:
    """The regions that a consequence shuts out of a pool, shape (n_regions,)."""
    spec = model.spec.evaluation
    shut: Mask = np.zeros(env.n_regions, dtype=bool)
    for item in spec.consequences if spec is not None else ():
        if pool_id not in item.pools:
            continue
        applies: Mask = np.asarray(env.columns[consequence_key(item.id)] == 1)
        env.report(
            "ineligible",
            pool_id,
            f"shut out by the consequence '{item.id}'",
            f"因问责“{item.id}”失去资格",
            applies,
        )
        shut |= applies
    return shut


def counted_by(item: Consequence) -> list[Counted]:
    """The findings and consequences that the condition, or the points, of a consequence look at."""
    found: dict[Counted, None] = {}
    for expr in (item.when, item.points):
        if expr is not None:
            found |= dict.fromkeys(_counted_in(expr))
    return list(found)


def _counted_in(expr: Expr) -> Iterator[Counted]:
    pending: list[tuple[ast.AST, int]] = [(expr.tree, 0)]
    while pending:
        node, back = pending.pop(0)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("findings", "consequence"):
                asked = asked_for(node)
                assert isinstance(asked, Asked)
                if node.func.id == "findings":
                    yield Counted(asked.about, asked.status, back)
                else:
                    yield Counted("", asked.status, back, asked.about)
                continue
            back += node.func.id == "previous"
        pending += [(child, back) for child in ast.iter_child_nodes(node)]
