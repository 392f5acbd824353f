"""Visits and contact logs: reps correct what they told, and never change it. That facts stand as told is the core's matter."""

from typing import Final

from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.prove import entries
from tests.prove.facts import STAND
from tests.prove.handset import Handset
from tests.prove.history import START_MS, History
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need

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


def judge(history: History) -> None:
    """A correction is the author's own, and corrects no correction."""
    records = history.store.records
    for (number, _), held in records.items():
        fact = held.record
        if not isinstance(fact, (Visit, ContactLog)) or fact.amends_id is None:
            continue
        first = records.get((number, fact.amends_id))
        need(first is not None, STAND, "a correction of what nobody told")
        assert first is not None
        told = first.record
        right = isinstance(told, (Visit, ContactLog)) and (told.customer_id, told.author_id) == (fact.customer_id, fact.author_id)
        need(right and told.amends_id is None, STAND, "a correction by somebody else")  # type: ignore[attr-defined]


def canary(author: Author) -> None:
    """A visit and a call, told of the author's customer."""
    of = {"customer_id": author.raw_id("customer"), "device_ms": START_MS}
    author.enter(Kind.create, "visit", {**of, "purpose": CANARY, "note": CANARY})
    author.enter(Kind.create, "contact_log", {**of, "note": CANARY})


PROOF: Final = Proof(actions={amend: 3}, judge=judge, canary=canary, shown=("visit", "contact_log"))
