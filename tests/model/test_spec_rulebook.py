"""Every word of the rule book stands on its page."""

from pathlib import Path

import pytest

from reliefperf.model.compiling import LOOKED_UP
from reliefperf.model.spec_data import PARTS, Take
from reliefperf.model.spec_rulebook import (
    STATUSES,
    Consequence,
    DecisionsSpec,
    Effect,
    FindingsSpec,
)

PAGE = (Path(__file__).parents[2] / "docs" / "accountability.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("spec", [FindingsSpec, Consequence, DecisionsSpec])
def test_every_key_is_on_the_page(spec: type[FindingsSpec | Consequence | DecisionsSpec]) -> None:
    assert [
        key for key in spec.model_fields if f"{key}:" not in PAGE and f"`{key}`" not in PAGE
    ] == []


def test_every_choice_and_function_is_on_the_page() -> None:
    words = (*STATUSES, *Effect.__args__, *Take.__args__, *PARTS)  # type: ignore[attr-defined]
    assert [word for word in words if f"`{word}`" not in PAGE] == []
    assert [name for name in LOOKED_UP if f"`{name}(" not in PAGE] == []
