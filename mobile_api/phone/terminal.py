"""`outrider device …`: a phone played from the terminal. This module opens the file and turns every refusal into words."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from mobile_api.phone import (
    terminal_archive,
    terminal_contact,
    terminal_enter,
    terminal_extension,
    terminal_hold,
    terminal_inbox,
    terminal_instruct,
    terminal_instruction,
    terminal_listen,
    terminal_lock,
    terminal_look,
    terminal_more,
    terminal_nearby,
    terminal_notification,
    terminal_pool,
    terminal_quote,
    terminal_route,
    terminal_session,
    terminal_team,
    terminal_undo,
    terminal_whereabouts,
)
from mobile_api.phone.measures import UnclearError
from mobile_api.phone.phone import Phone
from mobile_api.phone.screen import Screen
from mobile_api.phone.terminal_fields import field_name
from mobile_api.phone.terminal_help import chinese
from mobile_api.phone.texts_help import HELP as COMMON_HELP
from mobile_api.phone.transport import UnreachableError
from mobile_api.phone.words import DEFAULT_FILE, Texts, Words, device
from mobile_api.phone.words import TEXTS as COMMON_TEXTS
from shared_schema.problem import Problem
from sync.entered import MisfitError

NOUNS: Final = (
    terminal_contact,
    terminal_extension,
    terminal_lock,
    terminal_archive,
    terminal_team,
    terminal_pool,
    terminal_nearby,
    terminal_route,
    terminal_hold,
    terminal_instruction,
    terminal_instruct,
    terminal_notification,
    terminal_whereabouts,
)
"""A line for each noun: its commands, its words, its help in Chinese."""
TEXTS: Final[Texts] = {**COMMON_TEXTS, **{name: both for noun in NOUNS for name, both in noun.TEXTS.items()}}
HELP: Final[Mapping[str, str]] = {**COMMON_HELP, **{english: chinese for noun in NOUNS for english, chinese in noun.HELP.items()}}


def language() -> str:
    """The reader's language, from the environment."""
    return next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en")


class Terminal(click.Group):
    """Refusals, a missing network and unclear words all end in one sentence: the event, its meaning, the next step."""

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        """A user whose language is Chinese reads Chinese help, here and at each command."""
        spoken = chinese(self, HELP) if self.context_class is click.Context and Words(language()).language == "zh" else self
        return super(Terminal, spoken).make_context(*given, **more)

    def invoke(self, ctx: click.Context) -> Any:
        words = Words(language(), device(ctx.params["file"]), TEXTS)
        try:
            return super().invoke(ctx)
        except UnclearError as unclear:
            raise click.ClickException(words(unclear.name, **unclear.facts)) from None
        except MisfitError as misfit:
            name = field_name(ctx.obj, misfit.slot) if isinstance(ctx.obj, Screen) else words.known(misfit.slot)
            raise click.ClickException(words(misfit.name, field=name, **misfit.facts)) from None
        except Problem as problem:
            raise click.ClickException(words.refusal(problem)) from None
        except UnreachableError as error:
            phone = ctx.obj.phone if isinstance(ctx.obj, Screen) else None
            waiting, url = (phone.waiting(), phone.session.url()) if phone is not None else (0, "-")
            raise click.ClickException(words("unreachable", url=url or "-", why=error, waiting=waiting)) from None


@click.group(cls=Terminal)
@click.option("--file", type=click.Path(path_type=Path), default=DEFAULT_FILE, show_default=True, help="The phone's memory.")
@click.pass_context
def command(ctx: click.Context, file: Path) -> None:
    """Be a phone: sign in, visit, quote, edit, go offline, sync, decide. Customers go by part of their name, or by #id."""
    words = Words(language(), device(file), TEXTS)
    if not file.absolute().parent.is_dir():
        raise UnclearError("no_folder", folder=file.absolute().parent)
    try:
        ctx.obj = Screen(Phone(file, language=words.language), words, file)
    except OSError as error:  # a folder, or somebody else's file
        raise UnclearError("no_file", file=file, why=error.strerror) from None
    ctx.call_on_close(ctx.obj.phone.close)


for each in (
    *terminal_session.COMMANDS,
    *terminal_listen.COMMANDS,
    *terminal_look.COMMANDS,
    *terminal_enter.COMMANDS,
    *terminal_quote.COMMANDS,
    *terminal_inbox.COMMANDS,
    *terminal_undo.COMMANDS,
    *terminal_more.COMMANDS,
    *(command for noun in NOUNS for command in noun.COMMANDS),
):
    command.add_command(each)
