"""Notices, the receipts of their readers, and how a user wants to hear."""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from server.database import Database
from server.domain.notice_kinds import KINDS
from server.jobs.compact import retire_notices
from server.services.act import act
from shared_schema.records.base import Command
from shared_schema.records.customer import Transfer
from shared_schema.records.inbox import Value
from shared_schema.records.notification import (
    NoticeDelivered,
    NoticeDone,
    NoticeOpened,
    NoticeSeen,
    Notification,
    NotificationState,
)
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Result
from sync import receipts
from sync.device import Edit
from sync.overlay import understood
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.entries import shown
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.ledger import takings
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need
from tests.world import Phone

NOTIFICATION: Final = BY_NAME["notification"]
SETTINGS: Final = BY_NAME["user_settings"]
RISEN: Final = "36 a notice stands at its highest receipt"
ENDED: Final = "36 no notice outlives its cause"
LEVELS: Final[Mapping[type[Command], NotificationState]] = {
    NoticeDelivered: NotificationState.delivered,
    NoticeSeen: NotificationState.seen,
    NoticeOpened: NotificationState.opened,
    NoticeDone: NotificationState.done,
}
NOTICE_DAYS: Final = 90
AGAIN_SHARE: Final = 0.5


def give_receipts(history: History, phone: Handset) -> bool:
    """The device says what it holds, by itself; its user sees a notice, opens it or has done with it, in any order."""
    due = receipts.due(phone.shelf)
    for receipt in due:
        phone.enter([receipt], None, history.now_ms)
    found = shown(history, phone, "notification")
    if found is None:
        return bool(due)
    for command in history.dice.sample([NoticeSeen(), NoticeOpened(), NoticeDone()], 2):
        phone.enter([Edit(Kind.command, NOTIFICATION, found.id, command=ENCODER.encode(command))], None, history.now_ms)
        if history.dice.random() < AGAIN_SHARE and not phone.shelf.seat().forked:
            history.sync(phone)
    return True


def choose_settings(history: History, phone: Handset) -> bool:
    """How this user wants to hear: made once, then changed."""
    user_id, minute = phone.user.id, history.dice.randrange(1_440)
    quiet: dict[str, Value] = {"quiet_from": minute, "quiet_until": (minute + 480) % 1_440, "listed": ["quotes"] * (minute % 2)}
    known = phone.shown("user_settings")
    if known:
        phone.enter([Edit(Kind.patch, SETTINGS, user_id, quiet)], None, history.now_ms)
    else:
        phone.enter(
            [Edit(Kind.create, SETTINGS, user_id, {"user_id": user_id, "time_zone": "Europe/Paris", **quiet})], None, history.now_ms
        )
    return True


def judge(history: History) -> None:
    """A notice stands at the highest receipt of its reader's devices, or is done because its cause is over; none is open without cause."""
    found = {held.record.id: held.record for held in history.store.records.values() if isinstance(held.record, Notification)}
    highest = dict.fromkeys(found, NotificationState.made)
    for user_id, notice_id, level in _taken(history):
        need(user_id == found[notice_id].user_id, RISEN, "somebody gave a receipt in the reader's place")
        highest[notice_id] = max(level, highest[notice_id])
    history.counts[RISEN] += sum(level > NotificationState.made for level in highest.values())
    for one in found.values():
        need(one.state in (highest[one.id], NotificationState.done), RISEN, "a notice is not at its highest receipt")
        ends = KINDS[one.kind].ends
        held = history.store.records.get((one.subject_entity, one.subject_id or b""))
        over = one.subject_entity > 0 and ends(held.record if held is not None else None, one.user_id)
        history.counts[ENDED] += over
        need(not over or one.state == NotificationState.done, ENDED, f"a notice of kind {one.kind} is open")


def _taken(history: History) -> Iterator[tuple[bytes, bytes, NotificationState]]:
    """(author, notice, level) of each receipt that the server took."""
    for entry in history.ledger.entries:
        intent = understood(history.ledger.raws[entry.aliases[0]]) if entry.entity is NOTIFICATION else None
        level = LEVELS.get(type(intent.command)) if intent is not None and intent.command is not None else None
        results = {one.outcome.result for one in takings(history.store, entry)}
        if level is not None and results & {Result.applied, Result.duplicate}:
            yield history.handsets[entry.phone].user.id, entry.id, level


async def forget_read(database: Database, _scene: Scene) -> object:
    """As the job does on the day on which the notice that was seen is old enough."""
    return await retire_notices(database, NOTICE_DAYS)


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Two customers that came to a rep, one after the other: the rep has seen the first notice, and is about to give each receipt of the
    second."""
    giver, rep, world = reps["cy"], reps["gus"], stage.world
    notices: list[bytes] = []
    for name in ("Shop of a notice", "Shop of another"):
        shop_id = giver.create("customer", name=name)
        await giver.sync()
        await world.database.write(act, stage.manager.claims, Transfer(shop_id, rep.user_id, None, "nearer"), world.now_ms)
        await rep.sync()
        notices += [record_id for record_id, _ in rep.shelf.rows(NOTIFICATION.number) if record_id not in notices]
    rep.command("notification", notices[0], NoticeSeen())
    await rep.sync()

    def enter(phone: Phone) -> None:
        for command in (NoticeDelivered(), NoticeSeen(), NoticeOpened(), NoticeDone()):
            phone.command("notification", notices[-1], command)
        phone.enter(Edit(Kind.create, SETTINGS, rep.user_id, {"user_id": rep.user_id, "quiet_from": 1_320, "quiet_until": 420}))

    await stage.about_to("notice", rep.user_id, enter)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """What is done says when."""
    for one in every(conn, org_id, Notification):
        if (one.state == NotificationState.done) != (one.done_ms is not None):
            yield f"notice {one.id.hex()}: its state and its moments differ"


def canary(author: Author) -> None:
    """The author's own settings; the notices come with what the others enter."""
    user_id = author.raw_id("user ann")
    author.enter(Kind.create, "user_settings", {"id": user_id, "user_id": user_id, "language": CANARY})


def _entered() -> list[list[Edit]]:
    """A receipt, and settings."""
    values: dict[str, Value] = {
        "user_id": b"u" * 16,
        "time_zone": "Asia/Shanghai",
        "quiet_from": 1_320,
        "quiet_until": 420,
        "listed": ["quotes"],
    }
    return [
        [Edit(Kind.command, NOTIFICATION, b"n" * 16, command=ENCODER.encode(NoticeSeen()))],
        [Edit(Kind.create, SETTINGS, b"u" * 16, values)],
    ]


PROOF: Final = Proof(
    actions={give_receipts: 3, choose_settings: 1},
    judge=judge,
    invariants=(RISEN, ENDED),
    operations=(
        Operation(
            "give the receipts of a notice, and settings",
            sending("notice"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("notification", "user_settings"),
        ),
        Operation("let go of notices that were read", forget_read, on_day=NOTICE_DAYS + 1, apart=True, touches=("notification", "feed")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("notification", "user_settings"),
    attacks=({"command": "deliver"}, {"command": "see"}, {"command": "open"}, {"command": "finish"}),
    entered=_entered(),
)
