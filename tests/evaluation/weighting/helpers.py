"""Methods of weighting on siblings held in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import Weighting, Weights
from reliefperf.model.spec_evaluation import WEIGHTINGS
from tests.building import siblings_of


def method(how: Any) -> Weighting:
    """A method as it stands in a model."""
    found = WEIGHTINGS.pick(how)
    assert isinstance(found, Weighting)
    return found


def weighed(parts: Any, how: Any, present: Any = None) -> tuple[Weights, Siblings]:
    """The weights that a method gives siblings, and the siblings with the notes made."""
    siblings = siblings_of(parts, present)
    return method(how).weights(siblings), siblings


def said(how: Any, ids: Sequence[str]) -> list[tuple[tuple[Any, ...], str]]:
    """Where and what is wrong with a method as written; each said in both languages."""
    found = list(method(how).mistakes(ids, lambda expr: None))
    assert all(zh and zh != en for _, en, zh in found)
    return [(path, en) for path, en, _ in found]
