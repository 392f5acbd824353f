"""The drill: an hour of work after the backup, the server dies, the backup comes back, and nothing that a phone still holds is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from mobile_api.app import create_app
from mobile_api.phone.phone import Edit, Phone
from server import chance
from server.database import open_database
from server.domain.branch import Stand, branched
from server.domain.tokens import Signer
from server.models import RECORD_TABLES, change
from server.services import backup
from server.services import restore as restoring
from server.settings import Settings
from server.store import archive, schema
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog
from shared_schema.records.customer import Contact, Customer
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.agreed.quotes import content_hash
from tests.integration.loopback import NO_TLS, served
from tests.integration.site import PASSWORD, SECRET, Caller, Site, beside, found
from tests.integration.test_backup import quiet, saved

Rows = dict[tuple[int, bytes], bytes]


class Drill:
    """Phones with files, a server that dies, and everything that anybody typed."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.database_url, self.url = folder, url, ""
        self.phones: dict[str, Phone] = {}
        self.typed: list[str] = []
        self.seen: dict[tuple[int, bytes, int], bytes] = {}
        """(entity, id, rev) → body, whatever any phone ever held."""
        self.broken: list[str] = []

    @contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        app = create_app(Settings(database_url=self.database_url), open_database(self.database_url), Signer(SECRET))
        with served(app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", timeout=30, verify=NO_TLS) as http:
            self.url = str(http.base_url)
            for phone in self.phones.values():
                phone.session.close()
                with phone.shelf.transaction():
                    phone.shelf.put_note("url", self.url.encode())
            yield http

    def phone(self, name: str, account: str = "") -> Phone:
        opened = Phone(self.folder / f"{name}.db")
        opened.sign_in(self.url, "alpha", account or name, PASSWORD, name)
        self.phones[name] = opened
        return opened

    def sync(self, *names: str) -> None:
        for name in names or self.phones:
            phone = self.phones[name]
            try:
                phone.sync()
            except Problem as problem:
                if problem.code is not Code.signed_out:
                    raise
                phone.sign_in(self.url, "alpha", name, PASSWORD, name)
                phone.sync()
            for key, body in rows(phone).items():
                rev = msgspec.msgpack.decode(body)[1]
                if self.seen.setdefault((*key, rev), body) != body:
                    self.broken.append(f"rev {rev} of {BY_NAME_OF[key[0]]} was given out twice")

    # typing

    def create(self, name: str, record: type[Any], word: str, **values: Any) -> bytes:
        record_id = self.phones[name].new_id()
        text = "name" if "name" in BY_RECORD[record].slots else "note"
        self.typed.append(word)
        self.phones[name].enter([Edit(Kind.create, BY_RECORD[record], record_id, {text: word, **values})])
        return record_id

    def patch(self, name: str, shop: bytes, **values: str) -> None:
        self.typed += values.values()
        self.phones[name].enter([Edit(Kind.patch, BY_RECORD[Customer], shop, values)])

    def submit(self, name: str, shop: bytes) -> bytes:
        """A quote of one line, submitted; its id."""
        phone, quote = self.phones[name], self.phones[name].new_id()
        line: dict[str, Value] = {
            "customer_id": shop,
            "quote_id": quote,
            "product_id": bytes(16),
            "unit": "box",
            "quantity_thousandths": 1_000,
            "price_minor": 5,
        }
        draft = Edit(Kind.create, BY_RECORD[Quote], quote, {"customer_id": shop, "currency": "CNY"})
        phone.enter([draft, Edit(Kind.create, BY_RECORD[QuoteLine], phone.new_id(), line)])
        self.sync(name)
        shown = phone.view(Quote, quote)
        assert shown is not None
        lines = [one for one in phone.views(QuoteLine) if one.quote_id == quote]
        phone.enter([Edit(Kind.command, BY_RECORD[Quote], quote, command=ENCODER.encode(Submit(content_hash(shown, lines))))])
        self.sync(name)
        return quote

    def number(self, name: str, quote: bytes) -> str:
        shown = self.phones[name].view(Quote, quote)
        return shown.number if shown is not None else ""


BY_NAME_OF = {entity.number: name for name, entity in BY_NAME.items()}


def rows(phone: Phone) -> Rows:
    return {(entity.number, record_id): body for entity in BY_NAME.values() for record_id, body in phone.shelf.rows(entity.number)}


def everything(conn: sa.Connection) -> bytes:
    """All that stands in records, cards and history, as one text."""
    found = [row for table in RECORD_TABLES.values() for row in conn.execute(sa.select(table))]
    found += list(conn.execute(sa.select(change.c.before, change.c.after)))
    values = (value for row in found for value in row)
    return b"\n".join(value.encode() if isinstance(value, str) else value for value in values if isinstance(value, (str, bytes)))


def rehearse(url: str, folder: Path) -> list[str]:
    """Play it; what broke."""
    beside(url, found)
    drill = Drill(folder, url)
    with drill.serving() as http:
        shops, number = _before_and_after_the_backup(drill, http)
    beside_restore(url, folder / "a.backup")
    with drill.serving():
        drill.sync("bo")
        again = drill.submit("bo", shops[0])  # before anybody who had a number printed is back
        for at in range(20):  # beyond every place at which ann's phone stands
            drill.create("bo", ContactLog, f"log {at} of the new time", customer_id=shops[0], device_ms=chance.now_ms())
        drill.sync("bo", "ann")
        for _ in range(3):
            drill.sync()
        _judge(drill, again, number)
    for phone in drill.phones.values():
        phone.close()
    return drill.broken


def _before_and_after_the_backup(drill: Drill, http: httpx.Client) -> tuple[list[bytes], str]:
    mei = _people(drill, http)
    for name in ("ann", "bo"):
        drill.phone(name)
    shops = [drill.create("ann", Customer, f"shop {at}") for at in range(3)]
    contact = drill.create("ann", Contact, "contact of before", customer_id=shops[0])
    drill.sync()
    asked = {"user_id": _uuid(drill.phones["bo"].seat().user_id)}
    assert mei.post(f"/v1/desk/customers/{_uuid(shops[0])}/collaborators", asked).status_code == 200
    for _ in range(2):
        drill.sync()
    _back_up(drill)
    # an hour of work, all of it acknowledged
    drill.create("ann", Customer, "shop of the hour")
    drill.create("bo", ContactLog, "log of the hour", customer_id=shops[0], device_ms=chance.now_ms())
    drill.patch("ann", shops[0], phone="phone of ann")
    drill.patch("bo", shops[0], phone="phone of bo", note="note of bo")
    drill.sync("ann", "bo")
    (card,) = drill.phones["bo"].open_items()
    drill.phones["bo"].use_mine(card)
    drill.phones["ann"].enter([Edit(Kind.delete, BY_RECORD[Contact], contact)])
    drill.sync("bo", "ann")
    drill.patch("ann", shops[0], city="city of ann")
    number = drill.number("ann", drill.submit("ann", shops[0]))
    assert (
        mei.post(f"/v1/desk/customers/{_uuid(shops[1])}/transfer", {"to_user_id": _uuid(drill.phones["bo"].seat().user_id)}).status_code
        == 200
    )
    drill.phone("cy")
    drill.create("cy", Customer, "shop of a new line")
    drill.sync()
    drill.sync()
    drill.patch("ann", shops[2], note="typed in a tunnel")
    drill.patch("bo", shops[1], note="typed on a shop that was his")
    return shops, number


def _people(drill: Drill, http: httpx.Client) -> Caller:
    site = Site(drill.database_url, http, {})
    boss = site.admin()
    north = boss.post("/v1/desk/departments", {"name": "North"}).json()["id"]
    for name in ("ann", "bo", "cy"):
        site.user(boss, name, Role.rep, department_id=north)
    site.user(boss, "mei", Role.manager, department_id=north)
    mei = site.caller("alpha", "mei")
    assert mei.log_in().status_code == 200
    return mei


def _back_up(drill: Drill) -> None:
    """As `outrider backup`, beside the server; then the phones forget what it holds."""

    async def work(database: Any) -> None:
        done = await saved(database, drill.folder / "a.backup")
        await backup.mark(database, done.lines)

    beside(drill.database_url, work)
    drill.sync()
    drill.sync()
    kept = [name for name, phone in drill.phones.items() if phone.shelf.pendings()]
    assert kept == []


def beside_restore(url: str, path: Path) -> None:
    async def work(_: Any) -> None:
        header = archive.verified(path, quiet)
        await schema.alone(url, restoring.restore, path, header, quiet, chance.now_ms(), restoring.Into(replace=True))

    beside(url, work)


def _uuid(raw: bytes) -> str:
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _judge(drill: Drill, again: bytes, printed: str) -> None:
    stands = beside(drill.database_url, lambda database: database.read(everything))
    drill.broken += [f"{word!r} is gone" for word in drill.typed if word.encode() not in stands]
    drill.broken += [f"{name} has {phone.waiting()} entries unanswered" for name, phone in drill.phones.items() if phone.waiting()]
    numbers = {one.id: one.number for phone in drill.phones.values() for one in phone.views(Quote)}
    if len(numbers) != 2 or len({*numbers.values(), printed}) < len(numbers) or numbers[again] == printed or "" in numbers.values():
        drill.broken.append(f"quotes have the numbers {sorted(numbers.values())}, {printed} was printed before")
    if any(one.name == "contact of before" for phone in drill.phones.values() for one in phone.views(Contact)):
        drill.broken.append("a deleted contact is back")
    for name, phone in list(drill.phones.items()):
        fresh = drill.phone(f"{name} anew", name)
        drill.sync(f"{name} anew")
        drill.broken += [f"{name} does not hold what a new phone of his does"] if rows(fresh) != rows(phone) else []


def test_nothing_that_a_phone_holds_is_lost(migrated_url: str, tmp_path: Path) -> None:
    """P-314 to P-317, P-605, P-609, P-611, P-902 to P-904."""
    assert rehearse(migrated_url, tmp_path) == []


def same_epoch(saved_: Stand, after: Stand) -> Stand:
    return msgspec.structs.replace(after, epoch=saved_.epoch)


def same_floor(saved_: Stand, after: Stand) -> Stand:
    return msgspec.structs.replace(after, rev=0)


def same_numbers(saved_: Stand, after: Stand) -> Stand:
    return msgspec.structs.replace(after, counters=saved_.counters)


@pytest.mark.parametrize("plant", [same_epoch, same_floor, same_numbers])
def test_a_restore_that_does_not_branch_is_seen(
    plant: Callable[[Stand, Stand], Stand], migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drill can fail: each half of the branch left out breaks something."""
    monkeypatch.setattr(restoring, "branched", lambda saved_, *rest: plant(saved_, branched(saved_, *rest)))
    assert rehearse(migrated_sqlite_url, tmp_path) != []


def test_a_mark_too_far_is_seen(migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drill can fail: phones that forget what no backup holds lose it."""
    honest = backup.mark

    async def far(database: Any, lines: Any) -> None:
        await honest(database, [msgspec.structs.replace(one, last_n=one.last_n + 1_000) for one in lines])

    monkeypatch.setattr(backup, "mark", far)
    assert any("is gone" in one for one in rehearse(migrated_sqlite_url, tmp_path))
