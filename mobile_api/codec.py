"""The one hardened door: every body comes in here, is limited, inflated, scanned and typed, and every answer goes out here.

Order: content type, size while it arrives, inflation under a budget, scan, typed decode, clean text. Each refusal is a Problem with its
own code and nothing behind the door ever sees an untyped body.
"""

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from msgspec import Struct

from mobile_api.compression import deflate, inflate
from mobile_api.scan import ITEMS_MAX, scan_json, scan_msgpack
from shared_schema import twin
from shared_schema.broken_text import readable
from shared_schema.problem import Code, Problem
from shared_schema.text import unclean
from shared_schema.wire import REQUEST_DECODER, SyncAnswer, SyncRequest

T = TypeVar("T")
HttpRequest = Request[Any, Any, Any]

MSGPACK: Final = "application/vnd.msgpack"
JSON: Final = "application/json"
COMPRESSED_BYTES_MAX: Final = 256 * 1024
INFLATED_BYTES_MAX: Final = 4 * 1024 * 1024
SYNC_ITEMS_MAX: Final = 64_000
"""More than a REST body has: a thousand whole records, and a group of 500 that must not be split, are honest pushes."""
COMPRESS_FROM_BYTES: Final = 512
_DETAIL_CHARACTERS_MAX: Final = 200
_SLOT: Final = re.compile(r"`\$\[(\d+)\]")
_PLACE: Final = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")


class Received(Struct, frozen=True):
    """One inflated body, not yet believed."""

    body: bytes
    media: str


async def read_sync(request: HttpRequest, compressed_bytes_max: int = COMPRESSED_BYTES_MAX) -> SyncRequest:
    """The sync request of a body. A mutation inside is still raw: its own faults are judged one by one, later."""
    return sync_request(await receive(request, compressed_bytes_max))


async def read(request: HttpRequest, type_: type[T], compressed_bytes_max: int = COMPRESSED_BYTES_MAX, items_max: int = ITEMS_MAX) -> T:
    """The typed body of a REST request; its texts are clean."""
    received = await receive(request, compressed_bytes_max)
    if received.media == JSON:
        scan_json(received.body, items_max)
        return _typed(twin.from_json, received.body, type_)
    scan_msgpack(received.body, items_max)
    return _typed(_of_msgpack(lambda body: msgspec.msgpack.decode(body, type=type_)), received.body, type_)


async def receive(request: HttpRequest, compressed_bytes_max: int = COMPRESSED_BYTES_MAX) -> Received:
    """The inflated body. Raises Problem with the codes of the door, and not_acceptable before any work is done."""
    media = _media_of(request)
    answer_media(request)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "zstd"):
        raise Problem(Code.content_encoding_unknown, "gzip and zstd are understood")
    body = await _body(request, compressed_bytes_max)
    if not body:
        raise Problem(Code.body_missing, "the request has no body")
    return Received(body if encoding == "identity" else inflate(body, encoding, INFLATED_BYTES_MAX), media)


async def receive_file(request: HttpRequest, bytes_max: int) -> bytes:
    """The bytes of a body that is a file and no message. Raises Problem(content_encoding_unknown | body_too_large | body_missing)."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(Code.content_encoding_unknown, "a file is sent as it is")
    body = await _body(request, bytes_max)
    if not body:
        raise Problem(Code.body_missing, "the request has no body")
    return body


def sync_request(received: Received) -> SyncRequest:
    """The typed sync request of an inflated body."""
    if received.media == JSON:
        scan_json(received.body, SYNC_ITEMS_MAX)
        return _typed(_sync_request_from_json, received.body, SyncRequest)
    scan_msgpack(received.body, SYNC_ITEMS_MAX)
    return _typed(_of_msgpack(REQUEST_DECODER.decode), received.body, SyncRequest)


def _sync_request_from_json(body: bytes, type_: type[SyncRequest]) -> SyncRequest:
    """The slot at fault is an index to msgspec; the author of JSON knows it by its name."""
    try:
        return twin.sync_request_from_json(body)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(_SLOT.sub(lambda found: f"`$.{type_.__struct_fields__[int(found[1])]}", str(error))) from None


def answer(request: HttpRequest, value: object, status: int = 200) -> Response[bytes]:
    """`value` (a struct, or a list of structs) in the form the client asked for, compressed when it pays.

    Without an Accept header the answer speaks as the request did; without a body, JSON.
    """
    media = answer_media(request)
    body = _encode(value, media)
    headers = {"Vary": "Accept, Accept-Encoding", "Cache-Control": "no-store"}
    encoding = _answer_encoding(request) if len(body) >= COMPRESS_FROM_BYTES else None
    if encoding is not None:
        body = deflate(body, encoding)
        headers["Content-Encoding"] = encoding
    return Response(body, status_code=status, media_type=media, headers=headers)


def answer_media(request: HttpRequest) -> str:
    """Media type of the answer. Raises Problem(not_acceptable)."""
    first = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    ours = [MSGPACK, JSON] if first == MSGPACK else [JSON, MSGPACK]
    accept = request.headers.get("accept", "").strip().lower()
    if not accept:
        return ours[0]
    wanted = qualities(accept)
    best = max(ours, key=lambda media: _quality(wanted, media))
    if _quality(wanted, best) <= 0:
        raise Problem(Code.not_acceptable, f"{MSGPACK} and {JSON} are spoken")
    return best


def _encode(value: object, media: str) -> bytes:
    if media == MSGPACK:
        return msgspec.msgpack.encode(value)
    return twin.sync_answer_to_json(value) if isinstance(value, SyncAnswer) else twin.to_json(value)


def _answer_encoding(request: HttpRequest) -> str | None:
    wanted = qualities(request.headers.get("accept-encoding", "").lower())
    return next((encoding for encoding in ("zstd", "gzip") if wanted.get(encoding, 0) > 0), None)


def qualities(header: str) -> dict[str, float]:
    """Names of an Accept-like header → quality 0 to 1."""
    found = {}
    for part in header.split(",")[:32]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        found[name] = float(quality) if re.fullmatch(r"[01](\.\d{0,3})?", quality) else 0.0
    return found


def _quality(wanted: dict[str, float], media: str) -> float:
    return next((wanted[name] for name in (media, "application/*", "*/*") if name in wanted), 0.0)


def _media_of(request: HttpRequest) -> str:
    """Exactly our two types; a charset is allowed where JSON clients always write it."""
    media, _, parameter = request.headers.get("content-type", "").partition(";")
    media, parameter = media.strip().lower(), parameter.replace(" ", "").lower()
    if media not in (MSGPACK, JSON) or parameter not in ("", "charset=utf-8"):
        raise Problem(Code.content_type_unknown, f"{MSGPACK} and {JSON} are understood")
    return media


async def _body(request: HttpRequest, bytes_max: int) -> bytes:
    """Bytes as they arrive; reading stops at the limit, whatever length the client declared. `connection.py` bounds the time."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:19]) > bytes_max:
        raise Problem(Code.body_too_large, f"more than {bytes_max} bytes")
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Problem(Code.body_truncated, "the connection ended inside the body")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > bytes_max:
            raise Problem(Code.body_too_large, f"more than {bytes_max} bytes")
    return bytes(body)


def _typed(decode: Any, body: bytes, type_: type[T]) -> T:
    try:
        value: T = decode(body, type_)
    except msgspec.ValidationError as error:
        raise _field_wrong(str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError, OverflowError):
        raise Problem(Code.body_malformed, "the body does not decode") from None
    dirty = unclean(value)
    if dirty is not None:
        raise Problem(Code.text_unclean, "text must be NFC without control characters", field=dirty)
    return value


def _of_msgpack(decode: Callable[[bytes], T]) -> Callable[[bytes, type[T]], T]:
    """A decode that reads bytes which are no text as DEL, so that the text is refused by its field."""

    def either(body: bytes, _: type[T]) -> T:
        try:
            return decode(body)
        except UnicodeError:
            return decode(readable(body))

    return either


def _field_wrong(message: str) -> Problem:
    """msgspec names the place in its last words: it becomes the field, the rest the detail."""
    place = _PLACE.search(message)
    detail = message[: place.start()] if place else message
    return Problem(Code.field_wrong, detail[:_DETAIL_CHARACTERS_MAX], field=place[1][:_DETAIL_CHARACTERS_MAX] if place else None)
