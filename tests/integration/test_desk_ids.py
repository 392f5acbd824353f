"""At the desk an id that names nothing, or is another organisation's, is refused by every verb that acts on it; pools are listed."""

from typing import Any
from uuid import uuid4

import pytest

from server.services import records
from shared_schema.records.reference import Role
from tests.integration.site import Caller, Site, code, site

NOBODY = str(uuid4())
ANN, FOREIGN = "ann", "foreign"
VERBS: list[tuple[str, dict[str, Any] | None, str]] = [
    (f"/v1/desk/users/{NOBODY}/hand-over", {"to_user_id": ANN}, "not_found"),
    (f"/v1/desk/users/{FOREIGN}/hand-over", {"to_user_id": ANN}, "not_found"),
    (f"/v1/desk/users/{ANN}/hand-over", {"to_user_id": NOBODY}, "not_found"),
    (f"/v1/desk/users/{ANN}/hand-over", {"to_user_id": FOREIGN}, "not_found"),
    ("/v1/desk/codes", {"user_id": NOBODY}, "not_found"),
    ("/v1/desk/codes", {"user_id": FOREIGN}, "not_found"),
    ("/v1/desk/devices/9999/approve", None, "not_found"),
    ("/v1/desk/devices/9999/revoke", None, "not_found"),
    (f"/v1/desk/customers/{NOBODY}/transfer", {"to_user_id": ANN}, "out_of_scope"),
    (f"/v1/desk/customers/{NOBODY}/collaborators", {"user_id": ANN}, "out_of_scope"),
    (f"/v1/desk/customers/{NOBODY}/release", {"pool_id": NOBODY}, "out_of_scope"),
    (f"/v1/quotes/{NOBODY}/decisions", {"decision": "approve", "content_hash": "A" * 43}, "forbidden"),
    ("/v1/desk/pools", {"name": "East", "department_id": NOBODY}, "rule_broken"),
    ("/v1/desk/departments", {"name": "East", "parent_id": NOBODY}, "rule_broken"),
    ("/v1/desk/users", {"login": "new", "name": "New", "role": 1, "department_id": FOREIGN}, "rule_broken"),
    ("/v1/desk/prices", {"price_book_id": NOBODY, "product_id": NOBODY, "price_minor": 1}, "rule_broken"),
]


@pytest.fixture
def names(migrated_url: str) -> Any:
    with site(migrated_url) as running:
        boss = running.admin()
        team = boss.post("/v1/desk/departments", {"name": "Sales"}).json()["id"]
        ann = running.user(boss, "ann", department_id=team)
        running.user(boss, "chief", Role.manager, department_id=team)
        yield running, boss, {ANN: ann, FOREIGN: running.user(running.admin("beta"), "eve")}


def asked(who: Caller, path: str, body: dict[str, Any] | None, ids: dict[str, str]) -> str:
    named = {key: ids.get(value, value) if isinstance(value, str) else value for key, value in (body or {}).items()}
    path = "/".join(ids.get(part, part) for part in path.split("/"))
    return code(who.post(path, named if body is not None else None))


def test_every_verb_refuses_an_id_that_names_nothing(names: tuple[Site, Caller, dict[str, str]]) -> None:
    """D-109: a hand-over that moved nothing because nobody was meant said 200."""
    running, boss, ids = names
    assert [(path, asked(boss, path, body, ids)) for path, body, _ in VERBS] == [(path, told) for path, _, told in VERBS]
    chief = running.caller("alpha", "chief")
    assert chief.log_in().status_code == 200
    hand_overs = [(path, body) for path, body, _ in VERBS if path.endswith("hand-over")]
    assert [asked(chief, path, body, ids) for path, body in hand_overs] == ["out_of_scope"] * len(hand_overs), "unknown and foreign alike"
    named = boss.post(f"/v1/desk/users/{ids[ANN]}/hand-over", {"to_user_id": NOBODY}).json()
    assert [one["field"] for one in named["errors"]] == ["to_user_id"]
    assert boss.post(f"/v1/desk/users/{ids[ANN]}/hand-over", {"to_user_id": chief.session["user_id"]}).status_code == 200


def test_pools_are_listed_to_whoever_uses_them_at_the_desk(
    names: tuple[Site, Caller, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-121, D-127: by pages, those no longer in use too; a rep has them on the phone."""
    monkeypatch.setattr(records, "PAGE_ITEMS", 2)
    running, boss, _ = names
    assert boss.get("/v1/desk/pools").json() == {"items": [], "after": None}
    made = [boss.post("/v1/desk/pools", {"name": f"Pool {at:03}", "hidden": ["tier"], "active": at != 1}).json() for at in range(3)]
    made.sort(key=lambda one: one["id"])
    chief, ann = running.caller("alpha", "chief"), running.caller("alpha", "ann")
    assert chief.log_in().status_code == ann.log_in().status_code == 200
    for who in (boss, chief):
        first = who.get("/v1/desk/pools").json()
        rest = who.get(f"/v1/desk/pools?after={first['after']}").json()
        assert (first["items"] + rest["items"], rest["after"]) == (made, None)
    assert code(ann.get("/v1/desk/pools")) == "forbidden"
    assert running.admin("beta").get("/v1/desk/pools").json()["items"] == []
