"""Other versions of the app, derived from the registry of this one: fewer or more slots, fewer entities, fewer values of an enum."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any, cast, get_args, get_origin

import msgspec

from shared_schema.entity import Entity
from shared_schema.policy import Group, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.registry import BY_NUMBER, ENTITIES
from shared_schema.scalars import Id, Word
from sync import overlay


class App:
    """One version of the app: its entities by name. `running()` makes every call of the device inside it run on them."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self.entities = entities

    @contextmanager
    def running(self) -> Iterator[None]:
        """Only for the device's own synchronous calls: the server in this process must never see it."""
        real = dict(BY_NUMBER)
        BY_NUMBER.clear()
        BY_NUMBER.update({entity.number: entity for entity in self.entities.values()})
        overlay.understood.cache_clear()
        try:
            yield
        finally:
            BY_NUMBER.clear()
            BY_NUMBER.update(real)
            overlay.understood.cache_clear()


def older(last: Mapping[str, str], without: frozenset[str], values: Mapping[type[IntEnum], int]) -> App:
    """An app from before: `last` names an entity's last slot, `without` entities it lacks, `values` the highest value of an enum."""
    enums = {enum: IntEnum(enum.__name__, {one.name: one.value for one in enum if one.value <= top}) for enum, top in values.items()}
    found = {}
    for entity in ENTITIES:
        if entity.name not in without:
            slots = entity.slots[: entity.slots.index(last[entity.name]) + 1] if entity.name in last else entity.slots
            found[entity.name] = _derived(entity, slots, enums)
    return App(found)


def newer(more: Mapping[str, str]) -> App:
    """An app from later: `more` names a text slot that an entity has gained; there is a new entity, `badge`."""
    found = {entity.name: _derived(entity, entity.slots, {}, more.get(entity.name)) for entity in ENTITIES}
    badge = msgspec.defstruct(
        "Badge", [("customer_id", Annotated[Id, Group("badge")]), ("text", Annotated[Word, Group("badge")], "")],
        bases=(Record,), frozen=True, array_like=True,
    )  # fmt: skip
    return App({**found, "badge": Entity(99, cast(type[Record], badge), Policy.register, Lane.now, OfFamily())})


def _derived(entity: Entity, slots: tuple[str, ...], enums: Mapping[type[IntEnum], Any], more: str | None = None) -> Entity:
    if slots == entity.slots and more is None and not any(_swapped(entity.hints[slot], enums) is not entity.hints[slot] for slot in slots):
        return entity
    fields: list[Any] = []
    for field in msgspec.structs.fields(entity.record):
        if field.name in slots and field.name not in Record.__struct_fields__:
            hint = _swapped(entity.hints[field.name], enums)
            fields.append((field.name, hint) if field.required else (field.name, hint, _default(field)))
    if more is not None:
        fields.append((more, Annotated[Word, Group(more)], ""))
    record = msgspec.defstruct(entity.record.__name__, fields, bases=(Record,), frozen=True, array_like=True)
    return Entity(entity.number, cast(type[Record], record), entity.policy, entity.lane, entity.hold)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return msgspec.field(default_factory=field.default_factory) if field.default is msgspec.NODEFAULT else field.default


def _swapped(hint: Any, enums: Mapping[type[IntEnum], Any]) -> Any:
    if get_origin(hint) is Annotated and get_args(hint)[0] in enums:
        return Annotated[(enums[get_args(hint)[0]], *get_args(hint)[1:])]
    return hint
