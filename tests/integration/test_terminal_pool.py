"""The terminal's pools: a customer is released, seen nearby without a network, claimed; and a late word reaches who has it now."""

from pathlib import Path

from mobile_api.phone.phone import Phone
from shared_schema.records.customer import Customer
from tests.integration.test_terminal import Terminal, lin, move, served

__all__ = ["lin", "served"]


def wang(lin: Terminal, folder: Path) -> Terminal:
    """The other rep, signed in on a phone of his own."""
    other = Terminal(lin.served, folder, "wang")
    other.log_in("wang")
    other.type("sync")
    return other


def test_the_first_sync_brings_the_pool_around_the_own_customers(lin: Terminal, tmp_path: Path) -> None:
    """P-126: which tiles to ask for is known only once the customers have come."""
    assert lin.served.admin().post("/v1/desk/pools", {"name": "East"}).status_code == 200
    lin.bring("Night Market")
    lin.type("sync")
    lin.type("release", "Harbour", "East")
    lin.type("sync")
    fresh = Terminal(lin.served, tmp_path, "fresh")
    fresh.log_in("lin")
    fresh.type("sync")
    assert "Harbour Books" in fresh.type("pool")


def test_a_customer_goes_into_the_pool_and_is_claimed_nearby(lin: Terminal, tmp_path: Path) -> None:
    """P-126, D-122, D-124, D-125."""
    made = lin.served.admin().post("/v1/desk/pools", {"name": "East"})
    assert made.status_code == 200, made.text
    other = wang(lin, tmp_path)
    assert "No pooled customer in the 1 tiles" in other.type("pool")
    lin.type("sync")
    lin.type("release", "Harbour", "East", "--reason", "too far")
    lin.type("sync")
    assert "Harbour" not in lin.type("customers")
    assert "next sync" in other.type("pool", "--around", "31.23,121.47")
    other.type("sync")
    other.type("offline")
    assert "Harbour Books" in other.type("pool")
    other.type("claim", "Harbour")
    other.type("online")
    other.type("sync")
    assert "Harbour Books" in other.type("customers")
    assert "No pooled customer" in other.type("pool")


def test_a_released_customer_stays_in_sight(lin: Terminal) -> None:
    """P-126: the phone asks for the tile of its card, where it has no other customer."""
    assert lin.served.admin().post("/v1/desk/pools", {"name": "East"}).status_code == 200
    lin.type("sync")
    lin.type("release", "Harbour", "East")
    for _ in range(2):
        lin.type("sync")
        assert "Harbour Books" in lin.type("pool")
    assert "Harbour" not in lin.type("customers")


def test_a_lost_claim_says_which_customer_it_was(lin: Terminal, tmp_path: Path) -> None:
    """P-504, P-127: by the name that was on this phone's screen; the server does not tell."""
    assert lin.served.admin().post("/v1/desk/pools", {"name": "East"}).status_code == 200
    other = wang(lin, tmp_path)
    lin.type("sync")
    lin.type("release", "Harbour", "East")
    lin.type("sync")
    for phone in (lin, other):
        phone.type("pool", "--around", "31.23,121.47")
        phone.type("sync")
        phone.type("claim", "Harbour")
    other.type("sync")
    lin.type("sync")
    assert "No pooled customer" in lin.type("pool")
    card = lin.type("inbox")
    assert "1. Harbour Books: Somebody else was first" in card
    assert "wanted · yours: claim the customer" in card
    lin.language = "zh_CN.UTF-8"
    card = lin.type("inbox")
    assert "Harbour Books: 已被他人领取" in card
    assert "领取客户" in card
    assert ": claim" not in card


def test_what_is_entered_beneath_a_claim_goes_with_it(lin: Terminal, tmp_path: Path) -> None:
    """P-513: of a lost claim the visit is offered to the rep who won, and the follow-up waits on the card."""
    assert lin.served.admin().post("/v1/desk/pools", {"name": "East"}).status_code == 200
    lin.type("sync")
    lin.type("release", "Harbour", "East")
    lin.type("sync")
    other = wang(lin, tmp_path)
    for phone in (lin, other):
        phone.type("pool", "--around", "31.23,121.47")
        phone.type("sync")
        phone.type("offline")
    assert "Harbour" in other.fail("visit", "Harbour", "--note", "too early")
    lin.type("claim", "Harbour")
    other.type("claim", "Harbour")
    other.type("visit", "Harbour", "--note", "met the owner")
    other.type("follow-up", "Harbour", "--on", "tomorrow")
    for phone in (lin, other):
        phone.type("online")
        phone.type("sync")
    card = other.type("inbox")
    assert "The visit: offered to the owner" in card
    assert "The follow-up: waits here" in card
    lin.type("sync")
    assert "met the owner" in lin.type("late")


def test_a_late_word_reaches_who_has_the_customer_now(lin: Terminal, tmp_path: Path) -> None:
    """P-510, D-130."""
    phone = Phone(lin.file)
    (customer,) = phone.views(Customer)
    phone.close()
    move(lin.served, customer.id)
    lin.type("edit", "Harbour", "--set", "phone=021-99")
    lin.type("sync")
    other = wang(lin, tmp_path)
    told = other.type("late")
    assert "Lin entered late: phone: 021-99 [open]" in told
    number = told.split("#", 1)[1].split(":", 1)[0]
    other.type("late", f"#{number}", "--declined")
    other.type("sync")
    assert "No former holder of your customers" in other.type("late")


def test_a_claim_from_too_far_away_says_so_in_words(lin: Terminal, tmp_path: Path) -> None:
    """D-135, D-128: in the list of the pool and in the inbox; where the rep is goes with the claim."""
    asked = {"name": "East", "claim_radius_m": 500, "claim_daily_limit": 1}
    assert lin.served.admin().post("/v1/desk/pools", asked).status_code == 200
    other = wang(lin, tmp_path)
    lin.type("sync")
    lin.type("release", "Harbour", "East")
    lin.type("sync")
    other.type("pool", "--around", "31.23,121.47")
    other.type("sync")
    other.type("claim", "Harbour")
    other.type("sync")
    assert "Your phone had no position for this claim" in other.type("pool")
    other.type("claim", "Harbour", "--at", "31.9,121.47")
    other.type("sync")
    assert "You were too far away to claim this customer" in other.type("pool")
    assert "You were too far away to claim this customer" in other.type("inbox")
