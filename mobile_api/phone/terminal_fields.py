"""From `field=value` as typed to the slots of a record, custom fields by their definitions; and custom fields as people read them."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from mobile_api.phone.measures import UnclearError, day, day_text, field_text, place, quantity, whole
from mobile_api.phone.screen import Screen
from shared_schema.entity import EXTRA_PREFIX
from shared_schema.places import Datum
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Customer, CustomerKind
from shared_schema.records.inbox import Value
from shared_schema.records.reference import FieldDefinition, FieldKind
from shared_schema.registry import BY_RECORD
from shared_schema.text import plain, searched
from sync.agreed import birthdays

CUSTOMER: Final = BY_RECORD[Customer]
POSITION: Final = "position"
TEXTS: Final = tuple(slot for slot in CUSTOMER.group_of if isinstance(getattr(Customer(bytes(16), 0, "-"), slot), str))
CONTACT: Final = BY_RECORD[Contact]
BIRTHDAY: Final = "birthday"
CONTACT_TEXTS: Final = ("name", "title", "phone", "email", "note")
PREFIXES: Final = {"农历闰月": "lunar leap", "农历": "lunar"}
"""As a Chinese reader types what the terminal shows → as a contact holds it."""
KINDS: Final = {kind.name: int(kind) for kind in CustomerKind if kind}


def changed(screen: Screen, settings: Iterable[str]) -> dict[str, Value]:
    """Slots of a customer → values. Raises UnclearError naming the fields that can be set."""
    known, today = definitions(screen, CUSTOMER.number), screen.today()
    values: dict[str, Value] = {}
    for field, text in _parted(settings):
        values |= _slots(field, text, known, today)
    return values


def contact_changed(screen: Screen, settings: Iterable[str]) -> dict[str, Value]:
    """Slots of a contact → values. Raises UnclearError naming the fields that can be set."""
    known, today = definitions(screen, CONTACT.number), screen.today()
    values: dict[str, Value] = {}
    for field, text in _parted(settings):
        key = field.removeprefix(EXTRA_PREFIX)
        if field in CONTACT_TEXTS:
            values[field] = text
        elif field == BIRTHDAY:
            values[field] = birthday(text)
        elif key != field and key in known:
            values[field] = _extra(known[key], text, today)
        else:
            named = [*CONTACT_TEXTS, BIRTHDAY, *(EXTRA_PREFIX + each for each in known)]
            raise UnclearError("bad_field", field=field, known=", ".join(named))
    return values


def birthday(text: str) -> str:
    """A birthday as a contact holds it; an empty text: none. Raises UnclearError."""
    said = plain(text)
    for typed, held in PREFIXES.items():
        if said.startswith(typed):
            said = f"{held} {said.removeprefix(typed).strip()}"
    if said and birthdays.parsed(said) is None:
        raise UnclearError("bad_birthday", text=text)
    return said


def birthday_text(screen: Screen, text: str) -> str:
    """A birthday as people read it; a text that is none as it stands."""
    found = birthdays.parsed(text)
    if found is None or found.calendar == birthdays.SOLAR:
        return text
    return screen.words(f"birth_{found.calendar}", day=birthdays.written(found._replace(calendar=birthdays.SOLAR)))


def custom(screen: Screen, record: type[Record], settings: Iterable[str]) -> dict[str, Value]:
    """Custom fields of a new record → values. Raises UnclearError naming the fields that can be set."""
    known, today = definitions(screen, BY_RECORD[record].number), screen.today()
    values: dict[str, Value] = {}
    for field, text in _parted(settings):
        key = field.removeprefix(EXTRA_PREFIX)
        if key == field or key not in known:
            raise UnclearError("bad_field", field=field, known=", ".join(EXTRA_PREFIX + each for each in known) or "-")
        values[field] = _extra(known[key], text, today)
    return values


def definitions(screen: Screen, entity: int) -> dict[str, FieldDefinition]:
    """The custom fields in use of one kind of record, by key."""
    return {each.key: each for each in screen.phone.views(FieldDefinition) if each.entity == entity and each.active}


def _parted(settings: Iterable[str]) -> Iterable[tuple[str, str]]:
    for setting in settings:
        field, equals, text = (setting if "=" in setting else setting.replace("＝", "=", 1)).partition("=")
        if not equals:
            raise UnclearError("bad_set", text=setting)
        yield plain(field), text.strip()


def _slots(field: str, text: str, customs: dict[str, FieldDefinition], today: date) -> dict[str, Value]:
    key = field.removeprefix(EXTRA_PREFIX)
    if field in TEXTS:
        return {field: text}
    if field == "kind":
        return {field: _choice(text, KINDS)}
    if field == POSITION:
        at = place(text)
        return {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6, "datum": int(Datum.wgs84)}
    if key != field and key in customs:
        return {field: _extra(customs[key], text, today)}
    known = [*TEXTS, "kind", POSITION, *(EXTRA_PREFIX + each for each in customs)]
    raise UnclearError("bad_field", field=field, known=", ".join(known))


def _extra(definition: FieldDefinition, text: str, today: date) -> Value:
    """An empty text clears the field."""
    if not text:
        return None
    match definition.kind:
        case FieldKind.number:
            return whole(text, 3)
        case FieldKind.date:
            return day(text, today)
        case FieldKind.choice:
            return _choice(text, {choice: choice for choice in definition.choices})
        case _:
            return text


def _choice(text: str, known: dict[str, int] | dict[str, str]) -> int | str:
    found = next((each for each in known if searched(each) == searched(text)), None)
    if found is None:
        raise UnclearError("bad_choice", text=text, known=", ".join(known))
    return known[found]


def label(screen: Screen, definition: FieldDefinition | None, key: str) -> str:
    """The organisation's label of a custom field."""
    if definition is None:
        return key
    return definition.label_zh if screen.words.language == "zh" else definition.label_en


def field_name(screen: Screen, slot: str) -> str:
    """The word for a slot, or for a custom field of any record."""
    key = slot.removeprefix(EXTRA_PREFIX)
    if key == slot:
        return screen.words.known(slot.partition(".")[0])
    return label(screen, next((each for each in screen.phone.views(FieldDefinition) if each.key == key), None), key)


def custom_text(definition: FieldDefinition | None, value: Value) -> str:
    """The value of a custom field."""
    kind = definition.kind if definition is not None else FieldKind.unknown
    if isinstance(value, int) and kind is FieldKind.date:
        return day_text(value)
    return quantity(value, "").strip() if isinstance(value, int) and kind is FieldKind.number else field_text("", value)
