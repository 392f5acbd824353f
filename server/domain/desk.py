"""Decisions of the desk: the pure half of every verb and every job, on a state that holds the records they need."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from server.domain.access import at_desk, hidden_at_desk
from server.domain.feature import Given, Job, Listing, Parting, Patch, Table, Verb
from server.domain.features import FEATURES
from server.domain.look import Look
from server.domain.needs import Asking, Changing, DeskNeed, Rows
from server.domain.rights import Disclosure
from server.domain.rules import RULES, wants
from shared_schema.policy import Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.access import family_of
from sync.decode import Intent, understand
from sync.rules import Actor, Entered, Moment, Turn
from sync.state import WHOLE, Change, State
from sync.steps import Step

AT_DESK: Final = msgspec.structs.replace(RULES, holding=at_desk)
VERBS: Final[tuple[Verb[Any], ...]] = tuple(verb for one in FEATURES for verb in one.verbs)
VERB_OF: Final[Mapping[type, Verb[Any]]] = {verb.asks: verb for verb in VERBS}
LISTS: Final[tuple[Listing, ...]] = tuple(listing for one in FEATURES for listing in one.lists)
LOOKS: Final[tuple[Look[Any], ...]] = tuple(look for one in FEATURES for look in one.looks)
DISCLOSURES: Final[tuple[Disclosure, ...]] = tuple(one for feature in FEATURES for one in feature.disclosures)
TABLES: Final[tuple[Table[Any, Any], ...]] = tuple(table for one in FEATURES for table in one.tables)
TABLE_OF: Final[Mapping[type, Table[Any, Any]]] = {table.asks: table for table in TABLES}
JOBS: Final[tuple[Job[Any], ...]] = tuple(job for one in FEATURES for job in one.jobs)
PARTINGS: Final[tuple[Parting[Any], ...]] = tuple(parting for one in FEATURES for parting in one.partings)


def decided(actor: Actor, state: State, asked: msgspec.Struct, moment: Moment) -> None:
    """Write the records that a verb decides into the state. Raises the Problems of its rules."""
    verb = VERB_OF[type(asked)]
    if verb.enters is not None:
        _enter(Turn(state, actor, RULES, moment), verb.enters(asked))
    if verb.decide is not None:
        for record in verb.decide(actor, state, asked, Entered(moment)):
            _judge_new(actor, state, record)
            state.write(record)


def _enter(turn: Turn, entry: Given | Patch) -> None:
    """Carry out what the desk enters. A change of a value that the desk has not seen is refused whole: the desk waits for the answer and
    needs no card. Raises Problem(conflict | field_wrong)."""
    if isinstance(entry, Patch):
        turn.state.foreign_tombstones = hidden_at_desk(turn.actor, turn.state)
        turn = turn.under(AT_DESK)
    step = Step(turn, intent_of(entry))
    done = step.run()
    _refuse_unissued(step)
    card = turn.state.find(InboxItem, done.item_id) if done.item_id is not None else None
    if card is not None:
        raise Problem(Code.conflict, "somebody changed this after you last saw it", field=card.members[0].group)


def _refuse_unissued(step: Step) -> None:
    """A base above the record's rev would hide each change that the desk has not seen. The step has judged before who may hear of the
    record. Raises Problem(field_wrong)."""
    for group, base in step.mutation.bases.items():
        if step.held is None or base > step.held.record.rev:
            raise Problem(Code.field_wrong, "this base is above the record's rev; read the record again", field=group)


def _judge_new(actor: Actor, state: State, record: Record) -> None:
    """A record that people may change is judged as if a phone had made it, and its history says who did."""
    entity = BY_RECORD[type(record)]
    if entity.policy is Policy.register and state.get(entity, record.id) is None:
        RULES.guard(state, entity, record)
        key, customer_id = (entity.number, record.id), family_of(entity, record) or None
        state.changes.append(Change(key, state.next_rev(), WHOLE, 0, 0, "created", {}, {}, actor.user_id, customer_id))


def wants_of(asked: msgspec.Struct) -> Callable[[Asking], Iterable[DeskNeed]]:
    """The needs of the decision: the verb's own, and those of the entry that the desk makes. Raises Problem if nobody can read it."""
    verb = VERB_OF[type(asked)]
    intent, own = intent_of(verb.enters(asked)) if verb.enters is not None else None, verb.wants

    def both(asking: Asking) -> Iterable[DeskNeed]:
        if intent is not None:
            yield Rows(intent.entity.record, frozenset({intent.mutation.id}))
            yield from wants(asking, intent)
        yield from own(asking, asked) if own is not None else ()

    return both


def wants_to_keep(asked: msgspec.Struct, record_id: bytes) -> Callable[[Asking], Iterable[DeskNeed]]:
    """The needs of keeping a record of a table: the record itself, and the needs of the table."""
    table = TABLE_OF[type(asked)]
    return lambda asking: (Changing(table.record, record_id), *table.wants(asking, asked))


def keep(state: State, asked: msgspec.Struct, record_id: bytes) -> None:
    """Keep the record that a table makes of a request in the state. Raises the Problems of its rules."""
    table = TABLE_OF[type(asked)]
    slots = {name: value for name, value in msgspec.structs.asdict(asked).items() if name != "id"}
    known = state.find(table.record, record_id)
    record = msgspec.structs.replace(known, **slots) if known is not None else table.record(id=record_id, rev=0, **slots)
    for one in table.judge(state, record):
        state.keep(one)


def write(state: State, records: Iterable[Record]) -> None:
    """Put the records that a verb or a job decided; the rev of each rises."""
    for record in records:
        state.write(record)


def intent_of(entry: Given | Patch) -> Intent:
    """The entry that a phone would have made of it: number 0, because the desk has no device line. Raises Problem."""
    entity, first = BY_RECORD[entry.record], GroupPlace(0, 0, 1)
    if isinstance(entry, Given):
        body = msgspec.Raw(ENCODER.encode(entry.command))
        return Intent(Mutation(0, first, int(Kind.command), entity.number, entry.id, {}, body, 0), entity, {}, entry.command)
    body = msgspec.Raw(ENCODER.encode(entry.values))
    return understand(Mutation(0, first, int(Kind.patch), entity.number, entry.id, dict(entry.bases), body, 0))
