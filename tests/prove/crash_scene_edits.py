"""The prepared database, entries of one rep: what is restored, undone, tagged."""

from shared_schema.elements import TaggedWord, WordChange
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind, Result
from sync import sets
from sync.device import Edit
from tests.prove.crash_stage import Stage
from tests.world import Phone, said


async def entered(stage: Stage, rep: Phone) -> None:
    """A customer with a history, and what its rep is about to enter."""
    shop_id = rep.create("customer", name="Shop of entries", phone="1", tags=["gold", "old"])
    contact_id = rep.create("contact", customer_id=shop_id, name="Doomed")
    await rep.sync()
    rep.patch("customer", shop_id, phone="2")
    await rep.sync()
    rev = rep.customer(shop_id).rev
    rep.delete("contact", contact_id)
    (gone,) = said(await rep.sync())
    assert (gone.result, gone.rev is not None) == (Result.applied, True)
    lost: dict[str, Value] = {"customer_id": shop_id, "name": "Doomed"}
    undo = Edit(Kind.undo, BY_NAME["customer"], shop_id, {"phone": "1"}, bases={"phone": rev})
    restore = Edit(Kind.restore, BY_NAME["contact"], contact_id, lost, bases={"": gone.rev or 0})
    await stage.about_to("restore", rep.user_id, lambda phone: phone.enter(restore))
    await stage.about_to("undo", rep.user_id, lambda phone: phone.enter(undo))
    await stage.about_to("elements", rep.user_id, lambda phone: _elements(phone, shop_id))


def _elements(phone: Phone, shop_id: bytes) -> None:
    phone.patch("customer", shop_id, tags=WordChange(add=("new", "gold")))
    phone.patch("customer", shop_id, tags=sets.removing(TaggedWord, phone.customer(shop_id).tags, "old"))
