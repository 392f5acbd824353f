"""Terminal commands that enter something: customers, visits, contacts, changes, follow-ups. None needs the network."""

from typing import Final

import click

from geo.datum import known_position
from geo.distance import distance_mm
from mobile_api.phone.measures import UnclearError, day, day_text, place, whole
from mobile_api.phone.screen import Screen, short
from mobile_api.phone.terminal_fields import KINDS, changed, custom
from shared_schema.places import Datum
from shared_schema.records.activity import Channel, ContactLog, Visit
from shared_schema.records.customer import Customer, FollowUp
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_RECORD
from shared_schema.text import searched
from shared_schema.wire import Kind
from sync.device import Edit

DATUMS: Final = [datum.name for datum in Datum if datum]
CHANNELS: Final = [channel.name for channel in Channel if channel]


@click.command("new-customer")
@click.argument("name")
@click.option("--city", default="")
@click.option("--address", default="")
@click.option("--phone", default="")
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="Decides how near a visit must be.")
@click.option("--at", "where", metavar="LAT,LON", help="Where the shop is, in degrees (WGS-84).")
@click.pass_obj
def new_customer(screen: Screen, /, name: str, where: str | None, kind: str | None, **texts: str) -> None:
    """Enter a new customer called NAME."""
    twin = next((each for each in screen.phone.views(Customer) if searched(each.name) == searched(name)), None)
    if twin is not None:
        raise UnclearError("known_customer", name=twin.name, id=short(twin.id))
    values: dict[str, Value] = {"name": name.strip(), **texts}
    if kind is not None:
        values["kind"] = KINDS[kind]
    if where is not None:
        at = place(where)
        values |= {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6, "datum": int(Datum.wgs84)}
    edit = screen.create(Customer, values)
    screen.enter([edit])
    entered = screen.phone.view(Customer, edit.id)
    click.echo(f"{short(edit.id)}  {entered.name if entered is not None else name.strip()}")
    screen.entered("new_customer")


@click.command("visit")
@click.argument("customer")
@click.option("--note", default="", help="The result of the visit.")
@click.option("--purpose", default="")
@click.option("--at", "where", metavar="LAT,LON", help="Your own position, in degrees.")
@click.option("--datum", type=click.Choice(DATUMS), default=Datum.wgs84.name, show_default=True, help="The coordinate system of your map.")
@click.option("--accuracy", default="15", show_default=True, metavar="METRES", help="The accuracy of the position.")
@click.option("--set", "settings", multiple=True, metavar="extra.KEY=VALUE", help="A custom field of visits.")
@click.pass_obj
def visit(screen: Screen, /, customer: str, where: str | None, settings: tuple[str, ...], **texts: str) -> None:
    """Check in at a CUSTOMER."""
    found, now_ms = screen.customer(customer), screen.phone.clock()
    values: dict[str, Value] = {"customer_id": found.id, "device_ms": now_ms, "note": texts["note"], "purpose": texts["purpose"]}
    values |= custom(screen, Visit, settings)
    if where is not None:
        datum, at = Datum[texts["datum"]], place(where)
        values |= {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6, "datum": int(datum), "fix_ms": now_ms}
        values["accuracy_mm"] = max(0, whole(texts["accuracy"], 3))
        mine, theirs = known_position(datum, *at), known_position(found.datum, found.latitude_e6, found.longitude_e6)
        if mine is not None and theirs is not None:
            screen.say("from_shop", distance=f"{distance_mm(*mine, *theirs) // 1000:,}")
    screen.enter([screen.create(Visit, values)])
    screen.entered("visit")


@click.command("log")
@click.argument("customer")
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option("--note", default="")
@click.pass_obj
def log(screen: Screen, customer: str, channel: str, note: str) -> None:
    """Note a contact with a CUSTOMER by phone, mail or message."""
    found = screen.customer(customer)
    values: dict[str, Value] = {"customer_id": found.id, "device_ms": screen.phone.clock(), "channel": int(Channel[channel]), "note": note}
    screen.enter([screen.create(ContactLog, values)])
    screen.entered("contact_log")


@click.command("follow-up")
@click.argument("customer")
@click.option("--on", "when", required=True, metavar="DATE", help="2026-01-31, today, tomorrow or +7.")
@click.option("--purpose", default="")
@click.pass_obj
def follow_up(screen: Screen, customer: str, when: str, purpose: str) -> None:
    """Plan the next contact with a CUSTOMER."""
    found = screen.customer(customer)
    values: dict[str, Value] = {"customer_id": found.id, "due_day": day(when, screen.today()), "purpose": purpose}
    screen.enter([screen.create(FollowUp, values)])
    screen.entered("follow_up")


@click.command("done")
@click.argument("customer")
@click.pass_obj
def done(screen: Screen, customer: str) -> None:
    """Mark the earliest planned contact with a CUSTOMER as done."""
    found = screen.customer(customer)
    plans = [each for each in screen.phone.views(FollowUp) if each.customer_id == found.id and not each.done]
    if not plans:
        raise UnclearError("no_plan", name=found.name)
    plan = min(plans, key=lambda each: (each.due_day, each.id))
    screen.enter([Edit(Kind.patch, BY_RECORD[FollowUp], plan.id, {"done": True})])
    click.echo(f"{day_text(plan.due_day)} {plan.purpose}".strip())
    screen.entered("follow_up")


@click.command("edit")
@click.argument("customer")
@click.option("--set", "settings", multiple=True, required=True, metavar="FIELD=VALUE", help="A field, position=LAT,LON, or extra.KEY.")
@click.pass_obj
def edit(screen: Screen, customer: str, settings: tuple[str, ...]) -> None:
    """Change fields of a CUSTOMER."""
    found = screen.customer(customer)
    values = changed(screen, settings)
    screen.enter([Edit(Kind.patch, BY_RECORD[Customer], found.id, values)])
    screen.entered("edit")


COMMANDS: Final = (new_customer, visit, log, follow_up, done, edit)
