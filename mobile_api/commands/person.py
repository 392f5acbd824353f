"""`outrider person …`: the rights of a person, at the machine itself: what is held about a user or a contact of a customer."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import click
import msgspec

from server import chance, settings
from server.database import Database, open_database
from server.domain.desk import DISCLOSURES
from server.domain.rights import Disclosure
from server.services import disclose
from server.services.act import operate
from server.services.disclose import Told
from server.services.persons import Sought, sought
from server.services.restore import erased_there
from server.store import archive, schema
from shared_schema.problem import Problem
from shared_schema.rest_rights import EraseContact, EraseUser
from shared_schema.text import plain
from shared_schema.twin import id_bytes

T = TypeVar("T")
KINDS: Final = {declared.is_user: declared for declared in DISCLOSURES}


class Wanted(msgspec.Struct, frozen=True):
    """Of whom somebody speaks, as typed."""

    organisation: str
    account: str | None
    contact: str | None


@click.group(name="person")
def command() -> None:
    """What is held about a person, and erasing the person: a user of the organisation, or a contact of a customer (D-480 to D-488)."""


@command.command(name="disclose")
@click.option("--organisation", required=True, help="The organisation's name at sign-in.")
@click.option("--account", help="The user's account at sign-in.")
@click.option("--contact", help="The id of the contact of a customer.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write(organisation: str, account: str | None, contact: str | None, file: Path) -> None:
    """Write all that is held about the person into FILE, zipped."""
    wanted = Wanted(organisation, account, contact)
    declared = declared_of(wanted)
    if file.exists():
        raise click.ClickException(f"{file} is there already and was not touched; name another file")

    async def work(database: Database) -> Told:
        found = await database.read(sought, *names_of(wanted))
        with archive.created(file, replace=False) as out:
            return await database.read(disclose.written, found.org_id, declared, found.id, out, chance.now_ms())

    told = run(work)
    click.echo(f"written        {file}  ({sum(told.counts.values()):,} lines; it holds personal data: give it to nobody else)")


@command.command(name="erase")
@click.option("--organisation", required=True, help="The organisation's name at sign-in.")
@click.option("--account", help="The account of a user who is no longer active.")
@click.option("--contact", help="The id of the contact of a customer.")
@click.option("--name", required=True, help="The person's name, as it stands: nobody is erased by a slip.")
def erase(organisation: str, account: str | None, contact: str | None, name: str) -> None:
    """Erase the person for good: there is no way back (D-484, D-487)."""
    wanted = Wanted(organisation, account, contact)
    is_user = declared_of(wanted).is_user

    async def work(database: Database) -> object:
        found = await database.read(sought, *names_of(wanted))
        asked = EraseUser(found.id, name) if is_user else EraseContact(found.id, name)
        return await database.write(operate, found.org_id, asked, chance.now_ms())

    run(work)
    click.echo("erased         everywhere in the database; a running server clears places and files within a minute")


@command.command(name="erasures")
def write_list() -> None:
    """Print the list of all persons who were erased, for `outrider restore --erasures`: ids, and nothing of the persons."""
    for one in run(lambda database: database.read(erased_there)):
        click.echo(msgspec.json.encode(one).decode())


def declared_of(wanted: Wanted) -> Disclosure:
    """The kind of person that was named. Raises UsageError."""
    if (wanted.account is None) == (wanted.contact is None):
        raise click.UsageError("say --account (a user) or --contact (of a customer), one of the two")
    return KINDS[wanted.account is not None]


def names_of(wanted: Wanted) -> tuple[str, Sought]:
    """The organisation and the person. Raises UsageError for an id that is none."""
    named = plain(wanted.organisation).lower()
    if wanted.account is not None:
        return named, Sought(account=plain(wanted.account).lower())
    found = id_bytes(plain(wanted.contact or "").lower())
    if found is None:
        raise click.UsageError("--contact is an id such as 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
    return named, Sought(id=found)


def run(work: Callable[[Database], Awaitable[T]]) -> T:
    """Run against the database of the settings; every refusal ends in one plain sentence."""
    try:
        return asyncio.run(_opened(settings.load(os.environ).database_url, work))
    except (settings.SettingsError, Problem) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"the file cannot be written ({error.strerror})") from None


async def _opened(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    if await schema.current(url) != schema.head():
        raise click.ClickException("the database has the tables of another version; migrate it first")
    database = open_database(url)
    try:
        return await work(database)
    finally:
        await database.close()
