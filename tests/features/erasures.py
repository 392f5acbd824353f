"""Erasing persons: a contact of a customer, or a user who has left, goes from every place, or from none."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.models import change, erasure, payload, tombstone
from server.services import users
from server.services.act import act
from shared_schema.records.customer import CONTACT
from shared_schema.records.reference import Role
from shared_schema.rest import UserRequest
from shared_schema.rest_rights import EraseContact, EraseUser
from shared_schema.wire import ENCODER
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Scene, Stage
from tests.prove.proof import Proof
from tests.world import Phone

ERASE: Final = VERB_OF[EraseContact]
ERASE_USER: Final = VERB_OF[EraseUser]
LEFT: Final = "Erased Colleague"
NAME: Final = "Erased Person"
EMPTY: Final = ENCODER.encode({})


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A contact with a history and a contact log that names it; and a user who has left."""
    rep = reps["cy"]
    shop_id = rep.create("customer", name="Shop of an erased person")
    contact_id = stage.ids["to erase"] = rep.create("contact", customer_id=shop_id, name="Erased Before", phone="139")
    await rep.sync()
    rep.patch("contact", contact_id, name=NAME, title="")
    rep.create("contact_log", customer_id=shop_id, device_ms=stage.world.now_ms, contact_id=contact_id, note=f"{NAME} rang")
    await rep.sync()
    left = UserRequest(login="erased", name=LEFT, role=Role.rep, department_id=stage.world.department_id, language="en", active=False)
    stage.ids["left to erase"] = (await stage.world.database.write(users.save, stage.admin, left, None, stage.world.now_ms)).id


async def erase(database: Database, scene: Scene) -> object:
    asked = EraseContact(scene.ids["to erase"], NAME)
    return ENCODER.encode(await database.write(act, scene.claims["admin"], asked, scene.now_ms))


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """An erased person has a tombstone and a history without values, and the words stand in no note; else everything stands."""
    erased = {
        bytes(row.id) for row in conn.execute(sa.select(erasure.c.id).where(erasure.c.org_id == org_id, erasure.c.entity == CONTACT.number))
    }
    buried = {bytes(row.id) for row in conn.execute(sa.select(tombstone.c.id).where(tombstone.c.org_id == org_id))}
    lines = sa.select(change.c.id, change.c.before, change.c.after).where(change.c.org_id == org_id, change.c.entity == CONTACT.number)
    told = {bytes(row.id) for row in conn.execute(lines) if {bytes(row.before), bytes(row.after)} != {EMPTY}}
    for one in erased:
        if one not in buried or one in told:
            yield f"contact {one.hex()}: erased, and something of it stands"
    kept = conn.execute(sa.select(payload.c.body).where(payload.c.org_id == org_id)).scalars()
    if erased and any(NAME.encode() in bytes(body) for body in kept):
        yield "a kept entry names an erased person"


def slip(_ids: Mapping[str, str]) -> dict[str, Any]:
    return {"name": "Thief"}


async def erase_user(database: Database, scene: Scene) -> object:
    asked = EraseUser(scene.ids["left to erase"], LEFT)
    return ENCODER.encode(await database.write(act, scene.claims["admin"], asked, scene.now_ms))


PROOF: Final = Proof(
    operations=(
        Operation("erase a contact", erase, same=True, touches=("contact", "tombstone", "change", "contact_log", "erasure")),
        Operation("erase a user", erase_user, same=True, touches=("person", "account", "erasure")),
    ),
    prepare=prepare,
    agree=agree,
    asks={ERASE.path: slip, ERASE_USER.path: slip},
    bodies={ERASE.path: (body_of(ERASE), {"name": NAME}), ERASE_USER.path: (body_of(ERASE_USER), {"name": LEFT})},
)
