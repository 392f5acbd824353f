"""Notifications: what a user should hear, each once, and the receipts that the user's devices give (D-9xx)."""

from enum import IntEnum
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.policy import FIXED, RISING, SEARCHED, SERVER, Group, Lane, OfUsers, Policy, Receiving
from shared_schema.records.base import Command, Record
from shared_schema.scalars import EpochMs, Id, Key, Line, Minute, Word

FACTS_MAX: Final = 8
Facts = Annotated[dict[Key, Line], Meta(max_length=FACTS_MAX)]
"""The facts with which an app puts a notice into words, by the names in the words' braces."""


class NotificationState(IntEnum):
    """How far a notification came. `delivered`, `seen` and `opened` come from a device of its reader alone."""

    unknown = 0
    made = 1
    delivered = 2
    seen = 3
    opened = 4
    done = 5
    """Its reader has done with it, or what it asks for was done."""


class Urgency(IntEnum):
    """How a notification comes. Nobody switches a critical one off, and it comes in quiet hours too."""

    unknown = 0
    low = 1
    normal = 2
    critical = 3


class NoticeDelivered(Command, frozen=True, tag="deliver"):
    """A device of the reader has stored the notification. The device says so by itself (P-630)."""

    quiet: ClassVar[bool] = True


RECEIVING: Final = Receiving("user_id", NoticeDelivered, NotificationState.delivered)


class Notification(Record, frozen=True, array_like=True):
    """One thing that a user should hear. `subject_entity` and `subject_id` name the record that it is about; entity 0: none."""

    user_id: Annotated[Id, SERVER]
    kind: Annotated[Word, SERVER]
    made_ms: Annotated[EpochMs, SERVER]
    subject_entity: Annotated[int, Meta(ge=0, le=255), SERVER] = 0
    subject_id: Annotated[Id | None, SERVER, SEARCHED] = None
    facts: Annotated[Facts, SERVER] = {}
    urgency: Annotated[Urgency, SERVER] = Urgency.normal
    deadline_ms: Annotated[EpochMs | None, SERVER] = None
    """From then on nobody need hear it: it is not sent any more."""
    state: Annotated[NotificationState, SERVER, RISING, RECEIVING] = NotificationState.made
    delivered_ms: Annotated[EpochMs | None, SERVER, RISING] = None
    seen_ms: Annotated[EpochMs | None, SERVER, RISING] = None
    opened_ms: Annotated[EpochMs | None, SERVER, RISING] = None
    done_ms: Annotated[EpochMs | None, SERVER, RISING] = None


class UserSettings(Record, frozen=True, array_like=True):
    """How a user wants to hear; it has the user's own id. An empty zone is the organisation's, an empty language the account's. Quiet hours
    that are not set are the organisation's; those that begin and end at one minute are none."""

    user_id: Annotated[Id, FIXED]
    time_zone: Annotated[Line, Group("zone")] = ""
    language: Annotated[Word, Group("language")] = ""
    quiet_from: Annotated[Minute | None, Group("quiet")] = None
    quiet_until: Annotated[Minute | None, Group("quiet")] = None
    listed: Annotated[tuple[Word, ...], Meta(max_length=20), Group("kinds")] = ()
    """Groups of notices that come without a push: they stand in the list alone."""
    muted: Annotated[tuple[Word, ...], Meta(max_length=60), Group("kinds")] = ()
    """`channel:group`, such as `robot:quotes`: notices of the group do not come by that channel."""


class NoticeSeen(Command, frozen=True, tag="see"):
    """The notification was on the reader's screen."""

    quiet: ClassVar[bool] = True


class NoticeOpened(Command, frozen=True, tag="open"):
    """The reader opened it."""

    quiet: ClassVar[bool] = True


class NoticeDone(Command, frozen=True, tag="finish"):
    """The reader has done with it."""

    quiet: ClassVar[bool] = True


ENTITIES: Final = (
    Entity(
        28,
        Notification,
        Policy.server,
        Lane.notice,
        OfUsers(("user_id",), late=True),
        commands=(NoticeDelivered, NoticeSeen, NoticeOpened, NoticeDone),
    ),
    Entity(29, UserSettings, Policy.register, Lane.notice, OfUsers(("user_id",))),
)
