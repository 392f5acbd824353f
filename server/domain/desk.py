"""Decisions of the desk: the pure half of every verb and every job, on a state that holds the records they need."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from server.domain.feature import Given, Job, Listing, Look, Table, Verb
from server.domain.features import FEATURES
from server.domain.needs import Asking, Changing, DeskNeed, Rows
from server.domain.rules import RULES, wants
from shared_schema.records.base import Record
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.decode import Intent
from sync.rules import Actor, Entered, Moment, Turn
from sync.state import State
from sync.steps import Step

VERBS: Final[tuple[Verb[Any], ...]] = tuple(verb for one in FEATURES for verb in one.verbs)
VERB_OF: Final[Mapping[type, Verb[Any]]] = {verb.asks: verb for verb in VERBS}
LISTS: Final[tuple[Listing, ...]] = tuple(listing for one in FEATURES for listing in one.lists)
LOOKS: Final[tuple[Look[Any], ...]] = tuple(look for one in FEATURES for look in one.looks)
TABLES: Final[tuple[Table[Any, Any], ...]] = tuple(table for one in FEATURES for table in one.tables)
TABLE_OF: Final[Mapping[type, Table[Any, Any]]] = {table.asks: table for table in TABLES}
JOBS: Final[tuple[Job[Any], ...]] = tuple(job for one in FEATURES for job in one.jobs)


def decided(actor: Actor, state: State, asked: msgspec.Struct, moment: Moment) -> None:
    """Write the records that a verb decides into the state. Raises the Problems of its rules."""
    verb = VERB_OF[type(asked)]
    if verb.command is not None:
        Step(Turn(state, actor, RULES, moment), intent_of(verb.command(asked))).run()
    if verb.decide is not None:
        write(state, verb.decide(actor, state, asked, Entered(moment)))


def wants_of(asked: msgspec.Struct) -> Callable[[Asking], Iterable[DeskNeed]]:
    """The needs of the decision: the verb's own, or those of the command that the desk gives."""
    verb = VERB_OF[type(asked)]
    if verb.command is not None:
        intent = intent_of(verb.command(asked))
        return lambda asking: (Rows(intent.entity.record, frozenset({intent.mutation.id})), *wants(asking, intent))
    own = verb.wants
    return lambda asking: own(asking, asked) if own is not None else ()


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


def intent_of(given: Given) -> Intent:
    """The entry that a phone would have made of it: number 0, because the desk has no device line."""
    entity = BY_RECORD[given.record]
    body = msgspec.Raw(ENCODER.encode(given.command))
    return Intent(Mutation(0, GroupPlace(0, 0, 1), int(Kind.command), entity.number, given.id, {}, body, 0), entity, {}, given.command)
