"""Exactly once per device line: which entries of a request are new, repeated, or another history under the same number (P-31x)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from shared_schema.problem import Code, Problem
from shared_schema.wire import Outcome, Result
from sync.decode import envelope, number_of
from sync.fold import Sent


class Answered(msgspec.Struct, frozen=True, array_like=True):
    """A stored outcome: the hash of the mutation's bytes, and the answer's bytes, repeated as they are."""

    n: int
    hash: bytes
    outcome: bytes


class Line(msgspec.Struct, frozen=True):
    """Where a device line stands on the server."""

    last_n: int
    acked_n: int


class Told(msgspec.Struct, frozen=True):
    """The outcomes of which a request speaks: those up to `acked_n` are stored on the device. `current`: its cursor is accepted. Under a
    void cursor (the server was restored, or told the line to begin anew) it speaks of outcomes which this server may never have given."""

    acked_n: int
    current: bool


class Admission(msgspec.Struct, frozen=True):
    """A request sorted. `repeated`: outcome bytes as first given · `forked`: same n, other content, never acknowledged ·
    `groups`: new atomic groups in order · `resend_from`: the device must send again from here."""

    repeated: list[bytes]
    forked: list[int]
    groups: list[list[Sent]]
    resend_from: int | None


def fingerprint(raw: bytes) -> bytes:
    """SHA-256 of the mutation's canonical msgpack."""
    return hashlib.sha256(raw).digest()


def numbered(raws: Iterable[bytes]) -> list[Sent]:
    """Read the envelopes. A broken one keeps its n, so that it is consumed alone. Raises Problem(FIELD_WRONG) if even n is unreadable."""
    sent = []
    for raw in raws:
        try:
            mutation = envelope(raw)
            sent.append(Sent(mutation.n, raw, mutation))
        except Problem as problem:
            sent.append(Sent(number_of(raw), raw, None, problem))
    return sent


def forgotten(line: Line, told: Told) -> int | None:
    """From where the device must send again before anything is taken, None when both know the same outcomes (P-314, P-317)."""
    if not told.current and told.acked_n > line.acked_n:
        return line.acked_n + 1
    return line.last_n + 1 if told.acked_n > line.last_n else None


def confirmed(line: Line, told: Told) -> int:
    """Outcomes up to here need not be kept: the device has stored them (P-316). A void cursor confirms nothing (P-317)."""
    return max(line.acked_n, min(told.acked_n, line.last_n)) if told.current else line.acked_n


def admit(sent: Sequence[Sent], line: Line, told: Told, answered: Mapping[int, Answered]) -> Admission:
    """Sort a request (P-310 to P-314, P-317)."""
    again_from = forgotten(line, told)
    if again_from is not None:
        return Admission([], [], [], again_from)
    repeated: list[bytes] = []
    forked: list[int] = []
    fresh: list[Sent] = []
    next_n = line.last_n + 1
    resend_from = None
    for one in sent:
        if one.n < next_n:
            known = answered.get(one.n) if one.n > line.acked_n else None
            if known is not None and known.hash == fingerprint(one.raw):
                repeated.append(known.outcome)
            else:
                forked.append(one.n)
        elif one.n == next_n:
            fresh.append(one)
            next_n += 1
        else:
            resend_from = next_n
            break
    if forked:  # entries after another history wait with it: all are renumbered, and their order is kept
        return Admission(repeated, forked, [], None)
    return Admission(repeated, [], grouped(fresh), resend_from)


def forked_outcome(n: int) -> Outcome:
    """Another history under a number already used: enrol a new line and renumber the pending entries (P-312)."""
    return Outcome(n, Result.forked, Code.forked.word, Code.forked.remedy.value)


def grouped(fresh: Sequence[Sent]) -> list[list[Sent]]:
    """Cut into atomic groups. A group that is not whole in this request, or numbered wrongly, is refused member by member (P-321)."""
    groups: list[list[Sent]] = []
    at = 0
    while at < len(fresh):
        place = fresh[at].mutation.group if fresh[at].mutation else None  # type: ignore[union-attr]
        count = place.count if place is not None else 1
        members = list(fresh[at : at + count])
        if count == 1 or _whole(members, count):
            groups.append(members)
            at += count
        else:
            problem = Problem(Code.group_incomplete, "an atomic group must be sent whole and in order within one request")
            groups.append([Sent(fresh[at].n, fresh[at].raw, fresh[at].mutation, fresh[at].problem or problem)])
            at += 1
    return groups


def _whole(members: Sequence[Sent], count: int) -> bool:
    first_n = members[0].n
    return len(members) == count and all(
        one.mutation is not None
        and (one.mutation.group.first_n, one.mutation.group.index, one.mutation.group.count) == (first_n, index, count)
        for index, one in enumerate(members)
    )
