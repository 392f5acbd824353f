"""`outrider worker`: a process that sends pushes and runs the jobs, beside servers that do neither."""

import asyncio
import os
import signal

import click

from mobile_api import logs
from mobile_api.commands.checks import examine, line
from server import clock
from server import settings as settings_
from server.database import open_database
from server.jobs.runner import running
from server.settings import Settings, SettingsError


@click.command("worker")
def command() -> None:
    """Send pushes and run the jobs until SIGTERM or Ctrl-C. Any number of workers may run on one PostgreSQL database."""
    try:
        settings = settings_.load(os.environ)
    except SettingsError as error:
        raise click.ClickException(f"{error} (outrider doctor tells more)") from None
    wrong = [one for one in asyncio.run(examine(settings)) if not one.right and one.fatal]
    if wrong:
        raise click.ClickException("the worker does not start\n" + "\n".join(line(one, lambda _: "  ✘") for one in wrong))
    logs.configure(settings.log_level)
    clock.simulate(settings.clock_ahead_ms, settings.clock_file)
    asyncio.run(work(settings))


async def work(settings: Settings) -> None:
    """Work until a signal ends it; sends under way are given up, and their leases end."""
    database = open_database(settings.database_url, settings.listen_url)
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        async with running(database, settings):
            click.echo("the worker works")
            await ended.wait()
    finally:
        await database.close()
