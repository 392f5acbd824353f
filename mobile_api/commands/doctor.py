"""`outrider doctor`: one line for each condition of a server, and the way to mend each that is wrong."""

import asyncio
import os

import click
import msgspec

from mobile_api.commands.checks import Finding, examine, line
from server import settings as settings_
from server.settings import SettingsError


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="The findings as one JSON list.")
def command(as_json: bool) -> None:
    """Look at settings, signing key, database and disk; exit code 1 when something is wrong."""
    found = _findings()
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        for each in found:
            click.echo(line(each, lambda right: "✔" if right else "✘"))
    if not all(each.right for each in found):
        raise SystemExit(1)


def _findings() -> list[Finding]:
    try:
        settings = settings_.load(os.environ)
    except SettingsError as error:
        return [Finding("settings", False, str(error), "correct it in the environment or in the file OUTRIDER_CONFIG names")]
    return [Finding("settings", True, "every setting is known and fits"), *asyncio.run(examine(settings))]
