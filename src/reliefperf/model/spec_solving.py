"""What a model says of a number that is solved for."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, Strict, model_validator
from pydantic_core import CoreSchema

from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import Spec


class SolveSpec(Spec):
    """The number for which the amounts of `each` add up to the total; a name stands for it alone."""

    name: str = Field(description="what `each` calls it; known in this expression alone")
    between: Annotated[tuple[float, float], Strict(False)] | None = Field(
        None, description="the range in which it is sought; without it from 0 and 1 outwards"
    )

    rises: Literal["each", "total"] = Field(
        "each",
        description="what must rise, or fall, with the number: every amount, or only their sum",
    )

    @model_validator(mode="before")
    @classmethod
    def _plain_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}

    @model_validator(mode="after")
    def _is_a_range(self) -> SolveSpec:
        if self.between is None:
            return self
        low, high = self.between
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise refusal(
                "the range of the unknown is two numbers, the smaller first: between: [0, 10]",
                "未知数的范围为两个数，小的在前：between: [0, 10]",
            )
        return self
