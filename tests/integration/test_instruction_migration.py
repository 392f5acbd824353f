"""The migration that widens instructions, on a database with instructions of before."""

import sqlalchemy as sa

from server.store import load, schema
from shared_schema.records.instruction import Instruction, InstructionState, Requires
from shared_schema.registry import BY_RECORD
from sync.state import State
from tests.integration.test_migrations import of
from tests.world import START_MS

BEFORE = "0014"
OLD = sa.text(
    "INSERT INTO instruction (org_id, id, rev, rep_id, author_id, text, customer_id, priority, due_ms, sent_ms, state, changed_ms,"
    " visit_id, reason) VALUES (1, :id, 3, :rep_id, :author_id, 'Count', NULL, 2, :due_ms, :sent_ms, :state, :sent_ms, NULL, 'no')"
)


def _found(conn: sa.Connection) -> dict[bytes, Instruction]:
    state = State()
    load.every(conn, state, 1, BY_RECORD[Instruction])
    return {held.record.id: held.record for held in state.held.values() if isinstance(held.record, Instruction)}


async def test_instructions_of_before_stand_as_they_stood(database_url: str) -> None:
    """States keep their numbers, new slots have their defaults, and each is a request of its own; nobody is told of old silence."""
    ids = {state: bytes([state]) * 16 for state in (1, 4, 5, 6, 7)}
    await schema.alone(database_url, schema.upgrade, BEFORE)

    def fill(conn: sa.Connection) -> None:
        rows = [
            {"id": one, "rep_id": b"r" * 16, "author_id": b"a" * 16, "due_ms": START_MS, "sent_ms": START_MS - 1} for one in ids.values()
        ]
        conn.execute(OLD, [row | {"state": state} for state, row in zip(ids, rows, strict=True)])

    await of(database_url, fill)
    await schema.migrate(database_url)
    found = await of(database_url, _found)
    assert {found[one].state: found[one].batch_id for one in ids.values()} == {InstructionState(state): one for state, one in ids.items()}
    assert {(one.round, one.steps, one.requires, one.reply, one.place, one.escalated, one.tell_ms) for one in found.values()} == {
        (1, (), Requires.nothing, "", "", 0, None)
    }
    assert {(one.text, one.reason, one.rev, int(one.priority), one.due_ms) for one in found.values()} == {("Count", "no", 3, 2, START_MS)}
