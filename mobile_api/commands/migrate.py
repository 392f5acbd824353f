"""`outrider migrate`: bring the database to the tables of this program."""

import asyncio
import os

import click

from server import settings as settings_
from server.settings import SettingsError
from server.store import schema


@click.command("migrate")
def command() -> None:
    """Make or change the tables, in one transaction; nothing happens when they are right already."""
    try:
        url = settings_.load(os.environ).database_url
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    try:
        before, after = asyncio.run(_migrate(url))
    except Exception as error:
        # The driver's own words may quote the password: they stay in the chain of causes, which nobody prints.
        why = f"the database was not changed ({type(error).__name__})"
        raise click.ClickException(
            f"{why}: it does not answer, or somebody holds its tables; try again, outrider doctor tells more"
        ) from error
    click.echo(f"the tables are at {after}" + ("" if before == after else f", they were at {before or 'nothing'}"))


async def _migrate(url: str) -> tuple[str | None, str]:
    return await schema.current(url), await schema.migrate(url)
