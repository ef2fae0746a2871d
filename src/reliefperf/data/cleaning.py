"""One reported cell to one number, with a record of whatever was changed on the way.

Only changes that have a single reading are made. A decimal comma, a unit after the number, or
groups that are not of three digits are refused: the file must say what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reliefperf.data.changes import Change, Kind

PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_SAFE = r"-?[0-9]{1,9}(?:\.[0-9]{0,6})?"
SAFE = re.compile(_SAFE)
"""Numbers that need no second look, told in one match; 15 digits always survive."""
SAFE_LINES = re.compile(rf"(?:{_SAFE}\n)*")
LONGEST_NUMBER = 400

_GROUPED = re.compile(
    r"[+-]?[1-9][0-9]{0,2}([,\u0020\u00a0\u2007\u2009\u202f])[0-9]{3}(?:\1[0-9]{3})*(?:\.[0-9]+)?"
)
_COMMA = re.compile(r"[+-]?[0-9.]*[0-9],[0-9.,]*")
_CURRENCY = re.compile(r"[+-]?\s*([A-Za-z]{0,3}[$€£¥￥₹₽₩₱₦₡₲₺]|[A-Z]{1,3}(?=\s*[0-9]))\s*[0-9]")
_IN_BRACKETS = re.compile(r"\(\s*([0-9][0-9,.]*)\s*\)")
_COMMA_AND_POINT = str.maketrans(",.", ".,")
_MINUSES = "\u2212\u2013\u2010\u2011\u2012\ufe63"
_DASHES = re.compile(r"[-\u2010-\u2015\u2212\ufe58\ufe63]+|[\u2026\u22ef]+|\.{3,}")
_WORDS = frozenset(("n/a", "na", "null", "无", "缺", "空"))
_FORMULA_ERROR = re.compile(r"#(?:(?:DIV/0|NULL|NUM|REF|VALUE|SPILL|CALC)!|N/A|NAME\?)")
_UNIT = re.compile(r"[+-]?[0-9][0-9,.]*\s*%?\s*([^\s0-9,.%+-][^0-9,]*)")

FORMULA_FAILED = (
    "a formula failed here or was never calculated; mend it, or leave the cell empty if there are "
    "no data",
    "此处公式出错或未计算；请改正，确无数据请留空",
)

_HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}


@dataclass(frozen=True)
class Cleaned:
    """A number, or None when the cell says that there is none, and the change made, if any."""

    value: float | None
    change: Change | None = None


class UnreadableCellError(ValueError):
    """A cell that has no single reading; says in both languages what was expected."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


def half_width(text: str) -> str:
    """Full-width letters, digits and punctuation as half-width; nothing else is touched.

    Not NFKC: that would read `12²` as 122 and `①` as 1.

    >>> half_width("１２，３４５．６％")
    '12,345.6%'
    """
    return text if text.isascii() else text.translate(_HALF_WIDTH)


def is_formula_error(text: str) -> bool:
    """Whether the text is what a spreadsheet shows for a formula that failed, e.g. `#REF!`."""
    return _FORMULA_ERROR.match(half_width(text).strip().upper()) is not None


def is_missing_mark(text: str) -> bool:
    """Whether the text says that there are no data: blank, dashes, dots, N/A, null, 无, 缺, 空."""
    bare = half_width(text).strip()
    return not bare or _DASHES.fullmatch(bare) is not None or bare.casefold() in _WORDS


def clean_number(
    text: str,
    *,
    percent: Literal["number", "fraction"] = "number",
    decimal: Literal["point", "comma"] = "point",
) -> Cleaned:
    """Read one cell as a number.

    `percent` says how `85%` is read: 85 or 0.85. Raises UnreadableCellError for anything that is
    not exactly one number; the text may be full-width, have thousands separators in groups of
    three, a sign, a percent sign. With `decimal="comma"` decimals stand after a comma, and points
    part thousands.

    >>> clean_number("１，２３４").change
    Change(before='１，２３４', after='1234', kinds=('width', 'thousands'))
    >>> clean_number("1.234,5", decimal="comma").value
    1234.5
    >>> clean_number("—").value is None
    True
    """
    if SAFE.fullmatch(text) and (decimal == "point" or "." not in text):
        return Cleaned(float(text) + 0.0)
    if is_missing_mark(text):
        return Cleaned(None, Change(text, "", ("missing-mark",)) if text.strip() else None)
    kinds: list[Kind] = []
    bare = half_width(text)
    if bare != text:
        kinds.append("width")
    if bare != (stripped := bare.strip()):
        kinds.append("spaces")
    body = _signed(stripped, kinds)
    if len(body) > LONGEST_NUMBER:
        raise UnreadableCellError(
            f"a text of {len(body)} characters is not a number", f"{len(body)} 个字符的文本不是数值"
        )
    is_percent = body.endswith("%")
    if is_percent:
        kinds.append("percent")
        body = body[:-1].rstrip()
    if decimal == "comma":
        if "," in body:
            kinds.append("decimal-comma")
        body = body.translate(_COMMA_AND_POINT)
    if grouped := _GROUPED.fullmatch(body):
        kinds.append("thousands")
        body = body.replace(grouped[1], "")
    if not PLAIN.fullmatch(body):
        raise _unreadable(stripped, decimal)
    exact = Decimal(body)
    if is_percent and percent == "fraction":
        exact = exact.scaleb(-2)
    value = _nearest(exact)
    if len(body) > 15 and Decimal(repr(value)) != exact:
        kinds.append("rounded")
    after = repr(value).removesuffix(".0")
    return Cleaned(value, Change(text, after, tuple(kinds)) if kinds else None)


def clean_float(number: float) -> float:
    """A number that a workbook or a table in memory holds; not finite is refused."""
    value = float(number) + 0.0
    if value - value != 0:
        raise UnreadableCellError(
            f"{number} is not a finite number; leave the cell empty if there are no data",
            f"{number} 不是有效数值；没有数据请留空",
        )
    return value


def _signed(text: str, kinds: list[Kind]) -> str:
    if text[0] in _MINUSES and text[1:].lstrip()[:1].isdigit():
        kinds.append("sign")
        return "-" + text[1:].lstrip()
    if text[0] == "+":
        kinds.append("sign")
        return text[1:] if text[1:2] not in ("+", "-") else text
    return text


def _nearest(exact: Decimal) -> float:
    value = float(exact) + 0.0
    if value - value != 0 or (value == 0 and exact != 0):
        raise UnreadableCellError(
            "the number is too large or too small to be reckoned with",
            "数值过大或过小，无法计算",
        )
    return value


def _unreadable(text: str, decimal: Literal["point", "comma"]) -> UnreadableCellError:
    if is_formula_error(text):
        return UnreadableCellError(*FORMULA_FAILED)
    if decimal == "comma" and _COMMA.fullmatch(text.translate(_COMMA_AND_POINT)):
        return UnreadableCellError(
            "the point is not between groups of three digits, and the model says that decimals "
            "stand after a comma (`data: {decimal: comma}`); write 1234,5 or 1.234",
            "模型写明小数用逗号（data: {decimal: comma}），而此处的点不在三位一组的位置；"
            "请写成 1234,5 或 1.234",
        )
    if _COMMA.fullmatch(text):
        return UnreadableCellError(
            "the comma is neither a decimal point nor between groups of three digits; "
            "write 1234.5 or 1,234; where all decimals of the file stand after a comma, say "
            "`data: {decimal: comma}` in the model",
            "逗号既不能作小数点，也不在三位一组的位置；请写成 1234.5 或 1,234；"
            "若全部小数都用逗号，请在模型中写 data: {decimal: comma}",
        )
    if currency := _CURRENCY.match(text):
        return UnreadableCellError(
            f"write the number alone, without '{currency[1]}'; the unit stands in the model",
            f"只写数值，不要带“{currency[1]}”；计量单位写在模型中",
        )
    if negative := _IN_BRACKETS.fullmatch(text):
        return UnreadableCellError(
            f"a negative number is written with a sign: -{negative[1]}",
            f"负数请写负号：-{negative[1]}",
        )
    if unit := _UNIT.fullmatch(text):
        after = unit[1].strip()[:20]
        return UnreadableCellError(
            f"write the number alone, without '{after}'; the unit stands in the model",
            f"只写数值，不要带“{after}”；计量单位写在模型中",
        )
    return UnreadableCellError(
        "expected a number, or an empty cell if there are no data",
        "应为数值；没有数据请留空",
    )
