"""Loading a cascade: every level's model, made to share what the level above received."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.model.building import build_model
from reliefperf.model.document import Document, Path_, load_document
from reliefperf.model.model import Model, expressions_in, file_sha256
from reliefperf.model.spec_allocation import AllocationSpec
from reliefperf.model.spec_cascade import CascadeSpec, LevelSpec, WeightedMean, received_name
from reliefperf.model.spec_data import in_language
from reliefperf.scenarios.library import find
from reliefperf.scenarios.loading import (
    Scenario,
    load,
    means_file_of,
    override,
    read_spec,
    shown_name,
)


@dataclass(frozen=True)
class Level:
    """A level made ready. `alone` is its model as it stands, `model` the one that is run."""

    spec: LevelSpec
    alone: Model
    model: Model
    scenario: Scenario | None
    data: str | Path | None
    """The data file in place of the model's; None for the model's own, or a roll-up."""

    @property
    def id(self) -> str:
        """The level's name."""
        return self.spec.id

    @property
    def by_pool(self) -> bool:
        """Whether each pool shares what the parent got from the pool of the same id."""
        return self.spec.receives == "pools"


@dataclass(frozen=True)
class Cascade:
    """A cascade made ready: its levels from the top down."""

    spec: CascadeSpec
    levels: tuple[Level, ...]
    folder: Path
    document: Document = field(repr=False)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The cascade's name."""
        return self.spec.cascade

    def title(self, lang: Any = "en") -> str:
        """The cascade's title."""
        return in_language(self.spec.title, lang, self.name)

    def __repr__(self) -> str:
        return f"<Cascade {self.name}: {' -> '.join(level.id for level in self.levels)}>"


LoadLevel = Callable[[LevelSpec], Model | Scenario]


def names_cascade(target: str | Path) -> bool:
    """Whether a name or path means a cascade file."""
    return means_file_of(target, "cascade")


def load_cascade(target: str | Path) -> Cascade:
    """Load a cascade file; every mistake at once as InputError."""
    path = find(target)
    return read_cascade(
        path, shown_name(target, path), lambda spec: load(find(spec.model, path.parent))
    )


def read_cascade(path: Path, shown: str, load_level: LoadLevel) -> Cascade:
    """A cascade from its file, with each level's model or scenario from `load_level`."""
    document = load_document(path, shown)
    spec = read_spec(
        CascadeSpec,
        document,
        "cascade",
        "this is not a cascade: a cascade file begins with `cascade: NAME`",
        "这不是逐级分配文件：逐级分配文件以 cascade: 名称 开头",
    )
    loader = _Loader(spec, document, path.parent, load_level)
    levels = loader.levels()
    if loader.mistakes:
        raise InputError(sorted(set(loader.mistakes)))
    return Cascade(spec, levels, path.parent, document, {path.name: file_sha256(path)})


class _Loader:
    def __init__(
        self, spec: CascadeSpec, document: Document, folder: Path, load_level: LoadLevel
    ) -> None:
        self.spec, self.document, self.folder = spec, document, folder
        self.load_level = load_level
        self.mistakes: list[Mistake] = []

    def wrong(self, path: Path_, en: str, zh: str) -> None:
        self.mistakes.append(self.document.mistake(path, en, zh))

    def levels(self) -> tuple[Level, ...]:
        """The levels, as far as they are sound; what is not is in `mistakes`."""
        found: list[Level] = []
        seen: set[str] = set()
        for place, spec in enumerate(self.spec.levels):
            if spec.id in seen:
                self.wrong(
                    ("levels", place, "id"),
                    f"the level '{spec.id}' stands twice",
                    f"“{spec.id}”级重复出现",
                )
            seen.add(spec.id)
            try:
                level = self._level(place, spec, found[-1] if found else None)
            except InputError as error:
                self.mistakes += error.mistakes
                return tuple(found)  # what stands below cannot be judged without it
            if level is None:
                return tuple(found)
            found.append(level)
        for place in range(len(found)):
            self._roll_up(place, found)
        return tuple(found)

    def _level(self, place: int, spec: LevelSpec, above: Level | None) -> Level | None:
        at: Path_ = ("levels", place)
        loaded = self.load_level(spec)
        scenario = loaded if isinstance(loaded, Scenario) else None
        alone = loaded.model if isinstance(loaded, Scenario) else loaded
        source = scenario.data_file() if scenario is not None else None
        if spec.data is not None:
            beside = self.folder / spec.data
            source = beside if beside.exists() else (alone.folder or self.folder) / spec.data
        if spec.set:
            alone = self._with_changes(at, spec, alone)
        if alone.spec.allocation is None:
            self.wrong(
                (*at, "model"),
                f"level '{spec.id}': the model '{alone.name}' has no section `allocation`",
                f"“{spec.id}”级：模型“{alone.name}”没有 allocation 部分",
            )
            return None
        if above is None:
            self._top(at, spec)
            return Level(spec, alone, alone, scenario, source)
        before = len(self.mistakes)
        self._fits(at, spec, alone, above)
        if len(self.mistakes) > before:
            return None
        return Level(spec, alone, self._receiving(at, spec, alone, above), scenario, source)

    def _with_changes(self, at: Path_, spec: LevelSpec, model: Model) -> Model:
        base = copy.deepcopy(model.document)
        # messages point at this file's `set`, not at the head of its own document
        moved = copy.deepcopy(self.document)
        for places in (moved.values, moved.keys):
            for path in [known for known in places if known[:2] == at]:
                places[path[2:]] = places[path]
        if problems := override(base, spec.set, moved):
            raise InputError(problems)
        return build_model(base, model.folder, dict(model.files))

    def _top(self, at: Path_, spec: LevelSpec) -> None:
        for key in ("parent", "receives", "without_children"):
            if key in spec.model_fields_set:
                self.wrong(
                    (*at, key),
                    f"level '{spec.id}' is the first: nobody stands above it, so `{key}` says nothing",
                    f"“{spec.id}”级是第一级，上面没有地区，不能写 {key}",
                )

    def _fits(self, at: Path_, spec: LevelSpec, model: Model, above: Level) -> None:
        """Units, pools and parents must go together with the level above."""
        money, upper = model.spec.allocation, above.model.spec.allocation
        assert money is not None and upper is not None
        if money.unit != upper.unit:
            self.wrong(
                at,
                f"level '{spec.id}' counts in {money.unit}, the level above in {upper.unit}",
                f"“{spec.id}”级以{money.unit}计，上一级以{upper.unit}计",
            )
        elif Fraction(str(upper.smallest)) % Fraction(str(money.smallest)):
            self.wrong(
                at,
                f"the smallest amount above, {upper.smallest}, is not a whole number of that of "
                f"level '{spec.id}', {money.smallest}: what a region received could not be paid out",
                f"上一级的最小单位 {upper.smallest} 不是“{spec.id}”级最小单位 {money.smallest} 的整数倍，"
                "下达的金额无法分完",
            )
        if spec.receives == "pools" and set(money.paid_pools) != set(upper.paid_pools):
            here, there = ", ".join(money.paid_pools), ", ".join(upper.paid_pools)
            self.wrong(
                at,
                f"level '{spec.id}' receives pool by pool, but its pools are {here} and those above "
                f"{there}; name them alike, or state `receives: total`",
                f"“{spec.id}”级逐池下达，但本级资金池为 {here}，上一级为 {there}；"
                "请使两级同名，或写 receives: total",
            )
        if spec.receives == "pools":
            for pool, part in money.paid_pools.items():
                for key, words in (
                    ("by", "a total for each group"),
                    ("between", "a total that moves"),
                ):
                    states_own = part.amount is not None and _speaks_of_received(part.amount.names)
                    if getattr(part, key) is not None and not states_own:
                        self.wrong(
                            at,
                            f"level '{spec.id}': pool '{pool}' shares what the region above got from "
                            f"it, so it cannot have `{key}`, {words}; state its `amount` with "
                            f"`{received_name(pool)}`, or `receives: total`",
                            f"“{spec.id}”级：资金池“{pool}”分的是上级该池所得，不能再写 {key}；"
                            f"请用 {received_name(pool)} 写明 amount，或写 receives: total",
                        )
        if spec.parent is not None:
            variable = model.spec.variables.get(spec.parent)
            if variable is None or variable.type != "text":
                texts = [n for n, v in model.spec.variables.items() if v.type == "text"]
                en, zh = suggestion(spec.parent, texts)
                self.wrong(
                    (*at, "parent"),
                    f"the model of level '{spec.id}' has no text variable '{spec.parent}'{en}",
                    f"“{spec.id}”级的模型没有文本变量“{spec.parent}”{zh}",
                )
        elif model.spec.regions is None:
            self.wrong(
                at,
                f"level '{spec.id}' does not say which region stands above which: name a text "
                "variable with `parent`, or a table of regions in its model",
                f"“{spec.id}”级没有写明上下级关系：请用 parent 指明文本变量，或在模型中写 regions 区划表",
            )

    def _receiving(self, at: Path_, spec: LevelSpec, model: Model, above: Level) -> Model:
        """The model with the parent's money in place of its own budget and totals."""
        document = copy.deepcopy(model.document)
        upper = above.model.spec.allocation
        money = model.spec.allocation
        assert upper is not None and money is not None
        names = [received_name(), *(received_name(pool) for pool in upper.paid_pools)]
        parameters = document.data.setdefault("parameters", {})
        for name in names:
            parameters.setdefault(name, 0)
        part = document.data["allocation"]
        part["budget"] = received_name()
        if spec.receives == "pools":
            for pool, stated in money.paid_pools.items():
                _give(part["pools"][pool], pool, stated)
        else:
            _whole_shares(part["pools"], money)
        received = build_model(document, model.folder, dict(model.files))
        for path, expr, _ in expressions_in(received.spec):
            if path[0] not in ("allocation", "published") and expr.names & set(names):
                self.mistakes.append(
                    model.document.mistake(
                        path,
                        "what the region above received is known only in the section `allocation`",
                        "上级下达数只能用在 allocation 部分",
                    )
                )
        self._no_money_before(received)
        return received

    def _no_money_before(self, model: Model) -> None:
        money = model.spec.allocation
        assert money is not None
        later = {"amount", "entitlement", *money.pools}
        for path, expr, _ in expressions_in(money, ("allocation",)):
            if "previous" in expr.calls and later & (expr.names - expr.direct_names):
                self.mistakes.append(
                    model.document.mistake(
                        path,
                        "a cascade pays one period: amounts of the period before are not known to "
                        "previous(); give them as a variable of the data",
                        "逐级分配只算一期，previous() 得不到上期金额；请作为数据变量给出",
                    )
                )

    def _roll_up(self, place: int, levels: list[Level]) -> None:
        spec = levels[place].spec
        if spec.roll_up is None:
            return
        at: Path_ = ("levels", place, "roll_up")
        if place + 1 == len(levels):
            if len(levels) == len(self.spec.levels):
                self.wrong(
                    at,
                    f"level '{spec.id}' is the last: there is nothing below it to roll up",
                    f"“{spec.id}”级是最后一级，没有下级可汇总",
                )
            return
        here, below = levels[place].alone, levels[place + 1].alone
        for name, how in spec.roll_up.items():
            if name not in here.spec.variables:
                en, zh = suggestion(name, here.spec.variables)
                self.wrong(
                    (*at, name),
                    f"the model of level '{spec.id}' has no variable '{name}'{en}",
                    f"“{spec.id}”级的模型没有变量“{name}”{zh}",
                )
            wanted = [] if how == "count" else [name]
            wanted += [how.mean] if isinstance(how, WeightedMean) else []
            for source in wanted:
                variable = below.spec.variables.get(source)
                if variable is None or variable.type == "text":
                    en, zh = suggestion(source, below.spec.variables)
                    self.wrong(
                        (*at, name),
                        f"the level below has no variable '{source}' that is a number{en}",
                        f"下一级没有数值变量“{source}”{zh}",
                    )
        for name, variable in here.spec.variables.items():
            if name not in spec.roll_up and variable.absent == "error":
                self.wrong(
                    at,
                    f"the roll-up of level '{spec.id}' does not say what '{name}' is: total, mean, "
                    "{mean: WEIGHT} or count",
                    f"“{spec.id}”级的汇总没有写变量“{name}”如何得出：total、mean、{{mean: 权重}} 或 count",
                )


def _give(part: dict[str, Any], pool: str, stated: Any) -> None:
    """Let a pool share what the parent got from the pool of the same id, unless it says how much."""
    given = received_name(pool)
    own = [expr for expr in (stated.amount, stated.limit) if expr is not None]
    if any(_speaks_of_received(expr.names) for expr in own):
        return
    part.pop("share", None)
    if stated.each is not None and stated.bear is None and stated.solve is None:
        part.setdefault("limit", given)
    else:
        part["amount"] = given


def _whole_shares(pools: dict[str, Any], money: AllocationSpec) -> None:
    """Shares of what was received as whole units that add up: what rounding takes, the next gets."""
    step = str(money.smallest)
    before: list[str] = []
    for pool, stated in money.paid_pools.items():
        if stated.share is None:
            continue
        until = [*before, f"({stated.share.text})"]
        amount = f"round({received_name()} * ({' + '.join(until)}) / {step}, 0) * {step}"
        if before:
            amount += f" - round({received_name()} * ({' + '.join(before)}) / {step}, 0) * {step}"
        del pools[pool]["share"]
        pools[pool]["amount"] = amount
        before = until


def _speaks_of_received(names: frozenset[str]) -> bool:
    return any(name == received_name() or name.startswith(received_name("")) for name in names)
