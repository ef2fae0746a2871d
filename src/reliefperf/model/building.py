"""From a document to a sound model: names, tables, kinds, every expression compiled and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from keyword import iskeyword
from pathlib import Path
from typing import Any

import numpy as np

from reliefperf.errors import InputError, Mistake
from reliefperf.model.claimed import claimed_nodes
from reliefperf.model.compiling import (
    LOOKED_UP,
    MISSING,
    Compiled,
    Scope,
    compile_expression,
    kind_of,
)
from reliefperf.model.consistency import consistency_mistakes
from reliefperf.model.document import Document, Path_, dotted, load_document
from reliefperf.model.environment import Environment, Kind
from reliefperf.model.expressions import ORDINARY_WORDS, Expr, normalise
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.model import Model, expressions_in, file_sha256
from reliefperf.model.parameters import Dated, ParameterError, read_parameter
from reliefperf.model.spec import ModelSpec
from reliefperf.model.spec_rulebook import STATUSES, consequence_key, findings_key, part_key
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
    "improvement",
    "improvement_rank",
    "improvement_grade",
    "budget",
    "value",
    "full_marks",
    "amount",
    "entitlement",
    "previous",
    "total",
}
"""Names that a model cannot give to things of its own."""

IMPROVEMENT: dict[str, Kind] = {
    "improvement": "number",
    "improvement_grade": "text",
    "improvement_rank": "number",
}
"""What `evaluation.improvement` gives."""

_NOT_YET = {
    "evaluation": ("is known only after the evaluation", "在评价完成之后才有值"),
    "allocation": ("is known only after the allocation", "在资金分配之后才有值"),
    "adjustments": ("is known only after the adjustments", "在各项调整之后才有值"),
    "grades": ("is known only after the grades", "在评定等次之后才有值"),
    "consequence": ("is a consequence that is known only later", "是之后才确定的问责"),
    "pool": ("is a pool that stands later in the file", "是排在后面的资金池"),
}

_BESIDE_THE_TREE = (
    *("adjustments", "bonus_limit", "min_score", "max_score"),
    *("consequences", "grades", "rank", "improvement"),
)
"""Parts of the evaluation that come before all of its results are known."""


def load_model_file(path: Path, shown: str | None = None) -> Model:
    """Load a model from a folder with model.yaml, or from a file; raises InputError."""
    file = path / "model.yaml" if path.is_dir() else path
    name = shown or str(file)
    document = load_document(file, name)
    return build_model(document, file.parent, {file.name: file_sha256(file)})


def build_model(
    document: Document, folder: Path | None, files: dict[str, str] | None = None
) -> Model:
    """Check a document as a whole and compile it; raises InputError with every mistake."""
    model, mistakes = _Builder(document, folder).build(files or {})
    if mistakes or model is None:
        raise InputError(sorted(set(mistakes)))
    return model


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
        case_files = self._case_files()
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
                {**files, **self._table_files(), **case_files},
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
                    found[source.file] = file_sha256(self.folder / source.file)
        regions = self.spec.regions
        if regions is not None and self.folder is not None and regions.table != "gb2260":
            path = self.folder / regions.table
            if path.is_file():
                found[regions.table] = file_sha256(path)
        return found

    def _case_files(self) -> dict[str, str]:
        """The tables of findings and decisions."""
        evaluation = self.spec.evaluation
        found: dict[str, str] = {}
        for path, spec in (
            (("findings",), self.spec.findings),
            (("evaluation", "decisions"), evaluation.decisions if evaluation else None),
        ):
            if spec is None or self.folder is None:
                continue
            file = self.folder / spec.file
            if Path(spec.file).is_absolute() or not file.is_file():
                self.wrong(
                    (*path, "file"),
                    f"there is no file '{spec.file}' beside the model",
                    f"模型旁没有文件“{spec.file}”",
                )
            else:
                found[spec.file] = file_sha256(file)
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
            elif name in RESERVED or (name == "name" and path[-1] == "id"):
                self.wrong(
                    path,
                    f"'{name}' is a word of the language; choose another name (for a variable, "
                    f"`column: {name}` keeps the heading of the file)",
                    f"“{name}”是语言保留的名称；请另取名（变量可用 column: {name} 保留表头）",
                    of_key=path[-1] != "id",
                )
            elif (name in FUNCTIONS or name in LOOKED_UP) and path[0] == "tables":
                self.wrong(
                    path,
                    f"'{name}' is a function of the language; name the table differently",
                    f"“{name}”是内置函数名；请为表另取名",
                    of_key=True,
                )
            elif not _is_name(name) and (
                path[0] in ("variables", "parameters", "derived", "tables")
                or name.isidentifier()  # other ids of nodes and pools are not meant for expressions
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
            kind = self.data_kinds[name] = type_kind.get(variable.type, "number")
            for part in ("self", "verified"):
                if getattr(variable, part) is not None:
                    self.data_kinds[part_key(part, name)] = kind
        if spec.findings is not None:
            for status in STATUSES:
                for name in ("", *spec.findings.kind_names):
                    self.data_kinds[findings_key(name, status)] = "number"
        self.rulebook_kinds: dict[str, Kind] = {}
        if spec.evaluation is not None:
            self.rulebook_kinds |= {
                part_key("claimed", name): "number" for name in claimed_nodes(spec.evaluation)
            }
            self.rulebook_kinds |= {
                consequence_key(item.id): "bool" for item in spec.evaluation.consequences
            }
        self._lost_names()

    def _lost_names(self) -> None:
        """Names whose definition was cut out: their use must not give rise to more mistakes."""
        raw = self.document.data
        lost: set[str] = set()
        self.all_lost = False
        for path in self.cut:
            match path:
                case ("variables" | "parameters" | "tables" | "derived" as section, *rest):
                    if rest:
                        lost.add(str(rest[0]))
                    elif isinstance(raw.get(section), dict):
                        lost.update(map(str, raw[section]))
                    else:
                        self.all_lost = True
                case ("findings", *_):
                    lost.add("findings()")
                case ("evaluation", "consequences", *_):
                    lost.add("consequence()")
                case ("evaluation",):
                    lost.update(("score", "grade", "rank"), _ids_in(raw["evaluation"]))
                    lost.update(IMPROVEMENT)
                    lost.update(("claimed()", "consequence()"))
                case ("allocation",):
                    lost.update(("amount", "entitlement", "budget"))
                    if isinstance(raw["allocation"], dict):
                        lost.update(map(str, _keys_of(raw["allocation"].get("pools"))))
                case ("allocation", "pools", pool, *_):
                    lost.add(str(pool))
                case ("allocation", "budget"):
                    lost.add("budget")
                case ("evaluation", "tree", *_):
                    lost.update(_ids_in(raw["evaluation"]))
        self.lost = frozenset(lost - set(self.node_ids))

    def _read_parameters(self) -> None:
        for name, parameter in self.spec.parameters.items():
            try:
                value = read_parameter(parameter)
            except ParameterError as error:
                self.wrong(("parameters", name), error.en, error.zh)
                value = float("nan")
            self.parameters[name] = value
            self.data_kinds[name] = "text" if isinstance(value, str) else "number"
        self.constants = frozenset(self.spec.parameters)

    def _make_tables(self) -> None:
        for name, spec in self.spec.tables.items():
            if any(path[:2] == ("tables", name) for path in self.cut):
                continue
            try:
                self.tables[name] = make_table(name, spec, self.folder)
            except TableError as error:
                self.wrong(("tables", name), error.en, error.zh)
                self.lost |= {name}

    # ------------------------------------------------------------ expressions

    def _later(self, stage: int) -> dict[str, tuple[str, str]]:
        """Names that exist but are not known at a stage."""
        later: dict[str, tuple[str, str]] = {}
        if stage < 1 and self.spec.evaluation is not None:
            for name in (*self._results(), *self.node_ids, *self.rulebook_kinds):
                later[name] = _NOT_YET["evaluation"]
        if stage < 2 and self.spec.allocation is not None:
            for name in ("amount", "entitlement", *self.pool_ids):
                later[name] = _NOT_YET["allocation"]
        return later

    def _results(self) -> dict[str, Kind]:
        """What the evaluation gives beside the nodes."""
        kinds: dict[str, Kind] = {"score": "number", "grade": "text", "rank": "number"}
        if self.spec.evaluation is not None and self.spec.evaluation.improvement is not None:
            kinds |= IMPROVEMENT
        return kinds

    def _stage_kinds(self, stage: int) -> dict[str, Kind]:
        kinds = dict(self.data_kinds)
        for at, names in self.derived_stages.items():
            if at <= stage:
                kinds.update({name: self.derived_kinds[name] for name in names})
        if stage >= 1 and self.spec.evaluation is not None:
            kinds.update(self._results())
            kinds.update(dict.fromkeys(self.node_ids, "number"))
            kinds.update(self.rulebook_kinds)
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
        evaluation = {*self._results(), *self.node_ids}
        allocation = {"amount", "entitlement", *self.pool_ids}

        def visit(name: str) -> int:
            if name in stages:
                return stages[name]
            if name in open_names:
                circle = " -> ".join([*open_names[open_names.index(name) :], name])
                self.wrong(
                    ("derived", name), f"goes round in a circle: {circle}", f"循环引用：{circle}"
                )
                self.lost |= set(open_names)
                return 0
            open_names.append(name)
            stage = 1 if derived[name].direct_calls & {"claimed", "consequence"} else 0
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
        # `previous(x)` may look at a column that is compiled later: its kind comes from a first pass
        self.later_kinds: dict[str, Kind] = {
            "grade": "text",
            **IMPROVEMENT,
            **self.rulebook_kinds,
        }
        self._compile_in_order(order, stages, only_kinds=True)
        self.later_kinds |= self.derived_kinds
        self._compile_in_order(order, stages)
        return {stage: tuple(names) for stage, names in self.derived_stages.items()}

    def _compile_in_order(
        self, order: list[str], stages: Mapping[str, int], *, only_kinds: bool = False
    ) -> None:
        derived = self.spec.derived
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
            scope = self._scope(self._stage_kinds(stage), later)
            if not only_kinds:
                self._compile(("derived", name), derived[name], {}, scope)
            self.derived_kinds[name] = kind_of(derived[name], scope)
            self.derived_stages[stage].append(name)

    def _scope(self, kinds: Mapping[str, Kind], later: Mapping[str, tuple[str, str]]) -> Scope:
        return Scope(
            kinds,
            self.tables,
            self.constants,
            later,
            self.later_kinds,
            self.lost,
            self.all_lost,
            self._listed_texts(),
        )

    def _listed_texts(self) -> dict[str, frozenset[str]]:
        """The only texts that a variable, or the grade, can be."""
        listed = {
            name: frozenset(map(str, variable.values))
            for name, variable in self.spec.variables.items()
            if variable.values and variable.type == "text" and not self._is_cut("variables", name)
        }
        evaluation = self.spec.evaluation
        if evaluation and evaluation.grades and not self._is_cut("evaluation"):
            listed["grade"] = frozenset(band.grade for band in evaluation.grades.bands)
        measured = evaluation.improvement if evaluation else None
        if measured and measured.grades and not self._is_cut("evaluation"):
            listed["improvement_grade"] = frozenset(b.grade for b in measured.grades.bands)
        return listed

    def _is_cut(self, *path: str) -> bool:
        return any(cut[: len(path)] == path for cut in self.cut)

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
        if compiled is not None and meaning.get("constant") and not expr.names - {MISSING}:
            value = compiled(Environment((), {}))
            if np.isnan(value.astype(float)).any():
                self.wrong(path, f"'{expr.text}' has no value", f"“{expr.text}”没有值")
        if compiled is not None:
            self.compiled[id(expr)] = compiled
        return compiled

    def _compile_sections(self) -> None:
        scopes = [
            self._scope(self._stage_kinds(stage), self._later_of(stage)) for stage in range(3)
        ]
        data, evaluated, allocated = scopes
        spec = self.spec
        if spec.evaluation is not None:
            value_kinds = self._value_kinds()
            for path, expr, meaning in expressions_in(spec.evaluation, ("evaluation",)):
                scope, wanted = evaluated, meaning
                if path[1] == "tree":
                    scope = data
                    if "score" in path or "override" in path:
                        kind = value_kinds.get(_node_of(path), "number")
                        here: dict[str, Kind] = {"full_marks": "number", "value": kind}
                        scope = self._scope({**data.kinds, **here}, self._later_of(0))
                elif path[1] in ("scale", "weights", "weight_sets", "treatment"):
                    scope = data
                elif path[1] in _BESIDE_THE_TREE:
                    scope = self._not_yet(evaluated, path)
                self._compile(path, expr, wanted, scope)
            self._rules_fit_values(value_kinds)
        if spec.allocation is not None:
            self._compile_allocation(evaluated)
        for place, check in enumerate(spec.published):
            for path, expr, meaning in expressions_in(check, ("published", place)):
                self._compile(path, expr, meaning, allocated)

    def _not_yet(self, evaluated: Scope, path: Path_) -> Scope:
        """What an expression beside the tree sees: not what follows from it."""
        assert self.spec.evaluation is not None
        consequences = self.spec.evaluation.consequences
        wait: dict[str, tuple[str, str]] = dict.fromkeys(
            self.derived_stages[1], _NOT_YET["evaluation"]
        )
        wait["rank"] = _NOT_YET["grades"]
        wait |= dict.fromkeys(IMPROVEMENT, _NOT_YET["evaluation"])
        open_ = [item.id for item in consequences if not item.moves]
        if path[1] == "consequences":
            place = path[2]
            assert isinstance(place, int)
            own = consequences[place]
            before = [item.id for item in consequences[:place] if not item.moves]
            moving = [item.id for item in consequences[place:] if item.moves]
            open_ = [name for name in open_ if name not in before]
            if own.moves:
                open_ = [item.id for item in consequences if not item.moves] + moving
                wait["grade"] = _NOT_YET["adjustments"]
            else:
                del wait["rank"]
        elif path[1] == "improvement":
            open_ = []
            del wait["rank"]
            if path[2] in ("grades", "rank"):
                del wait["improvement"]
        elif path[1] == "grades":
            wait["grade"] = _NOT_YET["adjustments"]
        elif path[1] != "rank":
            open_ = [item.id for item in consequences]
            wait["grade"] = _NOT_YET["adjustments"]
        wait |= {consequence_key(name): _NOT_YET["consequence"] for name in open_}
        kinds = {name: kind for name, kind in evaluated.kinds.items() if name not in wait}
        return self._scope(kinds, {**(evaluated.later or {}), **wait})

    def _rules_fit_values(self, kinds: Mapping[Path_, Kind]) -> None:
        """A text can be scored only by a rule that reads texts, and states must be of its kind."""
        for path, kind in kinds.items():
            node = self._at(path)
            if node.score is None or self.lost & node.value.names or self.all_lost:
                continue
            wants = getattr(node.score, "value_kind", "any")
            if kind == "text" and (wants != "any" or node.missing == "group_mean"):
                self.wrong(
                    (*path, "value"),
                    f"'{node.score.key}' scores a number, this gives a text; score texts with "
                    "`states`"
                    if wants != "any"
                    else "a text has no mean to fill gaps with",
                    f"{node.score.key} 只能对数值计分，而这里是文本；文本请用 states"
                    if wants != "any"
                    else "文本没有均值可供填补",
                )
            if kind == "text" and node.treat:
                self.wrong(
                    (*path, "treat"),
                    "the value is a text; only numbers can be treated",
                    "指标值为文本；只有数值可以处理",
                )
            states = getattr(node.score, "states", {})
            wrong = [key for key in states if isinstance(key, str) != (kind == "text")]
            if wrong:
                word, word_zh = ("texts", "文本") if kind == "text" else ("numbers", "数字")
                self.wrong(
                    (*path, "score", "states", wrong[0]),
                    f"the value gives {word}, so the states must be {word}: {wrong[0]!r}",
                    f"指标值为{word_zh}，各状态也须为{word_zh}：{wrong[0]!r}",
                    of_key=True,
                )

    def _at(self, path: Path_) -> Any:
        part: Any = self.spec
        for step in path:
            part = part[step] if isinstance(step, int) else getattr(part, str(step))
        return part

    def _later_of(self, stage: int) -> dict[str, tuple[str, str]]:
        later = self._later(stage)
        for at, names in self.derived_stages.items():
            if at > stage:
                reason = _NOT_YET["evaluation" if at == 1 else "allocation"]
                later.update(dict.fromkeys(names, reason))
        return later

    def _value_kinds(self) -> dict[Path_, Kind]:
        """The kind of each indicator's value, by the path of its node."""
        assert self.spec.evaluation is not None
        scope = self._scope(self._stage_kinds(0), self._later_of(0))
        return {
            path[:-1]: kind_of(expr, scope)
            for path, expr, _ in expressions_in(self.spec.evaluation, ("evaluation",))
            if path[1] == "tree" and path[-1] == "value"
        }

    def _compile_allocation(self, evaluated: Scope) -> None:
        allocation = self.spec.allocation
        assert allocation is not None
        kinds = dict(evaluated.kinds)
        later = {**(evaluated.later or {}), **dict.fromkeys(self.pool_ids, _NOT_YET["pool"])}
        without_budget = {name: kind for name, kind in kinds.items() if name != "budget"}
        for path, expr, meaning in expressions_in(allocation, ("allocation",)):
            if path[1] == "budget":
                self._compile(path, expr, meaning, self._scope(without_budget, later))
            elif path[1] != "pools":
                hint = (
                    "is a pool: rules compare pools with `ratio`, not inside an expression",
                    "是资金池：资金池之间的比较请用 ratio 规则，不能写在表达式里",
                )
                rule_later = {**later, **dict.fromkeys(self.pool_ids, hint)}
                self._compile(path, expr, meaning, self._scope(kinds, rule_later))
        for name, pool in allocation.pools.items():
            scope = self._scope(dict(kinds), dict(later))
            for path, expr, meaning in expressions_in(pool, ("allocation", "pools", name)):
                self._compile(path, expr, meaning, scope)
            kinds[name] = "number"
            later.pop(name, None)


def _ids_in(raw: Any) -> Iterator[str]:
    """The ids that stand in a raw part of the document."""
    if isinstance(raw, dict):
        if isinstance(raw.get("id"), str):
            yield raw["id"]
        raw = list(raw.values())
    if isinstance(raw, list):
        for item in raw:
            yield from _ids_in(item)


def _keys_of(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, dict) else []


def _is_name(name: str) -> bool:
    """Whether expressions can refer to a name as it is written."""
    return (
        name.isidentifier()
        and not (iskeyword(name) and name not in ORDINARY_WORDS)
        and not name.startswith("_")
        and normalise(name)[0] == name
    )


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
