"""Terminal commands that take back: a change, by the server's history; an entry that was never sent, by leaving the queue."""

from collections.abc import Iterable
from typing import Final

import click

from mobile_api.phone.measures import UnclearError, field_text, time_text
from mobile_api.phone.screen import Screen
from mobile_api.phone.terminal_fields import BIRTHDAY, birthday_text
from mobile_api.phone.texts_named import DO
from shared_schema.entity import EXTRA_PREFIX
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_NUMBER
from shared_schema.rest import Event
from shared_schema.wire import ENCODER, Mutation
from sync import overlay
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
    """The time, the record, and the values that come back."""
    entity = BY_NUMBER[event.entity]
    what = screen.words("deleted") if event.what == DELETED else ", ".join(_changes(screen, event.before, event.values))
    name = str(event.before.get("name") or event.before.get("title") or event.before.get("subject") or "") if event.what == DELETED else ""
    return f"{time_text(event.at_ms)}  {screen.words.known(entity.name)} {name} {what}".replace("  ", " ").strip()


def _changes(screen: Screen, before: Values, after: Values) -> Iterable[str]:
    for slot, value in after.items():
        if before.get(slot) != value:
            named = screen.words.known(slot.removeprefix(EXTRA_PREFIX).removesuffix("_id"))
            yield f"{named}: {_text(screen, slot, value)} \u2192 {_text(screen, slot, before.get(slot))}"


def _text(screen: Screen, slot: str, value: object) -> str:
    text = field_text(slot, value) if value is None or isinstance(value, (bool, int, str, bytes)) else str(value)
    text = birthday_text(screen, text) if slot == BIRTHDAY else text
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "\u2026"


@click.command("take-back")
@click.pass_obj
def take_back(screen: Screen) -> None:
    """Take back your newest entry, as long as it was never sent; again takes back the one before."""
    gone = screen.phone.take_back()
    if not gone:
        raise UnclearError("sent_already" if screen.phone.waiting() else "no_unsent")
    screen.say("taken_back", what=", ".join(_entry(screen, one) for one in gone), waiting=screen.phone.waiting())


def _entry(screen: Screen, mutation: Mutation) -> str:
    """The kind of record, and the first words of the entry."""
    intent = overlay.understood(ENCODER.encode(mutation))
    if intent is None:
        return str(mutation.n)
    if intent.command is not None:
        return screen.words.known(f"{DO}{intent.command.__struct_config__.tag}")
    texts = [value for values in intent.values.values() for value in values.values() if isinstance(value, str) and value]
    return " ".join([screen.words.known(intent.entity.name), *(_text(screen, "", value) for value in texts[:1])])


COMMANDS: Final = (undo, take_back)
