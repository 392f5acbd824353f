"""A phone against a real server: sessions that end softly, answers that are lost, files that were restored, phones that are revoked."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mobile_api.phone.phone import Phone
from mobile_api.phone.transport import UnreachableError
from server import chance
from server.domain import tokens
from server.domain.tokens import Claims, Signer
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.records.reference import Organisation
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind, Result
from sync.device import Edit
from tests.integration.front import front
from tests.integration.site import PASSWORD, SECRET, Site

CUSTOMER = BY_RECORD[Customer]


def phone(served: Site, path: Path, account: str = "lin") -> Phone:
    opened = Phone(path)
    if opened.session.tokens() is None:
        opened.sign_in(str(served.http.base_url), "alpha", account, PASSWORD, "test")
    return opened


def found_shop(on: Phone, name: str = "Harbour Books") -> bytes:
    record_id = on.new_id()
    on.enter([Edit(Kind.create, CUSTOMER, record_id, {"name": name})])
    return record_id


def rename(on: Phone, record_id: bytes, name: str) -> None:
    on.enter([Edit(Kind.patch, CUSTOMER, record_id, {"name": name})])


def names(on: Phone) -> list[str]:
    return sorted(each.name for each in on.views(Customer))


def test_what_one_phone_enters_another_shows(served: Site, tmp_path: Path) -> None:
    first, second = phone(served, tmp_path / "a.db"), phone(served, tmp_path / "b.db")
    found_shop(first)
    report = first.sync()
    assert [one.outcome.result for one in report.answered] == [Result.applied]
    assert (report.complete, report.waiting) == (True, 0)
    assert second.sync().complete
    assert (names(first), names(second)) == (["Harbour Books"], ["Harbour Books"])
    assert second.views(Organisation)[0].name == "alpha canary"
    first.close()
    second.close()


def test_a_first_sync_in_tiny_pages_goes_on_where_it_stopped(served: Site, tmp_path: Path) -> None:
    """P-208, P-210."""
    first, second = phone(served, tmp_path / "a.db"), phone(served, tmp_path / "b.db")
    for n in range(30):
        found_shop(first, f"Shop {n:02d}")
    first.sync()
    reached: list[tuple[int, int]] = []

    def watch(position: int, head: int) -> None:
        reached.append((position, head))
        if len(reached) == 5:
            raise UnreachableError("the tunnel begins")

    with pytest.raises(UnreachableError):
        second.sync(watch, page_bytes=200)
    second.close()
    second = phone(served, tmp_path / "b.db")
    assert second.reached() == reached[-1]
    assert second.sync(watch, page_bytes=200).complete
    assert len(names(second)) == 30
    assert [position for position, _ in reached] == sorted(position for position, _ in reached)
    assert reached[-1][0] == reached[-1][1]
    first.close()
    second.close()


def test_a_lost_answer_changes_nothing_and_the_same_entry_counts_once(served: Site, tmp_path: Path) -> None:
    """P-311."""
    on = phone(served, tmp_path / "a.db")
    found_shop(on)
    on.session.transport().faults.lose_answer_once = True
    with pytest.raises(UnreachableError):
        on.sync()
    assert (on.waiting(), on.report.answered) == (1, [])
    report = on.sync()
    assert [(one.outcome.result, one.again) for one in report.answered] == [(Result.applied, True)]
    assert names(on) == ["Harbour Books"]
    on.close()


KILLED = """
import sys
from mobile_api.phone.phone import Phone
on = Phone(sys.argv[1])
setattr(on.session.transport().faults, sys.argv[2], True)
on.sync()
"""


@pytest.mark.parametrize("fault", ["die_before_send", "die_after_answer"])
def test_a_phone_killed_in_the_middle_of_a_sync_loses_nothing(served: Site, tmp_path: Path, fault: str) -> None:
    """P-604."""
    path = tmp_path / "a.db"
    on = phone(served, path)
    shop = found_shop(on)
    on.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), fault], check=False)
    assert killed.returncode == -signal.SIGKILL
    on = phone(served, path)
    assert on.waiting() == 1
    report = on.sync()
    assert [(one.outcome.result, one.again) for one in report.answered] == [(Result.applied, True)]
    shown = on.view(Customer, shop)
    assert shown is not None
    assert (shown.rev, names(on)) == (1, ["Harbour Books"])
    on.close()


def test_a_one_time_code_signs_in(served: Site, tmp_path: Path) -> None:
    boss = served.admin()
    user_id = served.user(boss, "wang")
    code = boss.post("/v1/desk/codes", {"user_id": user_id}).json()["code"]
    on = Phone(tmp_path / "wang.db")
    assert on.enrol(str(served.http.base_url), "alpha", code).user_id.hex() == user_id.replace("-", "")
    assert on.sync().complete
    with pytest.raises(Problem) as refused:
        on.enrol(str(served.http.base_url), "alpha", code)
    assert refused.value.code is Code.code_wrong
    on.close()


def test_a_code_whose_answer_was_lost_is_good_again_for_the_same_phone_until_it_is_used(served: Site, tmp_path: Path) -> None:
    user_id = served.user(served.admin(), "wang")
    code = served.admin().post("/v1/desk/codes", {"user_id": user_id}).json()["code"]
    on, stranger = Phone(tmp_path / "wang.db"), Phone(tmp_path / "stranger.db")
    first = on.enrol(str(served.http.base_url), "alpha", code)
    with pytest.raises(Problem) as refused:
        stranger.enrol(str(served.http.base_url), "alpha", code)
    assert refused.value.code is Code.code_wrong
    for _ in range(2):
        assert on.enrol(str(served.http.base_url), "alpha", code).line_no == first.line_no
    assert on.sync().complete
    with pytest.raises(Problem) as refused:
        on.enrol(str(served.http.base_url), "alpha", code)
    assert refused.value.code is Code.code_wrong
    on.close()
    stranger.close()


def test_an_expired_token_is_exchanged_and_kept(served: Site, tmp_path: Path) -> None:
    on = phone(served, tmp_path / "a.db")
    transport, session = on.session.transport(), on.session.tokens()
    assert session is not None
    old, _ = tokens.sign(Signer(SECRET), Claims(session.org_id, session.user_id, session.line_no), chance.new_id(), 0)
    transport.tokens = msgspec.structs.replace(session, access_token=old)
    assert on.sync().complete
    kept = on.session.tokens()
    assert kept is not None
    assert kept.refresh_token != session.refresh_token
    on.close()


def test_dead_tokens_sign_out_softly(served: Site, tmp_path: Path) -> None:
    """P-612."""
    on = phone(served, tmp_path / "a.db")
    found_shop(on)
    on.sync()
    found_shop(on, "Entered before the end")
    transport, session = on.session.transport(), on.session.tokens()
    assert session is not None
    transport.tokens = msgspec.structs.replace(session, access_token="not.a.token")
    with pytest.raises(Problem) as refused:
        on.sync()
    assert refused.value.code is Code.signed_out
    assert (on.session.tokens(), on.waiting(), names(on)) == (None, 1, ["Entered before the end", "Harbour Books"])
    on.sign_in(str(served.http.base_url), "alpha", "lin", PASSWORD)
    assert on.sync().complete
    on.close()


def test_a_restored_file_goes_on_as_a_new_line_and_loses_nothing(served: Site, tmp_path: Path) -> None:
    """P-312, P-610."""
    path, backup = tmp_path / "a.db", tmp_path / "backup.db"
    on = phone(served, path)
    shop = found_shop(on)
    on.sync()
    line_no = on.seat().line_no
    on.close()
    shutil.copy(path, backup)
    on = phone(served, path)
    rename(on, shop, "Known to the server alone")
    on.sync()
    on.close()
    shutil.copy(backup, path)
    on = phone(served, path)
    found_shop(on, "Entered after the restore")
    report = on.sync()
    assert (report.forks, report.complete) == (1, True)
    assert [(one.line_no == line_no, one.outcome.result) for one in report.answered] == [(True, Result.forked), (False, Result.applied)]
    assert names(on) == ["Entered after the restore", "Known to the server alone"]
    on.close()


def test_a_fork_whose_answer_was_lost_goes_on(served: Site, tmp_path: Path) -> None:
    """P-013."""
    path, backup = tmp_path / "a.db", tmp_path / "backup.db"
    with front(str(served.http.base_url)) as before:
        on = Phone(path)
        on.sign_in(before.url, "alpha", "lin", PASSWORD)
        on.close()
        shutil.copy(path, backup)
        on = phone(served, path)
        found_shop(on, "Known to the server alone")
        on.sync()
        on.close()
        shutil.copy(backup, path)
        on = phone(served, path)
        found_shop(on, "Entered after the restore")
        before.losing.add("/v1/device/fork")
        with pytest.raises(UnreachableError):
            on.sync()
        before.losing.clear()
        report = on.sync()
        assert (report.forks, report.complete, report.waiting) == (1, True, 0)
        assert names(on) == ["Entered after the restore", "Known to the server alone"]
        on.close()


def test_a_line_of_a_fork_that_was_answered_and_not_stored_is_followed(served: Site, tmp_path: Path) -> None:
    """P-009, P-013: nothing of the old line is sent with the token of the new one."""
    on = phone(served, tmp_path / "a.db")
    on.sync()
    found_shop(on)
    line_no = on.seat().line_no
    told = on.session.transport().fork()
    assert on.seat().line_no == line_no != told.line_no
    report = on.sync()
    assert (report.forks, report.complete, on.seat().line_no) == (0, True, told.line_no)
    assert [(one.line_no, one.outcome.result) for one in report.answered] == [(told.line_no, Result.applied)]
    on.close()


def test_a_revoked_phone_uploads_once_and_forgets_everything(served: Site, tmp_path: Path) -> None:
    """P-612, P-708."""
    on = phone(served, tmp_path / "a.db")
    found_shop(on)
    on.sync()
    found_shop(on, "Entered at the end")
    answer = served.admin().post(f"/v1/desk/devices/{on.seat().line_no}/revoke")
    assert answer.status_code == 200, answer.text
    with pytest.raises(Problem) as refused:
        on.sync()
    assert refused.value.code is Code.device_wipe
    assert (names(on), on.waiting(), on.seat().line_no, on.session.tokens()) == ([], 0, 0, None)
    on.close()


def test_a_file_belongs_to_one_user(served: Site, tmp_path: Path) -> None:
    served.user(served.admin(), "wang")
    on = phone(served, tmp_path / "a.db")
    found_shop(on)
    with pytest.raises(Problem, match="another user"):
        on.sign_in(str(served.http.base_url), "alpha", "wang", PASSWORD)
    assert on.sync().complete
    on.close()


def test_offline_and_absent_servers_are_the_same_to_the_queue(served: Site, tmp_path: Path) -> None:
    on = phone(served, tmp_path / "a.db")
    found_shop(on)
    on.offline = True
    with pytest.raises(UnreachableError):
        on.sync()
    on.offline = False
    with on.shelf.transaction():
        on.shelf.put_note("url", b"http://127.0.0.1:9")
    on.session.close()
    with pytest.raises(UnreachableError):
        on.sync()
    assert (on.waiting(), names(on)) == (1, ["Harbour Books"])
    on.close()
