"""Entries that could not simply be applied: every parked or refused entry stands here until its author decides."""

from enum import IntEnum
from typing import Annotated, Any, Final

import msgspec

from shared_schema.elements import SetChange
from shared_schema.entity import Entity
from shared_schema.policy import EVIDENCE, SERVER, Lane, OfUsers, Policy
from shared_schema.records.base import Command, Record
from shared_schema.scalars import DistanceMm, EpochMs, Id, Revision, Sequence, Word

Value = None | bool | int | str | bytes | tuple[Any, ...] | list[Any] | dict[str, Any] | SetChange
"""A field; the set of a record is a tuple of tagged elements, on a card a list or {add, remove}; a patch of one is a SetChange."""
Values = dict[str, Any]
"""Field name → Value (a decoder cannot tell text from bytes in a union). A custom field is named `extra.<key>`."""


class ItemState(IntEnum):
    """Where an inbox item stands."""

    unknown = 0
    open = 1
    used_mine = 2
    kept_theirs = 3
    met = 4
    """The values met on their own."""
    dismissed = 5
    """The author has read a refusal."""
    sent = 6
    """With a manager, who decides in the author's place."""
    judged_anew = 7
    """The record for which it waited came, or came to its author: the waiting entries were carried out."""


class Member(msgspec.Struct, frozen=True, array_like=True):
    """One mutation, or one field group of one, that waits. `theirs` is empty where the author may not see it."""

    n: Sequence
    kind: int
    entity: int
    id: Id
    group: str
    base_rev: Revision
    their_rev: Revision
    their_user_id: Id | None
    before: Values
    mine: Values
    theirs: Values


class InboxItem(Record, frozen=True, array_like=True):
    """One decision to take. Conflict: one member per field group; a parked group: one member per mutation."""

    holder_id: Annotated[Id, SERVER]
    line_no: Annotated[int, SERVER]
    code: Annotated[Word, SERVER]
    """Problem code in words: conflict, rule_broken, moved, server_owned, …"""
    state: Annotated[ItemState, SERVER]
    created_ms: Annotated[EpochMs, SERVER]
    customer_id: Annotated[Id | None, SERVER] = None
    members: Annotated[tuple[Member, ...], SERVER] = ()
    earlier: Annotated[tuple[Member, ...], SERVER] = ()
    """Earlier entries of the author in the same place, oldest first: never lost, at most 20."""
    field: Annotated[str | None, SERVER] = None
    """The field at fault, if one was."""
    decided_ms: Annotated[EpochMs | None, SERVER] = None
    origin_id: Annotated[Id | None, SERVER] = None
    """The item that was sent here; it closes with this one."""
    retry_at_ms: Annotated[EpochMs | None, SERVER] = None
    """When the same may be entered anew with success, where the refusal says so (D-128)."""
    distance_mm: Annotated[DistanceMm | None, SERVER, EVIDENCE] = None
    """How far from the place on the pool's card a claim was that came from too far away (D-135)."""


class KeepTheirs(Command, frozen=True, tag="keep_theirs"):
    """Close a conflict: the server's value stays. On an inbox item."""


class Dismiss(Command, frozen=True, tag="dismiss"):
    """Close a refusal that the author has read. On an inbox item."""


class SendUp(Command, frozen=True, tag="send_to_manager"):
    """Let the manager decide. On an open inbox item."""


ENTITIES: Final = (
    Entity(11, InboxItem, Policy.server, Lane.now, OfUsers(("holder_id",), about="customer_id"), commands=(KeepTheirs, Dismiss, SendUp)),
)
