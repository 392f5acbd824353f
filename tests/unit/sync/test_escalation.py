"""What a holder decides about a card, and how one goes up to a manager (P-507, P-531 to P-533); on a state made by hand."""

from typing import Any

import msgspec
import pytest

from server.domain.rules import RULES
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, KeepTheirs, Member, SendUp
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.escalation import decide_item, manager_for, send
from sync.heard import Heard
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State
from tests.unit.device_world import key

CUSTOMER = BY_RECORD[Customer]
ANN, NEAR, TOP, SHOP = key(1), key(2), key(3), key(10)
MOMENT = Moment(5_000)


def manager(user_id: bytes, *reports: bytes) -> Actor:
    return Actor(1, user_id, 0, Role.manager, frozenset(reports))


def rep(user_id: bytes = ANN) -> Actor:
    return Actor(1, user_id, 4, Role.rep)


def card(**more: Any) -> InboxItem:
    """Ann's card: she wants another phone number and a field which no customer has; the last time she wanted another note."""
    told: dict[str, Any] = {
        "n": 7,
        "kind": 2,
        "entity": CUSTOMER.number,
        "id": SHOP,
        "group": "phone",
        "base_rev": 1,
        "their_rev": 2,
        "their_user_id": NEAR,
    }
    now = Member(**told, before={"phone": "0"}, mine={"phone": "1", "extra.a": 1, "odd": 2}, theirs={"phone": "old", "city": "old"})
    once = Member(**told, before={}, mine={"note": "n"}, theirs={})
    made = InboxItem(key(20), 6, ANN, 4, "conflict", ItemState.open, 1_000, SHOP, (now,), (once,), "phone")
    return msgspec.structs.replace(made, **more)


def state(*items: InboxItem, owner_id: bytes | None = ANN, above: tuple[Actor, ...] = ()) -> State:
    """A customer at rev 5, whose it is, and who is above Ann."""
    made = State()
    made.above = {ANN: above}
    customer = Customer(SHOP, 5, "Shop", city="Port", phone="9", note="theirs", extra={"a": 8})
    for record in (customer, Standing(SHOP, 1, owner_id), *items):
        made.load(BY_RECORD[type(record)], Held(record, {WHOLE: Stamp(record.rev, 0, 0)}))
    return made


# deciding


def test_a_decision_closes_the_card_as_what_it_is() -> None:
    """P-507: with its time, above its rev; in the open list it stands no more."""
    for command, how in ((KeepTheirs(), ItemState.kept_theirs), (Dismiss(), ItemState.dismissed)):
        held = state(card())
        closed = decide_item(Turn(held, rep(), RULES, MOMENT), key(20), command)
        assert closed == card(rev=7, state=how, decided_ms=5_000)
        assert held.find(InboxItem, key(20)) == closed
        assert held.open_items == {}


@pytest.mark.parametrize(
    ("held", "actor", "code"),
    [
        (state(), rep(), Code.out_of_scope),
        (state(card()), rep(NEAR), Code.out_of_scope),
        (state(card(state=ItemState.met)), rep(), Code.state_wrong),
        (state(card(state=ItemState.sent)), rep(), Code.state_wrong),
    ],
)
def test_only_an_open_card_of_ones_own_is_decided(held: State, actor: Actor, code: Code) -> None:
    """P-507."""
    for command in (KeepTheirs(), SendUp()):
        with pytest.raises(Problem) as raised:
            decide_item(Turn(held, actor, RULES, MOMENT), key(20), command)
        assert raised.value.code == code
    assert not held.touched


# going up


def test_a_card_goes_up_and_names_where_it_comes_from() -> None:
    """P-531: Ann's is sent, the manager's is his own and open, and he hears of it."""
    held = state(card(), above=(manager(NEAR, ANN),))
    assert decide_item(Turn(held, rep(), RULES, MOMENT), key(20), SendUp()) == card(rev=7, state=ItemState.sent)
    (handed,) = held.open_items.values()
    assert (handed.holder_id, handed.line_no, handed.rev, handed.created_ms) == (NEAR, 0, 1, 5_000)
    assert (handed.origin_id, handed.customer_id, handed.code, handed.field) == (key(20), SHOP, "conflict", "phone")
    assert handed.id not in (key(20), SHOP)
    assert held.notices == [Heard("handed", NEAR, handed.id, {"record": "Shop"})]
    assert held.people == {NEAR: manager(NEAR, ANN)}


def test_what_stands_against_it_is_read_anew() -> None:
    """P-531: every field that it names or printed, as it stands now; what the customer has not is left out."""
    held = state(card(), above=(manager(NEAR, ANN),))
    send(held, RULES, card(), MOMENT)
    (handed,) = held.open_items.values()
    (now,), (once,) = handed.members, handed.earlier
    assert now.theirs == {"phone": "9", "extra.a": 8, "city": "Port"}
    assert once.theirs == {"note": "theirs"}
    assert (now.mine, now.base_rev, once.mine) == (card().members[0].mine, 1, {"note": "n"})
    assert (now.their_rev, now.before, now.their_user_id) == (5, {}, None)


def test_a_delete_goes_up_with_all_that_it_takes() -> None:
    """P-504, P-531: who decides it names the rev on the card, so he must have seen what it stands for."""
    deleted = msgspec.structs.replace(card().members[0], kind=3, group=WHOLE, mine={}, theirs={})
    held = state(sent := card(code="moved", members=(deleted,), earlier=()), above=(manager(NEAR, ANN),))
    send(held, RULES, sent, MOMENT)
    (handed,) = held.open_items.values()
    theirs = handed.members[0].theirs
    assert (theirs["name"], theirs["city"], theirs["phone"], theirs["note"], theirs["extra.a"]) == ("Shop", "Port", "9", "theirs", 8)


@pytest.mark.parametrize("owner_id", [TOP, None])
def test_nothing_is_printed_for_a_manager_who_may_not_see_it(owner_id: bytes | None) -> None:
    """P-531: nor is it said whose the customer is."""
    held = state(card(), owner_id=owner_id, above=(manager(NEAR, ANN),))
    send(held, RULES, card(), MOMENT)
    (handed,) = held.open_items.values()
    assert handed.customer_id is None
    for one in (*handed.members, *handed.earlier):
        assert (one.theirs, one.their_rev, one.before, one.their_user_id) == ({}, 0, {}, None)
    assert handed.members[0].mine == card().members[0].mine


def test_that_its_author_once_held_the_customer_tells_his_manager_nothing() -> None:
    """P-531: the past that was loaded is the author's (simulator, seed 127823635002264)."""
    held = state(card(), owner_id=TOP, above=(manager(NEAR, ANN),))
    held.former = frozenset({SHOP})
    send(held, RULES, card(), MOMENT)
    (handed,) = held.open_items.values()
    assert (handed.customer_id, handed.members[0].theirs) == (None, {})


def test_a_card_about_no_customer_goes_up_as_such() -> None:
    """P-531: what is not there is not printed."""
    lost = card(customer_id=None, members=(msgspec.structs.replace(card().members[0], id=key(11)),))
    held = state(lost, above=(manager(NEAR, ANN),))
    send(held, RULES, lost, MOMENT)
    (handed,) = held.open_items.values()
    assert (handed.customer_id, handed.members[0].theirs, handed.members[0].their_rev) == (None, {}, 0)


def test_the_nearest_manager_who_has_not_had_it_gets_it() -> None:
    """P-531: whoever sent it on before is asked no more; with nobody above it stays."""
    chain = (manager(NEAR, ANN), manager(TOP, ANN, NEAR))
    mine, theirs = card(state=ItemState.sent), card(id=key(21), holder_id=NEAR, origin_id=key(20), line_no=0)
    held = state(mine, theirs, above=chain)
    assert manager_for(held, mine) == chain[0]
    held.above = {NEAR: chain, ANN: chain}
    assert manager_for(held, theirs) == chain[1]
    assert manager_for(held, card(id=key(22), holder_id=TOP, origin_id=key(21))) is None
    held.above = {NEAR: (rep(), *chain)}
    assert manager_for(held, theirs) == chain[1], "not its author either"
    with pytest.raises(Problem) as raised:
        send(state(mine), RULES, mine, MOMENT)
    assert raised.value.code == Code.rule_broken


def test_with_the_card_that_went_up_closes_the_one_below() -> None:
    """P-532: in the same way; one that was decided already stays so."""
    below, above = card(state=ItemState.sent), card(id=key(21), holder_id=NEAR, origin_id=key(20), line_no=0)
    held = state(below, above)
    decide_item(Turn(held, manager(NEAR), RULES, MOMENT), key(21), KeepTheirs())
    assert held.find(InboxItem, key(20)) == card(rev=7, state=ItemState.kept_theirs, decided_ms=5_000)
    decided = card(state=ItemState.met)
    held = state(decided, above)
    decide_item(Turn(held, manager(NEAR), RULES, MOMENT), key(21), KeepTheirs())
    assert held.find(InboxItem, key(20)) == decided
    held = state(above)
    assert decide_item(Turn(held, manager(NEAR), RULES, MOMENT), key(21), Dismiss()).state == ItemState.dismissed
