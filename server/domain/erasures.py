"""Erasing persons for good: a contact of a customer (D-484 to D-486)."""

from collections.abc import Iterable, Mapping
from typing import Final

from server.domain.access import at_desk
from server.domain.feature import ADMINS, LEADERS, Feature, Verb
from server.domain.needs import Asking, DeskNeed, Rows
from shared_schema.entity import Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import CONTACT, CUSTOMER, Contact
from shared_schema.rest_rights import EraseContact, Erased
from sync.erasing import Erasing
from sync.rules import Actor, Entered, Holding
from sync.state import State

NAMED: Final = ("name", "phone", "email", "phones")
"""Slots of a contact whose texts name the person."""
PARTLY: Final[Mapping[int, tuple[str, ...]]] = {CUSTOMER.number: ("note", "extra", "tags"), CONTACT.number: ("note", "extra")}
"""Beside the erased contact: the customer's own name and numbers stay, and those of another contact."""


def to_erase_contact(_asking: Asking, asked: EraseContact) -> Iterable[DeskNeed]:
    """The contact; its family is locked by it."""
    yield Rows(Contact, frozenset({asked.contact_id}))


def erase_contact(actor: Actor, state: State, asked: EraseContact, _entered: Entered) -> tuple[Record, ...]:
    """The contact is buried and erased everywhere (D-484). One that was deleted before is erased too; one that is erased stays so.

    Raises Problem(out_of_scope | rule_broken).
    """
    key = (CONTACT.number, asked.contact_id)
    contact = state.find(Contact, asked.contact_id)
    customer_id = contact.customer_id if contact is not None else state.tombstone_customers.get(key)
    if customer_id is None or not _may_erase(actor, state, customer_id, is_buried=contact is None):
        raise Problem(Code.out_of_scope, "no such contact of yours")
    if key in state.erased:
        return ()
    if contact is not None:
        _same(asked.name, contact.name)
    _erase_contact(state, actor, asked.contact_id, customer_id)
    return ()


def _erase_contact(state: State, actor: Actor, contact_id: bytes, customer_id: bytes) -> None:
    held = state.get(CONTACT, contact_id)
    if held is not None:
        state.bury(CONTACT, contact_id, state.next_rev(held.record.rev), customer_id)
    _erase(state, Erasing(CONTACT.number, contact_id, actor.user_id, customer_id, NAMED, PARTLY))


def buried_again(state: State, actor: Actor, entity: Entity, person_id: bytes) -> bool:
    """Erase a person of a restored database again (D-488); whether there was one. The record, or its tombstone, is loaded."""
    contact = state.find(Contact, person_id)
    customer_id = contact.customer_id if contact is not None else state.tombstone_customers.get((entity.number, person_id))
    if entity is not CONTACT or customer_id is None:
        return False
    _erase_contact(state, actor, person_id, customer_id)
    return True


def _erase(state: State, person: Erasing) -> None:
    """Let nothing of the person stay anywhere."""
    state.erasing[person.key] = person
    state.erased.add(person.key)


def _may_erase(actor: Actor, state: State, customer_id: bytes, *, is_buried: bool) -> bool:
    """A manager who holds the customer, an admin any; of a deleted contact an admin alone."""
    return actor.role in ADMINS if is_buried else at_desk(actor, state, customer_id) is Holding.holder


def _same(typed: str, name: str) -> None:
    """Raises Problem(rule_broken) where another name was typed."""
    if typed.strip() != name.strip():
        raise Problem(Code.rule_broken, "type the name of the person as it stands", field="name")


FEATURE: Final = Feature(
    verbs=(
        Verb(
            "/v1/desk/contacts/{contact_id}/erase",
            EraseContact,
            Erased,
            LEADERS,
            lambda _state, asked, _: Erased(id=asked.contact_id),
            erase_contact,
            to_erase_contact,
        ),
    ),
)
