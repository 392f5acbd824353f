"""From `field=value` as typed to the slots of a customer, custom fields by their definitions."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from mobile_api.phone.measures import UnclearError, day, place, whole
from mobile_api.phone.screen import Screen
from shared_schema.places import Datum
from shared_schema.records.customer import Customer, CustomerKind
from shared_schema.records.inbox import Value
from shared_schema.records.reference import FieldDefinition, FieldKind
from shared_schema.registry import BY_RECORD, EXTRA_PREFIX

CUSTOMER: Final = BY_RECORD[Customer]
POSITION: Final = "position"
TEXTS: Final = tuple(slot for slot in CUSTOMER.group_of if isinstance(getattr(Customer(bytes(16), 0, "-"), slot), str))
KINDS: Final = {kind.name: int(kind) for kind in CustomerKind if kind}


def changed(screen: Screen, settings: Iterable[str], today: date) -> dict[str, Value]:
    """Slot → value. Raises UnclearError naming what can be set."""
    definitions = {each.key: each for each in screen.phone.views(FieldDefinition) if each.entity == CUSTOMER.number and each.active}
    values: dict[str, Value] = {}
    for setting in settings:
        field, equals, text = setting.partition("=")
        if not equals:
            raise UnclearError("bad_set", text=setting)
        values |= _slots(field.strip(), text.strip(), definitions, today)
    return values


def _slots(field: str, text: str, definitions: dict[str, FieldDefinition], today: date) -> dict[str, Value]:
    key = field.removeprefix(EXTRA_PREFIX)
    if field in TEXTS:
        return {field: text}
    if field == "kind":
        return {field: _choice(text, KINDS)}
    if field == POSITION:
        at = place(text)
        return {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6, "datum": int(Datum.wgs84)}
    if key != field and key in definitions:
        return {field: _extra(definitions[key], text, today)}
    known = [*TEXTS, "kind", POSITION, *(EXTRA_PREFIX + each for each in definitions)]
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
    if text not in known:
        raise UnclearError("bad_choice", text=text, known=", ".join(known))
    return known[text]
