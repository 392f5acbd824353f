"""The help of the phone's terminal in the reader's language: English stands at each command, its Chinese is given."""

import copy
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Final, TypeVar

import click
from rich.cells import cell_len, chop_cells

C = TypeVar("C", bound=click.Command)
HEADINGS: Final[Mapping[str, str]] = {"Options": "选项", "Commands": "命令"}
USAGE: Final = "用法："
FIXED: Final = (("[default: ", "[默认："), ("required]", "必填]"))
GAP: Final = 2


class Chinese(click.HelpFormatter):
    """Click's layout with Chinese headings, broken by the width that is seen: a Chinese character takes two places."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, USAGE)

    def write_heading(self, heading: str) -> None:
        super().write_heading(HEADINGS.get(heading, heading))

    def write_text(self, text: str) -> None:
        self._write(" " * self.current_indent, text)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = GAP) -> None:
        pairs = list(rows)
        widest = min(col_max, max(cell_len(term) for term, _ in pairs)) + col_spacing
        for term, text in pairs:
            begin = f"{'':{self.current_indent}}{term}"
            if cell_len(term) + col_spacing > widest:
                self.write(f"{begin}\n")
                begin = ""
            told = reduce(lambda text, pair: text.replace(*pair), FIXED, text)
            self._write(f"{begin:{self.current_indent + widest}}", told)

    def _write(self, begin: str, text: str) -> None:
        """The text behind `begin`, its further lines below its first."""
        for line in chop_cells(text, self.width - cell_len(begin)) or [""]:
            self.write(f"{begin}{line}".rstrip() + "\n")
            begin = " " * cell_len(begin)


class ChineseContext(click.Context):
    """Where Chinese help is asked for."""

    formatter_class = Chinese


def chinese(command: C, told: Mapping[str, str]) -> C:
    """A copy of a command, of its options and of all below it, whose help is Chinese; a text without Chinese stays as it is.

    `told`: English sentence → Chinese.
    """
    spoken = copy.copy(command)
    spoken.context_class = ChineseContext
    spoken.help = told.get(command.help or "", command.help)
    spoken.short_help = spoken.help
    spoken.params = [_told(each, told) for each in command.params]
    spoken.get_help_option = lambda ctx: _help_option(command, ctx, told)  # type: ignore[method-assign]
    if isinstance(spoken, click.Group):
        spoken.commands = {name: chinese(each, told) for name, each in spoken.commands.items()}
    return spoken


def _told(parameter: click.Parameter, told: Mapping[str, str]) -> click.Parameter:
    if not isinstance(parameter, click.Option) or parameter.help is None:
        return parameter
    spoken = copy.copy(parameter)
    spoken.help = told.get(parameter.help, parameter.help)
    return spoken


def _help_option(command: click.Command, ctx: click.Context, told: Mapping[str, str]) -> click.Option | None:
    found = command.get_help_option(ctx)
    spoken = _told(found, told) if found is not None else None
    return spoken if isinstance(spoken, click.Option) else None
