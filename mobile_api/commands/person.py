"""`outrider person …`: the rights of a person, at the machine itself: what is held about a user or a contact of a customer."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import click
import msgspec

from mobile_api.commands import operating
from mobile_api.commands.operating import Refused, refuse
from server import chance
from server.database import Database
from server.domain.desk import DISCLOSURES
from server.domain.rights import Disclosure
from server.services import disclose
from server.services.act import operate
from server.services.disclose import Told
from server.services.persons import Sought, sought
from server.services.restore import erased_there
from server.store import archive
from shared_schema.problem import Code
from shared_schema.rest_rights import EraseContact, EraseUser
from shared_schema.text import plain
from shared_schema.twin import id_bytes

T = TypeVar("T")
KINDS: Final = {declared.is_user: declared for declared in DISCLOSURES}
REFUSED: Final[Refused] = {
    (Code.not_found, "organisation"): "no_organisation",
    (Code.not_found, "account"): "no_account",
    (Code.not_found, None): "no_contact",
    (Code.out_of_scope, None): "no_contact",
    (Code.state_wrong, None): "active",
    (Code.rule_broken, "name"): "other_name",
}


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
    asked = names_of(wanted)
    if file.exists():
        refuse("file_there", file=file)

    async def work(database: Database) -> Told:
        found = await database.read(sought, *asked)
        try:
            with archive.created(file, replace=False) as out:
                return await database.read(disclose.written, found.org_id, declared, found.id, out, chance.now_ms())
        except OSError as error:  # the file's: one of the database comes as Unavailable
            refuse("file_closed", file=file, why=error.strerror)

    told = run(work, wanted)
    click.echo(f"written        {file}  ({sum(told.counts.values()):,} lines; it holds personal data: give it to nobody else)")


@command.command(name="erase")
@click.option("--organisation", required=True, help="The organisation's name at sign-in.")
@click.option("--account", help="The account of a user who is no longer active.")
@click.option("--contact", help="The id of the contact of a customer.")
@click.option("--name", required=True, help="The person's name, as it stands: nobody is erased by a slip.")
def erase(organisation: str, account: str | None, contact: str | None, name: str) -> None:
    """Erase the person for good: there is no way back (D-484, D-487)."""
    wanted = Wanted(organisation, account, contact)
    is_user, named = declared_of(wanted).is_user, names_of(wanted)

    async def work(database: Database) -> object:
        found = await database.read(sought, *named)
        asked = EraseUser(found.id, name) if is_user else EraseContact(found.id, name)
        return await database.write(operate, found.org_id, asked, chance.now_ms())

    run(work, wanted)
    click.echo("erased         everywhere in the database; a running server clears places and files within a minute")


@command.command(name="erasures")
def write_list() -> None:
    """Print the list of all persons who were erased, for `outrider restore --erasures`: ids, and nothing of the persons."""
    for one in operating.run(lambda database: database.read(erased_there), {}):
        click.echo(msgspec.json.encode(one).decode())


def declared_of(wanted: Wanted) -> Disclosure:
    """The kind of person that was named. Raises ClickException."""
    if (wanted.account is None) == (wanted.contact is None):
        refuse("one_of_two")
    return KINDS[wanted.account is not None]


def names_of(wanted: Wanted) -> tuple[str, Sought]:
    """The organisation and the person. Raises ClickException for an id that is none."""
    named = plain(wanted.organisation).lower()
    if wanted.account is not None:
        return named, Sought(account=plain(wanted.account).strip().lower())
    found = id_bytes(plain(wanted.contact or "").strip().lower())
    if found is None:
        refuse("no_id", contact=wanted.contact)
    return named, Sought(id=found)


def run(work: Callable[[Database], Awaitable[T]], wanted: Wanted) -> T:
    """Run against the database; a refusal names what was typed."""
    return operating.run(work, REFUSED, organisation=wanted.organisation, account=wanted.account, contact=wanted.contact)
