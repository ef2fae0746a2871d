"""Small allocation models for tests: a text and columns in, whole amounts out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pandas as pd

from reliefperf.model.building import build_model
from reliefperf.model.document import parse_document
from reliefperf.model.model import Model
from reliefperf.scenarios import loading  # noqa: F401  (registers the rules)
from reliefperf.scenarios.running import Run, allocate

HEAD = "model: m\nlanguage: en\ndata: {region: code}\n"


def build(text: str) -> Model:
    """A model from the text of its sections."""
    return build_model(parse_document(HEAD + dedent(text), "model.yaml"), Path())


def frame(**columns: list[object]) -> pd.DataFrame:
    """Regions 001, 002, ... with these columns."""
    n_regions = len(next(iter(columns.values())))
    codes = [f"{i:03d}" for i in range(1, n_regions + 1)]
    return pd.DataFrame({"code": codes, **columns})


def pay(text: str, **columns: list[object]) -> Run:
    """Allocate a model on columns."""
    return allocate(build(text), frame(**columns))


def amounts(run: Run, pool: str = "total") -> list[Decimal]:
    """What is paid to each region."""
    assert run.last.allocation is not None
    return run.last.allocation.amounts(pool)
