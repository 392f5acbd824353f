"""The TypeScript phone against a real server: sessions that end softly, answers that are lost, files that were restored, revoked phones."""

import shutil
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mobile_api.phone.file import FileShelf
from mobile_api.phone.phone import Phone
from mobile_api.phone.session import CARRIED, SENT
from server import chance
from server.domain import tokens
from server.domain.tokens import Signer
from shared_schema.records.customer import Customer
from shared_schema.rest import SignedIn
from shared_schema.wire import PAGE_BYTES, Result
from tests.integration.client import Client, RefusedError, client
from tests.integration.site import PASSWORD, SECRET, Site


def results(report: dict[str, Any]) -> list[int]:
    return [one["outcome"]["result"] for one in report["answered"]]


def note(path: Path, name: str) -> bytes | None:
    """A note in the phone's file, as Python's phone reads it."""
    shelf = FileShelf(path)
    try:
        return shelf.note(name)
    finally:
        shelf.close()


def test_what_one_phone_enters_another_shows(served: Site, tmp_path: Path) -> None:
    with client(served, tmp_path / "a.db") as first, client(served, tmp_path / "b.db") as second:
        first.create()
        assert (first("seat")["state"], first("seat")["waiting"], first.names()) == ("idle", 1, ["Harbour Books"])
        report = first("sync")
        assert (results(report), report["complete"]) == ([Result.applied], True)
        assert second("sync")["complete"]
        assert (first.names(), second.names()) == (["Harbour Books"], ["Harbour Books"])
        assert second("views", name="organisation")[0]["name"] == "alpha canary"


def test_python_s_phone_goes_on_with_the_file_of_the_typescript_phone(served: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with client(served, path) as on:
        shop = on.create()
        on("sync")
        on.rename(shop, "Renamed offline")
    same = Phone(path)
    assert ([each.name for each in same.views(Customer)], same.waiting()) == (["Renamed offline"], 1)
    assert same.sync().complete
    same.close()
    with client(served, path) as on:
        assert (on.names(), on("seat")["waiting"], on("sync")["complete"]) == (["Renamed offline"], 0, True)


def test_a_first_sync_in_small_pages_tells_how_far_it_came(served: Site, tmp_path: Path) -> None:
    """P-208, P-210."""
    with client(served, tmp_path / "a.db") as first:
        for at in range(60):
            first.create(f"Shop {at:02d}", note=f"{at} " * 900)
        assert first("sync")["complete"]
    with client(served, tmp_path / "b.db") as second:
        second("cut", cuts=["request"] * 6)
        for _ in range(6):
            with pytest.raises(RefusedError, match="UnreachableError"):
                second("sync")
        report = second("sync", progress=True)
        assert report["complete"]
        assert len(second.names()) == 60
        reached = [position for position, _ in report["reached"]]
        assert (reached, len(reached) > 3) == (sorted(reached), True)
        assert second("reached") == report["reached"][-1]


def test_a_lost_answer_changes_nothing_and_the_same_entry_counts_once(served: Site, tmp_path: Path) -> None:
    """P-311, P-613: and the phone asks for half as much."""
    with client(served, tmp_path / "a.db") as on:
        on.create()
        on("cut", cuts=["answer"])
        with pytest.raises(RefusedError, match="UnreachableError"):
            on("sync")
        assert (on("seat")["waiting"], on("seat")["state"]) == (1, "offline")
        report = on("sync")
        assert [(one["outcome"]["result"], one["again"]) for one in report["answered"]] == [(Result.applied, True)]
        assert (on.names(), on("views", name="customer")[0]["rev"]) == (["Harbour Books"], 1)
        assert note(on.path, "pace") == str(PAGE_BYTES).encode()


@pytest.mark.parametrize("cut", ["die_before", "die_after"])
def test_a_phone_killed_in_the_middle_of_a_sync_loses_nothing(served: Site, tmp_path: Path, cut: str) -> None:
    """P-604, P-614."""
    path = tmp_path / "a.db"
    with client(served, path) as on:
        on.create()
        on("cut", cuts=[cut])
        with pytest.raises((EOFError, BrokenPipeError)):
            on("sync")
        assert on.died() == -signal.SIGKILL
    assert note(path, SENT) == b"1"
    with client(served, path) as on:
        assert on("seat")["waiting"] == 1
        report = on("sync")
        assert [(one["outcome"]["result"], one["again"]) for one in report["answered"]] == [(Result.applied, True)]
        assert [each["rev"] for each in on("views", name="customer")] == [1]


def test_a_one_time_code_signs_in(served: Site, tmp_path: Path) -> None:
    """P-003."""
    user_id = served.user(served.admin(), "wang")
    code = served.admin().post("/v1/desk/codes", {"user_id": user_id}).json()["code"]
    with Client(str(served.http.base_url), tmp_path / "wang.db") as on:
        assert on("enrol", who={"organisation": "alpha", "code": code})["user_id"] == user_id
        assert on("sync")["complete"]
        with pytest.raises(RefusedError) as refused:
            on("enrol", who={"organisation": "alpha", "code": code})
        assert (refused.value.code, refused.value.remedy, on("seat")["signedIn"]) == ("code_wrong", "sign_in", True)


def test_a_device_that_waits_for_approval_signs_in_later(served: Site, tmp_path: Path) -> None:
    """P-008: the same phone, once an admin has taken it back."""
    boss = served.admin()
    with client(served, tmp_path / "a.db") as on:
        line_no = on("seat")["line_no"]
        boss.post(f"/v1/desk/devices/{line_no}/revoke")
        with pytest.raises(RefusedError):
            on("sync")
        with pytest.raises(RefusedError) as refused:
            on.sign_in()
        assert (refused.value.code, refused.value.remedy, on("seat")["state"]) == ("device_pending", "retry", "signed_out")
        pending = max(one["line_no"] for one in boss.get("/v1/desk/devices").json()["items"])
        assert boss.post(f"/v1/desk/devices/{pending}/approve").status_code == 200
        on.sign_in()
        assert on("sync")["complete"]


def expired(on: Client) -> str:
    """The phone's access token as it is when its time is over."""
    kept = note(on.path, "tokens")
    assert kept is not None
    claims = tokens.read(Signer(SECRET), msgspec.msgpack.decode(kept, type=SignedIn).access_token, chance.now_ms())
    return tokens.sign(Signer(SECRET), claims, chance.new_id(), 0)[0]


def test_an_expired_token_is_exchanged_once_and_kept(served: Site, tmp_path: Path) -> None:
    """P-005, P-006: also when two requests find it at once."""
    path = tmp_path / "a.db"
    with client(served, path) as on:
        before = note(path, "tokens")
        on("spoil", access_token=expired(on))
        asked = len(on("told")["requests"])
        customer = on.create()
        both = on.start("sync"), on.start("undoable", id=customer)
        assert on.end(both[0])["complete"]
        assert on.end(both[1]) == []
        assert on("told")["requests"][asked:].count("/v1/refresh") == 1
    assert note(path, "tokens") not in (before, None)
    with client(served, path) as on:
        assert on("sync")["complete"]


def test_dead_tokens_sign_out_softly(served: Site, tmp_path: Path) -> None:
    """P-612."""
    with client(served, tmp_path / "a.db") as on:
        on.create()
        on("sync")
        on.create("Entered before the end")
        on("spoil", access_token="not.a.token")
        with pytest.raises(RefusedError) as refused:
            on("sync")
        assert refused.value.code == "signed_out"
        seat = on("seat")
        assert (seat["signedIn"], seat["state"], seat["waiting"]) == (False, "signed_out", 1)
        assert on.names() == ["Entered before the end", "Harbour Books"]
        on.sign_in()
        assert (on("sync")["complete"], on("seat")["trouble"]) == (True, None)


def test_signing_out_keeps_the_queue_also_without_a_network(served: Site, tmp_path: Path) -> None:
    """P-007."""
    path = tmp_path / "a.db"
    with client(served, path) as on:
        on.create()
        on("cut", cuts=["request"])
        seat = on("signOut")
        assert (seat["state"], seat["waiting"], on.names()) == ("signed_out", 1, ["Harbour Books"])
    with Client(str(served.http.base_url), path) as on:
        assert on("seat")["state"] == "signed_out"
        with pytest.raises(RefusedError) as refused:
            on("sync")
        assert refused.value.code == "signed_out"
        on.sign_in()
        assert results(on("sync")) == [Result.applied]


def test_a_restored_file_goes_on_as_a_new_line_and_loses_nothing(served: Site, tmp_path: Path) -> None:
    """P-312, P-610."""
    path, backup = tmp_path / "a.db", tmp_path / "backup.db"
    with client(served, path) as on:
        shop = on.create()
        on("sync")
        line_no = on("seat")["line_no"]
    shutil.copy(path, backup)
    with client(served, path) as on:
        on.rename(shop, "Known to the server alone")
        on("sync")
    shutil.copy(backup, path)
    with client(served, path) as on:
        on.create("Entered after the restore")
        report = on("sync")
        assert (report["forks"], report["complete"]) == (1, True)
        told = [(one["lineNo"] == line_no, one["outcome"]["result"]) for one in report["answered"]]
        assert told == [(True, Result.forked), (False, Result.applied)]
        assert on.names() == ["Entered after the restore", "Known to the server alone"]
    assert note(path, CARRIED) == b"1"


def test_a_fork_whose_answer_was_lost_goes_on(served: Site, tmp_path: Path) -> None:
    """P-013."""
    path, backup = tmp_path / "a.db", tmp_path / "backup.db"
    with client(served, path):
        pass
    shutil.copy(path, backup)
    with client(served, path) as on:
        on.create("Known to the server alone")
        on("sync")
    shutil.copy(backup, path)
    with client(served, path) as on:
        on.create("Entered after the restore")
        on("cut", cuts=["", "answer"])
        with pytest.raises(RefusedError, match="UnreachableError"):
            on("sync")
        report = on("sync")
        assert (report["forks"], report["complete"], on("seat")["waiting"]) == (1, True, 0)
        assert on.names() == ["Entered after the restore", "Known to the server alone"]


def test_a_revoked_phone_uploads_once_and_forgets_everything_but_its_name(served: Site, tmp_path: Path) -> None:
    """P-612, P-708."""
    path = tmp_path / "a.db"
    with client(served, path) as on:
        on.create()
        on("sync")
        on.create("Entered at the end")
        installation = note(path, "installation")
        assert served.admin().post(f"/v1/desk/devices/{on('seat')['line_no']}/revoke").status_code == 200
        with pytest.raises(RefusedError) as refused:
            on("sync")
        assert refused.value.code == "device_wipe"
        seat = on("seat")
        assert (on.names(), seat["waiting"], seat["line_no"], seat["state"]) == ([], 0, 0, "signed_out")
    assert (note(path, "installation"), note(path, "tokens")) == (installation, None)
    assert b"Entered at the end" not in path.read_bytes()


def test_a_file_belongs_to_one_user(served: Site, tmp_path: Path) -> None:
    """P-009."""
    served.user(served.admin(), "wang")
    with client(served, tmp_path / "a.db") as on:
        on.create()
        with pytest.raises(RefusedError, match="another user") as refused:
            on.sign_in("wang", PASSWORD)
        assert refused.value.code == "forbidden"
        assert on("sync")["complete"]


def test_names_are_signed_in_with_as_an_input_method_types_them(served: Site, tmp_path: Path) -> None:
    """P-622: full-width letters, and blanks around them; a password is taken as it is."""
    with Client(str(served.http.base_url), tmp_path / "a.db") as on:
        who = {"organisation": " ａｌｐｈａ", "account": "ｌｉｎ　"}
        assert on("signIn", who=who | {"password": PASSWORD})["signedIn"]
        with pytest.raises(RefusedError) as refused:
            on("signIn", who=who | {"password": f" {PASSWORD}"})
        assert refused.value.code == "login_wrong"
