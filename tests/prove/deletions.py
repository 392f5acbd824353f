"""What people do about deletions: they restore."""

from typing import Final

from shared_schema.records.inbox import Value
from shared_schema.registry import BY_NUMBER
from shared_schema.wire import Kind
from sync import sets
from sync.device import Edit
from sync.state import Buried, Key
from tests.prove import entries
from tests.prove.handset import Handset
from tests.prove.history import History

WRONG_SHARE: Final = 0.2
"""How often a restore names another rev than that of the deletion."""


def restore(history: History, phone: Handset) -> bool:
    """Bring back a deleted record, as the history tells it; some name an older deletion."""
    buried = _buried(history, phone)
    if not buried and not phone.shelf.seat().forked and (entries.create_child(history, phone), entries.delete(history, phone))[1]:
        history.sync(phone)
        buried = _buried(history, phone)
    if not buried:
        return False
    (number, record_id), one = history.dice.choice(buried)
    values: dict[str, Value] = dict(history.store.graves[number, record_id])
    rev = one.rev - (history.dice.random() < WRONG_SHARE)
    entity = BY_NUMBER[number]
    given = {slot: sets.elements(values[slot]) for slot in entity.sets if slot in values}  # type: ignore[arg-type]
    edit = Edit(Kind.restore, entity, record_id, {**values, **given}, bases={"": rev})
    phone.enter([edit], [{slot: value for slot, value in values.items() if slot not in given}], history.now_ms)
    return True


def _buried(history: History, phone: Handset) -> list[tuple[Key, Buried]]:
    """Deleted records of the customers on the screen, with what the history keeps of them."""
    mine = {customer.id for customer in phone.shown("customer")}
    store = history.store
    return [(key, one) for key, one in sorted(store.tombstones.items()) if one.customer_id in mine and key in store.graves]
