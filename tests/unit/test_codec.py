"""The codec takes what is honest in both forms, refuses each hostile body by its own code, and answers as asked."""

import gzip
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import zstandard
from litestar import Request

from mobile_api.codec import JSON, MSGPACK, answer, read, read_sync
from mobile_api.compression import deflate, inflate
from mobile_api.scan import scan_json, scan_msgpack
from shared_schema import rest, scalars
from shared_schema.problem import Code, Problem
from shared_schema.scalars import Id, Word
from shared_schema.text import clean_text, unclean
from shared_schema.twin import id_text
from shared_schema.wire import SyncAnswer, SyncRequest
from tests.integration.hostile import GOOD, HOSTILE, ID, PATCH, SYNC, Hostile, pack, sync, zstd

pytestmark = pytest.mark.anyio


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A small REST body."""

    id: Id
    name: Word
    tags: list[Word] = []


def request(body: bytes | list[bytes], **headers: str) -> Request[Any, Any, Any]:
    """A request as the server hands it over, its body in the given pieces."""
    pieces = body if isinstance(body, list) else [body]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages[-1]["more_body"] = False
    feed = iter(messages)

    async def receive() -> Any:
        return next(feed, {"type": "http.disconnect"})

    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": lines, "state": {}}, receive)  # type: ignore[arg-type]


def hostile_request(case: Hostile) -> Request[Any, Any, Any]:
    headers = {"content_type": case.media, "content_encoding": case.encoding}
    return request(case.body, **{name: value for name, value in headers.items() if value is not None})


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
async def test_each_hostile_body_has_its_code_and_costs_little(case: Hostile) -> None:
    """P-706."""
    asked = hostile_request(case)
    started = time.process_time()
    with pytest.raises(Problem) as refused:
        await read_sync(asked)
    assert refused.value.code.word == case.code
    assert time.process_time() - started < 0.25


@pytest.mark.parametrize("case", [case for case in HOSTILE if len(case.body) > 20_000 or case.encoding], ids=lambda case: case.name)
async def test_no_hostile_body_claims_memory(case: Hostile) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Problem):
            await read_sync(hostile_request(case))
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "encode", [lambda body: (body, None), lambda body: (gzip.compress(body), "gzip"), lambda body: (zstd(body), "zstd")]
)
@pytest.mark.parametrize(("media", "body"), [(MSGPACK, GOOD), (JSON, sync()), (f"{JSON}; charset=UTF-8", sync())])
async def test_an_honest_body_is_taken_in_every_form(media: str, body: bytes, encode: Callable[[bytes], tuple[bytes, str | None]]) -> None:
    """P-703, P-704."""
    compressed, encoding = encode(body)
    headers = {"content_type": media} if encoding is None else {"content_type": media, "content_encoding": encoding}
    taken = await read_sync(request([compressed[:7], b"", compressed[7:]], **headers))
    assert taken == SyncRequest(1, 1, "probe", b"", 0, 0, [])


async def test_a_mutation_is_not_judged_at_the_door() -> None:
    body = pack([*SYNC[:6], [PATCH, 7, {"what": "ever"}]])
    taken = await read_sync(request(body, content_type=MSGPACK))
    assert [msgspec.msgpack.decode(raw) for raw in taken.mutations] == [PATCH, 7, {"what": "ever"}]


async def test_reading_stops_at_the_limit() -> None:
    asked = request([bytes(600)] * 10, content_type=MSGPACK)
    with pytest.raises(Problem) as refused:
        await read_sync(asked, compressed_bytes_max=1000)
    assert refused.value.code is Code.body_too_large
    assert (await asked.receive())["type"] == "http.request", "the rest was never asked for"


async def test_a_body_that_declares_more_than_the_limit_is_not_read() -> None:
    declared = {"content_type": MSGPACK, "content_length": str(len(GOOD))}
    assert (await read_sync(request(GOOD, **declared), compressed_bytes_max=len(GOOD))).app == "probe"
    asked = request([b"", GOOD], **declared)
    with pytest.raises(Problem) as refused:
        await read_sync(asked, compressed_bytes_max=len(GOOD) - 1)
    assert refused.value.code is Code.body_too_large
    first: Any = await asked.receive()
    assert first["body"] == b"", "nothing of it was asked for"


async def test_a_connection_that_ends_inside_the_body_is_named() -> None:
    asked = request(b"", content_type=MSGPACK)
    await asked.receive()
    with pytest.raises(Problem) as refused:
        await read_sync(asked)
    assert refused.value.code is Code.body_truncated


async def test_a_rest_body_is_typed_in_both_forms() -> None:
    wanted = Asked(ID, "茶馆", ["a"])
    named = msgspec.json.encode({"id": id_text(ID), "name": "茶馆", "tags": ["a"]})
    assert await read(request(named, content_type=JSON), Asked) == wanted
    assert await read(request(msgspec.msgpack.encode(wanted), content_type=MSGPACK), Asked) == wanted


@pytest.mark.parametrize(
    ("named", "code", "field"),
    [
        ({"id": "x", "name": "a"}, Code.field_wrong, "id"),
        ({"id": id_text(ID).upper(), "name": "a"}, Code.field_wrong, "id"),
        ({"id": id_text(ID)}, Code.field_wrong, None),
        ({"id": id_text(ID), "name": "a", "more": 1}, Code.field_wrong, None),
        ({"id": id_text(ID), "name": "a", "tags": ["b", "c\x07"]}, Code.text_unclean, "tags[1]"),
        ({"id": id_text(ID), "name": 3}, Code.field_wrong, "name"),
    ],
)
async def test_a_wrong_rest_field_is_named(named: dict[str, Any], code: Code, field: str | None) -> None:
    with pytest.raises(Problem) as refused:
        await read(request(msgspec.json.encode(named), content_type=JSON), Asked)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("headers", "media"),
    [
        ({}, JSON),
        ({"content_type": MSGPACK}, MSGPACK),
        ({"accept": MSGPACK}, MSGPACK),
        ({"accept": "*/*", "content_type": MSGPACK}, MSGPACK),
        ({"accept": f"{MSGPACK};q=0.5, {JSON}"}, JSON),
        ({"accept": f"{MSGPACK};q=0, */*"}, JSON),
        ({"accept": "text/html, application/*;q=0.1"}, JSON),
    ],
)
async def test_the_answer_speaks_as_asked(headers: dict[str, str], media: str) -> None:
    """P-703."""
    told = answer(request(b"", **headers), Asked(ID, "a"))
    assert told.media_type == media
    named = msgspec.json.decode(told.content) if media == JSON else msgspec.msgpack.decode(told.content)
    assert named == {"id": id_text(ID) if media == JSON else ID, "name": "a", "tags": []}


async def test_what_cannot_be_answered_is_refused_before_any_work() -> None:
    with pytest.raises(Problem) as refused:
        await read_sync(request(GOOD, content_type=MSGPACK, accept="text/html"))
    assert refused.value.code is Code.not_acceptable


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, zstd", "zstd"), ("gzip", "gzip"), ("zstd;q=0, gzip;q=0.1", "gzip"), ("br", None), ("", None)]
)
async def test_long_answers_are_compressed_as_accepted(accepted: str, encoding: str | None) -> None:
    """P-704."""
    value = Asked(ID, "a", ["long"] * 400)
    told = answer(request(b"", accept=MSGPACK, accept_encoding=accepted), value)
    assert told.headers.get("Content-Encoding") == encoding
    body = told.content if encoding is None else inflate(told.content, encoding, 10_000_000)
    assert msgspec.msgpack.decode(body, type=Asked) == value
    assert "Content-Encoding" not in answer(request(b"", accept_encoding=accepted), Asked(ID, "a")).headers, "short ones are not"


async def test_a_sync_answer_is_the_same_in_both_forms() -> None:
    told = SyncAnswer(1, 2, 3, b"12345678", b"cursor", 4, 5, None, [], [7], [], False, True)
    packed = answer(request(b"", content_type=MSGPACK), told)
    assert msgspec.msgpack.decode(packed.content, type=SyncAnswer) == told
    named = msgspec.json.decode(answer(request(b"", content_type=JSON), told).content)
    assert named["cursor"] == "Y3Vyc29y"
    assert named["drop"] == [7]


def test_the_scan_takes_whatever_msgspec_writes() -> None:
    dice = random.Random(20)
    for _ in range(300):
        scan_msgpack(msgspec.msgpack.encode(_value(dice, 5)))
        scan_json(msgspec.json.encode(_value(dice, 5, raw=False)))


def test_the_scan_of_a_full_push_costs_no_more_than_a_few_walks_over_its_bytes() -> None:
    """About 1.7 walks; a machine that is busy or slow is so for both. 170 KB took 8 to 15 ms on two quiet cores."""
    body = pack(
        [*SYNC[:6], [[n, [n, 0, 1], 2, 1, ID, {"name": 1, "phone": 2}, {"name": "x" * 99, "phone": "1" * 11}, 0] for n in range(1, 1001)]]
    )
    pairs = [(_seconds(scan_msgpack, body, 64_000), _seconds(_walked, body)) for _ in range(40)]
    assert min(scan_s for scan_s, _ in pairs) < 4 * min(walk_s for _, walk_s in pairs)


def _walked(body: bytes) -> None:
    total = 0
    for byte in body:
        total += byte


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_compression_round_trips_and_holds_its_budget(encoding: str) -> None:
    body = random.Random(1).randbytes(100_000)
    assert inflate(deflate(body, encoding), encoding, 100_000) == body
    with pytest.raises(Problem) as refused:
        inflate(deflate(body, encoding), encoding, 99_999)
    assert refused.value.code is Code.body_too_large


def test_a_zstd_frame_without_its_size_is_taken() -> None:
    assert inflate(zstandard.ZstdCompressor(write_content_size=False).compress(b"a" * 5000), "zstd", 5000) == b"a" * 5000


def test_clean_text_is_nfc_without_controls() -> None:
    """P-110."""
    assert all(clean_text(text) for text in ("", "茶\tn\n", "Café", "👩‍👩‍👧"))
    assert not any(clean_text(text) for text in ("\x00", "\r", "\x1b", "Cafe\u0301", "\ud800"))
    assert unclean({"a": [{"b\x00": 1}]}) == "a[0]"
    assert unclean(Asked(ID, "a", ["b", "\x01"])) == "tags[1]"
    assert unclean(Asked(ID, "a")) is None


def _value(dice: random.Random, depth: int, *, raw: bool = True) -> Any:
    scalars: list[Any] = [None, True, dice.randrange(-(2**40), 2**40), dice.random(), "x" * dice.choice([0, 5, 40, 300, 70_000])]
    scalars += [dice.randbytes(dice.choice([0, 16, 300]))] if raw else []
    if depth == 0 or dice.random() < 0.4:
        return dice.choice(scalars)
    parts = [_value(dice, depth - 1, raw=raw) for _ in range(dice.choice([0, 1, 3, 17]) if depth < 3 else 3)]
    return parts if dice.random() < 0.5 else {f"key {place} " + "k" * dice.choice([0, 60]): part for place, part in enumerate(parts)}


def _seconds(work: Callable[..., None], *arguments: Any) -> float:
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


@pytest.mark.parametrize("text", ["shelf\n", "shelf\n\n"])
def test_a_name_does_not_end_with_a_newline(text: str) -> None:
    """Python's `$` also matches before a last newline; a JSON Schema reader's does not."""
    for type_ in (scalars.Key, rest.Login, rest.Language):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(text, type_)
    assert msgspec.convert("shelf", scalars.Key) == "shelf"
