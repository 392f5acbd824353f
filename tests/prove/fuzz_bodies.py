"""Honest bodies: what a recorded device session pushes, with fresh numbers and ids, and honest REST bodies, on msgpack and JSON."""

import copy
import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from mobile_api.codec import JSON, MSGPACK
from mobile_api.routes.desk.verbs import body_of
from server.domain.desk import VERB_OF
from shared_schema import rest, twin
from shared_schema.records.customer import Collaborate, Transfer
from shared_schema.records.inbox import Dismiss, KeepTheirs, Value
from shared_schema.records.quote import Submit
from shared_schema.records.reference import DepartmentRequest, FieldDefinitionRequest, PriceBookRequest, PriceRequest, ProductRequest
from shared_schema.registry import BY_NAME
from shared_schema.rest_evaluation import NewEvaluationModel, PreviewRequest
from shared_schema.rest_services import ServiceAccountRequest
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, SyncRequest
from sync.device import Edit, enter
from sync.shelf import MemoryShelf, Seat
from tests.features import PROOFS

MADE_MS: Final = 1_780_000_000_000
PAGE_BYTES: Final = 8_192
SYNC: Final = "/v1/sync"
SURROGATE: Final = "\ud800"
_STAND_IN: Final = "\ue000"
"""msgspec writes no lone surrogate: this letter of the same length is written, and its three bytes exchanged."""
TWIN_KEYS: Final = ("zz_twin_1", "zz_twin_2")
"""A tree cannot hold one key twice: it holds these two, which become one when they are bytes."""


class Facts(NamedTuple):
    """Where a device line stands on its server."""

    last_n: int = 0
    acked_n: int = 0
    cursor: bytes = b""
    salt: bytes = b""
    """First bytes of the ids this line knows: no two lines enter the same record."""


class Sent(NamedTuple):
    """One request as it goes out."""

    path: str
    body: bytes
    media: str | None
    encoding: str | None = None
    accept: str | None = None
    length: str | None = None
    """A declared length other than the true one."""


def recorded() -> tuple[list[list[Any]], ...]:
    """What a reference device queued in one session: atomic groups of mutations, as builtins."""
    shelf = MemoryShelf()
    shelf.put_seat(Seat(1, _id(1), 1))
    customer, contact, quote, line, item = (_id(number) for number in range(10, 15))
    at: dict[str, Value] = {"customer_id": customer, "device_ms": MADE_MS}
    position: dict[str, Value] = {"latitude_e6": 31_230_000, "longitude_e6": 121_470_000, "datum": 1}
    values: list[tuple[Kind, str, bytes, dict[str, Value]]] = [
        (Kind.create, "customer", customer, {"name": "Lu Xun Tea House", "city": "上海", **position, "extra.shelf": "left"}),
        (Kind.patch, "customer", customer, {"phone": "+86 21 5555", "note": "asks for\tgreen tea"}),
        (Kind.create, "contact", contact, {"customer_id": customer, "name": "周", "email": "z@example.org"}),
        (Kind.patch, "contact", contact, {"name": "周树", "title": "buyer", "birthday": "lunar leap 1984-10-30"}),
        (Kind.create, "visit", _id(20), {**at, **position, "purpose": "shelf check", "accuracy_mm": 12_000, "fix_ms": MADE_MS}),
        (Kind.create, "contact_log", _id(21), {**at, "channel": 1, "note": "called"}),
        (Kind.create, "follow_up", _id(22), {"customer_id": customer, "due_day": 20_600, "purpose": "order"}),
        (Kind.patch, "follow_up", _id(22), {"done": True}),
        (Kind.create, "preference", _id(23), {"customer_id": customer, "subject": "tea", "wish": "green"}),
        (Kind.undo, "customer", customer, {"phone": "1"}),
        (Kind.delete, "contact", contact, {}),
        (Kind.patch, "person", _id(41), {"name": "Wu"}),
        (Kind.patch, "follow_up", _id(22), {"customer_id": customer}),
    ]
    groups = [[Edit(kind, BY_NAME[entity], record_id, fields)] for kind, entity, record_id, fields in values]
    lines: dict[str, Value] = {
        "customer_id": customer,
        "quote_id": quote,
        "product_id": _id(30),
        "quantity_thousandths": 2_000,
        "price_minor": 950,
    }
    drafted: dict[str, Value] = {"customer_id": customer, "currency": "CNY", "local_number": "A-1", "title": "spring"}
    draft = [Edit(Kind.create, BY_NAME["quote"], quote, drafted), Edit(Kind.create, BY_NAME["quote_line"], line, lines)]
    commands = [("quote", quote, Submit(bytes(32))), ("inbox_item", item, KeepTheirs()), ("inbox_item", item, Dismiss())]
    asked = [[Edit(Kind.command, BY_NAME[name], of, command=ENCODER.encode(said))] for name, of, said in commands]
    asked.append([Edit(Kind.command, BY_NAME["quote"], quote, command=ENCODER.encode({"command": "of a newer app"}))])
    for group in (*groups, draft, *asked, *(group for proof in PROOFS.values() for group in proof.entered)):
        enter(shelf, group, MADE_MS)
    return tuple(_grouped([msgspec.msgpack.decode(one.raw) for one in shelf.pendings()]))


def _id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def _grouped(mutations: list[Any]) -> list[list[list[Any]]]:
    groups: dict[int, list[list[Any]]] = {}
    for one in mutations:
        # The device names groups and fields in no particular order: a seed must.
        one[5] = dict(sorted(one[5].items()))
        one[6] = dict(sorted(one[6].items())) if one[6] is not None else None
        groups.setdefault(one[1][0], []).append(one)
    return list(groups.values())


RECORDED: Final = recorded()
PUTS: Final = frozenset({"/v1/device/push-target", "/v1/desk/robot"})
"""Paths where a body is put, and not posted."""
FIELD: Final = {"entity": 1, "key": "shelf", "kind": 1, "label_zh": "架", "label_en": "Shelf"}
"""The custom field that the recorded session uses."""
REST_BODIES: Final[Mapping[str, tuple[Any, dict[str, Any]]]] = {
    "/v1/desk/users": (rest.UserRequest, {"login": "wu", "name": "Wu", "role": 1, "language": "zh-CN", "department_id": _id(40)}),
    "/v1/desk/codes": (rest.CodeRequest, {"user_id": _id(41)}),
    "/v1/desk/departments": (DepartmentRequest, {"name": "North", "parent_id": _id(40)}),
    "/v1/desk/products": (ProductRequest, {"id": _id(30), "code": "T-1", "name": "茶", "unit": "box", "tax_bps": 1_300}),
    "/v1/desk/price-books": (PriceBookRequest, {"id": _id(42), "name": "2026", "currency": "CNY", "valid_from_day": 20_500}),
    "/v1/desk/prices": (PriceRequest, {"price_book_id": _id(42), "product_id": _id(30), "price_minor": 950, "floor_minor": 900}),
    "/v1/desk/field-definitions": (
        FieldDefinitionRequest,
        {"entity": 1, "key": "place", "kind": 3, "label_zh": "架", "label_en": "Place", "choices": ["left", "right"]},
    ),
    VERB_OF[Transfer].path: (body_of(VERB_OF[Transfer]), {"to_user_id": _id(41), "epoch": 1, "reason": "leaves"}),
    VERB_OF[Collaborate].path: (body_of(VERB_OF[Collaborate]), {"user_id": _id(41)}),
    "/v1/device/push-target": (rest.PushTargetRequest, {"kind": "fcm_fid", "address": "dGVzdA:APA91"}),
    "/v1/desk/service-accounts": (
        ServiceAccountRequest,
        {"name": "ERP", "scope": ["GET /v1/desk/customers"], "ends_day": 20_800, "active": True},
    ),
    "/v1/desk/evaluation-models": (NewEvaluationModel, {"id": _id(43), "effective_from_day": 100_000, "a_from": 80, "known_min": 50}),
    "/v1/desk/evaluation/preview": (PreviewRequest, {"effective_from_day": 100_000, "b_from": 30, "after": _id(43)}),
    "/v1/desk/robot": (
        rest.RobotRequest,
        {"url": "https://open.feishu.cn/open-apis/bot/v2/hook/x", "secret": "s", "mentions": [{"user_id": _id(41), "mention": "ou_1"}]},
    ),
    "/v1/refresh": (rest.RefreshRequest, {"refresh_token": "none"}),
    "/v1/logout": (rest.RefreshRequest, {"refresh_token": "none"}),
    "/v1/enrol": (rest.EnrolRequest, {"organisation": "alpha", "code": "0000", "installation_id": _id(43), "app": "fuzz"}),
    "/v1/login": (rest.LoginRequest, {"organisation": "alpha", "account": "x", "password": "y" * 12, "installation_id": _id(43)}),
    **{path: body for proof in PROOFS.values() for path, body in proof.bodies.items()},
}


def push(dice: random.Random, facts: Facts) -> list[Any]:
    """A sync request as arrays: one to four recorded groups in order, numbered after `facts.last_n`, half of them about known records."""
    chosen = sorted(dice.choices(range(len(RECORDED)), k=dice.randrange(1, 5)))
    groups = [copy.deepcopy(RECORDED[at]) for at in chosen]
    fresh: dict[bytes, bytes] = {}
    n = facts.last_n
    known = dice.random() < 0.5
    for group in groups:
        first_n = n + 1
        for one in group:
            n += 1
            one[0], one[1][0] = n, first_n
            _renew(one, lambda old: fresh.setdefault(old, facts.salt + old[len(facts.salt) :] if known else dice.randbytes(16)))
    clock = dice.choice(([], [None], [dice.randrange(2**40), "start"]))  # of an older app, of a browser, of a phone (P-443)
    return [1, 1, "fuzz", facts.cursor, facts.acked_n, MADE_MS, [one for group in groups for one in group], PAGE_BYTES, [], *clock]


def _renew(one: list[Any], other: Callable[[bytes], bytes]) -> None:
    """Other ids, the same ones wherever the same stood."""
    one[4] = other(one[4])
    body = one[6]
    for name in body if isinstance(body, dict) else ():
        if isinstance(body[name], bytes) and len(body[name]) == 16:
            body[name] = other(body[name])


def rest_tree(path: str) -> dict[str, Any]:
    """An honest REST body."""
    return copy.deepcopy(REST_BODIES[path][1])


def named(request: list[Any]) -> dict[str, Any]:
    """The JSON twin of a sync request, its bytes still bytes."""
    told = dict(zip(SyncRequest.__struct_fields__, request, strict=False))  # an app sends no more than it knows
    told["mutations"] = [_named_mutation(one) for one in request[6]]
    return told


def _named_mutation(one: list[Any]) -> dict[str, Any]:
    told = dict(zip(Mutation.__struct_fields__, one, strict=True))
    return {**told, "group": dict(zip(GroupPlace.__struct_fields__, one[1], strict=True))}


def encode(tree: Any, media: str, *, escaped: bool = True) -> bytes:
    """Bytes of a tree that may hold what no honest encoder writes."""
    if media == MSGPACK:
        body = msgspec.msgpack.encode(_packable(tree)).replace(_STAND_IN.encode(), SURROGATE.encode(errors="surrogatepass"))
    else:
        body = json.dumps(_jsonable(tree), ensure_ascii=escaped).encode(errors="surrogatepass")
    first, second = (key.encode() for key in TWIN_KEYS)
    return body.replace(second, first)


def _packable(node: Any) -> Any:
    if isinstance(node, list):
        return [_packable(part) for part in node]
    if isinstance(node, dict):
        return {_packable(key): _packable(part) for key, part in node.items()}
    if isinstance(node, int) and not isinstance(node, bool):
        return max(-(2**63), min(node, 2**64 - 1))
    return node.replace(SURROGATE, _STAND_IN) if isinstance(node, str) else node


def _jsonable(node: Any) -> Any:
    if isinstance(node, list):
        return [_jsonable(part) for part in node]
    if isinstance(node, dict):
        return {str(key): _jsonable(part) for key, part in node.items()}
    if isinstance(node, bytes):
        return twin.id_text(node) if len(node) == 16 else twin.bytes_text(node)
    return f"ext {node.code} {bytes(node.data).hex()}" if isinstance(node, msgspec.msgpack.Ext) else node


def honest(dice: random.Random, path: str, facts: Facts) -> tuple[Any, str]:
    """(tree, media) of an honest body for a route."""
    media = dice.choice((MSGPACK, JSON))
    if path != SYNC:
        return rest_tree(path), media
    request = push(dice, facts)
    return (request, media) if media == MSGPACK else (named(request), media)
