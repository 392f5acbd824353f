"""Reminders: plans whose time comes while nobody looks, told once to the user whom they concern, and ended by a contact."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from server.database import Database
from server.jobs.remind import run
from shared_schema.records.customer import Collaborator, FollowUp, Standing
from shared_schema.records.inbox import Value
from shared_schema.records.notification import Notification, NotificationState, UserSettings
from shared_schema.records.reference import Organisation
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.prove import desk
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Scene, Stage
from tests.prove.desk import Remind
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.moves import at_desk
from tests.prove.proof import Proof
from tests.prove.reminded import waiting
from tests.prove.store import Store
from tests.prove.watch import need
from tests.world import START_MS, Phone

FOLLOW_UP: Final = BY_NAME["follow_up"]
VISIT: Final = BY_NAME["visit"]
DAY_MS: Final = 86_400_000
TOLD: Final = "36 a reminder comes at its moment, once"
CLOSED: Final = "36 a contact ends the reminder of its plan"
STEPS: Final = (
    (-1, time(18), "follow_up_tomorrow", timedelta(hours=8)),
    (0, time(8), "follow_up_today", timedelta(days=1)),
    (1, time(8), "follow_up_overdue", None),
    (3, time(8), "follow_up_overdue", None),
    (7, time(8), "follow_up_at_risk", None),
)
"""Days after the day of a plan, the hour on the reader's wall, what is heard, and how long after that day began it is of use (D-923)."""
KINDS: Final = frozenset(kind for _, _, kind, _ in STEPS)
TURNS: Final = 3
AHEAD_SHARE: Final = 0.7


def plan_follow_up(history: History, phone: Handset) -> bool:
    """A plan for a day near by, also one that is over."""
    customers = phone.shown("customer")
    if not customers:
        return False
    values: dict[str, Value] = {
        "customer_id": history.dice.choice(customers).id,
        "due_day": history.now_ms // DAY_MS + history.dice.randrange(-1, 4),
        "purpose": history.word(),
    }
    phone.enter([Edit(Kind.create, FOLLOW_UP, history.new_id(), values)], None, history.now_ms)
    if not phone.shelf.seat().forked:
        history.sync(phone)
    return True


def time_comes(history: History, phone: Handset) -> bool:
    """Time moves on to what is due next, or by some hours; the scheduler has its turn, three times in a row."""
    if not _ahead(history):
        plan_follow_up(history, phone)
    return sum(_turn(history) for _ in range(TURNS)) > 0


def visit_offline(history: History, phone: Handset) -> bool:
    """The rep whose phone shows a reminder makes the contact; the server hears of it later, perhaps after the next reminder."""
    if not _reminders(phone):
        plan_follow_up(history, phone)
        time_comes(history, phone)
        if phone.shelf.seat().forked:
            return False
        history.sync(phone)
    found = _reminders(phone)
    if not found:
        return False
    one = history.dice.choice(found)
    values: dict[str, Value] = {"customer_id": one.customer_id, "device_ms": history.now_ms, "note": history.word()}
    phone.enter([Edit(Kind.create, VISIT, history.new_id(), values)], None, history.now_ms)
    if history.dice.random() < AHEAD_SHARE:
        _turn(history)
    return True


def _ahead(history: History) -> list[int]:
    return sorted(at_ms for (rule, _, _), (at_ms, _) in history.store.dues.items() if rule == "follow_up" and at_ms > history.now_ms)


def _reminders(phone: Handset) -> list[FollowUp]:
    """The plans of which an open reminder is on the phone."""
    open_ones = [one for one in phone.shown("notification") if isinstance(one, Notification) and one.state != NotificationState.done]
    named = {one.subject_id for one in open_ones if one.kind in KINDS}
    return [one for one in phone.shown("follow_up") if isinstance(one, FollowUp) and one.id in named]


def _turn(history: History) -> bool:
    """One turn of the scheduler, and another one beside it, which finds nothing to do."""
    ahead = _ahead(history)
    if ahead and history.dice.random() < AHEAD_SHARE:
        history.now_ms = ahead[0]
    else:
        history.now_ms += history.dice.randrange(DAY_MS)
    before = history.store
    done = at_desk(history, desk.remind, Remind())
    _judge_turn(history, before)
    need(not at_desk(history, desk.remind, Remind()), TOLD, "the same moment is judged twice")
    return done


def _judge_turn(history: History, before: Store) -> None:
    """What is new of the plans' reminders is what was due: no more, no less, each for whom it concerns."""
    due = [
        (before.records[FOLLOW_UP.number, subject_id].record, max(row.since_ms for row in rows))
        for (rule, subject_id), rows in waiting(before, history.now_ms).items()
        if rule == "follow_up" and (FOLLOW_UP.number, subject_id) in before.records
    ]
    expected = {_expected(history, one, since_ms) for one, since_ms in due if isinstance(one, FollowUp) and not one.done} - {None}
    told = {key: held.record for key, held in history.store.records.items() if isinstance(held.record, Notification)}
    all_told = {(one.user_id, one.kind, one.subject_id, one.facts["day"]) for one in told.values() if one.kind in KINDS}
    new = {
        (one.user_id, one.kind, one.subject_id, one.facts["day"])
        for key, one in told.items()
        if one.kind in KINDS and key not in before.records
    }
    history.counts[TOLD] += len(new)
    need(new <= expected, TOLD, f"a reminder came that was not due: {new - expected}")
    need(expected <= all_told, TOLD, f"a reminder did not come: {expected - all_told}")


def _expected(history: History, plan: FollowUp, since_ms: int) -> tuple[bytes, str, bytes, str] | None:
    """What is heard of a plan at this moment: of the moments that have come since the plan stands as it does, the latest, while it is of
    use."""
    reader_id = _reader(history.store, plan)
    if reader_id is None:
        return None
    zone, day = _zone(history.store, reader_id), datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=plan.due_day)
    come = [
        (kind, until)
        for step, at, kind, until in STEPS
        if since_ms <= _ms(datetime.combine((day + timedelta(days=step)).date(), at, zone)) <= history.now_ms
    ]
    kind, until = come[-1] if come else ("", None)
    end = datetime.combine(day.date(), time(), zone) + until if until is not None else None
    return (reader_id, kind, plan.id, str(plan.due_day)) if kind and (end is None or _ms(end) > history.now_ms) else None


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def _reader(store: Store, plan: FollowUp) -> bytes | None:
    """The author while the author follows the customer up, else the owner (D-923)."""
    records = [held.record for held in store.records.values()]
    owner_id = next((one.owner_id for one in records if isinstance(one, Standing) and one.id == plan.customer_id), None)
    others = {one.user_id for one in records if isinstance(one, Collaborator) and one.customer_id == plan.customer_id}
    return plan.author_id if plan.author_id in {owner_id, *others} else owner_id


def _zone(store: Store, user_id: bytes) -> ZoneInfo:
    settings = store.records.get((BY_NAME["user_settings"].number, user_id))
    own = settings.record.time_zone if settings is not None and isinstance(settings.record, UserSettings) else ""
    common = next(held.record.time_zone for held in store.records.values() if isinstance(held.record, Organisation))
    return ZoneInfo(own or common)


def judge(history: History) -> None:
    """The reminders of a plan that is done are done."""
    plans = {held.record.id: held.record for held in history.store.records.values() if isinstance(held.record, FollowUp)}
    for held in history.store.records.values():
        one = held.record
        if isinstance(one, Notification) and one.kind in KINDS and one.subject_id in plans and plans[one.subject_id].done:
            history.counts[CLOSED] += 1
            need(one.state == NotificationState.done, CLOSED, "a reminder outlives the contact that was planned")


async def remind(database: Database, _: Scene) -> object:
    """A turn of the scheduler."""
    return await run(database)


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Plans of two reps for the next day, of one who has a manager above."""
    for name in ("cy", "gus"):
        shop_id = reps[name].create("customer", name=f"Shop of a plan of {name}")
        for purpose in ("samples", "prices"):
            reps[name].create("follow_up", customer_id=shop_id, due_day=START_MS // DAY_MS + 1, purpose=purpose)
        await reps[name].sync()


PROOF: Final = Proof(
    actions={plan_follow_up: 1, time_comes: 2, visit_offline: 2},
    judge=judge,
    invariants=(TOLD, CLOSED),
    operations=(
        Operation("remind of what is due", remind, on_day=2, apart=True, touches=("notification", "push", "due")),
        Operation("remind of what is overdue", remind, on_day=8, apart=True, touches=("notification", "push", "due")),
    ),
    prepare=prepare,
)
