"""The TypeScript phone on a line: conflicts and undo, a server that is busy or refuses, something between, and listening."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mobile_api.phone.phone import Phone
from shared_schema.registry import BY_NAME
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.wire import Kind, Result
from sync.device import Edit
from tests.integration.client import Client, RefusedError, client
from tests.integration.front import Answer, Front, front
from tests.integration.site import PASSWORD, Site


def busy(seconds: str = "1", status: int = 503) -> Answer:
    return Answer(status, keeps={"retry-after": seconds})


@pytest.fixture
def fronted(served: Site) -> Iterator[Front]:
    """Serve behind a front."""
    with front(str(served.http.base_url)) as before:
        yield before


@pytest.fixture
def behind(served: Site, fronted: Front, tmp_path: Path) -> Iterator[Client]:
    """Sign a phone in that has one entry to send, through the front."""
    with Client(fronted.url, tmp_path / "a.db") as on:
        on.sign_in()
        on.create()
        fronted.paths.clear()
        yield on


def test_a_conflict_is_parked_and_its_author_uses_the_own_value_after_all(served: Site, tmp_path: Path) -> None:
    """P-503: the card says both; the decision is an entry."""
    with client(served, tmp_path / "a.db") as first, client(served, tmp_path / "b.db") as second:
        shop = first.create()
        first("sync")
        second("sync")
        first.rename(shop, "Theirs")
        second.rename(shop, "Mine")
        first("sync")
        answered = [one["outcome"]["result"] for one in second("sync")["answered"]]
        assert answered == [Result.parked, Result.applied], "the rename, then the receipt of the notice about its card (P-630)"
        (card,) = second("openItems")
        assert (second.names(), card["members"][0]["mine"]["name"], card["members"][0]["theirs"]["name"]) == (["Theirs"], "Mine", "Theirs")
        second("useMine", id=card["id"])
        assert second.names() == ["Mine"]
        assert second("sync")["complete"]
        first("sync")
        assert (first.names(), second("openItems")) == (["Mine"], [])


def test_a_card_is_closed_by_a_decision(served: Site, tmp_path: Path) -> None:
    with client(served, tmp_path / "a.db") as first, client(served, tmp_path / "b.db") as second:
        shop = first.create()
        first("sync")
        second("sync")
        first.rename(shop, "Theirs")
        second.rename(shop, "Mine")
        first("sync")
        second("sync")
        second("decide", id=second("openItems")[0]["id"], command="keep_theirs")
        assert second("sync")["complete"]
        assert (second("openItems"), second.names()) == ([], ["Theirs"])


def test_a_change_is_taken_back_from_the_customer_s_history(served: Site, tmp_path: Path) -> None:
    """P-423."""
    with client(served, tmp_path / "a.db") as on:
        shop = on.create()
        on("sync")
        on.rename(shop, "Renamed by mistake")
        on("sync")
        events = on("undoable", id=shop)
        assert events[0]["before"] == {"name": "Harbour Books"}
        on("undo", event=events[0])
        assert on("sync")["complete"]
        assert on.names() == ["Harbour Books"]


def test_a_record_goes(served: Site, tmp_path: Path) -> None:
    with client(served, tmp_path / "a.db") as on:
        contact = on.create("Mei", "contact", customer_id=on.create())
        on("sync")
        on("enter", edits=[["remove", "contact", contact, None]])
        for _ in range(2):
            assert on("views", name="contact") == []
            assert on("sync")["complete"]


def test_a_number_that_no_app_can_read_spoils_no_inbox(served: Site, tmp_path: Path) -> None:
    """P-504: what another phone of the same user entered; each card is read."""
    other = Phone(tmp_path / "a.db")
    other.sign_in(str(served.http.base_url), "alpha", "lin", PASSWORD)
    for field, number in (("odd", WIRE_INTEGER_MAX + 1), ("even", 1)):
        other.enter([Edit(Kind.create, BY_NAME["customer"], other.new_id(), {"name": "Shop", field: number})])
    assert other.sync().complete
    other.close()
    with client(served, tmp_path / "b.db") as on:
        on("sync")
        mine = [card["members"][0]["mine"] for card in on("openItems")]
    assert sorted(mine, key=str) == [{"name": "Shop", "even": 1}, {"name": "Shop", "odd": None}]


def test_a_busy_server_is_waited_for_up_to_six_tries(fronted: Front, behind: Client) -> None:
    """P-707, P-709."""
    fronted.answers.extend([busy(), busy(status=429), busy(status=500), busy(), busy("2")])
    assert behind("sync")["complete"]
    waits = behind("told")["waits"]
    assert [ms // 1_000 for ms in waits] == [1, 1, 1, 1, 2]
    assert len({ms % 1_000 for ms in waits}) > 1
    assert fronted.paths[:6] == ["/v1/sync"] * 6


def test_a_server_that_stays_busy_is_told_to_the_user(fronted: Front, behind: Client) -> None:
    fronted.answers.extend([busy()] * 6)
    with pytest.raises(RefusedError) as refused:
        behind("sync")
    assert (refused.value.code, behind("seat")["state"], behind("seat")["waiting"]) == ("busy", "offline", 1)
    assert len(fronted.paths) == 6
    assert behind("sync")["complete"]


def test_more_patience_than_a_user_should_watch_is_told_at_once(fronted: Front, behind: Client) -> None:
    fronted.answers.append(busy("11"))
    with pytest.raises(RefusedError) as refused:
        behind("sync")
    assert (refused.value.code, behind("told")["waits"]) == ("busy", [])


def test_an_answer_of_something_between_tells_nothing_of_the_request(fronted: Front, behind: Client) -> None:
    fronted.answers.extend([Answer(403, b"<html>Sign in to the hotel's network</html>", "text/html"), Answer(200, b"<html>", "text/html")])
    for _ in range(2):
        with pytest.raises(RefusedError, match="UnreachableError"):
            behind("sync")
        assert (behind("seat")["signedIn"], behind("seat")["state"], behind("seat")["waiting"]) == (True, "offline", 1)
    assert behind("sync")["complete"]


def test_a_refused_request_keeps_data_and_queue(fronted: Front, behind: Client) -> None:
    """P-705: each remedy is a state of the screen."""
    told = {"schema_unknown": "upgrade", "field_wrong": "idle", "device_pending": "offline"}
    for code, state in told.items():
        fronted.answers.append(Answer(400, f'{{"code": "{code}", "title": "refused"}}'.encode()))
        with pytest.raises(RefusedError) as refused:
            behind("sync")
        seat = behind("seat")
        assert (refused.value.code, seat["state"], seat["waiting"], seat["signedIn"]) == (code, state, 1, True)
    assert (behind("sync")["complete"], behind("seat")["state"]) == (True, "idle")


def test_a_code_of_a_newer_server_is_acted_on_by_its_remedy(fronted: Front, behind: Client) -> None:
    fronted.answers.append(Answer(401, b'{"code": "of_tomorrow", "remedy": "sign_in", "title": "refused"}'))
    with pytest.raises(RefusedError) as refused:
        behind("sync")
    assert (refused.value.code, behind("seat")["signedIn"], behind("seat")["waiting"]) == ("of_tomorrow", False, 1)


def test_a_listening_phone_gets_what_others_enter_and_outlives_a_breaking_line(served: Site, tmp_path: Path) -> None:
    """P-801, P-802, P-805: each hint brings a sync; a lost one only delays."""
    with client(served, tmp_path / "a.db") as here, client(served, tmp_path / "b.db") as other:
        here.create("Entered here")
        here("cut", cuts=["", "answer", "", "request"])
        listening = here.start("listen")
        for count in range(1, 4):
            here("shows", name="customer", count=count)
            other.create(f"Entered there {count}")
            other("sync")
        here("shows", name="customer", count=4)
        told = here("told")
        assert (told["heard"] >= 3, told["broke"]) == (True, 2)
        assert all(500 <= ms <= 4_000 for ms in told["waits"])
        here("hush")
        assert (here.end(listening), here("seat")["waiting"], here("seat")["state"]) == (None, 0, "idle")


def test_a_revoked_phone_that_listens_forgets_everything(served: Site, tmp_path: Path) -> None:
    """P-803, P-708, P-612."""
    with client(served, tmp_path / "a.db") as here:
        here.create()
        here("sync")
        assert served.admin().post(f"/v1/desk/devices/{here('seat')['line_no']}/revoke").status_code == 200
        with pytest.raises(RefusedError) as refused:
            here("listen")
        assert refused.value.code in ("device_wipe", "device_revoked")
        assert (here("seat")["signedIn"], here("seat")["state"]) == (False, "signed_out")


def test_the_newest_act_is_taken_back_until_a_request_carried_it(served: Site, tmp_path: Path) -> None:
    """P-614: also when the answer was lost, and on a new line."""
    with client(served, tmp_path / "a.db") as on:
        on.create("Kept")
        on.create("Taken back")
        assert (on("takeBack"), on.names(), on("seat")["next_n"]) == ([2], ["Kept"], 2)
        on("cut", cuts=["request"])
        with pytest.raises(RefusedError, match="UnreachableError"):
            on("sync")
        assert (on("takeBack"), on.names()) == ([], ["Kept"])
        on.create("Later")
        assert (on("takeBack"), on.names(), on("takeBack")) == ([2], ["Kept"], [])


def test_a_place_that_is_asked_for_brings_its_pooled_customers(served: Site, tmp_path: Path) -> None:
    """P-126: also after a restart."""
    boss = served.admin()
    pool = boss.post("/v1/desk/pools", {"name": "Old shops"}).json()["id"]
    place: dict[str, Any] = {"latitude_e6": 31_230_000, "longitude_e6": 121_470_000}
    with client(served, tmp_path / "a.db") as first, client(served, tmp_path / "b.db") as second:
        shop = first.create("Far away", **place, datum=1)
        first("sync")
        epoch = first("views", name="standing")[0]["epoch"]
        first("enter", edits=[["command", "standing", shop, {"command": "release", "pool_id": pool, "epoch": epoch}]])
        assert [(one["outcome"]["result"], one["outcome"]["code"]) for one in first("sync")["answered"]] == [(Result.applied, None)]
        assert second("sync")["complete"]
        assert second("views", name="pool_card") == []
        second("keepTile", at=place)
        second("sync")
        assert [each["pooled"] for each in second("views", name="pool_card")] == [True]
    with client(served, tmp_path / "b.db") as again:
        again("sync")
        assert len(again("views", name="pool_card")) == 1
