"""The path of a desk verb says whom it is about, each id in its place; a body cannot say otherwise, and the role is asked first."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from server import chance
from shared_schema.records.reference import Role
from shared_schema.wire import Kind
from tests.integration.fortress import push
from tests.integration.site import Caller, Site, code, site
from tests.world import Entry


class Desk:
    """A manager with two reps; two customers of Ann's, and a pool."""

    def __init__(self, here: Site) -> None:
        boss = here.admin()
        team = boss.post("/v1/desk/departments", {"name": "Sales"}).json()["id"]
        self.ids = {name: here.user(boss, name, department_id=team) for name in ("ann", "bo")}
        here.user(boss, "mia", Role.manager, department_id=team)
        self.pool_id = boss.post("/v1/desk/pools", {"name": "East"}).json()["id"]
        self.ann, self.mia = self._in(here, "ann"), self._in(here, "mia")
        self.one, self.other = self._customer(1), self._customer(2)

    def _in(self, here: Site, name: str) -> Caller:
        caller = here.caller("alpha", name)
        assert caller.log_in().status_code == 200
        return caller

    def _customer(self, n: int) -> str:
        made = chance.new_id()
        assert [one.code for one in push(self.ann, Entry(n, Kind.create, "customer", made, {"name": f"Shop {n}"}).raw())] == [None]
        return str(UUID(bytes=made))

    def standing(self, customer_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.mia.get(f"/v1/records/standing/{customer_id}").json()
        return found


@pytest.fixture
def desk(migrated_url: str) -> Iterator[Desk]:
    with site(migrated_url) as here:
        yield Desk(here)


def of(customer_id: str, verb: str) -> str:
    return f"/v1/desk/customers/{customer_id}/{verb}"


def ended(who: Caller, path: str) -> httpx.Response:
    return who.site.http.delete(path, headers={"authorization": f"Bearer {who.session['access_token']}"})


@pytest.mark.parametrize(
    ("verb", "named"), [("transfer", "to_user_id"), ("collaborators", "user_id"), ("release", "pool_id")], ids=lambda word: word
)
def test_a_body_cannot_name_another_customer(desk: Desk, verb: str, named: str) -> None:
    """What the path says is said once: a body that says it too is refused, and neither customer moves."""
    body = {named: desk.pool_id if verb == "release" else desk.ids["bo"]}
    before = desk.standing(desk.one), desk.standing(desk.other)
    assert code(desk.mia.post(of(desk.one, verb), {**body, "customer_id": desk.other})) == "field_wrong"
    assert (desk.standing(desk.one), desk.standing(desk.other)) == before
    told = desk.mia.post(of(desk.one, verb), body)
    assert told.status_code == 200, told.text
    assert told.json()["epoch"] == 2
    assert desk.standing(desk.other) == before[1]


def test_each_id_of_a_path_has_its_place(desk: Desk) -> None:
    """D-107: the collaboration of this user on this customer ends, and no other one."""
    for customer_id in (desk.one, desk.other):
        assert desk.mia.post(of(customer_id, "collaborators"), {"user_id": desk.ids["bo"]}).status_code == 200
    path = of(desk.one, f"collaborators/{desk.ids['bo']}")
    assert ended(desk.mia, path).status_code == 200
    assert code(ended(desk.mia, path)) == "state_wrong"
    left = desk.mia.get("/v1/records/collaborator").json()["items"]
    assert [(one["customer_id"], one["user_id"]) for one in left] == [(desk.other, desk.ids["bo"])]


def test_who_leads_nobody_moves_not_even_his_own(desk: Desk) -> None:
    """D-107: the role is asked before anything else, also of what is not there."""
    asked = {"transfer": {"to_user_id": desk.ids["bo"]}, "collaborators": {"user_id": desk.ids["bo"]}, "release": {"pool_id": desk.pool_id}}
    for customer_id in (desk.one, str(uuid4())):
        assert {code(desk.ann.post(of(customer_id, verb), body)) for verb, body in asked.items()} == {"forbidden"}
        assert code(ended(desk.ann, of(customer_id, f"collaborators/{desk.ids['bo']}"))) == "forbidden"
    assert desk.standing(desk.one)["epoch"] == 1
