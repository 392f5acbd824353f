"""What each move of a customer does to all that is open: nothing is lost, and nobody keeps what is the next owner's (D-199)."""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from server.services import hand_over
from shared_schema.problem import Code
from shared_schema.records.archival import ArchiveCustomer
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, FollowUp, GiveToPool, HandOverRequest, LockCustomer, Standing
from shared_schema.records.customer_lock import CustomerLock, CustomerLockState
from shared_schema.records.extension import Extension, ExtensionState
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.records.instruction import Instruct, Instruction, InstructionState
from shared_schema.records.notification import NotificationState
from shared_schema.records.quote import DecideQuote, Quote, QuoteStatus
from tests.integration.test_archive import stored
from tests.integration.test_extensions import desk, refused
from tests.integration.test_quote_decisions import hash_on, submitted
from tests.integration.test_reclaim import TODAY, Scene, at, hear, heard
from tests.integration.test_reclaim import scene as scene  # noqa: PLC0414 - the fixture

LOCKED_UNTIL: Final = TODAY + 60


async def transferred(scene: Scene) -> None:
    await scene.team.move(scene.team.bo)


async def handed_over(scene: Scene) -> None:
    team, asked = scene.team, HandOverRequest(to_user_id=scene.team.bo.user_id, reason="left")
    done = await hand_over.all_of(scene.database, team.manager.claims, team.ann.user_id, asked, team.world.now_ms)
    assert done.customers == 1
    await hand_over.all_of(scene.database, team.manager.claims, team.ann.user_id, asked, team.world.now_ms)


async def released(scene: Scene) -> None:
    await desk(scene.team, GiveToPool(scene.team.customer_id, scene.pool.id, reason="too far"))


async def fallen(scene: Scene) -> None:
    """By a rule that counts neither the lock nor the quote."""
    await scene.rule(exempt=())
    for day in (13, 17, 19):
        await scene.tick(at(day), scene.team.ann)
    await scene.tick(at(20, 0))


async def archived(scene: Scene) -> None:
    await desk(scene.team, ArchiveCustomer(scene.team.customer_id, "closed down"))


MOVES: Final[dict[str, Callable[[Scene], Awaitable[None]]]] = {
    one.__name__: one for one in (transferred, handed_over, released, fallen, archived)
}


async def opened(scene: Scene) -> DecideQuote:
    """All that may be open at a customer of Ann's: a quote that waits, a follow-up, an instruction, a lock, a request, a conflict. The
    manager's decision about the quote."""
    team = scene.team
    quote_id = await submitted(team)
    decision = DecideQuote(quote_id, "approve", hash_on(team.ann, quote_id))
    team.ann.create("follow_up", customer_id=team.customer_id, due_day=TODAY + 30, purpose="samples")
    team.ann.create("extension", customer_id=team.customer_id, until_day=TODAY + 40, reason="harvest")
    await team.step()
    await desk(team, LockCustomer(team.customer_id, LOCKED_UNTIL, "a tender"))
    await desk(team, Instruct(id=next(team.world.ids), rep_id=team.ann.user_id, text="call them", customer_id=team.customer_id))
    await hear(team.ann)
    team.ann.patch("customer", team.customer_id, phone="of ann")
    team.manager.patch("customer", team.customer_id, phone="of the manager")
    await team.manager.sync()
    await team.ann.sync()
    return decision


async def one_of(scene: Scene, record: type[Record]) -> Record:
    (found,) = [one for one in await stored(scene.team, record) if getattr(one, "customer_id", None) == scene.team.customer_id]
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize("move", MOVES)
async def test_what_is_open_goes_where_the_customer_goes(scene: Scene, move: str) -> None:
    """D-199, D-160, D-163, D-179, D-811, D-904, D-923, P-533."""
    team = scene.team
    decision = await opened(scene)
    await MOVES[move](scene)
    new_owner = team.bo.user_id if move in ("transferred", "handed_over") else None
    (standing,) = [one for one in await stored(team, Standing) if one.id == team.customer_id]
    assert (standing.owner_id, standing.locked_until_ms, standing.extended_until_ms) == (new_owner, None, None)
    quote, follow_up = await one_of(scene, Quote), await one_of(scene, FollowUp)
    assert (getattr(quote, "status", None), getattr(follow_up, "done", None)) == (QuoteStatus.submitted, False)
    assert getattr(await one_of(scene, Extension), "state", None) == ExtensionState.lapsed
    assert getattr(await one_of(scene, CustomerLock), "state", None) == CustomerLockState.changed_hands
    given = {one.rep_id: one.state for one in await stored(team, Instruction)}
    assert given.pop(team.ann.user_id) == InstructionState.moved
    assert set(given) == ({new_owner} if new_owner is not None else set())
    assert all(state < InstructionState.moved for state in given.values())
    assert await stored(team, Collaborator) == []
    cards = [one for one in await stored(team, InboxItem) if one.code == "conflict" and one.state == ItemState.open]
    assert [one.holder_id for one in cards] == [(team.manager if move == "handed_over" else team.ann).user_id]
    if new_owner is not None:
        await desk(team, decision)
    else:
        assert await refused(team, decision) == (Code.out_of_scope, None)
    await hear(team.ann)
    told = [one for kind in ("locked", "instructed", "reclaim_warning") for one in heard(team.ann, kind)]
    assert {one.state for one in told} <= {NotificationState.done, NotificationState.delivered}
    assert all(one.state == NotificationState.done for one in heard(team.ann, "reclaim_warning"))
    await scene.tick(at(29, 20), team.ann, team.bo)
    reminded = [phone.user_id for phone in (team.ann, team.bo) if heard(phone, "follow_up_tomorrow")]
    assert reminded == ([new_owner] if new_owner is not None else [])
