"""What is said of a number that is solved for: found, out of reach, not one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from reliefperf.allocation.naming import Naming
from reliefperf.allocation.pool_reading import PoolReader
from reliefperf.allocation.program import Ints
from reliefperf.errors import InfeasibleError, InputError, Note
from reliefperf.model.environment import Array


@dataclass(frozen=True)
class Tried:
    """Amounts (n_regions,) and their sums (n_groups,) at a number a group (n_groups,).

    A sum is NaN where the formula is missing in some region of the group.
    """

    at: Array
    amounts: Array
    sums: Array


class Words:
    """What a search has found or not, in words; `rising` as the search knows it."""

    def __init__(
        self, reader: PoolReader, groups: Ints, names: Sequence[str], totals: Sequence[Fraction]
    ) -> None:
        assert reader.spec.solve is not None
        self.reader, self.groups, self.names, self.totals = reader, groups, names, list(totals)
        self.name, self.range = reader.spec.solve.name, reader.spec.solve.between
        self.by_total = reader.spec.solve.rises == "total"
        """Whether only the sum of the amounts must go one way."""
        self.rising = np.zeros(len(names))
        """1 where a group's amounts rise with the number, -1 where they fall, 0 not known yet."""

    def turns(self, i: int, group: int, first: Tried, second: Tried) -> InputError:
        """The error of a region whose amount falls where others rise, or the other way round."""
        name, pool_id = self.name, self.reader.pool_id
        low, high = (number_text(float(tried.at[group])) for tried in (first, second))
        falls = self.rising[group] > 0
        moved = np.where(self.groups == group, second.amounts - first.amounts, 0.0)
        other = int(np.nanargmin(moved) if not falls else np.nanargmax(moved))
        elsewhere = "rises elsewhere" if falls else "falls elsewhere"
        elsewhere_zh = "别处增加" if falls else "别处减少"
        if moved[other] != 0 and (moved[other] > 0) == falls:
            elsewhere, elsewhere_zh = self._moves(other, first, second)
        here, here_zh = self._moves(i, first, second)
        both = (here, elsewhere) if falls else (elsewhere, here)
        both_zh = (here_zh, elsewhere_zh) if falls else (elsewhere_zh, here_zh)
        stated_en, stated_zh = ("narrower ", "更窄的") if self.range else ("", "某一")
        return self.reader.refuse(
            "each",
            f"`each` of pool '{pool_id}' must rise with {name} in every region, or fall in every "
            f"one: {name} can be solved for only where no single amount falls while others rise. "
            f"While {name} rises from {low} to {high}, the amount {both[0]} and {both[1]}. "
            f"If only their sum is to rise with {name}: solve: {{name: {name}, rises: total}}; if all "
            f"amounts move one way in a {stated_en}range of {name}, state that range: "
            f"solve: {{name: {name}, between: [.., ..]}}",
            f"资金池“{pool_id}”的 each 须在各地区都随 {name} 增加，或都随之减少：只有没有一地金额"
            f"在别处增加时减少，才能求出 {name}。{name} 从 {low} 增至 {high} 时，"
            f"{both_zh[0]}，{both_zh[1]}。如只要求合计随 {name} 增加，请写 "
            f"solve: {{name: {name}, rises: total}}；"
            f"如在{stated_zh}范围内各地金额同向变化，请写明该范围：solve: {{name: {name}, between: [.., ..]}}",
        )

    def total_turns(
        self, group: int, first: Tried, second: Tried, sums: tuple[float, float]
    ) -> InputError:
        """The error of a sum that falls with the number here and rises elsewhere."""
        name, pool_id = self.name, self.reader.pool_id
        low, high = (number_text(float(tried.at[group])) for tried in (first, second))
        before, after = (f"{one:,.6g}" for one in sums)
        en, zh = _of_group(self.names[group])
        other, other_zh = ("rises", "增加") if self.rising[group] > 0 else ("falls", "减少")
        return self.reader.refuse(
            "each",
            f"the sum of `each` of pool '{pool_id}'{en} goes from {before} to {after} while {name} "
            f"goes from {low} to {high}, but {other} elsewhere: more than one {name} may give the "
            f"total. State a range in which it goes one way: solve: {{name: {name}, rises: total, "
            "between: [.., ..]}",
            f"{name} 从 {low} 增至 {high} 时，资金池“{pool_id}”{zh}的 each 合计由 {before} 变为 {after}，"
            f"而在别处{other_zh}：可能有不止一个 {name} 使合计等于总额。请写明合计单向变化的范围："
            f"solve: {{name: {name}, rises: total, between: [.., ..]}}",
        )

    def _moves(self, i: int, first: Tried, second: Tried) -> tuple[str, str]:
        """How the amount of a region changes between two numbers, in both languages."""
        naming = Naming.of(self.reader.model, self.reader.env)
        region, region_zh = naming.region(self.reader.env.codes[i])
        before, after = (f"{float(tried.amounts[i]):,.6g}" for tried in (first, second))
        falls = bool(second.amounts[i] < first.amounts[i])
        return (
            f"{'falls' if falls else 'rises'} in region {region} from {before} to {after}",
            f"地区 {region_zh} 由 {before} {'减' if falls else '增'}至 {after}",
        )

    def refuse_missing(self, point: Tried) -> None:
        """Raise InputError where the formula is missing at a point."""
        lost = np.isnan(point.amounts) & (self.groups >= 0)
        if not lost.any():
            return
        at = number_text(float(point.at[0]))
        codes = [self.reader.env.codes[i] for i in np.flatnonzero(lost)]
        listed, listed_zh = Naming.of(self.reader.model, self.reader.env).regions(codes)
        raise self.reader.refuse(
            "each",
            f"each of pool '{self.reader.pool_id}' is missing in {len(codes)} region(s) with "
            f"{self.name} = {at}: {listed}. Complete the data, or state a range of {self.name} in "
            f"which it is defined: solve: {{name: {self.name}, between: [.., ..]}}",
            f"资金池“{self.reader.pool_id}”的 each 在 {self.name} = {at} 时有 {len(codes)} 个地区缺失："
            f"{listed_zh}。请补全数据，或写明有定义的范围：solve: {{name: {self.name}, between: [.., ..]}}",
        )

    def note(self, group: int, value: float, amounts: Fraction) -> Note:
        """The number that was found, and what the amounts come to if not to the total."""
        period = self.reader.env.period
        en, zh = _of_group(self.names[group])
        said, total = number_text(value), self.totals[group]
        words = (
            f"{self.name} = {said} makes the amounts{en} add up to the total",
            f"{self.name} = {said} 时各地区金额{zh}合计等于总额",
        )
        if amounts != total:
            words = (
                f"no {self.name} makes the amounts{en} add up to {float(total):,.2f}; nearest below "
                f"it they come to {float(amounts):,.2f}, with {self.name} = {said}",
                f"没有 {self.name} 能使各地区金额{zh}合计为 {float(total):,.2f}；"
                f"低于它而最接近的合计为 {float(amounts):,.2f}（{self.name} = {said}）",
            )
        lead, lead_zh = (f"{period}: ", f"{period}：") if period else ("", "")
        return Note("solved", lead + words[0], lead_zh + words[1], 1, self.reader.pool_id)

    def out_of_reach(self, group: int, end: Tried, *, most: bool) -> InfeasibleError:
        """The error of a total above the most, or below the least, that the amounts come to."""
        name, have, total = self.name, float(end.sums[group]), float(self.totals[group])
        at, off = number_text(float(end.at[group])), abs(have - total)
        en, zh = _of_group(self.names[group])
        range_en = range_zh = ""
        if self.range is not None:
            low, high = map(number_text, self.range)
            range_en, range_zh = f" between {low} and {high}", f"（{low} 至 {high}）"
        ends_en, ends_zh = ("most", "最多") if most else ("least", "最少")
        short_en, short_zh = ("less", "少") if most else ("more", "多")
        hint_en = "; state `leftover: return` if the rest may stay" if most else ""
        hint_zh = "；如允许余款退回，请写 leftover: return" if most else ""
        return self._impossible(
            f"no {name}{range_en} makes the amounts of pool '{self.reader.pool_id}'{en} add up to "
            f"{total:,.2f}: they come to {have:,.2f} at {ends_en} ({name} = {at}), {off:,.2f} "
            f"{short_en} than the total{hint_en}",
            f"没有 {name}{range_zh}能使资金池“{self.reader.pool_id}”{zh}各地区金额合计为 {total:,.2f}："
            f"{ends_zh}为 {have:,.2f}（{name} = {at}），比总额{short_zh} {off:,.2f}{hint_zh}",
        )

    def steps_over(self, group: int, under: Tried, over: Tried) -> InfeasibleError:
        """The error of a total that lies inside a step of the amounts."""
        name, total = self.name, float(self.totals[group])
        en, zh = _of_group(self.names[group])
        at = number_text(float(under.at[group]))
        low, high = float(under.sums[group]), float(over.sums[group])
        return self._impossible(
            f"no {name} makes the amounts of pool '{self.reader.pool_id}'{en} add up to {total:,.2f}: "
            f"at {name} = {at} they step from {low:,.2f} to {high:,.2f}. State `leftover: return` "
            "if they may stay below it, or leave out what makes the step (rounding, a condition)",
            f"没有 {name} 能使资金池“{self.reader.pool_id}”{zh}各地区金额合计为 {total:,.2f}："
            f"在 {name} = {at} 处合计由 {low:,.2f} 跳到 {high:,.2f}。如允许低于总额，请写 leftover: return，"
            "或去掉造成跳跃的取整、条件",
        )

    def _impossible(self, en: str, zh: str) -> InfeasibleError:
        return InfeasibleError(self.reader.refuse("each", en, zh).mistakes)


def number_text(value: float) -> str:
    """A number for people: to 12 digits.

    >>> number_text(1 / 3), number_text(1200.0)
    ('0.333333333333', '1200')
    """
    return format(value, ".12g")


def _of_group(name: str) -> tuple[str, str]:
    return (f" of group {name}", f"（组“{name}”）") if name else ("", "")
