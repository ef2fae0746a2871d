"""What is said where a command is mistyped: an option, a value or an argument, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

_KINDS = {
    "float": "数",
    "integer": "整数",
    "boolean": "是或否（true、false）",
    "float range": "数",
    "integer range": "整数",
}
_NOT_VALID = re.compile(r"(?P<value>.+) is not a valid (?P<kind>[a-z ]+)\.")
_OUTSIDE = re.compile(r"(?P<value>.+) is not in the range (?P<range>.+)\.")
_NONE_OF = re.compile(r"(?P<value>.+) is not one of (?P<known>.+)\.", re.DOTALL)
_EXTRA = re.compile(r"Got unexpected extra arguments? \((?P<extra>.+)\)")


class Mistyped(click.UsageError):
    """A usage error in both languages; shown in the reader's, else in both (exit status 2)."""

    def __init__(self, en: str, zh: str, context: click.Context | None) -> None:
        super().__init__(en, context)
        self.zh = zh

    def show(self, file: IO[Any] | None = None) -> None:
        """Print how the verb is used, where help is, and what is wrong."""
        from reliefperf.errors import preferred_language

        context = self.ctx
        # no context is open any more, so the language is read from the one of the error
        chosen = context.find_root().params.get("lang") if context is not None else None
        lang = chosen or preferred_language()
        if context is not None:
            usage, path = context.get_usage(), context.command_path
            if lang == "zh":
                head = f"{usage.replace('Usage: ', '用法：', 1)}\n用 {path} --help 查看帮助。\n"
            else:
                head = f"{usage}\nTry '{path} --help' for help.\n"
            click.echo(head, file=file, err=file is None)
        both = f"Error: {self.message}\n    {self.zh}"
        said = {"zh": f"错误：{self.zh}", "en": f"Error: {self.message}"}
        click.echo(both if lang is None else said[lang], file=file, err=file is None)


@contextmanager
def in_both_languages() -> Iterator[None]:
    """Raise what is wrong with the words of a command line as Mistyped."""
    try:
        yield
    except (Mistyped, click.exceptions.NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        raise Mistyped(error.format_message(), _in_chinese(error), error.ctx) from None


def _in_chinese(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = "、".join(error.possibilities or ())
        return f"没有选项 {error.option_name}" + (f"；是否想写 {near}？" if near else "")
    if isinstance(error, click.MissingParameter):
        kind = "选项" if isinstance(error.param, click.Option) else "参数"
        return f"缺少{kind} {_hint(error)}"
    if isinstance(error, click.BadOptionUsage):
        ends = "不能带值" if "does not take" in error.message else "后面须给出值"
        return f"选项 {error.option_name} {ends}"
    if isinstance(error, click.BadParameter):
        return f"{_hint(error)} 的值无效：{_value_in_chinese(error.message)}"
    extra = _EXTRA.fullmatch(error.message)
    return f"多余的参数：{extra['extra']}" if extra else error.message


def _hint(error: click.BadParameter) -> str:
    """The option or argument that is meant, as it is written."""
    hint = error.param_hint
    if hint is None:
        assert error.param is not None
        hint = error.param.get_error_hint(error.ctx)
    return (hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "")


def _value_in_chinese(message: str) -> str:
    if found := _NOT_VALID.fullmatch(message):
        kind = _KINDS.get(found["kind"], found["kind"])
        return f"“{_bare(found['value'])}”不是{kind}"
    if found := _OUTSIDE.fullmatch(message):
        return f"{_bare(found['value'])} 不在允许的范围内（{found['range']}）"
    if found := _NONE_OF.fullmatch(message):
        known = "、".join(_bare(one) for one in found["known"].split(", "))
        return f"“{_bare(found['value'])}”不在可选值之内；可选：{known}"
    return message


def _bare(value: str) -> str:
    return value.strip().strip("'")
