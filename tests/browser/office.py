"""A manager's office: three reps with customers around Shanghai, their visits of a week, quotes to decide and a card sent up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from mobile_api.phone.phone import Phone
from shared_schema.records.inbox import Values
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind
from sync.agreed.quotes import content_hash
from sync.device import Edit
from tests.integration.site import PASSWORD, Caller, Site, site

MANAGER: Final = "zhou"
REPS: Final = {"wang": "王芳 Wang Fang", "li": "李强 Li Qiang", "chen": "陈静 Chen Jing"}
SHOPS: Final = ("鑫源五金商行", "恒隆便利店", "和平药房", "新华文具店", "Quay Hardware", "Night Market Deli", "东方茶庄", "大华电器")
CITIES: Final = ("上海", "苏州", "杭州")
CENTRE_E6: Final = (31_230_000, 121_470_000)
WGS84: Final = 1
LIST_MINOR: Final = 120_00
FLOOR_MINOR: Final = 90_00
DAY_MS: Final = 86_400_000


class Office:
    """The server, the people on it, and what the reps entered."""

    def __init__(self, running: Site, folder: Path) -> None:
        self.site = running
        self.folder = folder
        self.boss: Caller = running.admin()
        north = self._made("/v1/desk/departments", {"name": "华东 East"})["id"]
        self.department_id: str = self._made("/v1/desk/departments", {"name": "上海一组 Shanghai 1", "parent_id": north})["id"]
        self.manager_id = running.user(self.boss, MANAGER, Role.manager, department_id=north, name="周敏 Zhou Min")
        rep = {"role": Role.rep, "department_id": self.department_id}
        self.rep_ids = {login: running.user(self.boss, login, **rep, name=name) for login, name in REPS.items()}
        self.product_id: str = self._made("/v1/desk/products", {"code": "T-1", "name": "龙井礼盒 Longjing box", "unit": "盒"})["id"]
        self.book_id: str = self._made("/v1/desk/price-books", {"name": "2026", "currency": "CNY"})["id"]
        price = {"price_book_id": self.book_id, "product_id": self.product_id, "price_minor": LIST_MINOR, "floor_minor": FLOOR_MINOR}
        self._made("/v1/desk/prices", price)
        self.phones = {login: self._phone(login) for login in REPS}
        self.manager = self._signed_in(MANAGER)

    @property
    def url(self) -> str:
        """Where the apps are."""
        return str(self.site.http.base_url)

    @property
    def credentials(self) -> dict[str, str]:
        """With these the manager signs in."""
        return {"organisation": "alpha", "account": MANAGER, "password": PASSWORD}

    def customers(self, login: str, count: int = len(SHOPS)) -> list[str]:
        """So many customers of a rep, each at a place of its own."""
        return [self.customer(login, f"{CITIES[at % 3]}{SHOPS[at % len(SHOPS)]}{'' if at < len(SHOPS) else at}", at) for at in range(count)]

    def customer(self, login: str, name: str, at: int = 0) -> str:
        """One customer of a rep, entered by an admin."""
        east = 9_000 * (at % 5) + 17_000 * list(REPS).index(login)
        values: dict[str, Any] = {"name": name, "city": CITIES[at % 3], "address": f"中山路{at + 1}号", "phone": f"021-555{at:04}"}
        place = {"latitude_e6": CENTRE_E6[0] + 7_000 * (at % 7), "longitude_e6": CENTRE_E6[1] + east, "datum": WGS84}
        body = {"id": self._id(), "owner_id": self.rep_ids[login], "values": values | place}
        return str(self._made("/v1/desk/customers", body)["id"])

    def visit(self, login: str, customer_id: str, at_ms: int, note: str = "老板下周要三箱样品。", **more: Any) -> str:
        """A visit of a rep, at the customer's place unless told otherwise, as it must be of a customer without one."""
        phone = self.phones[login]
        place = self._seen(f"/v1/records/customer/{customer_id}")
        here = {"latitude_e6": (place["wgs_latitude_e6"] or 0) + 200, "longitude_e6": place["wgs_longitude_e6"], "datum": WGS84}
        fix: dict[str, Any] = here | {"accuracy_mm": 12_000, "fix_ms": at_ms}
        return self._entered(phone, "visit", {"customer_id": of(customer_id), "device_ms": at_ms, "note": note} | fix | more)

    def talk(self, login: str, customer_id: str, at_ms: int, note: str, channel: int = 1) -> str:
        """A contact of a rep with a customer."""
        values = {"customer_id": of(customer_id), "device_ms": at_ms, "note": note, "channel": channel}
        return self._entered(self.phones[login], "contact_log", values)

    def follow_up(self, login: str, customer_id: str, day: int, purpose: str) -> str:
        """What a rep means to do on a day."""
        return self._entered(self.phones[login], "follow_up", {"customer_id": of(customer_id), "due_day": day, "purpose": purpose})

    def quote(self, login: str, customer_id: str, title: str, prices: Sequence[int] = (LIST_MINOR,)) -> str:
        """A submitted quote of a rep, a line for each price."""
        phone = self.phones[login]
        quote_id = phone.new_id()
        header: Values = {"customer_id": of(customer_id), "currency": "CNY", "title": title, "price_book_id": of(self.book_id)}
        edits = [Edit(Kind.create, BY_NAME["quote"], quote_id, header)]
        for at, price in enumerate(prices):
            line: Values = {"customer_id": of(customer_id), "quote_id": quote_id, "product_id": of(self.product_id), "unit": "盒"}
            line |= {"quantity_thousandths": 10_000, "price_minor": price, "list_price_minor": LIST_MINOR, "tax_bps": 1_300}
            edits.append(Edit(Kind.create, BY_NAME["quote_line"], phone.new_id(), line | {"position": str(at)}))
        phone.enter(edits)
        phone.sync()
        self.submit(login, quote_id.hex())
        return text(quote_id)

    def submit(self, login: str, quote_id: str) -> None:
        """The rep submits what stands on the phone."""
        phone, key = self.phones[login], of(quote_id)
        phone.sync()
        quote = phone.view(Quote, key)
        assert quote is not None
        lines = [line for line in phone.views(QuoteLine) if line.quote_id == key]
        phone.enter([Edit(Kind.command, BY_NAME["quote"], key, command=ENCODER.encode(Submit(content_hash(quote, lines), quote.status)))])
        report = phone.sync()
        assert [one.outcome.result.name for one in report.answered] == ["applied"]

    def card(self, login: str, customer_id: str, mine: str, theirs: str) -> None:
        """The rep's address waits, because the admin wrote another one; the rep lets the manager decide."""
        phone = self.phones[login]
        phone.sync()
        stands = self._seen(f"/v1/records/customer/{customer_id}")
        place: Values = {"city": stands["city"]}
        self._made(f"/v1/desk/customers/{customer_id}", {"values": place | {"address": theirs}, "bases": {"address": stands["rev"]}})
        phone.enter([Edit(Kind.patch, BY_NAME["customer"], of(customer_id), place | {"address": mine})])
        phone.sync()
        (item,) = [one for one in phone.open_items() if one.customer_id == of(customer_id)]
        phone.send_up(item)
        phone.sync()

    def reopen(self, login: str, quote_id: str, price_minor: int) -> None:
        """The manager gives the quote back on another desk; the rep makes a line cheaper and submits it again."""
        hashed = self._seen(f"/v1/quotes/{quote_id}")["content_hash"]
        body = {"decision": "return_quote", "content_hash": hashed, "note": "Cheaper"}
        assert self.manager.post(f"/v1/quotes/{quote_id}/decisions", body).status_code == 200
        phone = self.phones[login]
        phone.sync()
        line = next(one for one in phone.views(QuoteLine) if one.quote_id == of(quote_id))
        amount: Values = {"quantity_thousandths": line.quantity_thousandths, "price_minor": price_minor, "unit": line.unit}
        amount |= {"product_id": line.product_id, "list_price_minor": line.list_price_minor, "discount_bps": 0}
        amount |= {"tax_bps": line.tax_bps, "note": ""}
        phone.enter([Edit(Kind.patch, BY_NAME["quote_line"], line.id, amount)])
        self.submit(login, quote_id)

    def transfer(self, customer_id: str, login: str) -> None:
        """An admin gives a customer to another rep."""
        self._made(f"/v1/desk/customers/{customer_id}/transfer", {"to_user_id": self.rep_ids[login]})

    def ruled(self, city: str, rep: str) -> None:
        """A rule that gives each customer of a city to one rep."""
        self._made("/v1/desk/assignment-rules", {"name": city, "city": city, "user_ids": [self.rep_ids[rep]]})

    def pool(self, name: str) -> str:
        """A pool of the whole department."""
        return str(self._made("/v1/desk/pools", {"name": name})["id"])

    def record(self, entity: str, record_id: str) -> dict[str, Any]:
        """A record as the server has it now."""
        return self._seen(f"/v1/records/{entity}/{record_id}")

    def close(self) -> None:
        """Ring every bell, so that nobody is waited for; put the reps' phones away."""
        self.customer("wang", "Last")
        for phone in self.phones.values():
            phone.close()

    def _phone(self, login: str) -> Phone:
        phone = Phone(self.folder / f"{login}.sqlite")
        phone.sign_in(self.url, "alpha", login, PASSWORD)
        phone.sync()
        return phone

    def _signed_in(self, login: str) -> Caller:
        caller = self.site.caller("alpha", login)
        assert caller.log_in().status_code == 200
        return caller

    def _entered(self, phone: Phone, entity: str, values: Values) -> str:
        record_id = phone.new_id()
        phone.sync()
        phone.enter([Edit(Kind.create, BY_NAME[entity], record_id, values)])
        report = phone.sync()
        assert [one.outcome.result.name for one in report.answered] == ["applied"], report.answered
        return text(record_id)

    def _id(self) -> str:
        return text(next(iter(self.phones.values())).new_id())

    def _made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.boss.post(path, body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def _seen(self, path: str) -> dict[str, Any]:
        answer = self.manager.get(path)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


def of(id_text: str) -> bytes:
    """The bytes of an id."""
    return bytes.fromhex(id_text.replace("-", ""))


def text(record_id: bytes) -> str:
    """An id as the desk writes it."""
    digits = record_id.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@contextmanager
def office(url: str, folder: Path) -> Iterator[Office]:
    """Open the office on a migrated database; the reps' phones lie in `folder`."""
    with site(url) as running:
        made = Office(running, folder)
        yield made
        made.close()
