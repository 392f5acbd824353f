"""Two reps want customers of a pool: one they claim at the same moment; offline, one of them wins a second and loses a third."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from mobile_api.phone.day import drafts
from mobile_api.phone.day.entries import Slots
from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.orders import Draft
from mobile_api.phone.day.people import ADMIN, MANAGER
from mobile_api.phone.day.stage import Stage
from server import chance
from shared_schema.places import Datum

RACED, WON, LOST = range(3)
NEW: Final = ("新街口便民超市", "夫子庙文具行", "江东五金店")
"""Names of the three; a number follows, so that each day has its own."""
APPLIED: Final = "applied"
CLAIMED: Final = "claimed_by_other"


class Pooling:
    """The claims of one day. `pool`: its name; `manager`: who leads both reps."""

    def __init__(self, stage: Stage, pool: str, manager: str) -> None:
        self.stage = stage
        self.pool = pool
        self.manager = manager
        self.ids: list[str] = []

    def stock(self, near: Slots, of: str, *logins: str) -> None:
        """The manager enters three shops near one, and gives them to the pool. An admin makes it if it is missing. `of`: its department.

        `logins`: whose phones show them.
        """
        admin, desk = self.stage.desk(ADMIN), self.stage.desk(self.manager)
        known = {one["name"]: one["id"] for one in admin.pages("/v1/desk/pools")}
        if self.pool not in known:
            known[self.pool] = admin.post("/v1/desk/pools", {"name": self.pool, "department_id": self._department(of)})["id"]
        owner_id = next(one["id"] for one in admin.pages("/v1/desk/users") if one["login"] == self.manager)
        for login in logins:
            self.stage.look_around(login, near)
        at = {"latitude_e6": near["wgs_latitude_e6"], "longitude_e6": near["wgs_longitude_e6"], "datum": int(Datum.wgs84)}
        for name in NEW:
            shop_id = str(UUID(bytes=chance.new_id()))
            self.ids.append(UUID(shop_id).hex)
            values = {"name": f"{name}{self.stage.mark()[-4:]}", "city": near["city"], **at}
            desk.post("/v1/desk/customers", {"id": shop_id, "owner_id": owner_id, "values": values})
            desk.post(f"/v1/desk/customers/{shop_id}/release", {"pool_id": known[self.pool], "reason": "新店，先到先得"})

    def _department(self, name: str) -> str:
        return next(str(UUID(str(one["id"]))) for one in self.stage.look(MANAGER.login, "department") if one["name"] == name)

    def play(self, one: str, other: str) -> None:
        """Both claim, and both are told; `one` then claims offline what `other` has by then. Raises DayFailedError."""
        cards = self._cards(one, other)
        self._race(cards[RACED], one, other)
        self._offline(cards, one, other)

    def _cards(self, *logins: str) -> list[Slots]:
        """The cards of the three, which both phones show."""
        cards: dict[str, Slots] = {}
        for login in logins:
            cards = {str(card["id"]): card for card in self.stage.look(login, "pool_card")}
            if not cards.keys() >= {*self.ids}:
                raise DayFailedError(f"the phone of {login} does not show the customers of the pool {self.pool}")
        return [cards[one] for one in self.ids]

    def _claim(self, login: str, card: Slots) -> None:
        self.stage.enter(login, Draft("claim", "pool_card", str(card["id"]), {"epoch": card["epoch"]}))

    def _race(self, card: Slots, *logins: str) -> None:
        """True if one phone has the customer, and the other one says who was first."""
        for login in logins:
            self._claim(login, card)
        self.stage.sync(*logins)
        self.stage.sync(*logins)
        winners = [login for login in logins if self._owns(login, card)]
        losers = [login for login in logins if self._lost_to(login, card, [self.stage.phones[one].user_id for one in winners])]
        true = sorted((*winners, *losers)) == sorted(logins) and len(winners) == 1
        first = winners[0] if winners else logins[0]
        second = next(login for login in logins if login != first)
        self.stage.tell("raced", true, one=first, other=second, shop=str(card["name"]))

    def _offline(self, cards: list[Slots], one: str, other: str) -> None:
        """True if one claim was won and one lost, and the visit beneath the lost one is offered to the winner."""
        won, lost = cards[WON], cards[LOST]
        for card in (won, lost):
            self._claim(one, card)
        shop: Slots = {"id": lost["id"], "wgs_latitude_e6": lost["latitude_e6"], "wgs_longitude_e6": lost["longitude_e6"]}
        self.stage.enter(one, drafts.visit(chance.new_id(), shop, chance.now_ms(), self.stage.noted("先到店，老板同意试用"), Datum.wgs84))
        self._claim(other, lost)
        self.stage.sync(other)
        self.stage.sync(one)
        self.stage.sync(other)
        author_id, winner_id = self.stage.phones[one].user_id, self.stage.phones[other].user_id
        offered = [it for it in self.stage.look(other, "contribution") if it["customer_id"] == lost["id"] and it["author_id"] == author_id]
        true = self._owns(one, won) and self._owns(other, lost) and self._lost_to(one, lost, [winner_id]) and len(offered) == 1
        self.stage.tell("claimed_offline", true, one=one, other=other, shop=str(won["name"]), second=str(lost["name"]))

    def _owns(self, login: str, card: Slots) -> bool:
        user_id = self.stage.phones[login].user_id
        return any(one["id"] == card["id"] and one["owner_id"] == user_id for one in self.stage.look(login, "standing"))

    def _lost_to(self, login: str, card: Slots, user_ids: Collection[str]) -> bool:
        """Whether this phone has a card of the claim that names one of these users as the first one."""
        found = self.stage.open_cards(login, CLAIMED)
        return any(member.id == card["id"] and member.first in user_ids for one in found for member in one.members)
