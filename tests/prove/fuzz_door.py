"""Bodies through the codec's own functions, without HTTP: each is taken or refused by a Problem of 4xx, quickly and in little memory."""

import asyncio
import contextlib
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Request
from msgspec import Struct

from mobile_api import codec
from shared_schema.problem import Problem
from shared_schema.wire import ENCODER, REQUEST_DECODER, SyncRequest
from sync.admission import numbered
from sync.decode import understand
from sync.fold import Sent as Entry
from tests.prove.fuzz_bodies import REST_BODIES, SYNC, Sent
from tests.prove.fuzz_mutants import ALONE, HONEST, KINDS, Mutant, mutant

SECONDS_MAX: Final = 0.25
GROWTH_BYTES_MAX: Final = 64 * 1024 * 1024
REST_SHARE: Final = 0.2
CODES: Final = (
    *("not_acceptable", "body_too_large", "content_type_unknown", "content_encoding_unknown", "body_missing", "body_truncated"),
    *("compression_broken", "compression_ratio", "body_malformed", "body_trailing", "body_too_deep", "body_too_many_items"),
    *("extension_type", "duplicate_key", "field_wrong", "text_unclean"),
)
"""Every refusal the door knows for a body."""
MUTATION_CODES: Final = (
    *(
        "field_wrong",
        "text_unclean",
        "entity_unknown",
        "kind_unknown",
        "command_unknown",
        "field_unknown",
        "server_owned",
        "fixed_field",
        "immutable",
    ),
)
BEFORE_TEXT: Final = ("server_owned", "fixed_field", "immutable", "entity_unknown", "kind_unknown")
"""Refusals that come before a look at the texts (P-430)."""
_RSS_UNIT_BYTES: Final = 1 if sys.platform == "darwin" else 1024


class Fault(Struct, frozen=True):
    """One body that was not answered as promised; (seed, body) makes it again."""

    seed: int
    body: int
    kind: str
    what: str


class Share(Struct):
    """What came of some bodies."""

    counts: Counter[str]
    faults: list[Fault]


def wanted() -> list[str]:
    """What must have happened at least once."""
    kinds = [f"kind {kind}" for kind in KINDS]
    return [*kinds, "taken", *(f"code {code}" for code in CODES), *(f"mutation {code}" for code in MUTATION_CODES), "mutation understood"]


def made(seed: int, index: int) -> Mutant:
    """The body number `index` of a seed: the same whenever it is made."""
    dice = random.Random(seed * 2**40 + index)
    path = dice.choice(tuple(REST_BODIES)) if dice.random() < REST_SHARE else SYNC
    return mutant(dice, index, path)


def many(work: tuple[int, Sequence[int]]) -> Share:
    """Put the bodies of these numbers through the door."""
    return asyncio.run(many_here(*work))


async def many_here(seed: int, indexes: Sequence[int]) -> Share:
    """The same on a loop that runs already."""
    share = Share(Counter(), [])
    for index in indexes:
        kind, sent = made(seed, index)
        share.counts[f"kind {kind}"] += 1
        before_bytes, began_s = _peak_bytes(), time.thread_time()
        try:
            said, wrong = await through(sent, share.counts), ""
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the proof looks for
            said, wrong = "error", repr(error)
        spent_s, grown_bytes = time.thread_time() - began_s, _peak_bytes() - before_bytes
        if spent_s > SECONDS_MAX:
            spent_s = await _again_s(sent)
        share.counts[said] += 1
        if kind == HONEST and said != "taken":
            wrong = f"an honest body was refused: {said}"
        if kind == ALONE and sent.path == SYNC and not wrong:
            wrong = _not_alone(sent) if said == "taken" else f"one bad entry refused its request: {said}"
        if spent_s > SECONDS_MAX or grown_bytes > GROWTH_BYTES_MAX:
            wrong = wrong or f"{spent_s:.2f} s, {grown_bytes:,} more bytes"
        if wrong:
            share.faults.append(Fault(seed, index, kind, wrong[:300]))
    return share


async def _again_s(sent: Sent) -> float:
    """Seconds of the processor for the same body once more: a collection of all garbage falls on some body, and only on one of the two."""
    began_s = time.thread_time()
    with contextlib.suppress(Exception):
        await through(sent, Counter())
    return time.thread_time() - began_s


async def through(sent: Sent, counts: Counter[str]) -> str:
    """What the door says. Any exception but a Problem of 4xx is a fault."""
    try:
        if sent.path == SYNC:
            request = await codec.read_sync(asked(sent))
            _whole(request)
            _each_mutation(request, counts)
        else:
            await codec.read(asked(sent), REST_BODIES[sent.path][0])
    except Problem as problem:
        return f"code {_word(problem)}"
    return "taken"


def _not_alone(sent: Sent) -> str:
    """Who was refused for a lone surrogate and holds none, or holds one and was not; empty when nobody."""
    found = []
    for one in entries(sent):
        code = one.problem.code.word if one.problem is not None else ""
        try:
            if one.mutation is not None:
                understand(one.mutation)
        except Problem as problem:
            code = problem.code.word
        if code not in BEFORE_TEXT and (code == "text_unclean") != is_poisoned(one):
            found.append(f"n {one.n}: {code or 'understood'}")
    return ", ".join(found)


def is_poisoned(entry: Entry) -> bool:
    """Whether a text in it is none."""
    try:
        msgspec.msgpack.decode(entry.raw)
    except UnicodeError:
        return True
    return False


def entries(sent: Sent) -> list[Entry]:
    """The mutations of a push that the door takes."""
    request = codec.sync_request(codec.Received(sent.body, sent.media or ""))
    return numbered(bytes(raw) for raw in request.mutations)


def _whole(request: SyncRequest) -> None:
    """What came through is what it says: it survives the way to bytes and back."""
    if REQUEST_DECODER.decode(ENCODER.encode(request)) != request:
        raise AssertionError("a request that was taken does not survive encoding")


def _each_mutation(request: SyncRequest, counts: Counter[str]) -> None:
    """Behind the door each mutation is judged by itself, when its number can be read at all."""
    for one in numbered(bytes(raw) for raw in request.mutations):
        try:
            if one.problem is not None or one.mutation is None:
                raise one.problem or AssertionError("neither understood nor refused")
            understand(one.mutation)
            counts["mutation understood"] += 1
        except Problem as problem:
            counts[f"mutation {_word(problem)}"] += 1
            problem.code.word.encode()
            msgspec.json.encode([problem.detail, problem.field])


def _word(problem: Problem) -> str:
    if not 400 <= problem.code.status < 500:
        raise AssertionError(f"{problem.code.word} is no fault of the sender")
    return problem.code.word


def header_list(sent: Sent) -> list[tuple[bytes, bytes]]:
    """The headers of a request as ASGI has them."""
    length = sent.length if sent.length is not None else str(len(sent.body))
    said = {"content-type": sent.media, "content-encoding": sent.encoding, "accept": sent.accept, "content-length": length}
    return [(name.encode(), value.encode(errors="replace")) for name, value in said.items() if value is not None]


def asked(sent: Sent) -> Request[Any, Any, Any]:
    """A request whose body arrives in one piece."""

    async def receive() -> Any:
        return {"type": "http.request", "body": sent.body, "more_body": False}

    scope: Any = {"type": "http", "method": "POST", "path": sent.path, "query_string": b"", "headers": header_list(sent)}
    return Request(scope, receive)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT_BYTES
