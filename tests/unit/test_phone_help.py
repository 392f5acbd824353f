"""The help of the phone's terminal: every sentence in both languages, and no line wider than the screen."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from mobile_api.cli import main
from mobile_api.phone.terminal import HELP, command

CHINESE = {"LANG": "zh_CN.UTF-8", "LC_ALL": None, "LC_MESSAGES": None, "COLUMNS": "80"}


def commands(of: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command by what is typed for it."""
    yield path, of
    for name, each in of.commands.items() if isinstance(of, click.Group) else ():
        yield from commands(each, (*path, name))


ALL = dict(commands(command))


def test_every_sentence_has_its_chinese_and_no_other_has() -> None:
    told = {text for each in ALL.values() for text in (each.help, *(getattr(one, "help", None) for one in each.params)) if text}
    assert told | {"Show this message and exit."} == set(HELP)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_chinese_help_is_chinese_and_fits(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, ["device", *path, "--help"], env=CHINESE, terminal_width=80)
    assert (done.exit_code, done.output.startswith("用法：")) == (0, True)
    told = [text for text in (ALL[path].help, *(getattr(one, "help", None) for one in ALL[path].params)) if text]
    whole = "".join(done.output.split())  # a line may end at a space
    assert [text for text in told if "".join(text.split()) in whole or "".join(HELP[text].split()) not in whole] == []
    assert [line for line in done.output.splitlines() if cell_len(line) > 80] == []


def test_english_help_stays_english() -> None:
    """Both languages in one process: nothing is changed for good."""
    languages = (CHINESE, {**CHINESE, "LANG": "en_US.UTF-8"})
    _, english = [CliRunner().invoke(main, ["device", "visit", "--help"], env=each).output for each in languages]
    assert "Check in at a CUSTOMER." in english
    assert "Options:" in english
    assert english.isascii()
