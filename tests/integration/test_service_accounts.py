"""Service accounts: a key with a scope, an end and a rotation, and never a person's password (D-495 to D-498)."""

import base64
import time
import uuid
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import httpx
import pytest

from server import chance
from server.domain.service_keys import PREFIX, ServiceKey, read
from server.jobs.compact import KEY_DAYS
from server.store import service_accounts
from shared_schema.records.reference import Role
from tests.integration.fortress import bearer
from tests.integration.site import Caller, Site, code, site

PATH: Final = "/v1/desk/service-accounts"
TODAY: Final = chance.now_ms() // 86_400_000
CITY: Final = {"city": "上海", "region": "华东"}
SCOPE: Final = ["GET /v1/desk/customers", "POST /v1/desk/customers", "POST /v1/desk/imports/cities"]


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as running:
        yield running


@pytest.fixture
def boss(here: Site) -> Caller:
    return here.admin()


def account(boss: Caller, **other: Any) -> dict[str, Any]:
    body = {"name": "Business system", "scope": SCOPE, "ends_day": TODAY + 30, **other}
    told = boss.post(PATH, body)
    assert told.status_code == 200, told.text
    made: dict[str, Any] = told.json()
    return made


def key_of(boss: Caller, account_id: str, **asked: Any) -> str:
    told = boss.post(f"{PATH}/{account_id}/keys", asked)
    assert told.status_code == 200, told.text
    key: str = told.json()["key"]
    return key


def ask(here: Site, key: str, method: str = "GET", path: str = "/v1/desk/customers", body: Any = None) -> httpx.Response:
    return here.http.request(method, path, json=body, headers=bearer(key))


def test_a_key_opens_what_is_in_the_scope_and_nothing_else(here: Site, boss: Caller) -> None:
    """D-495; every route: `test_matrix.py`."""
    key = key_of(boss, account(boss)["id"])
    assert ask(here, key).status_code == 200
    refused = ask(here, key, path="/v1/desk/quotes")
    assert (code(refused), refused.json()["detail"]) == ("forbidden", "the scope of this service account does not hold GET /v1/desk/quotes")
    for path in ("/v1/inbox", "/v1/records/customer", "/v1/nearby?latitude=1&longitude=1", "/v1/wake"):
        assert code(ask(here, key, path=path)) == "forbidden", path


def test_what_a_business_system_writes_is_of_its_name(here: Site, boss: Caller) -> None:
    """D-495: it reaches the whole organisation, and the directory of people says who it is."""
    lin = here.user(boss, "lin")
    made = account(boss)
    key = key_of(boss, made["id"])
    told = ask(here, key, "POST", "/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": lin, "values": {"name": "Quay"}})
    assert told.status_code == 200, told.text
    assert [one["name"] for one in ask(here, key).json()["items"]] == ["Quay"]
    assert ask(here, key, "POST", "/v1/desk/imports/cities", {"rows": [CITY]}).status_code == 200
    phone = here.caller("alpha", "lin")
    assert phone.log_in().status_code == 200
    [person] = [one for one in phone.get("/v1/records/person").json()["items"] if one["role"] == int(Role.service)]
    assert (person["id"], person["name"], person["active"]) == (made["id"], "Business system", True)


def test_an_account_ends_and_its_keys_with_it(here: Site, boss: Caller) -> None:
    """D-496: within 366 days, or at once; a key that has ended stays so."""
    for ends_day in (TODAY - 2, TODAY + 400):
        told = boss.post(PATH, {"name": "X", "scope": SCOPE, "ends_day": ends_day})
        assert (code(told), told.json()["errors"][0]["field"]) == ("rule_broken", "ends_day")
    for route in ("POST /v1/desk/users", "GET /v1/nowhere"):
        told = boss.post(PATH, {"name": "X", "scope": [route], "ends_day": TODAY + 1})
        assert (code(told), told.json()["errors"][0]["field"]) == ("rule_broken", "scope")
    made = account(boss)
    key = key_of(boss, made["id"])
    changed = account(boss, id=made["id"], name="ERP", scope=SCOPE[:1])
    assert (changed["name"], changed["scope"], len(changed["keys"])) == ("ERP", SCOPE[:1], 1)
    longer = account(boss, id=made["id"], scope=SCOPE[:1], ends_day=TODAY + 300)
    assert longer["keys"][0]["until_ms"] - changed["keys"][0]["until_ms"] == 270 * 86_400_000
    assert code(ask(here, key, "POST", "/v1/desk/imports/cities", {"rows": [CITY]})) == "forbidden"
    assert account(boss, id=made["id"], active=False)["keys"] == []
    assert code(ask(here, key)) == "signed_out"
    assert code(boss.post(f"{PATH}/{made['id']}/keys", {})) == "state_wrong"
    account(boss, id=made["id"])
    assert code(ask(here, key)) == "signed_out"
    fresh = key_of(boss, made["id"])
    assert ask(here, fresh).status_code == 200
    org_id = here.founded["alpha"].org_id
    here.write(partial(service_accounts.put, new=False, ends_ms=chance.now_ms()), org_id, uuid.UUID(made["id"]).bytes)
    assert code(ask(here, fresh)) == "signed_out"


def test_a_key_is_changed_while_both_open(here: Site, boss: Caller) -> None:
    """D-497: those before it open for the overlap, so that a lost answer shuts nobody out; D-498: the admin sees which one is used."""
    made = account(boss)
    first, second = key_of(boss, made["id"]), key_of(boss, made["id"], overlap_hours=2)
    assert [ask(here, key).status_code for key in (first, second)] == [200, 200]
    third = key_of(boss, made["id"])
    assert [ask(here, key).status_code for key in (first, second, third)] == [200, 200, 200]
    [listed] = boss.get(PATH).json()["items"]
    assert len(listed["keys"]) == 3
    assert all(key not in boss.get(PATH).text for key in (first, second, third))
    for _ in range(100):  # it is written after the answer
        [listed] = boss.get(PATH).json()["items"]
        if all(key["used_ms"] is not None for key in listed["keys"]):
            break
        time.sleep(0.05)
    assert [key["used_ms"] is not None for key in listed["keys"]] == [True, True, True]
    last = key_of(boss, made["id"], overlap_hours=0)
    assert [ask(here, key).status_code for key in (first, second, third, last)] == [401, 401, 401, 200]
    for _ in range(9):
        key_of(boss, made["id"])
    assert code(boss.post(f"{PATH}/{made['id']}/keys", {})) == "state_wrong"
    key_of(boss, made["id"], overlap_hours=0)


def test_only_an_admin_of_the_organisation_makes_keys_and_no_password_signs_one_in(here: Site, boss: Caller) -> None:
    """D-496: and a stranger's organisation does not know the account."""
    made = account(boss)
    here.user(boss, "mia", Role.manager)
    mia = here.caller("alpha", "mia")
    assert mia.log_in().status_code == 200
    for who in (mia, here.admin("beta")):
        told = who.post(f"{PATH}/{made['id']}/keys", {})
        assert code(told) == ("forbidden" if who is mia else "not_found")
    assert here.admin("beta").get(PATH).json()["items"] == []
    user = {"id": made["id"], "login": "erp", "name": "ERP", "role": int(Role.admin), "password": "correct horse battery"}
    assert code(boss.post("/v1/desk/users", user)) == "rule_broken"
    assert code(boss.post("/v1/desk/users", {**user, "id": str(uuid.uuid4()), "role": int(Role.service)})) == "rule_broken"
    assert code(boss.post(PATH, {"id": here.user(boss, "lin"), "name": "L", "scope": SCOPE, "ends_day": TODAY + 1})) == "not_found"
    assert made["id"] not in boss.get("/v1/desk/users").text


@pytest.mark.parametrize("spoilt", ["", "x", "Ä" * 40, "A" * 59])
def test_a_text_that_is_no_key_opens_nothing(here: Site, boss: Caller, spoilt: str) -> None:
    """D-495."""
    assert code(here.http.get("/v1/desk/customers", headers={b"authorization": f"Bearer {PREFIX}{spoilt}".encode()})) == "signed_out"


def test_a_key_of_another_organisation_or_a_wrong_one_opens_nothing(here: Site, boss: Caller) -> None:
    """D-495: the sum at the end is no secret; the hash is what counts."""
    key = key_of(boss, account(boss)["id"])
    raw = base64.urlsafe_b64decode(key.removeprefix(PREFIX) + "==")
    org_id, secret = int.from_bytes(raw[:8], "big"), raw[8:40]
    assert zlib.crc32(raw[:40]).to_bytes(4, "big") == raw[40:]
    for other in (ServiceKey(org_id + 1, secret), ServiceKey(org_id, secret[::-1])):
        assert code(ask(here, other.text)) == "signed_out"
    assert ask(here, ServiceKey(org_id, secret).text).status_code == 200


def test_a_key_makes_so_many_requests_a_minute_and_other_callers_go_on(here: Site, boss: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-495: 429 with the seconds to wait; another key, and people, are not held up."""
    monkeypatch.setattr("mobile_api.key_rates.REQUESTS_MAX", 3)
    monkeypatch.setattr("mobile_api.key_rates.WINDOW_MS", 86_400_000)
    first, second = key_of(boss, account(boss)["id"]), key_of(boss, account(boss, name="Other")["id"])
    assert [ask(here, first).status_code for _ in range(3)] == [200] * 3
    refused = ask(here, first)
    assert (refused.status_code, code(refused)) == (429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) > 0
    assert ask(here, second).status_code == 200
    assert boss.get("/v1/desk/customers").status_code == 200


def test_a_key_that_ended_long_ago_is_forgotten(here: Site, boss: Caller) -> None:
    """D-497: 90 days after its end; an account keeps the others."""
    made = account(boss)
    old, late, living = (key_of(boss, made["id"]) for _ in range(3))
    org_id, day_ms = here.founded["alpha"].org_id, 86_400_000
    for key, days in ((old, 91), (late, 89)):
        here.write(partial(service_accounts.put_key, new=False, until_ms=chance.now_ms() - days * day_ms), org_id, read(key).key_hash)
    assert here.write(service_accounts.forget_keys, org_id, chance.now_ms() - KEY_DAYS * day_ms) == 1
    assert ask(here, living).status_code == 200
    kept = here.write(service_accounts.keys, org_id, [uuid.UUID(made["id"]).bytes])
    assert len(kept) == 2
