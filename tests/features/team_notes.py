"""Notes to a team, and how far each reader has come with them."""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from shared_schema.records.inbox import Value
from shared_schema.records.team import GiveReceipt, Receipt, ReceiptLevel, TeamNote
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Result
from sync.device import Edit
from sync.overlay import understood
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Stage
from tests.prove.entries import shown
from tests.prove.handset import Handset
from tests.prove.history import START_MS, History
from tests.prove.ledger import takings
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need
from tests.world import Phone

NOTE: Final = BY_NAME["team_note"]
RECEIPTS: Final = "35 receipts only rise"
FOREIGN_SHARE: Final = 0.15
"""How often somebody writes to a department that is not the own one."""
AGAIN_SHARE: Final = 0.5


def write_note(history: History, phone: Handset) -> bool:
    """A note to a department, or a correction of one."""
    places = sorted(history.store.parents)
    own = history.store.actor_of(phone.user.id, 0).department_id
    department_id = own if own is not None and history.dice.random() > FOREIGN_SHARE else history.dice.choice(places)
    values: dict[str, Value] = {"department_id": department_id, "device_ms": START_MS, "text": history.word()}
    notes = phone.shown("team_note")
    if notes and history.dice.random() < 0.3:
        values["amends_id"] = history.dice.choice(notes).id
    phone.enter([Edit(Kind.create, NOTE, history.new_id(), values)], None, history.now_ms)
    return True


def give_receipt(history: History, phone: Handset) -> bool:
    """Say how far one has come with a note; also less far than before."""
    if not phone.shown("team_note"):
        write_note(history, phone)
    note = shown(history, phone, "team_note")
    if note is None:
        return False
    for level in history.dice.sample([1, 2, 3, 4], 2):
        command = ENCODER.encode(GiveReceipt(ReceiptLevel(level)))
        phone.enter([Edit(Kind.command, NOTE, note.id, command=command)], None, history.now_ms)
        if history.dice.random() < AGAIN_SHARE and not phone.shelf.seat().forked:
            history.sync(phone)
    return True


def judge(history: History) -> None:
    """A receipt stands at the highest level that its reader gave, in whatever order the reader's phones were heard."""
    found = [held.record for held in history.store.records.values() if isinstance(held.record, Receipt)]
    history.counts[RECEIPTS] += len(found)
    need(len(found) == len({(one.note_id, one.user_id) for one in found}), RECEIPTS, "two receipts of one reader")
    levels = {(one.note_id, one.user_id): int(one.level) for one in found}
    need(levels == _highest(history), RECEIPTS, "receipts are not the highest given")
    for one in found:
        note = history.store.records[NOTE.number, one.note_id].record
        need(isinstance(note, TeamNote) and note.author_id == one.author_id, RECEIPTS, "a receipt goes to somebody else")


def _highest(history: History) -> dict[tuple[bytes, bytes], int]:
    """(note, reader) → the highest level that the reader gave."""
    highest: dict[tuple[bytes, bytes], int] = {}
    for user_id, note_id, level in _given(history):
        highest[note_id, user_id] = max(level, highest.get((note_id, user_id), 0))
    return highest


def _given(history: History) -> Iterator[tuple[bytes, bytes, int]]:
    for entry in history.ledger.entries:
        intent = understood(history.ledger.raws[entry.aliases[0]]) if entry.kind == Kind.command else None
        if intent is not None and isinstance(intent.command, GiveReceipt):
            results = [one.outcome.result for one in takings(history.store, entry)]
            if Result.applied in results or Result.duplicate in results:
                yield history.handsets[entry.phone].user.id, entry.id, int(intent.command.level)


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A note of the manager's, which a rep is about to confirm, with a note of the rep's own."""
    note_id = stage.manager.create("team_note", department_id=stage.world.department_id, device_ms=START_MS, text="read this")
    await stage.manager.sync()

    def enter(phone: Phone) -> None:
        own_id = phone.create("team_note", department_id=stage.world.department_id, device_ms=START_MS, text="read it", amends_id=None)
        for each in (note_id, own_id):
            phone.command("team_note", each, GiveReceipt(ReceiptLevel.read))

    await stage.about_to("note", reps["cy"].user_id, enter)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A receipt is of a note that is there."""
    notes = {one.id for one in every(conn, org_id, TeamNote)}
    yield from (f"receipt {one.id.hex()}: its note is nowhere" for one in every(conn, org_id, Receipt) if one.note_id not in notes)


def canary(author: Author) -> None:
    """A note to the author's department, and the author's receipt of it."""
    author.enter(Kind.create, "team_note", {"department_id": author.raw_id("department"), "device_ms": START_MS, "text": CANARY})
    author.enter(Kind.command, "team_note", {"command": "receipt", "level": 2})


def _entered() -> list[list[Edit]]:
    """A note, and a receipt of it."""
    note_id = b"n" * 16
    values: dict[str, Value] = {"department_id": b"d" * 16, "device_ms": START_MS, "text": "周会 at nine"}
    return [
        [Edit(Kind.create, NOTE, note_id, values)],
        [Edit(Kind.command, NOTE, note_id, command=ENCODER.encode(GiveReceipt(ReceiptLevel.read)))],
    ]


PROOF: Final = Proof(
    actions={write_note: 2, give_receipt: 3},
    judge=judge,
    invariants=(RECEIPTS,),
    operations=(
        Operation(
            "team note and receipt",
            sending("note"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("team_note", "receipt"),
        ),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("team_note",),
    attacks=({"command": "receipt", "level": 4},),
    entered=_entered(),
)
