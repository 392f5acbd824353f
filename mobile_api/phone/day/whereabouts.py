"""Where a rep is: what is around, which check-in counts, where a new shop must be, and a rep who does not want to say."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from geo.distance import flat_distance_mm
from geo.nearby import Near, Placed, nearest
from geo.route import Stop, by_road_mm, route
from mobile_api.phone.day import drafts
from mobile_api.phone.day.day_clock import DayClock
from mobile_api.phone.day.entries import Entry, Slots
from mobile_api.phone.day.orders import Draft
from mobile_api.phone.day.stage import Stage
from server import chance
from shared_schema.places import Datum, Position, Verdict
from shared_schema.records.whereabouts import ConsentAnswer

WAY_MS: Final = 90 * 60_000
"""From one shop to another, also in the next city: a visit that nobody could have made in time is doubted (D-203)."""
RADIUS_M: Final = 5_000
STOPS_MAX: Final = 8
FAR_M: Final = 3_000
DAYS: Final = (3, 2, 1)
NEW_SHOP: Final = "路口新开的杂货铺"


class Whereabouts:
    """The last round of one rep. `manager`: who confirms a place at the desk, and hears who agreed."""

    def __init__(self, stage: Stage, clock: DayClock, rep: str, manager: str) -> None:
        self.stage = stage
        self.clock = clock
        self.rep = rep
        self.manager = manager

    def play(self, shops: Sequence[Slots]) -> None:
        """Look around, check in at one shop and far from another, find a place for a third, and say no to positions for one visit."""
        self._look_around(shops[0])
        self._check_in(shops[1], shops[2])
        self._place(shops[0])
        self._say_no(shops[1])

    def _look_around(self, shop: Slots) -> None:
        """True if the phone, asked offline, says what the server says; and the nearest of them have an order."""
        at = _place_of(shop)
        here = f"latitude={at.latitude_e6 / 1e6}&longitude={at.longitude_e6 / 1e6}&radius_m={RADIUS_M}&limit=200"
        told = [UUID(one["id"]).bytes for one in self.stage.desk(self.rep).get(f"/v1/nearby?{here}")["items"]]
        places = {bytes.fromhex(str(one["id"])): _place_of(one) for one in self.stage.look(self.rep, "customer") if one["wgs_latitude_e6"]}
        cards = [one for one in self.stage.look(self.rep, "pool_card") if one["pooled"] and one["latitude_e6"]]
        places |= {bytes.fromhex(str(one["id"])): Position(int(str(one["latitude_e6"])), int(str(one["longitude_e6"]))) for one in cards}
        known: list[Near] = nearest((Placed(key, *place) for key, place in places.items()), at, RADIUS_M)
        stops = [Stop(*places[near.id]) for near in known[:STOPS_MAX]]
        way_mm = by_road_mm(sum(route(stops, at).legs_mm))
        true = [near.id for near in known] == told and 0 < way_mm < by_road_mm(2 * STOPS_MAX * RADIUS_M * 1_000)
        self.stage.tell("around", true, one=self.rep, count=str(len(told)), second=str(len(stops)), way=f"{way_mm / 1e6:.1f}")

    def _check_in(self, here: Slots, elsewhere: Slots) -> None:
        """True if the one is verified, and the other out of range and taken all the same."""
        at_the_door = self._visit(here, "补货单已签")
        self._on_the_way()
        far = self._visit(elsewhere, "老板在外面，路上谈的", FAR_M)
        self.stage.sync(self.rep)
        self._on_the_way()
        true = [self._verdict(one) for one in (at_the_door, far)] == [Verdict.verified, Verdict.out_of_range]
        self.stage.tell("verified", true, one=self.rep, shop=str(here["name"]))

    def _place(self, near: Slots) -> None:
        """A shop without a position gets one from the visits of three days, when the manager confirms it."""
        key, name = chance.new_id(), f"{NEW_SHOP}{self.stage.mark()[-4:]}"
        self.stage.enter(self.rep, drafts.create("customer", key, {"name": name, "city": near["city"]}))
        shop: Slots = {"id": key.hex(), "wgs_latitude_e6": near["wgs_latitude_e6"], "wgs_longitude_e6": near["wgs_longitude_e6"]}
        for days in DAYS:
            when_ms = chance.now_ms() - days * drafts.DAY_MS
            note = self.stage.noted("路过看看")
            self.stage.enter(self.rep, drafts.visit(chance.new_id(), shop, when_ms, note, Datum.wgs84, 20 + days))
        self.stage.sync(self.rep)
        desk, shop_id = self.stage.desk(self.manager), str(UUID(bytes=key))
        found = [one for one in desk.pages("/v1/desk/placings") if one["customer_id"] == shop_id]
        stands = desk.get(f"/v1/records/customer/{shop_id}")
        for one in found:
            place = {slot: one[slot] for slot in ("latitude_e6", "longitude_e6", "datum")}
            desk.post(f"/v1/desk/customers/{shop_id}/placing/confirm", {"values": place, "bases": {"position": stands["rev"]}})
        self.stage.sync(self.rep)
        known = next((one for one in self.stage.look(self.rep, "customer") if one["id"] == key.hex()), {})
        is_near = bool(known.get("wgs_latitude_e6")) and flat_distance_mm(*_place_of(known), *_place_of(near)) < 100_000
        self.stage.tell("placed", len(found) == 1 and is_near, one=self.rep, manager=self.manager, shop=name)

    def _say_no(self, shop: Slots) -> None:
        """True if the visit after a no bears no position and counts as a contact, and the manager knows of the no."""
        self._answer(ConsentAnswer.no)
        told = drafts.nowhere(self._draft(shop, "今天不报位置"))
        visit = self.stage.enter(self.rep, told)[0]
        self.stage.sync(self.rep)
        user_id = str(UUID(self.stage.phones[self.rep].user_id))
        heard = [one["answer"] for one in self.stage.desk(self.manager).pages("/v1/desk/consents") if one["user_id"] == user_id]
        stands = self.stage.desk(self.manager).record(visit.key) or {}
        nowhere = stands.get("latitude_e6") is None and stands.get("verdict") == Verdict.unverified
        self.stage.tell("consent", nowhere and heard == [ConsentAnswer.no], one=self.rep, shop=str(shop["name"]))
        self._answer(ConsentAnswer.yes)
        self.stage.sync(self.rep)

    def _answer(self, answer: ConsentAnswer) -> None:
        user_id = self.stage.phones[self.rep].user_id
        said: Slots = {"answer": int(answer), "asked_in": 1}
        known = any(one["id"] == user_id for one in self.stage.look(self.rep, "consent"))
        values = said if known else {"user_id": user_id, **said}
        self.stage.enter(self.rep, Draft("patch" if known else "create", "consent", user_id, values))

    def _visit(self, shop: Slots, note: str, away_m: int = 20) -> Entry:
        return self.stage.enter(self.rep, self._draft(shop, note, away_m))[0]

    def _draft(self, shop: Slots, note: str, away_m: int = 20) -> Draft:
        return drafts.visit(chance.new_id(), shop, chance.now_ms(), self.stage.noted(note), Datum.wgs84, away_m)

    def _on_the_way(self) -> None:
        self.clock.move_to(chance.now_ms() + WAY_MS)

    def _verdict(self, visit: Entry) -> object:
        return (self.stage.desk(self.manager).record(visit.key) or {}).get("verdict")


def _place_of(shop: Slots) -> Position:
    return Position(int(str(shop["wgs_latitude_e6"])), int(str(shop["wgs_longitude_e6"])))
