"""What each pool does, in a sentence: who takes part, what is shared by what, with its own numbers.

A pool is often a construct of a grant system that no rule states: a tournament, an award by tier, a
reducer in steps, the larger of two formulas. The sentence says it in the pool's own formulas, with
titles for names, then the tables, derived columns and parameters that the formulas look up.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property

from reliefperf.allocation.tying import what_ties
from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.looking_back import written
from reliefperf.model.model import Model
from reliefperf.model.spec_allocation import PoolSpec
from reliefperf.model.spec_cascade import received_name
from reliefperf.model.spec_data import in_language
from reliefperf.scenarios.results.cells import number_text
from reliefperf.scenarios.results.recognising import chosen_by, first_of, number_of, texts_of
from reliefperf.scenarios.results.table_words import table_words
from reliefperf.scenarios.results.titling import Titling, titled

MOST_EXPLAINED = 6
"""Tables, columns and parameters that a sentence explains before it refers to the model."""

_ROUNDINGS: dict[str, tuple[str, str]] = {
    "largest_remainder": ("by largest remainders", "按最大余数取整"),
    "half_up": ("each to the nearest unit, a half up", "逐项四舍五入"),
    "half_even": ("each to the nearest unit, a half to the even one", "逐项四舍六入五成双"),
    "down": ("each down to whole units", "逐项向下取整"),
    "up": ("each up to whole units", "逐项向上取整"),
    "none": ("not rounded", "不取整"),
}
_LEFTOVERS: dict[str, tuple[str, str]] = {
    "redistribute": ("what limits leave goes to the others", "限额余下的资金由其他地区分享"),
    "redistribute_then_return": (
        "what limits leave goes to the others, and what nobody can take is returned",
        "限额余下的资金由其他地区分享，仍无人可得的收回",
    ),
    "return": ("what limits leave is returned", "限额余下的资金收回"),
    "reserve": ("what limits leave is kept in reserve", "限额余下的资金留作预备"),
}


class PoolWords:
    """Sentences on the pools of one model in one language."""

    def __init__(self, model: Model, lang: Lang) -> None:
        assert model.spec.allocation is not None
        self.model, self.lang, self.spec = model, lang, model.spec.allocation
        titling = Titling(model, lang)
        self.titles = titling.titles
        self.names = {**titling.titles, **titling.columns, **self._received()}

    def _received(self) -> dict[str, str]:
        """What parameters are called by which a cascade hands money down."""
        found = {}
        for name in self.model.parameters:
            pool = name.removeprefix(received_name(""))
            if name == received_name():
                found[name] = self._say("money received", "上级下达资金")
            elif pool != name:
                title = self.titles.get(pool, pool)
                found[name] = self._say(f"{title} received", f"上级下达的{title}")
        return found

    def title(self, pool_id: str) -> str:
        """The pool's title, or its id."""
        return self.titles.get(pool_id, pool_id)

    def basis(self, pool_id: str) -> str:
        """The law or decision that the pool rests on, '' where none is stated."""
        return in_language(self.spec.pools[pool_id].basis, self.lang, "")

    def sentence(self, pool_id: str) -> str:
        """What the pool does."""
        pool = self.spec.pools[pool_id]
        clauses = [self._main(pool), *self._extras(pool_id, pool), *self._explained(pool)]
        return self._say("; ", "；").join(clause.strip() for clause in clauses if clause)

    def _say(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    def _expr(self, expr: Expr | ast.AST) -> str:
        text = expr.text if isinstance(expr, Expr) else written(expr)
        return titled(text, self.names, self.lang)

    def _quoted(self, expr: Expr | ast.AST) -> str:
        """A formula in quotation marks; a number as it is."""
        value = number_of(expr.tree if isinstance(expr, Expr) else expr)
        if value is not None:
            return self._say(_grouped(value), f" {_grouped(value)} ")
        shown = self._expr(expr)
        return self._say(f"'{shown}'", f"“{shown}”")

    def _money(self, expr: Expr) -> str:
        """An amount of money: a number with the unit, else the formula."""
        value = number_of(expr.tree)
        unit = self.spec.unit
        if value is None:
            return self._quoted(expr)
        return self._say(f"{_grouped(value)} {unit}", f" {_grouped(value)} {unit}")

    # ------------------------------------------------------------ who and what

    def _main(self, pool: PoolSpec) -> str:
        who = self._who(pool.eligible)
        if pool.scale_gains is not None:
            gains = pool.scale_gains
            floor, formula = self._quoted(gains.floor), self._quoted(gains.formula)
            total = self._total(pool) or self._say("the sum of that formula", "该算式的合计")
            return self._say(
                f"{who} get at least {floor}; what {formula} gives above it is scaled down in one "
                f"proportion, so that all amounts add up to {total}",
                f"{who}至少得{floor}；{formula}高出的部分按同一比例缩减，使合计等于{total}",
            )
        if pool.each is not None:
            return self._each(pool, who)
        assert pool.weight is not None
        return self._shared(pool, who, pool.weight)

    def _who(self, eligible: Expr | None) -> str:
        if eligible is None:
            return self._say("all regions", "各地区")
        tree = eligible.tree
        if (first := first_of(tree)) is not None:
            count, by, within = first
            group = "" if within is None else self._expr(within)
            return self._say(
                f"the first {count} regions by {self._quoted(by)}"
                + (f" in each '{group}'" if group else ""),
                (f"每个“{group}”内" if group else "")
                + f"按{self._quoted(by)}排名前 {count} 的地区",
            )
        if (grades := texts_of(tree, "grade")) is not None:
            listed = self._say(", ", "、").join(grades)
            return self._say(f"regions graded {listed}", f"等次为{listed}的地区")
        return self._say(
            f"only regions where {self._quoted(eligible)}", f"仅符合{self._quoted(eligible)}的地区"
        )

    def _shared(self, pool: PoolSpec, who: str, weight: Expr) -> str:
        total = self._total(pool)
        if number_of(weight.tree) is not None:
            how = self._say("in equal parts", "平均")
        else:
            measure = self._larger(weight.tree) or self._quoted(weight)
            how = self._say(f"in proportion to {measure}", f"按{measure}的比例")
        if pool.contributes:
            return self._say(
                f"{who} pay in {total} (below zero: money taken) {how}",
                f"{who}{how}分担上缴，合计{total}（负数为上缴）",
            )
        if pool.by is not None:
            by = self._expr(pool.by)
            return self._say(
                f"each '{by}' has a total of its own, {total}, which {who} in it share {how}",
                f"每个“{by}”各有总额{total}，由其中{who}{how}分配",
            )
        return self._say(f"{who} share {total} {how}", f"{who}{how}分配{total}")

    def _total(self, pool: PoolSpec) -> str:
        """The total that is stated; '' where there is none."""
        if pool.share is not None:
            part = number_of(pool.share.tree)
            if part is None:
                return self._say(
                    f"the part {self._quoted(pool.share)} of the budget",
                    f"预算的{self._quoted(pool.share)}",
                )
            if part == 1:
                return self._say("the whole budget", "全部预算")
            return self._say(f"{_percent(part)} of the budget", f"预算的 {_percent(part)}")
        return "" if pool.amount is None else self._money(pool.amount)

    def _each(self, pool: PoolSpec, who: str) -> str:
        assert pool.each is not None
        said = self._say(
            f"{who} get {self._amount(pool.each)}", f"{who}{self._amount_zh(pool.each)}"
        )
        total = self._total(pool)
        if pool.by is not None and total:
            by = self._expr(pool.by)
            total = self._say(f"{total} in each '{by}'", f"每个“{by}”的{total}")
        if pool.solve is not None:
            said += self._say(
                f", with the {pool.solve.name} for which the amounts add up to {total}",
                f"，其中 {pool.solve.name} 取使合计等于{total}的数",
            )
        if pool.bear is not None:
            by = self._quoted(pool.bear)
            carried = self._say("the difference is carried", "差额")
            said += self._say(
                f"; all of it must come to {total}: {carried} in proportion to {by}",
                f"；合计须为{total}，{carried}按{by}的比例分担",
            )
        return said

    def _amount(self, expr: Expr) -> str:
        """What a region gets, in English."""
        tree = expr.tree
        if (chosen := chosen_by(tree)) is not None:
            condition, amount = chosen
            return f"{self._quoted(amount)} where {self._quoted(condition)}, else nothing"
        if (larger := self._larger(tree)) is not None:
            return larger
        if (table := self._table(tree)) is not None:
            return f"the fixed amount of the table '{self._expr(table)}'"
        return f"{self._money(expr)} each"

    def _amount_zh(self, expr: Expr) -> str:
        """The same in Chinese, with its verb."""
        tree = expr.tree
        if (chosen := chosen_by(tree)) is not None:
            condition, amount = chosen
            return f"符合{self._quoted(condition)}的得{self._quoted(amount)}，其余为零"
        if (larger := self._larger(tree)) is not None:
            return f"各得{larger}"
        if (table := self._table(tree)) is not None:
            return f"按表“{self._expr(table)}”得定额"
        return f"各得{self._money(expr)}"

    def _larger(self, tree: ast.AST) -> str | None:
        """The larger or the smaller of two formulas in words; None for any other formula."""
        if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
            return None
        if tree.func.id not in ("max", "min") or len(tree.args) != 2:
            return None
        is_max = tree.func.id == "max"
        zeros = [arg for arg in tree.args if number_of(arg) == 0]
        if is_max and zeros:
            (other,) = [arg for arg in tree.args if arg not in zeros] or zeros[:1]
            shown = self._quoted(other)
            return self._say(
                f"{shown}, and nothing where that is below zero", f"{shown}（负数计零）"
            )
        first, second = (self._quoted(arg) for arg in tree.args)
        return self._say(
            f"the {'larger' if is_max else 'smaller'} of {first} and {second}",
            f"{first}与{second}中的较{'大' if is_max else '小'}者",
        )

    def _table(self, tree: ast.AST) -> ast.AST | None:
        """A table alone, looked up: the call."""
        known = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)
        return tree if known and tree.func.id in self.model.spec.tables else None  # type: ignore[attr-defined]

    # ------------------------------------------------------------ what else holds

    def _extras(self, pool_id: str, pool: PoolSpec) -> Iterator[str]:
        if not pool.paid:
            yield self._say("a step of the calculation, not paid", "仅供计算，不作拨付")
        if pool.between is not None:
            low, high = (self._money(end) for end in pool.between)
            yield self._say(
                f"its total may move between {low} and {high}", f"总额可在{low}与{high}之间调整"
            )
        if pool.bear is not None and pool.each is None:
            by = self._quoted(pool.bear)
            yield self._say(
                f"what limits move is carried in proportion to {by}",
                f"限额引起的差额按{by}的比例分担",
            )
        if pool.limit is not None:
            most = self._money(pool.limit)
            scaled = pool.over_limit == "scale"
            yield self._say(
                f"at most {most} in all"
                + (", else all amounts are scaled down in one proportion" if scaled else ""),
                f"合计不超过{most}" + ("，超过时各地区按同一比例缩减" if scaled else ""),
            )
        if pool.negative == "allow" and pool.each is not None:
            yield self._say(
                "an amount below zero is money taken back", "金额可以为负，即收回已拨资金"
            )
        before = [one for one in self.spec.pools if one in self._own_names(pool) and one != pool_id]
        if before:
            listed = self._say(", ", "、").join(self.title(one) for one in before)
            tied = what_ties(self.spec) is not None
            yield self._say(
                f"worked out from the entitlements of {listed}, with which it is settled together"
                if tied
                else f"worked out after {listed}",
                f"按“{listed}”的测算额计算，并与其一并算定" if tied else f"在“{listed}”之后计算",
            )
        if isinstance(pool.rounding, str) and pool.rounding in _ROUNDINGS:
            yield _ROUNDINGS[pool.rounding][self.lang == "zh"]
        if pool.difference is not None:
            yield self._say(
                "what rounding leaves over or short of the total goes to the largest amount",
                "取整尾差计入金额最大的地区",
            )
        leftover = pool.leftover
        if leftover is None and pool.kind != "formula" and self.spec.leftover != "redistribute":
            leftover = self.spec.leftover
        if leftover is not None:
            yield _LEFTOVERS[leftover][self.lang == "zh"]

    def _own_names(self, pool: PoolSpec) -> set[str]:
        return {name for expr in _formulas(pool) for name in expr.names}

    # ------------------------------------------------------------ what is looked up

    @cached_property
    def _derived(self) -> Mapping[str, Expr]:
        return self.model.spec.derived_exprs

    def _explained(self, pool: PoolSpec) -> Iterator[str]:
        """Tables, derived columns and parameters behind the formulas, in the order they are met."""
        found: dict[str, str] = {}
        pending = list(_formulas(pool))
        seen: set[str] = set()
        while pending:
            expr = pending.pop(0)
            for name in [*sorted(expr.calls), *sorted(expr.names)]:
                if name in seen or name in self.spec.pools:
                    continue
                seen.add(name)
                said = self._one(name)
                if said:
                    found[name] = said
                if name in self._derived:
                    pending.append(self._derived[name])
        shown = list(found.values())[:MOST_EXPLAINED]
        yield from shown
        if len(found) > len(shown):
            rest = len(found) - len(shown)
            yield self._say(f"{rest} more in the model", f"另有 {rest} 项见模型")

    def _one(self, name: str) -> str:
        spec = self.model.spec
        if name in spec.tables:
            title = self.names.get(name, name)
            said = table_words(spec.tables[name], self.lang)
            return self._say(f"'{title}' is {said}", f"“{title}”：{said}")
        if name in self._derived:
            title, shown = self.names.get(name, name), self._expr(self._derived[name])
            return self._say(f"'{title}' is {shown}", f"“{title}”为 {shown}")
        value = None if name in self._received() else self.model.parameters.get(name)
        if isinstance(value, int | float):
            title = self.names.get(name, name)
            return self._say(
                f"'{title}' is {number_text(value)}", f"“{title}”为 {number_text(value)}"
            )
        return ""


def _formulas(pool: PoolSpec) -> Iterator[Expr]:
    """The expressions of a pool, in the order in which a sentence speaks of them."""
    stated = [pool.eligible, pool.amount, pool.share, pool.weight, pool.by, pool.each]
    if pool.scale_gains is not None:
        stated += [pool.scale_gains.floor, pool.scale_gains.formula]
    stated += [pool.bear, pool.limit, *(pool.between or ())]
    return (expr for expr in stated if expr is not None)


def _grouped(value: float) -> str:
    """A number to read, its whole part in groups of three digits."""
    whole, _, rest = number_text(value).partition(".")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


def _percent(part: float) -> str:
    return f"{number_text(round(part * 100, 9))}%"
