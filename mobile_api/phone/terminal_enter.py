"""Terminal commands that enter something: customers, visits, contacts, changes, follow-ups. None needs the network."""

from typing import Final

import click
from msgspec.structs import replace

from geo.datum import known_position
from geo.verify import Around, fence_m, judge, reasons
from mobile_api.phone.measures import UnclearError, day, day_text, place, whole
from mobile_api.phone.screen import Screen, short
from mobile_api.phone.terminal_fields import KINDS, changed, custom
from mobile_api.phone.terminal_whereabouts import allowed
from shared_schema.places import Datum, Provider
from shared_schema.records.activity import Channel, ContactLog, Visit
from shared_schema.records.customer import Customer, FollowUp
from shared_schema.records.inbox import Value
from shared_schema.records.reference import Organisation
from shared_schema.registry import BY_RECORD
from shared_schema.text import searched
from shared_schema.wire import Kind
from sync.agreed.amendments import Fact, facts_with_amendments
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
    found, now_ms = screen.reached(customer), screen.phone.clock()
    values: dict[str, Value] = {"customer_id": found.id, "device_ms": now_ms, "note": texts["note"], "purpose": texts["purpose"]}
    values |= custom(screen, Visit, settings)
    values |= screen.phone.running()
    if where is not None:
        at = place(where)
        found_at = {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6, "datum": int(Datum[texts["datum"]]), "fix_ms": now_ms}
        accuracy = {"accuracy_mm": max(0, whole(texts["accuracy"], 3)), "provider": int(Provider.manual)}
        values |= allowed(screen, {**found_at, **accuracy})
    edit = screen.create(Visit, values)
    screen.enter([edit])
    _foretold(screen, found, edit.id)
    screen.entered("visit")


def _foretold(screen: Screen, customer: Customer, visit_id: bytes) -> None:
    """How far away it was, and what the server will probably say: by the same rule, and what this phone knows."""
    visit, mine = screen.phone.view(Visit, visit_id), screen.phone.seat().user_id
    if visit is None or visit.latitude_e6 is None:
        return
    earlier = [one for one in screen.phone.views(Visit) if one.author_id in (None, mine)]
    theirs = known_position(customer.datum, customer.latitude_e6, customer.longitude_e6)
    fence = fence_m(customer.kind, next(iter(screen.phone.views(Organisation)), None))
    judged = judge(visit, Around(now_ms=screen.phone.clock(), place=theirs, fence_m=fence, earlier=earlier))
    if judged.distance_mm is not None:
        screen.say("from_shop", distance=f"{judged.distance_mm // 1000:,}")
    told = replace(visit, verdict=judged.verdict, flags=int(judged.flags), distance_mm=judged.distance_mm)
    words = " · ".join(screen.words.known(name) for name in (judged.verdict.name, *reasons(told)))
    screen.say("foretold", verdict=words, metres=fence)


@click.command("leave")
@click.argument("customer")
@click.option("--at", "where", metavar="LAT,LON", help="Your own position, in degrees.")
@click.option("--datum", type=click.Choice(DATUMS), default=Datum.wgs84.name, show_default=True, help="The coordinate system of your map.")
@click.option("--accuracy", default="15", show_default=True, metavar="METRES", help="The accuracy of the position.")
@click.pass_obj
def leave(screen: Screen, customer: str, where: str | None, datum: str, accuracy: str) -> None:
    """Check out of your newest visit to a CUSTOMER."""
    found, mine, now_ms = screen.customer(customer), screen.phone.seat().user_id, screen.phone.clock()
    visits = [one for one in screen.phone.views(Visit) if one.customer_id == found.id and one.author_id in (None, mine)]
    newest = max(facts_with_amendments(visits), key=lambda one: (one.first.device_ms, one.first.id), default=None)
    if newest is None or newest.shown.withdrawn:
        raise UnclearError("no_fact", name=found.name)
    entity = BY_RECORD[Visit]
    values: dict[str, Value] = {slot: getattr(newest.shown, slot) for slot in entity.slots if slot in entity.fixed}
    values |= {"amends_id": newest.first.id, "leaving": True, "left_ms": now_ms, **_running_still(screen, newest.first)}
    if where is not None:
        at = place(where)
        left_at = {"left_latitude_e6": at.latitude_e6, "left_longitude_e6": at.longitude_e6, "left_datum": int(Datum[datum])}
        values |= allowed(screen, {**left_at, "left_accuracy_mm": max(0, whole(accuracy, 3)), "left_fix_ms": now_ms})
    screen.enter([screen.create(Visit, values)])
    screen.entered("checked_out")


def _running_still(screen: Screen, first: Fact) -> dict[str, Value]:
    """The uptime, unless the machine has started anew since the check-in."""
    running = screen.phone.running()
    same = isinstance(first, Visit) and first.boot != "" and running.get("boot") == first.boot
    return {"left_uptime_ms": running["uptime_ms"]} if same else {}


@click.command("log")
@click.argument("customer")
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option("--note", default="")
@click.pass_obj
def log(screen: Screen, customer: str, channel: str, note: str) -> None:
    """Note a contact with a CUSTOMER by phone, mail or message."""
    found = screen.reached(customer)
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
    found = screen.reached(customer)
    values: dict[str, Value] = {"customer_id": found.id, "due_day": day(when, screen.today()), "purpose": purpose}
    screen.enter([screen.create(FollowUp, values)])
    screen.entered("follow_up")


@click.command("done")
@click.argument("customer")
@click.pass_obj
def done(screen: Screen, customer: str) -> None:
    """Mark the earliest planned contact with a CUSTOMER as done."""
    found = screen.reached(customer)
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


COMMANDS: Final = (new_customer, visit, leave, log, follow_up, done, edit)
