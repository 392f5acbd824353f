"""Where a customer stands, by its ownership events alone. Pure; nothing here asks the code that writes the standing."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from shared_schema.records.customer import Standing

GIVEN: Final = ("created", "claimed", "transferred", "unarchived", "given_back")
TAKEN: Final = ("released", "reclaimed", "archived")


class Line(NamedTuple):
    """One ownership event. `user_id`: the user concerned; `at_ms`: 0 where nobody kept it."""

    customer_id: bytes
    epoch: int
    kind: str
    user_id: bytes | None
    pool_id: bytes | None
    at_ms: int = 0


class Stand(NamedTuple):
    """What events tell of a standing: owner or pool, since when, the owner before, and the users beside the owner.

    A lock, an extension and a tier are changes of a standing that bring it to no other epoch: no event tells them.
    """

    owner_id: bytes | None
    pool_id: bytes | None
    epoch: int
    since_ms: int
    last_owner_id: bytes | None
    last_owned_until_ms: int | None
    collaborators: frozenset[bytes]


def replayed(lines: Iterable[Line]) -> Stand | None:
    """Where the lines of one customer lead; None: they leave out an epoch, or cannot have happened one after the other."""
    now: Stand | None = None
    for epoch, line in enumerate(lines, 1):
        now = _next(now, line) if line.epoch == epoch and (now is None) == (line.kind == "created") else None
        if now is None:
            return None
    return now


def stand(standing: Standing, collaborators: Iterable[bytes], *, moments: bool = True) -> Stand:
    """What the standing itself says. `moments`: whether the lines keep theirs."""
    until_ms = standing.last_owned_until_ms if moments or standing.last_owned_until_ms is None else 0
    since_ms = standing.owned_since_ms if moments else 0
    places = (standing.owner_id, standing.pool_id, standing.epoch, since_ms, standing.last_owner_id, until_ms)
    return Stand(*places, frozenset(collaborators))


def _next(now: Stand | None, line: Line) -> Stand | None:
    user_id = line.user_id
    if line.kind == "collaborator" and now is not None and user_id is not None and now.owner_id is not None:
        return now._replace(epoch=line.epoch, collaborators=now.collaborators | {user_id})
    if line.kind == "collaborator_ended" and now is not None and user_id in now.collaborators:
        return now._replace(epoch=line.epoch, collaborators=now.collaborators - {user_id})
    if line.kind not in (*GIVEN, *TAKEN) or not _may_follow(now, line):
        return None
    beside = now.collaborators - {user_id} if now is not None and user_id is not None else frozenset[bytes]()
    return Stand(user_id, line.pool_id, line.epoch, line.at_ms if user_id is not None else 0, *_last(now, line), beside)


def _last(now: Stand | None, line: Line) -> tuple[bytes | None, int | None]:
    """The owner before, and until when."""
    if now is None:
        return None, None
    return (now.owner_id, line.at_ms) if now.owner_id is not None else (now.last_owner_id, now.last_owned_until_ms)


def _may_follow(now: Stand | None, line: Line) -> bool:
    """One claims what is nobody's, and a customer has an owner or a pool, never both; neither while it is archived."""
    if (line.user_id is None) == (line.pool_id is None) and (line.kind != "archived" or line.user_id is not None):
        return False
    was_archived = now is not None and now.owner_id is None and now.pool_id is None
    if "archived" in line.kind:
        return now is not None and was_archived == (line.kind == "unarchived")
    if was_archived:
        return False
    if now is None:
        return True
    return line.kind == "transferred" or (now.owner_id is None) == (line.kind in ("claimed", "given_back"))
