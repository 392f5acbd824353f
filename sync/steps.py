"""One mutation against the state: create, patch, undo, delete, restore, command. Each reads, decides, then writes, or raises a Problem."""

from collections.abc import Callable, Iterable

import msgspec

from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.policy import InTile, Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.inbox import Dismiss, KeepTheirs, SendUp, Values
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind, Result
from sync.access import customer_named, family_of, stands
from sync.decode import Intent, refuse_part
from sync.escalation import decide_item
from sync.forgetting import told_still
from sync.inbox import close_met, conflict_members, park
from sync.masked import same
from sync.merge import Merged, build, conflicts, merge, read, value_of
from sync.rules import Entered, Entry, Holding, Turn
from sync.state import WHOLE, Change, Held, Key, Stamp

UNDO_DAYS = 30
"""How long a change can be taken back."""
DAY_MS = 86_400_000


class Done(msgspec.Struct, frozen=True):
    """The result of one mutation that was not refused."""

    result: Result
    rev: int
    key: Key | None
    code: Code | None = None
    item_id: bytes | None = None


class Step:
    """One mutation of one actor, with the rules that it asks and the state into which it writes."""

    def __init__(self, turn: Turn, intent: Intent) -> None:
        self.turn = turn
        self.state = turn.state
        self.actor = turn.actor
        self.rules = turn.rules
        self.moment = turn.moment
        self.intent = intent
        self.mutation = intent.mutation
        self.entity = intent.entity
        self.key = (intent.entity.number, intent.mutation.id)
        self.held = turn.state.held.get(self.key)

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
        if self.mutation.kind == Kind.restore:
            return self._restore()
        return self._delete() if self.mutation.kind == Kind.delete else self._patch()

    # create

    def _create(self) -> Done:
        values = self.intent.values[WHOLE]
        late = self._may_create(values)
        if self.held is not None:
            return self._create_again(self.held, values)
        self._refuse_buried()
        rev = self.state.next_rev()
        record = build(self.entity, self.mutation.id, rev, values, (self.actor.line_no, self.mutation.n))
        self._write(record, None, Stamp(rev, self.actor.line_no, self.mutation.n), late=late)
        if self.entity.policy == Policy.register:
            self._note(rev, WHOLE, "created", {}, {})
        close_met(self.state, self.key, self.actor, {}, self.moment)
        return Done(Result.applied, rev, self.key)

    def _may_create(self, values: Values) -> bool:
        """Whether the entry comes late. The user who makes a customer holds it. Raises Problem(OUT_OF_SCOPE | MOVED)."""
        return not self.entity.is_head and self._judge(values.get)

    def _judge(self, value: Callable[[str], object]) -> bool:
        holding = stands(self.rules, self.actor, self.state, self.entity, value)
        if holding == Holding.none:
            raise Problem(Code.out_of_scope, "not a record of yours")
        if holding == Holding.former and self.entity.policy != Policy.fact:
            raise Problem(Code.moved, "the customer has moved to somebody else")
        return holding == Holding.former

    def _create_again(self, held: Held, values: Values) -> Done:
        """The same id again: the same content is a duplicate, other content is never taken for it (P-320)."""
        self._may_change(held)
        known = told_still(held.record, values)
        if all(same(value_of(held.record, slot), value) for slot, value in known.items()):
            return Done(Result.duplicate, held.record.rev, self.key)
        if self.entity.policy == Policy.fact:
            raise Problem(Code.id_taken, "a fact with this id and other content exists")
        raise Problem(Code.conflict, "a record with this id and other content exists")

    # patch and undo

    def _patch(self) -> Done:
        held = self._found()
        self._may_change(held)
        undo = self.mutation.kind == Kind.undo
        if not undo and not self.state.again_of:  # a waiting entry was taken as it came
            refuse_part(self.entity, self.intent.values)
        rev = self.state.next_rev(held.record.rev)
        merged = merge(held, self.intent.values, self.mutation.bases, Stamp(rev, self.actor.line_no, self.mutation.n), undo=undo)
        if undo:
            self._refuse_undo(merged)
        self._take(held, merged)
        close_met(self.state, self.key, self.actor, self.mutation.bases, self.moment)
        if merged.conflicts:
            return self._park(merged)
        result = Result.merged if merged.foreign else Result.applied
        return Done(result, self.state.held[self.key].record.rev, self.key)

    def _refuse_undo(self, merged: Merged) -> None:
        """Only the last change of each group can be taken back, and only if it is not too old (P-423, P-425)."""
        if merged.conflicts:
            raise Problem(Code.conflict, "the value changed again since; look before you undo")
        for one in merged.taken:
            changed_ms = self.state.changed_ms.get((self.key, one.group))
            if changed_ms is None:
                raise Problem(Code.conflict, "there is no change to take back")
            if self.moment.now_ms - changed_ms > UNDO_DAYS * DAY_MS:
                raise Problem(Code.undo_expired, f"a change can be taken back for {UNDO_DAYS} days")

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
        items = [park(self.turn, [one], problem) for one in clashes]
        return Done(Result.parked, held.record.rev, self.key, Code.conflict, items[0].id)

    def _found(self) -> Held:
        if self.held is not None:
            return self.held
        self._refuse_buried()
        raise Problem(Code.out_of_scope, "not a record of yours")

    def _refuse_buried(self) -> None:
        """A deleted record does not come back. A user who did not hold it gets the same answer as for any foreign record (P-424)."""
        if self.key in self.state.foreign_tombstones:
            raise Problem(Code.out_of_scope, "not a record of yours")
        if self.key in self.state.erased:
            raise Problem(Code.erased, "this person was erased for good")
        if self.key in self.state.tombstones:
            raise Problem(Code.gone, "this record was deleted")

    def _may_change(self, held: Held) -> None:
        self._judge(lambda slot: getattr(held.record, slot))

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
        self.state.bury(self.entity, self.mutation.id, rev, family_of(self.entity, held.record) or None)
        self._note(rev, WHOLE, "deleted", _plain(self.entity, held.record), {})
        close_met(self.state, self.key, self.actor, {}, self.moment)
        return Done(Result.applied, rev, self.key)

    # restore

    def _restore(self) -> Done:
        """A deleted record stands again, as a new version above its tombstone's rev (P-426)."""
        if WHOLE not in self.mutation.bases:
            raise Problem(Code.base_missing, "a restore names the rev of the deletion")
        values = self.intent.values[WHOLE]
        self._may_create(values)
        if self.held is not None:
            return self._create_again(self.held, values)
        buried_rev = self.state.tombstones.get(self.key)
        if buried_rev is None or self.key in self.state.foreign_tombstones:
            raise Problem(Code.out_of_scope, "not a record of yours")
        if self.key in self.state.erased:
            raise Problem(Code.erased, "this person was erased for good")
        if buried_rev != self.mutation.bases[WHOLE]:
            raise Problem(Code.gone, "this record was deleted again since")
        home = self.mutation.id if self.entity.is_head else customer_named(self.entity.number, values)
        if home != self.state.tombstone_customers.get(self.key):
            raise Problem(Code.fixed_field, "a restored record returns to the customer that it had", field=self.entity.about)
        rev = self.state.next_rev(buried_rev)
        writer = Stamp(rev, self.actor.line_no, self.mutation.n)
        self._write(build(self.entity, self.mutation.id, rev, values, writer[1:]), None, writer)
        self.state.unbury(self.key)
        self._note(rev, WHOLE, "restored", {}, {})
        close_met(self.state, self.key, self.actor, {}, self.moment)
        return Done(Result.applied, rev, self.key)

    # command

    def _command(self) -> Done:
        command = self.intent.command
        if isinstance(command, (KeepTheirs, Dismiss, SendUp)):
            item = decide_item(self.turn, self.mutation.id, command)
            return Done(Result.applied, item.rev, self.key)
        named = (self.entity.record, type(command))
        decider = self.rules.answers.get(named)
        if command is None or decider is None:
            raise Problem(Code.command_unknown, f"a {self.entity.name} does not take this command")
        held = self._found()
        deputy = self.rules.deputies.get(named)
        if not isinstance(self.entity.hold, InTile) and not (deputy is not None and deputy(self.actor, self.state, held.record)):
            self._may_change(held)  # of a card its commands say which users may give them
        changed = decider(self.actor, self.state, held.record, command, Entered(self.moment, self.mutation.n, self.mutation.device_ms))
        if not changed:
            return Done(Result.duplicate, held.record.rev, self.key)
        stood = [self.state.find(type(record), record.id) for record in changed]
        self._neighbours(changed)
        for record, before in zip(changed, stood, strict=True):
            if type(command).quiet or isinstance(BY_RECORD[type(record)].hold, InTile):
                # a receipt stands in the record; of a card a history would tell which user took the customer, and which
                # fields are hidden by now (P-127, P-128)
                continue
            self._note_commanded(str(type(command).__struct_config__.tag), record, before)
        key = (BY_RECORD[type(changed[0])].number, changed[0].id)
        return Done(Result.applied, self.state.held[key].record.rev, key)

    def _note_commanded(self, name: str, record: Record, before: Record | None) -> None:
        """A command's line in the history of each record it moved, with the values that the server wrote there (P-450)."""
        entity = BY_RECORD[type(record)]
        key = (entity.number, record.id)
        slots = [
            slot
            for slot in entity.slots
            if slot in entity.server_owned and before is not None and getattr(before, slot) != getattr(record, slot)
        ]
        was, now = ({slot: getattr(one, slot) for slot in slots} for one in (before or record, record))
        line_no, n, rev = self.actor.line_no, self.mutation.n, self.state.held[key].record.rev
        self.state.changes.append(
            Change(key, rev, WHOLE, line_no, n, name, was, now, self.actor.user_id, family_of(entity, record) or None)
        )

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
        """Records that move with this one: the rev rises, stamps stay; no device is named as the writer of values that stood before.

        A record that a command makes anew copies values that its author saw: the author is its writer, as of any record that the author
        creates (P-410).
        """
        for record in records:
            self.state.write(record, (self.actor.line_no, self.mutation.n) if BY_RECORD[type(record)].policy == Policy.register else (0, 0))

    def _note(self, rev: int, group: str, decision: str, before: Values, after: Values) -> None:
        line_no, n = self.actor.line_no, self.mutation.n
        if group != WHOLE:
            self.state.changed_ms[self.key, group] = self.moment.now_ms
        self.state.changes.append(
            Change(self.key, rev, group, line_no, n, decision, before, after, self.actor.user_id, self._customer_id())
        )

    def _customer_id(self) -> bytes | None:
        held = self.state.held.get(self.key) or self.held
        return family_of(self.entity, held.record) or None if held else None


def _plain(entity: Entity, record: Record) -> Values:
    """All that people entered, so that a restore can give it back."""
    slots = [slot for slot in entity.slots if slot not in entity.server_owned and slot != EXTRA]
    return read(record, dict.fromkeys([*slots, *(f"{EXTRA_PREFIX}{key}" for key in getattr(record, EXTRA, {}))]))
