"""Fills the fold's questions with the business rules of all features."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from msgspec import Raw
from msgspec.structs import replace

from server.domain import custom_fields
from server.domain.access import holding
from server.domain.alike import Alike
from server.domain.feature import Answer, Follow, Kind
from server.domain.features import FEATURES
from server.domain.look import Places
from server.domain.needs import Asking, Every, Need, Rows
from shared_schema.elements import ELEMENTS_MAX
from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.reference import FieldDefinition
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import ENCODER, Mutation
from sync.access import customer_of
from sync.decode import FIELD_MAP, UNREADABLE, Intent
from sync.rules import Actor, Entry, Moment, Rules
from sync.state import State

KINDS: Final[Mapping[type[Record], Kind[Any]]] = {kind.record: kind for one in FEATURES for kind in one.kinds}
ANSWERS: Final[Mapping[tuple[type, type], Answer[Any, Any]]] = {
    (answer.record, answer.command): answer for one in FEATURES for answer in one.answers
}

FOLLOWS: Final[Mapping[type[Record], Follow[Any]]] = {follow.record: follow for one in FEATURES for follow in one.follows}
PLACES: Final[Places[Any]] = next(one.places for one in FEATURES if one.places is not None)
ALIKE: Final[Alike] = next(one.alike for one in FEATURES if one.alike is not None)


def complete(actor: Actor, state: State, entry: Entry, moment: Moment) -> tuple[Record, ...]:
    """Fill the slots that the server owns; the record first, then neighbours in which something changes. Raises Problem(forbidden)."""
    kind = KINDS.get(type(entry.record))
    if kind is None or kind.complete is None:
        return (entry.record,)
    return kind.complete(actor, state, entry, entry.record, moment)


def guard(state: State, entity: Entity, record: Record) -> None:
    """Judge a record as it would stand, before `state` takes it in: under its id `state` holds the version that stood.

    Raises Problem(out_of_scope | custom_field_unknown | custom_field_type | rule_broken | state_wrong).
    """
    _guard_family(state, record)
    if entity.has_extra:
        held = state.get(entity, record.id)
        before = getattr(held.record, EXTRA) if held is not None else {}
        custom_fields.judge(state, entity, before, getattr(record, EXTRA))
    _guard_sets(entity, record)
    kind = KINDS.get(type(record))
    if kind is not None and kind.guard is not None:
        kind.guard(state, record)


def guard_delete(state: State, entity: Entity, record: Record) -> tuple[Record, ...]:
    """The records that change when a record is deleted. Raises Problem(rule_broken | state_wrong) when it may not be (D-106)."""
    kind = KINDS.get(type(record))
    if kind is None or kind.without is None:
        raise Problem(Code.rule_broken, f"a {entity.name} is not deleted by phone")
    return kind.without(state, record)


def allowed(actor: Actor, state: State, mutation: Mutation) -> Mutation:
    """The entry without what its kind does not let it say; with nothing at all where nobody can read what it says."""
    entity = BY_NUMBER.get(mutation.entity)
    kind = KINDS.get(entity.record) if entity is not None else None
    if kind is None or kind.allowed is None:
        return mutation
    try:
        fields: Mapping[str, Any] = FIELD_MAP.decode(mutation.body)
    except UNREADABLE:
        fields = {}
    told = kind.allowed.fields(state, actor.user_id, mutation.id, fields)
    return mutation if told is fields else replace(mutation, body=Raw(ENCODER.encode(told)))


def of_author(actor: Actor, entities: Collection[int]) -> Iterable[Need]:
    """The needs of `allowed`, for entries of these entities."""
    kinds = [KINDS.get(BY_NUMBER[number].record) for number in sorted(entities) if number in BY_NUMBER]
    for kind in kinds:
        if kind is not None and kind.allowed is not None:
            yield from (Rows(record, frozenset({actor.user_id})) for record in kind.allowed.of)


def wants(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The needs of carrying out an entry, beside its record, its customer and its parents."""
    if intent.command is not None:
        answer = ANSWERS.get((intent.entity.record, type(intent.command)))
        return answer.wants(asking, intent) if answer is not None else ()
    kind = KINDS.get(intent.entity.record)
    needs = tuple(kind.wants(asking, intent)) if kind is not None else ()
    return (*needs, Every(FieldDefinition)) if _names_custom_fields(intent) else needs


def follow(actor: Actor, state: State, moved: Collection[bytes], moment: Moment) -> None:
    """Let the records about customers whose holders changed follow them, in the order of their ids."""
    about = [held.record for held in state.held.values() if type(held.record) in FOLLOWS] if moved else []
    concerned = [one for one in about if customer_of(BY_RECORD[type(one)], one) in moved]
    for record in sorted(concerned, key=lambda one: (BY_RECORD[type(one)].number, one.id)):
        for changed in FOLLOWS[type(record)].decide(actor, state, record, moment):
            state.write(changed)


def wants_to_follow(asking: Asking, moved: Collection[bytes]) -> Iterable[Need]:
    """The records about customers whose holders may change, then their needs."""
    for one in FOLLOWS.values():
        entity = BY_RECORD[one.record]
        yield Rows(one.record, frozenset(moved), by=str(entity.about))
        about = [held.record for held in asking.state.held.values() if isinstance(held.record, one.record)]
        for record in about:
            if customer_of(entity, record) in moved:
                yield from one.wants(asking, record)


def _names_custom_fields(intent: Intent) -> bool:
    return intent.entity.has_extra and any(slot.startswith(EXTRA_PREFIX) for group in intent.values.values() for slot in group)


def _guard_sets(entity: Entity, record: Record) -> None:
    """A set holds a bounded number of tagged elements (D-115)."""
    for slot in entity.sets:
        if len(getattr(record, slot)) > ELEMENTS_MAX:
            raise Problem(Code.rule_broken, f"at most {ELEMENTS_MAX} elements in one set", field=slot)


def _guard_family(state: State, record: Record) -> None:
    """A child belongs to a customer that exists (D-105)."""
    customer_id = getattr(record, "customer_id", None)
    if isinstance(customer_id, bytes) and state.standing(customer_id) is None:
        raise Problem(Code.out_of_scope, "no such customer of yours", field="customer_id")


RULES: Final = Rules(
    holding=holding,
    complete=complete,
    guard=guard,
    guard_delete=guard_delete,
    allowed=allowed,
    answers={at: one.decide for at, one in ANSWERS.items()},
    deputies={at: one.deputy for at, one in ANSWERS.items() if one.deputy is not None},
    follow=follow,
)
"""The rules of Outrider, as the fold takes them."""
