"""Erasing persons for good: a contact of a customer, or a user who has left (D-484 to D-489)."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from server.domain.access import at_desk
from server.domain.feature import Feature, Verb
from server.domain.needs import Asking, Changing, DeskNeed, Rows
from shared_schema.entity import Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import CONTACT, CUSTOMER, Contact
from shared_schema.records.notification import UserSettings
from shared_schema.records.reference import Person
from shared_schema.registry import BY_RECORD
from shared_schema.rest_rights import EraseContact, Erased, EraseUser
from sync.erasing import Erasing
from sync.rules import Actor, Entered, Holding, Reach
from sync.state import State

FORMER_COLLEAGUE: Final = "前同事 Former colleague"
PERSON: Final = BY_RECORD[Person].number
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
    person = state.find(Person, person_id)
    if person is not None:
        for record in _erase_user(state, actor, person):
            state.write(record)
        return True
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
    return actor.reach is Reach.organisation if is_buried else at_desk(actor, state, customer_id) is Holding.holder


def _same(typed: str, name: str) -> None:
    """Raises Problem(rule_broken) where another name was typed."""
    if typed.strip() != name.strip():
        raise Problem(Code.rule_broken, "type the name of the person as it stands", field="name")


def to_erase_user(_asking: Asking, asked: EraseUser) -> Iterable[DeskNeed]:
    """The person, and the person's settings."""
    yield Changing(Person, asked.user_id)
    yield Rows(UserSettings, frozenset({asked.user_id}))


def erase_user(actor: Actor, state: State, asked: EraseUser, _entered: Entered) -> tuple[Record, ...]:
    """The user stands as a former colleague from now on (D-487). Raises Problem(out_of_scope | state_wrong | rule_broken)."""
    person = state.find(Person, asked.user_id)
    if person is None:
        raise Problem(Code.out_of_scope, "no such user of yours")
    if person.name == FORMER_COLLEAGUE:
        return ()
    if person.active:
        raise Problem(Code.state_wrong, "the user is active; end the user first, and hand over what the user holds")
    _same(asked.name, person.name)
    return _erase_user(state, actor, person)


def _erase_user(state: State, actor: Actor, person: Person) -> tuple[Person]:
    settings = state.find(UserSettings, person.id)
    if settings is not None:
        state.bury(BY_RECORD[UserSettings], person.id, state.next_rev(settings.rev), None)
    _erase(state, Erasing(PERSON, person.id, actor.user_id, named=("name",), is_user=True))
    return (replace(person, name=FORMER_COLLEAGUE, active=False),)


FEATURE: Final = Feature(
    verbs=(
        Verb(
            "/v1/desk/contacts/{contact_id}/erase",
            EraseContact,
            Erased,
            lambda _state, asked, _: Erased(id=asked.contact_id),
            erase_contact,
            to_erase_contact,
        ),
        Verb(
            "/v1/desk/users/{user_id}/erase",
            EraseUser,
            Erased,
            lambda _state, asked, _: Erased(id=asked.user_id),
            erase_user,
            to_erase_user,
        ),
    ),
)
