"""Terminal command that takes back an own change: what can be undone comes from the server's history."""

from collections.abc import Iterable
from typing import Final

import click

from mobile_api.phone.measures import UnclearError, field_text, time_text
from mobile_api.phone.screen import Screen
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_NUMBER, EXTRA_PREFIX
from shared_schema.rest import Event
from sync.undo import DELETED, undo_of

TEXT_MAX: Final = 60


@click.command("undo")
@click.argument("customer")
@click.argument("place", type=click.IntRange(1), required=False)
@click.pass_obj
def undo(screen: Screen, customer: str, place: int | None) -> None:
    """List your own recent changes on a CUSTOMER, or take back the one at PLACE. Needs the network."""
    found = screen.customer(customer)
    events = screen.phone.undoable(found.id)
    if not events:
        screen.say("undo_nothing", name=found.name)
        return
    if place is None:
        for at, event in enumerate(events, 1):
            click.echo(f"{at}. {_line(screen, event)}")
        screen.say("undo_next", name=found.name)
        return
    edit = undo_of(events[place - 1]) if place <= len(events) else None
    if edit is None:
        raise UnclearError("undo_unknown", place=place, count=len(events))
    screen.enter([edit])
    screen.entered("undo")


def _line(screen: Screen, event: Event) -> str:
    """When, which record, and what it becomes again."""
    entity = BY_NUMBER[event.entity]
    what = screen.words("deleted") if event.what == DELETED else ", ".join(_changes(screen, event.before, event.values))
    name = str(event.before.get("name") or event.before.get("title") or event.before.get("subject") or "") if event.what == DELETED else ""
    return f"{time_text(event.at_ms)}  {screen.words.known(entity.name)} {name} {what}".replace("  ", " ").strip()


def _changes(screen: Screen, before: Values, after: Values) -> Iterable[str]:
    for slot, value in after.items():
        if before.get(slot) != value:
            named = screen.words.known(slot.removeprefix(EXTRA_PREFIX).removesuffix("_id"))
            yield f"{named}: {_text(slot, value)} \u2192 {_text(slot, before.get(slot))}"


def _text(slot: str, value: object) -> str:
    text = field_text(slot, value) if value is None or isinstance(value, (bool, int, str, bytes)) else str(value)
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "\u2026"


COMMANDS: Final = (undo,)
