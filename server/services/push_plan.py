"""The first half of a push: what is due for a reader goes on to each of the reader's targets, is held back, or need not be sent."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from notifications.plan import HOUR_MS, Pending, Verdict, Wish, arrange
from notifications.push import CHANNEL_OF, ChannelName, TargetKind
from server.domain.notice_kinds import KINDS
from server.models import RECORD_TABLES
from server.store import outbox, robots, targets
from server.store.hot import Row
from server.store.outbox import LOG, ROBOT
from shared_schema.records.notification import NotificationState, Urgency
from shared_schema.zones import zone

WORDS_DECODER: Final = msgspec.msgpack.Decoder(tuple[str, ...])
CHOSEN: Final = (ChannelName.webpush, ChannelName.fcm, ChannelName.robot)
"""The channels that a user may not want; the log is nobody's."""
PROFILE: Final = RECORD_TABLES["organisation"]
COMMON: Final = tuple(PROFILE.c[name] for name in ("time_zone", "quiet_from", "quiet_until"))
"""What users have who set nothing of their own."""


class Reader(Struct, frozen=True):
    """A reader who is active. `listed`: groups of notices that come without a push. `muted`: `channel:group` that do not come so."""

    language: str
    wish: Wish
    listed: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()

    def unwanted(self, kind: str, urgency: int) -> frozenset[str]:
        """The channels by which the reader wants no notice of this kind; a critical one comes by each."""
        known = KINDS.get(kind)
        if known is None or urgency == Urgency.critical:
            return frozenset()
        return frozenset(channel.value for channel in CHOSEN if f"{channel.value}:{known.group.value}" in self.muted)


class Known(Struct, frozen=True):
    """What the notices that are due say, by their ids, and how their readers want to hear."""

    told: Mapping[bytes, Row]
    readers: Mapping[bytes, Reader]


def plan(conn: sa.Connection, org_id: int, limit: int, now_ms: int, ways: Collection[ChannelName]) -> int:
    """Plan what is due for the readers of one organisation, in this transaction; how many rows there were.

    `ways`: the providers that this server has.
    """
    rows = outbox.readers(conn, org_id, limit, now_ms)
    if not rows:
        return 0
    told = {bytes(row.id): row for row in outbox.TOLD.run(conn, org_id, [bytes(row.notification_id) for row in rows])}
    readers = readers_of(conn, org_id, {bytes(row.user_id) for row in rows})
    ends = {
        bytes(row.notification_id): needless(told.get(bytes(row.notification_id)), bytes(row.user_id) in readers, now_ms) for row in rows
    }
    needed = [row for row in rows if not ends[bytes(row.notification_id)]]
    verdicts = [Verdict(key, state) for key, state in ends.items() if state]
    known = Known(told, readers)
    verdicts += _arranged(conn, org_id, needed, known, now_ms)
    outbox.decide(conn, org_id, [_decided(one, now_ms) for one in verdicts])
    going = {one.id: one for one in verdicts if one.state == "planned"}
    planned = [row for row in rows if bytes(row.notification_id) in going]
    outbox.insert(conn, org_id, _lines(conn, org_id, planned, going, known, ways) if planned else [])
    return len(rows)


def needless(told: Row | None, is_active: bool, now_ms: int) -> str:
    """Why a notice need not be sent any more, as the state of its push; empty: it must be (D-941)."""
    if told is None or told.state == NotificationState.done:
        return "cancelled_done"
    if not is_active:
        return "cancelled_left"
    if told.state >= NotificationState.seen:
        return "cancelled_seen"
    return "cancelled_late" if told.deadline_ms is not None and now_ms > told.deadline_ms else ""


def readers_of(conn: sa.Connection, org_id: int, user_ids: Collection[bytes]) -> dict[bytes, Reader]:
    """How the active ones of these users want to hear."""
    active = {bytes(row.id) for row in outbox.ACTIVE.run(conn, org_id, user_ids)}
    languages = {bytes(row.user_id): str(row.language) for row in outbox.ACCOUNTS.run(conn, org_id, active)}
    wishes = {bytes(row.id): row for row in outbox.WISHES.run(conn, org_id, active)}
    profile = conn.execute(sa.select(*COMMON).where(PROFILE.c.org_id == org_id).limit(1)).first()
    common = Wish(zone(profile.time_zone), profile.quiet_from, profile.quiet_until) if profile is not None else Wish(zone("UTC"))
    return {user_id: _reader(wishes.get(user_id), languages[user_id], common) for user_id in active if user_id in languages}


def _reader(row: Row | None, language: str, common: Wish) -> Reader:
    if row is None:
        return Reader(language, common)
    quiet = common if row.quiet_from is None or row.quiet_until is None else row
    wish = Wish(zone(row.time_zone) if row.time_zone else common.zone, quiet.quiet_from, quiet.quiet_until)
    return Reader(row.language or language, wish, frozenset(WORDS_DECODER.decode(row.listed)), frozenset(WORDS_DECODER.decode(row.muted)))


def _arranged(conn: sa.Connection, org_id: int, rows: Sequence[Row], known: Known, now_ms: int) -> list[Verdict]:
    """What becomes of the notices that must be sent, reader by reader."""
    told, readers = known.told, known.readers
    by_reader: dict[bytes, list[Pending]] = {}
    for row in rows:
        notice, user_id = told[bytes(row.notification_id)], bytes(row.user_id)
        kind = KINDS.get(notice.kind)
        pending = Pending(
            bytes(row.notification_id),
            row.made_ms,
            critical=notice.urgency == Urgency.critical,
            listed=kind is not None and kind.group in readers[user_id].listed,
            held=row.state == "held",
            unwanted=readers[user_id].unwanted(notice.kind, notice.urgency),
        )
        by_reader.setdefault(user_id, []).append(pending)
    recent: dict[bytes, list[int]] = {}
    for row in outbox.planned_since(conn, org_id, by_reader, now_ms - HOUR_MS) if by_reader else []:
        recent.setdefault(bytes(row.user_id), []).append(row.sent_ms)
    return [one for user, mine in by_reader.items() for one in arrange(mine, readers[user].wish, recent.get(user, []), now_ms)]


def _decided(one: Verdict, now_ms: int) -> dict[str, Any]:
    sent_ms = now_ms if one.state in ("planned", "digested") else None
    return {"notification_id": one.id, "state": one.state, "due_ms": one.due_ms, "sent_ms": sent_ms, "stands_for": one.stands_for}


def _lines(
    conn: sa.Connection,
    org_id: int,
    rows: Sequence[Row],
    going: Mapping[bytes, Verdict],
    known: Known,
    ways: Collection[ChannelName],
) -> list[dict[str, Any]]:
    """A row for each target of each reader that was not tried yet; where there is none, for the robot, and without one for the log. The
    reader may want none by some of these channels."""
    devices: dict[bytes, list[tuple[int, ChannelName]]] = {}
    for row in targets.living(conn, org_id, {bytes(row.user_id) for row in rows}):
        channel = CHANNEL_OF[TargetKind(row.kind)]
        if channel in ways:
            devices.setdefault(bytes(row.user_id), []).append((row.line_no, channel))
    tried: dict[bytes, set[int]] = {}
    for row in outbox.LINES.run(conn, org_id, list(going)):
        tried.setdefault(bytes(row.notification_id), set()).add(row.line_no)
    last = [(ROBOT, ChannelName.robot)] if robots.find(conn, org_id) is not None else []
    last.append((LOG, ChannelName.log))
    made = []
    for row in rows:
        key, user_id = bytes(row.notification_id), bytes(row.user_id)
        notice = known.told[key]
        unwanted = known.readers[user_id].unwanted(notice.kind, notice.urgency)
        open_ones = [one for one in (*devices.get(user_id, []), *last) if one[0] not in tried[key] and one[1].value not in unwanted]
        fresh = [one for one in open_ones if one not in last] or open_ones[:1]
        for line_no, channel in fresh:
            made.append(
                {"notification_id": key, "line_no": line_no, "user_id": user_id, "channel": channel.value, "due_ms": row.due_ms,
                 "made_ms": row.due_ms, "stands_for": going[key].stands_for}
            )  # fmt: skip
    return made
