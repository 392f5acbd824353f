"""Three follow-ups are due today. Two reps hear of theirs at eight, by two ways; one has done it before, offline, and hears nothing."""

from collections.abc import Iterable
from typing import Final

from mobile_api.phone.day import drafts
from mobile_api.phone.day.day_clock import DayClock
from mobile_api.phone.day.entries import Slots
from mobile_api.phone.day.people import TIME_ZONE
from mobile_api.phone.day.pushing import Pushing
from mobile_api.phone.day.stage import Stage
from server import chance
from server.domain.follow_ups import MORNING
from server.domain.local_times import local_day, moment_ms

NOUN: Final = "follow_up"


class Reminding:
    """The follow-ups of one day that its clock makes due."""

    def __init__(self, stage: Stage, pushing: Pushing, clock: DayClock) -> None:
        self.stage = stage
        self.pushing = pushing
        self.clock = clock
        self.shops: dict[str, Slots] = {}
        self.ids: dict[str, str] = {}

    def tidy(self, login: str, shops: Iterable[Slots]) -> None:
        """What the days before left open is done: a reader gets a few pushes an hour, and today's are not to wait behind old ones.

        `shops`: those that the rep owns alone.
        """
        tomorrow, user_id = local_day(chance.now_ms(), TIME_ZONE) + 1, self.stage.phones[login].user_id
        own = {shop["id"] for shop in shops}
        for one in self.stage.look(login, NOUN):
            if not one["done"] and int(one["due_day"] or 0) <= tomorrow and (one["author_id"] == user_id or one["customer_id"] in own):
                self.stage.enter(login, drafts.patch(NOUN, one, done=True))

    def plan(self, login: str, shop: Slots) -> None:
        """A rep plans a step for today."""
        self.shops[login], self.ids[login] = shop, chance.new_id().hex()
        today: Slots = {"due_day": local_day(chance.now_ms(), TIME_ZONE), "purpose": self.stage.noted("今天回访，带样品")}
        self.stage.enter(login, drafts.create(NOUN, bytes.fromhex(self.ids[login]), {"customer_id": shop["id"], **today}))

    def close(self, login: str) -> None:
        """The rep has done it."""
        planned = next(one for one in self.stage.look(login, NOUN) if one["id"] == self.ids[login])
        self.stage.enter(login, drafts.patch(NOUN, planned, done=True))
        self.pushing.closed.add((login, self.ids[login]))

    def strike_eight(self) -> None:
        """The clock of the day shows eight; pushes are on their way to all who have something to do."""
        self.pushing.wanted |= {(login, record_id) for login, record_id in self.ids.items()} - self.pushing.closed
        self.clock.move_to(moment_ms(local_day(chance.now_ms(), TIME_ZONE), MORNING, TIME_ZONE))

    def tell(self, by_firebase: str, by_browser: str, closed: str) -> None:
        """A line for each."""
        for scene, login in (("by_firebase", by_firebase), ("by_browser", by_browser)):
            self._tell(scene, login, came=True)
        self._tell("closed", closed, came=False)

    def _tell(self, scene: str, login: str, *, came: bool) -> None:
        arrived = (login, self.ids[login]) in self.pushing.told()
        self.stage.tell(f"reminded_{scene}", arrived is came, one=login, shop=str(self.shops[login]["name"]))
