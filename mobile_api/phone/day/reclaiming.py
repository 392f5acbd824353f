"""The days after the day: a rep who was warned keeps a customer by a visit; another loses one, and gets it back by a visit told late."""

import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from mobile_api.phone.day import drafts
from mobile_api.phone.day.day_clock import DayClock
from mobile_api.phone.day.entries import Slots
from mobile_api.phone.day.orders import Draft
from mobile_api.phone.day.people import ADMIN, POOL, TIME_ZONE
from mobile_api.phone.day.stage import Stage, owned
from server import chance
from server.domain.local_times import HOUR_MS, local_day, moment_ms
from server.domain.reclaim import MORNING, WARNING
from shared_schema.places import Datum
from shared_schema.records.contest import ContestState
from shared_schema.records.customer import Tier

RULES: Final = "/v1/desk/reclaim-rules"
CONTESTS: Final = "/v1/desk/contests"
HELD_DAYS: Final = 8
"""So many days without a contact, and a customer of tier A falls."""
NEVER_DAYS: Final = 3_650
STAGES: Final = (7, 3, 1)
WARNING_HOURS: Final = 24
TERMS: Final[dict[str, Any]] = {
    **dict.fromkeys(("b_days", "c_days", "unknown_days"), NEVER_DAYS),
    "a_days": HELD_DAYS,
    "warn_days": [*STAGES],
    "min_warning_hours": WARNING_HOURS,
}
NIGHT: Final = 30
"""The minute of a day: what falls with its beginning has fallen."""
WAIT_S: Final = 15
LOOK_S: Final = 0.05
NUDGE_MS: Final = 11_000
"""A job that was at work while the clock was moved looks again after its pause, of ten seconds: they are left out too."""


class Reclaiming:
    """Two customers of tier A, each of another rep. `manager`: who decides about a contest."""

    def __init__(self, stage: Stage, clock: DayClock, manager: str) -> None:
        self.stage = stage
        self.clock = clock
        self.manager = manager
        self.day = 0
        self.shops: dict[str, Slots] = {}
        self.fell_ms = 0

    def begin(self, *logins: str) -> None:
        """The rule is in force, and each rep is in touch with the own customer: from now on its days count."""
        self.day = local_day(chance.now_ms(), TIME_ZONE)
        self._rule()
        for login in logins:
            top = {one["id"] for one in self.stage.look(login, "standing") if one["tier"] == int(Tier.a)}
            shop = self.shops[login] = next(shop for shop in owned(self.stage, login) if shop["id"] in top)
            self.stage.enter(login, drafts.contact_log(chance.new_id(), shop, chance.now_ms(), self.stage.noted("来电续约")))

    def play(self, keeper: str, loser: str, third: str) -> None:
        """Nine days, of which the clock leaves most out. Until the eighth the loser's phone has no network."""
        warned = [self._is_warned(keeper, HELD_DAYS - stage) for stage in STAGES]
        self._visit(keeper, "按约上门，已续签")
        self.stage.sync(keeper)
        self._go(HELD_DAYS, NIGHT)
        unheard = self._wait(loser, lambda: bool(self._warnings(loser))) and self._owns(loser, self.shops[loser])
        self._go(HELD_DAYS, MORNING)
        self._visit(loser, "上门收款，回程没有信号")
        self._go(HELD_DAYS + 1, 2 * 60)
        claimed = self._claimed(third, self.shops[loser])
        kept = all(warned) and self._owns(keeper, self.shops[keeper])
        self.stage.tell("warned", kept, one=keeper, shop=str(self.shops[keeper]["name"]))
        restored = self._contest(loser, third)
        fair = unheard and self.fell_ms >= self._heard_ms(loser) + WARNING_HOURS * HOUR_MS
        self.stage.tell("reclaimed", fair and claimed, one=loser, other=third, shop=str(self.shops[loser]["name"]))
        self.stage.tell("contested", restored, one=loser, manager=self.manager, shop=str(self.shops[loser]["name"]))

    # the desk

    def _rule(self) -> None:
        """An admin puts the rule into force, if that of the day before is not the same."""
        admin = self.stage.desk(ADMIN)
        pool_id = next(one["id"] for one in admin.pages("/v1/desk/pools") if one["name"] == POOL)
        wanted = {**TERMS, "pool_id": pool_id}
        latest: dict[str, Any] = max(admin.pages(RULES), key=lambda one: int(one["version"]), default={})
        if any(latest.get(name) != value for name, value in wanted.items()):
            admin.post(RULES, {**wanted, "id": str(UUID(bytes=chance.new_id())), "effective_from_day": self.day})

    def _contest(self, loser: str, third: str) -> bool:
        """The visit arrives; the customer stays where it is until the manager has decided. Then it is the former owner's."""
        shop, desk = self.shops[loser], self.stage.desk(self.manager)
        self.stage.sync(loser, third)
        before = self._owns(third, shop)
        customer_id = str(UUID(str(shop["id"])))
        known = [one for one in desk.pages(CONTESTS) if one["customer_id"] == customer_id and one["state"] == ContestState.undecided]
        for one in known:
            asked = {"customer_id": customer_id, "verdict": "restored", "reason": "拜访在退回之前"}
            desk.post(f"{CONTESTS}/{one['id']}/decision", asked)
        self.stage.sync(loser, third)
        return before and len(known) == 1 and self._owns(loser, shop) and not self._owns(third, shop)

    # the phones

    def _go(self, days: int, minute: int) -> None:
        self.clock.move_to(moment_ms(self.day + days, minute, TIME_ZONE))

    def _is_warned(self, login: str, days: int) -> bool:
        """Whether this phone has a warning of this day, once it is eight."""
        self._go(days, MORNING)
        at_ms = chance.now_ms() - HOUR_MS
        return self._wait(login, lambda: any(int(one["made_ms"] or 0) > at_ms for one in self._warnings(login)))

    def _warnings(self, login: str) -> list[Slots]:
        """Of these days and this customer."""
        begun_ms, shop = moment_ms(self.day, 0, TIME_ZONE), self.shops[login]
        found = self.stage.look(login, "notification")
        return [one for one in found if (one["kind"], one["subject_id"]) == (WARNING, shop["id"]) and int(one["made_ms"] or 0) > begun_ms]

    def _heard_ms(self, login: str) -> int:
        """When the server had the first receipt for a warning."""
        return min((int(one["delivered_ms"] or 0) for one in self._warnings(login)), default=0)

    def _visit(self, login: str, note: str) -> None:
        draft = drafts.visit(chance.new_id(), self.shops[login], chance.now_ms(), self.stage.noted(note), Datum.wgs84)
        self.stage.enter(login, draft)

    def _claimed(self, third: str, shop: Slots) -> bool:
        """Once the phone of the third shows the card, its user claims, and has the customer."""
        self.stage.look_around(third, shop)
        self._wait(third, lambda: bool(self._cards(third, shop)))
        for card in self._cards(third, shop):
            self.fell_ms = int(card["pooled_ms"] or 0)
            self.stage.enter(third, Draft("claim", "pool_card", str(card["id"]), {"epoch": card["epoch"]}))
        self.stage.sync(third)
        return self._owns(third, shop)

    def _cards(self, login: str, shop: Slots) -> list[Slots]:
        return [card for card in self.stage.look(login, "pool_card") if card["id"] == shop["id"]]

    def _owns(self, login: str, shop: Slots) -> bool:
        user_id = self.stage.phones[login].user_id
        return any(one["id"] == shop["id"] and one["owner_id"] == user_id for one in self.stage.look(login, "standing"))

    def _wait(self, login: str, seen: Callable[[], bool]) -> bool:
        """Let this phone sync until it shows something, or for a while; whether it does."""
        until = time.monotonic() + WAIT_S
        self.stage.sync(login)
        while not (found := seen()) and time.monotonic() < until:
            self.clock.move_to(chance.now_ms() + NUDGE_MS)
            time.sleep(LOOK_S)
            self.stage.sync(login)
        return found
