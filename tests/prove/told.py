"""Corrections of facts, which are never changed."""

from typing import Final

from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.prove import entries
from tests.prove.handset import Handset
from tests.prove.history import START_MS, History

FOREIGN_SHARE: Final = 0.15
"""How often somebody corrects a fact that another user told."""
AGAIN_SHARE: Final = 0.5


def amend(history: History, phone: Handset) -> bool:
    """Correct what one told, or take it back; some try it with what somebody else told, or with a correction."""
    told = [one for name in ("visit", "contact_log") for one in phone.shown(name) if isinstance(one, (Visit, ContactLog))]
    own = [one for one in told if one.author_id in (None, phone.user.id) and one.amends_id is None]
    near = own if history.dice.random() > FOREIGN_SHARE else told
    if not near and entries.create_child(history, phone):
        return amend(history, phone) if history.dice.random() < AGAIN_SHARE else False
    if not near:
        return False
    fact = history.dice.choice(near)
    values: dict[str, Value] = {"customer_id": fact.customer_id, "device_ms": START_MS, "note": history.word(), "amends_id": fact.id}
    values["withdrawn"] = history.dice.random() < 0.3
    name = "visit" if isinstance(fact, Visit) else "contact_log"
    phone.enter([Edit(Kind.create, BY_NAME[name], history.new_id(), values)], None, history.now_ms)
    return True
