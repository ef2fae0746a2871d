"""What a schema's own checks refuse, said in both languages."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticCustomError


def refusal(en: str, zh: str, **more: Any) -> PydanticCustomError:
    """The error that a validator raises; `offset` is the place in an expression."""
    return PydanticCustomError("model", "{en}", {"en": en, "zh": zh, **more})
