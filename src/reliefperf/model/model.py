"""A model that is sound: its spec, its tables and parameters, and every expression compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from reliefperf.errors import InputError, Lang, Mistake, suggestion
from reliefperf.model.compiling import MISSING, Compiled, Scope, compile_expression
from reliefperf.model.consistency import consistency_mistakes
from reliefperf.model.document import Document, Path_, dotted, load_document
from reliefperf.model.environment import Kind
from reliefperf.model.expressions import Expr, normalise
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.parameters import Dated, read_parameter
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_data import in_language
from reliefperf.model.table_files import TableError, make_table
from reliefperf.model.tables import Table
from reliefperf.model.validation import validate

REGION_COLUMNS: dict[str, Kind] = {
    "region": "text",
    "region_name": "text",
    "parent": "text",
    "level": "text",
    "period": "text",
}
"""Columns that every environment has."""

RESERVED = {
    *REGION_COLUMNS,
    MISSING,
    "score",
    "grade",
    "rank",
    "budget",
    "value",
    "full_marks",
    "amount",
    "entitlement",
    "previous",
    "total",
}
"""Names that a model cannot give to things of its own."""

_NOT_YET = {
    "evaluation": ("is known only after the evaluation", "在评价完成之后才有值"),
    "allocation": ("is known only after the allocation", "在资金分配之后才有值"),
    "pool": ("is a pool that stands later in the file", "是排在后面的资金池"),
}


@dataclass(frozen=True)
class Model:
    """A sound model.

    `compiled` holds every expression by identity; `derived` gives derived columns in the order in
    which they can be computed, by the stage after which they are known (0 data, 1 evaluation,
    2 allocation).
    """

    spec: ModelSpec
    folder: Path | None
    source: str
    document: Document = field(repr=False)
    tables: Mapping[str, Table] = field(repr=False)
    parameters: Mapping[str, float | str | Dated] = field(repr=False)
    derived: Mapping[int, tuple[str, ...]] = field(repr=False)
    _compiled: Mapping[int, Compiled] = field(repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.spec.model

    @property
    def language(self) -> Lang:
        """The language of reasons and reports."""
        return self.spec.language

    def title(self, lang: Lang | None = None) -> str:
        """The model's title."""
        return in_language(self.spec.title, lang or self.language, self.spec.model)

    def compiled(self, expr: Expr) -> Compiled:
        """The compiled form of an expression of this model's spec."""
        return self._compiled[id(expr)]

    def __repr__(self) -> str:
        parts = [f"{len(self.spec.variables)} variables"]
        if self.spec.evaluation is not None:
            leaves = sum(node.value is not None for node in self.spec.evaluation.nodes())
            parts.append(f"{leaves} indicators")
        if self.spec.allocation is not None:
            parts.append(f"{len(self.spec.allocation.pools)} pools")
            parts.append(f"{len(self.spec.allocation.rules)} rules")
        return f"<Model {self.name}: {', '.join(parts)}>"

    def _repr_html_(self) -> str:
        import html

        return f"<b>{html.escape(self.title())}</b><br><code>{html.escape(repr(self))}</code>"


def load_model_file(path: Path, shown: str | None = None) -> Model:
    """Load a model from a folder with model.yaml, or from a file; raises InputError."""
    file = path / "model.yaml" if path.is_dir() else path
    name = shown or str(file)
    document = load_document(file, name)
    return build_model(document, file.parent, {file.name: _sha256(file)})


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build_model(
    document: Document, folder: Path | None, files: dict[str, str] | None = None
) -> Model:
    """Check a document as a whole and compile it; raises InputError with every mistake."""
    model, mistakes = _Builder(document, folder).build(files or {})
    if mistakes or model is None:
        raise InputError(sorted(set(mistakes)))
    return model


def expressions_in(
    part: Any, path: Path_ = (), meaning: Mapping[str, Any] | None = None
) -> Iterator[tuple[Path_, Expr, Mapping[str, Any]]]:
    """Every expression in a spec with its path and what its field wants of it."""
    if isinstance(part, Expr):
        yield path, part, meaning or {}
    elif isinstance(part, BaseModel):
        for name, info in type(part).model_fields.items():
            extra = info.json_schema_extra
            inner = extra.get("expression") if isinstance(extra, dict) else None
            yield from expressions_in(
                getattr(part, name), (*path, name), inner if isinstance(inner, dict) else None
            )
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from expressions_in(value, (*path, key), meaning)
    elif isinstance(part, list | tuple):
        for place, value in enumerate(part):
            yield from expressions_in(value, (*path, place), meaning)


class _Builder:
    def __init__(self, document: Document, folder: Path | None) -> None:
        self.document = document
        self.folder = folder
        self.mistakes: list[Mistake] = []
        self.compiled: dict[int, Compiled] = {}
        self.tables: dict[str, Table] = {}
        self.parameters: dict[str, float | str | Dated] = {}
        self.cut: frozenset[Path_] = frozenset()

    def wrong(self, path: Path_, en: str, zh: str, **more: Any) -> None:
        self.mistakes.append(self.document.mistake(path, en, zh, **more))

    def build(self, files: dict[str, str]) -> tuple[Model | None, list[Mistake]]:
        spec, self.mistakes, self.cut = validate(ModelSpec, self.document)
        if spec is None:
            return None, self.mistakes
        self.spec = spec
        self._names()
        self._read_parameters()
        self._make_tables()
        derived = self._compile_derived()
        self._compile_sections()
        self.mistakes += consistency_mistakes(spec, self.document, self.cut, self.parameters)
        if self.mistakes:
            return None, self.mistakes
        return (
            Model(
                spec,
                self.folder,
                self.document.file,
                self.document,
                self.tables,
                self.parameters,
                derived,
                self.compiled,
                {**files, **self._table_files()},
            ),
            [],
        )

    def _table_files(self) -> dict[str, str]:
        from reliefperf.model.spec_tables import FromFile

        found: dict[str, str] = {}
        for table in self.spec.tables.values():
            sources = [table.steps.rows if table.steps else None, table.piecewise, table.lookup]
            for source in sources:
                if isinstance(source, FromFile) and self.folder is not None:
                    found[source.file] = _sha256(self.folder / source.file)
        return found

    # ------------------------------------------------------------ names

    def _names(self) -> None:
        """Every name once, none reserved; fills the kinds known at each stage."""
        spec = self.spec
        places: list[tuple[str, Path_, str, str]] = []
        for section, en, zh in (
            ("variables", "a variable", "变量"),
            ("parameters", "a parameter", "参数"),
            ("tables", "a table", "表"),
            ("derived", "a derived column", "派生列"),
        ):
            places += [(name, (section, name), en, zh) for name in getattr(spec, section)]
        self.node_ids: list[str] = []
        if spec.evaluation is not None:
            for place, node in enumerate(spec.evaluation.tree):
                for path, found in _node_paths(node, ("evaluation", "tree", place)):
                    places.append((found, (*path, "id"), "a node of the tree", "评价节点"))
                    self.node_ids.append(found)
        self.pool_ids: list[str] = []
        if spec.allocation is not None:
            for name in spec.allocation.pools:
                places.append((name, ("allocation", "pools", name), "a pool", "资金池"))
                self.pool_ids.append(name)
        seen: dict[str, tuple[str, str]] = {}
        for name, path, en, zh in places:
            if name in seen:
                self.wrong(
                    path,
                    f"'{name}' is already {seen[name][0]}; give {en} another name",
                    f"“{name}”已是{seen[name][1]}的名称；请为{zh}另取名",
                    of_key=path[-1] != "id",
                )
            elif name in RESERVED:
                self.wrong(
                    path,
                    f"'{name}' is a word of the language; choose another name (for a variable, "
                    f"`column: {name}` keeps the heading of the file)",
                    f"“{name}”是语言保留的名称；请另取名（变量可用 column: {name} 保留表头）",
                    of_key=path[-1] != "id",
                )
            elif name in FUNCTIONS and path[0] == "tables":
                self.wrong(
                    path,
                    f"'{name}' is a function of the language; name the table differently",
                    f"“{name}”是内置函数名；请为表另取名",
                    of_key=True,
                )
            elif (
                path[0] in ("variables", "parameters", "derived", "tables")
                and (not name.isidentifier() or iskeyword(name) or normalise(name)[0] != name)
            ):
                self.wrong(
                    path,
                    f"'{name}' cannot be used in expressions: use letters, digits and '_', not "
                    "starting with a digit (for a variable, `column:` keeps the heading)",
                    f"“{name}”不能用于表达式：请用字母、汉字、数字和下划线，且不以数字开头（变量可用 column 保留表头）",
                    of_key=True,
                )
            seen.setdefault(name, (en, zh))
        type_kind: dict[str, Kind] = {"text": "text", "boolean": "bool"}
        self.data_kinds: dict[str, Kind] = dict(REGION_COLUMNS)
        for name, variable in spec.variables.items():
            self.data_kinds[name] = type_kind.get(variable.type, "number")
        # names lost to an earlier mistake must not give rise to more
        raw = self.document.data
        for section in ("variables", "parameters", "derived"):
            if isinstance(raw.get(section), dict):
                for name in raw[section]:
                    if name not in getattr(spec, section):
                        self.data_kinds.setdefault(str(name), "number")

    def _read_parameters(self) -> None:
        for name, parameter in self.spec.parameters.items():
            try:
                value = read_parameter(parameter)
            except ValueError as error:
                self.wrong(
                    ("parameters", name),
                    f"'{error}' is not a date: write 2015, 2011-11 or 2024-12-23",
                    f"“{error}”不是日期：请写 2015、2011-11 或 2024-12-23",
                )
                value = float("nan")
            self.parameters[name] = value
            self.data_kinds[name] = "text" if isinstance(value, str) else "number"
        self.constants = frozenset(self.spec.parameters)

    def _make_tables(self) -> None:
        for name, spec in self.spec.tables.items():
            try:
                self.tables[name] = make_table(name, spec, self.folder)
            except TableError as error:
                self.wrong(("tables", name), error.en, error.zh)

    # ------------------------------------------------------------ expressions

    def _later(self, stage: int) -> dict[str, tuple[str, str]]:
        """Names that exist but are not known at a stage."""
        later: dict[str, tuple[str, str]] = {}
        if stage < 1 and self.spec.evaluation is not None:
            for name in ("score", "grade", "rank", *self.node_ids):
                later[name] = _NOT_YET["evaluation"]
        if stage < 2 and self.spec.allocation is not None:
            for name in ("amount", "entitlement", *self.pool_ids):
                later[name] = _NOT_YET["allocation"]
        return later

    def _stage_kinds(self, stage: int) -> dict[str, Kind]:
        kinds = dict(self.data_kinds)
        for at, names in self.derived_stages.items():
            if at <= stage:
                kinds.update({name: self.derived_kinds[name] for name in names})
        if stage >= 1 and self.spec.evaluation is not None:
            kinds.update({"score": "number", "rank": "number", "grade": "text"})
            kinds.update(dict.fromkeys(self.node_ids, "number"))
        if stage >= 1 and self.spec.allocation is not None and self.spec.allocation.budget:
            kinds["budget"] = "number"
        if stage >= 2 and self.spec.allocation is not None:
            kinds.update(dict.fromkeys(["amount", "entitlement", *self.pool_ids], "number"))
        return kinds

    def _compile_derived(self) -> dict[int, tuple[str, ...]]:
        derived = self.spec.derived
        stages: dict[str, int] = {}
        order: list[str] = []
        open_names: list[str] = []
        evaluation = {"score", "grade", "rank", *self.node_ids}
        allocation = {"amount", "entitlement", *self.pool_ids}

        def visit(name: str) -> int:
            if name in stages:
                return stages[name]
            if name in open_names:
                circle = " -> ".join([*open_names[open_names.index(name) :], name])
                self.wrong(
                    ("derived", name), f"goes round in a circle: {circle}", f"循环引用：{circle}"
                )
                return 0
            open_names.append(name)
            stage = 0
            for other in sorted(derived[name].direct_names):
                if other in derived:
                    stage = max(stage, visit(other))
                elif other in evaluation and self.spec.evaluation is not None:
                    stage = max(stage, 1)
                elif other in allocation and self.spec.allocation is not None:
                    stage = 2
            open_names.pop()
            stages[name] = stage
            order.append(name)
            return stage

        for name in derived:
            visit(name)
        self.derived_kinds: dict[str, Kind] = {}
        self.derived_stages: dict[int, list[str]] = {0: [], 1: [], 2: []}
        for name in order:
            stage = stages[name]
            later = self._later(stage)
            later.update(
                {
                    other: ("is a derived column known only later", "是之后才有值的派生列")
                    for other in derived
                    if other not in self.derived_kinds
                }
            )
            found = self._compile(
                ("derived", name),
                derived[name],
                {},
                Scope(self._stage_kinds(stage), self.tables, self.constants, later),
            )
            self.derived_kinds[name] = found.kind if found is not None else "number"
            self.derived_stages[stage].append(name)
        return {stage: tuple(names) for stage, names in self.derived_stages.items()}

    def _compile(
        self, path: Path_, expr: Expr, meaning: Mapping[str, Any], scope: Scope
    ) -> Compiled | None:
        expected: Kind | None = meaning.get("kind", "number") if meaning else None
        if path[0] != "derived" and not meaning:
            expected = "number"
        if expected == "any":  # type: ignore[comparison-overlap]
            expected = None
        compiled, errors = compile_expression(
            expr,
            scope,
            expected=expected,
            constant=bool(meaning.get("constant")),
            label=dotted(path),
        )
        for error in errors:
            self.wrong(path, error.en, error.zh, offset=error.offset)
        if compiled is not None:
            self.compiled[id(expr)] = compiled
        return compiled

    def _compile_sections(self) -> None:
        scopes = [
            Scope(self._stage_kinds(stage), self.tables, self.constants, self._later_of(stage))
            for stage in range(3)
        ]
        data, evaluated, allocated = scopes
        in_rule = Scope(
            {**data.kinds, "full_marks": "number"}, data.tables, data.constants, data.later
        )
        spec = self.spec
        if spec.evaluation is not None:
            value_kinds = self._value_kinds()
            for path, expr, meaning in expressions_in(spec.evaluation, ("evaluation",)):
                scope, wanted = evaluated, meaning
                if path[1] == "tree":
                    scope = data
                    if "score" in path or "override" in path:
                        kind = value_kinds.get(_node_of(path), "number")
                        scope = Scope(
                            {**in_rule.kinds, "value": kind},
                            data.tables,
                            data.constants,
                            data.later,
                        )
                elif path[1] == "scale":
                    scope = data
                self._compile(path, expr, wanted, scope)
        if spec.allocation is not None:
            self._compile_allocation(evaluated)
        for place, check in enumerate(spec.published):
            for path, expr, meaning in expressions_in(check, ("published", place)):
                self._compile(path, expr, meaning, allocated)

    def _later_of(self, stage: int) -> dict[str, tuple[str, str]]:
        later = self._later(stage)
        for at, names in self.derived_stages.items():
            if at > stage:
                reason = _NOT_YET["evaluation" if at == 1 else "allocation"]
                later.update(dict.fromkeys(names, reason))
        return later

    def _value_kinds(self) -> dict[Path_, Kind]:
        """The kind of each indicator's value, by the path of its node."""
        kinds: dict[Path_, Kind] = {}
        assert self.spec.evaluation is not None
        scope = Scope(self._stage_kinds(0), self.tables, self.constants, self._later_of(0))
        for path, expr, _ in expressions_in(self.spec.evaluation, ("evaluation",)):
            if path[1] == "tree" and path[-1] == "value":
                compiled, _errors = compile_expression(expr, scope)
                if compiled is not None:
                    kinds[path[:-1]] = compiled.kind
        return kinds

    def _compile_allocation(self, evaluated: Scope) -> None:
        allocation = self.spec.allocation
        assert allocation is not None
        kinds = dict(evaluated.kinds)
        later = {**(evaluated.later or {}), **dict.fromkeys(self.pool_ids, _NOT_YET["pool"])}
        without_budget = {name: kind for name, kind in kinds.items() if name != "budget"}
        for path, expr, meaning in expressions_in(allocation, ("allocation",)):
            if path[1] == "budget":
                self._compile(
                    path, expr, meaning, Scope(without_budget, self.tables, self.constants, later)
                )
            elif path[1] != "pools":
                hint = (
                    "is a pool: rules compare pools with `ratio`, not inside an expression",
                    "是资金池：资金池之间的比较请用 ratio 规则，不能写在表达式里",
                )
                rule_later = {**later, **dict.fromkeys(self.pool_ids, hint)}
                self._compile(
                    path, expr, meaning, Scope(kinds, self.tables, self.constants, rule_later)
                )
        for name, pool in allocation.pools.items():
            scope = Scope(dict(kinds), self.tables, self.constants, dict(later))
            for path, expr, meaning in expressions_in(pool, ("allocation", "pools", name)):
                self._compile(path, expr, meaning, scope)
            kinds[name] = "number"
            later.pop(name, None)


def _node_of(path: Path_) -> Path_:
    """The path of the node that a deeper path belongs to."""
    for mark in ("score", "override"):
        if mark in path:
            return path[: path.index(mark)]
    return path


def _node_paths(node: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    yield path, node.id
    for place, child in enumerate(node.children):
        yield from _node_paths(child, (*path, "children", place))


__all__ = ["Model", "build_model", "expressions_in", "load_model_file", "suggestion"]
