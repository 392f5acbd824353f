"""What the tests of the device share: a shelf of each kind, and answers as a server would write them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Raw

from shared_schema.entity import Entity
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Outcome, Reason, Result, Row, ScopePage, Shows, SyncAnswer
from sync.cursor import digest
from sync.shelf import Shelf

CUSTOMER = BY_RECORD[Customer]
ME = b"u" * 16


def key(number: int) -> bytes:
    """Give an id of 16 bytes."""
    return number.to_bytes(16, "big")


def on_screen(entity: Entity, record: Record | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a patch carries: these values, and of each group that they touch the others as they stand (P-331)."""
    groups = {entity.group_of[slot] for slot in values if slot in entity.group_of} if record is not None else set()
    return {slot: getattr(record, slot) for group in groups for slot in entity.groups.get(group, ())} | dict(values)


def live(record: Record) -> Row:
    """A feed row as the server encodes it."""
    return Row(BY_RECORD[type(record)].number, Raw(ENCODER.encode(record)))


def gone(record_id: bytes, reason: Reason = Reason.left) -> Row:
    """A feed row of a customer that left a scope."""
    return Row(CUSTOMER.number, Raw(ENCODER.encode(record_id)), int(reason))


def page(scope: int, rows: Sequence[Row], position: int, **more: object) -> ScopePage:
    """A page of one scope; done, and not begun anew, unless told otherwise."""
    told = {"lane": 1, "begin": False, "head": position, "done": True, **more}
    return ScopePage(scope=scope, position=position, rows=Raw(ENCODER.encode(list(rows))), **told)  # type: ignore[arg-type]


class Told(NamedTuple):
    """What an answer says beside its pages."""

    outcomes: Sequence[Outcome] = ()
    last_n: int = 0
    backed_up_n: int = 0
    resend_from: int | None = None
    drop: Sequence[int] = ()
    epoch: int = 1
    anew: bool = False


NOTHING = Told()


def answer(shelf: Shelf, pages: Sequence[ScopePage] = (), told: Told = NOTHING) -> SyncAnswer:
    """An answer to the cursor which the shelf holds now; its own cursor is a new one."""
    held = shelf.seat().cursor
    return SyncAnswer(
        1,
        told.epoch,
        0,
        digest(held),
        held + b".",
        told.last_n,
        told.backed_up_n,
        told.resend_from,
        [Raw(ENCODER.encode(one)) for one in told.outcomes],
        list(told.drop),
        list(pages),
        more=False,
        consistent=all(one.done for one in pages),
        anew=told.anew,
    )


def applied(n: int, rev: int = 2, shows: Shows | None = None) -> Outcome:
    """The outcome of a mutation that was taken."""
    return Outcome(n, Result.applied, rev=rev, shows=shows)
