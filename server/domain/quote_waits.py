"""A quote that waits for approval while its customer gets other followers: the managers above them hear of it (D-328)."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature
from server.domain.follow_ups import follower
from server.domain.needs import Above, Asking, Need, Rows
from server.domain.quote_decisions import waiting
from server.domain.reminder import Occasion, Reminder
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.records.reference import Person
from sync.state import State

KIND: Final = "quote_submitted"


def occasions(state: State, quote: Quote, now_ms: int) -> Iterable[Occasion]:
    """At once: all who stand above the follower and hold no open notice of the quote. In a pool nobody decides, so nobody hears."""
    above = state.leaders.get(follower(state, quote.customer_id, quote.author_id) or b"", ())
    told = {one.user_id for one in _open(state, quote)}
    for manager_id in above:
        if manager_id not in told:
            yield Occasion(waiting(state, quote, quote.author_id, manager_id, once=f"moved:{now_ms}"), now_ms)


def _open(state: State, quote: Quote) -> Iterable[Notification]:
    kept = (held.record for held in state.held.values() if isinstance(held.record, Notification))
    return (one for one in kept if one.kind == KIND and one.subject_id == quote.id and one.state is not NotificationState.done)


def earliest(quote: Quote) -> int | None:
    """At once, while it waits."""
    return 0 if quote.status is QuoteStatus.submitted else None


def to_remind(asking: Asking, quote: Quote) -> Iterable[Need]:
    """Its author, who stands above its follower, and who was told."""
    yield Rows(Notification, frozenset({quote.id}), by="subject_id")
    if quote.author_id is not None:
        yield Rows(Person, frozenset({quote.author_id}))
    user_id = follower(asking.state, quote.customer_id, quote.author_id)
    if user_id is not None:
        yield Above(user_id)


WAITING: Final = Reminder("quote_waiting", Quote, (), earliest, occasions, to_remind, moved_only=True)
FEATURE: Final = Feature(reminders=(WAITING,))
