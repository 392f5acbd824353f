"""Envelopes of the sync protocol and the encoder and decoder singletons (docs/protocol.md).

On msgpack every envelope is an array and ids are 16 raw bytes. The JSON twin (`twin.py`) carries the same fields by name, ids as uuid text.
"""

from enum import IntEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw

from shared_schema.scalars import WIRE_INTEGER_MAX, EpochMs, Id, Revision, Sequence, Word

PROTOCOL: Final = 1
"""Integer feature level of the protocol."""
PROTOCOL_MIN: Final = 1
"""Oldest level that may still pull; an older one may push."""
SCHEMA: Final = 1
"""Version of the record schema: how many slots each entity has."""
SCHEMA_MIN: Final = 1
MUTATIONS_MAX: Final = 1_000
PAGE_BYTES_MAX: Final = 256 * 1024
PAGE_BYTES: Final = 192 * 1024
BASES_MAX: Final = 128
TILES_MAX: Final = 24
"""Tiles of about 20 km that one device may keep."""


class Kind(IntEnum):
    """The kinds of mutation."""

    create = 1
    patch = 2
    delete = 3
    command = 4
    undo = 5
    restore = 6


class Result(IntEnum):
    """The result of a mutation."""

    applied = 1
    merged = 2
    parked = 3
    rejected = 4
    duplicate = 5
    forked = 6


class Reason(IntEnum):
    """Why a record left a scope."""

    left = 1
    deleted = 2
    moved = 3


class GroupPlace(msgspec.Struct, frozen=True, array_like=True):
    """Place of a mutation in its atomic group: the group's first n, this one's index, how many there are."""

    first_n: Sequence
    index: Annotated[int, Meta(ge=0, le=499)]
    count: Annotated[int, Meta(ge=1, le=500)]


class Mutation(msgspec.Struct, frozen=True, array_like=True):
    """One entry of one device line. `bases`: field group → rev of the last server body in which the user saw it."""

    n: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    group: GroupPlace
    kind: int
    entity: int
    id: Id
    bases: Annotated[dict[Annotated[str, Meta(max_length=60)], Revision], Meta(max_length=BASES_MAX)]
    body: Raw
    """create, restore, patch, undo: map field → value, absent = untouched · delete: nil · command: map with the tag `command`."""
    device_ms: EpochMs


class SyncRequest(msgspec.Struct, frozen=True, array_like=True):
    """A phone's request: the place where the phone stands, and the entries of its user. An empty cursor asks for everything."""

    protocol: Annotated[int, Meta(ge=0, le=1_000_000)]
    schema: Annotated[int, Meta(ge=0, le=1_000_000)]
    app: Word
    cursor: Annotated[bytes, Meta(max_length=16_384)]
    acked_n: Sequence
    device_ms: EpochMs
    mutations: Annotated[list[Raw], Meta(max_length=MUTATIONS_MAX)] = []
    page_bytes: Annotated[int, Meta(ge=1, le=PAGE_BYTES_MAX)] = PAGE_BYTES
    tiles: Annotated[tuple[Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)], ...], Meta(max_length=TILES_MAX)] = ()
    """Tiles whose pooled customers the device keeps, of every pool of which its user is a member (P-126)."""
    uptime_ms: EpochMs | None = None
    """How long the device has run now, in the start that `boot` names (P-443); a browser tells neither."""
    boot: Word = ""


class Shows(msgspec.Struct, frozen=True, array_like=True):
    """Where an outcome becomes visible: the overlay ends when the cursor passes this place."""

    scope: int
    seq: Sequence


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """The answer to one mutation: codes, revs and ids, never field values."""

    n: Sequence
    result: Result
    code: str | None = None
    remedy: str | None = None
    field: str | None = None
    rev: Revision | None = None
    shows: Shows | None = None
    item_id: Id | None = None
    retry_at_ms: EpochMs | None = None


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One feed row. Live: [entity, record]. Gone: [entity, id, reason]."""

    entity: int
    body: Raw
    reason: int = 0


class ScopePage(msgspec.Struct, frozen=True, array_like=True):
    """Rows of one scope after the device's position. `begin`: the scope starts anew, sweep records that it does not name by `done`."""

    scope: int
    lane: int
    begin: bool
    position: Sequence
    head: Sequence
    done: bool
    rows: Raw
    """list[Row], spliced from stored bytes."""


class Beyond(msgspec.Struct, frozen=True, array_like=True):
    """Scopes that a device may hold and is not given, because they would exceed the number that one device holds (P-135)."""

    tiles: int = 0
    """Of the tiles that it named, the last so many."""
    reports: int = 0
    """Of its user's reports, so many."""


class SyncAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The server's answer. Apply it only if `answers` is the cursor now held."""

    protocol: int
    epoch: int
    server_ms: EpochMs
    answers: bytes
    """First 8 bytes of the SHA-256 of the request's cursor."""
    cursor: bytes
    last_n: Sequence
    backed_up_n: Sequence
    resend_from: Sequence | None
    outcomes: list[Raw]
    drop: list[int]
    pages: list[ScopePage]
    more: bool
    consistent: bool
    """True when every scope reached its head within one snapshot."""
    problem: str | None = None
    """`upgrade` codes: push was taken, pull refused."""
    anew: bool = False
    """The request's cursor counted as empty: every record on the device is in doubt until its scope has begun anew."""
    beyond: Beyond | None = None
    """None: it is given all that it may hold and has named."""


ENCODER: Final = msgspec.msgpack.Encoder()
MUTATION_DECODER: Final = msgspec.msgpack.Decoder(Mutation)
REQUEST_DECODER: Final = msgspec.msgpack.Decoder(SyncRequest)
ANSWER_DECODER: Final = msgspec.msgpack.Decoder(SyncAnswer)
OUTCOME_DECODER: Final = msgspec.msgpack.Decoder(Outcome)
ROWS_DECODER: Final = msgspec.msgpack.Decoder(list[Row])
EMPTY_LIST: Final = Raw(b"\x90")
NIL: Final = Raw(b"\xc0")
