"""How far a role reaches at the desk: an assistant's department, finance's organisation (D-492 to D-494)."""

import uuid
from collections.abc import Iterator
from typing import Any, Final

import pytest

from server.domain.matrix import MATRIX
from shared_schema.records.reference import Role
from tests.integration.site import Caller, Site, code, site

ROLES: Final = {"asa": Role.assistant, "fay": Role.finance, "mia": Role.manager, "lea": Role.assistant}


class House:
    """East with West below it, and North beside; a rep with a customer in each; an assistant of East and one without a department."""

    def __init__(self, here: Site) -> None:
        self.here, self.boss = here, here.admin()
        east = self._made("departments", {"name": "East"})
        below = {"East": east, "West": self._made("departments", {"name": "West", "parent_id": east})}
        self.departments = below | {"North": self._made("departments", {"name": "North"})}
        self.reps = {name: here.user(self.boss, name.lower(), Role.rep, department_id=one) for name, one in self.departments.items()}
        self.customers = {name: self._customer(name, owner_id) for name, owner_id in self.reps.items()}
        self.contacts = {name: self._contact(one) for name, one in self.customers.items()}
        for name, role in ROLES.items():
            here.user(self.boss, name, role, **({} if name in ("fay", "lea") else {"department_id": east}))

    def _made(self, path: str, body: dict[str, Any]) -> str:
        told = self.boss.post(f"/v1/desk/{path}", body)
        assert told.status_code == 200, told.text
        return str(told.json()["id"])

    def _customer(self, name: str, owner_id: str) -> str:
        values = {"name": f"{name} 100% Shop", "city": name, "phone": f"021-{len(name)}"}
        return self._made("customers", {"id": str(uuid.uuid4()), "owner_id": owner_id, "values": values})

    def _contact(self, customer_id: str) -> str:
        return self._made("contacts", {"id": str(uuid.uuid4()), "values": {"customer_id": customer_id, "name": "Wang"}})

    def who(self, name: str) -> Caller:
        """Somebody of the house, signed in."""
        found = self.here.caller("alpha", name)
        assert found.log_in().status_code == 200
        return found


@pytest.fixture
def house(migrated_url: str) -> Iterator[House]:
    with site(migrated_url) as here:
        yield House(here)


def names(who: Caller, query: str = "") -> set[str]:
    return {one["city"] for one in who.get(f"/v1/desk/customers{query}").json()["items"]}


def test_a_list_shows_what_the_role_reaches_and_finds_a_text_in_it(house: House) -> None:
    """D-492, D-494: however the letters are written; a sign of the database is none of a search."""
    asa, fay, lea, mia = (house.who(name) for name in ("asa", "fay", "lea", "mia"))
    assert names(asa) == names(mia) == {"East", "West"}
    assert names(fay) == names(house.boss) == {"East", "West", "North"}
    assert names(lea) == set()
    assert names(fay, "?search=nORth") == {"North"}
    assert names(fay, "?search=021-5") == {"North"}
    assert names(asa, "?search=North") == set()
    assert names(fay, "?search=100%25") == {"East", "West", "North"}
    assert names(fay, "?search=_") == set()
    assert code(fay.get(f"/v1/desk/customers?search={'x' * 101}")) == "parameter_wrong"
    shown = asa.get(f"/v1/customers/{house.customers['West']}").json()
    assert [one["name"] for one in shown["contacts"]] == ["Wang"]
    assert shown["standing"]["owner_id"] == house.reps["West"]
    assert code(asa.get(f"/v1/customers/{house.customers['North']}")) == "not_found"
    owners = {one["id"]: one["standing"]["owner_id"] for one in asa.get("/v1/desk/customers").json()["customers"]}
    assert owners == {house.customers[name]: house.reps[name] for name in ("East", "West")}


def test_an_assistant_enters_and_corrects_what_is_of_the_department(house: House) -> None:
    """D-492: a customer elsewhere is unknown, and so is its contact."""
    asa, lea, new = house.who("asa"), house.who("lea"), {"values": {"name": "New"}}
    for who, rep, wanted in ((asa, "West", "200"), (asa, "North", "out_of_scope"), (lea, "West", "out_of_scope")):
        assert code(who.post("/v1/desk/customers", {**new, "id": str(uuid.uuid4()), "owner_id": house.reps[rep]})) == wanted
    for name, wanted in (("West", "200"), ("North", "out_of_scope")):
        rev = house.boss.get(f"/v1/customers/{house.customers[name]}").json()["customer"]["rev"]
        changed = {"values": {"note": "called"}, "bases": {"note": rev}}
        assert code(asa.post(f"/v1/desk/customers/{house.customers[name]}", changed)) == wanted, name
        contact = {"id": str(uuid.uuid4()), "values": {"customer_id": house.customers[name], "name": "Li"}}
        assert code(asa.post("/v1/desk/contacts", contact)) == wanted, name
    assert code(asa.post(f"/v1/desk/contacts/{house.contacts['North']}", {"values": {"title": "x"}, "bases": {}})) == "out_of_scope"


def rows(who: Caller, kind: str, *given: dict[str, Any]) -> tuple[int, list[tuple[int, str]]]:
    told = who.post(f"/v1/desk/imports/{kind}", {"rows": list(given)})
    assert told.status_code == 200, told.text
    answer = told.json()
    return answer["taken"] + answer["changed"], [(one["line"], one["en"]) for one in answer["faults"]]


def test_a_department_imports_its_own_customers_alone(house: House) -> None:
    """D-493: neither a customer of another department, known or new, nor a pool's; and its contacts as little."""
    asa, not_yours = house.who("asa"), "this customer is not one of your department"
    elsewhere = {"external_id": "C-2", "name": "Two", "owner": "north"}
    assert rows(asa, "customers", {"external_id": "C-1", "name": "One", "owner": "west"}, elsewhere) == (1, [(2, not_yours)])
    assert rows(house.boss, "customers", elsewhere)[0] == 1
    assert rows(asa, "customers", {"external_id": "C-2", "name": "Renamed"}) == (0, [(1, not_yours)])
    contacts = [{"external_id": f"P-{at}", "customer": f"C-{at}", "name": "Wang"} for at in (1, 2)]
    assert rows(asa, "contacts", *contacts) == (1, [(2, not_yours)])
    assert house.boss.post("/v1/desk/pools", {"name": "Sea", "department_id": house.departments["East"]}).status_code == 200
    assert rows(asa, "customers", {"external_id": "C-3", "name": "Three", "pool": "Sea"}) == (0, [(1, not_yours)])
    assert rows(house.who("mia"), "customers", {"external_id": "C-4", "name": "Four", "owner": "east"}) == (1, [])


def test_by_phone_they_hold_nothing_still(house: House) -> None:
    """D-103, D-492: the reach is of a request of the desk alone."""
    for name in ("asa", "fay"):
        who = house.who(name)
        assert who.get("/v1/records/customer").json()["items"] == []
        assert code(who.get(f"/v1/records/customer/{house.customers['East']}")) == "not_found"
        assert code(who.get("/v1/desk/visits")) == code(who.get("/v1/desk/timeline")) == "forbidden"
    assert Role.assistant not in MATRIX["GET /v1/desk/visits"].roles
