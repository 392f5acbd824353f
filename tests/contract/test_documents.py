"""Documents lead somewhere: links, commands and folders they name are there, and decisions stay short."""

import re
from pathlib import Path
from typing import Final

import click
import pytest

from mobile_api.cli import SUBCOMMANDS, main
from tests.contract.documents import DOCS, ROOT, codes, table

TEXTS: Final = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
README: Final = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_make_targets_that_are_named_are_there(path: Path) -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"`(?:LANG=\S+ )?make ([a-z-]+)|^make ([a-z-]+)", path.read_text("utf-8"), re.MULTILINE)
    assert {first or second for first, second in named} <= set(targets)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_commands_that_are_named_are_there(path: Path) -> None:
    named = set(re.findall(r"(?:\$ |`|^)(?:\.venv/bin/)?outrider ([a-z]+)", path.read_text("utf-8"), re.MULTILINE))
    assert named - {"restore"} <= set(SUBCOMMANDS), named


def test_the_verbs_of_the_phone_are_those_of_the_terminal() -> None:
    context = click.Context(main)
    group = main.get_command(context, "device")
    assert isinstance(group, click.Group)
    session = re.findall(r"outrider device --file my\.db ([a-z-]+)", README)
    others = codes(README.split("are the other verbs", 1)[0].rsplit("```", 1)[1])
    assert set(session) | set(others) <= set(group.list_commands(context))
    assert session
    assert others


def test_the_map_names_every_folder_of_code() -> None:
    named = {codes(folder)[0].rstrip("/") for folder, _ in table(README, "## Map")}
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert packages | {"docs"} == named


def test_decisions_are_numbered_and_short() -> None:
    files = sorted((DOCS / "adr").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert all(len(file.read_text("utf-8").splitlines()) <= 60 for file in files)
