"""What every verb shares: the language behind it, a near name, messages in place of tracebacks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from reliefperf.cli.usage import Mistyped, in_both_languages

LANG = click.Choice(["zh", "en"])


def _choose_language(context: click.Context, _: click.Parameter, lang: str | None) -> None:
    if lang is not None:
        context.find_root().params["lang"] = lang


class Verb(click.Command):
    """A verb; `--lang` may stand behind it as well as before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["--lang"],
                type=LANG,
                expose_value=False,
                callback=_choose_language,
                is_eager=True,
                help="Language of messages. 提示语言。",
            )
        )


class Verbs(click.Group):
    """Verbs in the order of the work, and a near name for a mistyped one."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read what stands before the verb."""
        with in_both_languages():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Do what the verb does."""
        with in_both_languages():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs as they were added, not by the alphabet."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb asked for; a mistyped one is refused with the nearest name."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from reliefperf.errors import suggestion

            en, zh = suggestion(args[0], self.commands)
            raise Mistyped(f"no verb '{args[0]}'{en}", f"没有命令“{args[0]}”{zh}", ctx)
        return super().resolve_command(ctx, args)


def verb(function: Callable[..., None]) -> click.Command:
    """Make a function, with its options, the verb of its name.

    What the package raises on purpose becomes a message and an exit status.
    """
    return click.command(cls=Verb)(_guarded(function))


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        from reliefperf.errors import InfeasibleError, ReliefperfError

        context = click.get_current_context()
        try:
            function(*args, **kwargs)
        except ReliefperfError as error:
            from reliefperf.reports.console import lang_chosen

            lang = lang_chosen()
            click.echo(error.text(lang), err=True)
            if isinstance(error, InfeasibleError) and error.remedy:
                from reliefperf.reports.remedy import say_remedy

                say_remedy(error.remedy, lang)
            context.exit(error.exit_status)
        except BrokenPipeError:
            context.exit(1)
        except OSError as error:
            click.echo(f"{error.filename or ''}: {error.strerror or error}", err=True)
            context.exit(2)

    return run
