"""The terminal's list of what is around: what the phone holds by distance, and what the server knows beyond it."""

from pathlib import Path

from tests.integration.test_terminal import Terminal, lin, served
from tests.integration.test_terminal_pool import wang

__all__ = ["lin", "served"]

DOOR = ("--at", "31.2404,121.4737")


def test_what_is_around_is_listed_without_a_network_and_further_with_one(lin: Terminal, tmp_path: Path) -> None:
    """D-463, D-465."""
    assert lin.served.admin().post("/v1/desk/pools", {"name": "East"}).status_code == 200
    other = wang(lin, tmp_path)
    lin.type("sync")
    lin.type("follow-up", "Harbour", "--on", "today", "--purpose", "call")
    lin.type("offline")
    told = lin.type("nearby", *DOOR)
    assert "Harbour Books" in told
    assert "own" in told
    assert "1.11 km" in told
    assert "0.69 mi" in lin.type("nearby", *DOOR, "--unit", "mi", "--due", "today", "--relation", "own")
    for narrower in (("--radius", "1000"), ("--relation", "pooled"), ("--pool", "East"), ("--kind", "plant"), ("--tier", "a")):
        assert "No such customer" in lin.type("nearby", *DOOR, *narrower), narrower
    assert "switched offline" in lin.fail("nearby", *DOOR, "--further")
    lin.type("online")
    lin.type("release", "Harbour", "East")
    lin.type("sync")
    assert "pooled" in lin.type("nearby", *DOOR, "--pool", "East")
    assert "No such customer" in other.type("nearby", *DOOR)
    further = other.type("nearby", *DOOR, "--further", "--relation", "pooled")
    assert "Harbour Books" in further
    assert "not on this phone" in further
    other.type("pool", "--around", "31.23,121.47")
    other.type("sync")
    assert "not on this phone" not in other.type("nearby", *DOOR, "--further")
