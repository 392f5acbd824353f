"""Which refresh tokens of a session may still be exchanged, and which are forgotten with that.

One token is in use. Beside it stand the successors given out for it, each in an answer that may have been lost. The first use of a
successor proves that its answer arrived: it is in use from then on, and the token before it is worth nothing. Another answer may still
come, late: its token is taken until LATE_MS after its making, as if the one in use had been shown (P-015). Every other token is used up: if
it is shown, somebody else has it too (P-016).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

LATE_MS: Final = 60_000
"""How long after its making a token is taken although another of the same exchange was used first."""
SUCCESSORS_MAX: Final = 16
"""Unused successors of one token, and so many late ones; beyond it the oldest are forgotten."""


class Kept(msgspec.Struct, frozen=True):
    """A token of the session that is not forgotten. `parent_hash`: of the token it was given out for; None: for a log-in."""

    hash: bytes
    parent_hash: bytes | None
    issued_ms: int


class Exchange(msgspec.Struct, frozen=True):
    """The result of an exchange: the new token is a successor of `parent_hash`."""

    parent_hash: bytes
    forgotten: list[bytes]


def exchange(kept: Sequence[Kept], shown_hash: bytes, now_ms: int) -> Exchange | None:
    """Exchange the shown one of the kept tokens, oldest first; None: it was used up, and the session has to end."""
    shown = next((one for one in kept if one.hash == shown_hash), None)
    if shown is None:
        return None
    in_use = token_in_use(kept) or shown
    current = shown
    if shown.parent_hash != in_use.hash and shown is not in_use:
        if _too_late(shown, now_ms):
            return None
        current = in_use
    successors = [one.hash for one in kept if one.parent_hash == current.hash]
    others = [one for one in kept if one is not current and one.parent_hash != current.hash]
    late = [one.hash for one in others if one is not in_use and not _too_late(one, now_ms)][-SUCCESSORS_MAX:]
    forgotten = [one.hash for one in others if one.hash not in late]
    return Exchange(current.hash, forgotten + successors[: 1 - SUCCESSORS_MAX])


def token_in_use(kept: Sequence[Kept]) -> Kept | None:
    """Return the one that has successors; None: no token of the session was exchanged yet."""
    parents = {one.parent_hash for one in kept}
    return next((one for one in kept if one.hash in parents), None)


def of_lost_time(kept: Sequence[Kept], made_ms: int, restored_ms: int) -> bool:
    """Say whether a token that is not kept was given out between a backup and the restore of it, which forgot it (P-018).

    Only then it is younger than all that is kept, and older than the restore.
    """
    return max(one.issued_ms for one in kept) < made_ms < restored_ms


def _too_late(one: Kept, now_ms: int) -> bool:
    return now_ms >= one.issued_ms + LATE_MS
