"""A manager instructs two reps about a customer whom both follow up; one of them is offline. What the manager sees is written down."""

from typing import Final
from uuid import UUID

from mobile_api.phone.day.drafts import DAY_MS
from mobile_api.phone.day.entries import Entry, Slots
from mobile_api.phone.day.orders import Draft
from mobile_api.phone.day.stage import Stage
from server import chance
from shared_schema.records.instruction import InstructionState, Requires

NOUN: Final = "instruction"
GIVEN: Final = "/v1/desk/instructions"
WAY: Final = ("sent", "delivered", "read", "acknowledged", "done")


class Instructing:
    """The instruction of one day. `manager`: who gives it, and looks on a phone of the manager's own."""

    def __init__(self, stage: Stage, manager: str) -> None:
        self.stage = stage
        self.manager = manager
        self.shop: Slots = {}
        self.ids: dict[str, str] = {}
        self.seen: dict[str, list[str]] = {}
        """Account → the states of its instruction as the manager's phone showed them, each once, in their order."""

    def give(self, shop: Slots, *logins: str) -> None:
        """One request to several reps, at the desk; it is done by a visit that is verified."""
        self.shop = shop
        people = [str(UUID(self.stage.phones[login].user_id)) for login in logins]
        asked = {"id": str(UUID(bytes=chance.new_id())), "text": "去看新货架，拍下竞品价格", "requires": int(Requires.visit)}
        about = {"user_ids": people, "customer_id": str(UUID(str(shop["id"]))), "due_ms": chance.now_ms() + DAY_MS}
        given = self.stage.desk(self.manager).post(GIVEN, {**asked, **about})["items"]
        by_user = {UUID(one["rep_id"]).hex: UUID(one["id"]).hex for one in given}
        self.ids = {login: by_user[self.stage.phones[login].user_id] for login in logins}
        self.seen = {login: [] for login in logins}
        self.look()

    def take(self, login: str, step: str, **values: str) -> None:
        """The rep takes a step with it, with or without a network."""
        self.stage.enter(login, Draft(step, NOUN, self.ids[login], dict(values)))

    def finish(self, login: str, visit: Entry) -> None:
        """The rep names the visit by which it is done."""
        self.take(login, "finish", visit_id=visit.id)

    def look(self) -> None:
        """The manager's phone syncs, and shows who stands where."""
        self.stage.sync(self.manager)
        shown = {str(one["id"]): InstructionState(int(one["state"] or 0)).name for one in self.stage.look(self.manager, NOUN)}
        for login, seen in self.seen.items():
            state = shown.get(self.ids[login], "")
            if not seen or seen[-1] != state:
                seen.append(state)

    def steps(self, login: str) -> list[str]:
        """The states that its rep reached since it was sent, as the desk tells them."""
        told = self.stage.desk(self.manager).get(f"/v1/records/{NOUN}/{UUID(self.ids[login])}") or {"steps": []}
        return [InstructionState(step["state"]).name for step in told["steps"]]

    def tell(self, online: str, offline: str) -> None:
        """True if the manager saw each step of one rep when it was taken; of the other, none until the rep was back, then in order."""
        away, *back = self.seen[offline]
        well = self.seen[online] == list(WAY) and away == WAY[0] and back == sorted(back, key=WAY.index) and back[-1:] == [WAY[-1]]
        orders = all([step for step in self.steps(login) if step in WAY[1:]] == list(WAY[1:]) for login in (online, offline))
        self.stage.tell("instructed", well and orders, one=online, other=offline, manager=self.manager, shop=str(self.shop["name"]))
