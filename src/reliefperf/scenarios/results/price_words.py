"""What a rule does at the margin, in a sentence that stands alone: who gains, who pays, how far.

The best value of an objective is convex in the limits, so that a price bounds what any change does:
tightening by t costs at least t times the price, loosening by t saves at most that, however large
t is. In a pool settled alone amounts move by the shares told until another region comes to a limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reliefperf.allocation.effects import Price, RuleEffect, Standing, Taken
from reliefperf.allocation.naming import SIDES, pair_of
from reliefperf.allocation.program import ExactRow
from reliefperf.errors import Lang
from reliefperf.scenarios.results.cells import number_text
from reliefperf.scenarios.results.following import Held
from reliefperf.scenarios.results.titling import closed, titled

MAXIMISED = ("coverage", "performance")
"""Objectives of which more is better."""

_TIERS: dict[str, tuple[str, str]] = {
    "entitlement": (
        "the gap to the formula's amounts (too much and too little, all added up)",
        "各地区金额与公式测算额的差距（多得、少得合计）",
    ),
    "change": (
        "the gap to last year's amounts (rises and cuts, all added up)",
        "各地区金额与上年的差距（增、减合计）",
    ),
    "coverage": ("the least coverage of need", "最低需求满足率"),
    "unentitled": (
        "the money of those to whom the formula gives nothing",
        "公式测算额为零的地区所得金额合计",
    ),
    "performance": (
        "the award weighted by performance (amount times score, all added up)",
        "绩效加权分配额（金额乘得分的合计）",
    ),
}
_LIMITS: dict[str, tuple[str, str]] = {
    "low": ("lower limit", "下限"),
    "high": ("upper limit", "上限"),
    "": ("limit", "限额"),
}
_MOVES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "low": (("raised", "lowered"), ("提高", "降低")),
    "high": (("lowered", "raised"), ("降低", "提高")),
    "": (("made stricter", "loosened"), ("收紧", "放宽")),
}
"""What makes a limit of a side stricter, and looser."""


_HELD: dict[Held, tuple[str, str]] = {
    "totals": ("totals", "资金池总额"),
    "limits": ("limits", "限额（金额）"),
}


@dataclass(frozen=True)
class PriceWords:
    """Sentences on the margin of one allocation, in one language.

    `columns` and `pools` are titles by name, `names` those of regions by code; `first` is the first
    objective, the others hold while those before them stay as they are.
    """

    lang: Lang
    unit: str
    codes: Sequence[str]
    names: Mapping[str, str]
    pools: Mapping[str, str]
    columns: Mapping[str, str]
    first: str

    @property
    def _zh(self) -> bool:
        return self.lang == "zh"

    def margin(self, effect: RuleEffect, standing: Standing) -> str:
        """What a rule of the file does at the margin."""
        rows = standing.rows.get(effect.id, ())
        if effect.price is not None:
            return self._of_price(effect, effect.price, standing)
        if effect.taken:
            bound = set(effect.binding)
            side = _side(row for row in rows if row.name in bound)
            joint = "；" if self._zh else "; "
            return joint.join(self._of_taken(taken, side) for taken in effect.taken)
        if effect.binding:
            return (
                "有地区正处于限额上；限额略作变动不影响任何分配目标，只影响资金在地区间的分法"
                if self._zh
                else "some stand at the limit; moving it a little changes no objective, only who "
                "gets the money"
            )
        return (
            "不起作用：没有地区处于限额上，限额略作变动不改变任何金额"
            if self._zh
            else "without effect: nobody stands at its limit, and moving it a little changes no amount"
        )

    def _of_price(self, effect: RuleEffect, price: Price, standing: Standing) -> str:
        zh = self._zh
        rows = standing.rows.get(effect.id, ())
        priced = [row for row in rows if row.name in price.each]
        side = _side(priced)
        count = len(price.each)
        (tighten_en, loosen_en), (tighten, loosen) = _MOVES[side]
        what, per = self.tier(price.tier), self.size(price.tier, price.total)
        worse = ("grows", "扩大") if price.tier not in MAXIMISED else ("falls", "降低")
        better = ("shrinks", "缩小") if price.tier not in MAXIMISED else ("rises", "提高")
        most = max(price.each, key=lambda name: abs(price.each[name]))
        largest = ""
        if count > 1:
            part = self.size(price.tier, abs(price.each[most]))
            dearest = self._dearest(most, price.each[most])
            largest = (
                f"（影响最大的是 {dearest}，占 {part}）" if zh else f" ({part} of it by {dearest})"
            )
        if any(pair_of(name) for name in price.each):
            return self._of_order(price, what, per, largest)
        lead = self._limits(effect, list(price.each), side, self._limited(priced, standing))
        who, back = self._who(side, priced, _gives_all(standing))
        each = ("各" if zh else " each") if count > 1 else ""
        if zh:
            return (
                f"{lead}{each}{tighten} 1 {self.unit}，{who}{what}至少{worse[1]} {per}{largest}；"
                f"若{each}{loosen} 1 {self.unit}，{back}至多{better[1]} {per}"
                f"{self._reach(price.tier)}"
            )
        are, they = ("are", "they are") if count > 1 else ("is", "it is")
        return (
            f"{lead} {are}{each} {tighten_en} by 1 {self.unit}, {who}{what} {worse[0]} by "
            f"at least {per}{largest}; if {they}{each} {loosen_en} by 1 {self.unit}, {back}it "
            f"{better[0]} by at most {per}{self._reach(price.tier)}"
        )

    def _of_order(self, price: Price, what: str, per: str, largest: str) -> str:
        """Limits between two regions; of equals the one is ahead with which the objective gets worse.

        A unit of such a limit is a unit of money of the region with the smaller need.
        """
        count = len(price.each)
        name = next(iter(price.each))
        one, other = _ahead(name, price.each[name])
        ties = any(_is_tie(row) for row in price.each)
        maximised = price.tier in MAXIMISED
        reach = self._reach(price.tier)
        if self._zh:
            worse, better = ("降低", "提高") if maximised else ("扩大", "缩小")
            first = "较优者（得分相同的，取代价较大的一方）" if ties else "较优者"
            lead = (
                f"若在 {count} 对地区中各要求{first}每单位需求所得高于另一方"
                if count > 1
                else f"若要求 {self.row(one)} 每单位需求所得高于 {self.row(other)}"
            )
            return (
                f"{lead}，高出额按两者中较小的需求折算为 1 {self.unit}，{what}至少{worse} "
                f"{per}{largest}；若放宽同样数额，至多{better} {per}{reach}"
            )
        worse, better = ("falls", "rises") if maximised else ("grows", "shrinks")
        first = "the better one"
        if ties:
            first += " (of two equal ones the one with which it costs more)"
        lead = (
            f"if in each of {count} pairs {first} had to get more for each unit of need than the "
            "other"
            if count > 1
            else f"if {self.row(one)} had to get more for each unit of need than {self.row(other)}"
        )
        return (
            f"{lead}, by what makes 1 {self.unit} at the smaller need of the two, {what} {worse} by "
            f"at least {per}{largest}; if loosened by as much, it {better} by at most {per}{reach}"
        )

    def _dearest(self, name: str, price: float) -> str:
        """The row with the largest price; of equals the one that is ahead comes first."""
        if pair_of(name) is None:
            return self.row(name)
        one, other = _ahead(name, price)
        return f"{self.row(one)} {'对' if self._zh else 'against'} {self.row(other)}"

    def _limits(self, effect: RuleEffect, names: Sequence[str], side: str, pool: str) -> str:
        """Whose limits have a price, of those that bind."""
        count, binding = len(names), len(effect.binding)
        limit_en, limit = _LIMITS[side]
        if self._zh:
            within = (
                f"起作用的 {binding} 处中有 {count} 处影响分配目标；" if binding > count else ""
            )
            limit = f"“{pool}”{limit}" if pool else limit
            whose = f"这 {count} 处的" if count > 1 else f" {self._one(names[0])} 的"
            return f"{within}{closed(f'若将{whose}')}{limit}"
        within = f"{count} of the {binding} that bind have a price; " if binding > count else ""
        limit_en += "s" if count > 1 else ""
        limit_en += f" of '{pool}'" if pool else ""
        whose = (
            f"the {count} {limit_en}" if count > 1 else f"the {limit_en} of {self._one(names[0])}"
        )
        return f"{within}if {whose}"

    def _one(self, name: str) -> str:
        """Who stands at a limit: a region, a pair of them, or a group."""
        group, _, side = name.rpartition(" ")
        if side in SIDES:
            return f"“{group}”组" if self._zh else f"group '{group}'"
        return self.row(name)

    def _who(self, side: str, rows: Sequence[ExactRow], gives_all: bool) -> tuple[str, str]:
        """Who gains and who pays when limits of a side get stricter, and when they get looser."""
        if not side or not _is_plain(rows):
            return "", ""
        group = rows[0].name.rpartition(" ")[2] in SIDES
        if self._zh:
            who = f"{'这些' if len(rows) > 1 else '该'}{'组' if group else '地区'}"
            more = f"{who}多得{'、其余地区少得' if gives_all else ''}，"
            less = f"{who}少得{'、其余地区多得' if gives_all else ''}，"
        else:
            who = f"the{'se' if len(rows) > 1 else ''} {'group' if group else 'region'}"
            who, get = (f"{who}s", "get") if len(rows) > 1 else (who, "gets")
            more = f"{who} {get} more{', the others less,' if gives_all else ''} and "
            less = f"{who} {get} less{', the others more,' if gives_all else ''} and "
        return (more, less) if side == "low" else (less, more)

    def _limited(self, rows: Sequence[ExactRow], standing: Standing) -> str:
        """The title of the pool that rows limit by another pool of the same region; else ''."""
        found = {
            standing.columns[column][0]
            for row in rows
            for column, c in zip(row.columns, row.coefficients, strict=True)
            if c > 0
        }
        if _is_plain(rows) or len(found) > 1 or not all(row.name in self.names for row in rows):
            return ""
        pool = found.pop()
        return self.pools.get(pool, pool)

    def of_total(
        self, says: str, tier: str, price: float, held: Sequence[Held] = (), count: int = 1
    ) -> str:
        """What a unit more or less in a pool's total or the budget does; `price` has its sign.

        `held` is what follows from the total and is held as it is; `count` totals move at once.
        """
        what, size = self.tier(tier), self.size(tier, abs(price))
        maximised = tier in MAXIMISED
        rises = (price > 0) != maximised
        # a least value is convex in the totals, a greatest one concave
        up, down = (
            (("rises", "提高"), ("falls", "降低"))
            if maximised
            else (("grows", "扩大"), ("shrinks", "缩小"))
        )
        verb, back = (up, down) if rises else (down, up)
        most, least = ("at most", "至多"), ("at least", "至少")
        much, other = (least, most) if price > 0 else (most, least)  # worse by at least the price
        kept = "公式测算额" if self._zh else "the formula's amounts"
        if held:
            kinds = [_HELD[kind][self._zh] for kind in held]
            kept += (
                f"以及随该总额而定的{'和'.join(kinds)}均"
                if self._zh
                else f" and the {' and '.join(kinds)} in money that follow from it"
            )
        if self._zh:
            return (
                f"若{says}增加 1 {self.unit}（{kept}不变），各地区合计多得 {count} {self.unit}，"
                f"{what}{much[1]}{verb[1]} {size}；若{'各' if count > 1 else ''}减少 1 {self.unit}，"
                f"{other[1]}{back[1]} {size}{self._reach(tier)}"
            )
        return (
            f"if {says} is raised by 1 {self.unit}, {kept} as they are, regions get "
            f"{count} {self.unit} more in all and {what} {verb[0]} by {much[0]} {size}; if "
            f"{'each' if count > 1 else 'it'} is lowered by 1 {self.unit}, it {back[0]} by {other[0]} {size}{self._reach(tier)}"
        )

    def _of_taken(self, taken: Taken, side: str) -> str:
        zh = self._zh
        pool = self.pools.get(taken.pool, taken.pool)
        (up_en, _), (up, _) = _MOVES[side]
        limit_en, limit = _LIMITS[side]
        gain = side == "low"
        many = taken.bound > 1
        if not side:
            return self._of_given(taken, pool)
        if zh:
            moved = "多得" if gain else "少得"
            lead = (
                f"资金池“{pool}”中 {taken.bound} 个地区处于{limit}：{limit}每{up} 1 {self.unit}，"
                f"{'这些地区各' if many else '该地区'}{moved} 1 {self.unit}"
            )
        else:
            lead = (
                f"in pool '{pool}' {taken.bound} {'stand' if many else 'stands'} at the {limit_en}: "
                f"for every {self.unit} by which it is {up_en}, {'each of them' if many else 'it'} "
                f"gets 1 {self.unit} {'more' if gain else 'less'}"
            )
        if not taken.free:
            return lead + self._alone()
        carriers = self._carriers(taken)
        if zh:
            return f"{lead}，由{carriers}{'承担' if gain else '分得'}；反向变动则相反；直到另有地区触及限额"
        return (
            f"{lead}, {'paid' if gain else 'shared'} by {carriers}; the other way round, the "
            "reverse; until another region comes to a limit"
        )

    def _of_given(self, taken: Taken, pool: str) -> str:
        """Where the limits are of both sides: the amounts that the rule sets, and who carries them."""
        if self._zh:
            lead = f"资金池“{pool}”中 {taken.bound} 个地区的金额由此规则定下"
            if not taken.free:
                return f"{lead}{self._alone()}"
            return (
                f"{lead}，每多 1 {self.unit}，由{self._carriers(taken)}承担；每少 1 {self.unit}则相反；"
                "直到另有地区触及限额"
            )
        has = "amounts are" if taken.bound > 1 else "amount is"
        lead = f"in pool '{pool}' {taken.bound} {has} set by this rule"
        if not taken.free:
            return f"{lead}{self._alone()}"
        return (
            f"{lead}; every {self.unit} more is paid by {self._carriers(taken)}, every {self.unit} "
            "less the reverse; until another region comes to a limit"
        )

    def _alone(self) -> str:
        if self._zh:
            return "；没有未受限的地区承接，差额只能进出余款或支付总额"
        return (
            "; no region is free to take or carry it: it comes from, or goes to, what is left over "
            "or paid in all"
        )

    def _carriers(self, taken: Taken) -> str:
        """Who carries money that limits move, by what measure, and the largest part."""
        code = self.row(self.codes[taken.largest])
        of = titled(taken.bear, self.columns, self.lang) if taken.bear else ""
        part = f"{float(taken.part):.1%}" if taken.part else ""
        if self._zh:
            if taken.free == 1:
                return f"唯一未受限的 {code} "
            largest = f"（其中 {code} 占 {part}）" if part else ""
            return f"其余 {taken.free} 个未受限地区按{of or '测算额'}比例{largest}"
        if taken.free == 1:
            return f"{code}, the only one at no limit"
        largest = f" ({part} of it by {code})" if part else ""
        measure = f"`{of}`" if of else "their entitlements"
        return f"the {taken.free} at no limit in proportion to {measure}{largest}"

    def tier(self, name: str) -> str:
        """What a tier measures."""
        zh = self._zh
        if name in _TIERS:
            return _TIERS[name][zh]
        if name.startswith("shortfall"):
            return "软性规则的缺口" if zh else "the shortfall of the soft rules"
        if name.startswith("distribute "):
            stated = name.removeprefix("distribute ")
            pool = self.pools.get(stated, stated)
            return (
                f"资金池“{pool}”未分出的金额"
                if zh
                else f"the money of pool '{pool}' not given away"
            )
        return name

    def size(self, tier: str, value: float) -> str:
        """A change of an objective: money, or a coverage in percentage points."""
        if tier == "coverage":
            return f"{_figure(100 * value)} {'个百分点' if self._zh else 'percentage points'}"
        return _figure(value) if tier == "performance" else f"{_figure(value)} {self.unit}"

    def row(self, name: str) -> str:
        """A region's code and name, or a group with the side of its limit in words."""
        if (pair := pair_of(name)) is not None:
            one, _, other = pair
            return f"{self.row(one)} {'对' if self._zh else 'against'} {self.row(other)}"
        group, _, side = name.rpartition(" ")
        if side in SIDES:
            return f"{group} {SIDES[side][1]}" if self._zh else f"{group} {SIDES[side][0]}"
        known = self.names.get(name, "")
        return f"{name} {known}".strip() if known != name else name

    def _reach(self, tier: str) -> str:
        held = tier != self.first
        if self._zh:
            kept = "，更优先的目标保持不变" if held else ""
            return f"（变动多少都不超出此限{kept}）"
        kept = ", while the objectives before it stay as they are" if held else ""
        return f" (bounds for a change of any size{kept})"


def _figure(value: float) -> str:
    """A number to read: six digits, none in exponent form."""
    text = number_text(float(f"{value:.6g}"))
    return f"{float(text):,.10g}" if "." not in text else text


def _side(rows: Iterable[ExactRow]) -> str:
    """Which side rows limit: low, high, or '' where both or neither."""
    sides = {"low" if row.upper is None else "high" if row.lower is None else "" for row in rows}
    return sides.pop() if len(sides) == 1 else ""


def _is_tie(name: str) -> bool:
    """Whether a row compares two regions that are to get equally for their needs."""
    pair = pair_of(name)
    return pair is not None and pair[1] == " = "


def _ahead(name: str, price: float) -> tuple[str, str]:
    """The two regions that a row compares, first the one that is dear to put ahead.

    `price` is d objective / d right-hand side, the objective as one of which less is better.
    """
    one, _, other = pair_of(name) or (name, "", name)
    return (other, one) if _is_tie(name) and price < 0 else (one, other)


def _is_plain(rows: Iterable[ExactRow]) -> bool:
    """Whether rows limit sums of amounts, none by another amount."""
    return all(c > 0 for row in rows for c in row.coefficients)


def _gives_all(standing: Standing) -> bool:
    """Whether every pool's total is given away whole, so that one region's money is another's."""
    totals = [row for row in standing.totals if row.rule.startswith("pool ")]
    return bool(totals) and all(row.lower is not None and row.lower == row.upper for row in totals)
