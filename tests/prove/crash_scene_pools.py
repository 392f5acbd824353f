"""The prepared database, pools: customers in a tile, one about to be given back, collaborations that end."""

from collections.abc import Mapping
from typing import Final

from geo.grid import tile
from server.services import tables
from server.services.act import act
from shared_schema.records.customer import Collaborate, GiveToPool, Release, Standing
from shared_schema.records.inbox import Value
from shared_schema.records.pool import Claim, PoolCard, PoolRequest
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit, keep_tiles
from tests.prove.crash_stage import Stage
from tests.world import START_MS, Phone

PLACE: Final[Mapping[str, Value]] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1}
TILE: Final = tile(31_230_400, 121_473_700)
HOUR_MS: Final = 3_600_000


async def pooled(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Fill a pool, and leave what its members are about to do."""
    database = stage.world.database
    pool = await database.write(tables.save, stage.admin, PoolRequest(name="East", hidden=("industry",)), stage.world.now_ms)
    stage.ids["pool"] = pool.id
    for name in ("first", "second"):
        stage.ids[f"{name} pooled"] = customer_id = await _customer(reps["cy"], f"The {name} pooled")
        await database.write(act, stage.manager.claims, GiveToPool(customer_id, pool.id, reason="idle"), stage.world.now_ms)
    stage.ids["to release"] = await _customer(reps["dee"], "To be given back")
    await _shared(stage, stage.ids["to release"], reps["fay"])
    await stage.about_to("claim", reps["gus"].user_id, lambda phone: _claim(phone, stage), (TILE,))
    await stage.about_to("release", reps["dee"].user_id, lambda phone: _release(phone, stage))
    fresh = await stage.world.phone(reps["eve"].user_id)
    keep_tiles(fresh.shelf, (TILE,))
    stage.requests["tile"], stage.claims["tile"] = ENCODER.encode(fresh.ask()), fresh.claims


async def ending(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Two collaborations whose time is over in an hour, and one that goes on."""
    customer_id = await _customer(reps["eve"], "Shared for a while")
    until_ms = stage.world.now_ms + HOUR_MS
    for name, ends_ms in (("cy", until_ms), ("fay", until_ms), ("gus", until_ms + 1_000_000 * HOUR_MS)):
        await _shared(stage, customer_id, reps[name], ends_ms)


async def _customer(rep: Phone, name: str) -> bytes:
    """A customer with a place, and children of it that move along."""
    customer_id = rep.create("customer", name=name, phone="3", industry="food", city="Port", **PLACE)
    rep.create("contact", customer_id=customer_id, name="Ms Lin")
    rep.create("visit", customer_id=customer_id, device_ms=START_MS)
    await rep.sync()
    return customer_id


async def _shared(stage: Stage, customer_id: bytes, rep: Phone, until_ms: int | None = None) -> None:
    asked = Collaborate(customer_id, rep.user_id, until_ms)
    await stage.world.database.write(act, stage.manager.claims, asked, stage.world.now_ms)


def _claim(phone: Phone, stage: Stage) -> None:
    """The claim and a visit that depends on it, one group."""
    customer_id = stage.ids["first pooled"]
    card = phone.view("pool_card", customer_id)
    assert isinstance(card, PoolCard)
    claim = Edit(Kind.command, BY_NAME["pool_card"], customer_id, command=ENCODER.encode(Claim(epoch=card.epoch)))
    phone.enter(claim, Edit(Kind.create, BY_NAME["visit"], next(stage.world.ids), {"customer_id": customer_id, "device_ms": START_MS}))


def _release(phone: Phone, stage: Stage) -> None:
    standing = phone.view("standing", stage.ids["to release"])
    assert isinstance(standing, Standing)
    phone.command("standing", standing.id, Release(stage.ids["pool"], epoch=standing.epoch, reason="too far"))
