"""The prepared database, managers: quotes to decide, cards on their way up, a leaver, a customer that comes back."""

import hashlib
from collections.abc import Mapping

from server.services.act import act
from shared_schema.records.customer import Collaborate, Transfer
from shared_schema.records.inbox import InboxItem, ItemState, SendUp, Value
from shared_schema.records.quote import DecideQuote, Quote, QuoteLine, Revise, Submit
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync import overlay
from sync.device import Edit
from sync.quotes import content_hash, copied_id
from tests.prove.crash_stage import Stage
from tests.world import START_MS, Phone


async def quoted(stage: Stage, rep: Phone) -> None:
    """A submitted quote, and an approved one which its author is about to revise."""
    shop_id = rep.create("customer", name="Shop of quotes")
    for name in ("submitted", "approved"):
        stage.ids[name] = await _submitted(rep, shop_id, name)
        stage.ids[f"{name} hash"] = _hash(rep, stage.ids[name])
    approve = DecideQuote(stage.ids["approved"], "approve", stage.ids["approved hash"], "as agreed")
    await stage.world.database.write(act, stage.manager.claims, approve, stage.world.now_ms)
    revise = Revise(next(stage.world.ids), stage.ids["approved hash"])
    await stage.about_to("revise", rep.user_id, lambda phone: phone.command("quote", stage.ids["approved"], revise))


async def _submitted(rep: Phone, shop_id: bytes, name: str) -> bytes:
    """Its id differs from others at once, as real ones do: a notice names the first half of it."""
    quote_id = hashlib.sha256(name.encode()).digest()[:16]
    edits = [Edit(Kind.create, BY_NAME["quote"], quote_id, {"customer_id": shop_id, "currency": "CNY"})]
    for price in (100, 200):
        of: dict[str, Value] = {"customer_id": shop_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box"}
        amount: dict[str, Value] = {"quantity_thousandths": 1_000, "price_minor": price, "position": str(price)}
        edits.append(Edit(Kind.create, BY_NAME["quote_line"], copied_id(quote_id, price.to_bytes(16)), {**of, **amount}))
    rep.enter(*edits)
    await rep.sync()
    rep.command("quote", quote_id, Submit(_hash(rep, quote_id)))
    await rep.sync()
    return quote_id


def _hash(phone: Phone, quote_id: bytes) -> bytes:
    """Of the quote on screen."""
    shown = phone.view("quote", quote_id)
    assert isinstance(shown, Quote)
    lines = [one for one in overlay.views(phone.shelf, BY_NAME["quote_line"]) if isinstance(one, QuoteLine) and one.quote_id == quote_id]
    return content_hash(shown, lines)


async def waiting(stage: Stage, rep: Phone) -> None:
    """A card about to be sent up, and one that its author's manager is about to decide."""
    await _conflict(stage, rep, "Shop of the first card")
    await stage.about_to("send up", rep.user_id, _send_up)
    await _conflict(stage, rep, "Shop of the second card")
    up = await stage.phone(rep.user_id)
    item = _open(up)[-1]
    up.command("inbox_item", item.id, SendUp())
    await up.sync()
    await stage.about_to("decide", stage.manager.user_id, _use_mine)


async def _conflict(stage: Stage, rep: Phone, name: str) -> bytes:
    """The rep's telephone number waits: his manager wrote another one meanwhile."""
    shop_id = rep.create("customer", name=name, phone="0")
    await rep.sync()
    await stage.manager.sync()
    stage.manager.patch("customer", shop_id, phone="of the manager")
    await stage.manager.sync()
    rep.patch("customer", shop_id, phone=f"of {name}")
    await rep.sync()
    return shop_id


def _open(phone: Phone) -> list[InboxItem]:
    return [item for item in phone.inbox() if item.state == ItemState.open and item.holder_id == phone.user_id]


def _send_up(phone: Phone) -> None:
    (item,) = _open(phone)
    phone.command("inbox_item", item.id, SendUp())


def _use_mine(phone: Phone) -> None:
    (item,) = _open(phone)
    phone.use_mine(item)


async def leaving(stage: Stage, leaver: Phone, colleague: Phone) -> None:
    """Somebody with two customers, a share in a third one, and an open card."""
    stage.ids["leaver"] = leaver.user_id
    for name in ("One", "Two"):
        customer_id = leaver.create("customer", name=f"{name} of the leaver")
        leaver.create("contact", customer_id=customer_id, name="Lee")
    await _conflict(stage, leaver, "Three of the leaver")
    shared_id = colleague.create("customer", name="Shared with the leaver")
    await colleague.sync()
    asked = Collaborate(shared_id, leaver.user_id)
    await stage.world.database.write(act, stage.manager.claims, asked, stage.world.now_ms)


async def returning(stage: Stage, author: Phone, reps: Mapping[str, Phone]) -> None:
    """A customer that was lost with entries on their way: one that will do, one in conflict by then; a fact in between."""
    customer_id = stage.ids["to return"] = author.create("customer", name="Lost", phone="1", note="old")
    contact_id = author.create("contact", customer_id=customer_id, name="Lin")
    await author.sync()
    move = Transfer(customer_id, reps["gus"].user_id, None, "nearer")
    await stage.world.database.write(act, stage.manager.claims, move, stage.world.now_ms)
    author.patch("contact", contact_id, name="Mr Lin")
    author.patch("customer", customer_id, phone="2")
    author.create("visit", customer_id=customer_id, device_ms=START_MS)
    await author.sync()
    await reps["gus"].sync()
    reps["gus"].patch("customer", customer_id, phone="9")
    await reps["gus"].sync()
