"""`outrider notify`: one push end to end, told in words."""

import asyncio
import os
from collections.abc import Mapping
from typing import Final

import click

from server import settings as settings_
from server.database import Database, open_database
from server.jobs.channels import refused, ways
from server.jobs.push import Sender
from server.jobs.sending import Sending
from server.services.try_push import Tested, outcome, put
from server.settings import Settings, SettingsError
from shared_schema.problem import Problem

MEANINGS: Final[Mapping[str, str]] = {
    "doubted": "the provider doubts the device; the worker tries again",
    "due": "the provider did not take it; the worker tries again",
    "held": "it waits until the user's quiet hours, or a full hour, end",
    "listed": "the user wants it in the list alone",
    "planned": "it went on to the targets below",
    "sent": "the provider took it; the device says by itself when it has it",
    "cancelled_target": "the device signed out meanwhile",
    "cancelled_left": "the user is no longer active",
}


@click.group("notify")
def command() -> None:
    """Send a push to try whether it arrives."""


@command.command("test")
@click.option("--organisation", required=True, help="Name of the organisation at sign-in.")
@click.option("--user", "account", required=True, help="Account of the user.")
def test(organisation: str, account: str) -> None:
    """Make a notice for a user and send it at once, through whatever reaches that user."""
    try:
        settings = settings_.load(os.environ)
        told = asyncio.run(_tried(settings, organisation, account))
    except SettingsError as error:
        raise click.ClickException(f"{error} (outrider doctor tells more)") from None
    except Problem as problem:
        raise click.ClickException(problem.detail) from None
    for one in told:
        where = f"line {one.line_no}, " if one.line_no > 0 else ""
        name = "the notice" if one.line_no == 0 else f"{where}{one.channel}"
        meaning = MEANINGS.get(one.state, f"the provider refused it: {one.state.removeprefix('dead_')}")
        click.echo(f"{name}: {one.state}; {meaning}")
    if not any(one.state == "sent" for one in told):
        raise SystemExit(1)


async def _tried(settings: Settings, organisation: str, account: str) -> list[Tested]:
    wrong = refused(settings, ways(settings))
    if wrong:
        raise SettingsError("; ".join(wrong))
    database = open_database(settings.database_url)
    try:
        return await _sent(database, settings, organisation, account)
    finally:
        await database.close()


async def _sent(database: Database, settings: Settings, organisation: str, account: str) -> list[Tested]:
    made = await database.write(put, organisation, account)
    sending = Sending(settings)
    try:
        await Sender(database, sending, ways(settings)).drain()
    finally:
        await sending.close()
    return await database.read(outcome, made)
