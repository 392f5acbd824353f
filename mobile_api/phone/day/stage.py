"""The tools of the script: phones switched on, entries written down the moment they are made, and answers counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.desk import Desk
from mobile_api.phone.day.entries import Entry, Slots
from mobile_api.phone.day.handset import Handset
from mobile_api.phone.day.orders import (
    Around,
    Card,
    Cards,
    Decide,
    Draft,
    Enter,
    Entered,
    Inbox,
    Look,
    Rogue,
    Seen,
    SignedInTold,
    SignIn,
    Sync,
    Synced,
)
from mobile_api.phone.day.people import MANAGER, ORGANISATION, REPS
from server import clock
from shared_schema.places import Position

DUPLICATE: Final = "duplicate"
RESULTS: Final = ("applied", "merged", "parked", "rejected", "forked")
PLAYERS: Final = (*REPS, MANAGER)
"""Six reps, and a manager who works with a phone too."""


class Scene(msgspec.Struct, frozen=True):
    """One thing worth telling: its name in words.py, the facts of the sentence, and whether it went as the sentence says."""

    name: str
    facts: dict[str, str]
    true: bool


class Tally(msgspec.Struct):
    """Answers heard by one phone. An answer that was repeated counts under its result once, and as a duplicate. Receipts do not count: how
    many a phone gives depends on what was over before it heard."""

    results: Counter[str] = msgspec.field(default_factory=Counter)
    duplicates: int = 0

    def hear(self, told: Synced) -> None:
        """Count one sync."""
        for one in (one for one in told.heard if not one.quiet):
            if one.result == DUPLICATE or one.again:
                self.duplicates += 1
            if one.result != DUPLICATE:
                self.results[one.result] += 1


class Stage:
    """Seven phones in a folder, one server at `url`. `clock_words`: the options of a phone that goes by a simulated clock."""

    def __init__(self, folder: Path, url: str, accounts: Accounts, clock_words: Sequence[str] = ()) -> None:
        self.clock_words = clock_words
        self.folder = folder
        self.url = url
        self.accounts = accounts
        self.phones: dict[str, Handset] = {}
        self.desks: dict[str, Desk] = {}
        self.ledger: list[Entry] = []
        self.tallies: dict[str, Tally] = {one.login: Tally() for one in PLAYERS}
        self.scenes: list[Scene] = []
        self.heard: dict[tuple[str, int], str] = {}
        self.bytes: Counter[str] = Counter()
        self.looked: dict[str, list[Position]] = {}
        self._started = datetime.fromtimestamp(clock.machine_ms() / 1000).astimezone()
        self._marks = self._arrivals = 0

    # phones

    def switch_on(self, ahead_ms: dict[str, int]) -> None:
        """Start every phone and sign it in, all at once."""
        for one in PLAYERS:
            phone = Handset(one.login, one.latin, self.folder / f"{one.login}.db", ahead_ms.get(one.login, 0), self.clock_words)
            self.phones[one.login] = phone
            phone.start()
            phone.tell(SignIn(self.url, ORGANISATION, one.login, self.accounts.passwords[one.login], f"{one.latin}'s phone"))
        for phone in self.phones.values():
            phone.user_id = phone.expect(SignedInTold).user_id

    def switch_off(self) -> None:
        """Stop every phone that runs; a phone that is off already stays so."""
        for phone in self.phones.values():
            phone.stop()
        for desk in self.desks.values():
            desk.close()

    def desk(self, login: str) -> Desk:
        """A manager's browser, signed in on first use."""
        if login not in self.desks:
            self.desks[login] = Desk(self.url, ORGANISATION, login, self.accounts.passwords[login])
        return self.desks[login]

    # entering

    def mark(self) -> str:
        """A reference number that no entry of this year carries yet: month and day, hour and minute, then the second with a count."""
        self._marks += 1
        return f"{self._started:%m%d-%H%M-%S}{self._marks:02d}"

    def noted(self, text: str, number: str = "单号") -> str:
        """A text as people write it, which was never entered before. `number`: what its reference number is called."""
        return f"{text}（{number} {self.mark()}）"

    def number(self) -> int:
        """A number that was never entered before on this day."""
        self._marks += 1
        return (clock.machine_ms() // 1000 % 100_000) * 1_000 + self._marks

    def enter(self, login: str, *drafts: Draft) -> list[Entry]:
        """Enter one atomic group, and write down the screen."""
        return self._write_down(self.phones[login].ask(Enter(list(drafts)), Entered).entries)

    def rogue(self, login: str, draft: Draft) -> list[Entry]:
        """Enter fields that are not the phone's to write."""
        return self._write_down(self.phones[login].ask(Rogue(draft), Entered).entries)

    def decide(self, login: str, card: Card, how: str) -> None:
        """Decide an inbox card."""
        self._write_down(self.phones[login].ask(Decide(card.id, how), Entered).entries)

    def _write_down(self, entries: Iterable[Entry]) -> list[Entry]:
        written = [msgspec.structs.replace(entry, number=len(self.ledger) + at) for at, entry in enumerate(entries, 1)]
        self.ledger.extend(written)
        return written

    # looking

    def look(self, login: str, entity: str) -> list[Slots]:
        """Records of one kind as this phone's screen shows them."""
        return self.phones[login].ask(Look(entity), Seen).records

    def look_around(self, login: str, shop: Slots) -> None:
        """From the next sync on this phone shows the pooled customers around a shop, whatever its user owns there."""
        at = Position(int(shop["wgs_latitude_e6"] or 0), int(shop["wgs_longitude_e6"] or 0))
        self.phones[login].ask(Around(at.latitude_e6, at.longitude_e6), Entered)
        self.looked.setdefault(login, []).append(at)

    def open_cards(self, login: str, code: str) -> list[Card]:
        """Open inbox cards of one code."""
        return [card for card in self.phones[login].ask(Inbox(), Cards).cards if card.state == "open" and card.code == code]

    def tell(self, name: str, true: bool, **facts: str) -> None:
        """Keep a scene for the report."""
        self.scenes.append(Scene(name, facts, true))

    def became(self, entry: Entry) -> str:
        """The last answer to an entry on this phone: a result, with the problem code after a space if there is one."""
        return self.heard.get((entry.phone, entry.n), "")

    # syncing

    def sync(self, *logins: str) -> None:
        """Sync these phones at the same time."""
        for login in logins:
            self.phones[login].tell(Sync())
        for login in logins:
            self._take(login, self.phones[login].expect(Synced))

    def sync_with_lost_answer(self, login: str) -> int:
        """The server takes everything, its answer gets lost, the phone sends again → how many answers were repeats."""
        self._take(login, self.phones[login].ask(Sync("lose"), Synced))
        before = self.tallies[login].duplicates
        self.sync(login)
        return self.tallies[login].duplicates - before

    def sync_and_die(self, login: str) -> int:
        """The phone is killed with the answer in its hand, restarted, and syncs → how many answers were repeats."""
        phone = self.phones[login]
        phone.tell(Sync("die"))
        phone.hear()
        phone.died()
        self._arrive(login)
        self._bank(phone)
        phone.start()
        before = self.tallies[login].duplicates
        self.sync(login)
        return self.tallies[login].duplicates - before

    def restart(self, login: str, backup: Path, *, restore: bool) -> None:
        """Switch a phone off, copy its file to `backup` or put that back in its place, and switch it on."""
        phone = self.phones[login]
        phone.stop()
        self._bank(phone)
        if restore:
            phone.restore(backup)
        else:
            phone.backup(backup)
        phone.start()

    def _take(self, login: str, told: Synced) -> None:
        self.tallies[login].hear(told)
        self.heard.update({(login, one.n): f"{one.result} {one.code or ''}".strip() for one in told.heard})
        self._arrive(login)
        phone = self.phones[login]
        phone.bytes_up, phone.bytes_down = told.bytes_up, told.bytes_down

    def _bank(self, phone: Handset) -> None:
        """Bytes are counted per process: add them up before the next one starts."""
        self.bytes.update(up=phone.bytes_up, down=phone.bytes_down)
        phone.bytes_up = phone.bytes_down = 0

    def _arrive(self, login: str) -> None:
        for at, entry in enumerate(self.ledger):
            if entry.phone == login and not entry.arrived:
                self._arrivals += 1
                self.ledger[at] = msgspec.structs.replace(entry, arrived=self._arrivals)

    # sums

    def sums(self) -> Counter[str]:
        """Results, duplicates and bytes over all phones."""
        total: Counter[str] = Counter()
        for tally in self.tallies.values():
            total.update(tally.results)
            total[DUPLICATE] += tally.duplicates
        for phone in self.phones.values():
            self._bank(phone)
        total.update({f"bytes_{way}": count for way, count in self.bytes.items()})
        return total


def owned(stage: Stage, login: str) -> list[Slots]:
    """Shops which this rep owns alone, turned by the machine's clock so that each day begins with others."""
    user_id = stage.phones[login].user_id
    shared = {one["customer_id"] for one in stage.look(login, "collaborator")}
    mine = {one["id"] for one in stage.look(login, "standing") if one["owner_id"] == user_id} - shared
    shops = [shop for shop in stage.look(login, "customer") if shop["id"] in mine]
    turn = clock.machine_ms() // 1000 % max(1, len(shops))
    return [*shops[turn:], *shops[:turn]]
