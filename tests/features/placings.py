"""Places that visits propose: the visit of a third day makes the proposal, the desk confirms or declines it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server import chance
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.placings import placing_id
from server.services import records
from server.services.act import act
from shared_schema.places import Datum
from shared_schema.records.customer import Customer
from shared_schema.records.placing import ConfirmPlacing, DeclinePlacing, PlaceValues, Placing, PlacingKind, PlacingState
from shared_schema.wire import ENCODER, Result
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.proof import Author, Proof
from tests.world import Phone

CONFIRM: Final = VERB_OF[ConfirmPlacing]
DECLINE: Final = VERB_OF[DeclinePlacing]
PLACE: Final[dict[str, Any]] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": int(Datum.wgs84)}
SEEN: Final = PlaceValues(31_230_400, 121_473_700, Datum.wgs84)
DAY_MS: Final = 86_400_000


def visits(phone: Phone, customer_id: bytes, days: tuple[int, ...], now_ms: int) -> None:
    """Good visits at the customer, so many days ago."""
    for day in days:
        phone.create("visit", customer_id=customer_id, device_ms=now_ms - day * DAY_MS, accuracy_mm=10_000, **PLACE)


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Two customers with a proposal, and one that lacks the visit of a third day."""
    rep, now_ms = reps["cy"], stage.world.now_ms
    for name in ("to place", "to leave", "third day"):
        stage.ids[name] = rep.create("customer", name=name)
        visits(rep, stage.ids[name], (9, 8) if name == "third day" else (9, 8, 7), now_ms)
    await rep.sync()

    def enter(phone: Phone) -> None:
        visits(phone, stage.ids["third day"], (7,), now_ms)

    await stage.about_to("third day", rep.user_id, enter)


async def confirm(database: Database, scene: Scene) -> object:
    customer_id, claims = scene.ids["to place"], scene.claims["manager"]
    seen = await database.read(records.one, claims, "customer", customer_id, scene.now_ms)
    asked = ConfirmPlacing(customer_id, SEEN, {"position": seen.rev})
    return ENCODER.encode(await database.write(act, claims, asked, scene.now_ms))


async def decline(database: Database, scene: Scene) -> object:
    asked = DeclinePlacing(scene.ids["to leave"], SEEN)
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A place that was confirmed is the customer's."""
    customers = {one.id: one for one in every(conn, org_id, Customer)}
    for one in every(conn, org_id, Placing):
        if one.state is PlacingState.confirmed and customers[one.customer_id].latitude_e6 != one.latitude_e6:
            yield f"placing {one.id.hex()}: confirmed, and the customer is elsewhere"


def canary(author: Author) -> None:
    """What visits propose for the author's customer."""
    customer_id = author.raw_id("customer")
    place = (SEEN.latitude_e6, SEEN.longitude_e6)
    told = (PlacingKind.learned, PlacingState.proposed, *place, SEEN.datum, *place, 3, 3, 10, chance.now_ms())
    author.put(Placing(placing_id(customer_id), 0, customer_id, *told))


PROOF: Final = Proof(
    operations=(
        Operation(
            "the visit of a third day",
            sending("third day"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("visit", "placing"),
        ),
        Operation("confirm a place", confirm, same=True, touches=("placing", "customer")),
        Operation("decline a place", decline, same=True, touches=("placing",)),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    asks={CONFIRM.path: lambda _: {"values": PLACE, "bases": {}}, DECLINE.path: lambda _: {"values": PLACE}},
    bodies={
        CONFIRM.path: (body_of(CONFIRM), {"values": PLACE, "bases": {"position": 3}}),
        DECLINE.path: (body_of(DECLINE), {"values": PLACE}),
    },
)
