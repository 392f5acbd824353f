"""Who holds a record: how an actor stands to it, which scopes hold it, and to whose family it belongs (P-120 to P-129)."""

from collections.abc import Callable
from functools import lru_cache

from shared_schema.entity import Entity
from shared_schema.policy import InTile, Lane, OfAll, OfFamily, OfTeam, OfUsers
from shared_schema.records.base import Record
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_NUMBER, BY_RECORD
from sync.rules import Actor, Holding, Rules
from sync.scope import EVERYBODY, NOBODY, Audience, Reader
from sync.state import State

CUSTOMER_SLOT = OfFamily().slot
"""The slot in which a record names its customer; read as such also in an entity that this server does not know."""


def stands(rules: Rules, actor: Actor, state: State, entity: Entity, value: Callable[[str], object]) -> Holding:
    """How the actor stands to a record with these values. `value`: slot → the value of a record, or of an entry that asks for one."""
    match entity.hold:
        case OfFamily(slot=slot):
            customer_id = value(slot)
            return rules.holding(actor, state, customer_id) if isinstance(customer_id, bytes) else Holding.none
        case OfUsers(slots=slots):
            return Holding.holder if actor.user_id in map(value, slots) else Holding.none
        case OfTeam(slot=slot):
            return Holding.holder if value(slot) in actor.team_ids else Holding.none
        case OfAll():
            return Holding.holder
        case InTile():  # a card is no record to be changed: its commands say which actors may give them
            return Holding.none


def may_see(record: Record, state: State, actor: Actor, rules: Rules) -> bool:
    """Whether a card of this actor may print the record. The record of a card is for its holder alone, even if others follow up the
    customer."""
    return stands(rules, actor, state, BY_RECORD[type(record)], lambda slot: getattr(record, slot)) == Holding.holder


def audience(state: State, entity: Entity, record: Record) -> Audience:
    """The scopes which hold this record now."""
    return audience_of(state.holders(family_of(entity, record)), entity, record)


def audience_of(holders: frozenset[bytes], entity: Entity, record: Record) -> Audience:
    """The scopes which hold this record while these users follow up its customer."""
    match entity.hold:
        case OfFamily():
            return _readers(entity.lane, holders)
        case OfUsers(slots=slots):
            named = (getattr(record, slot) for slot in slots)
            return frozenset(Reader(entity.lane, user_id) for user_id in named if user_id is not None)
        case OfTeam(slot=slot):
            return frozenset({Reader(entity.lane, getattr(record, slot))})
        case InTile(pool=pool, tile=tile, shown=shown):
            there = Reader(entity.lane, getattr(record, pool), getattr(record, tile))
            return frozenset({there}) if getattr(record, shown) else NOBODY
        case OfAll():
            return EVERYBODY


@lru_cache(maxsize=1_024)
def _readers(lane: Lane, user_ids: frozenset[bytes]) -> Audience:
    return frozenset(Reader(lane, user_id) for user_id in user_ids)


def family_of(entity: Entity, record: Record) -> bytes:
    """The customer to whose family a record belongs; empty for a record without a family."""
    found: bytes = getattr(record, entity.hold.slot) if isinstance(entity.hold, OfFamily) else b""
    return found


def customer_of(entity: Entity, record: Record) -> bytes | None:
    """The customer that a record is about; the record need not belong to its family. None for a record about no customer."""
    found: bytes | None = getattr(record, entity.about) if entity.about is not None else None
    return found


def customer_named(number: int, values: Values) -> bytes | None:
    """The customer that an entry names in its values. None: it names none, or the record has the customer's own id."""
    about = BY_NUMBER[number].about if number in BY_NUMBER else CUSTOMER_SLOT
    found = values.get(about) if about is not None and about != "id" else None
    return found if isinstance(found, bytes) else None
