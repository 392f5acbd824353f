"""The script of the day: the rounds of each rep, the fields in which two of them meet, the troubles of each phone. Nothing here judges."""

from pathlib import Path
from typing import Final
from uuid import UUID

from mobile_api.phone.day import drafts
from mobile_api.phone.day.day_clock import DayClock
from mobile_api.phone.day.entries import Entry, Slots
from mobile_api.phone.day.instructing import Instructing
from mobile_api.phone.day.orders import Draft
from mobile_api.phone.day.people import CITIES, CITY_POOL, MANAGER, REPS
from mobile_api.phone.day.pooling import Pooling
from mobile_api.phone.day.providers import Providers
from mobile_api.phone.day.pushing import Pushed, Pushing
from mobile_api.phone.day.reclaiming import Reclaiming
from mobile_api.phone.day.reminding import Reminding
from mobile_api.phone.day.stage import Stage, owned
from mobile_api.phone.day.whereabouts import WAY_MS, Whereabouts
from server import chance
from shared_schema.places import Datum

WANG, LI, CHEN, ZHAO, LIU, SUN = (one.login for one in REPS)
ZHOU, HE = MANAGER.login, "he.jun"
LOGINS: Final = (WANG, LI, CHEN, ZHAO, LIU, SUN, ZHOU)
YEAR_MS: Final = 365 * drafts.DAY_MS
AHEAD_MS: Final = {LIU: YEAR_MS}
GCJ02: Final = frozenset({LIU})
"""The reps whose map measures in GCJ-02."""


class Day:
    """One day on one stage, act by act. Entries which a later act asks after are kept by name."""

    undoable: Entry
    merging: Entry
    rogue: Entry
    late_visit: Entry
    late_edit: Entry

    def __init__(self, stage: Stage, providers: Providers, clock: DayClock) -> None:
        self.stage = stage
        self.clock = clock
        self.pushing = Pushing(stage, providers)
        self.reminding = Reminding(stage, self.pushing, clock)
        self.pushed = Pushed()
        self.shops: dict[str, list[Slots]] = {}
        self.instructing = Instructing(stage, ZHOU)
        self.reclaiming = Reclaiming(stage, clock, ZHOU)
        self.pooling = Pooling(stage, CITY_POOL, HE)

    def play(self) -> None:
        """The whole day. Raises DayFailedError when it cannot be played."""
        self.morning()
        self.reminded()
        self.instructed()
        self.rounds()
        self.meetings()
        self.noon()
        self.afternoon()
        self.pooling.play(SUN, ZHAO)
        self._told_where()
        self.evening()
        self.reclaiming.play(CHEN, WANG, LI)
        self.stage.sync(*LOGINS)
        self.stage.sync(*LOGINS)

    # morning

    def morning(self) -> None:
        """Everybody signs in and takes the first sync; managers set up the teams of two."""
        self.stage.switch_on(AHEAD_MS)
        self.stage.sync(*LOGINS)
        self.reclaiming.begin(CHEN, WANG)
        falling = {shop["id"] for shop in self.reclaiming.shops.values()}
        for login in LOGINS:
            self.shops[login] = [shop for shop in owned(self.stage, login) if shop["id"] not in falling]
        for owner, number, helper, manager in ((WANG, 3, LI, ZHOU), (WANG, 4, LI, ZHOU), (ZHAO, 3, SUN, HE), (LIU, 3, SUN, HE)):
            path = f"/v1/desk/customers/{self._uuid(owner, number)}/collaborators"
            self.stage.desk(manager).post(path, {"user_id": str(UUID(self.stage.phones[helper].user_id))})
        self.pooling.stock(self.shops[ZHAO][3], CITIES, ZHAO, SUN)
        self.stage.sync(*LOGINS)
        self.stage.restart(ZHAO, self._backup(), restore=False)

    def _uuid(self, login: str, number: int) -> str:
        return str(UUID(str(self.shops[login][number]["id"])))

    def _backup(self) -> Path:
        return self.stage.folder / "backup.db"

    def reminded(self) -> None:
        """Three reps have a step for today. One takes it before eight, without a network, and syncs; at eight the others hear of theirs."""
        self.pushing.reach(by_firebase=(CHEN, LI), by_browser=(WANG,))
        for login in (CHEN, WANG, LI):
            self.reminding.tidy(login, self.shops[login])
            self.reminding.plan(login, self.shops[login][0])
        self.stage.sync(CHEN, WANG, LI)
        self.reminding.close(LI)
        self.stage.sync(LI)
        self.reminding.strike_eight()

    def instructed(self) -> None:
        """A manager instructs two reps; one has a network and does it at once, the manager looking on."""
        told, shop = self.instructing, self.shops[WANG][3]
        told.give(shop, WANG, LI)
        self.pushing.wait_for(self.pushing.wanted | {*told.ids.items()})
        self._seen(WANG)
        for step in ("read", "acknowledge"):
            told.take(WANG, step)
            self._seen(WANG)
        told.finish(WANG, self._visit(WANG, shop, "新货架已摆好"))
        self._seen(WANG)

    def _seen(self, *logins: str) -> None:
        """These phones sync, then the manager looks."""
        self.stage.sync(*logins)
        self.instructing.look()

    # offline

    def rounds(self) -> None:
        """Each rep's own customers, all phones offline. The way to the second one takes its time."""
        reps = [login for login in LOGINS if login != ZHOU]
        for login in reps:
            self._begin_round(login, self.shops[login][0])
        self.clock.move_to(chance.now_ms() + WAY_MS)
        for login in reps:
            self._round(login)

    def _begin_round(self, login: str, first: Slots) -> None:
        self._visit(login, first, "样品已留下，老板有兴趣")
        self._one(login, drafts.contact_log(chance.new_id(), first, self._now(login), self.stage.noted("来电问交期")))
        self._one(login, drafts.follow_up(chance.new_id(), first, self._now(login), self.stage.noted("回访报价")))

    def _round(self, login: str) -> None:
        first, second, third, *_ = self.shops[login]
        self._visit(login, second, "货架已调整，促销立牌放好")
        noted = self._one(login, drafts.patch("customer", second, note=self.stage.noted("周四之后再送货")))
        self._one(login, drafts.patch("customer", second, extra__shelf_metres=2_000 + self.stage.number() % 9_000))
        contact = next(one for one in self.stage.look(login, "contact") if one["customer_id"] == third["id"])
        self._one(login, drafts.patch("contact", contact, phone=f"139{self.stage.number():08d}"))
        self._quote(login, first)
        if login == WANG:
            self.undoable = noted

    def _quote(self, login: str, shop: Slots) -> None:
        products = {str(one["id"]): one for one in self.stage.look(login, "product")}
        prices = self.stage.look(login, "price")[:2]
        goods = [(products[str(price["product_id"])], price) for price in prices]
        ids = [chance.new_id() for _ in range(3)]
        self.stage.enter(login, *drafts.quote(ids, shop, f"报价单 {self.stage.mark()}", goods))
        self.stage.enter(login, Draft("submit", "quote", ids[0].hex()))

    def _visit(self, login: str, shop: Slots, note: str) -> Entry:
        datum = Datum.gcj02 if login in GCJ02 else Datum.wgs84
        return self._one(login, drafts.visit(chance.new_id(), shop, self._now(login), self.stage.noted(note), datum))

    def _one(self, login: str, draft: Draft) -> Entry:
        return self.stage.enter(login, draft)[0]

    def _now(self, login: str) -> int:
        return chance.now_ms() + AHEAD_MS.get(login, 0)

    def meetings(self) -> None:
        """Two phones on one customer, still offline: other fields, the same field, a field that is nobody's."""
        merged, phoned, noted, named = self.shops[WANG][3], self.shops[WANG][4], self.shops[ZHAO][3], self.shops[CHEN][3]
        self._edit(WANG, merged, address=self.stage.noted("搬到隔壁", "登记号"))
        self.merging = self._edit(LI, merged, industry=self.stage.noted("连锁零售", "加盟号"))
        self._edit(WANG, phoned, phone=f"021-{self.stage.number()}")
        self._edit(LI, phoned, phone=f"0512-{self.stage.number()}")
        self._edit(ZHAO, noted, note=self.stage.noted("月底结款"))
        self._edit(SUN, noted, note=self.stage.noted("改为季度结款"))
        self._edit(CHEN, named, address=self.stage.noted("二期仓库", "登记号"))
        self._edit(ZHOU, named, address=self.stage.noted("仓库入口", "登记号"))
        self._edit(LIU, self.shops[LIU][3], note=self.stage.noted("老板换人，先打电话"))
        self.rogue = self.stage.rogue(SUN, Draft("patch", "customer", str(self.shops[SUN][0]["id"]), {"tier": 1}))[0]

    def _edit(self, login: str, shop: Slots, **values: str) -> Entry:
        return self._one(login, drafts.patch("customer", shop, **values))

    # noon

    def noon(self) -> None:
        """One after the other finds the network; each phone suffers its own accident."""
        self._move_away()
        self.stage.sync(WANG)
        lost = self.stage.sync_with_lost_answer(LI)
        self._told("merged", self.merging, "merged", other=WANG, shop=self.shops[WANG][3])
        self._told_move()
        killed = self.stage.sync_and_die(CHEN)
        self.stage.tell("repeated", lost > 0 and killed > 0, one=LI, other=CHEN, count=str(lost), second=str(killed))
        self.stage.sync(ZHOU)
        self.stage.sync(ZHAO)
        self._restore()
        self.stage.sync(LIU)
        self.stage.sync(SUN)
        self._told("rogue", self.rogue, "rejected server_owned", shop=self.shops[SUN][0])
        self._later_edit()

    def _told(self, scene: str, entry: Entry, wanted: str, *, shop: Slots, other: str = "") -> None:
        """A scene is true if the phone got the outcome of the sentence."""
        self.stage.tell(scene, self.stage.became(entry) in wanted.split("|"), one=entry.phone, other=other, shop=str(shop["name"]))

    def _move_away(self) -> None:
        """A manager gives a customer to another rep while the first is offline, stands in the shop and writes."""
        shop = self.shops[LI][5]
        path = f"/v1/desk/customers/{self._uuid(LI, 5)}/transfer"
        self.late_visit = self._visit(LI, shop, "临时上门，客户要发票")
        self.stage.desk(ZHOU).post(path, {"to_user_id": str(UUID(self.stage.phones[CHEN].user_id)), "reason": "并入杭州线路"})
        self.late_edit = self._edit(LI, shop, note=self.stage.noted("发票抬头已更新"))

    def _told_move(self) -> None:
        visit = self.stage.desk(ZHOU).record(self.late_visit.key)
        late = visit is not None and visit["late"] is True
        true = late and self.stage.became(self.late_edit) == "parked moved"
        self.stage.tell("moved", true, one=LI, other=CHEN, manager=ZHOU, shop=str(self.shops[LI][5]["name"]))

    def _restore(self) -> None:
        """A phone goes back to this morning's backup and goes on working; its numbers have been used by now."""
        self.stage.restart(ZHAO, self._backup(), restore=True)
        shop = self.shops[ZHAO][6]
        self._visit(ZHAO, shop, "换机后补录")
        self._one(ZHAO, drafts.contact_log(chance.new_id(), shop, self._now(ZHAO), self.stage.noted("换机后来电")))
        self._edit(ZHAO, shop, note=self.stage.noted("换机后备注"))
        self.stage.sync(ZHAO)
        forked = self.stage.tallies[ZHAO].results["forked"]
        self.stage.tell("restored", forked > 0, one=ZHAO, count=str(forked))

    def _later_edit(self) -> None:
        """A user whose clock is right changes the value that the phone from next year wrote, having seen it."""
        shop = self.shops[LIU][3]
        later = self._edit(SUN, shop, note=self.stage.noted("新老板姓林，微信联系"))
        self.stage.sync(SUN)
        true = self.stage.became(later) in ("applied", "merged")
        self.stage.tell("clock", true, one=LIU, other=SUN, shop=str(shop["name"]))

    # afternoon

    def afternoon(self) -> None:
        """People decide their parked entries; somebody takes an edit back; one card stays for the desk."""
        self._instructed_late()
        mine, theirs = self.shops[WANG][4], self.shops[ZHAO][3]
        true = self._decide(LI, mine, "use_mine") and self._decide(SUN, theirs, "keep_theirs")
        self.stage.tell("decided", true, one=LI, other=SUN, shop=str(mine["name"]), second=str(theirs["name"]))
        for card in self.stage.open_cards(SUN, "server_owned"):
            self.stage.decide(SUN, card, "dismiss")
        before = self.undoable.seen["note"]
        undo = self._one(WANG, Draft("undo", "customer", self.undoable.id, {"note": before}))
        self.stage.sync(WANG, LI, SUN)
        self.instructing.look()
        self.instructing.tell(WANG, LI)
        self._told("undone", undo, "applied|merged", shop=self.shops[WANG][1])
        left = self.stage.open_cards(ZHOU, "conflict")
        self.stage.tell("open", bool(left), one=ZHOU, other=CHEN, shop=str(self.shops[CHEN][3]["name"]))

    def _instructed_late(self) -> None:
        """The other rep had no network until noon; then all the steps are taken without one, at a shop in another city."""
        self.clock.move_to(chance.now_ms() + WAY_MS)
        self.instructing.look()
        for step in ("read", "acknowledge"):
            self.instructing.take(LI, step)
        self.instructing.finish(LI, self._visit(LI, self.instructing.shop, "价格已抄录"))

    def _decide(self, login: str, shop: Slots, how: str) -> bool:
        """Decide the card which stands for this shop; whether one stood: none does when nothing conflicted."""
        cards = [card for card in self.stage.open_cards(login, "conflict") if card.members[0].id == shop["id"]]
        for card in cards:
            self.stage.decide(login, card, how)
        return bool(cards)

    def _told_where(self) -> None:
        """One rep's last round, in the rep's own city."""
        self.clock.move_to(chance.now_ms() + WAY_MS)
        self.stage.sync(ZHAO)
        Whereabouts(self.stage, self.clock, ZHAO, HE).play(self.shops[ZHAO][5:8])

    # evening

    def evening(self) -> None:
        """Everybody syncs, and once more to see the last entries of the others; then pushes are counted."""
        self.stage.sync(*LOGINS)
        self.stage.sync(*LOGINS)
        self._count_pushes()

    def _count_pushes(self) -> None:
        """Each push that arrived against the notices on the phones."""
        self.pushed = self.pushing.count()
        self.reminding.tell(by_firebase=CHEN, by_browser=WANG, closed=LI)
