"""The server's part when a customer is entered or changed: its standing and its position; and what the desk enters and changes."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from server.domain import assignment, birthdays
from server.domain.access import FIELD_ROLES, at_desk, hidden_at_desk
from server.domain.feature import Feature, Kind, Listing, Patch, Verb, alone, shown
from server.domain.imports.contacts import CONTACTS
from server.domain.imports.customers import CUSTOMERS
from server.domain.look import Look
from server.domain.needs import Asking, Every, Leavers, Need, Rows
from server.domain.ownership import may_hold
from server.domain.pools import card, followed, happening
from server.domain.positions import placed
from server.domain.rights import Disclosure
from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.places import Datum
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import (
    CONTACT,
    CUSTOMER,
    ChangeContact,
    ChangeCustomer,
    Contact,
    Customer,
    CustomerShown,
    FollowUp,
    NewContact,
    NewCustomer,
    Preference,
    Standing,
)
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reference import FieldDefinition, Person
from shared_schema.registry import BY_RECORD
from sync import sets
from sync.access import family_of
from sync.heard import Heard
from sync.merge import value_of
from sync.rules import Actor, Entered, Entry, Holding, Moment
from sync.state import WHOLE, Held, State


def complete(actor: Actor, _state: State, entry: Entry, customer: Customer, moment: Moment) -> tuple[Customer] | tuple[Customer, Standing]:
    """The customer with its WGS-84 position (D-111); a new one comes with the standing that makes its author the owner (D-104).

    Raises Problem(forbidden) when somebody of the desk enters a customer by phone.
    """
    if isinstance(entry.before, Customer):
        return (customer if _at(customer) == _at(entry.before) else placed(customer),)
    if actor.role not in FIELD_ROLES:
        raise Problem(Code.forbidden, "reps and managers enter customers; the desk imports them")
    return placed(customer), Standing(customer.id, 0, owner_id=actor.user_id, epoch=1, owned_since_ms=moment.now_ms)


def guard(_state: State, customer: Customer) -> None:
    """Raises Problem(rule_broken) on half a position, or one without its datum (D-110)."""
    given: dict[str, Any] = {"latitude_e6": customer.latitude_e6, "longitude_e6": customer.longitude_e6}
    missing = [slot for slot, value in given.items() if value is None]
    if len(missing) == 1:
        raise Problem(Code.rule_broken, "a position is a latitude and a longitude", field=missing[0])
    if not missing and customer.datum == Datum.unknown:
        raise Problem(Code.rule_broken, "a position names its datum: wgs84, gcj02 or bd09", field="datum")


def _at(customer: Customer) -> tuple[int | None, int | None, Datum]:
    return customer.latitude_e6, customer.longitude_e6, customer.datum


def written(actor: Actor, _state: State, entry: Entry, follow_up: FollowUp, _moment: Moment) -> tuple[FollowUp]:
    """A follow-up keeps the user who entered it first."""
    return (follow_up if entry.before is not None else msgspec.structs.replace(follow_up, author_id=actor.user_id),)


# what the desk enters


def to_enter(asking: Asking, asked: NewCustomer) -> Iterable[Need]:
    """The customer, if this request came before; the two people; the custom fields."""
    yield from (Rows(Customer, frozenset({asked.id})), Leavers(), Every(FieldDefinition))
    yield Rows(Person, frozenset({asking.actor.user_id} | ({asked.owner_id} if asked.owner_id is not None else set())))
    if asked.owner_id is None:
        yield from assignment.to_assign(asking, asked.values)


def enter(actor: Actor, state: State, asked: NewCustomer, entered: Entered) -> tuple[Record, ...]:
    """Make a new customer and its standing (D-112); without a named owner the rules decide (D-183). If the desk entered it before, nothing
    is made.

    Raises Problem(not_found | out_of_scope | id_taken | rule_broken).
    """
    made: Customer = placed(_made(CUSTOMER, state, asked.id, asked.values))
    if _stands(actor, state, Customer, asked.id, asked.values) if asked.owner_id is not None else _was_assigned(actor, state, asked):
        return ()
    if asked.owner_id is not None:
        may_hold(actor, state, asked.owner_id, "owner_id")
    to = asked.owner_id if asked.owner_id is not None else assignment.receiver(state, made)
    now_ms = entered.moment.now_ms
    if isinstance(to, Pool):
        pooled = Standing(asked.id, 0, pool_id=to.id, epoch=1)
        return made, pooled, card(made, pooled, to, now_ms)
    standing = Standing(asked.id, 0, owner_id=to, epoch=1, owned_since_ms=now_ms)
    if to != actor.user_id:
        person = state.find(Person, actor.user_id)
        facts = {"actor": person.name if person is not None else "", "customer": made.name}
        state.notices.append(Heard("assigned", to, happening(standing), facts, standing.id))
    return made, standing


def _was_assigned(actor: Actor, state: State, asked: NewCustomer) -> bool:
    """Whether the desk has entered this customer already, and the rules gave it to somebody. One that is not the actor's is told as long as
    nobody changed it: then the answer says no more than the request. Raises Problem(gone | id_taken)."""
    known = state.get(CUSTOMER, asked.id)
    if known is not None and set(known.stamps) == {WHOLE} and _is_made_of(CUSTOMER, known, asked.values):
        return True
    return _stands(actor, state, Customer, asked.id, asked.values)


def to_enter_contact(_asking: Asking, asked: NewContact) -> Iterable[Need]:
    """The contact, if this request came before; its customer; the custom fields."""
    yield from (Rows(Contact, frozenset({asked.id})), Rows(Customer, frozenset({asked.values.customer_id})), Every(FieldDefinition))


def enter_contact(actor: Actor, state: State, asked: NewContact, _entered: Entered) -> tuple[Record, ...]:
    """Make a new contact (D-114). If the desk entered it before, nothing is made. Raises Problem(out_of_scope | gone | id_taken)."""
    if at_desk(actor, state, asked.values.customer_id) is not Holding.holder:
        raise Problem(Code.out_of_scope, "no such customer of yours", field="customer_id")
    made = _made(CONTACT, state, asked.id, asked.values)
    return () if _stands(actor, state, Contact, asked.id, asked.values) else (made,)


def _made(entity: Entity, state: State, record_id: bytes, values: Struct) -> Any:
    """Make the record of what the desk gave. No device adds the elements of its sets, so they bear the record's first rev."""
    rev, given = state.next_rev(), asdict(values)
    tagged = {slot: sets.filled(made_of, given[slot], (0, rev)) for slot, made_of in entity.sets.items()}
    return entity.record(id=record_id, rev=rev, **{**given, **tagged})


def _stands(actor: Actor, state: State, record: type[Record], record_id: bytes, values: Struct) -> bool:
    """Whether the desk has entered this record already with these values. Raises Problem(gone | id_taken)."""
    entity = BY_RECORD[record]
    key, known = (entity.number, record_id), state.get(entity, record_id)
    if key in state.tombstones.keys() - hidden_at_desk(actor, state):
        raise Problem(Code.gone, "this record was deleted")
    if known is None and key not in state.tombstones:
        return False
    mine = known is not None and at_desk(actor, state, family_of(entity, known.record)) is Holding.holder
    if known is None or not mine or not _is_made_of(entity, known, values):
        raise Problem(Code.id_taken, "a record with this id and other content exists")
    return True


def _is_made_of(entity: Entity, known: Held, values: Struct) -> bool:
    """Whether the desk made the record of these values. A group that somebody changed since counts for nothing."""
    given = asdict(values)
    extra = given.pop(EXTRA)
    given |= {EXTRA_PREFIX + key: extra.get(key) for key in {*extra, *getattr(known.record, EXTRA)}}
    as_made = {slot: value for slot, value in given.items() if entity.group_of.get(slot, slot) not in known.stamps}
    same = all(sets.stands(value_of(known.record, slot), sets.plain(value)) for slot, value in as_made.items())
    return same and known.stamps[WHOLE][1:] == (0, 0)


def to_change(_asking: Asking, asked: ChangeCustomer) -> Iterable[Need]:
    """The card of a customer in a pool."""
    return to_follow(asked.customer_id)


def to_follow(customer_id: bytes) -> Iterable[Need]:
    """The card of a customer in a pool."""
    yield from (Rows(PoolCard, frozenset({customer_id})), Every(Pool))


def follow(_actor: Actor, state: State, asked: ChangeCustomer, _entered: Entered) -> tuple[Record, ...]:
    """The card of a customer in a pool shows what was changed."""
    customer = state.find(Customer, asked.customer_id)
    return followed(state, customer) if customer is not None else ()


def with_contacts(state: State, customer_id: bytes) -> CustomerShown:
    """The customer with whose it is, and its contacts."""
    contacts = [held.record for held in state.held.values() if isinstance(held.record, Contact)]
    in_order = sorted(contacts, key=lambda one: (one.name, one.id))
    return CustomerShown(customer=shown(state, Customer, customer_id), standing=state.standing(customer_id), contacts=in_order)


PATH: Final = "/v1/desk/customers"
CONTACT_PATH: Final = "/v1/desk/contacts"
VERBS: Final = (
    Verb(PATH, NewCustomer, Customer, lambda state, asked, _: shown(state, Customer, asked.id), enter, to_enter),
    Verb(
        f"{PATH}/{{customer_id}}",
        ChangeCustomer,
        Customer,
        lambda state, asked, _: shown(state, Customer, asked.customer_id),
        follow,
        to_change,
        lambda asked: Patch(Customer, asked.customer_id, asked.values, asked.bases),
    ),
    Verb(CONTACT_PATH, NewContact, Contact, lambda state, asked, _: shown(state, Contact, asked.id), enter_contact, to_enter_contact),
    Verb(
        f"{CONTACT_PATH}/{{contact_id}}",
        ChangeContact,
        Contact,
        lambda state, asked, _: shown(state, Contact, asked.contact_id),
        enters=lambda asked: Patch(Contact, asked.contact_id, asked.values, asked.bases),
    ),
)
HELD: Final = Disclosure(
    Contact,
    f"{CONTACT_PATH}/{{contact_id}}/disclosure",
    "All that the organisation holds about a contact of a customer, as a zipped file (D-482).",
    ("name", "phone", "email", "phones"),
)
FEATURE: Final = Feature(
    kinds=(
        Kind(Customer, complete, guard),
        Kind(Contact, guard=birthdays.guard, without=alone),
        Kind(FollowUp, written, without=alone),
        Kind(Preference, without=alone),
    ),
    imports=(CUSTOMERS, CONTACTS),
    verbs=VERBS,
    disclosures=(HELD,),
    lists=(
        Listing(
            Customer,
            "List the customers that the role reaches, or those in whose name, city or numbers a text stands (D-494).",
            about=("id",),
            sought=("name", "city", "phone", "registration_number"),
        ),
    ),
    looks=(
        Look(
            Customer,
            Contact,
            "customer_id",
            "Read a customer with whose it is, and its contacts (D-494).",
            CustomerShown,
            with_contacts,
            (Standing,),
        ),
    ),
)
