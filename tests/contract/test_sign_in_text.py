"""docs/protocol.md, P-0xx: its tables are those of OpenAPI, and what its examples send signs in, refreshes and logs out."""

import uuid
from typing import Any, Final

import msgspec
import pytest

from mobile_api.app import create_app
from mobile_api.openapi import document
from server import chance
from server.database import open_database
from server.domain import tokens
from server.domain.tokens import Claims, Signer
from server.settings import Settings
from shared_schema import rest, twin
from tests.contract.documents import PROTOCOL, SYNC, codes, example, table
from tests.integration.site import PASSWORD, SECRET, Caller, Site, code, site

BODIES: Final = {name: codes(fields) for name, fields in table(PROTOCOL, "### Bodies")}


@pytest.fixture
def ann(here: Site) -> Caller:
    here.user(here.admin(), "ann")
    return here.caller("alpha", "ann")


def expired(session: dict[str, Any], org_id: int) -> str:
    """An access token of this session whose life is over."""
    user_id = twin.id_bytes(session["user_id"])
    assert user_id is not None
    return tokens.sign(Signer(SECRET), Claims(org_id, user_id, session["line_no"]), bytes(16), chance.now_ms() - 3_600_000)[0]


# what the tables say


async def test_the_addresses_are_those_of_openapi(tmp_path: Any) -> None:
    database = open_database(f"sqlite:///{tmp_path}/empty.db")
    told = document(create_app(Settings(), database, Signer(bytes(32))))
    await database.close()
    paths, schemas = told["paths"], told["components"]["schemas"]
    for name, fields in BODIES.items():
        assert list(schemas[name]["properties"]) == [field.rstrip("=") for field in fields]
        assert not name.endswith("Request") or schemas[name]["required"] == [field for field in fields if not field.endswith("=")]
    said = {codes(request)[0].split()[1] for request, *_ in table(PROTOCOL, "### Addresses")}
    posts = {path: operations["post"] for path, operations in paths.items() if path.startswith("/v1/") and "post" in operations}
    open_to_all = {path for path, operation in posts.items() if "security" not in operation}
    assert open_to_all < said
    for request, takes, gives, token in table(PROTOCOL, "### Addresses"):
        method, path = codes(request)[0].split()
        operation = paths[path][method.lower()]
        assert _named(operation.get("requestBody")) == takes
        assert _named(operation["responses"]["200"]) == gives
        assert ("security" in operation) == (token == "yes")


def _named(said: dict[str, Any] | None) -> str:
    """The name of the schema of a body."""
    return "nothing" if said is None else said["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]


def test_the_bodies_are_the_structs() -> None:
    for name, fields in BODIES.items():
        struct = getattr(rest, name)
        assert not struct.__struct_config__.array_like
        takes = struct.__struct_config__.forbid_unknown_fields
        assert fields == [f"{one.name}=" if takes and not one.required else one.name for one in msgspec.structs.fields(struct)]


# what the rules say


def test_the_log_in_of_the_page_opens_a_session_in_either_form(here: Site, ann: Caller) -> None:
    """P-001, P-002: the same installation and user go on with their line, another installation has another."""
    asked = example("LoginRequest") | {"organisation": "Alpha", "account": "ANN", "password": PASSWORD}
    on_json = here.http.post("/v1/login", json=asked)
    assert (on_json.status_code, list(on_json.json())) == (200, BODIES["SignedIn"])
    packed = msgspec.msgpack.encode(asked | {"installation_id": uuid.UUID(asked["installation_id"]).bytes})
    on_msgpack = here.http.post("/v1/login", content=packed, headers={"content-type": "application/vnd.msgpack"})
    told = msgspec.msgpack.decode(on_msgpack.content, type=rest.SignedIn)
    assert (told.line_no, twin.id_text(told.user_id)) == (on_json.json()["line_no"], on_json.json()["user_id"])
    elsewhere = here.http.post("/v1/login", json=asked | {"installation_id": ann.installation_id})
    assert elsewhere.json()["line_no"] != told.line_no
    wrong = [here.http.post("/v1/login", json=asked | {field: "wrong"}) for field in ("organisation", "account", "password")]
    assert [code(answer) for answer in wrong] == ["login_wrong"] * 3
    assert wrong[0].json() == wrong[1].json() == wrong[2].json()
    assert code(here.http.post("/v1/login", json=asked | {"colour": "red"})) == "field_wrong"


def test_the_line_says_how_far_it_is_known(here: Site, ann: Caller) -> None:
    """P-002."""
    assert ann.log_in().json()["last_n"] == 0
    group = {"first_n": 1, "index": 0, "count": 1}
    entry = {"n": 1, "group": group, "kind": 1, "entity": 1, "id": str(uuid.uuid4()), "bases": {}, "body": {"name": "Shop"}, "device_ms": 1}
    assert ann.post("/v1/sync", SYNC | {"mutations": [entry]}).status_code == 200
    assert ann.log_in().json()["last_n"] == 1


def test_the_enrolment_of_the_page_signs_in_once_and_again_when_its_answer_was_lost(here: Site, ann: Caller) -> None:
    """P-003."""
    boss = here.admin()
    user_id = ann.log_in().json()["user_id"]
    given = boss.post("/v1/desk/codes", {"user_id": user_id}).json()
    asked = example("EnrolRequest") | {"organisation": "alpha", "code": given["code"].lower().replace("-", " ")}
    assert 0 < given["expires_ms"] - boss.session["server_ms"] <= 11 * 60_000
    first, again = (here.http.post("/v1/enrol", json=asked) for _ in range(2))
    assert (first.status_code, again.status_code, first.json()["line_no"]) == (200, 200, again.json()["line_no"])
    other = asked | {"installation_id": str(uuid.uuid4())}
    assert code(here.http.post("/v1/enrol", json=other)) == "code_wrong"
    phone = here.caller("alpha", "ann")
    phone.session = again.json()
    assert phone.post("/v1/sync", SYNC).status_code == 200
    assert code(here.http.post("/v1/enrol", json=asked)) == "code_wrong"
    assert here.caller("alpha", "ann").log_in(asked["new_password"]).status_code == 200


def test_a_request_carries_its_token(here: Site, ann: Caller) -> None:
    """P-004: the life of a token is told by the server's clock, which stands beside it."""
    session = ann.log_in().json()
    assert session["access_expires_ms"] - session["server_ms"] == pytest.approx(15 * 60_000, abs=1_000)
    assert session["refresh_expires_ms"] - session["server_ms"] == 90 * 24 * 3_600_000
    header = {"authorization": f"Bearer {session['access_token']}"}
    assert here.http.post("/v1/sync", json=SYNC, headers=header).status_code == 200
    for odd in ({}, {"authorization": session["access_token"]}, {"authorization": header["authorization"] + "x"}):
        refused = here.http.post("/v1/sync", json=SYNC, headers=odd)
        assert (refused.status_code, code(refused), refused.json()["remedy"]) == (401, "signed_out", "sign_in")


def test_an_expired_token_is_refreshed_and_the_same_request_sent_again(here: Site, ann: Caller) -> None:
    """P-005: nothing of the request was taken."""
    session = ann.log_in().json()
    group = {"first_n": 1, "index": 0, "count": 1}
    entry = {"n": 1, "group": group, "kind": 1, "entity": 1, "id": str(uuid.uuid4()), "bases": {}, "body": {"name": "Shop"}, "device_ms": 1}
    asked = SYNC | {"mutations": [entry]}
    ann.session = session | {"access_token": expired(session, here.founded["alpha"].org_id)}
    refused = ann.post("/v1/sync", asked)
    assert (refused.status_code, refused.json()) == (401, example("Problem"))
    ann.session = ann.refresh().json()
    assert ann.session["last_n"] == 0
    assert [one["result"] for one in ann.post("/v1/sync", asked).json()["outcomes"]] == [1]


def test_a_refresh_brings_a_whole_session_and_may_be_asked_again(here: Site, ann: Caller) -> None:
    """P-006."""
    old = ann.log_in().json()
    lost, kept = (here.http.post("/v1/refresh", json=example("RefreshRequest") | {"refresh_token": old["refresh_token"]}) for _ in range(2))
    assert (lost.status_code, list(kept.json())) == (200, BODIES["SignedIn"])
    assert kept.json()["line_no"] == old["line_no"]
    ann.session = kept.json()
    assert ann.post("/v1/sync", SYNC).status_code == 200
    assert ann.refresh().status_code == 200


def test_a_log_out_ends_the_sessions_and_the_line_goes_on(here: Site, ann: Caller) -> None:
    """P-007: without an access token, and repeated alike."""
    first, second = ann.log_in().json(), ann.log_in().json()
    asked = example("RefreshRequest") | {"refresh_token": second["refresh_token"]}
    once, again = (here.http.post("/v1/logout", json=asked) for _ in range(2))
    assert (once.status_code, list(once.json()), again.status_code) == (200, BODIES["Done"], 200)
    assert [code(ann.refresh(each["refresh_token"])) for each in (first, second)] == ["signed_out"] * 2
    assert ann.log_in().json()["line_no"] == first["line_no"]


def test_a_device_that_waits_for_approval_logs_in_again(migrated_url: str) -> None:
    """P-008."""
    with site(migrated_url, device_approval=True) as here:
        boss = here.caller("alpha", "boss")
        assert boss.enrol(here.founded["alpha"].code.code).status_code == 200
        here.user(boss, "ann")
        ann = here.caller("alpha", "ann")
        waits = ann.log_in()
        assert (waits.status_code, code(waits), ann.session) == (403, "device_pending", {})
        (line_no,) = [one["line_no"] for one in boss.get("/v1/desk/devices").json()["items"] if one["state"] == "pending"]
        assert boss.post(f"/v1/desk/devices/{line_no}/approve").status_code == 200
        assert ann.log_in().json()["line_no"] == line_no
        told = [ann.log_in("wrong") for _ in range(11)][-1]
        assert (code(told), told.json()["retry_at_ms"] > ann.session["server_ms"]) == ("too_many_attempts", True)


def test_another_user_on_the_same_phone_is_another_line(here: Site, ann: Caller) -> None:
    """P-009: and to him the cursor of the first counts as empty."""
    here.user(here.admin(), "bo")
    ann.log_in()
    cursor = ann.post("/v1/sync", SYNC).json()["cursor"]
    bo = here.caller("alpha", "bo")
    bo.installation_id = ann.installation_id
    assert bo.log_in().json()["line_no"] != ann.session["line_no"]
    assert [who.post("/v1/sync", SYNC | {"cursor": cursor}).json()["anew"] for who in (ann, bo)] == [False, True]
