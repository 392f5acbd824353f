"""`outrider restore FILE`: puts a backup into an empty database of either kind, or in the place of the database's content."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from mobile_api.commands.backup import bar
from server import chance
from server import settings as settings_
from server.database import open_database
from server.jobs.scrub import scrub
from server.services.erase_again import Line, read
from server.services.restore import Into, Restored, restore
from server.settings import SettingsError
from server.store import archive, schema
from server.store.archive import ArchiveError, Header


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Drop the database's content; stop the server first.")
@click.option(
    "--erasures", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The newest list of `outrider person erasures`."
)
def command(file: Path, replace: bool, erasures: Path | None) -> None:
    """Load FILE, in one transaction: afterwards the database holds all of it, or its content of before.

    The tables become those of this program. Phones begin anew and send again all entries of after the backup that they still keep.
    """
    try:
        url = settings_.load(os.environ).database_url
        header, restored = asyncio.run(_restore(url, file, Into(replace, _lines(erasures))))
    except (SettingsError, ArchiveError, OverflowError) as error:
        raise click.ClickException(str(error)) from None
    except Exception as error:
        # The driver's own words may quote the password: they stay in the chain of causes, which nobody prints.
        why = f"nothing was restored and nothing was changed ({type(error).__name__})"
        raise click.ClickException(f"{why}: the database does not answer, or somebody uses it; stop the server and try again") from error
    made = datetime.fromtimestamp(header.made_ms / 1000, UTC)
    click.echo(f"restored       {header.rows:,} rows of {restored.organisations:,} organisations, as of {made:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(f"erased again   {restored.erased:,} persons who were erased since (D-488)")
    if not replace and erasures is None:
        click.echo("               nobody who was erased since the backup is known here: give the newest list with --erasures")
    click.echo("next           outrider serve; phones fetch anew and send again what they entered since then")


def _lines(file: Path | None) -> tuple[Line, ...]:
    try:
        return tuple(read(file.read_bytes())) if file is not None else ()
    except ValueError:
        raise click.ClickException(f"{file} is no list of `outrider person erasures`, and nothing was touched") from None


async def _restore(url: str, file: Path, into: Into) -> tuple[Header, Restored]:
    with bar("verify") as tell:
        header = archive.verified(file, tell)
    with bar("restore") as tell:
        restored = await schema.alone(url, restore, file, header, tell, chance.now_ms(), into)
    database = open_database(url)
    try:
        await scrub(database, "restore")  # of places that were due the log holds what the backup told
    finally:
        await database.close()
    return header, restored
