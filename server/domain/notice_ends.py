"""What ends a notice before its time: how the record stands that it is about, if it is still there (D-903, D-904)."""

from collections.abc import Callable

from shared_schema.records.base import Record
from shared_schema.records.contest import Contest, ContestState
from shared_schema.records.customer import FollowUp, Standing
from shared_schema.records.duplicate import Duplicate, DuplicateState
from shared_schema.records.extension import Extension, ExtensionState
from shared_schema.records.hold import PoolHold
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.instruction import Instruction, InstructionState
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.quote import Quote, QuoteStatus

Ends = Callable[[Record | None, bytes], bool]
"""(the record that a notice is about, None if it is gone; the notice's reader) → whether it need not be heard any more."""


def is_closed(record: Record | None, _user_id: bytes) -> bool:
    """The card is no longer open."""
    return not isinstance(record, InboxItem) or record.state != ItemState.open


def went_on(record: Record | None, user_id: bytes) -> bool:
    """The customer has another owner."""
    return not isinstance(record, Standing) or record.owner_id != user_id


def is_back(record: Record | None, _user_id: bytes) -> bool:
    """The customer is no longer archived: it is somebody's again, or in a pool."""
    return not isinstance(record, Standing) or record.owner_id is not None or record.pool_id is not None


def never(_record: Record | None, _user_id: bytes) -> bool:
    """A notice that tells of something past: nothing ends it but its time."""
    return False


def is_left(*states: QuoteStatus) -> Ends:
    """The quote is in none of these states."""
    return lambda record, _user_id: not isinstance(record, Quote) or record.status not in states


def is_at(state: InstructionState) -> Ends:
    """The instruction has come so far."""
    return lambda record, _user_id: not isinstance(record, Instruction) or record.state >= state


def is_done(record: Record | None, _user_id: bytes) -> bool:
    """The follow-up is done."""
    return not isinstance(record, FollowUp) or record.done


def is_decided(record: Record | None, _user_id: bytes) -> bool:
    """The author of the instruction has decided."""
    return not isinstance(record, Instruction) or record.state not in (InstructionState.declined, InstructionState.done)


def is_settled(record: Record | None, _user_id: bytes) -> bool:
    """The pair was decided."""
    return not isinstance(record, Duplicate) or record.state != DuplicateState.undecided


def is_answered(record: Record | None, _user_id: bytes) -> bool:
    """The request for more time was decided, or it lapsed."""
    return not isinstance(record, Extension) or record.state != ExtensionState.asked


def is_ruled(record: Record | None, _user_id: bytes) -> bool:
    """The contest was decided."""
    return not isinstance(record, Contest) or record.state != ContestState.undecided


def is_over(record: Record | None, _user_id: bytes) -> bool:
    """The hold has ended."""
    return not isinstance(record, PoolHold) or record.holder_id is None


def is_delivered(record: Record | None, _user_id: bytes) -> bool:
    """A device has the other notice."""
    return not isinstance(record, Notification) or record.state >= NotificationState.delivered
