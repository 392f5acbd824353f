"""One mutation against the state: create, patch, undo, delete, command. Each reads, decides, then writes, or raises a Problem."""

from collections.abc import Iterable

import msgspec

from shared_schema.commands import Dismiss, KeepTheirs
from shared_schema.policy import Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import ItemState, Values
from shared_schema.registry import BY_RECORD, EXTRA, EXTRA_PREFIX, Entity
from shared_schema.wire import Kind, Result
from sync.decode import Intent
from sync.inbox import close_met, conflict_members, decide, park
from sync.merge import Merged, conflicts, merge, read
from sync.rules import Actor, Entry, Holding, Moment, Rules
from sync.state import WHOLE, Change, Held, Key, Stamp, State

CUSTOMER = BY_RECORD[Customer]


class Done(msgspec.Struct, frozen=True):
    """What became of one mutation that was not refused."""

    result: Result
    rev: int
    key: Key | None
    code: Code | None = None
    item_id: bytes | None = None


class Step:
    """One mutation of one actor, with what it may ask and where it writes."""

    def __init__(self, state: State, actor: Actor, rules: Rules, moment: Moment, intent: Intent) -> None:
        self.state = state
        self.actor = actor
        self.rules = rules
        self.moment = moment
        self.intent = intent
        self.mutation = intent.mutation
        self.entity = intent.entity
        self.key = (intent.entity.number, intent.mutation.id)
        self.held = state.held.get(self.key)

    def run(self) -> Done:
        """Carry out the mutation. Raises Problem: nothing was written."""
        if self.intent.command is not None:
            return self._command()
        if self.entity.policy == Policy.server:
            raise Problem(Code.server_owned, f"{self.entity.name} is written by the server")
        if self.mutation.kind == Kind.create:
            return self._create()
        if self.entity.policy == Policy.fact:
            raise Problem(Code.immutable, "a fact never changes; log a new one")
        return self._delete() if self.mutation.kind == Kind.delete else self._patch()

    # create

    def _create(self) -> Done:
        values = self.intent.values[WHOLE]
        late = self._may_create(values)
        if self.held is not None:
            return self._create_again(self.held, values)
        self._refuse_buried()
        rev = self.state.next_rev(0)
        record = build(self.entity, self.mutation.id, rev, values)
        self._write(record, None, Stamp(rev, self.actor.line_no, self.mutation.n), late=late)
        if self.entity.policy == Policy.register:
            self._note(rev, WHOLE, "created", {}, {})
        close_met(self.state, self.key, self.actor, {}, self.moment)
        return Done(Result.applied, rev, self.key)

    def _may_create(self, values: Values) -> bool:
        """Whether this comes late. Raises Problem(OUT_OF_SCOPE | MOVED)."""
        if self.entity is CUSTOMER:
            return False
        customer_id = values.get("customer_id")
        holding = self.rules.holding(self.actor, self.state, customer_id) if isinstance(customer_id, bytes) else Holding.none
        return self._judge(holding)

    def _judge(self, holding: Holding) -> bool:
        if holding == Holding.none:
            raise Problem(Code.out_of_scope, "not a record of yours")
        if holding == Holding.former and self.entity.policy != Policy.fact:
            raise Problem(Code.moved, "the customer has moved to somebody else")
        return holding == Holding.former

    def _create_again(self, held: Held, values: Values) -> Done:
        """The same id again: the same content is a duplicate, other content is never taken for it (P-320)."""
        self._may_change(held)
        if read(held.record, values) == values:
            return Done(Result.duplicate, held.record.rev, self.key)
        if self.entity.policy == Policy.fact:
            raise Problem(Code.id_taken, "a fact with this id and other content exists")
        raise Problem(Code.conflict, "a record with this id and other content exists")

    # patch and undo

    def _patch(self) -> Done:
        held = self._found()
        self._may_change(held)
        undo = self.mutation.kind == Kind.undo
        rev = self.state.next_rev(held.record.rev)
        writer = Stamp(rev, 0, 0) if undo else Stamp(rev, self.actor.line_no, self.mutation.n)
        merged = merge(held, self.intent.values, self.mutation.bases, writer)
        if undo and merged.conflicts:
            raise Problem(Code.conflict, "the value changed again since; look before you undo")
        self._take(held, merged)
        close_met(self.state, self.key, self.actor, self.mutation.bases, self.moment)
        if merged.conflicts:
            return self._park(merged)
        result = Result.merged if merged.foreign else Result.applied
        return Done(result, self.state.held[self.key].record.rev, self.key)

    def _take(self, held: Held, merged: Merged) -> None:
        if not merged.taken:
            return
        self._write(merged.record, held.record, None, stamps=merged.stamps)
        decision = "undone" if self.mutation.kind == Kind.undo else "merged" if merged.foreign else "applied"
        for change in merged.taken:
            self._note(merged.record.rev, change.group, decision, change.before, change.after)

    def _park(self, merged: Merged) -> Done:
        held = self.state.held[self.key]
        problem = Problem(Code.conflict, "somebody changed the same while you were away")
        clashes = conflict_members(self.intent, held, merged.conflicts)
        items = [park(self.state, self.actor, self.rules, self.moment, [one], problem) for one in clashes]
        return Done(Result.parked, held.record.rev, self.key, Code.conflict, items[0].id)

    def _found(self) -> Held:
        if self.held is not None:
            return self.held
        self._refuse_buried()
        raise Problem(Code.out_of_scope, "not a record of yours")

    def _refuse_buried(self) -> None:
        """A deleted record does not come back; who did not hold it hears what he hears of any foreign one (P-424)."""
        if self.key in self.state.foreign_tombstones:
            raise Problem(Code.out_of_scope, "not a record of yours")
        if self.key in self.state.tombstones:
            raise Problem(Code.gone, "this record was deleted")

    def _may_change(self, held: Held) -> None:
        customer_id = held.record.id if self.entity is CUSTOMER else getattr(held.record, "customer_id", None)
        holding = self.rules.holding(self.actor, self.state, customer_id) if customer_id else Holding.none
        self._judge(holding)

    # delete

    def _delete(self) -> Done:
        if WHOLE not in self.mutation.bases:
            raise Problem(Code.base_missing, "a delete names the rev that was on screen")
        if self.held is None and self.key in self.state.tombstones.keys() - self.state.foreign_tombstones:
            return Done(Result.duplicate, self.state.tombstones[self.key], None)
        held = self._found()
        self._may_change(held)
        base = self.mutation.bases[WHOLE]
        if any(conflicts(stamp, base, self.actor.line_no, self.mutation.n) for stamp in held.stamps.values()):
            raise Problem(Code.conflict, "somebody changed this record after you last saw it")
        self._neighbours(self.rules.guard_delete(self.state, self.entity, held.record))
        rev = self.state.next_rev(held.record.rev)
        self.state.bury(self.entity, self.mutation.id, rev, getattr(held.record, "customer_id", None))
        self._note(rev, WHOLE, "deleted", _plain(self.entity, held.record), {})
        close_met(self.state, self.key, self.actor, {}, self.moment)
        return Done(Result.applied, rev, self.key)

    # command

    def _command(self) -> Done:
        command = self.intent.command
        if isinstance(command, (KeepTheirs, Dismiss)):
            how = ItemState.kept_theirs if isinstance(command, KeepTheirs) else ItemState.dismissed
            item = decide(self.state, self.actor, self.mutation.id, how, self.moment)
            return Done(Result.applied, item.rev, self.key)
        decider = self.rules.commands.get(type(command))
        if decider is None or command is None:
            raise Problem(Code.command_unknown, "this server does not know the command")
        held = self._found()
        self._may_change(held)
        self._neighbours(decider(self.actor, self.state, held, command, self.moment))
        rev = self.state.held[self.key].record.rev
        self._note(rev, WHOLE, str(type(command).__struct_config__.tag), {}, {})
        return Done(Result.applied, rev, self.key)

    # write

    def _write(
        self, record: Record, before: Record | None, stamp: Stamp | None, *, late: bool = False, stamps: dict[str, Stamp] | None = None
    ) -> None:
        """Complete, guard, put. The guard runs on the record as it would stand, after the merge (P-420)."""
        own, *others = self.rules.complete(self.actor, self.state, Entry(self.entity, record, before, late), self.moment)
        self.rules.guard(self.state, self.entity, own)
        self.state.put(self.entity, Held(own, stamps if stamps is not None else {WHOLE: stamp or Stamp(record.rev, 0, 0)}))
        self._neighbours(others)

    def _neighbours(self, records: Iterable[Record]) -> None:
        """Server-written records that move with this one: the rev rises, stamps stay; no device is named as their writer."""
        for record in records:
            entity = BY_RECORD[type(record)]
            known = self.state.get(entity, record.id)
            rev = self.state.next_rev(known.record.rev if known else 0)
            stamps = known.stamps if known else {WHOLE: Stamp(rev, 0, 0)}
            self.state.put(entity, Held(msgspec.structs.replace(record, rev=rev), stamps))

    def _note(self, rev: int, group: str, decision: str, before: Values, after: Values) -> None:
        line_no, n = self.actor.line_no, self.mutation.n
        self.state.changes.append(Change(self.key, rev, group, line_no, n, decision, before, after, self._customer_id()))

    def _customer_id(self) -> bytes | None:
        held = self.state.held.get(self.key) or self.held
        return self.mutation.id if self.entity is CUSTOMER else getattr(held.record, "customer_id", None) if held else None


def build(entity: Entity, record_id: bytes, rev: int, values: Values) -> Record:
    """A record as its author gave it; what the server owns has its default."""
    slots = {slot: value for slot, value in values.items() if not slot.startswith(EXTRA_PREFIX)}
    if entity.has_extra:
        slots[EXTRA] = {key[len(EXTRA_PREFIX) :]: value for key, value in values.items() if key.startswith(EXTRA_PREFIX)}
    return entity.record(id=record_id, rev=rev, **slots)


def _plain(entity: Entity, record: Record) -> Values:
    return read(record, {slot: None for slots in entity.groups.values() for slot in slots})
