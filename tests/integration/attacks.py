"""What strangers try in the tenancy matrix: every route, every command and every mutation, as the features and the records declare them."""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final, get_args

import msgspec

from server import chance
from server.domain.desk import DISCLOSURES, LISTS, LOOKS, TABLES, VERBS
from server.domain.matrix import MATRIX
from shared_schema.entity import Entity, bare
from shared_schema.policy import OfAll, Policy
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, ENTITIES
from shared_schema.wire import Kind
from sync.rules import Reach
from tests.features import PROOFS
from tests.integration.fortress import Fortress, raw_id
from tests.world import Entry

Route = tuple[str, str]
"""(method, path), the path as a verb declares it: `{customer_id}`."""
PLACE: Final = re.compile(r"{(\w+)}")
OPEN: Final[Mapping[Route, set[int]]] = (
    {("GET", path): {200, 404} for path in ("/", "/health", "/ready", "/metrics", "/schema/openapi.json")}
    | {("GET", f"/{app}"): {200, 307, 308} for app in ("app", "desk")}
    | {("GET", f"/{app}/{{path}}"): {200, 404} for app in ("app", "desk")}
    | {("POST", path): {401} for path in ("/v1/login", "/v1/enrol", "/v1/refresh")}
    | {("POST", "/v1/logout"): {200}}
)
"""Routes that ask for no token, and what a body that fits nobody is answered there; who is not signed in is signed out already."""
NAMELESS: Final[frozenset[Route]] = frozenset(
    ("POST", f"/v1/desk/{path}") for path in ("assignment-rules/trial", "tier-policies", "tier-policy/preview")
)
"""Verbs that name no record: each organisation is answered from its own."""
ASKED: Final[Mapping[Route, frozenset[Role]]] = {
    route: MATRIX[verb.route].roles for verb in VERBS if (route := (verb.method, verb.path)) not in NAMELESS
}
KEPT: Final[Mapping[Route, frozenset[Role]]] = {("POST", table.path): MATRIX[table.route].roles for table in TABLES}
LISTED: Final[Mapping[Route, frozenset[Role]]] = {("GET", listing.path): MATRIX[listing.route].roles for listing in LISTS} | {
    ("GET", table.path): MATRIX[f"GET {table.path}"].roles for table in TABLES if table.is_single
}
SHOWN: Final = {("GET", look.path): MATRIX[look.route].roles for look in LOOKS}
FILED: Final[Mapping[Route, frozenset[Role]]] = {("GET", one.path): MATRIX[one.route].roles for one in DISCLOSURES}
DECLARED: Final = {**ASKED, **KEPT, **LISTED, **SHOWN, **FILED}
"""Every route of a feature, and who may ask there."""
NAMING: Final = {*ASKED, *(("POST", table.path) for table in TABLES if not table.is_single)}
"""Requests that name a record."""
ONE: Final = ("/v1/records/{entity}/{record_id}", "/v1/records/{entity}/{record_id}/history")
OWN: Final[frozenset[Route]] = frozenset(
    [
        ("GET", path)
        for path in (
            "/v1/wake",
            "/v1/device/push-key",
            "/v1/inbox",
            "/v1/nearby",
            "/v1/desk/timeline",
            "/v1/desk/devices",
            "/v1/records/{entity}",
        )
    ]
    + [("POST", "/v1/desk/sheets"), ("DELETE", "/v1/device/push-target")]
)
"""Routes that show each asker no more than their own, whatever they name: hints, cards, changes, devices of their people, records by kind,
and the very table that the asker sent."""
OFFICE: Final[frozenset[Route]] = frozenset(
    {("GET", "/v1/desk/users"), ("POST", "/v1/desk/imports/{kind}"), ("GET", "/v1/desk/imports/{kind}/template")}
    | {("POST", f"/v1/desk/devices/{{line_no}}/{verb}") for verb in ("approve", "revoke")}
    | {(method, "/v1/desk/robot") for method in ("GET", "PUT", "DELETE")}
    | {("GET", "/v1/desk/push/health"), ("GET", "/v1/desk/erasures")}
    | {(method, "/v1/desk/service-accounts") for method in ("GET", "POST")}
    | {("GET", "/v1/desk/evaluation-models"), ("POST", "/v1/desk/evaluation-models"), ("POST", "/v1/desk/evaluation/preview")}
    | NAMELESS
)
"""What the admin of another organisation does in that one: a device's number is counted in each organisation, and a file names no id."""
IMPORTED: Final = dict.fromkeys(("/v1/desk/imports/{kind}", "/v1/desk/imports/{kind}/template"), "POST /v1/desk/imports/{kind}")
"""Paths of imports → the row of the matrix for a kind of file."""
ROUTES: Final = {
    *OPEN,
    *DECLARED,
    *(OWN | OFFICE),
    *(("GET", path) for path in ONE),
    *(("POST", path) for path in ("/v1/sync", "/v1/device/fork")),
    ("PUT", "/v1/device/push-target"),
    *(("POST", f"/v1/desk/{path}") for path in ("users", "codes", "users/{user_id}/hand-over")),
    ("POST", "/v1/desk/service-accounts/{service_account_id}/keys"),
    ("GET", "/v1/desk/customers/{customer_id}/evaluation"),
}
"""The matrix: every route must stand here, and so be attacked."""
COMMANDS: Final[tuple[dict[str, Any], ...]] = (
    *({"command": name} for name in ("keep_theirs", "dismiss", "send_to_manager")),
    *({"command": "settle", "taken": taken} for taken in (True, False)),
    *(command for proof in PROOFS.values() for command in proof.attacks),
)
"""What strangers ask of every id of the victim's."""


def is_for_everybody(noun: str) -> bool:
    """Whether every device of the organisation holds such records."""
    return isinstance(BY_NAME[noun].hold, OfAll)


def reads_all(fort: Fortress, name: str, route: Route) -> bool:
    """Whether the matrix lets a stranger of the victim's own organisation read all that stands there (D-492)."""
    row = MATRIX.get(" ".join(route))
    is_foreign = fort.people[name].organisation != "alpha"
    return route[0] == "GET" and row is not None and not is_foreign and row.reaches.get(fort.roles[name]) is Reach.organisation


def is_no_stranger(fort: Fortress, name: str, route: Route) -> bool:
    """Whether the matrix lets somebody of the victim's own organisation write there about every customer: finance books money (D-492)."""
    row = MATRIX.get(" ".join(route))
    is_foreign = fort.people[name].organisation != "alpha"
    return route[0] != "GET" and row is not None and not is_foreign and row.reaches.get(fort.roles[name]) is Reach.organisation


def may_answer(fort: Fortress, name: str, route: Route, url: str) -> bool:
    """Whether a stranger may be answered. Whatever is not said here is refused: a verb about what is the victim's always is."""
    role, is_foreign = fort.roles[name], fort.people[name].organisation != "alpha"
    if route in OWN:
        return True
    if route[1] in IMPORTED and role in MATRIX[IMPORTED[route[1]].format(kind=url.split("/")[4].partition("?")[0])].roles:
        return True  # each row is refused by itself: nothing of the victim's moves
    if reads_all(fort, name, route) or is_no_stranger(fort, name, route):
        return True
    if route in OFFICE:
        return is_foreign and role is Role.admin
    if route in LISTED:
        return role in LISTED[route]
    if route in KEPT:
        return is_foreign and role in KEPT[route]
    return route[1] in ONE and not is_foreign and is_for_everybody(url.split("/")[3])


def attacks(ids: Mapping[str, str], own_customer: bytes, first_n: int) -> list[Entry]:
    """Every kind of mutation on every id of the victim, alone and in pairs, and children that name the victim as parent."""
    entries: list[Entry] = []

    def add(kind: Kind, entity: Entity, record_id: bytes, values: dict[str, Any], count: int = 1) -> None:
        n, bases = first_n + len(entries), {"": 9, **{entity.group_of[slot]: 9 for slot in values if slot in entity.group_of}}
        entries.extend(Entry(n + at, kind, entity.name, record_id, values, bases, (n, at, count)) for at in range(count))

    customer = raw_id(ids["customer"])
    named = [*((one, raw_id(ids[one.name])) for one in ENTITIES), (BY_NAME["preference"], raw_id(ids["tombstone"]))]
    for entity, record_id in named:
        told = told_of(entity, ids)
        add(Kind.patch, entity, record_id, told)
        add(Kind.patch, entity, record_id, told, count=2)
        add(Kind.patch, entity, record_id, dict.fromkeys(told))
        add(Kind.undo, entity, record_id, told)
        add(Kind.delete, entity, record_id, {})
        add(Kind.restore, entity, record_id, made(entity, ids, customer, whole=False))
        for command in COMMANDS:
            add(Kind.command, entity, record_id, command)
    # In another organisation an id that is taken here is free, and what is made of it there is no victim's: new ids come first.
    ways = [(parent, whole) for parent in (customer, own_customer) for whole in (False, True)]
    for entity in (one for one in ENTITIES if one.create_type.__struct_fields__):
        for parent, whole in ways:
            add(Kind.create, entity, chance.new_id(), made(entity, ids, parent, whole=whole))
            add(Kind.create, entity, chance.new_id(), made(entity, ids, parent, whole=whole), count=2)
    for entity, record_id in named:
        for parent, whole in ways:
            add(Kind.create, entity, record_id, made(entity, ids, parent, whole=whole))
    return entries


def possible() -> set[tuple[str, str]]:
    """(entity, kind of mutation or name of a command), of all that a device may do to a record that it holds."""
    changed = [
        (one.name, kind.name)
        for one in ENTITIES
        if one.policy is Policy.register
        for kind in (Kind.patch, Kind.undo, Kind.delete, Kind.restore)
        if one.groups or kind not in (Kind.patch, Kind.undo)  # a record without a group is never changed by phone
    ]
    made_there = [(one.name, Kind.create.name) for one in ENTITIES if one.create_type.__struct_fields__ and not one.is_head]
    return {*changed, *made_there, *((one.name, command) for one in ENTITIES for command in one.commands)}


def told_of(entity: Entity, ids: Mapping[str, str]) -> dict[str, Any]:
    """New values of the first group that holds a text; where devices change no group, of the last slot of the record."""
    with_text = (slots for slots in entity.groups.values() if any(is_text(entity, slot) for slot in slots))
    slots = next(with_text, next(iter(entity.groups.values()), entity.slots[-1:]))
    return {slot: value_of(entity, slot, ids) for slot in slots}


def made(entity: Entity, ids: Mapping[str, str], customer_id: bytes, *, whole: bool) -> dict[str, Any]:
    """A record as a device makes it: what it must have and its texts; `whole`: it names every record that it can name, too."""
    fields = msgspec.structs.fields(entity.create_type)
    wanted = [one.name for one in fields if one.required or is_text(entity, one.name) or (whole and held_in(entity, one.name) is bytes)]
    of_customer = {entity.about: customer_id} if entity.about in wanted else {}
    return {slot: value_of(entity, slot, ids) for slot in wanted or entity.slots[-1:]} | of_customer


def held_in(entity: Entity, slot: str) -> Any:
    """The type of a slot's values."""
    return bare(entity.hints[slot])[0]


def is_text(entity: Entity, slot: str) -> bool:
    return held_in(entity, slot) is str


def value_of(entity: Entity, slot: str, ids: Mapping[str, str]) -> Any:
    """A value that a device could give; where the slot names a record, the victim's."""
    held = held_in(entity, slot)
    if held is bytes:
        return raw_id(ids.get(entity.parents.get(slot, slot.removesuffix("_id")), ids["customer"]))
    if isinstance(held, type) and issubclass(held, IntEnum):
        return int(max(held))
    if held is str:
        return "x" * max(mark.min_length or 1 for mark in (msgspec.Meta(), *get_args(entity.hints[slot])) if isinstance(mark, msgspec.Meta))
    return {bool: True, int: 1}.get(held)
