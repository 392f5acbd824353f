"""The terminal asks whether visits may bear the user's position, and says for how long it is kept (D-471, D-474)."""

from pathlib import Path

from server.services import organisations
from tests.integration.site import Site
from tests.integration.test_terminal import Terminal, lin, served
from tests.world import START_MS

__all__ = ["lin", "served"]


def test_the_question_names_the_days_of_the_organisation(served: Site, lin: Terminal) -> None:
    """D-471: as the phone holds them by now; another number reaches it by sync."""
    assert "After 180 days the server deletes where you were" in lin.type("whereabouts")
    served.write(organisations.set_visit_days, "alpha", 90, START_MS)
    assert "After 180 days" in lin.type("whereabouts")
    lin.type("sync")
    assert "After 90 days" in lin.type("whereabouts")
    lin.language = "zh_CN.UTF-8"
    assert "服务器在 90 天后删除您到过哪里" in lin.type("whereabouts")
    assert "您已同意" in lin.type("whereabouts", "yes")


def test_a_phone_that_does_not_know_the_days_says_the_most(served: Site, tmp_path: Path) -> None:
    """D-471: one that has never synced holds no organisation; no organisation keeps a place for longer."""
    fresh = Terminal(served, tmp_path, "fresh")
    fresh.log_in()
    assert "the days that your organisation sets, 730 at most" in fresh.type("whereabouts")
    fresh.language = "zh_CN.UTF-8"
    assert "最多 730 天" in fresh.type("whereabouts")


def test_the_first_check_in_with_a_place_asks(served: Site, lin: Terminal) -> None:
    """D-471: whoever types a place and has not answered reads the question, the days and the terms; behind the answer nothing more."""
    first = lin.type("visit", "harbour", "--at", "31.2305,121.4738")
    for part in ("May your visits bear your position?", "After 180 days", "counts against nobody", "whereabouts yes, or no"):
        assert part in first
    assert "May your visits" not in lin.type("visit", "harbour", "--note", "no place is typed")
    lin.type("whereabouts", "yes")
    assert "May your visits" not in lin.type("visit", "harbour", "--at", "31.2305,121.4738")
