"""The phone that listens: it syncs on each hint, outlives a broken line and ends on Ctrl-C."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mobile_api.phone.listen import Told, listen
from mobile_api.phone.phone import Phone, SyncReport
from mobile_api.phone.transport import Reply, Transport, UnreachableError
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.site import PASSWORD, Site


def signed_in(served: Site, path: Path) -> Phone:
    phone = Phone(path)
    phone.sign_in(str(served.http.base_url), "alpha", "lin", PASSWORD, "test")
    return phone


def found_shop(on: Phone, name: str) -> None:
    on.enter([Edit(Kind.create, BY_RECORD[Customer], on.new_id(), {"name": name})])


def names(phone: Phone) -> list[str]:
    return sorted(each.name for each in phone.views(Customer))


class BreakingLine(Transport):
    """Loses every third message, now the request and now the answer."""

    sent = 0

    def _send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.sent += 1
        if self.sent % 6 == 2:
            raise UnreachableError("the request was lost")
        reply = super()._send(path, body, headers)
        if self.sent % 6 == 5:
            raise UnreachableError("the answer was lost")
        return reply


def test_a_listening_phone_gets_what_others_enter_and_outlives_a_breaking_line(served: Site, tmp_path: Path) -> None:
    """P-801, P-802, P-805: each hint brings a sync; a lost one only delays."""
    here, other = signed_in(served, tmp_path / "here.db"), signed_in(served, tmp_path / "other.db")
    line = BreakingLine(str(served.http.base_url))
    line.tokens = here.session.tokens()
    here.session.close()
    here.session._transport = line
    found_shop(here, "Entered here")
    waits: list[float] = []

    def synced(_: SyncReport) -> None:
        known = len(names(here))
        if known >= 6:
            raise KeyboardInterrupt
        found_shop(other, f"Entered there {known}")
        other.sync()

    with pytest.raises(KeyboardInterrupt):
        listen(here, Told(synced, lambda _, wait_s: waits.append(wait_s), lambda _: None))
    assert names(here) == ["Entered here", *(f"Entered there {number}" for number in range(1, 6))]
    assert here.waiting() == 0
    assert len(waits) >= 2, "the line never broke"
    assert all(1 <= wait_s <= 60 for wait_s in waits)
    here.close()
    other.close()


def test_a_revoked_phone_that_listens_forgets_everything(served: Site, tmp_path: Path) -> None:
    """P-803, P-708, P-612."""
    here = signed_in(served, tmp_path / "here.db")
    found_shop(here, "Entered here")
    here.sync()
    assert served.admin().post(f"/v1/desk/devices/{here.seat().line_no}/revoke").status_code == 200
    with pytest.raises(Problem) as refused:
        listen(here, Told(lambda _: None, lambda _, __: None, lambda _: None))
    assert refused.value.code in (Code.device_wipe, Code.device_revoked)
    assert here.session.tokens() is None
    here.close()


def test_the_terminal_listens_until_ctrl_c(served: Site, tmp_path: Path) -> None:
    here, other = signed_in(served, tmp_path / "here.db"), signed_in(served, tmp_path / "other.db")
    here.close()
    found_shop(other, "Entered there")
    other.sync()
    words = [sys.executable, "-c", "from mobile_api.cli import main; main()", "device", "--file", str(tmp_path / "here.db"), "listen"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, env={"LANG": "zh_CN.UTF-8", "PATH": "/usr/bin", "PYTHONUTF8": "1"}, text=True
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "已与服务器一致" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], lines
        process.send_signal(signal.SIGINT)
        try:
            rest, _ = process.communicate(timeout=30)
        finally:
            process.kill()  # one that does not end fails this test and keeps nobody waiting
    assert "正在等待新消息" in lines[0]
    assert "已停止等待；0 条录入待发送。" in rest
    assert process.returncode == 0
    here = Phone(tmp_path / "here.db")
    assert names(here) == ["Entered there"]
    here.close()
    other.close()
