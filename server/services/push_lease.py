"""The second half of a push: a worker leases what is due for targets, looks once more whether it must be sent, and keeps what was said."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from notifications.plan import digest_line, language_of, quiet_until_ms
from notifications.push import ChannelName, Collapse, Push, Target, TargetKind
from notifications.robot import Robot
from server.domain.notice_kinds import KINDS, PLACES, Group
from server.domain.notices import NOTICES
from server.domain.reclaim import BELOW, WARNING
from server.services.push_plan import Reader, needless, readers_of
from server.store import outbox, robots, targets
from server.store.hot import Row
from server.store.outbox import READER, ROBOT, Place, Skipped
from shared_schema.notices import Language
from shared_schema.records.notification import Urgency
from shared_schema.registry import BY_NUMBER

TITLE: Final = "Outrider"
NEWS: Final = {Language.zh: "有新消息", Language.en: "There is news"}
DIGEST: Final = "digest"
"""The kind of a push that stands for several notices."""
LIST: Final = "notices"
COLLAPSE: Final = {Group.instructions: Collapse.instruction, Group.reminders: Collapse.reminder}
LIFE_S_MIN: Final = 60
MENTIONS_DECODER: Final = msgspec.msgpack.Decoder(dict[bytes, str])


class Leased(Struct, frozen=True):
    """One push in the hands of a worker. `since_ms`: when its target was registered; `tried_ms`: when it was tried before.

    `doubted`: the provider doubted the target each time since `fails` began to count.
    """

    org_id: int
    place: Place
    channel: ChannelName
    push: Push
    tries: int
    fails: int
    since_ms: int
    tried_ms: int | None
    made_ms: int
    doubted: bool = False


class Lease(Struct, frozen=True):
    """What is to be sent, and how many rows were looked at for it."""

    going: list[Leased]
    looked_at: int


class Settled(Struct, frozen=True):
    """What became of a leased push. `retires`: its target goes."""

    one: Leased
    state: str
    due_ms: int | None
    fails: int
    sent_ms: int | None = None
    retires: bool = False


def lease(conn: sa.Connection, org_id: int, limit: int, now_ms: int, skipped: Skipped) -> Lease:
    """Lease what is due for targets of one organisation. What need not be sent any more is cancelled, what is due in quiet hours waits."""
    rows = outbox.lease(conn, org_id, limit, now_ms, skipped)
    if not rows:
        return Lease([], 0)
    told = {bytes(row.id): row for row in outbox.TOLD.run(conn, org_id, {bytes(row.notification_id) for row in rows})}
    users = {bytes(row.user_id) for row in rows}
    readers = readers_of(conn, org_id, users)
    reached = {row.line_no: row for row in targets.living(conn, org_id, users)}
    robot = robots.find(conn, org_id) if any(row.line_no == ROBOT for row in rows) else None
    going, settled = [], []
    for row in rows:
        notice, reader = told.get(bytes(row.notification_id)), readers.get(bytes(row.user_id))
        target = _target(row, reached.get(row.line_no), robot)
        state = needless(notice, reader is not None, now_ms) or ("" if target else "cancelled_target")
        if state or notice is None or reader is None or target is None:
            settled.append(_kept(row, state, None))
        elif (quiet_ms := quiet_until_ms(reader.wish, now_ms)) is not None and notice.urgency != Urgency.critical:
            settled.append(_kept(row, row.state, quiet_ms))
        else:
            since_ms = reached[row.line_no].since_ms if row.line_no > READER else 0
            going.append(_leased(org_id, row, since_ms, told_to(row, notice, reader, target, now_ms)))
    outbox.settle(conn, org_id, settled)
    digests = {bytes(row.notification_id) for row in rows if (row.stands_for or 1) > 1}
    over = [one for one in settled if one["due_ms"] is None]
    anew = [one["place"][0] for one in over if one["state"] == "cancelled_target" or one["place"][0] in digests]
    outbox.plan_again(conn, org_id, anew, now_ms)
    return Lease(going, len(rows))


def _kept(row: Row, state: str, due_ms: int | None) -> dict[str, Any]:
    place = (bytes(row.notification_id), row.line_no)
    return {"place": place, "tries": row.tries + 1, "state": state, "due_ms": due_ms, "fails": row.fails, "sent_ms": None}


def _leased(org_id: int, row: Row, since_ms: int, push: Push) -> Leased:
    place = (bytes(row.notification_id), row.line_no)
    channel = ChannelName(row.channel)
    return Leased(org_id, place, channel, push, row.tries + 1, row.fails or 0, since_ms, row.tried_ms, row.made_ms, row.state == "doubted")


def _target(row: Row, device: Row | None, robot: Row | None) -> Target | None:
    """Where the push goes; None: the device or the robot is gone."""
    if row.line_no > READER:
        return Target(TargetKind(device.kind), device.address) if device is not None else None
    if row.line_no != ROBOT:
        return Target(None, "")
    if robot is None:
        return None
    mention = MENTIONS_DECODER.decode(robot.mentions).get(bytes(row.user_id), "")
    return Target(None, msgspec.json.encode(Robot(robot.url, robot.secret, mention)).decode())


def told_to(row: Row, notice: Row, reader: Reader, target: Target, now_ms: int) -> Push:
    """The push: ids, and a line that anybody may see; no word of a customer (D-942)."""
    language, count = language_of(reader.language), row.stands_for or 1
    said = NOTICES[notice.kind][language].line if notice.kind in NOTICES else NEWS[language]
    tag, to = (DIGEST, LIST) if count > 1 else _subject(notice)
    data = {"kind": DIGEST if count > 1 else notice.kind, "id": str(UUID(bytes=bytes(notice.id))), "tag": tag, "to": to}
    ends_ms = notice.deadline_ms if notice.deadline_ms is not None else now_ms
    return Push(
        target=target,
        tag=tag,
        title=TITLE,
        body=digest_line(count, language) if count > 1 else said,
        collapse=_collapse(notice.kind),
        data=data | ({"count": str(count)} if count > 1 else {}) | ({"user": bytes(row.user_id).hex()} if target.kind is None else {}),
        life_s=max(LIFE_S_MIN, (ends_ms - now_ms) // 1_000),
        urgent=notice.urgency >= Urgency.normal,
    )


def _collapse(name: str) -> Collapse:
    """What replaces what while a device is away: a warning before a reclaim is replaced by no other reminder."""
    if name in (WARNING, BELOW):
        return Collapse.reclaim
    return COLLAPSE.get(KINDS[name].group, Collapse.sync) if name in KINDS else Collapse.sync


def _subject(notice: Row) -> tuple[str, str]:
    """What a later push about the same thing replaces, and the address in the app to which a touch leads."""
    entity = BY_NUMBER.get(notice.subject_entity)
    if entity is None or notice.subject_id is None:
        return f"notification {UUID(bytes=bytes(notice.id))}", LIST
    record_id = UUID(bytes=bytes(notice.subject_id))
    return f"{entity.name} {record_id}", PLACES.get(entity.number, LIST).format(id=record_id)


def settle(conn: sa.Connection, org_id: int, settled: Sequence[Settled], now_ms: int) -> int:
    """Keep what became of pushes of one organisation, and let go of targets that their provider named as gone; how many went."""
    outbox.settle(conn, org_id, [_row(one) for one in settled])
    gone = 0
    for one in settled:
        if one.retires:
            gone += targets.retire(conn, org_id, one.one.place[1], one.one.since_ms)
    dead = [one.one.place[0] for one in settled if one.due_ms is None and one.state != "sent"]
    outbox.plan_again(conn, org_id, dead, now_ms)
    return gone


def _row(one: Settled) -> Mapping[str, Any]:
    return {
        "place": one.one.place,
        "tries": one.one.tries,
        "state": one.state,
        "due_ms": one.due_ms,
        "fails": one.fails,
        "sent_ms": one.sent_ms,
    }
