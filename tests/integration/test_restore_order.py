"""After a restore any device may come first: what names a record that is not there yet waits for it, and a stranger learns nothing."""

from pathlib import Path

import httpx
import msgspec
import pytest

from mobile_api.phone.phone import Edit, Phone
from server import chance
from shared_schema.records.activity import Visit
from shared_schema.records.customer import Contact, Customer
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.quote import QuoteLine
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from tests.integration.site import Site, beside, found
from tests.integration.test_drill import Drill, _back_up, _people, _uuid, beside_restore, rows

ITEM = BY_RECORD[InboxItem].number
NEAR = ("second", "bo", "mei")
"""Ann's other phone, a collaborator, her manager."""


def cards(phone: Phone, state: ItemState) -> list[tuple[str, bool]]:
    """(code, whether it names a customer) of the phone's own cards in a state."""
    own: list[InboxItem] = [BY_RECORD[InboxItem].read(body) for _, body in phone.shelf.rows(ITEM)]  # type: ignore[misc]
    mine = [one for one in own if one.holder_id == phone.seat().user_id and one.state == state]
    return sorted((one.code, one.customer_id is not None) for one in mine)


class Hour(msgspec.Struct, frozen=True):
    """What was made since the backup: ann's shop with a contact and a quote, and a visit of each of the others."""

    shop: bytes
    contact: bytes
    visits: dict[str, bytes]


def lost_hour(drill: Drill) -> Hour:
    with drill.serving() as http:
        mei = _people(drill, http)
        for name in ("ann", "bo", "cy", "mei"):
            drill.phone(name)
        drill.phone("second", "ann")
        drill.create("ann", Customer, "shop of before")
        drill.sync()
        _back_up(drill)
        shop = drill.create("ann", Customer, "shop of the hour")
        contact = drill.create("ann", Contact, "contact of the hour", customer_id=shop)
        drill.submit("ann", shop)
        asked = {"user_id": _uuid(drill.phones["bo"].seat().user_id)}
        assert mei.post(f"/v1/desk/customers/{_uuid(shop)}/collaborators", asked).status_code == 200
        drill.sync(*NEAR)
        assert all(drill.phones[name].view(Customer, shop) is not None for name in NEAR)
        visits = {name: visit(drill, name, shop) for name in (*NEAR, "cy")}
        visit(drill, "second", shop, amends_id=visits["second"])
        drill.phones["second"].enter([Edit(Kind.patch, BY_RECORD[Contact], contact, {"email": "new@shop"})])
        drill.typed.append("new@shop")
        drill.sync()
        for name in NEAR:
            assert cards(drill.phones[name], ItemState.open) == []
    return Hour(shop, contact, visits)


def visit(drill: Drill, name: str, shop: bytes, **values: bytes) -> bytes:
    return drill.create(name, Visit, f"visit {len(drill.typed)} of {name}", customer_id=shop, device_ms=chance.now_ms(), **values)


@pytest.mark.parametrize("first", ["ann", "the others"])
def test_the_order_of_devices_does_not_matter(migrated_url: str, tmp_path: Path, first: str) -> None:
    """P-512, P-511, P-424, P-905: the same stands at the end, whoever comes first; the stranger sees what he saw."""
    beside(migrated_url, found)
    drill = Drill(tmp_path, migrated_url)
    hour = lost_hour(drill)
    beside_restore(migrated_url, tmp_path / "a.backup")
    with drill.serving() as http:
        if first == "ann":
            drill.sync("ann")
        drill.sync("second", "bo", "mei", "cy")
        stranger = rows(drill.phones["cy"])
        assert cards(drill.phones["cy"], ItemState.open) == [("out_of_scope", False)]
        if first != "ann":
            assert cards(drill.phones["second"], ItemState.open) == [("out_of_scope", False)] * 2
        for name in ("bo", "mei") if first != "ann" else ("bo",):
            assert cards(drill.phones[name], ItemState.open) == [("out_of_scope", False)]
        drill.sync("ann", *NEAR, "ann", "cy")
        assert cards(drill.phones["mei"], ItemState.open) == []
        assert cards(drill.phones["second"], ItemState.open) == [("conflict", True)]  # the contact was made anew above the base (P-902)
        assert cards(drill.phones["bo"], ItemState.open) == [("out_of_scope", False)]
        granted_again(drill, http, hour)
        drill.sync("bo", "cy", "ann")
        assert cards(drill.phones["bo"], ItemState.open) == []
        assert rows(drill.phones["cy"]) == stranger
        ann = drill.phones["ann"]
        told = {one.id: one for one in ann.views(Visit)}
        assert {told[hour.visits[name]].late for name in NEAR} == {False}
        assert len(told) == len(NEAR) + 1
        assert len(ann.views(QuoteLine)) == 1
        for one in drill.phones["second"].open_items():
            drill.phones["second"].use_mine(one)
        drill.sync("second", "ann")
        shown = ann.view(Contact, hour.contact)
        assert shown is not None
        assert shown.email == "new@shop"
        for phone in drill.phones.values():
            phone.close()
    assert drill.broken == []


def granted_again(drill: Drill, http: httpx.Client, hour: Hour) -> None:
    """The desk lets the collaborator follow up the customer again."""
    mei = Site(drill.database_url, http, {}).caller("alpha", "mei")
    assert mei.log_in().status_code == 200
    asked = {"user_id": _uuid(drill.phones["bo"].seat().user_id)}
    assert mei.post(f"/v1/desk/customers/{_uuid(hour.shop)}/collaborators", asked).status_code == 200
