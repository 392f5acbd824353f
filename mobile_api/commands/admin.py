"""`outrider admin …`: an operator's work at the machine itself: make an organisation with its first admin, reset a password."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypeVar, get_type_hints

import click
import msgspec

from mobile_api.commands import operating
from mobile_api.commands.operating import Refused, refuse
from mobile_api.phone.terminal import language
from mobile_api.phone.words import Words
from server import chance
from server.database import Database
from server.domain import passwords, tokens
from server.services import organisations, users
from server.services import reset_devices as reset
from server.services.organisations import Founded, NewOrganisation
from shared_schema.problem import Code
from shared_schema.records.reference import VISIT_DAYS_LEAST, VISIT_DAYS_MOST
from shared_schema.text import plain
from sync.entered import MisfitError, fitted_by

T = TypeVar("T")
HINTS: Final = get_type_hints(NewOrganisation, include_extras=True)
PLAIN: Final = frozenset(HINTS) - {"name", "admin_name"}
"""A text that is no name of a person or a house is written in plain letters, with whatever input method it was typed (P-622)."""

REFUSED: Final[Refused] = {(Code.not_found, "organisation"): "no_organisation"}


@click.group(name="admin")
def command() -> None:
    """Organisations and passwords, for the operator."""


@command.command(name="create-organisation")
@click.option("--login", required=True, help="The organisation's name at sign-in: lower case letters, digits, . _ @ + -")
@click.option("--name", required=True, help="The organisation's name.")
@click.option("--account", required=True, help="The first admin's account name at sign-in.")
@click.option("--admin-name", default="Admin", show_default=True, help="The first admin's name.")
@click.option("--currency", default="CNY", show_default=True)
@click.option("--time-zone", default="Asia/Shanghai", show_default=True)
@click.option("--prices-include-tax/--prices-without-tax", default=True, show_default=True)
@click.option("--device-approval", is_flag=True, help="A new device waits until an admin approves it.")
@click.option("--language", default="zh", show_default=True, help="The first admin's language.")
def create_organisation(**given: str | bool) -> None:
    """Make an organisation and its first admin; prints a password and a one-time code, both shown only here."""
    asked = _typed(given)
    password = _new_password()
    founded = _run(lambda database: _create(database, asked, password), new=True)
    until = datetime.fromtimestamp(founded.code.expires_ms / 1000, UTC)
    click.echo(f"organisation   {asked.login}  (number {founded.org_id})")
    click.echo(f"account        {asked.account}")
    click.echo(f"password       {password}")
    click.echo(f"one-time code  {founded.code.code}  (approves the first device; until {until:%H:%M:%S} UTC)")


@command.command(name="reset-password")
@click.option("--organisation", required=True)
@click.option("--account", required=True)
def reset_password(organisation: str, account: str) -> None:
    """Give an account a new random password and end all its sessions."""
    password = _new_password()
    password_hash = passwords.hashed(password, chance.secret(passwords.SALT_BYTES))
    _run(lambda database: database.write(users.reset_password, plain(organisation), plain(account), password_hash))
    click.echo(f"password       {password}")


@command.command(name="reset-devices")
@click.option("--organisation", required=True)
@click.option("--account", help="Only the phones of this account.")
def reset_devices(organisation: str, account: str | None) -> None:
    """Let phones fetch everything anew at their next sync; entries that they had not sent stay in their queues."""
    lines = _run(lambda database: database.write(reset.reset_devices, plain(organisation), plain(account) if account else None))
    click.echo(f"devices        {lines:,} begin anew at their next sync")


@command.command(name="set-time-zone")
@click.option("--organisation", required=True)
@click.option("--time-zone", required=True, help="A name of the IANA database, such as Asia/Shanghai.")
def set_time_zone(organisation: str, time_zone: str) -> None:
    """Correct the time zone that an organisation's days and years are counted in."""
    named, zone = plain(organisation), plain(time_zone)
    profile = _run(lambda database: database.write(organisations.set_time_zone, named, zone, chance.now_ms()), organisation)
    click.echo(f"time zone      {profile.time_zone}  ({profile.name})")


@command.command(name="set-visit-days")
@click.option("--organisation", required=True)
@click.option("--days", required=True, type=int, help="Where visits were is deleted after so many days, 30 to 730.")
def set_visit_days(organisation: str, days: int) -> None:
    """Set for how many days an organisation keeps where visits were."""
    if not VISIT_DAYS_LEAST <= days <= VISIT_DAYS_MOST:
        refuse("days_wrong", days=days, least=VISIT_DAYS_LEAST, most=VISIT_DAYS_MOST)
    named = plain(organisation)
    profile = _run(lambda database: database.write(organisations.set_visit_days, named, days, chance.now_ms()), organisation)
    click.echo(f"visit days     {profile.visit_days}  ({profile.name}); a running server deletes older places within a day")


async def _create(database: Database, asked: NewOrganisation, password: str) -> Founded:
    password_hash = passwords.hashed(password, chance.secret(passwords.SALT_BYTES))
    return await database.write(organisations.create, asked, password_hash, chance.now_ms())


def _typed(given: dict[str, str | bool]) -> NewOrganisation:
    words = Words(language())
    texts = {name: plain(value) if name in PLAIN else value for name, value in given.items() if isinstance(value, str)}
    try:
        return msgspec.convert({**given, **fitted_by(HINTS, texts)}, NewOrganisation)
    except MisfitError as misfit:
        raise click.ClickException(words(misfit.name, field=words.known(misfit.slot), **misfit.facts)) from None
    except msgspec.ValidationError as error:  # nothing is left but how it is written: a pattern, a zone
        slot = str(error).rpartition("$.")[2].rstrip("`")
        raise click.ClickException(words("text_letters", field=words.known(slot))) from None


def _new_password() -> str:
    return tokens.code_text(chance.secret(tokens.CODE_BYTES))


def _run(work: Callable[[Database], Awaitable[T]], organisation: str = "", *, new: bool = False) -> T:
    """Run against the database; every refusal ends in plain sentences."""
    return operating.run(work, REFUSED, new=new, organisation=organisation)
