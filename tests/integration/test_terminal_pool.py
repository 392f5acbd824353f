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
