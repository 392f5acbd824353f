"""Customers and contacts that the desk enters and changes."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.customers import CONTACT_PATH, PATH
from server.domain.desk import VERB_OF
from server.services.act import act
from shared_schema.records.customer import CONTACT, CUSTOMER, ChangeContact, ChangeCustomer, NewContact, NewCustomer
from shared_schema.wire import ENCODER
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Scene
from tests.prove.proof import Proof

CHANGED: Final = VERB_OF[ChangeCustomer].path
CHANGED_CONTACT: Final = VERB_OF[ChangeContact].path
BORN: Final = {"birthday": "02-29"}
SEEN: Final = 1
"""The first rev: nobody has changed these fields since the record was made."""


async def _asked(database: Database, scene: Scene, asked: Struct) -> object:
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


async def enter(database: Database, scene: Scene) -> object:
    values = CUSTOMER.create_type(name="Night Market", latitude_e6=31_230_000, longitude_e6=121_470_000, datum=1, tags=("vip",))
    return await _asked(database, scene, NewCustomer(scene.ids["new 10"], values, scene.ids["ann"]))


async def change(database: Database, scene: Scene) -> object:
    values = CUSTOMER.patch_type(industry="tea", note="asked for tea")
    return await _asked(database, scene, ChangeCustomer(scene.ids["customer"], values, {"industry": SEEN, "note": SEEN}))


async def enter_contact(database: Database, scene: Scene) -> object:
    values = CONTACT.create_type(customer_id=scene.ids["customer"], name="Ms Lin", phones=("1",), birthday="lunar 08-15")
    return await _asked(database, scene, NewContact(scene.ids["new 9"], values))


def theft(ids: Mapping[str, str]) -> dict[str, Any]:
    """The victim's customer, once more, for the victim's rep."""
    return {"id": ids["customer"], "owner_id": ids["user ann"], "values": {"name": "Thief"}}


def theft_of_contact(ids: Mapping[str, str]) -> dict[str, Any]:
    return {"id": ids["contact"], "values": {"customer_id": ids["customer"], "name": "Thief"}}


def overwriting(_ids: Mapping[str, str]) -> dict[str, Any]:
    return {"values": {"note": "Thief"}, "bases": {"note": SEEN}}


PROOF: Final = Proof(
    operations=(
        Operation(
            "enter a customer at the desk",
            enter,
            same=True,
            touches=("customer", "standing", "ownership_event", "change", "notification", "push"),
        ),
        Operation("change a customer at the desk", change, same=True, touches=("customer", "change")),
        Operation("enter a contact at the desk", enter_contact, same=True, touches=("contact", "change", "due")),
    ),
    asks={PATH: theft, CHANGED: overwriting, CONTACT_PATH: theft_of_contact, CHANGED_CONTACT: overwriting},
    bodies={
        PATH: (body_of(VERB_OF[NewCustomer]), {"id": b"n" * 16, "owner_id": b"u" * 16, "values": {"name": "夜市", "tags": ["vip"]}}),
        CHANGED: (body_of(VERB_OF[ChangeCustomer]), {"values": {"phone": "1"}, "bases": {"phone": 1}}),
        CONTACT_PATH: (
            body_of(VERB_OF[NewContact]),
            {"id": b"c" * 16, "values": {"customer_id": b"n" * 16, "name": "林", **BORN}},
        ),
        CHANGED_CONTACT: (body_of(VERB_OF[ChangeContact]), {"values": {"note": "x"}, "bases": {"note": 1}}),
    },
)
