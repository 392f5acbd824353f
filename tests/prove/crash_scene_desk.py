"""The prepared database, managers: cards on their way up, a leaver, a customer that comes back, collaborations that end."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from server.services.act import act
from shared_schema.records.base import Command
from shared_schema.records.customer import Collaborate, Transfer
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, KeepTheirs, SendUp
from tests.prove.crash_stage import Stage
from tests.world import START_MS, Phone

HOUR_MS: Final = 3_600_000


async def waiting(stage: Stage, rep: Phone) -> None:
    """A card about to be sent up, or closed by its author, and one that its author's manager is about to decide."""
    await _conflict(stage, rep, "Shop of the first card")
    for name, command in (("send up", SendUp()), ("keep theirs", KeepTheirs()), ("dismiss", Dismiss())):
        await stage.about_to(name, rep.user_id, partial(_decide, command))
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


def _decide(command: Command, phone: Phone) -> None:
    (item,) = _open(phone)
    phone.command("inbox_item", item.id, command)


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


async def ending(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Two collaborations whose time is over in an hour, and one that goes on."""
    customer_id = reps["eve"].create("customer", name="Shared for a while")
    reps["eve"].create("contact", customer_id=customer_id, name="Ms Lin")
    await reps["eve"].sync()
    until_ms = stage.world.now_ms + HOUR_MS
    for name, ends_ms in (("cy", until_ms), ("fay", until_ms), ("gus", until_ms + 1_000_000 * HOUR_MS)):
        asked = Collaborate(customer_id, reps[name].user_id, ends_ms)
        await stage.world.database.write(act, stage.manager.claims, asked, stage.world.now_ms)
