"""Scoring rules and allocation rules by the key that names them in a model file.

A rule is one class in one file: its fields are its schema, its docstring says what it does and
where it comes from. `evaluation.scoring` and `allocation.rules` fill these registers; the loader
reads them, so that the language grows by adding a file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, get_args, get_origin

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from reliefperf.errors import suggestion
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import Spec


class RuleSpec(Spec):
    """The base of every rule: a frozen schema with the key that names it."""

    key: ClassVar[str]


class Register[R: RuleSpec]:
    """Rules by key, and a pydantic type that picks the rule by the key that stands in the file."""

    def __init__(self, what_en: str, what_zh: str) -> None:
        self.rules: dict[str, type[R]] = {}
        self.what = (what_en, what_zh)

    def add(self, key: str) -> Callable[[type[R]], type[R]]:
        """Register a class under `key`; the key must be one of its fields."""

        def register(rule: type[R]) -> type[R]:
            rule.key = key
            self.rules[key] = rule
            return rule

        return register

    def pick(self, value: object) -> R:
        """The rule that a piece of a model file describes."""
        if isinstance(value, RuleSpec):
            return value  # type: ignore[return-value]
        if isinstance(value, str):
            self._refuse_bare(value)
            value = {value: True}
        what_en, what_zh = self.what
        if not isinstance(value, dict):
            raise refusal(
                f"expected {what_en} such as {{{next(iter(self.rules))}: ...}}",
                f"此处应为{what_zh}",
            )
        named = [key for key in value if key in self.rules]
        # an option of one rule may bear the name of another: improvement has goalposts
        whole = [key for key in named if set(named) <= set(self.rules[key].model_fields)]
        named = whole if len(whole) == 1 else named
        if len(named) != 1:
            if named:
                listed = ", ".join(named)
                raise refusal(
                    f"one {what_en} at a time, found {listed}",
                    f"只能写一个{what_zh}，这里有 {listed}",
                )
            fields = [set(rule.model_fields) for rule in self.rules.values()]
            shared = set.intersection(*fields) if fields else set()
            own = [key for key in value if key not in shared]
            wrong = str(next(iter(own or value), ""))
            meant = _MEANT.get(wrong, wrong)
            en, zh = suggestion(meant if meant in self.rules else wrong, self.rules)
            raise refusal(f"'{wrong}' is not a {what_en}{en}", f"“{wrong}”不是{what_zh}{zh}")
        return self.rules[named[0]].model_validate(value)

    def _refuse_bare(self, name: str) -> None:
        """Refuse a name alone where the rule needs to know more."""
        if name not in self.rules or _choices(self.rules[name]) == (True,):
            return
        words = [word for word in _choices(self.rules[name]) if isinstance(word, str)]
        forms = [f"{{{name}: {word}}}" for word in words] or [f"{{{name}: ...}}"]
        alone = ", ".join(key for key, rule in self.rules.items() if _choices(rule) == (True,))
        alone_en = f"; by its name alone stands: {alone}" if alone else ""
        raise refusal(
            f"`{name}` needs to be told more: write {' or '.join(forms)}{alone_en}",
            f"{name} 还须写明内容：{'、'.join(forms)}"
            + (f"；只写名称的有：{alone}" if alone else ""),
        )


_MEANT = {
    **dict.fromkeys(("mean", "average"), "arithmetic"),
    **dict.fromkeys(("min", "minimum", "at_least", "guarantee"), "floor"),
    **dict.fromkeys(("max", "maximum", "at_most", "limit"), "cap"),
}
"""Words for a rule that another rule's name is nearer to."""


def _choices(rule: type[RuleSpec]) -> tuple[object, ...]:
    """The words that the field of a rule's own name may hold, if they are listed."""
    annotation = rule.model_fields[rule.key].annotation
    return get_args(annotation) if get_origin(annotation) is Literal else ()


class Picked:
    """Annotation that makes a pydantic field hold a registered rule."""

    def __init__(self, register: Register[Any]) -> None:
        self.register = register

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.register.pick)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        rules = self.register.rules
        described = [handler(rule.__pydantic_core_schema__) for rule in rules.values()]
        return {"anyOf": [{"type": "string", "enum": list(rules)}, *described]}
