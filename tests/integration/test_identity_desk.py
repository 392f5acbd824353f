"""The desk over HTTP: users, departments, devices, catalogue; who may, what reaches the feed, and nothing across organisations."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from server.domain.tokens import Claims
from server.models import feed, quarantine, scope
from server.services import actors, devices
from shared_schema.problem import Problem
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import Row
from tests.integration.site import Caller, Site, code, site


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as served_site:
        yield served_site


@pytest.fixture
def careful(migrated_url: str) -> Iterator[Site]:
    """Organisations whose admins approve each device."""
    with site(migrated_url, device_approval=True) as served_site:
        yield served_site


def referenced(conn: sa.Connection, org_id: int, entity: str) -> list[tuple[int, list[Any]]]:
    """What the feed of `ref` holds of one entity: (seq, slots), in feed order."""
    ref = sa.select(scope.c.number).where(scope.c.org_id == org_id, scope.c.lane == 4).scalar_subquery()
    where = (feed.c.org_id == org_id, feed.c.scope_no == ref, feed.c.entity == BY_NAME[entity].number)
    rows = conn.execute(sa.select(feed.c.seq, feed.c.body).where(*where).order_by(feed.c.seq))
    return [(row.seq, msgspec.msgpack.decode(msgspec.msgpack.decode(row.body, type=Row).body)) for row in rows]


def scopes(conn: sa.Connection, org_id: int, user_id: bytes) -> list[int]:
    found = sa.select(scope.c.lane).where(scope.c.org_id == org_id, scope.c.subject_id == user_id).order_by(scope.c.lane)
    return list(conn.execute(found).scalars())


def kept_uploads(conn: sa.Connection) -> list[tuple[int, int, int]]:
    return [(row.line_no, row.received_ms, len(row.body)) for row in conn.execute(sa.select(quarantine))]


def test_a_user_is_an_account_a_person_in_the_feed_and_three_scopes(here: Site) -> None:
    """P-120."""
    boss = here.admin()
    ann = uuid.UUID(here.user(boss, "ann"))
    org_id = here.founded["alpha"].org_id
    assert here.write(scopes, org_id, ann.bytes) == [1, 2, 3]
    people = here.write(referenced, org_id, "person")
    assert [slots[2] for _, slots in people] == ["Admin", "Ann"]
    here.user(boss, "ann", id=str(ann), name="Ann B.")
    here.user(boss, "ann", id=str(ann), name="Ann B.")
    changed = here.write(referenced, org_id, "person")
    assert [(slots[1], slots[2]) for _, slots in changed] == [(1, "Admin"), (2, "Ann B.")]
    assert changed[-1][0] == people[-1][0] + 1
    listed = boss.get("/v1/desk/users").json()["items"]
    assert [(one["login"], one["name"], one["has_password"]) for one in listed] == [("boss", "Admin", True), ("ann", "Ann B.", True)]


def test_an_account_name_is_taken_once_per_organisation(here: Site) -> None:
    boss = here.admin()
    assert code(boss.post("/v1/desk/users", {"login": "boss", "name": "Other", "role": 1})) == "account_taken"
    here.user(here.admin("beta"), "ann")
    here.user(boss, "ann")


@pytest.mark.parametrize(
    ("change", "field"), [({"role": 0}, "role"), ({"department_id": str(uuid.uuid4())}, "department_id"), ({"role": 99}, None)]
)
def test_a_user_has_a_known_role_and_department(here: Site, change: dict[str, Any], field: str | None) -> None:
    answer = here.admin().post("/v1/desk/users", {"login": "ann", "name": "Ann", "role": 1} | change)
    assert answer.status_code == 422
    assert field is None or answer.json()["errors"][0]["field"] == field


def test_an_admin_cannot_take_the_desk_from_himself(here: Site) -> None:
    boss = here.admin()
    own = {"id": boss.session["user_id"], "login": "boss", "name": "Boss"}
    assert code(boss.post("/v1/desk/users", {**own, "role": 1})) == "rule_broken"
    assert code(boss.post("/v1/desk/users", {**own, "role": 5, "active": False})) == "rule_broken"
    assert boss.post("/v1/desk/users", {**own, "role": 5}).status_code == 200


def test_users_come_in_pages_and_a_wrong_place_is_refused(here: Site) -> None:
    boss = here.admin()
    first = boss.get("/v1/desk/users").json()
    assert first["after"] is None
    assert boss.get(f"/v1/desk/users?after={first['items'][0]['id']}").json()["items"] == []
    assert code(boss.get("/v1/desk/users?after=x")) == "parameter_wrong"
    for wrong in ("-1", "x", "9" * 17, "²"):
        assert code(boss.get(f"/v1/desk/devices?after={wrong}")) == "parameter_wrong"


def test_a_code_is_made_for_an_active_user_alone(here: Site) -> None:
    boss = here.admin()
    ann_id = here.user(boss, "ann")
    given = boss.post("/v1/desk/codes", {"user_id": ann_id})
    assert given.status_code == 200
    assert given.json()["organisation"] == "alpha"
    here.user(boss, "ann", id=ann_id, active=False)
    for nobody in (ann_id, str(uuid.uuid4())):
        assert code(boss.post("/v1/desk/codes", {"user_id": nobody})) == "not_found"


def test_a_manager_leads_the_active_people_below_him(here: Site) -> None:
    boss = here.admin()
    top, below, beside = (boss.post("/v1/desk/departments", {"name": name}).json()["id"] for name in ("top", "below", "beside"))
    assert boss.post("/v1/desk/departments", {"id": below, "name": "below", "parent_id": top}).status_code == 200
    assert code(boss.post("/v1/desk/departments", {"id": top, "name": "top", "parent_id": below})) == "rule_broken"
    here.user(boss, "mo", Role.manager, department_id=top)
    ids = {
        login: here.user(boss, login, department_id=place) for login, place in (("ann", top), ("bo", below), ("cy", beside), ("di", below))
    }
    here.user(boss, "di", id=ids["di"], department_id=below, active=False)
    mo, ann, cy = (here.caller("alpha", login) for login in ("mo", "ann", "cy"))
    for caller in (mo, ann, cy):
        assert caller.log_in().status_code == 200
    acting = here.write(actors.actor, mo.claims, 0)
    assert acting.report_ids == {uuid.UUID(ids["ann"]).bytes, uuid.UUID(ids["bo"]).bytes}
    assert (acting.role, acting.language) == (Role.manager, "zh")
    assert [one["user_id"] for one in mo.get("/v1/desk/devices").json()["items"]] == [ids["ann"]]
    assert len(boss.get("/v1/desk/devices").json()["items"]) == 4
    assert code(ann.get("/v1/desk/devices")) == "forbidden"


def test_a_device_waits_for_its_approval(careful: Site) -> None:
    boss = careful.caller()
    waiting = boss.log_in()
    assert (waiting.status_code, code(waiting), waiting.json()["remedy"]) == (403, "device_pending", "retry")
    assert boss.enrol(careful.founded["alpha"].code.code).status_code == 200
    assert boss.session["line_no"] == 1
    careful.user(boss, "ann")
    ann = careful.caller("alpha", "ann")
    assert [code(ann.log_in()) for _ in range(2)] == ["device_pending"] * 2
    pending = boss.get("/v1/desk/devices").json()["items"][-1]
    assert (pending["line_no"], pending["state"]) == (2, "pending")
    assert boss.post("/v1/desk/devices/2/approve").json()["state"] == "active"
    assert ann.log_in().status_code == 200
    assert ann.session["line_no"] == 2


def test_a_revoked_device_gets_no_data_wipes_once_and_its_last_upload_is_kept(here: Site) -> None:
    """P-708."""
    boss = here.admin()
    here.user(boss, "mo", Role.manager)
    mo = here.caller("alpha", "mo")
    mo.log_in()
    assert mo.get("/v1/desk/devices").status_code == 200
    line = mo.session["line_no"]
    assert boss.post(f"/v1/desk/devices/{line}/revoke").json()["state"] == "revoked"
    assert code(mo.get("/v1/desk/devices")) == "device_wipe"
    assert code(mo.post("/v1/device/fork")) == "device_wipe"
    renewed = mo.refresh()
    assert renewed.status_code == 200
    mo.session = renewed.json()
    claims = Claims(mo.session["org_id"], uuid.UUID(mo.session["user_id"]).bytes, line)
    told = [here.write(devices.quarantine, claims, b"u" * (devices.QUARANTINE_BYTES_MAX + 1), at_ms).code.word for at_ms in (5, 6)]
    assert told == ["device_wipe", "device_revoked"]
    assert here.write(kept_uploads) == [(line, 5, devices.QUARANTINE_BYTES_MAX)]
    assert code(mo.get("/v1/desk/devices")) == "device_revoked"
    assert code(mo.refresh()) == "signed_out"
    assert code(mo.log_in()) == "device_pending"
    assert code(boss.post(f"/v1/desk/devices/{line}/approve")) == "state_wrong"


CATALOGUE: dict[str, tuple[str, dict[str, Any]]] = {
    "departments": ("department", {"name": "canary"}),
    "products": ("product", {"code": "P1", "name": "canary", "unit": "box", "tax_bps": 1300}),
    "cities": ("city", {"name": "canary", "region": "East"}),
    "price-books": ("price_book", {"name": "canary", "currency": "EUR", "valid_from_day": 20_000}),
    "prices": ("price", {"price_minor": 1999, "floor_minor": 1500}),
    "field-definitions": (
        "field_definition",
        {"entity": 1, "key": "canary", "kind": 3, "label_zh": "大小", "label_en": "canary", "choices": ["big", "small"]},
    ),
}


def filled(boss: Caller, noun: str) -> dict[str, Any]:
    """A valid body; a price needs its book and product."""
    body = dict(CATALOGUE[noun][1])
    if noun == "prices":
        body["price_book_id"] = boss.post("/v1/desk/price-books", CATALOGUE["price-books"][1]).json()["id"]
        body["product_id"] = boss.post("/v1/desk/products", CATALOGUE["products"][1]).json()["id"]
    return body


@pytest.mark.parametrize("noun", CATALOGUE)
def test_what_the_desk_keeps_is_listed_changed_and_fed(here: Site, noun: str) -> None:
    boss = here.admin()
    body = filled(boss, noun)
    made = boss.post(f"/v1/desk/{noun}", body)
    assert made.status_code == 200, made.text
    record = made.json()
    assert record == record | body
    assert boss.get(f"/v1/desk/{noun}").json() == {"items": [record], "after": None}
    label = "label_en" if "label_en" in body else "floor_minor" if noun == "prices" else "name"
    after = boss.post(f"/v1/desk/{noun}", body | {"id": record["id"], label: body[label] * 2}).json()
    assert (record["rev"], after["rev"], after[label]) == (1, 2, body[label] * 2)
    seqs = here.write(referenced, here.founded["alpha"].org_id, CATALOGUE[noun][0])
    assert [slots[:2] for _, slots in seqs] == [[uuid.UUID(record["id"]).bytes, 2]]


def calls(noun_ids: dict[str, str], user_id: str, line_no: int) -> dict[str, Callable[[Caller], httpx.Response]]:
    """Every desk route of these modules with the valid ids of another organisation."""
    users = {"id": user_id, "login": "thief", "name": "Thief", "role": 1}
    changes = {noun: {**CATALOGUE[noun][1], "id": noun_ids[noun]} for noun in CATALOGUE}
    changes["prices"] |= {"price_book_id": noun_ids["price-books"], "product_id": noun_ids["products"]}
    return {
        "GET users": lambda who: who.get("/v1/desk/users"),
        "POST users": lambda who: who.post("/v1/desk/users", users),
        "POST users, foreign department": lambda who: who.post(
            "/v1/desk/users", {"login": "x", "name": "X", "role": 1, "department_id": noun_ids["departments"]}
        ),
        "POST codes": lambda who: who.post("/v1/desk/codes", {"user_id": user_id}),
        "GET devices": lambda who: who.get("/v1/desk/devices"),
        "POST approve": lambda who: who.post(f"/v1/desk/devices/{line_no}/approve"),
        "POST revoke": lambda who: who.post(f"/v1/desk/devices/{line_no}/revoke"),
        **{f"GET {noun}": lambda who, noun=noun: who.get(f"/v1/desk/{noun}") for noun in CATALOGUE},  # type: ignore[misc]
        **{f"POST {noun}": lambda who, noun=noun: who.post(f"/v1/desk/{noun}", changes[noun]) for noun in CATALOGUE},  # type: ignore[misc]
    }


def furnished(here: Site, boss: Caller) -> dict[str, Callable[[Caller], httpx.Response]]:
    """Fill an organisation with one of everything, and three devices so that a foreign line number names nobody else's."""
    ids = {noun: boss.post(f"/v1/desk/{noun}", filled(boss, noun)).json()["id"] for noun in CATALOGUE}
    ann_id = here.user(boss, "ann", name="canary")
    ann = [here.caller(boss.organisation, "ann") for _ in range(2)]
    assert [one.log_in().status_code for one in ann] == [200, 200]
    return calls(ids, ann_id, ann[-1].session["line_no"])


def test_no_route_shows_or_changes_another_organisation(here: Site) -> None:
    boss, thief = here.admin("alpha"), here.admin("beta")
    asked = furnished(here, boss)
    before = {name: call(boss).text for name, call in asked.items() if name.startswith("GET")}
    assert all("canary" in text for name, text in before.items() if name not in ("GET devices", "GET prices"))
    told = {name: call(thief) for name, call in asked.items() if name.startswith("GET")}
    leaked = {name: answer.text for name, answer in told.items() if "canary" in answer.text or ann_known(answer, before)}
    assert leaked == {}
    refused = dict.fromkeys(("POST codes", "POST approve", "POST revoke"), "not_found")
    refused |= dict.fromkeys(("POST prices", "POST users, foreign department"), "rule_broken")
    assert {name: code(asked[name](thief)) for name in refused} == refused
    # A foreign id is unknown here, so it names a new record of one's own.
    assert {code(call(thief)) for name, call in asked.items() if name.startswith("POST") and name not in refused} == {"200"}
    assert {name: call(boss).text for name, call in asked.items() if name.startswith("GET")} == before


def ann_known(answer: httpx.Response, before: dict[str, str]) -> bool:
    """Whether an answer names an id that stands in the other organisation's lists."""
    theirs = {part for text in before.values() for part in text.split('"') if len(part) == 36}
    return any(one in answer.text for one in theirs)


@pytest.mark.parametrize("role", [Role.rep, Role.manager, Role.assistant, Role.finance])
def test_only_admins_keep_the_desk(here: Site, role: Role) -> None:
    boss = here.admin()
    asked = furnished(here, boss)
    here.user(boss, "mo", role)
    mo = here.caller("alpha", "mo")
    mo.log_in()
    allowed = {"GET devices"} if role is Role.manager else set()
    if role in (Role.assistant, Role.finance):
        allowed = {"GET products", "GET price-books", "GET prices"}
    assert {name for name, call in asked.items() if code(call(mo)) != "forbidden"} == allowed


def test_a_claim_of_somebody_elses_line_is_nobody(here: Site) -> None:
    boss, other = here.admin("alpha"), here.admin("beta")
    user_id, line_no, session_id = uuid.UUID(boss.session["user_id"]).bytes, boss.session["line_no"], boss.claims.session_id
    for claims in (
        Claims(other.session["org_id"], user_id, line_no, session_id),
        Claims(boss.session["org_id"], uuid.uuid4().bytes, line_no, session_id),
        Claims(boss.session["org_id"], user_id, 99, session_id),
        Claims(boss.session["org_id"], user_id, line_no, bytes(16)),
        Claims(boss.session["org_id"], user_id, line_no),
    ):
        with pytest.raises(Problem) as caught:
            here.write(actors.actor, claims, 0)
        assert caught.value.code.word == "signed_out"
