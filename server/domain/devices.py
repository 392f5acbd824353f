"""The rights of a device line in each of its states."""

from typing import Final

from shared_schema.problem import Code, Problem

PENDING: Final = "pending"
ACTIVE: Final = "active"
REVOKED: Final = "revoked"
CLOSED: Final = "closed"
"""Left behind by a fork: its user goes on with a newer line of the same installation."""


def refusal(state: str, wiped_ms: int | None) -> Problem | None:
    """Return why a line in this state gets no data; None = it gets some.

    A revoked device is told to wipe itself until its last upload has been taken, then it is only signed out.
    """
    if state == ACTIVE:
        return None
    if state == PENDING:
        return Problem(Code.device_pending, "an admin has to approve this device")
    if state == REVOKED and wiped_ms is None:
        return Problem(Code.device_wipe, "this device was revoked: remove its data")
    if state == REVOKED:
        return Problem(Code.device_revoked, "this device was revoked")
    return Problem(Code.signed_out, "this device goes on under a newer line")


def first_state(approved: bool, approval_asked: bool, was_revoked: bool) -> str:
    """Return the state of a new line: a password alone does not bring a revoked device back."""
    return ACTIVE if approved or not (approval_asked or was_revoked) else PENDING
