"""`outrider backup FILE`: everything in one file, while the server runs; then phones may forget the entries that it holds."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from mobile_api.commands.checks import sqlite_file
from server import chance
from server import settings as settings_
from server.database import open_database
from server.services import backup
from server.services.backup import Saved
from server.settings import Settings, SettingsError
from server.store import archive
from server.store.archive import ArchiveError, Tell


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(file: Path, force: bool) -> None:
    """Write everything into FILE, in one moment's state; FILE is for its owner alone. The signing key is not in it."""
    try:
        settings = settings_.load(os.environ)
        saved, marked = asyncio.run(_backup(settings, file, force))
    except (SettingsError, ArchiveError) as error:
        raise click.ClickException(str(error)) from None
    except FileExistsError:
        raise click.ClickException(f"{file} is there already and was not touched; name another file, or say --force") from None
    except Exception as error:
        # The driver's own words may quote the password: they stay in the chain of causes, which nobody prints.
        why = f"no backup was made ({type(error).__name__})"
        raise click.ClickException(
            f"{why}: the database does not answer, or {file.parent} cannot be written; outrider doctor tells more"
        ) from error
    click.echo(f"backup         {file}  ({saved.size_bytes / 1_000_000:,.1f} MB, {saved.header.rows:,} rows)")
    if not marked:
        click.echo("the file is whole, but the database was too busy to note it: phones keep their entries until the next backup", err=True)


async def _backup(settings: Settings, file: Path, force: bool) -> tuple[Saved, bool]:
    there = sqlite_file(settings)
    if there is not None and not there.exists():
        raise ArchiveError(f"there is no database {there}; outrider migrate makes it")
    database = open_database(settings.database_url)
    try:
        with archive.created(file, replace=force) as opened, bar("backup") as tell:
            saved = await database.read(backup.save, opened, version("outrider"), chance.now_ms(), tell)
        try:
            await backup.mark(database, saved.lines)
        except Exception:  # noqa: BLE001 - the file is safe; this failure costs space on the phones until the next backup
            return saved, False
        return saved, True
    finally:
        await database.close()


@contextlib.contextmanager
def bar(name: str) -> Iterator[Tell]:
    """A progress bar on standard error."""
    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=None)
        yield lambda more, total: progress.update(task, advance=more, total=total)
