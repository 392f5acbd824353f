"""`outrider import KIND FILE`: takes a file over, at the machine itself; shows how far it is, and may be stopped and started again."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from mobile_api.commands.backup import bar
from mobile_api.phone.terminal import language
from server import chance
from server import settings as settings_
from server.database import Unavailable, open_database
from server.domain.imports.columns import offered
from server.domain.imports.kinds import BY_NAME
from server.domain.imports.sentences import said
from server.domain.imports.sheet import COMMAND, SheetError
from server.services import import_file
from server.services.import_file import Asked, Report
from server.services.import_template import FORMATS, template
from server.services.imports import Operator
from server.settings import SettingsError
from server.sheets import files
from server.store import schema
from shared_schema.problem import Problem
from shared_schema.text import plain, shown

SHOWN_MAX: Final = 20
"""Reasons on the screen; the file of rejected rows has all."""


class Wanted(msgspec.Struct, frozen=True):
    """The arguments as typed."""

    kind: str
    file: Path
    organisation: str | None
    account: str | None
    dry_run: bool
    rejected: Path | None
    blank: bool


@click.command("import")
@click.argument("kind", type=click.Choice(list(BY_NAME)))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--organisation", help="The organisation's name at sign-in.")
@click.option("--as", "account", help="The account of one of its admins; the file is taken in this admin's name.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; write nothing.")
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Where rows that are wrong go; default: beside FILE.")
@click.option("--template", "blank", is_flag=True, help="Write a blank FILE (.csv or .xlsx) to fill in instead.")
def command(**given: Any) -> None:
    """Import FILE (CSV, XLSX or JSON lines). The same file again changes nothing: stop it and start it as you like."""
    wanted = Wanted(**given)
    if wanted.blank:
        _write_template(wanted.kind, wanted.file)
        return
    began_ms = chance.now_ms()
    report, left = _taken(wanted)
    _tell(report, dry_run=wanted.dry_run)
    click.echo(f"time           {(chance.now_ms() - began_ms) / 1000:,.1f} s")
    if left:
        place = wanted.rejected or wanted.file.with_name(f"{wanted.file.stem}.rejected{wanted.file.suffix}")
        place.write_bytes(left)
        click.echo(f"rejected rows  {place}  (with the reason; correct it and import it)")
        raise SystemExit(1)


def _taken(wanted: Wanted) -> tuple[Report, bytes]:
    """The result of the file; every refusal ends in one plain sentence."""
    if not wanted.organisation or not wanted.account:
        raise click.UsageError("say --organisation and --as: whose file it is, and which admin takes it")
    who = Operator(plain(wanted.organisation).lower(), plain(wanted.account).lower())
    try:
        raw = wanted.file.read_bytes()
        url = settings_.load(os.environ).database_url
        return asyncio.run(_take(url, Asked(who, wanted.kind, wanted.dry_run, chance.now_ms()), raw))
    except SheetError as error:
        raise click.ClickException(f"nothing was imported: {said(error.flaw, language())}") from None
    except (SettingsError, Problem) as error:
        raise click.ClickException(str(error)) from None
    except Unavailable as ill:
        raise click.ClickException(f"{ill.cause.means}; {ill.cause.remedy}; what was taken stays, start it again") from None
    except OSError as error:
        raise click.ClickException(f"{wanted.file} cannot be read ({error.strerror})") from None


async def _take(url: str, asked: Asked, raw: bytes) -> tuple[Report, bytes]:
    if await schema.current(url) != schema.head():
        raise click.ClickException("the database has the tables of another version; migrate it first")
    with bar("read") as tell:
        sheet = files.read(raw, COMMAND)
        tell(1, 1)
    database = open_database(url)
    try:
        with bar(asked.kind) as tell:
            report = await import_file.take(database, asked, sheet, tell)
    finally:
        await database.close()
    return report, import_file.rejected(sheet, report, language()) if report.wrong else b""


def _write_template(kind: str, file: Path) -> None:
    """Without the organisation's custom fields: those are in the template that the server gives."""
    format_ = file.suffix.lower().removeprefix(".")
    if format_ not in FORMATS:
        raise click.ClickException("name a file that ends with .csv or .xlsx")
    if file.exists():
        raise click.ClickException(f"{file} is there already and was not touched; name another file")
    file.write_bytes(template(BY_NAME[kind], offered(BY_NAME[kind], ()), format_, language()))
    click.echo(f"template       {file}")


def _tell(report: Report, *, dry_run: bool) -> None:
    if dry_run:
        click.echo("dry run        nothing was written")
    for name in ("taken", "changed", "same", "wrong"):
        click.echo(f"{name:<14} {getattr(report, name):,}")
    notes: tuple[tuple[str, int, str], ...] = (
        ("kept", len(report.kept), "rows in which a person's word stands, and not the file's"),
        ("left out", report.examples, "rows that begin with #"),
        ("left out", report.sheets_left, "further sheets of the workbook"),
    )
    for name, count, told in notes:
        if count:
            click.echo(f"{name:<14} {count:,} {told}")
    for goal, rows in Counter(one.goal.name for one in report.led).most_common(SHOWN_MAX):
        click.echo(f"{'by rule':<14} {rows:,} to {shown(goal)}")
    if report.unknown:
        click.echo(f"unknown        columns of which nothing was taken: {', '.join(map(shown, report.unknown))}")
    for fault in report.faults[:SHOWN_MAX]:
        column = f", {shown(fault.column)}" if fault.column else ""
        click.echo(f"  line {fault.line}{column}: {said(fault.flaw, language())}", err=True)
    if len(report.faults) > SHOWN_MAX:
        click.echo(f"  … and {len(report.faults) - SHOWN_MAX:,} more", err=True)
